"""Suspend a credential in its status list, or take it off again, and tell its learner which."""

from dataclasses import dataclass
from uuid import UUID

from issuer.domain.suspension import StatusNotice
from issuer.errors import AgentRefuses
from issuer.ports import CredentialAgent, Records, SayStatus
from issuer.use_cases.show_status import ShowStatus
from shared.ports.clock import Clock


@dataclass(frozen=True)
class PublishStatus:
    """Idempotent. An order that was overtaken by another, or by a revocation, is no more and does nothing."""

    records: Records
    agent: CredentialAgent
    show_status: ShowStatus
    say: SayStatus
    clock: Clock

    async def __call__(self, change_id: UUID) -> None:
        """Return when the published list shows it. Raises AgentTrouble; the work item is then tried again."""
        async with self.records.reading() as tx:
            change = await tx.status_change(change_id)
            if change is None or change.published_at is not None:
                return
            award = await tx.award(change.organisation, change.award_id)
            organisation = await tx.organisation(change.organisation)
        if award is None or organisation is None:
            return
        language = award.graduate.language
        words = self.say(
            change.status,
            language=language,
            organisation=organisation.name_in(language),
            reason=change.reason,
            at=change.requested_at,
        )
        credential = change.credential
        number = credential.cred_rev_id
        if refused := await self.show_status(credential.rev_reg_id, [number], change.status):
            raise AgentRefuses(f"The agent does not make the credential {change.status}: {refused[number]}")
        await self.agent.tell_status(
            credential,
            StatusNotice(change.id, change.status, change.reason, words, language, change.requested_at),
        )
        async with self.records.transaction() as tx:
            await tx.publish_status_change(change.id, at=self.clock())
