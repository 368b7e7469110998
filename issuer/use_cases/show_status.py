"""Make credentials what they are to be: in the agent's list, and in the list that anyone can fetch."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from issuer.domain.suspension import Status
from issuer.errors import AgentRefuses
from issuer.ports import CredentialAgent, Publications
from shared.ports.turns import OneAtATime, TakeTurns


@dataclass(frozen=True)
class ShowStatus:
    """Idempotent, and does not take the agent's word: each step may be repeated after a crash.

    1. The agent changes its own list, unless it shows this already. 2. The list is published, once for all of them, unless
    what anyone can fetch shows it. 3. What anyone can fetch is read.
    """

    agent: CredentialAgent
    publications: Publications
    turns: TakeTurns = field(default_factory=OneAtATime)

    async def __call__(
        self, rev_reg_id: str, cred_rev_ids: Collection[str], status: Status
    ) -> Mapping[str, str]:
        """Return when the published list shows it of all but those the agent refuses, with its reason for each.

        Raises AgentTrouble: try again.
        """
        async with self.turns(f"status list {rev_reg_id}"):
            return await self._done(rev_reg_id, cred_rev_ids, status)

    async def _done(
        self, rev_reg_id: str, cred_rev_ids: Collection[str], status: Status
    ) -> Mapping[str, str]:
        refused = await self.agent.set_status(rev_reg_id, cred_rev_ids, status)
        wanted = set(cred_rev_ids) - refused.keys()
        if not await self._shows(rev_reg_id, wanted, status):
            await self.agent.republish_status(rev_reg_id)
            if not await self._shows(rev_reg_id, wanted, status):
                raise AgentRefuses(
                    f"The agent made the credential {status} but the published status list does not show it."
                )
        return refused

    async def _shows(self, rev_reg_id: str, wanted: set[str], status: Status) -> bool:
        listed = await self.publications.listed(rev_reg_id)
        return wanted.isdisjoint(listed) if status is Status.VALID else wanted <= listed
