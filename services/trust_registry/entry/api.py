"""The admin API under /v1: the register, its history, and the list's own settings."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.trust_registry.domain.edits import Changing, Granting, Registering, StatusChange, ValiditySet
from services.trust_registry.domain.issuing import Issue, Scheme
from services.trust_registry.domain.proposal import LONGEST_REASON
from services.trust_registry.domain.status import Change
from services.trust_registry.entry.shapes import (
    AuthorizationShown,
    ChangeBody,
    EntityBody,
    EntityShown,
    GrantBody,
    HistoryShown,
    IssueBody,
    ListShown,
    ValidityBody,
    WithdrawBody,
)
from services.trust_registry.errors import ListUnknown
from services.trust_registry.ports import KeepRegister, SignLists
from services.trust_registry.use_cases.change_register import ChangeRegisterNow
from services.trust_registry.use_cases.issue_list import IssueList
from shared.ports.api_keys import Caller
from shared.ports.clock import NewId
from shared.web.auth import require_scope
from shared.web.pagination import Page, PageQuery, page_of

READ, WRITE, APPROVE, ISSUE = "register:read", "register:write", "register:approve", "lists:issue"

Reader = Annotated[Caller, Depends(require_scope(READ))]
Writer = Annotated[Caller, Depends(require_scope(WRITE))]
Publisher = Annotated[Caller, Depends(require_scope(ISSUE))]
Why = Annotated[
    str | None, Query(min_length=1, max_length=LONGEST_REASON, description="It stays in the history.")
]


@dataclass(frozen=True, kw_only=True)
class AdminUseCases:
    """What the admin API calls."""

    scheme: Scheme
    url: str
    register: KeepRegister
    signer: SignLists
    change_register: ChangeRegisterNow
    issue_list: IssueList
    new_id: NewId


def register_router(use: AdminUseCases) -> APIRouter:
    """Organisations and history."""
    router = APIRouter(prefix="/v1", tags=["register"])

    @router.post("/entities", status_code=201)
    async def register_entity(body: EntityBody, caller: Writer, reason: Why = None) -> EntityShown:
        """Take an organisation into the register."""
        entity = body.entity(use.new_id())
        await use.change_register([Registering(entity=entity)], actor=caller.who, reason=reason)
        return EntityShown.of(entity)

    @router.get("/entities")
    async def list_entities(page: PageQuery, _: Reader) -> Page[EntityShown]:
        """Organisations by id."""
        rows = await use.register.entities(after=page.after, limit=page.limit + 1)
        return page_of(rows, page, key=lambda entity: entity.id, show=EntityShown.of)

    @router.get("/entities/{entity_id}")
    async def read_entity(entity_id: str, _: Reader) -> EntityShown:
        """One organisation with all it may do."""
        return EntityShown.of(await use.register.entity(entity_id))

    @router.put("/entities/{entity_id}")
    async def change_entity(
        entity_id: str, body: EntityBody, caller: Writer, reason: Why = None
    ) -> EntityShown:
        """Change what the register says of an organisation."""
        await use.change_register([Changing(entity=body.entity(entity_id))], actor=caller.who, reason=reason)
        return EntityShown.of(await use.register.entity(entity_id))

    @router.get("/history")
    async def history(
        page: PageQuery, _: Reader, entity: Annotated[str | None, Query(max_length=100)] = None
    ) -> Page[HistoryShown]:
        """Who did what, oldest first."""
        rows = await use.register.history(after=page.after, limit=page.limit + 1, entity_id=entity)
        return page_of(rows, page, key=lambda entry: entry.id, show=HistoryShown.of)

    return router


def authorizations_router(use: AdminUseCases) -> APIRouter:
    """What organisations may do, and how that changes."""
    router = APIRouter(prefix="/v1", tags=["authorizations"])

    @router.post("/entities/{entity_id}/authorizations", status_code=201)
    async def grant(
        entity_id: str, body: GrantBody, caller: Writer, reason: Why = None
    ) -> AuthorizationShown:
        """Let an organisation do something."""
        edit = Granting(entity_id=entity_id, authorization_id=use.new_id(), grant=body.grant())
        await use.change_register([edit], actor=caller.who, reason=reason)
        _, granted = await use.register.authorization(edit.authorization_id)
        return AuthorizationShown.of(granted, entity_id)

    @router.get("/authorizations/{authorization_id}")
    async def read_authorization(authorization_id: str, _: Reader) -> AuthorizationShown:
        """One authorization with its history."""
        entity, authorization = await use.register.authorization(authorization_id)
        return AuthorizationShown.of(authorization, entity.id)

    async def change(
        authorization_id: str, verb: Change, body: ChangeBody, caller: Caller, *, stand: bool | None = None
    ) -> AuthorizationShown:
        edit = StatusChange(
            authorization_id=authorization_id,
            change=verb,
            reason=body.reason,
            effective_at=body.effective_at,
            earlier_awards_stand=stand,
        )
        await use.change_register([edit], actor=caller.who)
        entity, authorization = await use.register.authorization(authorization_id)
        return AuthorizationShown.of(authorization, entity.id)

    @router.post("/authorizations/{authorization_id}/suspend")
    async def suspend(authorization_id: str, body: ChangeBody, caller: Writer) -> AuthorizationShown:
        """Nothing counts until the authority decides."""
        return await change(authorization_id, "suspend", body, caller)

    @router.post("/authorizations/{authorization_id}/reinstate")
    async def reinstate(authorization_id: str, body: ChangeBody, caller: Writer) -> AuthorizationShown:
        """End a suspension or a lapse."""
        return await change(authorization_id, "reinstate", body, caller)

    @router.post("/authorizations/{authorization_id}/lapse")
    async def lapse(authorization_id: str, body: ChangeBody, caller: Writer) -> AuthorizationShown:
        """End it; earlier awards stand."""
        return await change(authorization_id, "lapse", body, caller)

    @router.post("/authorizations/{authorization_id}/withdraw")
    async def withdraw(authorization_id: str, body: WithdrawBody, caller: Writer) -> AuthorizationShown:
        """End it for cause, and say whether earlier awards stand."""
        return await change(authorization_id, "withdraw", body, caller, stand=body.earlier_awards_stand)

    @router.post("/authorizations/{authorization_id}/compromise")
    async def compromise(authorization_id: str, body: ChangeBody, caller: Writer) -> AuthorizationShown:
        """Report the DID's credential key compromised: nothing signed with it stands."""
        return await change(authorization_id, "compromise", body, caller)

    return router


def lists_router(use: AdminUseCases) -> APIRouter:
    """The list's metadata, and issuing it."""
    router = APIRouter(prefix="/v1/lists", tags=["lists"])

    async def shown(name: str, issue: Issue | None) -> ListShown:
        if name != use.scheme.name or issue is None:
            raise ListUnknown(f"expected the list {use.scheme.name!r}, found {name[:80]!r}")
        rules = await use.register.rules()
        return ListShown.of(
            issue,
            name=name,
            url=use.url,
            operator=await use.signer.operator(),
            four_eyes=rules.four_eyes,
            validity_hours=rules.validity / timedelta(hours=1),
        )

    @router.get("/{name}")
    async def read_list(name: str) -> ListShown:
        """What to pin, and which issue is the newest. Needs no API key."""
        return await shown(name, await use.register.issue())

    @router.put("/{name}")
    async def set_validity(name: str, body: ValidityBody, caller: Publisher, reason: Why = None) -> ListShown:
        """Say how long lists are valid from now on, and issue one."""
        await shown(name, await use.register.issue())
        await use.change_register([ValiditySet(hours=body.validity_hours)], actor=caller.who, reason=reason)
        return await shown(name, await use.register.issue())

    @router.post("/{name}/issue", status_code=201)
    async def issue_list(name: str, body: IssueBody, _: Publisher) -> ListShown:
        """Issue the list now; with `valid_seconds` it is not renewed on its own."""
        await shown(name, await use.register.issue())
        validity = None if body.valid_seconds is None else timedelta(seconds=body.valid_seconds)
        return await shown(
            name, await use.issue_list(validity=validity, number_at_least=body.number_at_least)
        )

    return router
