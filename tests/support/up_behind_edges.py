"""`ujuzi up` with each party known to the others only by another port, or with more settings: `python -m tests.support.up_behind_edges`.

    up_behind_edges --home HOME --base-port PORT

The ports are in EDGES as JSON, by party. A party reaches itself without its edge, and so do its people and officers.
More settings are in MORE_SETTINGS as JSON, by program: those of a mail server, say. Both may be left out.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from services.launcher.adapters.bundled_files import nats_config, nats_server
from services.launcher.adapters.child_processes import ChildProcesses
from services.launcher.adapters.home_folder import HomeFolder
from services.launcher.adapters.postgres_databases import PostgresDatabases
from services.launcher.adapters.sqlite_files import SqliteFiles
from services.launcher.domain.exchange import (
    LOOPBACK,
    Names,
    Ports,
    Program,
    Secrets,
    Site,
    postgres_server,
    programs_of,
)
from services.launcher.main import introduce
from services.launcher.use_cases.open_exchange import open_exchange

PROGRAM = ("-m", "tests.support.up_behind_edges")
EDGES = "EDGES"
MORE_SETTINGS = "MORE_SETTINGS"
_PUBLIC = ("AGENT_ENDPOINT", "AGENT_TAILS_BASE_URL")
"""Settings in which a party says where others reach it; host maps say where it reaches others."""


def behind(edges: Mapping[str, int], ports: Ports, program: Program) -> Program:
    """The program, told of the edges."""
    own = program.name.removesuffix("-agent")
    told = dict(program.environment)
    for name, value in program.environment.items():
        for party, port in edges.items():
            if name in _PUBLIC or (name.endswith("HOST_MAP") and party != own):
                value = value.replace(  # noqa: PLW2901  one party after the other
                    f"{LOOPBACK}:{ports.all()[party]}", f"{LOOPBACK}:{port}"
                )
        told[name] = value
    return replace(program, environment=told)


def told_more(more: Mapping[str, Mapping[str, str]], program: Program) -> Program:
    """The program with its further settings."""
    return replace(program, environment={**program.environment, **more.get(program.name, {})})


async def up(
    home: Path,
    ports: Ports,
    database_url: str | None,
    edges: Mapping[str, int],
    more: Mapping[str, Mapping[str, str]],
) -> None:
    """Run until told to stop."""
    database = postgres_server(database_url) if database_url else None
    site = Site(home, ports, Names(), sys.executable, nats_server(), nats_config(), database)

    def plan(secrets: Secrets) -> Sequence[Program]:
        return [told_more(more, behind(edges, ports, program)) for program in programs_of(site, secrets)]

    told_to_stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_stop.set)
    async with open_exchange(
        HomeFolder(home),
        PostgresDatabases(database) if database else SqliteFiles(),
        ChildProcesses(home / "logs"),
        ports,
        plan=plan,
        prepare=introduce,
    ):
        await told_to_stop.wait()


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--home", type=Path, required=True)
    asked.add_argument("--base-port", type=int, required=True)
    given = asked.parse_args()
    asyncio.run(
        up(
            given.home,
            Ports(given.base_port),
            os.environ.get("UJUZI_DATABASE"),
            json.loads(os.environ.get(EDGES, "{}")),
            json.loads(os.environ.get(MORE_SETTINGS, "{}")),
        )
    )
