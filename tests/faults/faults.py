"""What goes wrong, and when: drawn from a seed, so that a run can be had again."""

import asyncio
import os
import random
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Literal

from tests.support.exchange import folder_of

PROGRAMS = (
    "nats", "issuer", "wallet", "verifier", "trust-registry", "issuer-agent", "wallet-agent", "verifier-agent",
)  # fmt: skip

_SOONEST, _LATEST = 2.0, 6.0
_SHORTEST_STOP, _LONGEST_STOP = 1.0, 6.0
_SIGNALS = {"kill": signal.SIGKILL, "end": signal.SIGTERM, "stop": signal.SIGSTOP}
_KINDS: tuple[Literal["kill", "end", "stop"], ...] = ("kill", "kill", "end", "stop")


@dataclass(frozen=True)
class Fault:
    """`pause` seconds after the one before, this happens to a program; a stopped one goes on after `stopped` seconds."""

    pause: float
    program: str
    kind: Literal["kill", "end", "stop"]
    stopped: float

    def __str__(self) -> str:
        how = f"stop {self.stopped:.1f} s" if self.kind == "stop" else self.kind
        return f"{self.program}: {how}"


def faults(seed: int) -> Iterator[Fault]:
    """Yield faults for ever; each program has its turn before one has a second."""
    drawn = random.Random(seed)  # noqa: S311  to be had again, not to be secret
    for _ in count():
        for program in drawn.sample(PROGRAMS, len(PROGRAMS)):
            yield Fault(
                pause=drawn.uniform(_SOONEST, _LATEST),
                program=program,
                kind=drawn.choice(_KINDS),
                stopped=drawn.uniform(_SHORTEST_STOP, _LONGEST_STOP),
            )


async def befall(fault: Fault, pids: list[int]) -> None:
    """Do it to the one of these processes that is the program; one that is just being started again is left alone."""
    pid = next((pid for pid in pids if folder_of(pid) == fault.program), None)
    if pid is None:
        return
    with suppress(ProcessLookupError):
        os.kill(pid, _SIGNALS[fault.kind])
        if fault.kind == "stop":
            try:
                await asyncio.sleep(fault.stopped)
            finally:
                os.kill(pid, signal.SIGCONT)
