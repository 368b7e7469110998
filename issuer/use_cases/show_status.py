"""Make a credential what it is to be: in the agent's list, in the list that anyone can fetch, and in its learner's wallet."""

from dataclasses import dataclass

from issuer.domain.award import SentCredential
from issuer.domain.suspension import Status, StatusNotice
from issuer.errors import AgentRefuses
from issuer.ports import CredentialAgent, Publications


@dataclass(frozen=True)
class ShowStatus:
    """Idempotent, and does not take the agent's word: each step may be repeated after a crash.

    1. The agent changes its own list, unless it shows this already. 2. The list is published, unless what anyone can fetch
    shows it. 3. What anyone can fetch is read. 4. The learner is told, by a message that is the same each time.
    """

    agent: CredentialAgent
    publications: Publications

    async def __call__(self, credential: SentCredential, notice: StatusNotice) -> None:
        """Return when the published list shows it and the learner was told. Raises AgentTrouble: try again."""
        await self.agent.set_status(credential, notice.status)
        listed = notice.status is not Status.VALID
        if await self._shows(credential) is not listed:
            await self.agent.republish_status(credential.rev_reg_id)
            if await self._shows(credential) is not listed:
                raise AgentRefuses(
                    f"The agent made the credential {notice.status} but the published status list does not show it."
                )
        await self.agent.tell_status(credential, notice)

    async def _shows(self, credential: SentCredential) -> bool:
        return await self.publications.shows_revoked(credential.rev_reg_id, credential.cred_rev_id)
