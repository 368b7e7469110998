"""Many learners do the same at once, while programs are killed in the middle."""

import asyncio
import os
import re
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from services.launcher.domain.exchange import LOOPBACK, Ports
from tests.support.exchange import RunningExchange
from tests.support.patient_learner import PatientLearner
from tests.support.wait import until

_RECOVERY_SECONDS = 120.0
_BY_THEN = 1 / 3
"""What part of all steps, or of the learners, is done when the last program's turn comes; more are, while those before start again."""


@dataclass(frozen=True)
class Kill:
    """One kill, and how many had not finished then."""

    program: str
    unfinished: int
    seconds_to_recover: float

    def __str__(self) -> str:
        return f"{self.program:<16} killed with {self.unfinished} unfinished, back after {self.seconds_to_recover:.1f} s"


@dataclass(frozen=True)
class Course[T]:
    """What came of it."""

    results: list[T]
    failures: list[str]
    seconds: list[float]
    """How long it took each."""
    together: float
    kills: list[Kill]
    peaks: Mapping[str, int]
    """The most memory each program ever had until now, in bytes; those it was killed as too."""
    cpu: Mapping[str, float]
    """Seconds of processor time each program took, as far as it was not killed, and the learners' side."""

    def __str__(self) -> str:
        if not self.seconds:
            return "none finished"
        ordered = sorted(self.seconds)
        half, most = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        rate = f"{len(self.results) / self.together:.1f}/s, p50 {half:.1f} s, p95 {most:.1f} s"
        if self.kills:
            return "\n".join([rate, *(f"    {one}" for one in self.kills)])
        used = (
            f"{program} {1000 * seconds / len(self.results):.0f}" for program, seconds in self.cpu.items()
        )
        return f"{rate}; processor ms for each: {', '.join(used)}"


async def run[T](
    exchange: RunningExchange,
    learners: Sequence[PatientLearner],
    deeds: Sequence[Callable[[], Awaitable[T]]],
    *,
    steps: int,
    kills: Sequence[str],
    seconds: float,
) -> Course[T]:
    """Let each learner do her deed, all at once; kill the programs in turn, each after a like part of all steps."""
    before = sum(one.steps for one in learners)
    finished: list[float] = []
    peaks: dict[str, int] = {}
    cpu_before = processor(exchange)
    began = time.monotonic()

    async def one(deed: Callable[[], Awaitable[T]]) -> T:
        result = await deed()
        finished.append(time.monotonic() - began)
        return result

    async def kill(program: str, number: int) -> Kill:
        share = _BY_THEN * (number + 1) / len(kills)

        def due() -> bool:
            done = sum(one.steps for one in learners) - before
            return done >= share * steps * len(learners) or len(finished) >= share * len(learners)

        await until(due, seconds, f"{share:.0%} of all steps are done, or of the learners")
        _note(peaks, exchange)
        killed_at, unfinished = time.monotonic(), len(learners) - len(finished)
        pid = exchange.programs()[program]
        os.kill(pid, signal.SIGKILL)
        await until(
            lambda: exchange.programs().get(program, pid) != pid,
            _RECOVERY_SECONDS,
            f"{program} is started again",
        )
        await until(lambda: answers(exchange, program), _RECOVERY_SECONDS, f"{program} answers again")
        return Kill(program, unfinished, time.monotonic() - killed_at)

    async def kill_all() -> list[Kill]:
        return [await kill(program, number) for number, program in enumerate(kills)]

    async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
        killing = group.create_task(kill_all())
        outcomes = await asyncio.gather(*(one(deed) for deed in deeds), return_exceptions=True)
        together = time.monotonic() - began
    _note(peaks, exchange)
    cpu = {program: used - cpu_before.get(program, 0) for program, used in processor(exchange).items()}
    failures = [repr(outcome) for outcome in outcomes if isinstance(outcome, BaseException)]
    results = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    return Course(results, failures, finished, together, killing.result(), peaks, cpu)


def _note(peaks: dict[str, int], exchange: RunningExchange) -> None:
    for program, pid in exchange.programs().items():
        peaks[program] = max(peaks.get(program, 0), _peak(pid))


def processor(exchange: RunningExchange) -> dict[str, float]:
    """Seconds of processor time each program and this process have taken."""
    pids = {**exchange.programs(), "learners": os.getpid()}
    return {program: _cpu_of(pid) for program, pid in pids.items()}


def _cpu_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak(pid: int) -> int:
    """Most memory the process ever had, in bytes; 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


async def answers(exchange: RunningExchange, program: str) -> bool:
    """Whether a program does its work."""
    port = Ports(urlsplit(exchange.endpoints["issuer"]).port or 0).all()[program]
    if program == "nats":
        return await _greets(port)
    path = "/status/ready" if program.endswith("-agent") else "/ready"
    try:
        answer = await exchange.client.get(f"http://{LOOPBACK}:{port}{path}", timeout=5)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK


async def _greets(port: int) -> bool:
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            greeting = await reader.readline()
            writer.close()
    except (OSError, TimeoutError):
        return False
    return greeting.startswith(b"INFO")
