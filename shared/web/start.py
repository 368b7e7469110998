"""Starting while a part is away: the process stays up and unready instead of ending and being started again and again.

Supervisors expect that: Kubernetes ends what fails /health and sends no requests to what fails /ready; systemd and the
launcher give up on, or wait ever longer for, what keeps ending.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from contextvars import ContextVar

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.ports.errors import Unavailable
from shared.web.problems import problem_response, unavailable

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 20.0
"""A start that neither succeeds nor fails for so long hangs: it goes on while the app serves."""
PAUSE_SECONDS = 2.0
OPEN = frozenset({"/health", "/ready"})


_NOTICED: ContextVar[asyncio.Event] = ContextVar("noticed")
"""Set once the start in this context was found to wait."""


class Starting(Unavailable):
    """The service waits for a part it cannot start without."""

    part = "the whole of this service"


async def insist(prepare: Callable[[], Awaitable[None]]) -> None:
    """Do it as soon as the parts it needs are there; whatever else goes wrong is raised."""
    while True:
        try:
            await prepare()
        except Unavailable as error:
            log.debug("the start waits: %s", error)
            _NOTICED.get().set()
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return


class Start:
    """A lifespan around another one that may take its time."""

    def __init__(self, lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> None:
        self._lifespan = lifespan
        self._started = asyncio.Event()
        self._waits = False

    @property
    def waits(self) -> bool:
        """Whether the app serves although the service has not started."""
        return self._waits and not self._started.is_set()

    async def check(self) -> None:
        """Raises Starting."""
        if self.waits:
            raise Starting("waits for what it cannot start without: see the other checks")

    @asynccontextmanager
    async def __call__(self, app: FastAPI) -> AsyncIterator[None]:
        """Serve inside the block. What prevents a start for good is raised; if it takes long to show, the process ends."""
        stop, noticed = asyncio.Event(), asyncio.Event()
        _NOTICED.set(noticed)
        life = asyncio.create_task(self._live(app, stop), name="lifespan")
        looks = [asyncio.create_task(each.wait()) for each in (self._started, noticed)]
        await asyncio.wait({life, *looks}, timeout=PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for look in looks:
            look.cancel()
        if life.done():
            await life  # raises
        if not self._started.is_set():
            self._waits = True
            log.warning("serving unready: the start goes on as soon as what it needs is there")
            life.add_done_callback(_end_process)
        try:
            yield
        finally:
            life.remove_done_callback(_end_process)
            if self.waits:
                life.cancel()
            stop.set()
            with suppress(asyncio.CancelledError):
                await life

    async def _live(self, app: FastAPI, stop: asyncio.Event) -> None:
        async with self._lifespan(app):
            self._started.set()
            await stop.wait()


def _end_process(life: asyncio.Task[None]) -> None:
    if not life.cancelled() and life.exception() is not None:
        log.critical("the service cannot start", exc_info=life.exception())
        signal.raise_signal(signal.SIGTERM)


class OnceStarted:
    """ASGI layer: 503 to all but /health and /ready until the service has started."""

    def __init__(self, app: ASGIApp, *, start: Start) -> None:
        """Wrap the app."""
        self._app = app
        self._start = start

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass requests on once it has."""
        if scope["type"] != "http" or not self._start.waits or scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        await problem_response(unavailable(Starting("not started yet")))(scope, receive, send)
