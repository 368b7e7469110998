"""An exchange past one machine: what its programs are told, and that the guide says the same."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from services.launcher.adapters.home_folder import HomeFolder
from services.launcher.domain.cluster import (
    NatsPort,
    Shard,
    several_replicas,
    several_servers,
    several_shards,
)
from services.launcher.domain.exchange import Names, Ports, Program, Site, postgres_server, programs_of

GUIDE = Path("docs/operations.md").read_text(encoding="utf-8")
SERVERS = [NatsPort(4301, 4311), NatsPort(4302, 4312), NatsPort(4303, 4313)]
SHARD = Shard("b", 4401, "another key")
LISTENING = {"wallet": [4501, 4502], "issuer-agent": [4601, 4602]}
OWN = {"WALLET_PORT", "AGENT_ADMIN_PORT", "AGENT_STORAGE_DIR"}
"""Port and folder, which the guide calls so."""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    database = postgres_server("postgresql://ujuzi@127.0.0.1:5432")
    return Site(tmp_path, Ports(8400), Names(), "/python", "/nats-server", Path("/nats.conf"), database)


@pytest.fixture
def one_of_each(site: Site) -> Mapping[str, Program]:
    return {one.name: one for one in programs_of(site, HomeFolder(site.home).secrets())}


@pytest.fixture
def cluster(site: Site, one_of_each: Mapping[str, Program]) -> Mapping[str, Program]:
    servers = several_servers(tuple(one_of_each.values()), Path("/cluster.conf"), SERVERS, "upassword")
    programs = several_replicas(several_shards(servers, [SHARD], standby=True), LISTENING, site)
    return {one.name: one for one in programs}


def test_each_replica_of_the_wallet_is_told_of_every_shard_and_how_many_they_are(
    cluster: Mapping[str, Program],
) -> None:
    for name in ("wallet", "wallet-2"):
        told = cluster[name].environment
        assert json.loads(told["WALLET_AGENTS"]) == {"b": "http://127.0.0.1:4401"}
        assert told["WALLET_AGENT_URL"] == "http://127.0.0.1:8406"
        assert told["WALLET_REPLICAS"] == "2"


def test_the_one_on_standby_waits_for_the_same_stores_under_the_same_address(
    cluster: Mapping[str, Program],
) -> None:
    first, standby = cluster["wallet-agent-b"], cluster["wallet-agent-b-2"]
    assert first.environment == standby.environment
    assert first.environment["AGENT_STANDBY"] == "true"
    assert first.environment["AGENT_STORAGE_DIR"] == str(first.folder)
    assert first.folder != standby.folder


def test_a_shard_has_stores_and_a_key_of_its_own_and_all_else_as_the_main_one(
    cluster: Mapping[str, Program],
) -> None:
    main, further = cluster["wallet-agent"].environment, cluster["wallet-agent-b"].environment
    differ = {name for name in main.keys() | further.keys() if main.get(name) != further.get(name)}
    assert differ == {
        "AGENT_ADMIN_PORT", "AGENT_STORAGE_DIR", "AGENT_WALLET_KEY", "AGENT_SHARD", "AGENT_STANDBY",
    }  # fmt: skip


def test_the_guide_names_every_setting_that_a_cluster_changes(
    one_of_each: Mapping[str, Program], cluster: Mapping[str, Program]
) -> None:
    changed = {
        name
        for program in cluster.values()
        if not program.name.startswith("nats")
        for name, value in program.environment.items()
        if one_of_each[program.name.removesuffix("-2").removesuffix("-b")].environment.get(name) != value
    }
    assert {"AGENT_SHARD", "WALLET_AGENTS", "ISSUER_AGENT_URL", "AGENT_NATS_COPIES"} <= changed
    for name in changed - OWN:
        _, _, rest = name.partition("_")
        assert f"`{name}" in GUIDE or f"`…_{rest}" in GUIDE, f"{name} is told to programs of a cluster"
