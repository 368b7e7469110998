"""What goes wrong, and when: drawn from a seed, so that a run can be had again."""

import asyncio
import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from tests.support.edges import Edge, Mood
from tests.support.exchange import RunningExchange
from tests.support.postgres import Cluster

PROGRAMS: Final = (
    "nats", "issuer", "wallet", "verifier", "trust-registry", "issuer-agent", "wallet-agent", "verifier-agent",
)  # fmt: skip
STORES: Final = ("issuer", "wallet", "verifier", "issuer-agent", "wallet-agent", "verifier-agent")
EDGES: Final = ("issuer", "wallet", "verifier", "trust-registry")
DISK: Final = "nats's disk"
DATABASE: Final = "database"

_SOONEST, _LATEST = 1.0, 5.0
_SHORTEST, _LONGEST = 1.0, 12.0
_SIGNALS: Final = {"kill": signal.SIGKILL, "end": signal.SIGTERM, "stop": signal.SIGSTOP}
_TO_PROGRAMS: Final = ("kill", "kill", "end", "stop")
_MOODS: Final[Mapping[str, Mood]] = {"away": "away", "deaf": "deaf", "doubling": "doubling", "late": "late"}
_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(PROGRAMS, _TO_PROGRAMS),
    **{f"edge of {party}": tuple(_MOODS) for party in EDGES},
    "edge of trust-registry": ("away",),  # no envelopes come there
    DATABASE: ("away",),
    DISK: ("lost",),
}


@dataclass(frozen=True)
class Fault:
    """`pause` seconds after the one before, this happens to a place; what passes ends after `seconds`."""

    pause: float
    place: str
    kind: str
    seconds: float
    store: str
    """Which one, where each program has a database of its own."""

    def __str__(self) -> str:
        lasting = self.kind in _MOODS or self.kind == "stop"
        where = (
            f"{self.place} (of {self.store}, where each has its own)"
            if self.place == DATABASE
            else self.place
        )
        return f"{where}: {self.kind}{f' {self.seconds:.1f} s' if lasting else ''}"


def faults(seed: int) -> Iterator[Fault]:
    """Yield faults for ever; each place has its turn before one has a second."""
    drawn = random.Random(seed)  # noqa: S311  to be had again, not to be secret
    for _ in count():
        for place in drawn.sample(list(_PLACES), len(_PLACES)):
            yield Fault(
                pause=drawn.uniform(_SOONEST, _LATEST),
                place=place,
                kind=drawn.choice(_PLACES[place]),
                seconds=drawn.uniform(_SHORTEST, _LONGEST),
                store=drawn.choice(STORES),
            )


@dataclass
class World:
    """An exchange to which faults happen. `cluster` is its PostgreSQL; without one each program has a SQLite file."""

    exchange: RunningExchange
    edges: Mapping[str, Edge]
    cluster: Cluster | None
    disks_lost: int = field(default=0, init=False)

    async def befall(self, fault: Fault) -> None:
        """Do it, and return when it is over. A program that is just being started again is left alone."""
        if fault.place == DISK:
            self._lose_disk()
        elif fault.place == DATABASE:
            await self._keep_database_away(fault)
        elif fault.kind in _MOODS:
            self.edges[fault.place.removeprefix("edge of ")].be(_MOODS[fault.kind], fault.seconds)
            await asyncio.sleep(fault.seconds)
        else:
            await self._signal(fault)

    async def _signal(self, fault: Fault) -> None:
        pid = self.exchange.programs().get(fault.place)
        if pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, _SIGNALS[fault.kind])
            if fault.kind == "stop":
                try:
                    await asyncio.sleep(fault.seconds)
                finally:
                    os.kill(pid, signal.SIGCONT)

    def _lose_disk(self) -> None:
        """Put NATS's folder aside and kill it: it comes back with nothing. What it had is kept for the auditor."""
        pid = self.exchange.programs().get("nats")
        if pid is None:
            return
        os.kill(pid, signal.SIGSTOP)  # it must not write to the new folder
        self.disks_lost += 1
        lost = self.exchange.home / f"lost-{self.disks_lost}"
        lost.mkdir()
        (self.exchange.home / "nats" / "jetstream").rename(lost / "jetstream")
        os.kill(pid, signal.SIGKILL)

    async def _keep_database_away(self, fault: Fault) -> None:
        if self.cluster is not None:
            self.cluster.crash()
            try:
                await asyncio.sleep(min(fault.seconds, _LONGEST / 2))
            finally:
                await asyncio.to_thread(self.cluster.start)
            return
        name = "wallet/base/sqlite.db" if fault.store.endswith("-agent") else "service.db"
        file = self.exchange.home / fault.store / name
        await asyncio.to_thread(_hold, file, fault.seconds)


def _hold(file: Path, seconds: float) -> None:
    """Hold the write lock of a SQLite file."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=_LONGEST)) as connection:
        connection.execute("begin immediate")
        time.sleep(seconds)
        connection.execute("rollback")
