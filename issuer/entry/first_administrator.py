"""The operator hands an organisation over to its first administrator, and lets herself in nowhere afterwards."""

from dataclasses import dataclass

from issuer.errors import OrganisationAdministered
from issuer.use_cases.look_up import LookUp
from shared.ports.api_keys import ADMIN
from shared.ports.audit import CURRENT_DEED
from shared.ports.members import scopes_of
from shared.web.manage_members import Invitation, ManageMembers

MOST_LOOKED_AT = 500


@dataclass(frozen=True)
class AdmitFirst:
    """The deed stands in the organisation's record, so that its people see who was let in."""

    look_up: LookUp
    manage: ManageMembers

    async def __call__(self, slug: str, *, name: str, email: str) -> Invitation:
        """Return the link. Raises OrganisationUnknown, OrganisationAdministered, NotAMember, Suspended."""
        await self.look_up.organisation(slug)
        deed = CURRENT_DEED.get()
        if deed is not None:
            deed.organisation = slug
        people = self.manage.of(slug)
        for each in await people.page(after=None, limit=MOST_LOOKED_AT):
            if each.joined_at is not None and ADMIN in scopes_of(each.roles, people.roles):
                raise OrganisationAdministered(
                    f"An administrator of {slug} has joined already: ask there to be invited. If nobody can sign in "
                    "any more, use the command `invite` on the service's machine."
                )
        return await people.let_in(name=name, email=email, roles=frozenset({"admin"}))
