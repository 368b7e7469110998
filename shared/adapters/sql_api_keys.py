"""API keys in SQL: only a hash is kept, so that a copy of the database signs nobody in."""

import hashlib
import logging
import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import JSON
from sqlmodel import Field, col, or_, select, update

from shared.adapters.clock import new_id, utc_now
from shared.adapters.sql import Database, SharedTable, UtcDateTime, insert_once
from shared.ports.api_keys import ApiKey, ApiKeyUnknown, KeptKey
from shared.ports.audit import no_deed
from shared.ports.clock import Clock
from shared.ports.errors import Unavailable

log = logging.getLogger(__name__)

KEY_BYTES = 32
PREFIX = "ujk_"


class ApiKeyRow(SharedTable, table=True):
    """One API key."""

    __tablename__ = "api_key"

    id: str = Field(primary_key=True)
    digest: str = Field(unique=True)
    name: str
    scopes: list[str] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_on: date | None = None
    created_by: str | None = None
    organisation: str | None = Field(default=None, index=True)


class SqlApiKeys:
    """Makes, finds and revokes API keys; `find` is the port FindApiKey, the rest KeepApiKeys.

    A key is 32 random bytes, so one SHA-256 hides it; slow hashes are for passwords that people choose.
    """

    def __init__(self, db: Database, *, clock: Clock = utc_now) -> None:
        """Keys live in this database."""
        self._db = db
        self._clock = clock

    async def create(self, name: str, scopes: Iterable[str]) -> str:
        """Make a key and return it: the only time it can be seen."""
        key = PREFIX + secrets.token_urlsafe(KEY_BYTES)
        await self.keep(key, name, scopes)
        return key

    async def make(
        self,
        *,
        name: str,
        scopes: frozenset[str],
        expires_at: datetime | None,
        made_by: str,
        organisation: str | None = None,
    ) -> tuple[KeptKey, str]:
        """Make a key for a program; it is returned only here."""
        key = PREFIX + secrets.token_urlsafe(KEY_BYTES)
        row = ApiKeyRow(
            id=new_id(),
            digest=_digest(key),
            name=name,
            scopes=sorted(scopes),
            created_at=self._clock(),
            expires_at=expires_at,
            created_by=made_by,
            organisation=organisation,
        )
        async with self._db.session() as session:
            session.add(row)
        return _kept(row), key

    async def keep(
        self, key: str, name: str, scopes: Iterable[str], *, organisation: str | None = None
    ) -> None:
        """Keep the hash of a key made elsewhere (the bootstrap key); a key already known is left as it is."""
        row = {
            "id": new_id(),
            "digest": _digest(key),
            "name": name,
            "scopes": sorted(scopes),
            "created_at": self._clock(),
            "revoked_at": None,
            "organisation": organisation,
        }
        async with self._db.session() as session:
            await insert_once(session, ApiKeyRow, row)

    async def find(self, presented: str) -> ApiKey | None:
        """The valid key this is; None if it is unknown, revoked or past its end. The day of its use is noted."""
        now = self._clock()
        async with self._db.reading() as session:
            rows = await session.exec(
                select(ApiKeyRow).where(
                    col(ApiKeyRow.digest) == _digest(presented),
                    col(ApiKeyRow.revoked_at).is_(None),
                    or_(col(ApiKeyRow.expires_at).is_(None), col(ApiKeyRow.expires_at) > now),
                )
            )
            row = rows.first()
        if row is None:
            return None
        if row.last_used_on != now.date():
            await self._used(row.id, now.date())
        return ApiKey(row.id, row.name, frozenset(row.scopes), row.expires_at, row.organisation)

    async def page(
        self, *, after: str | None, limit: int, organisation: str | None = None
    ) -> Sequence[KeptKey]:
        """Keys by id."""
        own = col(ApiKeyRow.organisation).is_not_distinct_from(organisation)
        query = select(ApiKeyRow).where(own).order_by(col(ApiKeyRow.id)).limit(limit)
        if after is not None:
            query = query.where(col(ApiKeyRow.id) > after)
        async with self._db.reading() as session:
            return [_kept(row) for row in await session.exec(query)]

    async def one(self, key_id: str, organisation: str | None = None) -> KeptKey:
        """One key."""
        async with self._db.reading() as session:
            row = await session.get(ApiKeyRow, key_id)
        if row is None or row.organisation != organisation:
            raise ApiKeyUnknown("No API key has this id: take one from GET /v1/api-keys.")
        return _kept(row)

    async def _used(self, key_id: str, day: date) -> None:
        """Once a day for each key; a request is not refused because this cannot be written now."""
        try:
            with no_deed():
                async with self._db.session() as session:
                    await session.exec(
                        update(ApiKeyRow).where(col(ApiKeyRow.id) == key_id).values(last_used_on=day)
                    )
        except Unavailable as error:
            log.debug("the use of key %s is noted later: %s", key_id, error)

    async def revoke(self, key_id: str, organisation: str | None = None) -> bool:
        """Make the key invalid; False if there is no such key."""
        async with self._db.session() as session:
            row = await session.get(ApiKeyRow, key_id)
            if row is None or row.organisation != organisation:
                return False
            row.revoked_at = row.revoked_at or self._clock()
            return True


def _kept(row: ApiKeyRow) -> KeptKey:
    return KeptKey(
        id=row.id,
        name=row.name,
        scopes=frozenset(row.scopes),
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        last_used_on=row.last_used_on,
        revoked_at=row.revoked_at,
    )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
