"""What noting who did what needs: never a value, a name or a secret, only identifiers."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

SERVICE = "service"
"""Who does what nobody asked for."""


@dataclass(frozen=True, slots=True)
class Act:
    """A verb and the ids it was about, e.g. `POST /v1/awards/{award_id}/revoke` and one award's id."""

    what: str
    objects: tuple[str, ...]


@dataclass(slots=True)
class Deed:
    """A request that is being carried out and may change something.

    `who` is `key:ID`, `member:ID` or `wallet:ID` once that is known; `act` is asked when the deed is noted.
    """

    act: Callable[[], Act]
    who: str | None = None
    organisation: str | None = None
    """Where a service has several: in whose log it is noted."""
    touched: list[str] = field(default_factory=list)
    """Ids that were changed and are to be noted with the transaction."""
    noted: set[str] = field(default_factory=set)
    """Ids that were noted as changed by this deed."""
    changed: bool = False
    over: bool = False


CURRENT_DEED: ContextVar[Deed | None] = ContextVar("current_deed", default=None)
"""The deed of the request this code runs for, if it is one."""


def done_by(who: str, organisation: str | None = None) -> None:
    """Say who does the present deed, and for which organisation."""
    deed = CURRENT_DEED.get()
    if deed is not None:
        deed.who, deed.organisation = who, organisation


def done_for(organisation: str) -> None:
    """Say whom the present deed concerns, where nobody of an organisation does it: a learner, or the service itself."""
    deed = CURRENT_DEED.get()
    if deed is not None and deed.who in {None, SERVICE}:
        deed.organisation = organisation


def done_to(name: str) -> None:
    """Say what the present deed changes, e.g. `award:ID`, where the log cannot see it by itself."""
    deed = CURRENT_DEED.get()
    if deed is not None:
        deed.touched.append(name)


@contextmanager
def no_deed() -> Iterator[None]:
    """Inside, changes are housekeeping that nobody asked for: they belong to no deed."""
    current = CURRENT_DEED.set(None)
    try:
        yield
    finally:
        CURRENT_DEED.reset(current)


@contextmanager
def housekeeping(what: str, *objects: str) -> Iterator[None]:
    """Inside, changes are the service's own deed, noted by that name in the transactions that make them."""
    current = CURRENT_DEED.set(Deed(lambda: Act(what, objects), who=SERVICE))
    try:
        yield
    finally:
        CURRENT_DEED.reset(current)


@contextmanager
def deed_of(who: str, organisation: str, what: str, *objects: str) -> Iterator[None]:
    """Inside, changes are the deed of somebody who asked for it before, carried out now."""
    current = CURRENT_DEED.set(Deed(lambda: Act(what, objects), who=who, organisation=organisation))
    try:
        yield
    finally:
        CURRENT_DEED.reset(current)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log; `outcome` is `changed`, `done`, `refused STATUS` or `failed STATUS`."""

    id: str
    at: datetime
    who: str | None
    what: str
    objects: tuple[str, ...]
    outcome: str


class AuditLog(Protocol):
    """Grows only; entries older than its retention are dropped. Changes are noted in the transaction that makes them."""

    async def note(self, deed: Deed, outcome: str) -> None:
        """Note what became of a deed that changed nothing in this database. Raises Unavailable."""

    async def entries(
        self, *, after: str | None, limit: int, organisation: str | None = None
    ) -> Sequence[AuditEntry]:
        """Entries of this organisation, or of none, in the order they were made, from behind the id `after`."""
