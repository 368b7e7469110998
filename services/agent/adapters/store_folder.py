"""The folder of a shard's stores, locked for one process.

The lock is the kernel's, on the folder itself: it cannot be deleted, and it ends with the process and not before. A process
that is stopped keeps it, as it keeps the files open: only its end frees them.
"""

import asyncio
import fcntl
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Self

from services.agent.errors import LeaseHeld, ShardMistaken
from shared.contracts.streams import MAIN_SHARD

_LOOK_AGAIN = 0.2
_CLAIM = "claim.json"


class StoreFolder:
    """A folder that this process owns."""

    def __init__(self, path: Path, lock: int, shard: str) -> None:
        self._path = path
        self._lock = lock
        self.shard = shard

    @classmethod
    async def hold(cls, path: Path, *, patience: float | None, shard: str = MAIN_SHARD) -> Self:
        """Lock the folder, waiting `patience` seconds for a process that is ending; None waits for it to end.

        Raises LeaseHeld, or ShardMistaken for a folder that belongs to another shard.
        """
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            await _locked(lock, path, patience)
            _check_shard(path, shard)
        except BaseException:
            os.close(lock)
            raise
        return cls(path, lock, shard)

    @property
    def number(self) -> int:
        """The number of the last claim made for these stores; 0 before the first."""
        number = _kept(self._path).get("number")
        return number if isinstance(number, int) else 0

    def keep(self, number: int, holder: str) -> None:
        """Remember the number of a claim, before anything is done under it."""
        fresh = self._path / f"{_CLAIM}.new"
        with fresh.open("w") as file:
            json.dump({"number": number, "holder": holder, "shard": self.shard}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path / _CLAIM)
        os.fsync(self._lock)

    def release(self) -> None:
        """Let another process have the folder."""
        os.close(self._lock)


def _check_shard(path: Path, shard: str) -> None:
    """Envelopes and wallets of one shard are unknown to another. A folder of before there were shards is the main one's."""
    kept = _kept(path)
    found = kept.get("shard", MAIN_SHARD)
    if kept and found != shard:
        raise ShardMistaken(
            f"expected the stores of shard {shard} in {path}, found those of {found}: set AGENT_SHARD={found}, or name another folder"
        )


async def _locked(lock: int, path: Path, patience: float | None) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    await asyncio.sleep(_LOOK_AGAIN)
                except OSError as error:
                    raise LeaseHeld(
                        f"the folder {path} cannot be locked ({error.strerror}): the stores need a file system of this machine"
                    ) from error
                else:
                    return
    holder = _kept(path).get("holder", "another process")
    raise LeaseHeld(
        f"the stores in {path} belong to {holder}, which still runs: end it, or name another folder with AGENT_STORAGE_DIR"
    )


def _kept(path: Path) -> dict[str, object]:
    try:
        kept = json.loads((path / _CLAIM).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
