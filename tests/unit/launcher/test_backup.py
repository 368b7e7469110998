"""What goes into a backup, and what is refused as one."""

import io
import json
import stat
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.launcher.adapters.home_archive import restore_backup, write_backup
from services.launcher.adapters.home_folder import HomeFolder
from services.launcher.errors import BackupRefused, CannotStart
from services.launcher.use_cases.back_up import back_up

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home as a run leaves it."""
    folder = tmp_path / "home"
    for name, content in {
        "secrets.json": b"{}",
        "database": b"sqlite\n",
        "issuer/issuer.db": b"rows",
        "issuer/issuer.db-wal": b"more rows",
        "issuer/issuer.db-shm": b"memory",
        "nats/jetstream/ISSUER/streams/WORK/msgs/1.blk": b"",
        "logs/issuer.log": b"said",
        "lock": b"",
        "endpoints.json": b"{}",
    }.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (folder / "link").symlink_to("/etc/hostname")
    return folder


def backup_of(home: Path, file: Path) -> None:
    back_up(home, file, keep=HomeFolder(home), write=write_backup, clock=lambda: NOW)


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_backup_holds_what_outlives_a_run_and_comes_back_byte_for_byte(home: Path, tmp_path: Path) -> None:
    file, new = tmp_path / "backup", tmp_path / "new" / "home"
    backup_of(home, file)
    made = restore_backup(file, new)

    assert files_in(new) == {
        "secrets.json": b"{}",
        "database": b"sqlite\n",
        "issuer/issuer.db": b"rows",
        "issuer/issuer.db-wal": b"more rows",
        "nats/jetstream/ISSUER/streams/WORK/msgs/1.blk": b"",
    }
    assert made.made_at == "2026-11-21T00:00:00+00:00"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in new.rglob("*") if path.is_file()}
    assert modes | {stat.S_IMODE(file.stat().st_mode)} == {0o600}
    assert stat.S_IMODE(new.stat().st_mode) == 0o700


def test_a_home_in_use_elsewhere_or_empty_is_not_backed_up(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    running = HomeFolder(home)
    running.claim()
    with pytest.raises(CannotStart, match="already runs in"):
        backup_of(home, file)
    running.release()
    with pytest.raises(BackupRefused, match="No exchange lives in"):
        backup_of(tmp_path / "nowhere", file)
    assert not (tmp_path / "nowhere").exists()
    (home / "database").write_text("postgresql://db.example:5432/ujuzi\n")
    with pytest.raises(BackupRefused, match=r"is kept in postgresql://db\.example:5432/ujuzi"):
        backup_of(home, file)
    assert not file.exists()


def test_nothing_is_overwritten(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    backup_of(home, file)
    with pytest.raises(BackupRefused, match="is there already"):
        backup_of(home, file)
    with pytest.raises(BackupRefused, match="is not empty"):
        restore_backup(file, home)
    with pytest.raises(BackupRefused, match="cannot be written"):
        backup_of(home, tmp_path / "no such folder" / "backup")


def changed(file: Path, change: Callable[[list[tuple[str, bytes]]], None]) -> None:
    """Write the backup anew with other members."""
    with tarfile.open(file) as tar:
        members = [(one.name, tar.extractfile(one).read()) for one in tar]  # type: ignore[union-attr]
    change(members)
    with tarfile.open(file, "w") as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def in_manifest(change: Callable[[dict[str, Any]], object]) -> Callable[[list[tuple[str, bytes]]], None]:
    def apply(members: list[tuple[str, bytes]]) -> None:
        manifest = json.loads(members[0][1])
        change(manifest)
        members[0] = (members[0][0], json.dumps(manifest).encode())

    return apply


OUTSIDE = {"../outside": {"size": 0, "sha256": ""}}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda members: members.pop(0), "does not begin with a manifest"),
        (lambda members: members.pop(), "1 files of the manifest are missing"),
        (lambda members: members.append(("more", b"x")), "is not as the manifest says"),
        (lambda members: members.append(members[-1]), "is not as the manifest says"),
        (lambda members: members.insert(1, ("../outside", b"x")), "is not as the manifest says"),
        (in_manifest(lambda manifest: manifest["files"].update(OUTSIDE)), "outside of the home"),
        (in_manifest(lambda manifest: manifest.update(format="ujuzi-backup/2")), "'ujuzi-backup/2'"),
        (in_manifest(lambda manifest: manifest.pop("files")), "does not begin with a manifest"),
        (in_manifest(lambda manifest: manifest["files"]["database"].update(sha256="0")), "is damaged"),
    ],
)
def test_a_backup_that_was_changed_restores_nothing(
    home: Path, tmp_path: Path, change: Callable[[list[tuple[str, bytes]]], None], why: str
) -> None:
    file, new = tmp_path / "backup", tmp_path / "new"
    backup_of(home, file)
    changed(file, change)
    before = sorted(tmp_path.iterdir())

    with pytest.raises(BackupRefused, match=why):
        restore_backup(file, new)

    assert sorted(tmp_path.iterdir()) == before


def test_a_file_cut_short_or_of_another_kind_restores_nothing(home: Path, tmp_path: Path) -> None:
    file, new = tmp_path / "backup", tmp_path / "new"
    backup_of(home, file)
    whole = file.read_bytes()
    for content in (b"", b"anything", whole[: len(whole) // 2], whole[:700]):
        file.write_bytes(content)
        with pytest.raises(BackupRefused):
            restore_backup(file, new)
        assert not new.exists()
    with pytest.raises(BackupRefused, match="cannot be restored"):
        restore_backup(tmp_path / "nowhere", new)
