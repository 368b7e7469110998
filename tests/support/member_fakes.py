"""Members in memory, and an authenticator made of words: held to the same contract tests as the real ones."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.ports.members import (
    Asked,
    Change,
    EmailTaken,
    Identity,
    IdentityTaken,
    LinkSpent,
    Member,
    MemberUnknown,
    Passkey,
    Roles,
    SentAway,
    Session,
    SignInRefused,
    Suspended,
    WaysIn,
    keep_an_admin,
)


@dataclass
class MemoryMembers:
    """KeepMembers in memory."""

    members: dict[str, Member] = field(default_factory=dict)
    links: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    passkeys: dict[str, tuple[Passkey, str]] = field(default_factory=dict)
    identities: dict[Identity, str] = field(default_factory=dict)
    attempts: dict[str, tuple[Mapping[str, str], datetime]] = field(default_factory=dict)

    async def invite(self, member: Member, token: str, *, expires_at: datetime) -> None:
        if await self.with_email(member.email, member.organisation):
            raise EmailTaken("A member has that e-mail address already")
        self.members[member.id] = member
        self.links[token] = (member.id, expires_at)

    async def renew_link(self, member_id: str, token: str, *, expires_at: datetime) -> None:
        _let_in(await self.find(member_id))
        self._forget_link(member_id)
        self.links[token] = (member_id, expires_at)

    async def redeem(self, token: str, *, now: datetime) -> Member:
        member_id, expires_at = self.links.get(token, ("", now))
        if expires_at <= now:
            raise LinkSpent("This link was used already, replaced by a newer one, or is too old")
        member = await self.find(member_id)
        _let_in(member)
        del self.links[token]
        self.members[member_id] = replace(member, joined_at=member.joined_at or now)
        return self.members[member_id]

    async def find(self, member_id: str) -> Member:
        if member_id not in self.members:
            raise MemberUnknown("No member has this id")
        return self.members[member_id]

    async def with_email(self, email: str, organisation: str | None = None) -> Member | None:
        return next((each for each in self._of(organisation).values() if each.email == email), None)

    async def page(
        self, *, after: str | None, limit: int, organisation: str | None = None
    ) -> Sequence[Member]:
        behind = sorted(each for each in self._of(organisation) if after is None or each > after)
        return [self.members[each] for each in behind[:limit]]

    def _of(self, organisation: str | None) -> dict[str, Member]:
        return {name: each for name, each in self.members.items() if each.organisation == organisation}

    async def change(self, member_id: str, change: Change, roles: Roles) -> Member:
        changed = change(await self.find(member_id))
        colleagues = self._of(changed.organisation)
        keep_an_admin(colleagues.values(), {**colleagues, member_id: changed}.values(), roles)
        self.members[member_id] = changed
        if changed.state == "suspended":
            await self.end_sessions(member_id)
            self._forget_link(member_id)
        return changed

    async def begin_session(self, token: str, session: Session) -> None:
        self.sessions = {
            key: each for key, each in self.sessions.items() if not each.over(session.began_at)
        } | {token: session}

    async def session(self, token: str, *, now: datetime) -> tuple[Session, Member] | None:
        session = self.sessions.get(token)
        if session is None or session.over(now) or self.members[session.member_id].state != "active":
            return None
        self.sessions[token] = replace(session, used_at=now)
        return session, self.members[session.member_id]

    async def end_session(self, token: str) -> None:
        self.sessions.pop(token, None)

    async def end_sessions(self, member_id: str) -> None:
        self.sessions = {key: each for key, each in self.sessions.items() if each.member_id != member_id}

    async def ways_in(self, member_id: str) -> WaysIn:
        return WaysIn(
            [passkey for passkey, owner in self.passkeys.values() if owner == member_id],
            [identity for identity, owner in self.identities.items() if owner == member_id],
        )

    async def add_passkey(self, member_id: str, passkey: Passkey) -> None:
        if passkey.id in self.passkeys:
            raise IdentityTaken("This passkey is known here already")
        self.passkeys[passkey.id] = (passkey, member_id)

    async def remove_passkey(self, member_id: str, passkey_id: str) -> None:
        if self.passkeys.get(passkey_id, (None, ""))[1] == member_id:
            (await self.ways_in(member_id)).without(passkey_id)
            del self.passkeys[passkey_id]

    async def passkey(self, passkey_id: str) -> tuple[Passkey, Member] | None:
        if passkey_id not in self.passkeys:
            return None
        passkey, owner = self.passkeys[passkey_id]
        return passkey, self.members[owner]

    async def used_passkey(self, passkey_id: str, *, sign_count: int) -> None:
        passkey, owner = self.passkeys[passkey_id]
        self.passkeys[passkey_id] = (replace(passkey, sign_count=sign_count), owner)

    async def add_identity(self, member_id: str, identity: Identity, *, now: datetime) -> None:
        assert now.tzinfo is not None
        if self.identities.setdefault(identity, member_id) != member_id:
            raise IdentityTaken("That account signs in as somebody else here")

    async def with_identity(self, identity: Identity) -> Member | None:
        owner = self.identities.get(identity)
        return None if owner is None else self.members[owner]

    async def begin_attempt(self, token: str, facts: Mapping[str, str], *, expires_at: datetime) -> None:
        self.attempts[token] = (facts, expires_at)

    async def take_attempt(self, token: str, *, now: datetime) -> Mapping[str, str] | None:
        facts, expires_at = self.attempts.pop(token, ({}, now))
        return facts if expires_at > now else None

    def _forget_link(self, member_id: str) -> None:
        self.links = {key: each for key, each in self.links.items() if each[0] != member_id}


class SpokenPasskeys:
    """CheckPasskeys by word of mouth: an answer is `{"id": …, "challenge": …}`, and holds if the challenge is right."""

    def ask_for_new(self, member: Member, known: Sequence[Passkey]) -> Asked:
        return Asked(b"new", json.dumps({"user": member.id, "known": [each.id for each in known]}))

    def check_new(self, answer: str, challenge: bytes, *, now: datetime) -> Passkey:
        return Passkey(_told(answer, challenge), b"public", 0, now)

    def ask(self) -> Asked:
        return Asked(b"sign", "{}")

    def id_in(self, answer: str) -> str:
        return str(json.loads(answer).get("id"))

    def check(self, answer: str, challenge: bytes, passkey: Passkey) -> int:
        assert _told(answer, challenge) == passkey.id
        return passkey.sign_count + 1


@dataclass
class SpokenProvider:
    """AskProvider by word of mouth: the code is the subject."""

    name: str = "login.example"
    begun: list[SentAway] = field(default_factory=list)

    async def begin(self) -> SentAway:
        number = len(self.begun)
        sent = SentAway(f"https://login.example/?n={number}", f"state{number}", f"nonce{number}", "verifier")
        self.begun.append(sent)
        return sent

    async def finish(self, *, code: str, nonce: str, verifier: str) -> Identity:
        if nonce not in {sent.nonce for sent in self.begun} or verifier != "verifier":
            raise SignInRefused("nonce or verifier of another attempt")
        return Identity("https://login.example", code)


def _told(answer: str, challenge: bytes) -> str:
    told = json.loads(answer)
    if told["challenge"] != challenge.decode():
        raise SignInRefused("This passkey's answer does not hold")
    return str(told["id"])


def _let_in(member: Member) -> None:
    if member.state == "suspended":
        raise Suspended("This member is suspended")
