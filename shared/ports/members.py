"""People who work at a console: who they are, what they may do, and how they sign in.

MemberError
├── MemberUnknown        nobody here has that id
├── EmailTaken           somebody here has that e-mail address already
├── NotAMember           a name, address or role that nobody can have
├── LastAdmin            nobody would be left who may manage members
├── LastWayIn            nobody removes the only way in which he can sign in
├── LinkSpent            a one-time link that was used, replaced or too old
├── Suspended            the member may not sign in
├── SignInRefused        a passkey or another service's word does not hold
└── IdentityTaken        that account of another service belongs to somebody else here
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from shared.contracts.errors import UjuziError
from shared.ports.api_keys import ADMIN, OPERATE, includes

LINK_LASTS = timedelta(hours=24)
IDLE = timedelta(hours=2)
"""A session nobody used for so long has ended."""
SESSION_LASTS = timedelta(hours=12)
"""A session ends after so long, however busy."""
FRESH = timedelta(minutes=15)
"""Whoever adds a way to sign in must have signed in within this time, so that a stolen session cannot stay."""
ATTEMPT_LASTS = timedelta(minutes=10)
NO_SUCH_MEMBER = "No member has this id: see GET /v1/members."
LONGEST_NAME = 120
LONGEST_EMAIL = 200
_EMAIL = re.compile(r"[^@\s\x00-\x1f<>\"]+@[^@\s\x00-\x1f<>\"]+\.[^@\s\x00-\x1f<>\"]+")

type Roles = Mapping[str, frozenset[str]]
"""What a service's roles include: role → scopes."""
type State = Literal["invited", "active", "suspended"]
type Way = Literal["link", "passkey", "oidc"]
"""How somebody signed in."""


class MemberError(UjuziError):
    """Base class of what is refused about members."""


class MemberUnknown(MemberError):
    """Nobody here has that id."""


class EmailTaken(MemberError):
    """Somebody here has that e-mail address already."""


class NotAMember(MemberError):
    """A name, address or role that nobody can have."""


class LastAdmin(MemberError):
    """Nobody would be left who may manage members."""


class LastWayIn(MemberError):
    """Nobody removes the only way in which he can sign in."""


class LinkSpent(MemberError):
    """A one-time link that was used, replaced or too old."""


class Suspended(MemberError):
    """The member may not sign in."""


class SignInRefused(MemberError):
    """A passkey or another service's word does not hold."""


class IdentityTaken(MemberError):
    """That account of another service belongs to somebody else here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person. Invited until the first one-time link is used."""

    id: str
    name: str
    email: str
    roles: frozenset[str]
    created_at: datetime
    joined_at: datetime | None = None
    suspended_at: datetime | None = None
    organisation: str | None = None
    """Where a service has several: the one the member works for, for good; None for its operator, and elsewhere."""

    @property
    def state(self) -> State:
        """Whether this person may sign in."""
        if self.suspended_at is not None:
            return "suspended"
        return "invited" if self.joined_at is None else "active"


@dataclass(frozen=True, slots=True)
class Session:
    """A member who is signed in; `token` is known to the browser alone and kept as a digest."""

    member_id: str
    way: Way
    began_at: datetime
    used_at: datetime

    def over(self, now: datetime) -> bool:
        """Whether it has ended."""
        return now - self.used_at >= IDLE or now - self.began_at >= SESSION_LASTS

    def fresh(self, now: datetime) -> bool:
        """Whether the member signed in only just now."""
        return now - self.began_at < FRESH


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A member who asks, and may do what the roles include."""

    member: Member
    session: Session
    scopes: frozenset[str]

    @property
    def who(self) -> str:
        """The actor's name in audit log and histories."""
        return f"member:{self.member.id}"

    @property
    def name(self) -> str:
        """For people; ids are what decides."""
        return self.member.name

    @property
    def organisation(self) -> str | None:
        """The one the member works for, where the service has several."""
        return self.member.organisation

    def may(self, scope: str) -> bool:
        """Whether the roles include the scope."""
        return includes(self.scopes, scope, self.organisation)


@dataclass(frozen=True, slots=True)
class Passkey:
    """A public key of an authenticator; `id` is in base64url."""

    id: str
    public_key: bytes
    sign_count: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """An account of an OpenID provider; never an e-mail address, which changes hands."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class WaysIn:
    """All the ways in which a member can sign in."""

    passkeys: Sequence[Passkey]
    identities: Sequence[Identity]

    def without(self, passkey_id: str) -> None:
        """Raises LastWayIn if nothing else is left."""
        if not self.identities and all(each.id == passkey_id for each in self.passkeys):
            raise LastWayIn("This is your only way to sign in: add another before you remove it.")


def scopes_of(member_roles: Iterable[str], roles: Roles) -> frozenset[str]:
    """What these roles include; a role that the service no longer has includes nothing."""
    return frozenset[str]().union(*(roles.get(role, frozenset()) for role in member_roles))


def roles_within(organisation: str | None, roles: Roles) -> Roles:
    """The roles somebody of this organisation may have; those of the operator are for members of none."""
    if not any(OPERATE in scopes for scopes in roles.values()):
        return roles
    return {role: scopes for role, scopes in roles.items() if (OPERATE in scopes) == (organisation is None)}


def checked_member(member: Member, roles: Roles) -> Member:
    """The member as given, with tidy name and address. Raises NotAMember."""
    name, email = " ".join(member.name.split()), member.email.strip().lower()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise NotAMember(f"Expected a name of 1 to {LONGEST_NAME} characters.")
    if len(email) > LONGEST_EMAIL or not email.isprintable() or not _EMAIL.fullmatch(email):
        raise NotAMember(f"Expected an e-mail address of at most {LONGEST_EMAIL} characters.")
    unknown = sorted(member.roles - roles.keys())
    if unknown or not member.roles:
        found = ", ".join(role[:40] for role in unknown) or "none"
        raise NotAMember(f"Expected one or more of the roles {', '.join(roles)}, found {found}.")
    return replace(member, name=name, email=email)


def keep_an_admin(before: Iterable[Member], after: Iterable[Member], roles: Roles) -> None:
    """Raises LastAdmin if there was somebody who could manage members, and now there is not."""
    if _administered(before, roles) and not _administered(after, roles):
        raise LastAdmin(
            "Nobody would be left who may manage members: give somebody else the role first, and let them sign in."
        )


def _administered(members: Iterable[Member], roles: Roles) -> bool:
    return any(each.state == "active" and ADMIN in scopes_of(each.roles, roles) for each in members)


type Change = Callable[[Member], Member]


class KeepMembers(Protocol):
    """Remembers members, their links, ways in and sessions. Tokens are kept as digests."""

    async def invite(self, member: Member, token: str, *, expires_at: datetime) -> None:
        """Take up a member with a one-time link. Raises EmailTaken."""

    async def renew_link(self, member_id: str, token: str, *, expires_at: datetime) -> None:
        """Give a member a one-time link in place of any earlier. Raises MemberUnknown, Suspended."""

    async def redeem(self, token: str, *, now: datetime) -> Member:
        """Use a link up; the member has joined. Raises LinkSpent, Suspended."""

    async def find(self, member_id: str) -> Member:
        """One member. Raises MemberUnknown."""

    async def with_email(self, email: str, organisation: str | None = None) -> Member | None:
        """The member of this organisation, or of none, with this address, in small letters."""

    async def page(
        self, *, after: str | None, limit: int, organisation: str | None = None
    ) -> Sequence[Member]:
        """Members of this organisation, or of none, by id, those behind `after`."""

    async def change(self, member_id: str, change: Change, roles: Roles) -> Member:
        """Replace a member by what `change` makes of it; whoever is suspended is signed out and loses his link.

        An administrator of the same organisation must be left.

        Raises MemberUnknown, LastAdmin, and what `change` raises.
        """

    async def begin_session(self, token: str, session: Session) -> None:
        """Keep a session; those that are over are dropped."""

    async def session(self, token: str, *, now: datetime) -> tuple[Session, Member] | None:
        """The session with its member, if it is not over and the member may sign in; it counts as used now."""

    async def end_session(self, token: str) -> None:
        """Sign out."""

    async def end_sessions(self, member_id: str) -> None:
        """Sign out everywhere."""

    async def ways_in(self, member_id: str) -> WaysIn:
        """How this member can sign in."""

    async def add_passkey(self, member_id: str, passkey: Passkey) -> None:
        """Keep a passkey. Raises IdentityTaken if it is known already."""

    async def remove_passkey(self, member_id: str, passkey_id: str) -> None:
        """Forget a passkey. Raises LastWayIn; one that is not there is none to remove."""

    async def passkey(self, passkey_id: str) -> tuple[Passkey, Member] | None:
        """A passkey and whose it is."""

    async def used_passkey(self, passkey_id: str, *, sign_count: int) -> None:
        """Remember how often the authenticator has signed."""

    async def add_identity(self, member_id: str, identity: Identity, *, now: datetime) -> None:
        """Let this account sign in as the member. Raises IdentityTaken."""

    async def with_identity(self, identity: Identity) -> Member | None:
        """Whose account this is."""

    async def begin_attempt(self, token: str, facts: Mapping[str, str], *, expires_at: datetime) -> None:
        """Remember what an answer must fit; attempts whose time is over are dropped."""

    async def take_attempt(self, token: str, *, now: datetime) -> Mapping[str, str] | None:
        """What was remembered, once; None if it is unknown, used or over."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser is asked for: a challenge, and the whole question as JSON for its script."""

    challenge: bytes
    options: str


class CheckPasskeys(Protocol):
    """Asks authenticators and checks their answers (WebAuthn level 3)."""

    def ask_for_new(self, member: Member, known: Sequence[Passkey]) -> Asked:
        """Ask for a new passkey of a member."""

    def check_new(self, answer: str, challenge: bytes, *, now: datetime) -> Passkey:
        """The passkey that was made. Raises SignInRefused."""

    def ask(self) -> Asked:
        """Ask for any passkey of this service."""

    def id_in(self, answer: str) -> str:
        """Which passkey an answer claims to be of. Raises SignInRefused."""

    def check(self, answer: str, challenge: bytes, passkey: Passkey) -> int:
        """How often the authenticator has signed. Raises SignInRefused."""


@dataclass(frozen=True, slots=True)
class SentAway:
    """Where a browser is sent to sign in, and what the provider's answer must fit."""

    url: str
    state: str
    nonce: str
    verifier: str


class AskProvider(Protocol):
    """Lets an OpenID provider say who somebody is (authorization code, PKCE, nonce)."""

    @property
    def name(self) -> str:
        """The provider's host, for people."""

    async def begin(self) -> SentAway:
        """Start. Raises Unavailable."""

    async def finish(self, *, code: str, nonce: str, verifier: str) -> Identity:
        """Who signed in, from an ID token that was checked. Raises SignInRefused, Unavailable."""
