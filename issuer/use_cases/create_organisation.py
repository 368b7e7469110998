"""The operator takes up another organisation; its DID is made at once, its credential definition in the background."""

from dataclasses import dataclass

from issuer.domain.organisation import Organisation
from issuer.errors import OrganisationExists
from issuer.ports import Records
from issuer.use_cases.establish_organisation import EstablishOrganisation


@dataclass(frozen=True)
class CreateOrganisation:
    """Unlike establishing one, which every start repeats, creating one twice is refused."""

    records: Records
    establish: EstablishOrganisation

    async def __call__(self, *, slug: str, name: str, country: str) -> Organisation:
        """Return the organisation. Raises OrganisationExists."""
        async with self.records.reading() as tx:
            if await tx.organisation(slug) is not None:
                raise OrganisationExists(
                    f"There is an organisation {slug} already: choose another slug, or see GET /v1/organisations."
                )
        return await self.establish(slug=slug, name=name, country=country)
