"""The authority's own rules under /v1/authority, and what it still has to set up."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.trust_registry.domain.edits import FourEyesSet
from services.trust_registry.domain.setup import setup_steps
from services.trust_registry.entry.api import APPROVE, AdminUseCases, Reader, Why
from services.trust_registry.entry.console import ROLES
from services.trust_registry.entry.shapes import Strict
from shared.ports.api_keys import ADMIN, Caller
from shared.ports.clock import Clock
from shared.ports.members import KeepMembers
from shared.web.auth import require_scope

Admin = Annotated[Caller, Depends(require_scope(ADMIN))]
MOST_COUNTED = 500


class AuthorityBody(Strict):
    """Whether every change takes two people."""

    four_eyes: bool


class AuthorityShown(BaseModel):
    """The authority and its rule; the signed list says it too."""

    name: str
    territory: str
    list: str
    four_eyes: bool


class StepShown(BaseModel):
    """One thing to do."""

    id: str
    done: bool
    what: str
    how: str


class SetupShown(BaseModel):
    """What is done and what is missing, in order."""

    complete: bool
    steps: list[StepShown]


def authority_router(use: AdminUseCases, members: KeepMembers, *, clock: Clock) -> APIRouter:
    """`/v1/authority` and `/v1/setup`."""
    router = APIRouter(prefix="/v1", tags=["authority"])

    async def shown() -> AuthorityShown:
        rules, scheme = await use.register.rules(), use.scheme
        return AuthorityShown(
            name=scheme.authority, territory=scheme.territory, list=scheme.name, four_eyes=rules.four_eyes
        )

    @router.get("/authority")
    async def read_authority(_: Reader) -> AuthorityShown:
        """Who it is, and by which rule its register changes."""
        return await shown()

    @router.put("/authority")
    async def change_authority(body: AuthorityBody, caller: Admin, reason: Why = None) -> AuthorityShown:
        """Ask for two people from now on; where that is so already, one alone cannot end it: propose it."""
        await use.change_register([FourEyesSet(four_eyes=body.four_eyes)], actor=caller.who, reason=reason)
        return await shown()

    @router.get("/setup")
    async def setup(_: Reader) -> SetupShown:
        """What an authority that begins still has to do."""
        people = await members.page(after=None, limit=MOST_COUNTED)
        able = {role for role, scopes in ROLES.items() if scopes & {APPROVE, ADMIN}}
        deciders = sum(each.state == "active" and bool(each.roles & able) for each in people)
        steps = setup_steps(await use.register.whole(), deciders=deciders, now=clock())
        return SetupShown(
            complete=all(step.done for step in steps),
            steps=[StepShown(id=step.id, done=step.done, what=step.what, how=step.how) for step in steps],
        )

    return router
