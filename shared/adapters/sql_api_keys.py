"""API keys in SQL: only a hash is kept, so that a copy of the database signs nobody in."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field, col, select

from shared.adapters.clock import new_id, utc_now
from shared.adapters.sql import Database, SharedTable, UtcDateTime, insert_once
from shared.ports.api_keys import ApiKey

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


class SqlApiKeys:
    """Makes, finds and revokes API keys; `find` is the port FindApiKey.

    A key is 32 random bytes, so one SHA-256 hides it; slow hashes are for passwords that people choose.
    """

    def __init__(self, db: Database) -> None:
        """Keys live in this database."""
        self._db = db

    async def create(self, name: str, scopes: Iterable[str]) -> str:
        """Make a key and return it: the only time it can be seen."""
        key = PREFIX + secrets.token_urlsafe(KEY_BYTES)
        await self.keep(key, name, scopes)
        return key

    async def keep(self, key: str, name: str, scopes: Iterable[str]) -> None:
        """Keep the hash of a key made elsewhere (the bootstrap key); a key already known is left as it is."""
        row = {
            "id": new_id(),
            "digest": _digest(key),
            "name": name,
            "scopes": sorted(scopes),
            "created_at": utc_now(),
            "revoked_at": None,
        }
        async with self._db.session() as session:
            await insert_once(session, ApiKeyRow, row)

    async def find(self, presented: str) -> ApiKey | None:
        """The valid key this is; None if it is unknown or revoked."""
        async with self._db.reading() as session:
            rows = await session.exec(
                select(ApiKeyRow).where(
                    col(ApiKeyRow.digest) == _digest(presented), col(ApiKeyRow.revoked_at).is_(None)
                )
            )
            row = rows.first()
        return None if row is None else ApiKey(row.id, row.name, frozenset(row.scopes))

    async def revoke(self, key_id: str) -> bool:
        """Make the key invalid; False if there is no such key."""
        async with self._db.session() as session:
            row = await session.get(ApiKeyRow, key_id)
            if row is None:
                return False
            row.revoked_at = row.revoked_at or utc_now()
            return True


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
