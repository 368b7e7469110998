"""Look at what waits behind a claim link, and change nothing: mail scanners open links too."""

from dataclasses import dataclass

from issuer.domain.award import Award
from issuer.domain.claim import claim_digest
from issuer.domain.organisation import Organisation
from issuer.domain.template import Template
from issuer.errors import ClaimLinkUnknown
from issuer.ports import Records


@dataclass(frozen=True)
class FindClaim:
    """Reads only."""

    records: Records

    async def __call__(self, token: str) -> tuple[Award, Template, Organisation]:
        """Return the award, its programme and who gives it. Raises ClaimLinkUnknown."""
        async with self.records.reading() as tx:
            award = await tx.award_by_claim(claim_digest(token))
            organisation = await tx.organisation(award.organisation) if award else None
            template = await tx.template(award.organisation, award.template_id) if award else None
        if award is None or template is None or organisation is None:
            raise ClaimLinkUnknown(
                "No award waits behind this link. Check that you copied all of it, or ask the organisation that sent it."
            )
        return award, template, organisation
