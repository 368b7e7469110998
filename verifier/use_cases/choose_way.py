"""The learner chooses one of the ways in which a requirement can be met."""

from verifier.domain.request import Created, choose
from verifier.errors import RequestFinished, RequestUnknown
from verifier.ports import KeepRequests


class ChooseWay:
    """Raises RequestUnknown, WayUnknown, and RequestFinished once a wallet has opened the request."""

    def __init__(self, requests: KeepRequests) -> None:
        self._requests = requests

    async def __call__(self, request_id: str, way: int) -> Created:
        """Until a wallet opens the request she may choose again; the wallet shows the way chosen, with all it asks."""
        found = await self._requests.find(request_id)
        if found is None:
            raise RequestUnknown("no request has this address: ask whoever gave it to you for a new one")
        chosen = choose(found, way)
        if not await self._requests.save(chosen, expected=Created):
            raise RequestFinished("a wallet has opened the request just now: answer it there")
        return chosen
