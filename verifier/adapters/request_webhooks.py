"""What a job platform's webhooks are told of a request: ids, the state, the verdict's result and links; never a claim."""

from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.adapters.sql_webhooks import SqlWebhooks
from verifier.domain.request import Created, Judged, Request, state_name

EVENTS: Final = {
    "request.renewed": "The learner got this request in place of `data.renews`, which had ended without an answer.",
    "request.asked": "A wallet opened the request and was asked.",
    "request.answered": "A presentation arrived and is being judged.",
    "request.judged": "There is a verdict; `data.result` is accepted, rejected or undecided.",
    "request.declined": "The learner declined.",
    "request.expired": "Nobody answered in time.",
    "request.withdrawn": "The request was taken back.",
}
"""Types of events. A request that was only made is no news to whoever made it."""


class RequestWebhooks:
    """Tells of a request's new state in the transaction that stores it."""

    def __init__(self, webhooks: SqlWebhooks, base_url: str) -> None:
        """Links begin with `base_url`."""
        self._webhooks = webhooks
        self._base_url = base_url

    async def __call__(self, session: AsyncSession, request: Request) -> None:
        """Tell, once the transaction of `session` commits."""
        renews = request.stated.renews if isinstance(request, Created) else None
        event_type = "request.renewed" if renews else f"request.{state_name(request)}"
        if event_type not in EVENTS:
            return
        request_id = request.stated.id
        data: dict[str, object] = {"request_id": request_id, "state": state_name(request)}
        if renews:
            data["renews"] = renews
        if isinstance(request, Judged):
            data["result"] = request.verdict.result.value
        data["links"] = {
            "request": f"{self._base_url}/v1/requests/{request_id}",
            "page": f"{self._base_url}/r/{request_id}",
        }
        await self._webhooks.announce(session, event_type, data)
