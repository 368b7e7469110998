"""Let in only who acts for an organisation that is not suspended."""

from dataclasses import dataclass

from issuer.domain.organisation import Organisation
from issuer.errors import OrganisationSuspended
from issuer.ports import Records


@dataclass(frozen=True)
class Admit:
    """Asked of every request that acts for an organisation, so that a suspension holds at once."""

    records: Records

    async def __call__(self, organisation: str) -> Organisation:
        """Return the organisation. Raises OrganisationSuspended, also for one that is not there."""
        async with self.records.reading() as tx:
            found = await tx.organisation(organisation)
        if found is None or found.suspended_at is not None:
            raise OrganisationSuspended(
                "The operator of this service has suspended your organisation: ask there what is to be done."
                + (
                    f" The reason given: {found.suspended_because}"
                    if found and found.suspended_because
                    else ""
                )
            )
        return found
