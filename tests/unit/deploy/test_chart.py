"""deploy/chart: helm renders it, Kubernetes knows every object, its programs start with what it gives them and are contained."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.launcher.main import make_secrets
from tests.support.compose_file import ROOT, variables_of
from tests.support.helm import CHART, VALUES, helm, rendered, schema_of
from tests.support.nats_server import nats_binary
from tests.support.programs import PROGRAMS, settings_with

CONTAINED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each workload's name and its pod's specification."""
    for each in rendered():
        if each["kind"] in {"Deployment", "StatefulSet"}:
            yield each["metadata"]["name"], each["spec"]["template"]["spec"]
        elif each["kind"] == "CronJob":
            yield each["metadata"]["name"], each["spec"]["jobTemplate"]["spec"]["template"]["spec"]


PODS = dict(pods())
MODULES = {
    name: pod["containers"][0]["command"][2]
    for name, pod in PODS.items()
    if pod["containers"][0]["command"][:2] == ["python", "-m"]
}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `ujuzi deploy secrets` makes them for a cluster."""
    folder = tmp_path_factory.mktemp("cluster") / "secrets"
    make_secrets(folder, "db.ujuzi.org:5432", ["ujuzi-nats", "*.ujuzi-nats"], ["postgres"])
    return folder


def test_helm_finds_nothing_wrong_with_it() -> None:
    found = helm("lint", "--strict", CHART, "--values", VALUES)
    assert found.returncode == 0, found.stdout + found.stderr


def test_every_object_is_what_kubernetes_knows() -> None:
    for each in rendered():
        schema = schema_of(each["kind"], each["apiVersion"])
        assert [str(fault) for fault in schema.iter_errors(each)] == [], each["metadata"]["name"]
        assert not schema.is_valid(each | {"sepc": {}})


@pytest.mark.parametrize(
    "missing", ["image", "postgresImage", "issuer.domain", "issuer.slug", "registry.country", "wallet.name"]
)
def test_what_must_be_said_has_no_default(missing: str) -> None:
    refused = helm("template", "ujuzi", CHART, "--values", VALUES, "--set", f"{missing}=")
    assert refused.returncode != 0
    assert f"{missing}: expected" in refused.stderr


def test_it_makes_no_secret() -> None:
    assert "Secret" not in {each["kind"] for each in rendered()}


@pytest.mark.parametrize("name", MODULES)
def test_each_program_takes_its_environment_in_production(
    name: str, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (container,) = PODS[name]["containers"]
    (source,) = container["envFrom"]
    file = source["secretRef"]["name"].removeprefix("ujuzi-")
    given = variables_of(secrets / f"{file}.env")
    said = {each["name"]: each["value"] for each in container["env"]}
    assert not set(given) & set(said)

    settings = settings_with(given | said, MODULES[name], monkeypatch).model_dump()

    assert settings["profile"] == "production"
    assert settings["nats_copies"] == len(settings["nats_url"].split(",")) == 3
    assert settings["metrics_port"] in {port["containerPort"] for port in container["ports"]}


def test_the_wallet_is_told_how_many_share_its_limits() -> None:
    (wallet,) = [
        each
        for each in rendered()
        if each["kind"] == "Deployment" and each["metadata"]["name"] == "ujuzi-wallet"
    ]
    (container,) = wallet["spec"]["template"]["spec"]["containers"]
    said = {each["name"]: each["value"] for each in container["env"]}
    assert int(said["WALLET_REPLICAS"]) == wallet["spec"]["replicas"] == 2


def test_every_program_runs_and_the_wallets_shards_are_told_to_their_service() -> None:
    assert set(MODULES.values()) == set(PROGRAMS)
    (container,) = PODS["ujuzi-wallet"]["containers"]
    said = {each["name"]: each["value"] for each in container["env"]}
    assert said["WALLET_AGENT_URL"] == "http://ujuzi-wallet-agent-main:8021"
    assert said["WALLET_AGENTS"] == '{"second":"http://ujuzi-wallet-agent-second:8021"}'
    assert {"ujuzi-wallet-agent-main", "ujuzi-wallet-agent-second"} <= set(PODS)


@pytest.mark.parametrize("name", PODS)
def test_every_container_is_contained(name: str) -> None:
    pod = PODS[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        assert container["securityContext"] == CONTAINED
        assert "@sha256:" in container["image"]
        assert set(container["resources"]["limits"]) == {"cpu", "memory"}
        mounted = {each["name"] for each in container["volumeMounts"]}
        claims = {"data"} if name == "ujuzi-nats" or name.startswith("ujuzi-wallet-agent") else set()
        assert mounted == {each["name"] for each in pod["volumes"]} | claims
        if name != "ujuzi-backup":
            assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)


def test_whatever_has_several_copies_keeps_one_through_a_disruption() -> None:
    budgets = {
        each["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"]
        for each in rendered()
        if each["kind"] == "PodDisruptionBudget"
    }
    several = {
        each["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"]
        for each in rendered()
        if each["kind"] in {"Deployment", "StatefulSet"} and each["spec"]["replicas"] > 1
    }
    assert (
        several
        == budgets
        == {"issuer", "wallet", "verifier", "registry", "issuer-agent", "verifier-agent", "nats"}
    )


def test_nothing_reaches_a_pod_that_no_policy_lets_in() -> None:
    policies = [each for each in rendered() if each["kind"] == "NetworkPolicy"]
    (closed,) = [each["spec"] for each in policies if each["metadata"]["name"] == "ujuzi-nothing-else"]
    assert "ingress" not in closed
    assert "egress" not in closed
    assert closed["policyTypes"] == ["Ingress", "Egress"]
    labels = closed["podSelector"]["matchLabels"]
    for each in rendered():
        if each["kind"] in {"Deployment", "StatefulSet"}:
            assert labels.items() <= each["spec"]["template"]["metadata"]["labels"].items()


def test_the_operators_kinds_are_made_only_when_they_are_wanted() -> None:
    assert not {each["kind"] for each in rendered()} & {"PodMonitor", "PrometheusRule"}
    refused = helm(
        "template", "ujuzi", CHART, "--values", VALUES, "--set", "metrics.enabled=false,metrics.operator=true"
    )
    assert "metrics.operator: expected metrics.enabled" in refused.stderr


def test_the_operator_gets_the_very_alerts_and_jobs_of_the_names_they_use() -> None:
    made = {
        each["kind"]: each
        for each in rendered("--set", "metrics.operator=true,metrics.labels.release=prometheus")
    }
    rule, monitor = made["PrometheusRule"], made["PodMonitor"]
    assert rule["spec"] == yaml.safe_load((ROOT / "deploy/alerts/ujuzi.yaml").read_text())
    assert rule["metadata"]["labels"] == monitor["metadata"]["labels"] == {"release": "prometheus"}
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    jobs = set()
    for name in MODULES:
        labels = next(
            each["spec"]["template"]["metadata"]["labels"]
            for each in rendered()
            if each["metadata"]["name"] == name and "template" in each["spec"]
        )
        assert labels["ujuzi/kind"] in {"web", "agent"}
        assert endpoint["port"] in {port["name"] for port in PODS[name]["containers"][0]["ports"]}
        jobs.add(relabelled(labels, endpoint["relabelings"]))
    assert jobs == {
        "issuer", "wallet", "verifier", "registry", "issuer-agent", "wallet-agent", "verifier-agent",
    }  # fmt: skip


def relabelled(labels: Mapping[str, str], rules: list[dict[str, Any]]) -> str:
    """The job Prometheus gives a pod with these labels."""
    job = ""
    for rule in rules:
        assert rule["targetLabel"] == "job"
        known = {
            f"__meta_kubernetes_pod_label_{re.sub(r'\W', '_', name)}": said for name, said in labels.items()
        }
        said = ";".join(known[name] for name in rule["sourceLabels"])
        if found := re.fullmatch(rule.get("regex", "(.*)"), said):
            job = found.expand(rule.get("replacement", "$1").replace("$", "\\"))
    return job


def test_nats_servers_know_one_another_as_on_several_machines_without_it() -> None:
    (said,) = [each for each in rendered() if each["kind"] == "ConfigMap"]
    (tls,) = re.findall(r"^  tls {.*}$", (ROOT / "deploy/nats/cluster-tls.conf").read_text(), re.MULTILINE)
    assert tls in said["data"]["nats.conf"]


def test_nats_collects_garbage_before_its_container_takes_too_much() -> None:
    """NATS's own advice: GOMEMLIMIT is four fifths of the container's memory. Go knows of no limit of a container by itself."""
    (nats,) = PODS["ujuzi-nats"]["containers"]
    (of_go,) = [each["value"] for each in nats["env"] if each["name"] == "GOMEMLIMIT"]
    of_container = int(nats["resources"]["limits"]["memory"].removesuffix("Mi"))
    assert 0.7 * of_container <= int(of_go.removesuffix("MiB")) <= 0.8 * of_container


def test_nats_takes_the_clusters_file(secrets: Path, tmp_path: Path) -> None:
    (said,) = [each for each in rendered() if each["kind"] == "ConfigMap"]
    given: Mapping[str, str] = variables_of(secrets / "nats.env") | {
        "UJUZI_NATS_LISTEN": '"127.0.0.1:4222"', "UJUZI_NATS_STORE": f'"{tmp_path}/store"', "POD_NAME": "ujuzi-nats-0",
        "UJUZI_NATS_PARTY_STORE": "12GB",
    }  # fmt: skip
    (tmp_path / "nats").mkdir()
    (tmp_path / "cluster").mkdir()
    for file in (ROOT / "deploy/nats").glob("*.conf"):
        (tmp_path / "nats" / file.name).write_text(file.read_text().replace("/run/ujuzi", str(secrets)))
    (tmp_path / "cluster/nats.conf").write_text(said["data"]["nats.conf"].replace("/run/ujuzi", str(secrets)))
    done = subprocess.run(
        [nats_binary(), "-t", "-c", tmp_path / "cluster/nats.conf"], env=dict(given), capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
