"""deploy/compose: it is what Compose understands, it contains its programs, and they start with what it gives them.

`tests/data/compose-spec.json` is the Compose specification's own schema (github.com/compose-spec/compose-spec at 170098ba07d9,
Apache-2.0), unchanged.
"""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from services.launcher.main import make_secrets
from tests.support.compose_file import FOLDER, ROOT, environment_of, filled_in, rendered, variables_of
from tests.support.programs import PROGRAMS, settings_with

COMPOSE = rendered(filled_in())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
MODULES = {
    name: service["command"][2]
    for name, service in SERVICES.items()
    if service.get("command", [])[:2] == ["python", "-m"]
}
PARTIES = {"issuer", "wallet", "verifier", "registry"}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `ujuzi deploy secrets` makes them."""
    folder = tmp_path_factory.mktemp("deployed") / "secrets"
    make_secrets(folder, "postgres:5432", ["nats"], ["postgres"])
    return folder


def test_the_file_is_what_the_compose_specification_allows() -> None:
    schema = json.loads((ROOT / "tests/data/compose-spec.json").read_text())
    # The file as it is written: what begins with x- is for anchors.
    faults = [str(fault) for fault in jsonschema_rs.validator_for(schema).iter_errors(COMPOSE)]
    assert not faults
    assert not jsonschema_rs.validator_for(schema).is_valid(
        COMPOSE | {"services": {"issuer": {"imaeg": "x"}}}
    )


def test_every_party_has_its_programs_and_nothing_else_is_run() -> None:
    assert set(MODULES.values()) == set(PROGRAMS)
    assert {(name, *service["profiles"]) for name, service in SERVICES.items() if "profiles" in service} == {
        *((party, party) for party in PARTIES),
        *((f"{party}-agent", party) for party in PARTIES - {"registry"}),
    }


@pytest.mark.parametrize("name", MODULES)
def test_each_program_takes_its_environment_in_production(
    name: str, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_with(environment_of(SERVICES[name], secrets), MODULES[name], monkeypatch)
    found = settings.model_dump()
    assert found["profile"] == "production"
    assert found["nats_url"] == "tls://nats:4222"
    assert found["nats_ca_file"] in {mount["target"] for mount in SERVICES[name]["volumes"]}


@pytest.mark.parametrize("party", sorted(PARTIES - {"registry"}))
def test_a_party_and_its_agent_know_the_same_secrets_and_no_other_party_does(
    party: str, secrets: Path
) -> None:
    ours, agents = (environment_of(SERVICES[name], secrets) for name in (party, f"{party}-agent"))
    assert ours[f"{party.upper()}_AGENT_KEY"] == agents["AGENT_ADMIN_KEY"]
    assert ours[f"{party.upper()}_NATS_PASSWORD"] == agents["AGENT_NATS_PASSWORD"]
    assert ours[f"{party.upper()}_NATS_USER"] == agents["AGENT_NATS_USER"] == party
    others = [name for name in MODULES if party not in name]
    secret = {
        value
        for name, value in (ours | agents).items()
        if name.endswith(("_KEY", "_PASSWORD", "_URL")) and "://" not in value
    }
    assert not secret & {
        value for name in others for value in environment_of(SERVICES[name], secrets).values()
    }


def test_nats_and_postgresql_know_every_password_their_programs_have(secrets: Path) -> None:
    nats = environment_of(SERVICES["nats"], secrets)
    asked = set(
        re.findall(
            r"\$(UJUZI_NATS_\w+)",
            "".join(
                (ROOT / "deploy/nats" / f"{name}.conf").read_text() for name in ("tls", "nats", "accounts")
            ),
        )
    )
    assert asked <= set(nats)
    database = environment_of(SERVICES["postgres"], secrets)
    for name in MODULES:
        given = environment_of(SERVICES[name], secrets)
        (user,) = [value for key, value in given.items() if key.endswith("_NATS_USER")]
        (password,) = [value for key, value in given.items() if key.endswith("_NATS_PASSWORD")]
        assert nats[f"UJUZI_NATS_{user.upper()}_PASSWORD"] == password
        for url in [value for key, value in given.items() if key.endswith("_DATABASE_URL")]:
            user, password, base = re.fullmatch(
                r"postgresql://ujuzi_(\w+):(\w+)@postgres:5432/ujuzi_(\w+)", url
            ).groups()  # type: ignore[union-attr]  # fails as it should
            assert user == base
            assert database[f"DATABASE_PASSWORD_{user.upper()}"] == password


def test_no_secret_and_no_default_of_one_stands_in_what_is_shipped(secrets: Path) -> None:
    made = {name for file in secrets.glob("*.env") for name in variables_of(file)}
    shipped = {file.name: file.read_text() for file in FOLDER.iterdir() if file.is_file()}
    everything = "".join(shipped.values())
    assert not [name for name in made if re.search(rf"^\s*{name}\s*[:=]", everything, re.MULTILINE)]
    assert not re.search(r"\$\{\w+:?-", shipped["compose.yaml"]), "a variable has no default here"


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_contained(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service["user"].startswith("0")
    assert "@sha256:" in service["image"]
    assert "ports" not in service or name == "edge"
    if service.get("restart") != "no":
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
        assert "healthcheck" in service or name == "edge"


def test_nats_collects_garbage_before_its_container_takes_too_much() -> None:
    """NATS's own advice: GOMEMLIMIT is four fifths of the container's memory. Go knows of no limit of a container by itself."""
    nats = SERVICES["nats"]
    of_go = int(nats["environment"]["GOMEMLIMIT"].removesuffix("MiB"))
    of_container = int(nats["deploy"]["resources"]["limits"]["memory"].removesuffix("M"))
    assert 0.7 * of_container <= of_go <= 0.8 * of_container


def test_only_those_who_talk_to_each_other_share_a_network() -> None:
    on = {
        network: {name for name in SERVICES if network in SERVICES[name].get("networks", [])}
        for network in COMPOSE["networks"]
    }
    agents = {"issuer-agent", "wallet-agent", "verifier-agent"}
    assert on["edge"] == {"edge", *PARTIES}
    assert on["outbound"] == agents
    assert on["database"] == {"postgres", *PARTIES, "issuer-agent", "verifier-agent"}
    assert on["nats"] == {"nats", *PARTIES, *agents}
    assert {party: on[party] for party in ("issuer", "wallet", "verifier")} == {
        party: {party, f"{party}-agent"} for party in ("issuer", "wallet", "verifier")
    }
    reach_out = {network for network, said in COMPOSE["networks"].items() if not said.get("internal")}
    assert reach_out == {"edge", "outbound"}


def test_what_is_mounted_is_there(secrets: Path) -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]
    for mount in mounts:
        if mount["type"] == "bind":
            assert mount["read_only"] is True
            place = secrets.parent if mount["source"].startswith("./secrets/") else FOLDER
            assert (place / mount["source"]).is_file()
        else:
            assert mount["source"] in COMPOSE["volumes"]
    tls = (ROOT / "deploy/nats/tls.conf").read_text()
    assert set(re.findall(r'_file: "(.*)"', tls)) <= {
        mount["target"] for mount in SERVICES["nats"]["volumes"]
    }
