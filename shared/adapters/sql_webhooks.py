"""Webhooks in SQL: a message is written with its cause, in one transaction, and sent afterwards, at least once.

Steps of a delivery: 1. `announce` writes a row for each webhook, in the transaction of the change; 2. the sender claims a
row that is due, so that no other process sends it meanwhile; 3. it posts the signed body; 4. it notes what came of it.
A process that dies between 3 and 4 sends the same message again: receivers recognise it by `webhook-id`.
"""

import asyncio
import logging
import random
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self, cast

from nacl.secret import SecretBox
from sqlalchemy import JSON, ColumnElement, Update, event, insert
from sqlmodel import Field, col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.adapters.clock import new_id, utc_now
from shared.adapters.guarded_http import FetchError, FetchRefused, GuardedClient
from shared.adapters.sql import Database, SharedTable, UtcDateTime, count_of
from shared.contracts.webhooks import (
    SECRET_BYTES,
    TEST_EVENT,
    body_of,
    pause_after,
    secret_text,
    signed_headers,
)
from shared.ports.clock import Clock
from shared.ports.errors import Unavailable
from shared.ports.metrics import (
    WEBHOOKS,
    WEBHOOKS_FAILING,
    WEBHOOKS_OVERDUE,
    WEBHOOKS_WAITING,
    Reading,
)
from shared.ports.webhooks import (
    GIVEN_UP_AFTER,
    MOST_WEBHOOKS,
    Attempt,
    Because,
    Delivery,
    DeliveryState,
    DeliveryUnknown,
    Webhook,
    WebhookRefused,
    WebhookUnknown,
)

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 5.0
"""How often to look for what has become due."""
LEASE: Final = timedelta(seconds=30)
"""So long a claimed delivery is its process's own; longer than a call can take."""
AT_ONCE: Final = 32
AT_ONCE_FOR_ONE: Final = 4
"""For one webhook, so that a slow one keeps no other waiting."""
MOST_ATTEMPTS_KEPT: Final = 30
LONGEST_PROBLEM: Final = 300
OK: Final = range(200, 300)
GONE: Final = 410
ASK_LATER: Final = frozenset({429, 503})
LONGEST_WAIT: Final = timedelta(hours=24)
FAILING: Final = timedelta(hours=1)
"""A webhook that has failed for so long is told of: shorter troubles pass by themselves."""
_CHANCE: Final = random.SystemRandom()


class WebhookRow(SharedTable, table=True):
    """One webhook."""

    __tablename__ = "webhook"

    id: str = Field(primary_key=True)
    url: str
    description: str
    events: list[str] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    sealed_secret: bytes
    sealed_old_secret: bytes | None = None
    old_secret_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_because: str | None = None
    failing_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    organisation: str | None = Field(default=None, index=True)


class WebhookDeliveryRow(SharedTable, table=True):
    """One message for one webhook; `tries` counts from the last replay, `attempts` from the beginning."""

    __tablename__ = "webhook_delivery"

    id: str = Field(primary_key=True)
    webhook_id: str = Field(foreign_key="webhook.id", index=True)
    message_id: str
    type: str
    body: bytes
    state: str
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    tries: int = 0
    attempts: list[dict[str, Any]] = Field(sa_type=JSON)


@dataclass(frozen=True, slots=True)
class ToSend:
    """A delivery whose time has come, claimed by this process."""

    id: str
    webhook_id: str
    url: str
    keys: tuple[bytes, ...]
    message_id: str
    body: bytes


class SqlWebhooks:
    """The port KeepWebhooks in SQL, and where use cases' adapters leave what is to be told."""

    def __init__(self, db: Database, secret_key: bytes, *, clock: Clock = utc_now) -> None:
        """Secrets are sealed with these 32 bytes."""
        self.added = asyncio.Event()
        self._db = db
        self._box = SecretBox(secret_key)
        self._clock = clock
        self._organisation: str | None = None

    def of(self, organisation: str) -> Self:
        """The same, bounded by an organisation: what another has is not there, and what happens elsewhere is not told."""
        bounded = copy(self)
        bounded._organisation = organisation  # noqa: SLF001 - its own class
        return bounded

    async def measure(self) -> Sequence[Reading]:
        """The port Measure, of all organisations. Raises DatabaseUnavailable."""
        due = col(WebhookDeliveryRow.next_at)
        async with self._db.reading() as session:
            waiting = await count_of(session, WebhookDeliveryRow, due.is_not(None))
            first = (
                await session.exec(
                    select(WebhookDeliveryRow.next_at).where(due.is_not(None)).order_by(due).limit(1)
                )
            ).first()
            failing = select(func.count()).where(
                col(WebhookRow.failing_since) < self._clock() - FAILING, col(WebhookRow.disabled_at).is_(None)
            )
            unheard = (await session.exec(failing)).one()
        late = (self._clock() - first).total_seconds() if first else 0.0
        return [
            Reading(WEBHOOKS_WAITING, waiting),
            Reading(WEBHOOKS_OVERDUE, max(0.0, late)),
            Reading(WEBHOOKS_FAILING, unheard),
        ]

    async def announce(self, session: AsyncSession, event_type: str, data: Mapping[str, object]) -> None:
        """Tell every webhook that wants this type once the transaction of `session` commits, and only then.

        `data` holds ids, states and links only: what stands in it goes to another's server.
        """
        hooks = (await session.exec(select(WebhookRow).where(self._own))).all()
        wanted = [hook for hook in hooks if not hook.events or event_type in hook.events]
        if wanted:
            await self._add(session, wanted, event_type, data, now=self._clock())

    async def create(
        self, url: str, *, events: Sequence[str], description: str, now: datetime
    ) -> tuple[Webhook, str]:
        """Keep a webhook; its secret is returned only here."""
        key = secrets.token_bytes(SECRET_BYTES)
        row = WebhookRow(
            id=new_id(),
            url=url,
            description=description,
            events=sorted(set(events)),
            created_at=now,
            sealed_secret=bytes(self._box.encrypt(key)),
            organisation=self._organisation,
        )
        async with self._db.session() as session:
            count = select(func.count()).select_from(WebhookRow).where(self._own)
            if (await session.exec(count)).one() >= MOST_WEBHOOKS:
                raise WebhookRefused(
                    f"Expected at most {MOST_WEBHOOKS} webhooks: delete one that is not used any more."
                )
            session.add(row)
        return _webhook(row), secret_text(key)

    async def all(self) -> Sequence[Webhook]:
        """Every webhook, oldest first."""
        async with self._db.reading() as session:
            query = select(WebhookRow).where(self._own).order_by(col(WebhookRow.id))
            return [_webhook(row) for row in await session.exec(query)]

    async def find(self, webhook_id: str) -> Webhook:
        """One webhook."""
        async with self._db.reading() as session:
            return _webhook(await self._row(session, webhook_id))

    async def disable(self, webhook_id: str, *, now: datetime) -> Webhook:
        """Tell it nothing more."""
        async with self._db.session() as session:
            row = await self._row(session, webhook_id)
            await _disable(session, row, "asked", now)
            return _webhook(row)

    async def enable(self, webhook_id: str) -> Webhook:
        """Tell it again."""
        async with self._db.session() as session:
            row = await self._row(session, webhook_id)
            row.disabled_at = row.disabled_because = row.failing_since = None
            return _webhook(row)

    async def delete(self, webhook_id: str) -> None:
        """Forget it with its deliveries."""
        async with self._db.session() as session:
            row = await self._row(session, webhook_id)
            await session.exec(
                delete(WebhookDeliveryRow).where(col(WebhookDeliveryRow.webhook_id) == webhook_id)
            )
            await session.delete(row)

    async def rotate(self, webhook_id: str, *, keep_old: timedelta, now: datetime) -> tuple[Webhook, str]:
        """Make a new secret."""
        key = secrets.token_bytes(SECRET_BYTES)
        async with self._db.session() as session:
            row = await self._row(session, webhook_id)
            row.sealed_old_secret = row.sealed_secret if keep_old else None
            row.old_secret_until = now + keep_old if keep_old else None
            row.sealed_secret = bytes(self._box.encrypt(key))
            return _webhook(row), secret_text(key)

    async def test(self, webhook_id: str, *, now: datetime) -> Delivery:
        """Send an event of type `webhook.test`."""
        async with self._db.session() as session:
            row = await self._enabled(session, webhook_id)
            (made,) = await self._add(session, [row], TEST_EVENT, {"webhook_id": webhook_id}, now=now)
            return _delivery(await _delivery_row(session, webhook_id, made))

    async def deliveries(self, webhook_id: str, *, after: str | None, limit: int) -> Sequence[Delivery]:
        """Deliveries, newest first."""
        query = (
            select(WebhookDeliveryRow)
            .where(col(WebhookDeliveryRow.webhook_id) == webhook_id)
            .order_by(col(WebhookDeliveryRow.id).desc())
            .limit(limit)
        )
        if after is not None:
            query = query.where(col(WebhookDeliveryRow.id) < after)
        async with self._db.reading() as session:
            await self._row(session, webhook_id)
            return [_delivery(row) for row in await session.exec(query)]

    async def replay(self, webhook_id: str, delivery_id: str, *, now: datetime) -> Delivery:
        """Send one again."""
        async with self._db.session() as session:
            await self._enabled(session, webhook_id)
            row = await _delivery_row(session, webhook_id, delivery_id)
            row.state, row.next_at, row.tries = "waiting", now, 0
            self._wake_after(session)
            return _delivery(row)

    async def replay_since(
        self, webhook_id: str, since: datetime, *, delivered_too: bool, now: datetime
    ) -> int:
        """Send all again that were made since then."""
        again = (
            update(WebhookDeliveryRow)
            .where(
                col(WebhookDeliveryRow.webhook_id) == webhook_id,
                col(WebhookDeliveryRow.created_at) >= since,
                col(WebhookDeliveryRow.state) != "waiting",
            )
            .values(state="waiting", next_at=now, tries=0)
        )
        if not delivered_too:
            again = again.where(col(WebhookDeliveryRow.state) != "delivered")
        async with self._db.session() as session:
            await self._enabled(session, webhook_id)
            count = await _concerned(session, again)
            self._wake_after(session)
            return count

    async def claim(self, now: datetime, *, but_not_for: Collection[str], limit: int) -> Sequence[ToSend]:
        """Deliveries that are due, for nobody else to send for the time of a lease."""
        due = (
            select(WebhookDeliveryRow, WebhookRow)
            .join(WebhookRow, col(WebhookRow.id) == col(WebhookDeliveryRow.webhook_id))
            .where(
                col(WebhookDeliveryRow.state) == "waiting",
                col(WebhookDeliveryRow.next_at) <= now,
                col(WebhookDeliveryRow.webhook_id).not_in(but_not_for),
            )
            .order_by(col(WebhookDeliveryRow.next_at))
            .limit(limit)
        )
        async with self._db.reading() as session:
            found = (await session.exec(due)).all()
        if not found:
            return []
        claimed = []
        async with self._db.session() as session:
            for row, hook in found:
                mine = (
                    update(WebhookDeliveryRow)
                    .where(
                        col(WebhookDeliveryRow.id) == row.id,
                        col(WebhookDeliveryRow.next_at) == row.next_at,
                        col(WebhookDeliveryRow.state) == "waiting",
                    )
                    .values(next_at=now + LEASE)
                )
                if await _concerned(session, mine):
                    keys = self._keys(hook, now)
                    claimed.append(ToSend(row.id, row.webhook_id, hook.url, keys, row.message_id, row.body))
        return claimed

    async def note(
        self, sent: ToSend, attempt: Attempt, *, wait: timedelta | None, chance: float
    ) -> DeliveryState | None:
        """Keep what came of a try and settle what follows; None if the delivery is gone. `wait` is what was asked for."""
        now = attempt.at
        async with self._db.session() as session:
            row = await session.get(WebhookDeliveryRow, sent.id, with_for_update=True)
            hook = await session.get(WebhookRow, sent.webhook_id, with_for_update=True)
            if row is None or hook is None:
                return None
            kept = {"at": now.isoformat(), "status": attempt.status, "problem": attempt.problem}
            row.attempts = [*row.attempts, kept][-MOST_ATTEMPTS_KEPT:]
            row.tries += 1
            if attempt.status in OK:
                row.state, row.next_at, hook.failing_since = "delivered", None, None
                return "delivered"
            hook.failing_since = hook.failing_since or now
            pause = pause_after(row.tries, chance=chance)
            if pause is None:
                row.state, row.next_at = "failed", None
            elif row.state == "waiting":
                row.next_at = now + max(pause, min(wait or pause, LONGEST_WAIT))
            if attempt.status == GONE:
                await _disable(session, hook, "gone", now)
            elif now - hook.failing_since >= GIVEN_UP_AFTER:
                await _disable(session, hook, "failing", now)
            await session.flush()
            await session.refresh(row)
            return cast("DeliveryState", row.state)

    async def _add(
        self,
        session: AsyncSession,
        hooks: Sequence[WebhookRow],
        event_type: str,
        data: Mapping[str, object],
        *,
        now: datetime,
    ) -> Sequence[str]:
        message_id, body = new_id(), body_of(event_type, now, data)
        rows: list[dict[str, Any]] = [
            {
                "id": new_id(),
                "webhook_id": hook.id,
                "message_id": message_id,
                "type": event_type,
                "body": body,
                "state": "waiting" if hook.disabled_at is None else "held",
                "created_at": now,
                "next_at": now if hook.disabled_at is None else None,
                "tries": 0,
                "attempts": [],
            }
            for hook in hooks
        ]
        # not by way of the session's objects: the audit log notes what somebody did, not what follows from it
        await (await session.connection()).execute(insert(WebhookDeliveryRow).values(rows))
        self._wake_after(session)
        return [str(row["id"]) for row in rows]

    @property
    def _own(self) -> ColumnElement[bool]:
        return col(WebhookRow.organisation).is_not_distinct_from(self._organisation)

    async def _row(self, session: AsyncSession, webhook_id: str) -> WebhookRow:
        row = await session.get(WebhookRow, webhook_id)
        if row is None or row.organisation != self._organisation:
            raise WebhookUnknown("No webhook has this id: take one from GET /v1/webhooks.")
        return row

    async def _enabled(self, session: AsyncSession, webhook_id: str) -> WebhookRow:
        row = await self._row(session, webhook_id)
        if row.disabled_at is not None:
            raise WebhookRefused("This webhook is disabled: enable it first, then send again.")
        return row

    def _keys(self, hook: WebhookRow, now: datetime) -> tuple[bytes, ...]:
        sealed = [hook.sealed_secret]
        if hook.sealed_old_secret and hook.old_secret_until and now < hook.old_secret_until:
            sealed.append(hook.sealed_old_secret)
        return tuple(self._box.decrypt(each) for each in sealed)

    def _wake_after(self, session: AsyncSession) -> None:
        event.listen(session.sync_session, "after_commit", lambda _: self.added.set(), once=True)


class WebhookSender:
    """Sends what is due, several at once; a webhook's messages may arrive in another order than they were made."""

    def __init__(
        self,
        webhooks: SqlWebhooks,
        web: GuardedClient,
        *,
        clock: Clock = utc_now,
        chance: Callable[[], float] = _CHANCE.random,
    ) -> None:
        """`chance` gives numbers from 0 to 1, so that not all retries come at the same moment."""
        self._webhooks = webhooks
        self._web = web
        self._clock = clock
        self._chance = chance
        self._busy: dict[str, int] = {}

    async def run(self) -> None:
        """Send until cancelled. Raises Unavailable while the database is away."""
        async with asyncio.TaskGroup() as sending:
            while True:
                self._webhooks.added.clear()
                while due := await self._due():
                    for each in due:
                        self._busy[each.webhook_id] = self._busy.get(each.webhook_id, 0) + 1
                        sending.create_task(self._send(each))
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._webhooks.added.wait()

    async def _due(self) -> Sequence[ToSend]:
        room = AT_ONCE - sum(self._busy.values())
        full = [webhook_id for webhook_id, count in self._busy.items() if count >= AT_ONCE_FOR_ONE]
        if room <= 0:
            return []
        return await self._webhooks.claim(self._clock(), but_not_for=full, limit=min(room, AT_ONCE_FOR_ONE))

    async def _send(self, sent: ToSend) -> None:
        try:
            attempt, wait = await self._try(sent)
            try:
                state = await self._webhooks.note(sent, attempt, wait=wait, chance=self._chance())
            except Unavailable as error:
                log.debug("delivery %s is sent again: %s", sent.id, error)
            else:
                log.info("delivery %s of webhook %s: %s", sent.id, sent.webhook_id, state)
                if state is not None:
                    WEBHOOKS.labels(state).inc()
        finally:
            self._busy[sent.webhook_id] -= 1
            if not self._busy[sent.webhook_id]:
                del self._busy[sent.webhook_id]
            self._webhooks.added.set()  # there is room for another

    async def _try(self, sent: ToSend) -> tuple[Attempt, timedelta | None]:
        now = self._clock()
        headers = {
            "content-type": "application/json",
            **signed_headers(sent.keys, sent.message_id, sent.body, now=now),
        }
        try:
            answer = await self._web.post(sent.url, sent.body, headers)
        except FetchRefused as error:
            return Attempt(now, None, f"Not sent. {error}"[:LONGEST_PROBLEM]), None
        except FetchError as error:
            return Attempt(now, None, f"{error}"[:LONGEST_PROBLEM]), None
        asked = answer.headers.get("retry-after", "") if answer.status in ASK_LATER else ""
        wait = timedelta(seconds=int(asked)) if asked.isdecimal() and len(asked) < len("1000000") else None
        return Attempt(now, answer.status, None), wait


async def _delivery_row(session: AsyncSession, webhook_id: str, delivery_id: str) -> WebhookDeliveryRow:
    row = await session.get(WebhookDeliveryRow, delivery_id)
    if row is None or row.webhook_id != webhook_id:
        raise DeliveryUnknown(
            "This webhook has no delivery with this id: take one from GET /v1/webhooks/{id}/deliveries."
        )
    return row


async def _disable(session: AsyncSession, row: WebhookRow, because: Because, now: datetime) -> None:
    if row.disabled_at is None:
        row.disabled_at, row.disabled_because = now, because
    await session.exec(
        update(WebhookDeliveryRow)
        .where(col(WebhookDeliveryRow.webhook_id) == row.id, col(WebhookDeliveryRow.state) == "waiting")
        .values(state="held", next_at=None)
    )


async def _concerned(session: AsyncSession, statement: Update) -> int:
    return int((await (await session.connection()).execute(statement)).rowcount)


def _webhook(row: WebhookRow) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        description=row.description,
        events=tuple(row.events),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        disabled_because=cast("Because | None", row.disabled_because),
        failing_since=row.failing_since,
        old_secret_until=row.old_secret_until,
    )


def _delivery(row: WebhookDeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        webhook_id=row.webhook_id,
        message_id=row.message_id,
        type=row.type,
        state=cast("DeliveryState", row.state),
        created_at=row.created_at,
        next_at=row.next_at,
        attempts=tuple(
            Attempt(datetime.fromisoformat(each["at"]), each["status"], each["problem"])
            for each in row.attempts
        ),
    )
