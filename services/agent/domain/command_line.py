"""How ACA-Py is started: arguments anyone may read, and an environment that holds the secrets."""

from dataclasses import dataclass
from typing import Literal

MAX_ACTIVE = 8
"""Messages handled at once. ACA-Py loses messages above 8: sessions time out and nothing retries."""

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
class Secrets:
    """What must not be seen in a process list."""

    admin_key: str
    wallet_key: str
    token_secret: str
    """ACA-Py demands one; our tokens are not made with it."""


def arguments(agent: Agent) -> tuple[str, ...]:
    """ACA-Py's command line. Nothing is accepted, issued, stored or verified by itself: services decide."""
    common = (
        "--label", agent.label,
        "--endpoint", agent.endpoint,
        "--no-ledger",
        "--wallet-type", "askar-anoncreds",
        "--wallet-name", "base",
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
    return {
        "ACAPY_ADMIN_API_KEY": secrets.admin_key,
        "ACAPY_WALLET_KEY": secrets.wallet_key,
        "ACAPY_MULTITENANT_JWT_SECRET": secrets.token_secret,
        "ACAPY_HOME": storage_dir,
        "DISPATCHER_MAX_ACTIVE": str(MAX_ACTIVE),
    }
