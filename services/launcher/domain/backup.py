"""What a backup of a home holds. No I/O.

A tar file: first `manifest.json`, then every file the manifest names, in its order.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from services.launcher.errors import BackupRefused

FORMAT = "ujuzi-backup/1"
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 64 * 1024 * 1024
_LEFT_OUT = frozenset({"lock", "endpoints.json", "logs"})
"""Of one run only."""
_REBUILT = "-shm"
"""SQLite's shared memory; the log beside it (-wal) belongs to the database."""
_ONLY_HERE = "place-of-the-store"
"""By its absence an agent knows that its store was restored (services/agent/adapters/store_place.py)."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file of a home."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Every file of a home, by its path in it."""

    made_at: str
    files: Mapping[str, KeptFile]

    def to_json(self) -> bytes:
        """The manifest as it is written."""
        files = {path: {"size": kept.size, "sha256": kept.sha256} for path, kept in self.files.items()}
        return json.dumps({"format": FORMAT, "made_at": self.made_at, "files": files}, indent=1).encode()


def belongs(path: PurePosixPath) -> bool:
    """Whether a home's file is part of its backup."""
    return path.parts[0] not in _LEFT_OUT and not path.name.endswith(_REBUILT) and path.name != _ONLY_HERE


def read_manifest(text: bytes) -> Manifest:
    """The manifest of a backup. Raises BackupRefused, also for a path that leads out of the home."""
    try:
        found: Any = json.loads(text)
        if found["format"] != FORMAT:
            raise BackupRefused(
                f"This backup is of the format {str(found['format'])[:40]!r}, {FORMAT} was expected."
            )
        files = {
            str(path): KeptFile(int(kept["size"]), str(kept["sha256"]))
            for path, kept in found["files"].items()
        }
        made_at = str(found["made_at"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupRefused("This is no backup of an exchange: it does not begin with a manifest.") from error
    for path in files:
        parts = path.split("/")
        if not parts[0] or any(part in {"", ".", ".."} or "\0" in part for part in parts):
            raise BackupRefused(
                f"This backup names a file outside of the home, {path[:100]!r}: nothing was restored."
            )
    return Manifest(made_at, files)
