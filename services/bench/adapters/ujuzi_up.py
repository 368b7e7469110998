"""`ujuzi up` as a process of its own: the whole exchange behind its launcher."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from services.bench.adapters.process_readings import children_of, usage_of
from services.launcher.adapters.child_processes import end_with_launcher
from services.launcher.adapters.free_ports import free_base_port
from services.launcher.adapters.home_folder import HomeFolder
from services.launcher.domain.exchange import Endpoints
from services.launcher.errors import NotReady

_READY_SECONDS = 180.0
_STOP_SECONDS = 60.0
_LOOK_SECONDS = 0.05
_NO_LIMITS = {
    "WALLET_MOST_WALLETS": "1000000",
    "WALLET_MOST_NEW_WALLETS_A_DAY": "1000000",
    "WALLET_NEW_WALLETS_A_DAY_OF_ONE_ADDRESS": "1000000",
}
"""All learners of a benchmark have one address, and come on one day."""


@dataclass(frozen=True)
class Up:
    """Where it is found, how long it took to be ready, and its processes."""

    endpoints: Endpoints
    seconds: float
    launcher: int

    def cpu_seconds(self) -> float:
        """Processor time of launcher and programs so far."""
        return usage_of({"launcher": self.launcher})["launcher"].cpu_seconds

    def pids(self) -> dict[str, int]:
        """The process of each program: each runs in a folder of its program's name."""
        return {Path(f"/proc/{pid}/cwd").readlink().name: pid for pid in children_of(self.launcher)}


@asynccontextmanager
async def ujuzi_up(home: Path, *, second_agent: bool = False) -> AsyncGenerator[Up]:
    """Run it on free ports inside the block, perhaps with two agents for learners' wallets. Raises NotReady."""
    program = ("services.bench.sharded",) if second_agent else ("services.launcher", "up")
    began = time.perf_counter()
    said = home.parent / f"{home.name}.log"
    with said.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *program,
            "--home", str(home), "--base-port", str(free_base_port()),
            env={**os.environ, **_NO_LIMITS}, stdout=output, stderr=output, start_new_session=True,
            preexec_fn=end_with_launcher(os.getpid()),
        )  # fmt: skip
    try:
        async with asyncio.timeout(_READY_SECONDS):
            while (found := await asyncio.to_thread(_published, home)) is None:
                if process.returncode is not None:
                    words = await asyncio.to_thread(said.read_text)
                    raise NotReady(f"`ujuzi up` ended before it was ready: {words.strip()[-400:]}")
                await asyncio.sleep(_LOOK_SECONDS)
        yield Up(found, time.perf_counter() - began, process.pid)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)


def _published(home: Path) -> Endpoints | None:
    return HomeFolder(home).published() if (home / "endpoints.json").exists() else None
