"""Backups of a home as tar files that only their owner reads; they hold every secret of the exchange."""

import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from services.launcher.domain.backup import (
    LARGEST_MANIFEST,
    MANIFEST,
    KeptFile,
    Manifest,
    belongs,
    read_manifest,
)
from services.launcher.errors import BackupRefused

_OWNER_ONLY_FILE = 0o600
_OWNER_ONLY_FOLDER = 0o700
_CHUNK = 1024 * 1024


def write_backup(home: Path, file: Path, *, made_at: str) -> Manifest:
    """Write the backup of a home in which nothing runs; it is whole, or not there. Raises BackupRefused."""
    if file.exists():
        raise BackupRefused(f"{file} is there already; choose another name: a backup never replaces one.")
    paths = sorted(
        path.relative_to(home).as_posix()
        for path in home.rglob("*")
        if path.is_file() and not path.is_symlink() and belongs(PurePosixPath(path.relative_to(home)))
    )
    manifest = Manifest(made_at, {path: _kept(home / path) for path in paths})
    fresh = file.with_name(f"{file.name}.new")
    with _refusing(f"{file} cannot be written"):
        fresh.unlink(missing_ok=True)
        try:
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY_FILE)
            with os.fdopen(handle, "wb") as stream:
                with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
                    _add(tar, MANIFEST, len(manifest.to_json()), io.BytesIO(manifest.to_json()))
                    for path in paths:
                        with (home / path).open("rb") as content:
                            _add(tar, path, manifest.files[path].size, content)
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(file)
        finally:
            fresh.unlink(missing_ok=True)
    return manifest


def restore_backup(file: Path, home: Path) -> Manifest:
    """Make a home of a backup; it is whole, or not there. Raises BackupRefused."""
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise BackupRefused(f"{home} is not empty; restore into a new home, so that nothing is overwritten.")
    fresh = home.with_name(f"{home.name}.restoring")
    with _refusing(f"{file} cannot be restored"):
        home.parent.mkdir(parents=True, exist_ok=True)
        if fresh.exists():
            raise BackupRefused(f"{fresh} is there from an earlier attempt; remove it and try again.")
        fresh.mkdir(mode=_OWNER_ONLY_FOLDER)
        try:
            with tarfile.open(file, mode="r:") as tar:
                manifest = _unpacked(tar, fresh)
            if home.exists():
                home.rmdir()
            fresh.rename(home)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return manifest


def _unpacked(tar: tarfile.TarFile, home: Path) -> Manifest:
    first = tar.next()
    if first is None or first.name != MANIFEST or not first.isfile() or first.size > LARGEST_MANIFEST:
        raise BackupRefused("This is no backup of an exchange: it does not begin with a manifest.")
    manifest = read_manifest(_content(tar, first).read())
    waiting = dict(manifest.files)
    while (member := tar.next()) is not None:
        kept = waiting.pop(member.name, None)
        if kept is None or not member.isfile() or member.size != kept.size:
            raise BackupRefused(f"{member.name[:100]!r} is not as the manifest says: the backup was changed.")
        target = home / member.name
        target.parent.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY_FOLDER)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY_FILE)
        with os.fdopen(handle, "wb") as written:
            shutil.copyfileobj(_content(tar, member), written, _CHUNK)
        if _kept(target) != kept:
            raise BackupRefused(f"{member.name[:100]!r} is damaged: its digest is not the manifest's.")
    if waiting:
        raise BackupRefused(f"{len(waiting)} files of the manifest are missing: the backup is not whole.")
    return manifest


def _kept(path: Path) -> KeptFile:
    with path.open("rb") as content:
        return KeptFile(path.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest())


def _add(tar: tarfile.TarFile, name: str, size: int, content: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, _OWNER_ONLY_FILE
    tar.addfile(member, content)


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(member)
    if content is None:
        raise BackupRefused(f"{member.name[:100]!r} is no file: the backup was changed.")
    return content


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    try:
        yield
    except tarfile.TarError as error:
        raise BackupRefused(f"{what}: it is no whole tar file ({error}).") from error
    except OSError as error:
        raise BackupRefused(f"{what}: {error.strerror or error}.") from error
