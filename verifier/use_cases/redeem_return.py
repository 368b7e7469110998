"""The job platform presents the code that a learner brought back, and the session she brought it to."""

from collections.abc import Awaitable, Callable

from shared.ports.clock import Clock
from verifier.domain.request import Answered
from verifier.domain.session import Bound
from verifier.errors import RequestUnknown, ReturnCodeWrong, SessionUnknown
from verifier.ports import KeepRequests, KeepSessions
from verifier.use_cases.open_in_browser import digest


class RedeemReturn:
    """Raises RequestUnknown, SessionUnknown, ReturnCodeWrong."""

    def __init__(
        self,
        requests: KeepRequests,
        sessions: KeepSessions,
        judge: Callable[[str], Awaitable[None]],
        *,
        clock: Clock,
    ) -> None:
        """`judge` is told the exchange whose answer waited."""
        self._requests = requests
        self._sessions = sessions
        self._judge = judge
        self._clock = clock

    async def __call__(self, request_id: str, *, code: str, reference: str) -> Bound:
        """A code counts once; a wrong one changes nothing. An answer that waited for it is judged."""
        found = await self._requests.find(request_id)
        if found is None:
            raise RequestUnknown("no request has this id: take one from GET /v1/requests")
        held = await self._sessions.find(request_id)
        if found.stated.session is None or held is None:
            raise SessionUnknown("the request was made without a session to return to")
        bound: Bound = "bound" if held.reference == digest(reference) else "mismatch"
        if not await self._sessions.redeem(request_id, digest(code), bound=bound, now=self._clock()):
            raise ReturnCodeWrong(
                "the code was not given out for this request, was used, or is older than 10 minutes:"
                " the learner gets a new one on the request's page"
            )
        if isinstance(found, Answered):
            await self._judge(found.asked.exchange.id)
        return bound
