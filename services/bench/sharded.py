"""The exchange of `ujuzi up` with a second agent for learners' wallets: a program of its own, for the benchmark."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from services.launcher.adapters.bundled_files import nats_config, nats_server
from services.launcher.adapters.child_processes import ChildProcesses
from services.launcher.adapters.drawn import base58_key
from services.launcher.adapters.free_ports import free_base_port
from services.launcher.adapters.home_folder import HomeFolder
from services.launcher.adapters.sqlite_files import SqliteFiles
from services.launcher.domain.cluster import Shard, several_shards
from services.launcher.domain.exchange import Names, Ports, Program, Secrets, Site, programs_of
from services.launcher.main import introduce
from services.launcher.use_cases.open_exchange import open_exchange


async def run(home: Path, ports: Ports) -> None:
    """Run until told to stop; wallets are dealt out to the two agents as they are made."""
    site = Site(home, ports, Names(), sys.executable, nats_server(), nats_config(), None)
    second = Shard("b", free_base_port(1), base58_key())

    def plan(secrets: Secrets) -> Sequence[Program]:
        return several_shards(programs_of(site, secrets), (second,), standby=False)

    told_to_stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_stop.set)
    async with open_exchange(
        HomeFolder(home), SqliteFiles(), ChildProcesses(home / "logs"), ports, plan=plan, prepare=introduce
    ):
        await told_to_stop.wait()


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--home", type=Path, required=True)
    asked.add_argument("--base-port", type=int, required=True)
    given = asked.parse_args()
    asyncio.run(run(given.home, Ports(given.base_port)))
