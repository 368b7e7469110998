"""Pins of trust lists in SQL: what was seen survives a restart, and no replica can turn it back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Text, or_
from sqlmodel import Field, col, delete, select, update

from shared.adapters.clock import utc_now
from shared.adapters.sql import Database, SharedTable, UtcDateTime
from shared.ports.trust_pins import PinState, SeenList, TrustPin


class TrustPinRow(SharedTable, table=True):
    """One pinned list; `compact` is the signed list as it arrived, never decoded here."""

    __tablename__ = "trust_pins"

    url: str = Field(primary_key=True)
    name: str
    operator_key: str
    pinned_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    sequence: int | None = None
    digest: str | None = None
    compact: str | None = Field(default=None, sa_column=Column(Text))
    operator_did: str | None = None
    did_version: str | None = None
    followed_key: str | None = None


class SqlTrustPins:
    """`TrustPins` on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[PinState]:
        """Every pin, oldest first."""
        async with self._database.reading() as session:
            rows = await session.exec(
                select(TrustPinRow).order_by(col(TrustPinRow.pinned_at), col(TrustPinRow.url))
            )
            return [_state(row) for row in rows]

    async def find(self, url: str) -> PinState | None:
        """The pin of this address."""
        async with self._database.reading() as session:
            row = await session.get(TrustPinRow, url)
            return None if row is None else _state(row)

    async def pin(self, pin: TrustPin) -> None:
        """Keep a pin; pinning another name or key anew forgets what was seen under the old one."""
        async with self._database.session() as session:
            row = await session.get(TrustPinRow, pin.url)
            if row is not None and _state(row).pin == pin:
                return
            if row is not None and (row.name, row.followed_key) == (pin.name, pin.operator_key):
                row.operator_key, row.followed_key = pin.operator_key, None
                return
            if row is not None:
                await session.delete(row)
                await session.flush()
            session.add(
                TrustPinRow(url=pin.url, name=pin.name, operator_key=pin.operator_key, pinned_at=utc_now())
            )

    async def unpin(self, url: str) -> None:
        """Forget a pin and what was seen under it; an unknown one is no error."""
        async with self._database.session() as session:
            await session.exec(delete(TrustPinRow).where(col(TrustPinRow.url) == url))

    async def advance(self, url: str, seen: SeenList) -> None:
        """Remember a newer list; a lower number than the one kept changes nothing."""
        async with self._database.session() as session:
            await session.exec(
                update(TrustPinRow)
                .where(
                    col(TrustPinRow.url) == url,
                    or_(col(TrustPinRow.sequence).is_(None), col(TrustPinRow.sequence) < seen.sequence),
                )
                .values(
                    sequence=seen.sequence,
                    digest=seen.digest,
                    compact=seen.compact,
                    operator_did=seen.operator_did,
                    did_version=seen.did_version,
                    followed_key=seen.followed_key,
                )
            )


def _state(row: TrustPinRow) -> PinState:
    seen = None
    if row.sequence is not None and row.digest is not None and row.compact is not None:
        seen = SeenList(
            sequence=row.sequence,
            digest=row.digest,
            compact=row.compact,
            operator_did=row.operator_did,
            did_version=row.did_version,
            followed_key=row.followed_key,
        )
    return PinState(pin=TrustPin(url=row.url, name=row.name, operator_key=row.operator_key), seen=seen)
