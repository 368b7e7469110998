"""What an exchange consists of."""

import json
from pathlib import Path

from services.launcher.adapters.home_folder import HomeFolder
from services.launcher.domain.exchange import (
    Endpoints,
    Names,
    Ports,
    Program,
    Secrets,
    Site,
    Stage,
    endpoints_of,
    programs_of,
)


def secrets_in(folder: Path) -> Secrets:
    return HomeFolder(folder).secrets()


def programs(folder: Path) -> tuple[Program, ...]:
    site = Site(folder, Ports(8400), Names(), "/python", "/nats-server", Path("/nats.conf"))
    return programs_of(site, secrets_in(folder))


def test_eight_ports_in_a_row() -> None:
    assert sorted(Ports(8400).all().values()) == list(range(8400, 8408))


def test_each_port_has_its_program(tmp_path: Path) -> None:
    assert {program.name for program in programs(tmp_path)} == set(Ports(8400).all())


def test_the_bus_starts_before_all_others(tmp_path: Path) -> None:
    stages = [program.stage for program in programs(tmp_path)]
    assert stages[0] is Stage.BUS
    assert Stage.BUS not in stages[1:]


def test_no_secret_is_on_a_command_line_or_in_a_printed_program(tmp_path: Path) -> None:
    held = json.loads((secrets_in(tmp_path), (tmp_path / "secrets.json").read_text())[1])
    words = [word for group in held.values() for word in group.values()]
    assert len(words) == 4 * 3 + 3 * 2
    for program in programs(tmp_path):
        shown = repr(program)
        assert not any(word in shown or word in " ".join(program.command) for word in words)


def test_each_program_knows_only_its_own_partys_password(tmp_path: Path) -> None:
    secrets = secrets_in(tmp_path)
    for program in programs(tmp_path):
        known = {
            party
            for party, password in secrets.nats_passwords.items()
            if password in " ".join(program.environment.values())
        }
        own = "registry" if program.name == "trust-registry" else program.name.removesuffix("-agent")
        assert known == (set(secrets.nats_passwords) if program.name == "nats" else {own})


def test_endpoints_name_every_service_did_host_and_key(tmp_path: Path) -> None:
    endpoints = endpoints_of(Ports(9000), secrets_in(tmp_path))
    assert endpoints.issuer == "http://127.0.0.1:9000"
    assert endpoints.nats == "nats://127.0.0.1:9004"
    assert endpoints.dids == {
        "issuer.ujuzi.test": endpoints.issuer,
        "verifier.ujuzi.test": endpoints.verifier,
        "registry.ujuzi.test": endpoints.trust_registry,
    }
    assert {"issuer", "verifier", "trust_registry"} <= set(endpoints.keys)
    assert isinstance(endpoints, Endpoints)
