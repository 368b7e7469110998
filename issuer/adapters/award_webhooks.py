"""What a learning platform's webhooks are told: ids, states and links; never a name, an address, a grade or a reason."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.domain.award import NAMES, Issued
from issuer.domain.batch import Batch
from issuer.domain.history import What
from issuer.domain.message import Message
from shared.adapters.sql_webhooks import SqlWebhooks

BATCH_PREPARED: Final = "batch.prepared"
MESSAGE_BOUNCED: Final = "message.bounced"
EVENTS: Final = {
    BATCH_PREPARED: "The good rows of a cohort's list are awards now; `data.awards` is how many.",
    "award.delivered": "An award's claim link left for the graduate, or was printed or handed over.",
    "award.issued": "The credential is in the learner's wallet.",
    "award.declined": "The learner said no to the offer; she may still change her mind.",
    "award.suspended": "The award does not count for a while; its state stays issued.",
    "award.reinstated": "A suspended award counts again.",
    "award.revoked": "The award was taken back.",
    "award.superseded": "The award was replaced by a corrected one.",
    "award.reissued": "The award was replaced by one that says the same, because the learner lost it.",
    MESSAGE_BOUNCED: "A graduate's address does not take messages; `data.award_id` says whose.",
}
"""Types of events. An award that was only prepared is told with its batch."""

_ISSUED: Final = NAMES[Issued]
_STATES: Final = {
    What.ISSUED: _ISSUED,
    What.SUSPENDED: _ISSUED,
    What.REINSTATED: _ISSUED,
    What.DECLINED: "declined",
    What.REVOKED: "revoked",
    What.SUPERSEDED: "superseded",
    What.REISSUED: "superseded",
}
"""The award's state after it; where none is named, it is as it was."""


class IssuerWebhooks:
    """Tells the organisation's webhooks in the transaction that stores what it tells of."""

    def __init__(self, webhooks: SqlWebhooks, base_url: str) -> None:
        """Links begin with `base_url`."""
        self._webhooks = webhooks
        self._base_url = base_url

    @staticmethod
    def tells(what: What) -> bool:
        """Whether this is told at all."""
        return f"award.{what}" in EVENTS

    async def award(
        self,
        session: AsyncSession,
        what: What,
        *,
        organisation: str,
        award_id: UUID,
        batch_id: UUID,
        template_id: UUID,
        state: str,
        at: datetime,
    ) -> None:
        """Tell what happened to an award; `state` is what it had before."""
        data: dict[str, object] = {
            "award_id": str(award_id),
            "batch_id": str(batch_id),
            "template_id": str(template_id),
            "state": _STATES.get(what, state),
            "suspended": what is What.SUSPENDED,
            "at": at.isoformat(),
            "links": {"award": f"{self._base_url}/v1/awards/{award_id}"},
        }
        await self._webhooks.of(organisation).announce(session, f"award.{what}", data)

    async def batch(self, session: AsyncSession, batch: Batch) -> None:
        """Tell that its good rows are awards."""
        data: dict[str, object] = {
            "batch_id": str(batch.id),
            "template_id": str(batch.template_id),
            "state": "prepared",
            "awards": batch.awards,
            "links": {"batch": f"{self._base_url}/v1/batches/{batch.id}"},
        }
        await self._webhooks.of(batch.organisation).announce(session, BATCH_PREPARED, data)

    async def bounced(self, session: AsyncSession, message: Message) -> None:
        """Tell that an address does not take messages; not which, nor in which words."""
        data: dict[str, object] = {
            "message_id": str(message.id),
            "award_id": str(message.award_id),
            "batch_id": str(message.batch_id),
            "kind": message.kind.value,
            "channel": message.channel.value,
            "state": message.state_name,
            "links": {"award": f"{self._base_url}/v1/awards/{message.award_id}"},
        }
        await self._webhooks.of(message.organisation).announce(session, MESSAGE_BOUNCED, data)
