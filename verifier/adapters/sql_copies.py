"""Copies of what listed issuers publish, in SQL: as it was served and found in order, for when their hosts are away.

Only issuers on a pinned list are kept: a stranger whose credential is shown cannot fill the disk.
"""

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import LargeBinary
from sqlmodel import Field, col, delete, select, update

from shared.adapters.clock import utc_now
from shared.adapters.retention import rows_of
from shared.adapters.sql import Database, UtcDateTime, insert_once
from shared.adapters.webvh_resolver import Copy
from shared.ports.audit import no_deed
from shared.ports.clock import Clock
from shared.ports.errors import Unavailable
from shared.vc.attested_resource import REV_REG_DEF, STATUS_LIST
from verifier.adapters.sql_requests import VerifierTable
from verifier.domain.retention import COPIES_KEPT, MOST_COPIED, STATUS_LISTS_KEPT

log = logging.getLogger(__name__)

LARGEST: Final = 1024 * 1024
"""Bytes of one copy; what is larger is judged by only while its host answers."""
WRITTEN_AGAIN: Final = timedelta(seconds=60)
"""So much older than it is a copy may say it is: what was served unchanged is not written each time."""
USED_AGAIN: Final = timedelta(days=1)
MOST_REMEMBERED: Final = 20_000
AT_ONCE: Final = 10_000
"""Rows that one statement names."""


class CopyRow(VerifierTable, table=True):
    """One DID log or object; it holds nothing of any learner."""

    __tablename__ = "published_copy"

    key: str = Field(primary_key=True)
    kind: str
    body: bytes = Field(sa_type=LargeBinary)
    size: int
    fetched_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime = Field(sa_type=UtcDateTime, index=True)


class SqlCopies:
    """Implements KeepCopies, and says which status lists are to be kept up with."""

    def __init__(
        self, db: Database, listed: Callable[[], Collection[str]], *, clock: Clock = utc_now
    ) -> None:
        """`listed` gives the DIDs of the issuers on the pinned lists."""
        self._db = db
        self._listed = listed
        self._clock = clock
        self._written: dict[str, tuple[bytes, datetime]] = {}
        self._used: dict[str, datetime] = {}

    async def keep(self, key: str, kind: str, copy: Copy) -> None:
        """Keep it, unless its issuer is on no list, it is too large, or the database is away."""
        if key.partition("/")[0] not in self._listed() or len(copy.body) > LARGEST:
            return
        digest = hashlib.sha256(copy.body).digest()
        written, at = self._written.get(key, (b"", copy.fetched_at))
        same = written == digest
        if same and copy.fetched_at - at < WRITTEN_AGAIN:
            return
        values = {"kind": kind, "size": len(copy.body), "body": copy.body, "fetched_at": copy.fetched_at}
        try:
            await self._write(key, values, fetched_at=copy.fetched_at, same=same)
        except Unavailable as error:
            log.debug("a copy of %s is kept next time: %s", key, error)
            return
        if len(self._written) >= MOST_REMEMBERED:
            self._written.clear()
        self._written[key] = digest, copy.fetched_at

    async def _write(
        self, key: str, values: Mapping[str, object], *, fetched_at: datetime, same: bool
    ) -> None:
        with no_deed():
            async with self._db.session() as session:
                changed = await session.exec(
                    update(CopyRow)
                    .where(col(CopyRow.key) == key, col(CopyRow.fetched_at) <= fetched_at)
                    .values({"fetched_at": fetched_at} if same else dict(values))
                )
                if not rows_of(changed):
                    await insert_once(session, CopyRow, {"key": key, "used_at": self._clock(), **values})

    async def find(self, key: str) -> Copy | None:
        """The newest that was kept, by whichever process."""
        async with self._db.reading() as session:
            row = await session.get(CopyRow, key)
            return None if row is None else Copy(row.body, row.fetched_at)

    async def used(self, key: str) -> None:
        """Note that something was judged by it."""
        now, noted = self._clock(), self._used.get(key)
        if noted is not None and now - noted < USED_AGAIN:
            return
        # Object and log are locked in one order: several answers note the same two at once, and would wait for each other.
        both = (
            select(CopyRow.key)
            .where(col(CopyRow.key).in_((key, key.partition("/")[0])))
            .order_by(col(CopyRow.key))
            .with_for_update()
        )
        try:
            with no_deed():
                async with self._db.session() as session:
                    found = (await session.exec(both)).all()
                    await session.exec(update(CopyRow).where(col(CopyRow.key).in_(found)).values(used_at=now))
        except Unavailable as error:
            log.debug("that %s was used is noted next time: %s", key, error)
            return
        if len(self._used) >= MOST_REMEMBERED:
            self._used.clear()
        self._used[key] = now

    async def registries(self, *, used_since: datetime, limit: int) -> Sequence[str]:
        """Ids of the revocation registries that answers were judged by since then, those used last first."""
        async with self._db.reading() as session:
            rows = await session.exec(
                select(CopyRow.key)
                .where(col(CopyRow.kind) == REV_REG_DEF, col(CopyRow.used_at) >= used_since)
                .order_by(col(CopyRow.used_at).desc())
                .limit(limit)
            )
            return rows.all()

    async def drop(self, now: datetime) -> int:
        """Delete what was not used for long, and the least used of what is too much; returns how many."""
        self._written.clear()  # what goes here is written anew when it is served again
        async with self._db.session() as session:
            past = await session.exec(
                delete(CopyRow).where(
                    (col(CopyRow.used_at) < now - COPIES_KEPT)
                    | (
                        (col(CopyRow.kind) == STATUS_LIST)
                        & (col(CopyRow.used_at) < now - STATUS_LISTS_KEPT)
                        & (col(CopyRow.fetched_at) < now - STATUS_LISTS_KEPT)
                    )
                )
            )
            sizes = await session.exec(
                select(CopyRow.key, CopyRow.size).order_by(col(CopyRow.used_at).desc(), col(CopyRow.key))
            )
            total, surplus = 0, []
            for key, size in sizes.all():
                total += size
                if total > MOST_COPIED:
                    surplus.append(key)
            surplus = surplus[:AT_ONCE]
            await session.exec(delete(CopyRow).where(col(CopyRow.key).in_(surplus)))
            return rows_of(past) + len(surplus)
