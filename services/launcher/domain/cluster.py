"""An exchange of which any one program may be lost: several NATS servers, and several replicas of programs. No I/O.

Replicas share the database and the public address of the program they are replicas of; what leads from that address to one of
them (a load balancer) is not ours. On one machine it makes use of a second core, no more.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from services.launcher.domain.exchange import LOOPBACK, Program, Site, Stage

COPIES = 3
"""Servers of a cluster, each of which keeps every message."""
SERVICE_PREFIX = {"trust-registry": "REGISTRY"}


@dataclass(frozen=True, slots=True)
class NatsPort:
    """Where one NATS server is found, by clients and by the other servers."""

    clients: int
    servers: int


def several_servers(
    programs: Sequence[Program], config: Path, ports: Sequence[NatsPort], password: str
) -> tuple[Program, ...]:
    """The same programs with a cluster of NATS servers, which keep three copies of each message.

    `config` is deploy/nats/cluster.conf; `password` is what the servers know one another by, and begins with a letter. The
    first server keeps the port of the one that was.
    """
    single = next(one for one in programs if one.stage is Stage.BUS)
    urls = ",".join(f"nats://{LOOPBACK}:{port.clients}" for port in ports)
    names = [replica_name(single.name, number) for number in range(1, len(ports) + 1)]
    servers = [
        replace(
            single,
            name=name,
            folder=single.folder.with_name(name),
            command=(*single.command[:-1], str(config)),
            ready=f"nats://{LOOPBACK}:{port.clients}",
            environment={
                **single.environment,
                "UJUZI_NATS_NAME": json.dumps(name),
                "UJUZI_NATS_LISTEN": json.dumps(f"{LOOPBACK}:{port.clients}"),
                "UJUZI_NATS_STORE": json.dumps(str(single.folder.with_name(name))),
                "UJUZI_NATS_PARTY_STORE": "12GB",
                "UJUZI_NATS_CLUSTER_LISTEN": json.dumps(f"{LOOPBACK}:{port.servers}"),
                "UJUZI_NATS_CLUSTER_PASSWORD": json.dumps(password),
                "UJUZI_NATS_ROUTES": json.dumps(
                    [
                        f"nats-route://cluster:{password}@{LOOPBACK}:{other.servers}"
                        for other in ports
                        if other is not port
                    ]
                ),
            },
        )
        for name, port in zip(names, ports, strict=True)
    ]
    return (*servers, *(_on_cluster(one, urls) for one in programs if one.stage is not Stage.BUS))


def several_replicas(
    programs: Sequence[Program], ports: Mapping[str, Sequence[int]], site: Site
) -> tuple[Program, ...]:
    """The same programs with several replicas of those in `ports`, which says where each replica listens.

    Needs PostgreSQL: a SQLite file has one program. Services are told of every replica of their agent. Raises ValueError.
    """
    if site.database is None and ports:
        raise ValueError("expected a PostgreSQL server for replicas: a SQLite file has one program")
    made: list[Program] = []
    for program in programs:
        told = _told_of_agents(program, ports)
        listening = ports.get(program.name)
        if listening is None:
            made.append(told)
        else:
            made += [_replica(told, number, port) for number, port in enumerate(listening, start=1)]
    return tuple(made)


def replica_name(program: str, number: int) -> str:
    """Name of a program's replica, counted from 1: `issuer`, `issuer-2`."""
    return program if number == 1 else f"{program}-{number}"


def _replica(program: Program, number: int, port: int) -> Program:
    """One of them: a name, a folder and a port of its own, and all else as the others have it."""
    name = replica_name(program.name, number)
    folder = program.folder.with_name(name)
    if program.stage is Stage.AGENT:
        own = {"AGENT_ADMIN_PORT": str(port), "AGENT_STORAGE_DIR": str(folder)}
        ready = f"http://{LOOPBACK}:{port}/status/ready"
    else:
        own = {f"{_prefix(program.name)}_PORT": str(port)}
        ready = f"http://{LOOPBACK}:{port}/ready"
    return replace(program, name=name, folder=folder, ready=ready, environment={**program.environment, **own})


def _told_of_agents(program: Program, ports: Mapping[str, Sequence[int]]) -> Program:
    agents = ports.get(f"{program.name}-agent")
    if agents is None:
        return program
    urls = ",".join(f"http://{LOOPBACK}:{port}" for port in agents)
    return replace(program, environment={**program.environment, f"{_prefix(program.name)}_AGENT_URL": urls})


def _on_cluster(program: Program, urls: str) -> Program:
    prefix = "AGENT" if program.stage is Stage.AGENT else _prefix(program.name)
    told = {f"{prefix}_NATS_URL": urls, f"{prefix}_NATS_COPIES": str(COPIES)}
    return replace(program, environment={**program.environment, **told})


def _prefix(service: str) -> str:
    return SERVICE_PREFIX.get(service, service.upper())
