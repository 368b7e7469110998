"""Put a credential on its status list, and believe it only when the published list shows it."""

from dataclasses import dataclass
from uuid import UUID

from issuer.domain.revocation import publish
from issuer.errors import AgentRefuses
from issuer.ports import CredentialAgent, Publications, Records
from shared.ports.clock import Clock


@dataclass(frozen=True)
class PublishRevocation:
    """Idempotent, and does not take the agent's word.

    ACA-Py reports success even if publishing failed and its own list has already moved. So the published list is
    read, and if it lacks the credential the agent's list is published anew.
    """

    records: Records
    agent: CredentialAgent
    publications: Publications
    clock: Clock

    async def __call__(self, revocation_id: UUID) -> None:
        """Return when the published list shows it. Raises AgentTrouble; the work item is then tried again."""
        async with self.records.reading() as tx:
            revocation = await tx.revocation(revocation_id)
        if revocation is None or revocation.published_at is not None:
            return
        place = (revocation.credential.rev_reg_id, revocation.credential.cred_rev_id)
        if not await self.publications.shows_revoked(*place):
            await self.agent.revoke(revocation.credential, revocation.reason)
        if not await self.publications.shows_revoked(*place):
            await self.agent.republish_status(revocation.credential.rev_reg_id)
            if not await self.publications.shows_revoked(*place):
                raise AgentRefuses(
                    "The agent revoked the credential but the published status list does not show it."
                )
        async with self.records.transaction() as tx:
            await tx.save_revocation(publish(revocation, now=self.clock()))
