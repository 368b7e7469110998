"""Publish status lists anew before they grow old: verifiers refuse an old list, because it may hide a revocation."""

from dataclasses import dataclass
from datetime import timedelta

from issuer.ports import CredentialAgent, Publications, Records
from shared.ports.clock import Clock

FRESH_FOR = timedelta(hours=12)


@dataclass(frozen=True)
class RefreshStatus:
    """The heartbeat of every status registry."""

    records: Records
    agent: CredentialAgent
    publications: Publications
    clock: Clock

    async def __call__(self) -> None:
        """Return when no list is older than FRESH_FOR. Raises AgentTrouble."""
        async with self.records.reading() as tx:
            organisation = await tx.organisation()
        if organisation is None:
            return
        before = self.clock() - FRESH_FOR
        for rev_reg_id in await self.publications.aging_registries(organisation.did, before=before):
            await self.agent.republish_status(rev_reg_id)
