"""Publish status lists anew before they grow old: verifiers refuse an old list, because it may hide a revocation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from issuer.domain.organisation import Organisation
from issuer.errors import AgentRefuses
from issuer.ports import CredentialAgent, Publications, Records
from shared.ports.clock import Clock
from shared.ports.turns import OneAtATime, TakeTurns

FRESH_FOR = timedelta(hours=12)
AT_ONCE = 100


@dataclass(frozen=True)
class RefreshStatus:
    """The heartbeat of every status registry of every organisation, suspended ones too."""

    records: Records
    agent: CredentialAgent
    publications: Publications
    clock: Clock
    turns: TakeTurns = field(default_factory=OneAtATime)

    async def __call__(self) -> None:
        """Return when no list of any organisation is older than FRESH_FOR.

        Raises AgentSilent at once, and AgentRefuses after all other lists were published.
        """
        before, refused, after = self.clock() - FRESH_FOR, None, None
        while organisations := await self._organisations(after):
            for organisation in organisations:
                if organisation.closed_at is not None:
                    continue  # its lists say that they are the last
                for rev_reg_id in await self.publications.aging_registries(organisation.did, before=before):
                    try:
                        async with self.turns(f"status list {rev_reg_id}"):
                            await self.agent.republish_status(rev_reg_id)
                    except AgentRefuses as error:
                        refused = error
            after = organisations[-1].slug
        if refused is not None:
            raise refused

    async def _organisations(self, after: str | None) -> Sequence[Organisation]:
        async with self.records.reading() as tx:
            return await tx.organisations(after=after, limit=AT_ONCE)
