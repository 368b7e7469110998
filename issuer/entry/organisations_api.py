"""`/v1/organisations`: what the operator of the service does. She sees that organisations are there, never their awards."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from issuer.domain.organisation import SLUG
from issuer.entry.first_administrator import AdmitFirst
from issuer.entry.shapes import OrganisationShape
from issuer.use_cases.create_organisation import CreateOrganisation
from issuer.use_cases.look_up import LookUp
from issuer.use_cases.suspend_organisation import SuspendOrganisation
from shared.ports.api_keys import OPERATE
from shared.ports.members import LONGEST_EMAIL, LONGEST_NAME
from shared.web.auth import require_scope
from shared.web.members import InvitationShown
from shared.web.pagination import Page, PageQuery, page_of


class NewOrganisation(BaseModel):
    """Who is to award. The slug stands in the DID and never changes, nor do name and country of what was issued."""

    model_config = ConfigDict(extra="forbid")

    slug: Annotated[str, StringConstraints(pattern=SLUG)] = Field(
        description="lower-case letters, digits, hyphens"
    )
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = Field(
        description="ISO 3166-1 alpha-2"
    )


class FirstAdministrator(BaseModel):
    """Who lets everybody else of the organisation in."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    email: str = Field(min_length=3, max_length=LONGEST_EMAIL)


class Suspension(BaseModel):
    """Why; whoever is refused reads it."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


@dataclass(frozen=True)
class Operator:
    """What the operator can do."""

    look_up: LookUp
    create: CreateOrganisation
    suspend: SuspendOrganisation
    admit_first: AdmitFirst


def organisations_router(operator: Operator) -> APIRouter:
    """Routes for the scope organisations:write."""
    router = APIRouter(
        prefix="/v1/organisations", tags=["organisations"], dependencies=[Depends(require_scope(OPERATE))]
    )

    @router.post("", status_code=201)
    async def create(body: NewOrganisation) -> OrganisationShape:
        """Take up an organisation; `state` is ready once its credential definition is made, seconds later."""
        await operator.create(slug=body.slug, name=body.name, country=body.country)
        return await shown(body.slug)

    @router.get("")
    async def organisations(asked: PageQuery) -> Page[OrganisationShape]:
        """Every organisation, by slug."""
        found = await operator.look_up.organisations(after=asked.after, limit=asked.limit + 1)
        return page_of(
            found, asked, key=lambda pair: pair[0].slug, show=lambda pair: OrganisationShape.of(*pair)
        )

    @router.get("/{slug}")
    async def organisation(slug: str) -> OrganisationShape:
        """One organisation."""
        return await shown(slug)

    @router.post("/{slug}/invitation", status_code=201)
    async def invite(slug: str, body: FirstAdministrator) -> InvitationShown:
        """A link for the first administrator, shown only here; refused (409) once the organisation has one of its own."""
        return InvitationShown.of(await operator.admit_first(slug, name=body.name, email=body.email))

    @router.post("/{slug}/suspend")
    async def suspend(slug: str, body: Suspension | None = None) -> OrganisationShape:
        """Refuse its keys and members, and claims; what it issued goes on being checked, revocations being published."""
        await operator.suspend(slug, suspended=True, reason=body.reason if body else "")
        return await shown(slug)

    @router.post("/{slug}/reinstate")
    async def reinstate(slug: str) -> OrganisationShape:
        """Let it go on."""
        await operator.suspend(slug, suspended=False)
        return await shown(slug)

    async def shown(slug: str) -> OrganisationShape:
        return OrganisationShape.of(*await operator.look_up.organisation(slug))

    return router
