"""An administrator gives her organisation a logo, or takes it away."""

from dataclasses import dataclass, replace

from issuer.domain.organisation import Organisation
from issuer.errors import OrganisationUnknown
from issuer.ports import ProfileRecords, ReadLogo


@dataclass(frozen=True)
class ChooseLogo:
    """It is known by its content; what the file was called is not asked."""

    records: ProfileRecords
    read: ReadLogo

    async def __call__(self, slug: str, content: bytes | None) -> Organisation:
        """Return the organisation; None takes the logo away. Raises LogoRefused, OrganisationUnknown."""
        logo = None if content is None else await self.read(content)
        async with self.records.transaction() as tx:
            organisation = await tx.organisation(slug)
            if organisation is None:
                raise OrganisationUnknown(f"There is no organisation {slug}.")
            profile = replace(organisation.profile, logo=logo.digest if logo else "")
            organisation = replace(organisation, profile=profile)
            await tx.save_logo(slug, logo)
            await tx.save_profile(organisation)
        return organisation
