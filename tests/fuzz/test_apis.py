"""Each service's HTTP API, played by schemathesis from its own OpenAPI document, on a running exchange with PostgreSQL.

Nothing may answer 5xx, hang, answer what its document does not say, let a caller in without the key that its document
asks for, or grow; no service may log an error it did not foresee. Some requests are made up for each
operation (2 in CI), beside those that try each parameter at and beyond its limits.
"""

import asyncio
import re
import secrets
import sys
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.exchange import RunningExchange, children_of, running_exchange
from tests.support.postgres import fresh_database

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
WITHOUT_END = "/events$"
"""Server-sent events last until something happens."""
OTHER_MEDIA = "/didcomm|/v1/bounces"
"""They take envelopes and mail, which have fuzz tests of their own."""
END_THE_SESSION = ("/v1/wallet", "/v1/lock")
COSTS_THE_AGENT_SECONDS = ("/v1/organisations",)
"""Each organisation gets a credential definition with registries of its own."""
CI_EXAMPLES = 2
MOST_GROWTH = 150 * 1024
"""KiB of one process over the whole run."""


@dataclass(frozen=True)
class Api:
    service: str
    key: str | None
    without: tuple[str, ...] = ()


APIS = (
    Api("issuer", "issuer", COSTS_THE_AGENT_SECONDS),
    Api("verifier", "verifier"),
    Api("trust_registry", "trust_registry"),
    Api("wallet", "wallet"),
    Api("wallet", "learner", END_THE_SESSION),
    Api("issuer", None),
    Api("verifier", None),
    Api("trust_registry", None),
    Api("wallet", None),
)


@pytest.fixture(scope="module")
async def attacked(
    postgres_cluster: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningExchange]:
    database = await fresh_database(postgres_cluster)
    async with running_exchange(tmp_path_factory.mktemp("attacked"), database=database) as running:
        await running.issuer.wait_until_it_can_issue()
        before = resident(running)
        yield running
        grown = {pid: size - before[pid] for pid, size in resident(running).items() if pid in before}
        logged = "".join(log.read_text(errors="replace") for log in (running.home / "logs").iterdir())
    assert before.keys() <= grown.keys(), "a process has died"
    assert all(more < MOST_GROWTH for more in grown.values()), grown
    assert re.findall(r".*unhandled error.*", logged) == []


@pytest.mark.parametrize("api", APIS, ids=lambda api: f"{api.service} with {api.key or 'no'} key")
async def test_an_api_does_what_its_document_says(
    attacked: RunningExchange, api: Api, tmp_path: Path
) -> None:
    examples = settings().max_examples // 30
    phases = ["coverage"] if api.key and api.key != "wallet" else []
    arguments = [
        "run", f"{attacked.endpoints[api.service]}/openapi.json", "--phases", ",".join([*phases, "fuzzing"]),
        "--max-examples", str(examples), "--checks", ",".join(CHECKS), "--continue-on-failure",
        "--request-timeout", "30", "--warnings", "off", "--no-color",
        "--exclude-path-regex", f"{WITHOUT_END}|^({OTHER_MEDIA})$",
        *(["--generation-deterministic"] if examples <= CI_EXAMPLES else []),
    ]  # fmt: skip
    for path in api.without:
        arguments += ["--exclude-path", path]
    if api.key:
        arguments += ["--header", f"Authorization: Bearer {await key_of(attacked, api.key)}"]

    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("st"), *arguments, cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()

    assert process.returncode == 0, said.decode()


async def key_of(exchange: RunningExchange, whose: str) -> str:
    if whose != "learner":
        return str(exchange.endpoints["keys"][whose])
    made = await exchange.client.post(
        f"{exchange.endpoints['wallet']}/v1/wallets",
        json={
            "wallet_key": urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("="),
            "unlock_methods": [{"method": "passphrase", "envelope": {"v": 1}}],
        },
    )
    return str(made.raise_for_status().json()["session_token"])


def resident(exchange: RunningExchange) -> dict[int, int]:
    """KiB that each of the launcher's children and theirs hold in memory."""
    pids = [pid for child in exchange.child_pids() for pid in (child, *children_of(child))]
    found = {}
    for pid in pids:
        status = Path(f"/proc/{pid}/status").read_text()
        found[pid] = int(status.partition("VmRSS:")[2].split()[0]) if "VmRSS:" in status else 0
    return found
