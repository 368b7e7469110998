"""An exchange of which any one program may be lost: several NATS servers, and several replicas of programs. No I/O.

Replicas share the database and the public address of the program they are replicas of; what leads from that address to one of
them (a load balancer) is not ours. On one machine it makes use of a second core, no more.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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


@dataclass(frozen=True, slots=True)
class Shard:
    """A further shard of learners' wallets; `name` of small letters, digits and `-`."""

    name: str
    port: int
    """Where its agent listens for the wallet's web apps."""
    wallet_key: str = field(repr=False)
    """Raw key of the agent's own store: 32 bytes in base58."""


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

    Needs PostgreSQL: a SQLite file has one program. Services are told of every replica of their agent, and the wallet's of how many there are of itself. Raises ValueError.
    """
    if site.database is None and ports:
        raise ValueError("expected a PostgreSQL server for replicas: a SQLite file has one program")
    made: list[Program] = []
    for program in programs:
        told = _told_of_replicas(program, ports)
        listening = ports.get(program.name)
        if listening is None:
            made.append(told)
        else:
            made += [_replica(told, number, port) for number, port in enumerate(listening, start=1)]
    return tuple(made)


def several_shards(
    programs: Sequence[Program], shards: Sequence[Shard], *, standby: bool
) -> tuple[Program, ...]:
    """The same programs with further shards of learners' wallets, each with an agent, and perhaps one on standby for it.

    Which of the two has the stores is theirs to settle; both are called `wallet-agent-NAME`, one with `-2` after it.
    """
    if not shards:
        return tuple(programs)
    agent = next(one for one in programs if one.name == "wallet-agent")
    told = {shard.name: f"http://{LOOPBACK}:{shard.port}" for shard in shards}
    pairs = [_with_standby(agent, shard, told[shard.name]) for shard in shards]
    further = [one for pair in pairs for one in (pair if standby else pair[:1])]
    return (
        *(
            replace(one, environment={**one.environment, "WALLET_AGENTS": json.dumps(told)})
            if one.name == "wallet"
            else one
            for one in programs
        ),
        *further,
    )


def _with_standby(agent: Program, shard: Shard, url: str) -> tuple[Program, Program]:
    name = f"{agent.name}-{shard.name}"
    folder = agent.folder.with_name(name)
    first = replace(
        agent,
        name=name,
        folder=folder,
        ready=f"{url}/status/ready",
        environment={
            **agent.environment,
            "AGENT_ADMIN_PORT": str(shard.port),
            "AGENT_STORAGE_DIR": str(folder),
            "AGENT_WALLET_KEY": shard.wallet_key,
            "AGENT_SHARD": shard.name,
            "AGENT_STANDBY": "true",
        },
    )
    second = replica_name(name, 2)
    return first, replace(first, name=second, folder=folder.with_name(second))


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


def _told_of_replicas(program: Program, ports: Mapping[str, Sequence[int]]) -> Program:
    told: dict[str, str] = {}
    if (agents := ports.get(f"{program.name}-agent")) is not None:
        told[f"{_prefix(program.name)}_AGENT_URL"] = ",".join(f"http://{LOOPBACK}:{port}" for port in agents)
    if program.name == "wallet" and program.name in ports:
        told["WALLET_REPLICAS"] = str(len(ports[program.name]))
    return replace(program, environment={**program.environment, **told})


def _on_cluster(program: Program, urls: str) -> Program:
    prefix = "AGENT" if program.stage is Stage.AGENT else _prefix(program.name)
    told = {f"{prefix}_NATS_URL": urls, f"{prefix}_NATS_COPIES": str(COPIES)}
    return replace(program, environment={**program.environment, **told})


def _prefix(service: str) -> str:
    return SERVICE_PREFIX.get(service, service.upper())
