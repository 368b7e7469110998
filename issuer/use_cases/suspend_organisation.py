"""The operator suspends an organisation, or lets it go on."""

from dataclasses import dataclass, replace

from issuer.domain.organisation import Organisation
from issuer.errors import OrganisationIsClosed, OrganisationUnknown
from issuer.ports import Records
from shared.ports.clock import Clock


@dataclass(frozen=True)
class SuspendOrganisation:
    """While it is suspended its keys and members are refused and nobody claims; what it issued goes on being checked."""

    records: Records
    clock: Clock

    async def __call__(self, slug: str, *, suspended: bool, reason: str = "") -> Organisation:
        """Return the organisation; doing it twice is no error. Its people read the reason.

        Raises OrganisationUnknown, and OrganisationIsClosed if one that has closed is to go on.
        """
        async with self.records.transaction() as tx:
            organisation = await tx.organisation(slug)
            if organisation is None:
                raise OrganisationUnknown(
                    f"There is no organisation {slug}; GET /v1/organisations lists all."
                )
            if organisation.closed_at is not None and not suspended:
                raise OrganisationIsClosed(
                    f"{slug} was closed on {organisation.closed_at:%Y-%m-%d}, for good: its status lists are its last. "
                    "Take up a new organisation."
                )
            since = (organisation.suspended_at or self.clock()) if suspended else None
            because = (reason or organisation.suspended_because) if suspended else ""
            organisation = replace(organisation, suspended_at=since, suspended_because=because)
            await tx.save_organisation(organisation)
        return organisation
