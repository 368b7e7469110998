"""Say why what a learner showed is kept until its days are over."""

from shared.ports.clock import Clock, NewId
from verifier.domain.wish import Wish, refuse
from verifier.errors import NoWish, RequestFinished, RequestUnknown
from verifier.ports import KeepRequests, KeepWishes


class RefuseDeletion:
    """Raises RequestUnknown, NoWish, RequestFinished."""

    def __init__(self, requests: KeepRequests, wishes: KeepWishes, *, new_id: NewId, clock: Clock) -> None:
        self._requests = requests
        self._wishes = wishes
        self._new_id = new_id
        self._clock = clock

    async def __call__(self, request_id: str, because: str) -> Wish:
        """`AnswerWishes` hands the answer to the agent. A later reason takes the place of an earlier one."""
        if await self._requests.find(request_id) is None:
            raise RequestUnknown(f"no request has the id {request_id}: take one from GET /v1/requests")
        wish = await self._wishes.find(request_id)
        if wish is None:
            raise NoWish("the learner has not asked for deletion: there is nothing to refuse")
        refused = refuse(wish, because, message_id=self._new_id(), now=self._clock())
        if not await self._wishes.save(refused):
            raise RequestFinished("what the learner showed has been deleted just now: look again")
        return refused
