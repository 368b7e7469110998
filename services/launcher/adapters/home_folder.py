"""The home of an exchange: a folder with a lock, a file of secrets and the published addresses."""

import fcntl
import json
import os
from base64 import b64decode
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from services.launcher.adapters.drawn import base58_key, base64_key, word
from services.launcher.domain.exchange import AGENT_PARTIES, PARTIES, Endpoints, Secrets
from services.launcher.errors import BackupRefused, CannotStart

_OWNER_ONLY_FILE = 0o600
_OWNER_ONLY_FOLDER = 0o700


class HomeFolder:
    """Keeps an exchange's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def claim(self) -> None:
        """Make the folder and lock it; the lock goes with this process, however it ends."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY_FOLDER)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY_FILE)
        except OSError as error:
            raise CannotStart(
                f"The home {self.path} cannot be written ({error.strerror}); choose another with --home."
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise CannotStart(
                f"Another `ujuzi up` already runs in {self.path}; stop it, or choose another home and other ports "
                "with --home and --base-port."
            ) from error
        self._lock = lock
        self.withdraw()

    def release(self) -> None:
        """Let go of the lock."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def keep_data_in(self, place: str) -> None:
        """Remember where the databases are: starting with others would look like a home that lost everything."""
        file = self.path / "database"
        started_before = (self.path / "secrets.json").exists()
        kept = file.read_text().strip() if file.exists() else "sqlite"
        if started_before and kept != place:
            remedy = "without --database" if kept == "sqlite" else f"with a --database at {kept}"
            raise CannotStart(
                f"The data of {self.path} is kept in {kept}, not in {place}; start {remedy}, or choose another home."
            )
        file.write_text(f"{place}\n")

    def check_started(self) -> None:
        """Raise CannotStart unless an exchange has run here."""
        if not (self.path / "secrets.json").exists():
            raise CannotStart(
                f"No exchange lives in {self.path}: start one with `ujuzi up`, or name its home with --home."
            )

    def check_kept_here(self) -> None:
        """What makes a home complete: its secrets, and databases that are files in it."""
        if not (self.path / "secrets.json").exists():
            raise BackupRefused(f"No exchange lives in {self.path}: name its home with --home.")
        kept = self.path / "database"
        place = kept.read_text().strip() if kept.exists() else "sqlite"
        if place != "sqlite":
            raise BackupRefused(
                f"The data of {self.path} is kept in {place}: back up the server with its own tools (pg_dump) and this "
                "folder beside it, both while nothing runs."
            )

    def secrets(self) -> Secrets:
        """Return what `secrets.json` holds; make it at the first call."""
        file = self.path / "secrets.json"
        try:
            held: dict[str, dict[str, str]] = json.loads(file.read_text()) if file.exists() else {}
        except (OSError, ValueError) as error:
            raise CannotStart(
                f"{file} cannot be read; restore it from a backup, or start in another home: without it the keys in "
                "this home are lost."
            ) from error
        made = {
            "nats_passwords": _filled(held.get("nats_passwords"), PARTIES, word),
            "service_keys": _filled(held.get("service_keys"), PARTIES, base64_key),
            "api_keys": _filled(held.get("api_keys"), PARTIES, word),
            "agent_keys": _filled(held.get("agent_keys"), AGENT_PARTIES, word),
            "agent_wallet_keys": _filled(held.get("agent_wallet_keys"), AGENT_PARTIES, base58_key),
        }
        if made != held:
            _write_private(file, made)
        return Secrets(
            nats_passwords=made["nats_passwords"],
            service_keys={party: b64decode(key) for party, key in made["service_keys"].items()},
            api_keys=made["api_keys"],
            agent_keys=made["agent_keys"],
            agent_wallet_keys=made["agent_wallet_keys"],
        )

    def publish(self, endpoints: Endpoints) -> None:
        """Write `endpoints.json`."""
        _write_private(self.path / "endpoints.json", asdict(endpoints))

    def published(self) -> Endpoints:
        """What `publish` wrote, while the exchange runs."""
        file = self.path / "endpoints.json"
        try:
            return Endpoints(**json.loads(file.read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise CannotStart(
                f"No exchange runs in {self.path}: start it with `ujuzi up`, or name its home with --home."
            ) from error

    def withdraw(self) -> None:
        """Remove `endpoints.json`."""
        (self.path / "endpoints.json").unlink(missing_ok=True)


def _write_private(file: Path, content: object) -> None:
    """Write a file that was never readable by anyone else and is never half there."""
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY_FILE)
    with os.fdopen(handle, "w") as stream:
        json.dump(content, stream, indent=2)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)


def _filled(held: dict[str, str] | None, parties: tuple[str, ...], make: Callable[[], str]) -> dict[str, str]:
    held = held or {}
    return {party: held.get(party) or make() for party in parties}
