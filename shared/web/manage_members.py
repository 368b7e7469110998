"""What an administrator does about members, by page, by API or by command."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.ports.clock import Clock, NewId
from shared.ports.members import LINK_LASTS, KeepMembers, Member, NotAMember, Roles, checked_member
from shared.web.sessions import new_token


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that lets a member in once; it can be seen only now."""

    member: Member
    url: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class ManageMembers:
    """Invites, changes roles, suspends. `url` is where browsers open the console, without a path."""

    members: KeepMembers
    roles: Roles
    url: str
    new_id: NewId
    clock: Clock

    async def invite(self, *, name: str, email: str, roles: frozenset[str]) -> Invitation:
        """Take up a member and make the link. Raises NotAMember, EmailTaken."""
        now, token = self.clock(), new_token()
        member = checked_member(
            Member(id=self.new_id(), name=name, email=email, roles=roles, created_at=now), self.roles
        )
        await self.members.invite(member, token, expires_at=now + LINK_LASTS)
        return self._invitation(member, token, now)

    async def invite_again(self, member_id: str) -> Invitation:
        """Make another link for a member: earlier ones stop working. Raises MemberUnknown, Suspended."""
        now, token = self.clock(), new_token()
        await self.members.renew_link(member_id, token, expires_at=now + LINK_LASTS)
        return self._invitation(await self.members.find(member_id), token, now)

    async def change_roles(self, member_id: str, roles: frozenset[str]) -> Member:
        """Replace a member's roles; they hold at the next request. Raises MemberUnknown, NotAMember, LastAdmin."""

        def change(member: Member) -> Member:
            return checked_member(replace(member, roles=roles), self.roles)

        return await self.members.change(member_id, change, self.roles)

    async def suspend(self, member_id: str) -> Member:
        """Shut a member out at once, everywhere. Raises MemberUnknown, LastAdmin."""
        now = self.clock()
        return await self.members.change(
            member_id,
            lambda member: replace(member, suspended_at=member.suspended_at or now),
            self.roles,
        )

    async def reinstate(self, member_id: str) -> Member:
        """Let a suspended member in again. Raises MemberUnknown."""
        return await self.members.change(
            member_id, lambda member: replace(member, suspended_at=None), self.roles
        )

    async def let_in(self, *, name: str | None, email: str, roles: frozenset[str]) -> Invitation:
        """For the operator's command: whoever has that address gets these roles too and a new link, or is invited.

        Raises NotAMember, Suspended.
        """
        known = await self.members.with_email(email.strip().lower())
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
