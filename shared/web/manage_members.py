"""What an administrator does about members, by page, by API or by command."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from shared.ports.clock import Clock, NewId
from shared.ports.members import (
    LINK_LASTS,
    NO_SUCH_MEMBER,
    KeepMembers,
    Member,
    MemberUnknown,
    NotAMember,
    Roles,
    checked_member,
    roles_within,
)
from shared.web.sessions import new_token


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that lets a member in once; it can be seen only now."""

    member: Member
    url: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class ManageMembers:
    """Invites, changes roles, suspends: members of one organisation, or of none.

    `url` is where browsers open the console, without a path.
    """

    members: KeepMembers
    roles: Roles
    url: str
    new_id: NewId
    clock: Clock
    organisation: str | None = None

    def of(self, organisation: str | None) -> Self:
        """The same for another organisation, or for the members of none."""
        return replace(self, organisation=organisation)

    @property
    def roles_here(self) -> Roles:
        """What members of this organisation may be."""
        return roles_within(self.organisation, self.roles)

    async def page(self, *, after: str | None, limit: int) -> Sequence[Member]:
        """Members by id."""
        return await self.members.page(after=after, limit=limit, organisation=self.organisation)

    async def find(self, member_id: str) -> Member:
        """One member. Raises MemberUnknown, for those of others too."""
        member = await self.members.find(member_id)
        if member.organisation != self.organisation:
            raise MemberUnknown(NO_SUCH_MEMBER)
        return member

    async def invite(self, *, name: str, email: str, roles: frozenset[str]) -> Invitation:
        """Take up a member and make the link. Raises NotAMember, EmailTaken."""
        now, token = self.clock(), new_token()
        member = checked_member(
            Member(
                id=self.new_id(),
                name=name,
                email=email,
                roles=roles,
                created_at=now,
                organisation=self.organisation,
            ),
            self.roles_here,
        )
        await self.members.invite(member, token, expires_at=now + LINK_LASTS)
        return self._invitation(member, token, now)

    async def invite_again(self, member_id: str) -> Invitation:
        """Make another link for a member: earlier ones stop working. Raises MemberUnknown, Suspended."""
        await self.find(member_id)
        now, token = self.clock(), new_token()
        await self.members.renew_link(member_id, token, expires_at=now + LINK_LASTS)
        return self._invitation(await self.members.find(member_id), token, now)

    async def change_roles(self, member_id: str, roles: frozenset[str]) -> Member:
        """Replace a member's roles; they hold at the next request. Raises MemberUnknown, NotAMember, LastAdmin."""

        def change(member: Member) -> Member:
            return checked_member(replace(member, roles=roles), self.roles_here)

        await self.find(member_id)
        return await self.members.change(member_id, change, self.roles)

    async def suspend(self, member_id: str) -> Member:
        """Shut a member out at once, everywhere. Raises MemberUnknown, LastAdmin."""
        await self.find(member_id)
        now = self.clock()
        return await self.members.change(
            member_id,
            lambda member: replace(member, suspended_at=member.suspended_at or now),
            self.roles,
        )

    async def reinstate(self, member_id: str) -> Member:
        """Let a suspended member in again. Raises MemberUnknown."""
        await self.find(member_id)
        return await self.members.change(
            member_id, lambda member: replace(member, suspended_at=None), self.roles
        )

    async def let_in(self, *, name: str | None, email: str, roles: frozenset[str]) -> Invitation:
        """For the operator's command: whoever has that address gets these roles too and a new link, or is invited.

        Raises NotAMember, Suspended.
        """
        known = await self.members.with_email(email.strip().lower(), self.organisation)
        if known is not None:
            made = await self.invite_again(known.id)
            await self.change_roles(known.id, known.roles | roles)
            return made
        if name is None:
            raise NotAMember("Nobody has that e-mail address yet: give a name too, with --name.")
        return await self.invite(name=name, email=email, roles=roles)

    def _invitation(self, member: Member, token: str, now: datetime) -> Invitation:
        # the token stands behind '#': browsers send that part to nobody, so no log and no Referer holds it
        return Invitation(member, f"{self.url}/join#{token}", now + LINK_LASTS)
