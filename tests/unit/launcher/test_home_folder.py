"""A home keeps its secrets, belongs to one launcher at a time and says what is wrong with it."""

import json
from base64 import b64decode
from pathlib import Path

import base58
import pytest

from services.launcher.adapters.home_folder import HomeFolder
from services.launcher.domain.exchange import Ports, endpoints_of
from services.launcher.errors import CannotStart


def test_secrets_are_made_once_and_read_by_their_owner_alone(tmp_path: Path) -> None:
    first = HomeFolder(tmp_path).secrets()
    assert HomeFolder(tmp_path).secrets() == first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_keys_have_the_length_the_services_expect(tmp_path: Path) -> None:
    secrets = HomeFolder(tmp_path).secrets()
    held = json.loads((tmp_path / "secrets.json").read_text())
    assert all(len(b64decode(key)) == 32 for key in held["service_keys"].values())
    assert all(len(base58.b58decode(key)) == 32 for key in secrets.agent_wallet_keys.values())
    assert all(password[0].isalpha() for password in secrets.nats_passwords.values())


def test_unreadable_secrets_stop_the_start_rather_than_being_replaced(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(CannotStart, match="restore it from a backup"):
        HomeFolder(tmp_path).secrets()
    assert (tmp_path / "secrets.json").read_text() == "{"


def test_endpoints_are_private_and_gone_when_nothing_runs(tmp_path: Path) -> None:
    home = HomeFolder(tmp_path)
    home.publish(endpoints_of(Ports(8400), home.secrets()))
    file = tmp_path / "endpoints.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text())["verifier"] == "http://127.0.0.1:8402"
    home.withdraw()
    assert not file.exists()


def test_a_second_launcher_on_the_same_home_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    first, second = HomeFolder(tmp_path), HomeFolder(tmp_path)
    first.claim()
    with pytest.raises(CannotStart, match=r"Another `ujuzi up` already runs in .*--home and --base-port"):
        second.claim()
    first.release()
    second.claim()
    second.release()


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match=r"file/home cannot be written \(Not a directory\); .* --home"):
        HomeFolder(tmp_path / "file" / "home").claim()


def test_a_home_remembers_where_its_data_are(tmp_path: Path) -> None:
    here, elsewhere = "postgresql://db.example:5432/ujuzi", "postgresql://db.example:5432/other"
    home = HomeFolder(tmp_path)
    home.keep_data_in(elsewhere)
    home.keep_data_in(here)  # nothing was started yet
    home.secrets()
    home.keep_data_in(here)
    with pytest.raises(CannotStart, match=f"kept in {here}, not in {elsewhere}; start with a --database at"):
        home.keep_data_in(elsewhere)


def test_a_home_of_files_does_not_start_empty_in_postgresql(tmp_path: Path) -> None:
    HomeFolder(tmp_path).secrets()
    with pytest.raises(CannotStart, match=r"kept in sqlite, .* start without --database"):
        HomeFolder(tmp_path).keep_data_in("postgresql://db.example:5432/ujuzi")
