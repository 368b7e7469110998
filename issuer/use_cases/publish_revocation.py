"""Put a credential on its status list for good, and believe it only when the published list shows it."""

from dataclasses import dataclass
from uuid import UUID

from issuer.domain.revocation import publish
from issuer.domain.suspension import Status, StatusNotice
from issuer.ports import Records
from issuer.use_cases.show_status import ShowStatus
from shared.ports.clock import Clock


@dataclass(frozen=True)
class PublishRevocation:
    """Idempotent."""

    records: Records
    show_status: ShowStatus
    clock: Clock

    async def __call__(self, revocation_id: UUID) -> None:
        """Return when the published list shows it. Raises AgentTrouble; the work item is then tried again."""
        async with self.records.reading() as tx:
            revocation = await tx.revocation(revocation_id)
        if revocation is None or revocation.published_at is not None:
            return
        notice = StatusNotice(
            revocation.id, Status.REVOKED, revocation.reason, "", "", revocation.requested_at
        )
        await self.show_status(revocation.credential, notice)
        async with self.records.transaction() as tx:
            await tx.save_revocation(publish(revocation, now=self.clock()))
