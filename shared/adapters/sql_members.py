"""Members, their one-time links, sessions and ways to sign in, in SQL: tokens are kept as digests only."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import JSON, BigInteger, ColumnElement, Index, text
from sqlmodel import Field, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.adapters.sql import Database, SharedTable, UtcDateTime, insert_once
from shared.ports.audit import done_for, done_to, no_deed
from shared.ports.members import (
    IDLE,
    NO_SUCH_MEMBER,
    SESSION_LASTS,
    Change,
    EmailTaken,
    Identity,
    IdentityTaken,
    LinkSpent,
    Member,
    MemberUnknown,
    Passkey,
    Roles,
    Session,
    Suspended,
    Way,
    WaysIn,
    keep_an_admin,
)

NOTED_EVERY = timedelta(minutes=1)
"""Use of a session is noted no more often than that: reading pages should not cost a write each."""

_ALONE = text("organisation IS NULL")


class MemberRow(SharedTable, table=True):
    """One member; an e-mail address is unique within an organisation, or among those of none."""

    __tablename__ = "member"
    __table_args__ = (
        Index("ix_member_organisation_email", "organisation", "email", unique=True),
        Index("ix_member_email_alone", "email", unique=True, sqlite_where=_ALONE, postgresql_where=_ALONE),
    )

    id: str = Field(primary_key=True)
    name: str
    email: str
    roles: list[str] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    joined_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    suspended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    organisation: str | None = None


class MemberLinkRow(SharedTable, table=True):
    """The one-time link a member has at most one of."""

    __tablename__ = "member_link"

    member_id: str = Field(primary_key=True, foreign_key="member.id")
    digest: str = Field(unique=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class MemberSessionRow(SharedTable, table=True):
    """One signed-in browser."""

    __tablename__ = "member_session"

    digest: str = Field(primary_key=True)
    member_id: str = Field(foreign_key="member.id", index=True)
    way: str
    began_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime = Field(sa_type=UtcDateTime)


class MemberPasskeyRow(SharedTable, table=True):
    """One passkey's public half."""

    __tablename__ = "member_passkey"

    id: str = Field(primary_key=True)
    member_id: str = Field(foreign_key="member.id", index=True)
    public_key: bytes
    sign_count: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=UtcDateTime)


class MemberIdentityRow(SharedTable, table=True):
    """One account of an OpenID provider."""

    __tablename__ = "member_identity"

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    member_id: str = Field(foreign_key="member.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class SignInAttemptRow(SharedTable, table=True):
    """What an answer of an authenticator or a provider must fit."""

    __tablename__ = "sign_in_attempt"

    digest: str = Field(primary_key=True)
    facts: dict[str, str] = Field(sa_type=JSON)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class SqlMembers:
    """The port KeepMembers in SQL."""

    def __init__(self, db: Database) -> None:
        """Members live in this database."""
        self._db = db

    async def invite(self, member: Member, token: str, *, expires_at: datetime) -> None:
        """Take up a member with a one-time link. Raises EmailTaken."""
        async with self._db.session() as session:
            if not await insert_once(session, MemberRow, _values(member)):
                raise EmailTaken("A member has that e-mail address already: give that member a new link.")
            done_to(f"member:{member.id}")
            session.add(MemberLinkRow(member_id=member.id, digest=_digest(token), expires_at=expires_at))

    async def renew_link(self, member_id: str, token: str, *, expires_at: datetime) -> None:
        """Give a member a one-time link in place of any earlier. Raises MemberUnknown, Suspended."""
        async with self._db.session() as session:
            row = await _locked(session, member_id)
            _let_in(_member(row))
            done_to(f"member:{member_id}")
            await session.merge(
                MemberLinkRow(member_id=member_id, digest=_digest(token), expires_at=expires_at)
            )

    async def redeem(self, token: str, *, now: datetime) -> Member:
        """Use a link up; the member has joined. Raises LinkSpent, Suspended."""
        async with self._db.session() as session:
            spent = delete(MemberLinkRow).where(
                col(MemberLinkRow.digest) == _digest(token), col(MemberLinkRow.expires_at) > now
            )
            found = (await session.exec(spent.returning(col(MemberLinkRow.member_id)))).first()
            if found is None:
                raise LinkSpent(
                    "This link was used already, replaced by a newer one, or is too old: ask for a new one."
                )
            row = await _locked(session, found[0])
            _let_in(_member(row))
            row.joined_at = row.joined_at or now
            if row.organisation is not None:
                done_for(row.organisation)
            session.add(row)
            return _member(row)

    async def find(self, member_id: str) -> Member:
        """One member. Raises MemberUnknown."""
        async with self._db.reading() as session:
            row = await session.get(MemberRow, member_id)
            if row is None:
                raise MemberUnknown(NO_SUCH_MEMBER)
            return _member(row)

    async def with_email(self, email: str, organisation: str | None = None) -> Member | None:
        """The member with this address, in small letters."""
        query = select(MemberRow).where(col(MemberRow.email) == email, _of(organisation))
        async with self._db.reading() as session:
            row = (await session.exec(query)).first()
            return None if row is None else _member(row)

    async def page(
        self, *, after: str | None, limit: int, organisation: str | None = None
    ) -> Sequence[Member]:
        """Members by id, those behind `after`."""
        query = select(MemberRow).where(_of(organisation)).order_by(col(MemberRow.id)).limit(limit)
        if after is not None:
            query = query.where(col(MemberRow.id) > after)
        async with self._db.reading() as session:
            return [_member(row) for row in (await session.exec(query)).all()]

    async def change(self, member_id: str, change: Change, roles: Roles) -> Member:
        """Replace a member. Raises MemberUnknown, LastAdmin, and what `change` raises."""
        async with self._db.session() as session:
            found = await session.get(MemberRow, member_id)
            if found is None:
                raise MemberUnknown(NO_SUCH_MEMBER)
            # every row is locked: of two administrators who demote each other, one comes second and is refused
            colleagues = select(MemberRow).where(_of(found.organisation)).order_by(col(MemberRow.id))
            rows = (
                await session.exec(
                    colleagues.with_for_update(), execution_options={"populate_existing": True}
                )
            ).all()
            row = next(each for each in rows if each.id == member_id)
            before = [_member(each) for each in rows]
            changed = change(_member(row))
            after = [changed if each.id == member_id else each for each in before]
            keep_an_admin(before, after, roles)
            for name, value in _values(changed).items():
                setattr(row, name, value)
            session.add(row)
            if changed.state == "suspended":
                await session.exec(
                    delete(MemberSessionRow).where(col(MemberSessionRow.member_id) == member_id)
                )
                await session.exec(delete(MemberLinkRow).where(col(MemberLinkRow.member_id) == member_id))
            return changed

    async def begin_session(self, token: str, session: Session) -> None:
        """Keep a session; those that are over are dropped."""
        now = session.began_at
        async with self._db.session() as sql:
            await sql.exec(
                delete(MemberSessionRow).where(
                    (col(MemberSessionRow.used_at) <= now - IDLE)
                    | (col(MemberSessionRow.began_at) <= now - SESSION_LASTS)
                )
            )
            sql.add(
                MemberSessionRow(
                    digest=_digest(token),
                    member_id=session.member_id,
                    way=session.way,
                    began_at=session.began_at,
                    used_at=session.used_at,
                )
            )
            done_to(f"member:{session.member_id}")

    async def session(self, token: str, *, now: datetime) -> tuple[Session, Member] | None:
        """The session with its member, if it is not over and the member may sign in; it counts as used now."""
        async with self._db.reading() as sql:
            query = select(MemberSessionRow, MemberRow).join(MemberRow)
            found = (await sql.exec(query.where(col(MemberSessionRow.digest) == _digest(token)))).first()
        if found is None:
            return None
        session, member = _session(found[0]), _member(found[1])
        if session.over(now) or member.state != "active":
            return None
        if now - session.used_at >= NOTED_EVERY:
            with no_deed():
                async with self._db.session() as sql:
                    row = await sql.get(MemberSessionRow, _digest(token))
                    if row is None:
                        return None
                    row.used_at = now
                    sql.add(row)
        return session, member

    async def end_session(self, token: str) -> None:
        """Sign out."""
        async with self._db.session() as sql:
            await sql.exec(delete(MemberSessionRow).where(col(MemberSessionRow.digest) == _digest(token)))

    async def end_sessions(self, member_id: str) -> None:
        """Sign out everywhere."""
        async with self._db.session() as sql:
            await sql.exec(delete(MemberSessionRow).where(col(MemberSessionRow.member_id) == member_id))

    async def ways_in(self, member_id: str) -> WaysIn:
        """How this member can sign in."""
        async with self._db.reading() as session:
            return await _ways_in(session, member_id)

    async def add_passkey(self, member_id: str, passkey: Passkey) -> None:
        """Keep a passkey. Raises IdentityTaken if it is known already."""
        row = {
            "id": passkey.id,
            "member_id": member_id,
            "public_key": passkey.public_key,
            "sign_count": passkey.sign_count,
            "created_at": passkey.created_at,
        }
        async with self._db.session() as session:
            if not await insert_once(session, MemberPasskeyRow, row):
                raise IdentityTaken("This passkey is known here already: use another.")
            done_to(f"member:{member_id}")

    async def remove_passkey(self, member_id: str, passkey_id: str) -> None:
        """Forget a passkey. Raises LastWayIn; one that is not there is none to remove."""
        async with self._db.session() as session:
            await _locked(session, member_id)
            ways_in = await _ways_in(session, member_id)
            if all(each.id != passkey_id for each in ways_in.passkeys):
                return
            ways_in.without(passkey_id)
            await session.exec(delete(MemberPasskeyRow).where(col(MemberPasskeyRow.id) == passkey_id))
            done_to(f"member:{member_id}")

    async def passkey(self, passkey_id: str) -> tuple[Passkey, Member] | None:
        """A passkey and whose it is."""
        async with self._db.reading() as session:
            query = select(MemberPasskeyRow, MemberRow).join(MemberRow)
            found = (await session.exec(query.where(col(MemberPasskeyRow.id) == passkey_id))).first()
            return None if found is None else (_passkey(found[0]), _member(found[1]))

    async def used_passkey(self, passkey_id: str, *, sign_count: int) -> None:
        """Remember how often the authenticator has signed."""
        async with self._db.session() as session:
            row = await session.get(MemberPasskeyRow, passkey_id)
            if row is not None and row.sign_count != sign_count:
                row.sign_count = sign_count
                session.add(row)

    async def add_identity(self, member_id: str, identity: Identity, *, now: datetime) -> None:
        """Let this account sign in as the member. Raises IdentityTaken."""
        row = {
            "issuer": identity.issuer,
            "subject": identity.subject,
            "member_id": member_id,
            "created_at": now,
        }
        async with self._db.session() as session:
            done_to(f"member:{member_id}")
            if await insert_once(session, MemberIdentityRow, row):
                return
            kept = await session.get(MemberIdentityRow, (identity.issuer, identity.subject))
            if kept is None or kept.member_id != member_id:
                raise IdentityTaken("That account signs in as somebody else here: use another.")

    async def with_identity(self, identity: Identity) -> Member | None:
        """Whose account this is."""
        async with self._db.reading() as session:
            query = (
                select(MemberRow)
                .join(MemberIdentityRow)
                .where(
                    col(MemberIdentityRow.issuer) == identity.issuer,
                    col(MemberIdentityRow.subject) == identity.subject,
                )
            )
            row = (await session.exec(query)).first()
            return None if row is None else _member(row)

    async def begin_attempt(self, token: str, facts: Mapping[str, str], *, expires_at: datetime) -> None:
        """Remember what an answer must fit."""
        with no_deed():
            async with self._db.session() as session:
                session.add(SignInAttemptRow(digest=_digest(token), facts=dict(facts), expires_at=expires_at))

    async def take_attempt(self, token: str, *, now: datetime) -> Mapping[str, str] | None:
        """What was remembered, once; those whose time is over are dropped."""
        with no_deed():
            async with self._db.session() as session:
                await session.exec(delete(SignInAttemptRow).where(col(SignInAttemptRow.expires_at) <= now))
                taken = delete(SignInAttemptRow).where(col(SignInAttemptRow.digest) == _digest(token))
                found = (await session.exec(taken.returning(col(SignInAttemptRow.facts)))).first()
                return None if found is None else dict(found[0])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def _locked(session: AsyncSession, member_id: str) -> MemberRow:
    row = await session.get(MemberRow, member_id, with_for_update=True)
    if row is None:
        raise MemberUnknown(NO_SUCH_MEMBER)
    return row


def _of(organisation: str | None) -> ColumnElement[bool]:
    return col(MemberRow.organisation).is_not_distinct_from(organisation)


def _let_in(member: Member) -> None:
    if member.state == "suspended":
        raise Suspended("This member is suspended: an administrator can lift that.")


async def _ways_in(session: AsyncSession, member_id: str) -> WaysIn:
    passkeys = select(MemberPasskeyRow).where(col(MemberPasskeyRow.member_id) == member_id)
    identities = select(MemberIdentityRow).where(col(MemberIdentityRow.member_id) == member_id)
    return WaysIn(
        [
            _passkey(row)
            for row in (await session.exec(passkeys.order_by(col(MemberPasskeyRow.created_at)))).all()
        ],
        [Identity(row.issuer, row.subject) for row in (await session.exec(identities)).all()],
    )


def _values(member: Member) -> dict[str, object]:
    return {
        "id": member.id,
        "name": member.name,
        "email": member.email,
        "roles": sorted(member.roles),
        "created_at": member.created_at,
        "joined_at": member.joined_at,
        "suspended_at": member.suspended_at,
        "organisation": member.organisation,
    }


def _member(row: MemberRow) -> Member:
    return Member(
        id=row.id,
        name=row.name,
        email=row.email,
        roles=frozenset(row.roles),
        created_at=row.created_at,
        joined_at=row.joined_at,
        suspended_at=row.suspended_at,
        organisation=row.organisation,
    )


def _session(row: MemberSessionRow) -> Session:
    return Session(row.member_id, cast("Way", row.way), row.began_at, row.used_at)


def _passkey(row: MemberPasskeyRow) -> Passkey:
    return Passkey(row.id, row.public_key, row.sign_count, row.created_at)
