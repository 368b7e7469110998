"""Settings common to the services, and what the production profile refuses."""

import base64
import binascii
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.web.logs import LogFormat

SEALING_KEY_BYTES = 32
SHORTEST_SECRET = 32
LEAST_VARIETY = 8
"""Different characters in a secret: fewer were typed, not drawn."""
TEST_DOMAINS = (".test", ".localhost", ".example", ".invalid", ".local")


class CommonSettings(BaseSettings):
    """What every service is told; secrets have no default.

    A service derives its own class with `model_config = SettingsConfigDict(env_prefix="ISSUER_")`.
    """

    model_config = SettingsConfigDict(hide_input_in_errors=True, extra="ignore")

    profile: Literal["development", "production"] = Field(
        description="production refuses every stand-in: http, test hosts, short secrets, host maps."
    )
    host: str = Field(
        default="127.0.0.1",
        description="Address to listen on; 0.0.0.0 in a container. Never public: TLS ends before it.",
    )
    port: int = Field(description="Port to listen on, with /health, /ready and all pages.")
    base_url: str = Field(
        description="Where people and wallets reach this service, without a slash at the end."
    )
    database_url: str = Field(
        description="postgresql://user:password@host:port/name, or sqlite:////path/to/file.db; holds a password."
    )
    secret_key: SecretStr = Field(description="32 bytes in base64: seals the keys kept in the database.")
    bootstrap_api_key: SecretStr | None = Field(
        default=None, description="An API key with scope admin, kept hashed at start; 32 characters or more."
    )
    nats_url: str = Field(
        description="nats://host:port, or tls://host:port; several of a cluster with commas between."
    )
    nats_user: str = Field(description="User of this party's NATS account, the same as its agent's.")
    nats_password: SecretStr = Field(
        description="Its password, beginning with a letter; the same as its agent's."
    )
    nats_ca_file: str | None = Field(
        default=None,
        description="PEM: who signs the certificate of NATS at tls://; none: an authority the system trusts.",
    )
    nats_copies: int = Field(
        default=1, ge=1, le=5, description="How many servers of a cluster keep each message: 3 of 3."
    )
    host_map: dict[str, str] = Field(
        default_factory=dict, description="Development only: host name → http://127.0.0.1:PORT."
    )

    metrics_host: str = Field(
        default="127.0.0.1", description="Address on which metrics are served; never one the public reaches."
    )
    metrics_port: int | None = Field(
        default=None, description="Port for `/metrics`, which needs no key; unset, nothing is measured."
    )

    log_format: LogFormat | None = Field(
        default=None,
        description="`json`: one object a line; `plain`: text. Unset: json in production, else plain.",
    )

    trace_partners: tuple[str, ...] = Field(
        default=(),
        description="Origins of parties that you run yourself, as https://wallet.example: traces go on to them, and from "
        "whoever sends envelopes here. Elsewhere a trace ends at the party's border.",
    )

    trusted_proxies: tuple[str, ...] = Field(
        default=(),
        description="Addresses of reverse proxies, or networks as 10.0.0.0/8, whose X-Forwarded-For is believed; else it is not.",
    )
    public_reads_a_minute: int = Field(
        default=12_000,
        ge=1,
        description="Pages, public files and envelopes that one address may ask for or bring.",
    )
    public_posts_a_minute: int = Field(
        default=1_200, ge=1, description="Claims, new wallets, unlocks or trust queries of one address."
    )
    key_requests_a_minute: int = Field(
        default=12_000, ge=1, description="Requests with one API key or session token."
    )
    sign_ins_a_minute: int = Field(
        default=60, ge=1, description="Requests for signing in to the console from one address."
    )
    wrong_keys_a_minute: int = Field(
        default=600, ge=1, description="Answers 401 to one address, after which it waits."
    )

    @field_validator("base_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ValueError("expected an http or https URL")
        return value.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each)
            except ValueError as error:
                raise ValueError(
                    f"expected addresses or networks such as 10.0.0.0/8, found {each!r}"
                ) from error
        return value

    @field_validator("secret_key")
    @classmethod
    def _thirty_two_bytes(cls, value: SecretStr) -> SecretStr:
        _decoded(value.get_secret_value())
        return value

    @field_validator("bootstrap_api_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(
                f"expected {SHORTEST_SECRET} characters or more: `openssl rand -hex 32` makes a good one"
            )
        return value

    @model_validator(mode="after")
    def _refuse_stand_ins(self) -> Self:
        if self.profile == "production":
            found = list(self.stand_ins())
            if found:
                raise ValueError("the production profile refuses: " + "; ".join(found))
        return self

    def stand_ins(self) -> Iterator[str]:
        """Name each setting that is a convenience for development only."""
        if self.host_map:
            yield "host_map (it sends host names elsewhere; leave it empty)"
        yield from url_stand_ins("base_url", self.base_url)
        yield from secret_stand_ins("nats_password", self.nats_password)
        yield from nats_stand_ins("nats_url", self.nats_url)
        if self.bootstrap_api_key is not None:
            yield from secret_stand_ins("bootstrap_api_key", self.bootstrap_api_key)
        if len(set(self.sealing_key)) < LEAST_VARIETY:
            yield "secret_key that anybody guesses (make one with `openssl rand -base64 32`)"

    @property
    def logs(self) -> LogFormat:
        """The form of log lines."""
        return self.log_format or ("plain" if self.development else "json")

    @property
    def development(self) -> bool:
        """Whether conveniences for development are allowed."""
        return self.profile == "development"

    @property
    def sealing_key(self) -> bytes:
        """The 32 bytes of `secret_key`."""
        return _decoded(self.secret_key.get_secret_value())


class ConsoleSettings(CommonSettings):
    """Settings of a service with a console: an OpenID provider to sign in with, if there is one."""

    oidc_issuer: str | None = Field(
        default=None, description="Issuer of the OpenID provider, as in its discovery document."
    )
    oidc_client_id: str | None = Field(default=None, description="Our name at that provider.")
    oidc_client_secret: SecretStr | None = Field(default=None, description="Our secret at that provider.")

    @model_validator(mode="after")
    def _all_or_none(self) -> Self:
        given = [self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret]
        if any(given) and not all(given):
            raise ValueError("expected all of oidc_issuer, oidc_client_id and oidc_client_secret, or none")
        return self

    def stand_ins(self) -> Iterator[str]:
        """Name each setting that is a convenience for development only."""
        yield from super().stand_ins()
        if self.oidc_issuer is not None and not self.oidc_issuer.startswith("https:"):
            yield "oidc_issuer over http (expected https)"


class AgentSettings(CommonSettings):
    """Settings of a service with an agent (the wallet)."""

    agent_url: str = Field(
        description="The private address of this party's agent, e.g. http://issuer-agent:8021; several that share a store with commas between."
    )
    agent_key: SecretStr = Field(description="What the agent has as AGENT_ADMIN_KEY.")

    def stand_ins(self) -> Iterator[str]:
        """Name each setting that is a convenience for development only."""
        yield from super().stand_ins()
        yield from secret_stand_ins("agent_key", self.agent_key)


class DidHostSettings(CommonSettings):
    """Settings of a service with DIDs of its own (the trust registry)."""

    did_host: str = Field(description="Host name in this service's DIDs, e.g. credentials.amal.example.")

    @field_validator("did_host")
    @classmethod
    def _host_name(cls, value: str) -> str:
        if "." not in value or "/" in value or ":" in value or _is_address(value):
            raise ValueError("expected a host name with a dot, without scheme, port or path")
        return value.lower()

    def stand_ins(self) -> Iterator[str]:
        """Name each setting that is a convenience for development only."""
        yield from super().stand_ins()
        if is_for_tests(self.did_host):
            yield "did_host with a host name for tests (expected a public host name)"


class ServiceSettings(AgentSettings, DidHostSettings):
    """Settings of a service with an agent and DIDs of its own (issuer and verifier)."""

    wallet_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/?#]+$",
        description="A wallet in the browser that people are offered beside their own wallet app; no path.",
    )


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(
            text + "=" * (-len(text) % 4), altchars=b"-_" if {"-", "_"} & set(text) else None
        )
    except (binascii.Error, ValueError) as error:
        raise ValueError("expected 32 bytes in base64") from error
    if len(key) != SEALING_KEY_BYTES:
        raise ValueError(f"expected 32 bytes in base64, found {len(key)}")
    return key


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def url_stand_ins(name: str, url: str) -> Iterator[str]:
    """Say what keeps this URL from being one that the public may be given."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        yield f"{name} over http (expected https)"
    if is_for_tests(parts.hostname or ""):
        yield f"{name} with a host name for tests or an address (expected a public host name)"


def secret_stand_ins(name: str, secret: SecretStr) -> Iterator[str]:
    """Say what makes this secret one for development only."""
    text = secret.get_secret_value()
    if len(text) < SHORTEST_SECRET:
        yield f"{name} shorter than {SHORTEST_SECRET} characters"
    elif len(set(text)) < LEAST_VARIETY:
        yield f"{name} that anybody guesses (make one with `openssl rand -hex 32`)"


def nats_stand_ins(name: str, urls: str) -> Iterator[str]:
    """Say which of these servers, commas between, would be told passwords and messages in the clear over a network."""
    for url in urls.split(","):
        parts = urlsplit(url.strip())
        if parts.scheme != "tls" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
            yield f"{name} without TLS to another machine (expected tls://)"
            return


def is_for_tests(host: str) -> bool:
    """Whether this host name or address is none that the public can reach."""
    return "." not in host or host.endswith(TEST_DOMAINS) or _is_address(host)
