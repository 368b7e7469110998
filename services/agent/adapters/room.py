"""How much room learners' stores, and what waits for them, take on this agent's disk and in its streams. No store is opened."""

import asyncio
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nats.errors
from acapy_agent.utils.env import storage_path
from nats.js import JetStreamContext

from services.agent.domain.room import FREE_LIMIT, STORE_LIMIT, Room
from services.agent.errors import DiskNearlyFull, StoreFull
from shared.adapters.jetstream import BusUnavailable
from shared.contracts.streams import DIDCOMM_PARKED
from shared.ports.metrics import DISK_FREE, DISK_NEEDED, Reading

_STORES = "wallet"
STORE = "sqlite.db"
"""Beside it, while a store is open, a log of up to 4 MiB lies that goes into it by and by: it counts on the disk alone."""


LOOKED_SECONDS: Final = 60.0
"""How long sizes of stores are told again: to look at every file takes the longer the more wallets there are."""


@dataclass(frozen=True)
class _Sizes:
    """Bytes of all learners' stores and of the largest, as they were at `at`."""

    at: float
    all: int
    largest: int


class MeasureRoom:
    """The port of the same name. Sizes of stores may be a minute old; free disk and what waits are of now."""

    def __init__(
        self,
        jetstream: JetStreamContext,
        *,
        free_limit: int = FREE_LIMIT,
        store_limit: int = STORE_LIMIT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jetstream = jetstream
        self._clock = clock
        self._sizes: _Sizes | None = None
        self._looking = asyncio.Lock()
        self._free_limit = free_limit
        self._store_limit = store_limit

    async def __call__(self, own_store: str) -> Room:
        """Of all learners' stores, the agent's own left out. Raises BusUnavailable."""
        sizes = await self._looked(own_store)
        disk, free = await _disk()
        try:
            info = await self._jetstream.stream_info(
                DIDCOMM_PARKED.name, subjects_filter=DIDCOMM_PARKED.subjects[0]
            )
        except (TimeoutError, OSError, nats.errors.Error) as error:
            raise BusUnavailable(f"NATS does not answer: {type(error).__name__}") from error
        return Room(
            stores=sizes.all,
            largest_store=sizes.largest,
            free=free,
            disk=disk,
            waiting=info.state.messages,
            waiting_bytes=info.state.bytes,
            most_waiting=max((info.state.subjects or {}).values(), default=0),
            store_limit=self._store_limit,
            free_limit=self._free_limit,
            waiting_limit=DIDCOMM_PARKED.per_subject or 0,
            waiting_bytes_limit=DIDCOMM_PARKED.max_bytes,
        )

    async def _looked(self, own_store: str) -> _Sizes:
        async with self._looking:
            if self._sizes is None or self._clock() - self._sizes.at >= LOOKED_SECONDS:
                found = await asyncio.to_thread(lambda: [_of_files(each) for each in _folders(own_store)])
                self._sizes = _Sizes(
                    self._clock(),
                    all=sum(sum(each.values()) for each in found),
                    largest=max((each.get(STORE, 0) for each in found), default=0),
                )
            return self._sizes

    async def measure(self) -> Sequence[Reading]:
        """The port Measure: of the disk, without looking at a single store."""
        _, free = await _disk()
        return [Reading(DISK_FREE, free), Reading(DISK_NEEDED, self._free_limit)]

    async def check_for_another(self) -> None:
        """Raises DiskNearlyFull."""
        _, free = await _disk()
        if free < self._free_limit:
            raise DiskNearlyFull(
                f"{free} bytes are free; with less than {self._free_limit} no wallet is made"
            )

    async def is_full(self, store: str) -> bool:
        """Whether the store of this name takes in nothing new."""
        files = await asyncio.to_thread(_of_files, storage_path(_STORES, store))
        return files.get(STORE, 0) >= self._store_limit

    async def check_store(self, store: str) -> None:
        """Raises StoreFull."""
        if await self.is_full(store):
            raise StoreFull(f"It takes in nothing new from {self._store_limit // 1024**2} MiB on.")


async def _disk() -> tuple[int, int]:
    """Bytes of the disk that the stores are on, and how many of them are free."""
    usage = await asyncio.to_thread(shutil.disk_usage, storage_path(_STORES))
    return usage.total, usage.free


def _folders(own_store: str) -> Iterator[Path]:
    """Where each learner's store is."""
    with os.scandir(storage_path(_STORES)) as found:
        yield from (Path(each) for each in found if each.is_dir() and each.name != own_store)


def _of_files(folder: Path) -> dict[str, int]:
    """Bytes of a folder's files by name; one that goes meanwhile is none."""
    sizes: dict[str, int] = {}
    with suppress(FileNotFoundError), os.scandir(folder) as files:
        for file in files:
            with suppress(FileNotFoundError):
                sizes[file.name] = file.stat().st_size
    return sizes
