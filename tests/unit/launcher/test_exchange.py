"""What an exchange consists of."""

import json
from pathlib import Path

import pytest

from services.launcher.adapters.home_folder import HomeFolder
from services.launcher.domain.exchange import (
    POSTGRES_PROGRAMS,
    Endpoints,
    Names,
    Ports,
    PostgresServer,
    Program,
    Secrets,
    Site,
    Stage,
    endpoints_of,
    given_in,
    postgres_server,
    programs_of,
)
from services.launcher.errors import CannotStart


def secrets_in(folder: Path) -> Secrets:
    return HomeFolder(folder).secrets()


def programs(folder: Path, database: PostgresServer | None = None) -> tuple[Program, ...]:
    site = Site(folder, Ports(8400), Names(), "/python", "/nats-server", Path("/nats.conf"), database)
    return programs_of(site, secrets_in(folder))


def test_the_verifier_alone_learns_to_whom_learners_are_returned(tmp_path: Path) -> None:
    site = Site(
        tmp_path, Ports(8400), Names(), "/python", "/nats-server", Path("/nats.conf"),
        return_origins=("http://localhost:9000",),
    )  # fmt: skip
    told = {
        program.name: origins
        for program in programs_of(site, secrets_in(tmp_path))
        if (origins := program.environment.get("VERIFIER_RETURN_ORIGINS")) is not None
    }
    assert told == {"verifier": '["http://localhost:9000"]'}


def test_each_service_gets_the_settings_that_are_given_for_it_and_no_secret_is_shown(tmp_path: Path) -> None:
    given = given_in(
        {
            "ISSUER_MAIL_HOST": "mail.example.org",
            "ISSUER_MAIL_PASSWORD": "very secret",
            "ISSUER_SMS_HEADERS": '{"Authorization": "very secret"}',
            "REGISTRY_OIDC_ISSUER": "https://accounts.example.org",
            "WALLET_BACKUPS_KEPT_DAYS": "30",
            "WALLET_MOST_WALLETS": "100",
            "ISSUER_DATABASE_URL": "sqlite:///elsewhere",
            "ISSUER_PROFILE": "production",
            "HOME": "/home/amina",
        }
    )
    assert sorted(given) == [
        "ISSUER_MAIL_HOST", "ISSUER_MAIL_PASSWORD", "ISSUER_SMS_HEADERS", "REGISTRY_OIDC_ISSUER",
        "WALLET_BACKUPS_KEPT_DAYS",
        "WALLET_MOST_WALLETS",
    ]  # fmt: skip
    site = Site(
        tmp_path, Ports(8400), Names(), "/python", "/nats-server", Path("/nats.conf"),
        given={**given, "ISSUER_PROFILE": "production"},
    )  # fmt: skip
    made = {program.name: program for program in programs_of(site, secrets_in(tmp_path))}
    told = {name: sorted(given.keys() & program.environment) for name, program in made.items()}
    assert {name: names for name, names in told.items() if names} == {
        "issuer": ["ISSUER_MAIL_HOST", "ISSUER_MAIL_PASSWORD", "ISSUER_SMS_HEADERS"],
        "trust-registry": ["REGISTRY_OIDC_ISSUER"],
        "wallet": ["WALLET_BACKUPS_KEPT_DAYS", "WALLET_MOST_WALLETS"],
    }
    assert made["issuer"].environment["ISSUER_PROFILE"] == "development"
    assert "very secret" not in repr(site) + repr(made)


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


def test_each_program_but_the_wallets_agent_gets_a_database_of_its_own(tmp_path: Path) -> None:
    server = postgres_server("postgresql://amal:a%2Fb@db.example:5433/pilot")
    urls = {
        program.name: value
        for program in programs(tmp_path, server)
        for name, value in program.environment.items()
        if name.endswith("_DATABASE_URL")
    }
    assert urls["trust-registry"] == "postgresql://amal:a%2Fb@db.example:5433/pilot_trust_registry"
    assert set(urls) == set(POSTGRES_PROGRAMS)
    assert len(set(urls.values())) == len(urls)
    assert "a/b" not in repr(server)
    assert server.address == "postgresql://db.example:5433/pilot"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://amal:secret@db.example",
        "postgresql://db.example",
        "postgresql://amal:sec/ret@db.example",
        "postgresql://amal:secret@db.example:port",
        "postgresql://amal:secret@db.example?sslmode=require",
    ],
)
def test_another_kind_of_database_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(CannotStart, match="postgresql://user:password@host:port") as refused:
        postgres_server(url)
    assert "secret" not in str(refused.value)


def test_a_prefix_that_cannot_begin_a_name_is_refused() -> None:
    with pytest.raises(CannotStart, match="small letters, digits and underscores"):
        postgres_server("postgresql://amal@db.example/Our Data")


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
