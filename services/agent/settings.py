"""What one agent must be told: environment variables with the prefix `AGENT_`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.agent.domain.command_line import PostgresStore
from shared.contracts.streams import MAIN_SHARD, SHARD_NAME
from shared.web.logs import LogFormat
from shared.web.settings import nats_stand_ins, secret_stand_ins, url_stand_ins

Text = Annotated[str, StringConstraints(min_length=1)]


def store_at(url: str) -> PostgresStore:
    """The database a URL names. Raises ValueError, without the URL: it may hold a password."""
    try:
        parts = urlsplit(url)
        usable = parts.hostname and parts.username and parts.port != 0
    except ValueError:
        usable = False
    name = parts.path.removeprefix("/") if usable else ""
    if not name or "/" in name or parts.query or parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError("expected postgresql://user:password@host:port/name, percent-encoded where need be")
    return PostgresStore(
        address=parts.netloc.rpartition("@")[2],
        name=unquote(name),
        account=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


class Settings(BaseSettings):
    """Settings of one party's agent; secrets have no default."""

    model_config = SettingsConfigDict(
        env_prefix="AGENT_", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    profile: Literal["development", "production"]
    """production refuses every stand-in: http, test hosts, short secrets, host maps."""
    party: Literal["issuer", "wallet", "verifier"]
    """Whose agent it is."""
    label: Text
    """What others are shown as the name of this party: display text, never trusted."""
    endpoint: Text
    """Public URL at which this party's edge takes envelopes."""
    admin_host: str = "127.0.0.1"
    """Address to listen on for its service; 0.0.0.0 in a container. Never public."""
    admin_port: int
    """Port to listen on for its service, with /status/ready."""
    admin_key: SecretStr
    """What its service must send with each request."""
    wallet_key: SecretStr
    """Raw key of the agent's own store: 32 bytes in base58."""
    storage_dir: Path
    """Folder of its files: learners' stores, and its own without `database_url`; on a file system of the machine itself."""
    shard: Annotated[str, StringConstraints(pattern=f"^{SHARD_NAME}$")] = MAIN_SHARD
    """Wallets' agents: which of the party's shards these stores are."""
    standby: bool = False
    """Wait for as long as another process has the stores, and then take them over."""
    database_url: SecretStr | None = None
    """Issuer and verifier: postgresql://user:password@host:port/name for the store; else a SQLite file in `storage_dir`."""
    nats_url: Text
    """nats://host:port, or tls://host:port; several of a cluster with commas between."""
    nats_user: Text
    """User of this party's NATS account, the same as its service's."""
    nats_password: SecretStr
    """Its password, beginning with a letter; the same as its service's."""
    nats_ca_file: str | None = None
    """PEM: who signs the certificate of NATS at tls://; none: an authority the system trusts."""
    nats_copies: int = Field(default=1, ge=1, le=5)
    """How many servers of a cluster keep each message: 3 of 3."""
    tails_base_url: str | None = None
    """Issuer only: public base URL of its tails files."""
    metrics_host: str = "127.0.0.1"
    """Address on which metrics are served; never one the public reaches."""
    metrics_port: int | None = None
    """Port for `/metrics`, which needs no key; unset, nothing is measured."""
    log_format: LogFormat | None = None
    """`json`: one object a line; `plain`: text. Unset: json in production, else plain."""
    host_map: dict[str, str] = Field(default_factory=dict)
    """Development only: DID host name → loopback address that serves it."""

    @property
    def logs(self) -> LogFormat:
        """The form of log lines."""
        return self.log_format or ("json" if self.profile == "production" else "plain")

    @field_validator("tails_base_url")
    @classmethod
    def _without_last_slash(cls, given: str | None) -> str | None:
        return given.rstrip("/") if given is not None else None

    @field_validator("database_url")
    @classmethod
    def _names_a_database(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            store_at(given.get_secret_value())
        return given

    def stand_ins(self) -> Iterator[str]:
        """Name each setting that is a convenience for development only."""
        if self.host_map:
            yield "host_map (it maps host names for development; leave it out in production)"
        yield from url_stand_ins("endpoint", self.endpoint)
        if self.tails_base_url is not None:
            yield from url_stand_ins("tails_base_url", self.tails_base_url)
        yield from secret_stand_ins("admin_key", self.admin_key)
        yield from secret_stand_ins("nats_password", self.nats_password)
        yield from nats_stand_ins("nats_url", self.nats_url)

    @model_validator(mode="after")
    def _complete_and_safe(self) -> Self:
        found = list(self.stand_ins()) if self.profile == "production" else []
        if found:
            raise ValueError("the production profile refuses: " + "; ".join(found))
        if (self.party == "issuer") != (self.tails_base_url is not None):
            raise ValueError("AGENT_TAILS_BASE_URL belongs to the issuer's agent, and the issuer needs it")
        if self.party != "wallet" and self.shard != MAIN_SHARD:
            raise ValueError(
                "AGENT_SHARD is for wallets' agents; those of an issuer or verifier share a database"
            )
        if self.party == "wallet" and self.database_url is not None:
            raise ValueError(
                "AGENT_DATABASE_URL is for the issuer's and verifier's agents; a learner's wallet is a file of its own"
            )
        return self
