"""`ujuzi up` with each party known to the others only by another port, or with more settings: `python -m tests.support.up_behind_edges`.

    up_behind_edges --home HOME --base-port PORT

The ports are in EDGES as JSON, by party. A party reaches itself without its edge, and so do its people and officers.
More settings are in MORE_SETTINGS as JSON, by program: those of a mail server, say. Both may be left out.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from services.launcher.domain.exchange import LOOPBACK, Ports, Program, Secrets, Site, programs_of
from services.launcher.main import exchange_in, introduce, run_as_program

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


if __name__ == "__main__":
    edges = json.loads(os.environ.get(EDGES, "{}"))
    more = json.loads(os.environ.get(MORE_SETTINGS, "{}"))

    def plan(site: Site, secrets: Secrets) -> Sequence[Program]:
        """Every program with what it is told besides."""
        programs = programs_of(site, secrets)
        return [told_more(more, behind(edges, site.ports, program)) for program in programs]

    run_as_program(
        partial(exchange_in, database_url=os.environ.get("UJUZI_DATABASE"), prepare=introduce, plan=plan)
    )
