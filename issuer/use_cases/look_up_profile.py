"""What an administrator and learners see of how an organisation shows itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from issuer.domain.message import Kind
from issuer.domain.organisation import Organisation
from issuer.domain.profile import Logo
from issuer.domain.wording import Wording
from issuer.errors import LogoUnknown, OrganisationUnknown
from issuer.ports import ProfileRecords


@dataclass(frozen=True)
class LookUpProfile:
    """Reads only."""

    records: ProfileRecords

    async def organisation(self, slug: str) -> tuple[Organisation, Logo | None]:
        """With its logo. Raises OrganisationUnknown."""
        async with self.records.reading() as tx:
            found = await tx.organisation(slug)
            logo = await tx.logo(found.profile.logo) if found and found.profile.logo else None
        if found is None:
            raise OrganisationUnknown(f"There is no organisation {slug}.")
        return found, logo

    async def logo(self, digest: str) -> Logo:
        """Raises LogoUnknown."""
        async with self.records.reading() as tx:
            found = await tx.logo(digest)
        if found is None:
            raise LogoUnknown("There is no logo of this content, or no longer.")
        return found

    async def wordings(self, organisation: str) -> Mapping[tuple[Kind, str], Wording]:
        """Its own words, by kind and language."""
        async with self.records.reading() as tx:
            return await tx.wordings(organisation)
