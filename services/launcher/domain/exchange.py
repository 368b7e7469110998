"""What an exchange on one machine consists of: its ports, secrets, programs and addresses. No I/O."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from services.launcher.errors import CannotStart

LOOPBACK = "127.0.0.1"
DEFAULT_BASE_PORT = 8400
EXCHANGE_PORTS = 8
_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Ports:
    """The eight ports of an exchange, counted from its base port."""

    base: int

    @property
    def issuer(self) -> int:
        """Web app of the issuer."""
        return self.base

    @property
    def wallet(self) -> int:
        """Web app of the wallet."""
        return self.base + 1

    @property
    def verifier(self) -> int:
        """Web app of the verifier."""
        return self.base + 2

    @property
    def trust_registry(self) -> int:
        """Web app of the trust registry."""
        return self.base + 3

    @property
    def nats(self) -> int:
        """NATS server."""
        return self.base + 4

    @property
    def issuer_agent(self) -> int:
        """Private admin port of the issuer's agent."""
        return self.base + 5

    @property
    def wallet_agent(self) -> int:
        """Private admin port of the wallet's agent."""
        return self.base + 6

    @property
    def verifier_agent(self) -> int:
        """Private admin port of the verifier's agent."""
        return self.base + 7

    def all(self) -> dict[str, int]:
        """Every port by the name of the program that listens on it."""
        return {
            "issuer": self.issuer,
            "wallet": self.wallet,
            "verifier": self.verifier,
            "trust-registry": self.trust_registry,
            "nats": self.nats,
            "issuer-agent": self.issuer_agent,
            "wallet-agent": self.wallet_agent,
            "verifier-agent": self.verifier_agent,
        }


PARTIES = ("issuer", "wallet", "verifier", "registry")
AGENT_PARTIES = ("issuer", "wallet", "verifier")


@dataclass(frozen=True, slots=True)
class Secrets:
    """Every secret of one home: made once, kept in a file only its owner reads, passed on by environment."""

    nats_passwords: Mapping[str, str] = field(repr=False)
    service_keys: Mapping[str, bytes] = field(repr=False)
    api_keys: Mapping[str, str] = field(repr=False)
    agent_keys: Mapping[str, str] = field(repr=False)
    agent_wallet_keys: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Names:
    """How the demonstration's three organisations call themselves."""

    issuer: str = "Digital Skills Trust"
    verifier: str = "Kazi Jobs"
    authority: str = "Demonstration Qualifications Authority"
    country: str = "KE"
    issuer_slug: str = "digital-skills-trust"
    verifier_slug: str = "kazi-jobs"
    list_name: str = "demonstration"


class Stage(IntEnum):
    """Programs start in this order, and stop in the opposite one."""

    BUS = 0
    AGENT = 1
    WEB = 2


@dataclass(frozen=True, slots=True)
class Program:
    """One child process.

    `ready` is an address that answers 200 when the program is ready, or `nats://…`, whose greeting is waited for.
    Secrets are in `environment`, never in `command`. It runs in `folder`, which holds all it keeps.
    """

    name: str
    folder: Path
    command: tuple[str, ...]
    ready: str
    stage: Stage
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a running exchange is found; what `endpoints.json` says."""

    issuer: str
    wallet: str
    verifier: str
    trust_registry: str
    nats: str
    dids: Mapping[str, str]
    keys: Mapping[str, str] = field(repr=False)


DID_HOSTS = {
    "issuer": "issuer.ujuzi.test",
    "verifier": "verifier.ujuzi.test",
    "registry": "registry.ujuzi.test",
}


def endpoints_of(ports: Ports, secrets: Secrets) -> Endpoints:
    """Return the addresses of the exchange on these ports."""
    return Endpoints(
        issuer=_web(ports.issuer),
        wallet=_web(ports.wallet),
        verifier=_web(ports.verifier),
        trust_registry=_web(ports.trust_registry),
        nats=f"nats://{LOOPBACK}:{ports.nats}",
        dids={
            DID_HOSTS["issuer"]: _web(ports.issuer),
            DID_HOSTS["verifier"]: _web(ports.verifier),
            DID_HOSTS["registry"]: _web(ports.trust_registry),
        },
        keys={
            "issuer": secrets.api_keys["issuer"],
            "verifier": secrets.api_keys["verifier"],
            "trust_registry": secrets.api_keys["registry"],
            "wallet": secrets.api_keys["wallet"],
        },
    )


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A PostgreSQL server in which an exchange keeps its databases, as `address` names it without its secrets."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    prefix: str = "ujuzi"
    """What the names of the databases begin with, so that several exchanges can share a server."""

    @property
    def address(self) -> str:
        """Where it is, without account and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"postgresql://{host}:{self.port}/{self.prefix}"

    def database_name(self, program: str) -> str:
        """Name of the database of one program."""
        return f"{self.prefix}_{program.replace('-', '_')}"

    def url(self, program: str) -> str:
        """URL of the database of one program, with account and password."""
        account = quote(self.user, safe="")
        if self.password:
            account += f":{quote(self.password, safe='')}"
        place = self.address.removeprefix("postgresql://").rpartition("/")[0]
        return f"postgresql://{account}@{place}/{quote(self.database_name(program), safe='')}"


POSTGRES_PORT = 5432
_DATABASE_URL = "postgresql://user:password@host:port"
POSTGRES_PROGRAMS = ("issuer", "wallet", "verifier", "trust-registry", "issuer-agent", "verifier-agent")
"""The programs with a PostgreSQL database each. A learner's wallet is a file of its own, so the wallet's agent has none."""


def postgres_server(url: str) -> PostgresServer:
    """Read `postgresql://user:password@host:port[/prefix]`.

    Raises:
        CannotStart: it is nothing of the kind; the message does not repeat it, for it may hold a password.
    """
    try:
        parts = urlsplit(url)
        host, port, user = parts.hostname, parts.port or POSTGRES_PORT, unquote(parts.username or "")
        password, prefix = unquote(parts.password or ""), parts.path.strip("/") or "ujuzi"
    except ValueError:
        parts, host, port, user, password, prefix = None, None, 0, "", "", ""
    if parts is None or parts.scheme not in {"postgresql", "postgres"} or not host or not user or parts.query:
        raise CannotStart(
            f"The database is not usable: give it as {_DATABASE_URL}, special characters percent-encoded."
        )
    if not _PREFIX.fullmatch(prefix):
        raise CannotStart(
            f"The database's path {prefix!r} is not usable: it begins the names of the databases, so give at most 40 "
            "small letters, digits and underscores, or leave it out."
        )
    return PostgresServer(host, port, user, password, prefix)


@dataclass(frozen=True, slots=True)
class Site:
    """Where an exchange runs, and with what."""

    home: Path
    ports: Ports
    names: Names
    python: str
    nats_server: str
    nats_config: Path
    database: PostgresServer | None = None
    """None: every program keeps a SQLite file in its folder."""
    return_origins: tuple[str, ...] = ()
    """Of job platforms to which the verifier returns learners."""
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Settings of services that only whoever runs them knows: mail server, SMS gateway, OpenID provider."""

    @property
    def nats(self) -> str:
        """Address of the NATS server."""
        return f"nats://{LOOPBACK}:{self.ports.nats}"


_GIVEN = (
    "ISSUER_MAIL_", "ISSUER_SMS_", "ISSUER_OIDC_", "ISSUER_KEEP_", "VERIFIER_OIDC_", "REGISTRY_OIDC_",
    "WALLET_BACKUPS_", "WALLET_MOST_", "WALLET_NEW_",
    *(
        f"{program}_{what}_"
        for program in (
            "ISSUER", "WALLET", "VERIFIER", "REGISTRY", "ISSUER_AGENT", "WALLET_AGENT", "VERIFIER_AGENT",
        )
        for what in ("METRICS", "LOG")
    ),
)  # fmt: skip
"""Beginnings of the variables that `ujuzi up` passes on; all else about its programs it decides itself."""


_NATS_MEMORY = "80MiB"
"""What NATS collects its garbage by (Go's soft limit). It has some 20 to 60 MiB in use: the newest part of each stream, and as much
again as garbage when nothing bounds it."""


def given_in(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings among these variables that services are to have."""
    return {name: value for name, value in environment.items() if name.startswith(_GIVEN)}


def programs_of(site: Site, secrets: Secrets) -> tuple[Program, ...]:
    """Return every program of an exchange, with its whole environment but what it inherits."""
    addresses = endpoints_of(site.ports, secrets)
    hosts = json.dumps(dict(addresses.dids))
    bus = Program(
        name="nats",
        folder=site.home / "nats",
        command=(site.nats_server, "--config", str(site.nats_config)),
        ready=addresses.nats,
        stage=Stage.BUS,
        environment={
            "UJUZI_NATS_LISTEN": json.dumps(f"{LOOPBACK}:{site.ports.nats}"),
            "UJUZI_NATS_STORE": json.dumps(str(site.home / "nats")),
            "UJUZI_NATS_PARTY_STORE": "4GB",
            "GOMEMLIMIT": _NATS_MEMORY,
            **{
                f"UJUZI_NATS_{party.upper()}_PASSWORD": json.dumps(secrets.nats_passwords[party])
                for party in PARTIES
            },
        },
    )
    return (bus, *_agents(site, secrets, hosts), *_webs(site, secrets, hosts))


def _agents(site: Site, secrets: Secrets, hosts: str) -> tuple[Program, ...]:
    labels = {"issuer": site.names.issuer, "wallet": "Ujuzi wallet", "verifier": site.names.verifier}
    admin_ports = site.ports.all()
    return tuple(
        Program(
            name=f"{party}-agent",
            folder=site.home / f"{party}-agent",
            command=(site.python, "-m", "services.agent"),
            ready=f"{_web(admin_ports[f'{party}-agent'])}/status/ready",
            stage=Stage.AGENT,
            environment={
                "AGENT_PROFILE": "development",
                "AGENT_PARTY": party,
                "AGENT_ADMIN_PORT": str(admin_ports[f"{party}-agent"]),
                "AGENT_ADMIN_KEY": secrets.agent_keys[party],
                "AGENT_WALLET_KEY": secrets.agent_wallet_keys[party],
                "AGENT_STORAGE_DIR": str(site.home / f"{party}-agent"),
                "AGENT_ENDPOINT": f"{_web(admin_ports[party])}/didcomm",
                "AGENT_LABEL": labels[party],
                "AGENT_NATS_URL": site.nats,
                "AGENT_NATS_USER": party,
                "AGENT_NATS_PASSWORD": secrets.nats_passwords[party],
                "AGENT_HOST_MAP": hosts,
                **_store_of(f"{party}-agent", site.database),
                **{
                    name.removeprefix(f"{party.upper()}_"): value
                    for name, value in site.given.items()
                    if name.startswith(f"{party.upper()}_AGENT_")
                },
                **(
                    {"AGENT_TAILS_BASE_URL": f"{_web(admin_ports['issuer'])}/tails"}
                    if party == "issuer"
                    else {}
                ),
            },
        )
        for party in AGENT_PARTIES
    )


def _store_of(agent: str, database: PostgresServer | None) -> dict[str, str]:
    if database is None or agent not in POSTGRES_PROGRAMS:
        return {}
    return {"AGENT_DATABASE_URL": database.url(agent)}


def _webs(site: Site, secrets: Secrets, hosts: str) -> tuple[Program, ...]:
    organisations = {
        "issuer": {
            "ORGANISATION_NAME": site.names.issuer,
            "ORGANISATION_COUNTRY": site.names.country,
            "ORGANISATION_SLUG": site.names.issuer_slug,
        },
        "wallet": {},
        "verifier": {
            "ORGANISATION_NAME": site.names.verifier,
            "ORGANISATION_COUNTRY": site.names.country,
            "ORGANISATION_SLUG": site.names.verifier_slug,
            "RETURN_ORIGINS": json.dumps(site.return_origins),
        },
        "registry": {
            "AUTHORITY_NAME": site.names.authority,
            "TERRITORY": site.names.country,
            "LIST_NAME": site.names.list_name,
        },
    }
    modules = {"registry": "services.trust_registry"}
    programs = {"registry": "trust-registry"}
    all_ports = site.ports.all()
    made = []
    for party in PARTIES:
        name = programs.get(party, party)
        base_url = _web(all_ports[name])
        settings = {
            "PROFILE": "development",
            "HOST": LOOPBACK,
            "PORT": str(all_ports[name]),
            "BASE_URL": base_url,
            "DID_HOST": DID_HOSTS.get(party, "wallet.ujuzi.test"),
            "DATABASE_URL": (
                f"sqlite+aiosqlite:///{site.home / name / 'service.db'}"
                if site.database is None
                else site.database.url(name)
            ),
            "SECRET_KEY": b64encode(secrets.service_keys[party]).decode(),
            "BOOTSTRAP_API_KEY": secrets.api_keys[party],
            "NATS_URL": site.nats,
            "NATS_USER": party,
            "NATS_PASSWORD": secrets.nats_passwords[party],
            "HOST_MAP": hosts,
            "TRACE_PARTNERS": json.dumps([_web(all_ports[each]) for each in AGENT_PARTIES]),
            **organisations[party],
        }
        if party in {"issuer", "verifier"}:
            settings["WALLET_URL"] = _web(all_ports["wallet"])
        if party in AGENT_PARTIES:
            settings["AGENT_URL"] = _web(all_ports[f"{party}-agent"])
            settings["AGENT_KEY"] = secrets.agent_keys[party]
        made.append(
            Program(
                name=name,
                folder=site.home / name,
                command=(site.python, "-m", modules.get(party, party)),
                ready=f"{base_url}/ready",
                stage=Stage.WEB,
                environment={
                    **{
                        name: value
                        for name, value in site.given.items()
                        if name.startswith(f"{party.upper()}_")
                    },
                    **{f"{party.upper()}_{key}": value for key, value in settings.items()},
                },
            )
        )
    return tuple(made)


def _web(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"
