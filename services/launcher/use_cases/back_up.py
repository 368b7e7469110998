"""Back up a home in which nothing runs, and make a new one of a backup."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from services.launcher.domain.backup import Manifest
from services.launcher.ports import KeepHome


class WriteBackup(Protocol):
    """Writes the backup of a home."""

    def __call__(self, home: Path, file: Path, *, made_at: str) -> Manifest:
        """Raises BackupRefused."""


def back_up(
    home: Path,
    file: Path,
    *,
    keep: KeepHome,
    write: WriteBackup,
    clock: Callable[[], datetime],
) -> Manifest:
    """The home is claimed meanwhile, so that nothing starts in it.

    Raises:
        CannotStart: an exchange runs in the home, or it cannot be written.
        BackupRefused: there is no exchange in it, its data is elsewhere, or the file cannot be written.
    """
    keep.check_kept_here()
    keep.claim()
    try:
        return write(home, file, made_at=clock().isoformat(timespec="seconds"))
    finally:
        keep.release()
