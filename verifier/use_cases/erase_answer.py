"""Delete what a learner showed before its days are over; one who asked for it is told."""

from shared.ports.clock import Clock, NewId
from verifier.domain.request import Judged, erase
from verifier.domain.wish import fulfil
from verifier.errors import RequestFinished, RequestUnknown
from verifier.ports import KeepRequests, KeepWishes


class EraseAnswer:
    """Raises RequestUnknown, RequestFinished."""

    def __init__(self, requests: KeepRequests, wishes: KeepWishes, *, new_id: NewId, clock: Clock) -> None:
        self._requests = requests
        self._wishes = wishes
        self._new_id = new_id
        self._clock = clock

    async def __call__(self, request_id: str) -> Judged:
        """The verdict and its receipt stay. Deleting twice is no error."""
        found = await self._requests.find(request_id)
        if found is None:
            raise RequestUnknown(f"no request has the id {request_id}: take one from GET /v1/requests")
        erased = erase(found)
        if erased is not found and not await self._requests.save(erased, expected=Judged):
            raise RequestFinished("the request has changed just now: look again")
        wish = await self._wishes.find(request_id)
        if wish is not None:
            await self._wishes.save(fulfil(wish, message_id=self._new_id(), now=self._clock()))
        return erased
