"""What is kept for its time and no longer: a service's rules, carried out on a timer, and a line of what went in its audit log.

docs/operations.md ("What grows, and what bounds it") has a row for each table, stream and file.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import CursorResult
from sqlmodel import SQLModel, col, delete

from shared.adapters import sql_audit, sql_idempotency
from shared.adapters.clock import new_id, utc_now
from shared.adapters.sql import Database
from shared.adapters.sql_audit import AuditRow
from shared.adapters.sql_idempotency import IdempotentAnswerRow
from shared.adapters.sql_members import MemberSessionRow, SignInAttemptRow
from shared.adapters.sql_webhooks import WebhookDeliveryRow
from shared.contracts.errors import UjuziError
from shared.ports.clock import Clock
from shared.ports.members import SESSION_LASTS
from shared.ports.webhooks import DELIVERIES_KEPT

log = logging.getLogger(__name__)

type Rule = Callable[[datetime], Awaitable[int]]
"""Removes what is past its time by then; returns how many. May be repeated, and run by two processes at once."""

EVERY_SECONDS: Final = 6 * 3600.0
WHO, WHAT = "service", "RETENTION"
"""How a run stands in the audit log; its outcome says what went, by rule."""
MOST_PAGES: Final = 4096
"""Of 4 KiB, given back to the disk in one run: other writers of the file wait meanwhile."""

_EVERY_SERVICES: Final[Mapping[str, tuple[type[SQLModel], str, timedelta]]] = {
    "audit": (AuditRow, "at", sql_audit.KEPT),
    "idempotent_answer": (IdempotentAnswerRow, "begun_at", sql_idempotency.KEPT),
    "member_session": (MemberSessionRow, "began_at", SESSION_LASTS),
    "sign_in_attempt": (SignInAttemptRow, "expires_at", timedelta(0)),
    "webhook_delivery": (WebhookDeliveryRow, "created_at", DELIVERIES_KEPT),
}
"""Rows of these tables, since that moment of theirs, are kept so long."""


class Retention:
    """One run of every rule. A rule that fails is tried at the next run and holds up no other."""

    def __init__(self, db: Database, rules: Mapping[str, Rule], *, clock: Clock = utc_now) -> None:
        """`rules` are the service's own, by the name the audit log is to call what they remove."""
        self._db = db
        self._clock = clock
        every_services = {name: partial(self._past, *what) for name, what in _EVERY_SERVICES.items()}
        self._rules: dict[str, Rule] = {**every_services, **rules}

    async def __call__(self) -> Mapping[str, int]:
        """Return what went, by rule; None went of what is not in it. Raises DatabaseUnavailable."""
        now = self._clock()
        gone: dict[str, int] = {}
        failed: list[str] = []
        for name, rule in self._rules.items():
            try:
                if count := await rule(now):
                    gone[name] = count
            except UjuziError as error:
                log.warning("retention of %s waits for the next run: %s", name, type(error).__name__)
                failed.append(name)
        await self._note(now, gone, failed)
        pages = await self._give_back()
        await self._db.empty_journal()
        log.info("retention: %s; %d pages given back", gone, pages)
        return gone

    async def _note(self, now: datetime, gone: Mapping[str, int], failed: list[str]) -> None:
        outcome = "removed " + (", ".join(f"{count} {name}" for name, count in gone.items()) or "nothing")
        if failed:
            outcome += f"; failed {', '.join(failed)}"
        async with self._db.session() as session:
            session.add(AuditRow(id=new_id(), at=now, who=WHO, what=WHAT, objects=[], outcome=outcome))

    async def _past(self, table: type[SQLModel], since: str, kept: timedelta, now: datetime) -> int:
        async with self._db.session() as session:
            return rows_of(await session.exec(delete(table).where(col(getattr(table, since)) < now - kept)))

    async def _give_back(self) -> int:
        """Give free pages of a SQLite file back to the disk; PostgreSQL's autovacuum sees to its own."""
        async with self._db.session() as session:
            connection = await session.connection()
            if connection.dialect.name != "sqlite":
                return 0
            free = (await connection.exec_driver_sql("pragma freelist_count")).scalar_one()
            driver = (await connection.get_raw_connection()).driver_connection
            if driver is None:
                return 0
            await driver.execute_fetchall(
                f"pragma incremental_vacuum({MOST_PAGES})"
            )  # a page for each row fetched
            return int(free - (await connection.exec_driver_sql("pragma freelist_count")).scalar_one())


def rows_of(result: object) -> int:
    """How many rows an UPDATE or DELETE concerned."""
    assert isinstance(result, CursorResult)  # noqa: S101 - what they give
    return int(result.rowcount)
