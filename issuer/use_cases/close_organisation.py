"""Close an organisation for good: it awards nothing any more, and its status lists say that they are its last."""

from dataclasses import dataclass, replace
from typing import Final

from issuer.domain.organisation import Organisation
from issuer.errors import OrganisationIsClosed, OrganisationUnknown
from issuer.ports import ClosePublications, Records
from shared.ports.clock import Clock

TOLD: Final = "It has closed."


@dataclass(frozen=True)
class CloseOrganisation:
    """Nothing undoes it. Doing it twice is no error, so that one that broke off can be finished."""

    records: Records
    publications: ClosePublications
    clock: Clock

    async def __call__(self, slug: str) -> Organisation:
        """Return the organisation. Raises OrganisationUnknown, and OrganisationIsClosed while a revocation is unpublished."""
        now = self.clock()
        async with self.records.transaction() as tx:
            organisation = await tx.organisation(slug)
            if organisation is None:
                raise OrganisationUnknown(
                    f"There is no organisation {slug}; GET /v1/organisations lists all."
                )
            waiting = [each for each in await tx.unpublished_revocations() if each.organisation == slug]
            if waiting:
                raise OrganisationIsClosed(
                    f"{len(waiting)} revocations of {slug} are not on a status list yet, so no list can be the last. "
                    "Let the service run until its agent has published them, then close."
                )
            organisation = replace(
                organisation,
                closed_at=organisation.closed_at or now,
                suspended_at=organisation.suspended_at or now,
                suspended_because=TOLD,
            )
            await tx.save_organisation(organisation)
        await self.publications.close(organisation.did)
        return organisation
