"""Files that only their readers can read, never half there."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.launcher.errors import CannotStart

_OWNER_ONLY: Final = 0o600
_READERS: Final[Mapping[str, tuple[int, int]]] = {
    "nats-key.pem": (10001, 10001),
    "postgres-key.pem": (999, 999),
}
"""Files that a container reads itself, and its user and group: those of our image, and of PostgreSQL's on Debian."""
_PUBLIC: Final = 0o644


def write_new(folder: Path, files: Mapping[str, str]) -> None:
    """Write them into a folder that is not there yet, or is empty. Raises CannotStart."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise CannotStart(
                f"{folder} is not empty. Secrets are made once: with others, no key and no wallet here could be opened again. "
                "Give a new folder."
            )
        replace(folder, files)
    except OSError as error:
        raise CannotStart(f"{folder} cannot be written ({error.strerror}); give another folder.") from error


def replace(folder: Path, files: Mapping[str, str]) -> None:
    """Write them over what is there; what ends in `.pem` and is no key may be read by everybody. Raises CannotStart."""
    try:
        for name, content in files.items():
            fresh = folder / f"{name}.new"
            fresh.unlink(missing_ok=True)
            public = name.endswith(".pem") and not name.endswith("-key.pem")
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PUBLIC if public else _OWNER_ONLY)
            with os.fdopen(handle, "w") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            if name in _READERS and os.geteuid() == 0:
                os.chown(fresh, *_READERS[name])
            fresh.replace(folder / name)
    except OSError as error:
        raise CannotStart(f"{folder} cannot be written ({error.strerror}); give another folder.") from error
