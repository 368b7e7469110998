"""Look at what waits behind a claim link, and change nothing but its history: mail scanners open links too."""

from dataclasses import dataclass
from datetime import date

from issuer.domain.award import Award
from issuer.domain.claim import claim_digest
from issuer.domain.delivery import is_over
from issuer.domain.history import What, stages_before
from issuer.domain.organisation import Organisation
from issuer.domain.template import Template
from issuer.errors import ClaimLinkUnknown
from issuer.ports import Records
from shared.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class FoundClaim:
    """An award, its programme and who gives it. `until` is the link's last day, None if it has none; `over` that it is past."""

    award: Award
    template: Template
    organisation: Organisation
    until: date | None
    over: bool


@dataclass(frozen=True)
class FindClaim:
    """Notes that the link was opened, once; of whom or with what, nothing."""

    records: Records
    clock: Clock

    async def __call__(self, token: str) -> FoundClaim:
        """Return what waits. Raises ClaimLinkUnknown."""
        async with self.records.reading() as tx:
            award = await tx.award_by_claim(claim_digest(token))
            organisation = await tx.organisation(award.organisation) if award else None
            template = await tx.template(award.organisation, award.template_id) if award else None
            link = await tx.claim_link(award.id) if award else None
        if award is None or template is None or organisation is None:
            raise ClaimLinkUnknown(
                "No award waits behind this link. Check that you copied all of it, or ask the organisation that sent it."
            )
        await self._note(award)
        over = link is not None and is_over(link.until, now=self.clock())
        return FoundClaim(award, template, organisation, link.until if link else None, over)

    async def _note(self, award: Award) -> None:
        """Write only where there is something to note: on SQLite who reads waits for no writer."""
        async with self.records.reading() as tx:
            stage = (await tx.stages([award.id])).get(award.id)
        if stage in stages_before(What.OPENED):
            async with self.records.transaction() as tx:
                await tx.note(award, What.OPENED, at=self.clock())
