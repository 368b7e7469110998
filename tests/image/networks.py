"""The networks of deploy/compose without a container engine: a namespace for each container, for the machine, and for the internet.

A container reaches those it shares a network with, and the world from a network that is not internal; the machine publishes the edge's
ports at its public address. All of it is gone with this process: nothing of the machine it runs on changes.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.compose_file import FOLDER

PUBLIC: Final = "45.84.0.1"
"""Of the machine, on an internet of its own: programs refuse names that lead to addresses which are not public."""
AUTHORITY: Final = "45.84.0.2"
LEARNERS: Final = "45.84.0.3"
ACME_HOST: Final = "acme-v02.api.letsencrypt.org"
"""Where Caddy has certificates from, unless told otherwise."""
_PRIVATE: Final = "172.16.0.0/12"
_MACHINE: Final = "machine"
_AUTHORITY: Final = "authority"
_LEARNERS: Final = "learners"
_CALLED: Final = {"issuer": "edge", "wallet": "edge", "verifier": "edge", "registry": "edge", "nats": "nats", "postgres": "database"}  # fmt: skip
"""In which network others look for a service; an agent is looked for in that of its party."""


class Networks:
    """Where each container of the compose file is, by its name."""

    def __init__(self, services: Mapping[str, Any], domains: list[str]) -> None:
        self._services = services
        self._domains = domains
        given = yaml.safe_load((FOLDER / "compose.yaml").read_text())["networks"]
        self._networks: dict[str, tuple[str, bool]] = {}
        for place, (name, said) in enumerate(given.items(), 1):
            subnet = said["ipam"]["config"][0]["subnet"] if "ipam" in said else f"172.31.{place}.0/24"
            self._networks[name] = (subnet.removesuffix(".0/24"), said.get("internal", False))

    def address(self, service: str, network: str) -> str:
        """Of a container in one of its networks."""
        asked = self._services[service]["networks"]
        if isinstance(asked, dict) and (fixed := (asked[network] or {}).get("ipv4_address")):
            return str(fixed)
        return f"{self._networks[network][0]}.{10 + list(self._services).index(service)}"

    def hosts(self) -> str:
        """Names as containers, people and the certificate authority look them up."""
        found = {"localhost": "127.0.0.1", ACME_HOST: AUTHORITY} | dict.fromkeys(self._domains, PUBLIC)
        for name in self._services:
            network = _CALLED.get(name) or (name.removesuffix("-agent") if name.endswith("-agent") else None)
            if network:
                found[name] = self.address(name, network)
        return "".join(f"{address} {name}\n" for name, address in found.items())

    def make(self) -> None:
        """Make them all."""
        containers = [name for name, service in self._services.items() if isinstance(service.get("networks"), list | dict)]  # fmt: skip
        for name in (_MACHINE, _AUTHORITY, _LEARNERS, *containers):
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
        _bridge("internet")
        _ip("-n", _MACHINE, "addr", "add", f"{PUBLIC}/24", "dev", "internet")
        for place, address in ((_AUTHORITY, AUTHORITY), (_LEARNERS, LEARNERS)):
            _joined(place, "internet", address, f"i{place[:6]}")
        for name, (subnet, _) in self._networks.items():
            _bridge(name)
            _ip("-n", _MACHINE, "addr", "add", f"{subnet}.1/24", "dev", name)
        for name in containers:
            for number, network in enumerate(self._services[name]["networks"]):
                at = f"v{containers.index(name)}x{number}"
                _joined(name, network, self.address(name, network), at)
            outward = [each for each in self._services[name]["networks"] if not self._networks[each][1]]
            if outward:
                gateway = f"{self._networks[outward[0]][0]}.1"
                _ip("-n", name, "route", "add", "default", "via", gateway)
        for place in (_AUTHORITY, _LEARNERS):
            _ip("-n", place, "route", "add", _PRIVATE, "via", PUBLIC)
        # As a container engine does, the machine passes on what goes to the world, and nothing from one of its networks to another.
        for name in self._networks:
            _ip("-n", _MACHINE, "rule", "add", "iif", name, "to", _PRIVATE, "prohibit")
        subprocess.run([*inside(_MACHINE), "sysctl", "-qw", "net.ipv4.ip_forward=1"], check=True)

    def published(self) -> list[subprocess.Popen[bytes]]:
        """The edge's ports at the machine's public address, as a container engine publishes them."""
        edge = self.address("edge", "edge")
        return [
            subprocess.Popen(
                [*inside(_MACHINE), sys.executable, "-m", "tests.image.published", PUBLIC, outer, edge, inner]
            )
            for outer, inner in (port.split(":") for port in self._services["edge"]["ports"])
        ]


def inside(name: str) -> list[str]:
    """What goes before a command that runs in a container's network."""
    return ["ip", "netns", "exec", name]


@contextmanager
def on_an_internet_of_its_own(networks: Networks, folder: Path) -> Iterator[None]:
    """Whatever this thread starts is where learners are, with names of its own; nobody else sees them."""
    os.unshare(os.CLONE_NEWNS)
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    Path("/run/netns").mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run/netns"], check=True)
    (folder / "hosts").write_text(networks.hosts())
    subprocess.run(["mount", "--bind", folder / "hosts", "/etc/hosts"], check=True)
    networks.make()
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{_LEARNERS}", os.O_RDONLY)
    os.setns(there, os.CLONE_NEWNET)
    try:
        yield
    finally:
        os.setns(before, os.CLONE_NEWNET)
        os.close(before)
        os.close(there)
        subprocess.run(["umount", "/etc/hosts"], check=True)
        subprocess.run(["umount", "--recursive", "/run/netns"], check=True)


def _bridge(name: str) -> None:
    _ip("-n", _MACHINE, "link", "add", name, "type", "bridge")
    _ip("-n", _MACHINE, "link", "set", name, "up")


def _joined(container: str, network: str, address: str, at: str) -> None:
    _ip("-n", _MACHINE, "link", "add", at, "type", "veth", "peer", "name", network, "netns", container)
    _ip("-n", _MACHINE, "link", "set", at, "master", network, "up")
    _ip("-n", container, "addr", "add", f"{address}/24", "dev", network)
    _ip("-n", container, "link", "set", network, "up")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
