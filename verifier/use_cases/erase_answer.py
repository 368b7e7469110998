"""Delete what a learner showed before its days are over."""

from verifier.domain.request import Judged, erase
from verifier.errors import RequestFinished, RequestUnknown
from verifier.ports import KeepRequests


class EraseAnswer:
    """Raises RequestUnknown, RequestFinished."""

    def __init__(self, requests: KeepRequests) -> None:
        self._requests = requests

    async def __call__(self, request_id: str) -> Judged:
        """The verdict and its receipt stay. Deleting twice is no error."""
        found = await self._requests.find(request_id)
        if found is None:
            raise RequestUnknown(f"no request has the id {request_id}: take one from GET /v1/requests")
        erased = erase(found)
        if erased is not found and not await self._requests.save(erased, expected=Judged):
            raise RequestFinished("the request has changed just now: look again")
        return erased
