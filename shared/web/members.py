"""Members: pages under /console/members and the API under /v1/members, for the scope admin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel, Field

from shared.ports.api_keys import ADMIN, Caller
from shared.ports.members import (
    LINK_LASTS,
    LONGEST_EMAIL,
    LONGEST_NAME,
    EmailTaken,
    LastAdmin,
    Member,
    MemberError,
    NotAMember,
    State,
    Suspended,
)
from shared.web.auth import require_scope
from shared.web.console import MEMBERS, Console
from shared.web.manage_members import Invitation, ManageMembers
from shared.web.pagination import DEFAULT_LIMIT, Page, PageAsked, PageQuery, page_of

Admin = Annotated[Caller, Depends(require_scope(ADMIN))]
MOST_ROLES = 20
FIRST_PAGE = PageAsked(None, DEFAULT_LIMIT)
REFUSED = 422
WRONG = {
    LastAdmin: "wrong_last_admin",
    EmailTaken: "wrong_email_taken",
    NotAMember: "wrong_member",
    Suspended: "wrong_suspended",
}

Roles = Annotated[list[str], Field(min_length=1, max_length=MOST_ROLES)]
ChosenRoles = Annotated[Sequence[str], Form(max_length=MOST_ROLES)]


@dataclass(frozen=True)
class Filled:
    """What stood in the form that is shown again."""

    name: str
    email: str
    roles: frozenset[str]


EMPTY = Filled("", "", frozenset())


class NewMember(BaseModel):
    """Whom to invite."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    email: str = Field(min_length=3, max_length=LONGEST_EMAIL)
    roles: Roles


class RolesBody(BaseModel):
    """All the roles a member is to have."""

    roles: Roles


class MemberShown(BaseModel):
    """A member. `invited` until the first link is used."""

    id: str
    name: str
    email: str
    roles: list[str]
    state: State
    created_at: datetime

    @classmethod
    def of(cls, member: Member) -> "MemberShown":
        """Show a member."""
        return cls(
            id=member.id,
            name=member.name,
            email=member.email,
            roles=sorted(member.roles),
            state=member.state,
            created_at=member.created_at,
        )


class InvitationShown(BaseModel):
    """A member and the link that lets them in once; it is shown only here."""

    member: MemberShown
    invitation_url: str
    expires_at: datetime

    @classmethod
    def of(cls, invitation: Invitation) -> "InvitationShown":
        """Show an invitation."""
        return cls(
            member=MemberShown.of(invitation.member),
            invitation_url=invitation.url,
            expires_at=invitation.expires_at,
        )


def members_api(manage: ManageMembers) -> APIRouter:
    """`/v1/members`; where there are several organisations, of the caller's."""
    router = APIRouter(prefix="/v1/members", tags=["members"])

    @router.get("")
    async def list_members(asked: PageQuery, caller: Admin) -> Page[MemberShown]:
        """Who may sign in at the console, oldest first."""
        rows = await manage.of(caller.organisation).page(after=asked.after, limit=asked.limit + 1)
        return page_of(rows, asked, key=lambda member: member.id, show=MemberShown.of)

    @router.post("", status_code=201)
    async def invite(body: NewMember, caller: Admin) -> InvitationShown:
        """Invite somebody: hand the link over in a way that only they can read."""
        made = await manage.of(caller.organisation).invite(
            name=body.name, email=body.email, roles=frozenset(body.roles)
        )
        return InvitationShown.of(made)

    @router.get("/{member_id}")
    async def read_member(member_id: str, caller: Admin) -> MemberShown:
        """One member."""
        return MemberShown.of(await manage.of(caller.organisation).find(member_id))

    @router.put("/{member_id}/roles")
    async def change_roles(member_id: str, body: RolesBody, caller: Admin) -> MemberShown:
        """Replace a member's roles; they hold at once."""
        return MemberShown.of(
            await manage.of(caller.organisation).change_roles(member_id, frozenset(body.roles))
        )

    @router.post("/{member_id}/invitation", status_code=201)
    async def invite_again(member_id: str, caller: Admin) -> InvitationShown:
        """Make another link, for a lost passkey or a link too old; earlier ones stop working."""
        return InvitationShown.of(await manage.of(caller.organisation).invite_again(member_id))

    @router.post("/{member_id}/suspend")
    async def suspend(member_id: str, caller: Admin) -> MemberShown:
        """Shut a member out at once, everywhere."""
        return MemberShown.of(await manage.of(caller.organisation).suspend(member_id))

    @router.post("/{member_id}/reinstate")
    async def reinstate(member_id: str, caller: Admin) -> MemberShown:
        """Let a suspended member in again."""
        return MemberShown.of(await manage.of(caller.organisation).reinstate(member_id))

    return router


@dataclass(frozen=True)
class MemberPages:
    """What an administrator sees."""

    manage: ManageMembers
    console: Console

    async def everybody(
        self,
        request: Request,
        caller: Caller,
        *,
        asked: PageAsked = FIRST_PAGE,
        error: MemberError | None = None,
        filled: Filled = EMPTY,
    ) -> Response:
        """Every member, and the form to invite another as it was filled in."""
        manage = self.manage.of(caller.organisation)
        rows = await manage.page(after=asked.after, limit=asked.limit + 1)
        page = page_of(rows, asked, key=lambda member: member.id, show=MemberShown.of)
        return self.console.show(
            request,
            "console/members.html",
            caller,
            status=REFUSED if error else 200,
            wrong=self._words(request, error),
            people=page.items,
            next=page.next,
            roles=list(manage.roles_here),
            chosen=filled.roles,
            filled=filled,
        )

    async def one(
        self, request: Request, caller: Caller, member_id: str, error: MemberError | None = None
    ) -> Response:
        """One member, and what can be done."""
        manage = self.manage.of(caller.organisation)
        person = MemberShown.of(await manage.find(member_id))
        return self.console.show(
            request,
            "console/member.html",
            caller,
            status=REFUSED if error else 200,
            wrong=self._words(request, error),
            person=person,
            roles=list(manage.roles_here),
            chosen=person.roles,
        )

    def invited(self, request: Request, caller: Caller, made: Invitation) -> Response:
        """The link, this once."""
        return self.console.show(
            request,
            "console/invited.html",
            caller,
            scripts=("copy.js",),
            person_name=f"\N{FIRST STRONG ISOLATE}{made.member.name}\N{POP DIRECTIONAL ISOLATE}",
            hours=int(LINK_LASTS.total_seconds()) // 3600,
            link=made.url,
        )

    def _words(self, request: Request, error: MemberError | None) -> str | None:
        return self.console.words(request)[WRONG[type(error)]] if error else None


def members_pages(manage: ManageMembers, console: Console) -> list[APIRouter]:
    """`/console/members`."""
    pages = MemberPages(manage, console)
    return [_everybody(pages), _one(pages)]


def _everybody(pages: MemberPages) -> APIRouter:
    router = APIRouter(prefix=MEMBERS.path, include_in_schema=False)

    @router.get("")
    async def members_page(request: Request, caller: Admin, asked: PageQuery) -> Response:
        return await pages.everybody(request, caller, asked=asked)

    @router.post("")
    async def invite(
        request: Request,
        caller: Admin,
        name: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
        email: Annotated[str, Form(max_length=LONGEST_EMAIL)] = "",
        roles: ChosenRoles = (),
    ) -> Response:
        filled = Filled(name, email, frozenset(roles))
        try:
            made = await pages.manage.of(caller.organisation).invite(
                name=name, email=email, roles=filled.roles
            )
        except (NotAMember, EmailTaken) as error:
            return await pages.everybody(request, caller, error=error, filled=filled)
        return pages.invited(request, caller, made)

    return router


def _one(pages: MemberPages) -> APIRouter:
    router = APIRouter(prefix=f"{MEMBERS.path}/{{member_id}}", include_in_schema=False)

    @router.get("")
    async def member_page(request: Request, caller: Admin, member_id: str) -> Response:
        return await pages.one(request, caller, member_id)

    @router.post("/roles")
    async def change_roles(
        request: Request, caller: Admin, member_id: str, roles: ChosenRoles = ()
    ) -> Response:
        try:
            await pages.manage.of(caller.organisation).change_roles(member_id, frozenset(roles))
        except (LastAdmin, NotAMember) as error:
            return await pages.one(request, caller, member_id, error)
        return pages.console.back(f"{MEMBERS.path}/{member_id}", "roles")

    @router.post("/suspend")
    async def suspend(request: Request, caller: Admin, member_id: str) -> Response:
        try:
            await pages.manage.of(caller.organisation).suspend(member_id)
        except LastAdmin as error:
            return await pages.one(request, caller, member_id, error)
        return pages.console.back(f"{MEMBERS.path}/{member_id}", "suspended")

    @router.post("/reinstate")
    async def reinstate(caller: Admin, member_id: str) -> Response:
        await pages.manage.of(caller.organisation).reinstate(member_id)
        return pages.console.back(f"{MEMBERS.path}/{member_id}", "reinstated")

    @router.post("/invitation")
    async def invite_again(request: Request, caller: Admin, member_id: str) -> Response:
        try:
            return pages.invited(
                request, caller, await pages.manage.of(caller.organisation).invite_again(member_id)
            )
        except Suspended as error:
            return await pages.one(request, caller, member_id, error)

    return router
