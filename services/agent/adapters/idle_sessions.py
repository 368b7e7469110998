"""Askar sessions that are used again.

ACA-Py opens a session for nearly every read and closes it at once: of some 700 calls to the store in one claim 430 only
opened and closed, and each call crosses two threads. A session that is no transaction keeps nothing between two reads: it
is only a way to the file, so the next reader takes it over.

A session goes back only after a use that ended well: whatever was cut short, or failed, is closed as before. None stays idle for
longer than a second, so a wallet at rest holds no handle, and a store that is closed closes them first.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from types import TracebackType
from weakref import WeakKeyDictionary

from acapy_agent.askar.profile_anon import AskarAnonCredsProfile, AskarAnonCredsProfileSession
from aries_askar import Session, Store

from services.agent.domain.command_line import IDLE_SESSIONS

REST_SECONDS = 1.0
"""How long a session waits for its next reader."""

type SetUp = Callable[[AskarAnonCredsProfileSession], Awaitable[None]]
type TearDown = Callable[[AskarAnonCredsProfileSession, bool | None], Awaitable[None]]
type Exit = Callable[..., Awaitable[None]]
type Close = Callable[[AskarAnonCredsProfile], Awaitable[None]]

_IDLE: WeakKeyDictionary[Store, "_Idle"] = WeakKeyDictionary()
_SPOILT = "_ujuzi_spoilt"


class _Ready:
    """Stands where a session would be opened."""

    is_transaction = False

    def __init__(self, session: Session) -> None:
        self._session = session

    def __await__(self) -> Generator[None, None, Session]:
        return self._session
        yield


class _Idle:
    """The idle sessions of one store."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        self.closed = False
        self.awaited = 0
        """How many wait for a session to be opened: what is given back goes to them, by way of the pool."""
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._used = False

    def take(self) -> Session | None:
        self._used = True
        return self.sessions.pop() if self.sessions else None

    def give(self, session: Session) -> bool:
        if self.closed or self.awaited or len(self.sessions) >= IDLE_SESSIONS:
            return False
        self.sessions.append(session)
        self._used = True
        self._look_later()
        return True

    def _look_later(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(REST_SECONDS, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._used:
            self._used = False
            self._look_later()
        elif self.sessions:
            task = asyncio.ensure_future(self.close_all())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close_all(self) -> None:
        while self.sessions:
            await self.sessions.pop().close()


def idle_in(store: Store) -> int:
    """How many sessions of this store wait for a reader."""
    found = _IDLE.get(store)
    return len(found.sessions) if found else 0


def taking_over(set_up: SetUp) -> SetUp:
    """What opens a session; it takes over one that waits."""

    async def take_over_or_open(session: AskarAnonCredsProfileSession) -> None:
        idle = _idle_for(session)
        if idle is None:
            await set_up(session)
        elif not session.is_transaction and (waiting := idle.take()) is not None:
            session._opener = _Ready(waiting)  # noqa: SLF001  what ACA-Py awaits to open it
            await set_up(session)
        else:
            idle.awaited += 1
            try:
                await set_up(session)
            finally:
                idle.awaited -= 1

    return take_over_or_open


def leaving_sessions_open(tear_down: TearDown) -> TearDown:
    """What closes a session; it leaves open what the next reader may take over."""

    async def leave_open_or_close(session: AskarAnonCredsProfileSession, commit: bool | None = None) -> None:
        handle: Session | None = session.handle
        usable = handle is not None and not handle.is_transaction and not commit
        idle = _idle_for(session) if usable and not getattr(session, _SPOILT, False) else None
        if idle is not None and idle.give(handle):
            session._handle = None  # noqa: SLF001  it is no longer this one's to close
        else:
            await tear_down(session, commit)

    return leave_open_or_close


def noting_failures(leave: Exit) -> Exit:
    """What ends the use of a session; one that ended badly is not used again."""

    async def note_and_leave(
        session: AskarAnonCredsProfileSession,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            setattr(session, _SPOILT, True)
        await leave(session, kind, error, trace)

    return note_and_leave


def closing_idle(close: Close) -> Close:
    """What closes a store; its idle sessions first."""

    async def close_all(profile: AskarAnonCredsProfile) -> None:
        if profile.opened and profile.opened.store and (idle := _IDLE.get(profile.opened.store)):
            idle.closed = True
            await idle.close_all()
        await close(profile)

    return close_all


def _idle_for(session: AskarAnonCredsProfileSession) -> _Idle | None:
    """None for a store that is closed, and for one of several profiles in a store."""
    profile = session.profile
    if profile.opened is None or profile.opened.store is None or profile.profile_id is not None:
        return None
    return _IDLE.setdefault(profile.opened.store, _Idle())
