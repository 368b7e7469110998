"""What an installation on servers is given as secrets: one file of variables for each program. No I/O."""

from collections.abc import Callable
from dataclasses import dataclass

from services.launcher.domain.exchange import AGENT_PARTIES, PARTIES, POSTGRES_PROGRAMS

DATABASE_SERVER = "postgres:5432"


@dataclass(frozen=True, slots=True)
class Draw:
    """How each kind of secret is drawn."""

    word: Callable[[], str]
    """Beginning with a letter, and of letters and digits only: it stands in URLs and in NATS's file."""
    base64_key: Callable[[], str]
    base58_key: Callable[[], str]


def secret_files(draw: Draw, *, database: str = DATABASE_SERVER) -> dict[str, str]:
    """The content of each file by its name: lines NAME=value that Compose, Docker and kubectl read alike.

    `database` is host:port of the PostgreSQL server. Every party's secrets are made, so that none is ever shared.
    """
    nats = {party: draw.word() for party in PARTIES}
    agents = {party: draw.word() for party in AGENT_PARTIES}
    databases = {program.replace("-", "_"): draw.word() for program in POSTGRES_PROGRAMS}

    def url(program: str) -> str:
        return f"postgresql://ujuzi_{program}:{databases[program]}@{database}/ujuzi_{program}"

    files = {
        "nats": {f"UJUZI_NATS_{party.upper()}_PASSWORD": nats[party] for party in PARTIES},
        "postgres": {
            "POSTGRES_PASSWORD": draw.word(),
            **{f"DATABASE_PASSWORD_{program.upper()}": databases[program] for program in databases},
        },
    }
    for party in PARTIES:
        prefix = party.upper()
        files[party] = {
            f"{prefix}_SECRET_KEY": draw.base64_key(),
            f"{prefix}_NATS_PASSWORD": nats[party],
            f"{prefix}_DATABASE_URL": url("trust_registry" if party == "registry" else party),
        }
        if party in agents:
            files[party][f"{prefix}_AGENT_KEY"] = agents[party]
            files[f"{party}-agent"] = {
                "AGENT_ADMIN_KEY": agents[party],
                "AGENT_WALLET_KEY": draw.base58_key(),
                "AGENT_NATS_PASSWORD": nats[party],
            }
        if f"{party}_agent" in databases:
            files[f"{party}-agent"]["AGENT_DATABASE_URL"] = url(f"{party}_agent")
    return {
        f"{name}.env": "".join(f"{variable}={value}\n" for variable, value in given.items())
        for name, given in files.items()
    }
