"""Make an organisation and its DID, and ask for its credential definition: at the first start, or for the operator."""

from dataclasses import dataclass

from issuer.domain.organisation import Definition, Organisation
from issuer.ports import Publications, Records
from issuer.use_cases import work
from shared.contracts.attributes import SCHEMA_VERSION

STATUS_POLICY = "revocable"


@dataclass(frozen=True)
class EstablishOrganisation:
    """Idempotent: every start calls it. A changed name or country does not alter an existing organisation."""

    records: Records
    publications: Publications

    async def __call__(self, *, slug: str, name: str, country: str) -> Organisation:
        """Return the organisation, and see to it that its definition is being made."""
        did = await self.publications.ensure_did(slug)
        async with self.records.transaction() as tx:
            organisation = await tx.organisation(slug)
            if organisation is None:
                organisation = Organisation(slug=slug, name=name, country=country, did=did)
                await tx.add_organisation(organisation)
            definition = await tx.definition(slug)
            if definition is None:
                definition = Definition(slug, profile_version=SCHEMA_VERSION, status_policy=STATUS_POLICY)
                await tx.save_definition(definition)
            if definition.credential_definition_id is None:
                await tx.tell(work.PREPARE_DEFINITION, work.definition_order(definition))
        return organisation
