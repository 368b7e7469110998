"""Take back a request that nobody has answered."""

from shared.ports.clock import Clock
from verifier.domain.request import Request, state_name, withdraw
from verifier.errors import RequestFinished, RequestUnknown
from verifier.ports import KeepRequests


class WithdrawRequest:
    """Raises RequestUnknown, RequestFinished."""

    def __init__(self, requests: KeepRequests, *, clock: Clock) -> None:
        self._requests = requests
        self._clock = clock

    async def __call__(self, request_id: str) -> Request:
        """Withdrawing twice is no error."""
        found = await self._requests.find(request_id)
        if found is None:
            raise RequestUnknown(f"no request has the id {request_id}: take one from GET /v1/requests")
        withdrawn = withdraw(found, now=self._clock())
        if withdrawn is found:
            return found
        if not await self._requests.save(withdrawn, expected=type(found)):
            raise RequestFinished(f"the request was {state_name(found)} and has changed just now: look again")
        return withdrawn
