"""Whatever is only for development is refused in production, all of it in one sentence, by its name."""

import base64
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from issuer.settings import Settings as IssuerSettings
from services.agent.settings import Settings as AgentSettings
from services.trust_registry.settings import Settings as RegistrySettings
from verifier.settings import Settings as VerifierSettings
from wallet.settings import Settings as WalletSettings

SECRET = "a-secret-that-was-drawn-0123456789"
COMMON: dict[str, Any] = {
    "profile": "production",
    "port": 8400,
    "base_url": "https://amal.org",
    "database_url": "sqlite:////data/amal.db",
    "secret_key": base64.b64encode(bytes(range(32))).decode(),
    "bootstrap_api_key": SECRET,
    "nats_url": "tls://nats:4222",
    "nats_user": "amal",
    "nats_password": SECRET,
}
AGENT = {"agent_url": "http://agent:8031", "agent_key": SECRET}
HOST = {"did_host": "amal.org"}
ORGANISATION = {"organisation_name": "Amal", "organisation_slug": "amal", "organisation_country": "KE"}
AGENT_PROCESS: dict[str, Any] = {
    "profile": "production",
    "party": "issuer",
    "label": "Amal",
    "endpoint": "https://amal.org/didcomm",
    "tails_base_url": "https://amal.org/tails",
    "admin_port": 8031,
    "admin_key": SECRET,
    "wallet_key": "key",
    "storage_dir": "store",
    "nats_url": "tls://nats:4222",
    "nats_user": "issuer",
    "nats_password": SECRET,
}

BAD_COMMON = {
    "nats_url": "tls://nats-0:4222,nats://nats-1:4222",
    "host_map": {"issuer.ujuzi.test": "http://127.0.0.1:8400"},
    "base_url": "http://127.0.0.1:8400",
    "nats_password": "zq-9",
    "bootstrap_api_key": "a" * 40,
    "secret_key": base64.b64encode(bytes(32)).decode(),
}
SAID_COMMON = [
    "nats_url without TLS to another machine",
    "host_map (it sends host names elsewhere",
    "base_url over http",
    "base_url with a host name for tests or an address",
    "nats_password shorter than 32 characters",
    "bootstrap_api_key that anybody guesses",
    "secret_key that anybody guesses",
]
BAD_AGENT, SAID_AGENT = {"agent_key": "zq-9"}, ["agent_key shorter than 32 characters"]
BAD_HOST, SAID_HOST = {"did_host": "issuer.ujuzi.test"}, ["did_host with a host name for tests"]
BAD_PROCESS = {
    "nats_url": "nats://nats:4222",
    "host_map": {"issuer.ujuzi.test": "http://127.0.0.1:8400"},
    "endpoint": "http://127.0.0.1:8400/didcomm",
    "tails_base_url": "http://127.0.0.1:8400/tails",
    "admin_key": "zq-9",
    "nats_password": "n" * 40,
}
SAID_PROCESS = [
    "nats_url without TLS to another machine",
    "host_map (it maps host names for development",
    "endpoint over http",
    "endpoint with a host name for tests or an address",
    "tails_base_url over http",
    "tails_base_url with a host name for tests or an address",
    "admin_key shorter than 32 characters",
    "nats_password that anybody guesses",
]

PROGRAMS = [
    pytest.param(
        IssuerSettings,
        COMMON | AGENT | HOST | ORGANISATION,
        BAD_COMMON | BAD_AGENT | BAD_HOST,
        [*SAID_COMMON, *SAID_AGENT, *SAID_HOST],
        id="issuer",
    ),
    pytest.param(
        VerifierSettings,
        COMMON | AGENT | HOST | ORGANISATION,
        BAD_COMMON | BAD_AGENT | BAD_HOST,
        [*SAID_COMMON, *SAID_AGENT, *SAID_HOST],
        id="verifier",
    ),
    pytest.param(
        WalletSettings, COMMON | AGENT, BAD_COMMON | BAD_AGENT, [*SAID_COMMON, *SAID_AGENT], id="wallet"
    ),
    pytest.param(
        RegistrySettings,
        COMMON | HOST | {"authority_name": "Authority", "territory": "KE"},
        BAD_COMMON | BAD_HOST,
        [*SAID_COMMON, *SAID_HOST],
        id="trust registry",
    ),
    pytest.param(AgentSettings, AGENT_PROCESS, BAD_PROCESS, SAID_PROCESS, id="agent"),
]


@pytest.mark.parametrize(("kind", "good", "bad", "said"), PROGRAMS)
def test_production_refuses_every_convenience_of_development_in_one_message(
    kind: type[BaseSettings], good: dict[str, Any], bad: dict[str, Any], said: list[str]
) -> None:
    kind(**good)
    kind(**(good | bad | {"profile": "development"}))

    with pytest.raises(ValidationError, match="the production profile refuses") as refused:
        kind(**(good | bad))

    (fault,) = refused.value.errors()
    assert [words for words in said if words not in fault["msg"]] == []
    assert fault["msg"].count(";") >= len(said) - 1
    assert not any(str(value) in fault["msg"] for value in bad.values())
