"""Transactional outbox: an event is written with its cause and published afterwards, at least once.

The row's id is the message id, so that JetStream stores a message published twice only once.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from nats.js import JetStreamContext
from sqlalchemy import event
from sqlmodel import Field, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.adapters.clock import new_id, utc_now
from shared.adapters.jetstream import BusUnavailable, SubjectFull, publish
from shared.adapters.outage import Outage
from shared.adapters.sql import Database, SharedTable, UtcDateTime, count_of
from shared.ports.metrics import EVENTS, OUTBOX_OLDEST, OUTBOX_WAITING, Reading
from shared.ports.tracing import carrier_of, here

BATCH = 100
LOOK_SECONDS = 5.0
"""How often to look for rows that another process left behind."""


class OutboxRow(SharedTable, table=True):
    """One message not yet published."""

    __tablename__ = "outbox"

    id: str = Field(primary_key=True)
    subject: str
    payload: bytes
    added_at: datetime = Field(sa_type=UtcDateTime)
    trace: str | None = None


class Outbox:
    """Where use cases leave events and work items."""

    def __init__(self, db: Database) -> None:
        """Rows live in this database."""
        self.db = db
        self.added = asyncio.Event()

    def add(self, session: AsyncSession, subject: str, payload: Mapping[str, Any]) -> str:
        """Publish this JSON once the transaction of `session` commits, and only then; returns the message id."""
        message_id = new_id()
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        session.add(OutboxRow(id=message_id, subject=subject, payload=body, added_at=utc_now(), trace=here()))

        def committed(_session: object) -> None:
            EVENTS.labels(subject).inc()
            self.added.set()

        event.listen(session.sync_session, "after_commit", committed, once=True)
        return message_id

    async def measure(self) -> Sequence[Reading]:
        """The port Measure: how many wait, and how long the oldest has. Raises DatabaseUnavailable."""
        async with self.db.reading() as session:
            waiting = await count_of(session, OutboxRow, col(OutboxRow.id).is_not(None))
            first = (await session.exec(select(OutboxRow).order_by(col(OutboxRow.id)).limit(1))).first()
        age = (utc_now() - first.added_at).total_seconds() if first else 0.0
        return [Reading(OUTBOX_WAITING, waiting), Reading(OUTBOX_OLDEST, max(0.0, age))]


class OutboxPublisher:
    """Publishes what lies in the outbox, oldest first, at once after a commit and on a timer."""

    def __init__(self, outbox: Outbox, js: JetStreamContext) -> None:
        """Messages go to the streams of `js`."""
        self._outbox = outbox
        self._js = js
        self._outage = Outage("what the outbox publishes to NATS")

    async def run(self) -> None:
        """Publish until cancelled; NATS being away, or full, only delays it."""
        while True:
            self._outbox.added.clear()
            try:
                while await self.publish_waiting() == BATCH:
                    pass
            except (BusUnavailable, SubjectFull) as error:
                self._outage.away(str(error))
                await asyncio.sleep(1.0)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._outbox.added.wait()

    async def publish_waiting(self) -> int:
        """Publish up to a batch and return how many; raises BusUnavailable."""
        async with self._outbox.db.reading() as session:
            rows = (await session.exec(select(OutboxRow).order_by(col(OutboxRow.id)).limit(BATCH))).all()
        published: list[str] = []
        try:
            for row in rows:
                await publish(
                    self._js, row.subject, row.payload, message_id=row.id, headers=carrier_of(row.trace)
                )
                published.append(row.id)
        finally:
            if published:
                async with self._outbox.db.session() as session:
                    await session.exec(delete(OutboxRow).where(col(OutboxRow.id).in_(published)))
                self._outage.back()
        return len(rows)
