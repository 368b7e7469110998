"""How ACA-Py is started: arguments anyone may read, and an environment that holds the secrets."""

import json
from dataclasses import dataclass, field
from typing import Literal

MAX_ACTIVE = 8
"""Messages handled at once. ACA-Py loses messages above 8: sessions time out and nothing retries."""

MAX_CONNECTIONS = 16
"""Connections one agent opens to its database: two for each message handled at once."""

IDLE_SESSIONS = 4
"""Sessions of one store that wait for their next reader at most."""

CONNECT_SECONDS = 10

SEALED_WALLETS = "ujuzi-sealed"
"""Name under which the sealed wallets are known to ACA-Py's multitenancy."""


@dataclass(frozen=True)
class Agent:
    """One party's agent, without its secrets."""

    party: Literal["issuer", "wallet", "verifier"]
    label: str
    endpoint: str
    admin_host: str
    admin_port: int
    tails_base_url: str | None


@dataclass(frozen=True)
class PostgresStore:
    """A PostgreSQL database for an agent's store."""

    address: str
    """Host and port."""
    name: str
    account: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Secrets:
    """What must not be seen in a process list."""

    admin_key: str
    wallet_key: str
    token_secret: str
    """ACA-Py demands one; our tokens are not made with it."""
    store: PostgresStore | None = None
    """None: the store is a SQLite file in the agent's folder."""


def arguments(agent: Agent) -> tuple[str, ...]:
    """ACA-Py's command line. Nothing is accepted, issued, stored or verified by itself: services decide."""
    common = (
        "--label", agent.label,
        "--endpoint", agent.endpoint,
        "--no-ledger",
        "--wallet-type", "askar-anoncreds",
        "--wallet-key-derivation-method", "RAW",
        "--auto-provision",
        "--admin", agent.admin_host, str(agent.admin_port),
        "--inbound-transport", "services.agent.adapters.jetstream_inbound", "jetstream", "0",
        "--outbound-transport", "services.agent.adapters.jetstream_outbound",
        "--preserve-exchange-records",
        "--log-level", "warning",
        "--plugin", "services.agent",
    )  # fmt: skip
    if agent.party == "wallet":
        return (
            *common,
            "--multitenant",
            "--multitenancy-config",
            f"wallet_type={SEALED_WALLETS}",
            "--monitor-revocation-notification",
        )
    if agent.party == "issuer" and agent.tails_base_url is not None:
        return (*common, "--notify-revocation", "--tails-server-base-url", agent.tails_base_url)
    return common


def environment(secrets: Secrets, storage_dir: str) -> dict[str, str]:
    """Environment variables ACA-Py reads: its secrets, its folder, and how much it does at once."""
    given = {
        "ACAPY_ADMIN_API_KEY": secrets.admin_key,
        "ACAPY_WALLET_KEY": secrets.wallet_key,
        "ACAPY_MULTITENANT_JWT_SECRET": secrets.token_secret,
        "ACAPY_HOME": storage_dir,
        "ACAPY_WALLET_NAME": "base",
        "DISPATCHER_MAX_ACTIVE": str(MAX_ACTIVE),
    }
    if secrets.store is None:
        return given
    return given | {
        "ACAPY_WALLET_NAME": secrets.store.name,
        "ACAPY_WALLET_STORAGE_TYPE": "postgres_storage",
        "ACAPY_WALLET_STORAGE_CONFIG": json.dumps(
            {
                "url": secrets.store.address,
                "max_connections": MAX_CONNECTIONS + IDLE_SESSIONS,
                "connection_timeout": CONNECT_SECONDS,
            }
        ),
        "ACAPY_WALLET_STORAGE_CREDS": json.dumps(
            {"account": secrets.store.account, "password": secrets.store.password}
        ),
    }
