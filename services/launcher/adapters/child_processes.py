"""Child processes of one launcher: started together, restarted when they crash, stopped without leaving any.

How a child ends with its launcher:
- Stopped by us: TERM to its process group, the last stage first; KILL when a deadline passes.
- Ctrl-C: each child has a session of its own, so the terminal tells only the launcher.
- Launcher killed: on Linux the kernel kills each child (PR_SET_PDEATHSIG). Other systems have no such thing: there,
  children of a launcher that was killed with -9 go on, and the next `ujuzi up` names the port they still hold.
"""

import asyncio
import ctypes
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from services.launcher.adapters import log_files
from services.launcher.domain.exchange import LOOPBACK, Program
from services.launcher.errors import CannotStart, NotReady

_log = logging.getLogger(__name__)

READY_WITHIN = 60.0
"""Seconds."""
_POLL_SECONDS = 0.2
_PROBE_SECONDS = 5.0
_FIRST_BACK_OFF = 0.5
_LONGEST_BACK_OFF = 30.0
_STEADY_SECONDS = 60.0
_LOGS_SECONDS = 5.0
_PR_SET_PDEATHSIG = 1
_OWN_SETTINGS = ("ISSUER_", "WALLET_", "VERIFIER_", "REGISTRY_", "AGENT_", "ACAPY_", "UJUZI_")


@dataclass(slots=True)
class _Child:
    program: Program
    process: asyncio.subprocess.Process
    keeper: asyncio.Task[None] | None = None


class ChildProcesses:
    """Runs programs, each with a log file of its own in `logs`."""

    def __init__(
        self,
        logs: Path,
        *,
        ready_within: float = READY_WITHIN,
        stop_within: float = 10.0,
        largest_log: int = log_files.LARGEST,
    ) -> None:
        self._logs = logs
        self._ready_within = ready_within
        self._stop_within = stop_within
        self._children: dict[str, _Child] = {}
        self._stopping = asyncio.Event()
        self._largest_log = largest_log
        self._turning: asyncio.Task[None] | None = None

    def check_ports(self, ports: Mapping[str, int]) -> None:
        """Raise CannotStart naming the first port that is taken."""
        for name, port in ports.items():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((LOOPBACK, port))
                except (OSError, OverflowError) as error:
                    raise CannotStart(
                        f"Port {port} (for {name}) is not free; stop what uses it, or choose other ports with --base-port."
                    ) from error

    async def start(self, programs: Sequence[Program]) -> None:
        """Start these programs at once; return when all are ready.

        Raises:
            CannotStart: a program's binary is missing.
            NotReady: a program ended, or the time to become ready passed.
        """
        self._logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._turning is None:
            self._turning = asyncio.create_task(self._turn_logs(), name="turn logs")
        for program in programs:
            self._children[program.name] = _Child(program, await self._spawn(program))
        children = [self._children[program.name] for program in programs]
        try:
            async with httpx.AsyncClient(timeout=_PROBE_SECONDS) as client, asyncio.TaskGroup() as group:
                for child in children:
                    group.create_task(self._become_ready(child, client))
        except* (NotReady, CannotStart) as problems:
            raise problems.exceptions[0] from None
        for child in children:
            child.keeper = asyncio.create_task(self._keep(child), name=f"keep {child.program.name}")

    async def stop(self) -> None:
        """Stop every program, the last stage first; return when none is left."""
        self._stopping.set()
        children = list(self._children.values())
        for stage in sorted({child.program.stage for child in children}, reverse=True):
            await asyncio.gather(*(self._end(child) for child in children if child.program.stage is stage))
        await asyncio.gather(*(child.keeper for child in children if child.keeper is not None))
        if self._turning is not None:
            await self._turning
            self._turning = None
        self._children.clear()

    def pids(self) -> dict[str, int]:
        """Return the process id of each program."""
        return {name: child.process.pid for name, child in self._children.items()}

    async def _spawn(self, program: Program) -> asyncio.subprocess.Process:
        program.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        log = self._logs / f"{program.name}.log"
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            return await asyncio.create_subprocess_exec(
                *program.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=program.folder,
                env=_environment_of(program),
                start_new_session=True,
                preexec_fn=end_with_launcher(os.getpid()),
            )
        except FileNotFoundError as error:
            raise CannotStart(
                f"{program.command[0]} is missing; run `sh setup.sh` again to install it."
            ) from error
        finally:
            os.close(output)

    async def _turn_logs(self) -> None:
        """Keep every log within bounds, also while its program runs for years."""
        while not self._stopping.is_set():
            for log in self._logs.glob("*.log"):
                try:
                    if await asyncio.to_thread(log_files.turn, log, largest=self._largest_log):
                        _log.info("%s was set aside and begun anew", log.name)
                except OSError as error:
                    _log.warning("%s could not be set aside (%s)", log.name, error.strerror)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _LOGS_SECONDS)

    async def _become_ready(self, child: _Child, client: httpx.AsyncClient) -> None:
        name = child.program.name
        try:
            async with asyncio.timeout(self._ready_within):
                while not await _answers(client, child.program.ready):
                    if child.process.returncode is not None:
                        raise NotReady(
                            f"{name} ended before it was ready (exit code {child.process.returncode}); "
                            f"its log {self._logs / f'{name}.log'} ends with: {self._last_words(name)}"
                        )
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError as error:
            raise NotReady(
                f"{name} was not ready within {self._ready_within:.0f} seconds; its log {self._logs / f'{name}.log'} "
                f"ends with: {self._last_words(name)}"
            ) from error

    async def _keep(self, child: _Child) -> None:
        """Start the program again whenever it ends, waiting longer after each early end."""
        back_off = _FIRST_BACK_OFF
        clock = asyncio.get_running_loop().time
        while True:
            started = clock()
            code = await child.process.wait()
            if self._stopping.is_set():
                return
            if clock() - started > _STEADY_SECONDS:
                back_off = _FIRST_BACK_OFF
            _log.warning(
                "%s ended (exit code %s); starting it again in %.1f s", child.program.name, code, back_off
            )
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), back_off)
                return
            back_off = min(back_off * 2, _LONGEST_BACK_OFF)
            child.process = await self._spawn(child.program)
            if self._stopping.is_set():
                await self._end(child)

    async def _end(self, child: _Child) -> None:
        if child.process.returncode is None:
            _signal_group(child.process.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(child.process.wait(), self._stop_within)
            except TimeoutError:
                _log.warning(
                    "%s did not stop within %.0f s; killing it", child.program.name, self._stop_within
                )
        # Whatever the child itself started and did not wait for.
        _signal_group(child.process.pid, signal.SIGKILL)
        await child.process.wait()

    def _last_words(self, name: str) -> str:
        lines = (self._logs / f"{name}.log").read_text(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else "(nothing)"


@asynccontextmanager
async def running_beside(logs: Path) -> AsyncGenerator[ChildProcesses]:
    """Yield child processes that are stopped at the end."""
    run = ChildProcesses(logs)
    try:
        yield run
    finally:
        await run.stop()


def run_once(program: Program, arguments: Sequence[str]) -> int:
    """Run one of a program's commands at this terminal, beside the program or not; return its exit code."""
    done = subprocess.run(  # noqa: S603 - our own program
        [*program.command, *arguments], cwd=program.folder, env=_environment_of(program), check=False
    )
    return done.returncode


def _environment_of(program: Program) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OWN_SETTINGS)}
    return {**inherited, "PYTHONUNBUFFERED": "1", **program.environment}


async def _answers(client: httpx.AsyncClient, address: str) -> bool:
    if address.startswith("nats://"):
        return await _nats_answers(address)
    try:
        return (await client.get(address)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


async def _nats_answers(address: str) -> bool:
    """Tell whether the server greets and has JetStream on."""
    parts = urlsplit(address)
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                greeting = await reader.readline()
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
    except (OSError, TimeoutError):
        return False
    verb, _, body = greeting.partition(b" ")
    return verb == b"INFO" and bool(json.loads(body).get("jetstream"))


def _signal_group(pid: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, what)


def end_with_launcher(launcher: int) -> Callable[[], None] | None:
    """Return what a child calls before it becomes the program, so that the kernel ends it with its launcher."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != launcher:  # it died between fork and here
            os._exit(1)

    return ask_kernel
