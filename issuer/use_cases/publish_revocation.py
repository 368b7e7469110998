"""Put credentials on their status list for good, and believe it only when the published list shows it."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from issuer.domain.revocation import Revocation, publish
from issuer.domain.suspension import Status, StatusNotice
from issuer.errors import AgentRefuses
from issuer.ports import CredentialAgent, Records
from issuer.use_cases.show_status import ShowStatus
from shared.ports.clock import Clock

MOST_AT_ONCE: Final = 500
"""Bits the agent flips in one transaction, while which no credential of the registry is issued."""


@dataclass(frozen=True)
class PublishRevocation:
    """Idempotent. Whoever comes first takes what else waits for the same list: it is signed once for all of them.

    The order of each other one then finds its work done. What the agent refuses of another is left to that one's own order.
    """

    records: Records
    agent: CredentialAgent
    show_status: ShowStatus
    clock: Clock

    async def __call__(self, revocation_id: UUID) -> None:
        """Return when the published list shows it and its learner was told. Raises AgentTrouble: it is then tried again."""
        async with self.records.reading() as tx:
            own = await tx.revocation(revocation_id)
            if own is None or own.published_at is not None:
                return
            registry = own.credential.rev_reg_id
            waiting = await tx.waiting_revocations(registry, limit=MOST_AT_ONCE)
        together = [own, *(each for each in waiting if each.id != own.id)][:MOST_AT_ONCE]
        numbers = [each.credential.cred_rev_id for each in together]
        refused = await self.show_status(registry, numbers, Status.REVOKED)
        trouble = None
        for each in together:
            try:
                await self._tell(each, refused.get(each.credential.cred_rev_id))
            except AgentRefuses as error:
                trouble = error if each is own else trouble
        if trouble is not None:
            raise trouble

    async def _tell(self, revocation: Revocation, refusal: str | None) -> None:
        """Noted one by one, so that whoever was told before a crash is not told again."""
        if refusal is not None:
            raise AgentRefuses(f"The agent does not revoke this credential: {refusal}")
        notice = StatusNotice(
            revocation.id, Status.REVOKED, revocation.reason, "", "", revocation.requested_at
        )
        await self.agent.tell_status(revocation.credential, notice)
        async with self.records.transaction() as tx:
            await tx.save_revocation(publish(revocation, now=self.clock()))
