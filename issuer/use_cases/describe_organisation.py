"""An administrator says how her organisation shows itself to learners, and whether it asks for a second person."""

from dataclasses import dataclass, replace

from issuer.domain.organisation import Organisation
from issuer.domain.profile import Profile, faults_of
from issuer.errors import OrganisationUnknown, ProfileRefused
from issuer.ports import ProfileRecords


@dataclass(frozen=True)
class DescribeOrganisation:
    """The logo stays as it is: it comes by a way of its own."""

    records: ProfileRecords

    async def __call__(self, slug: str, profile: Profile, *, second_person: bool) -> Organisation:
        """Return the organisation. Raises ProfileRefused, OrganisationUnknown."""
        if faults := faults_of(profile):
            raise ProfileRefused(faults)
        async with self.records.transaction() as tx:
            organisation = await tx.organisation(slug)
            if organisation is None:
                raise OrganisationUnknown(f"There is no organisation {slug}.")
            organisation = replace(
                organisation,
                profile=replace(profile, logo=organisation.profile.logo),
                second_person=second_person,
            )
            await tx.save_profile(organisation)
        return organisation
