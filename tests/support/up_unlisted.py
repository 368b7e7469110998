"""`ujuzi up` in which nobody is listed and nobody's list is pinned: `python -m tests.support.up_unlisted`.

up_unlisted --home HOME --base-port PORT
"""

import argparse
import asyncio
import os
import signal
from pathlib import Path

from services.launcher.domain.exchange import Endpoints
from services.launcher.main import exchange_in

PROGRAM = ("-m", "tests.support.up_unlisted")


async def leave_strangers(_: Endpoints) -> None:
    """Whoever is to be trusted has to ask for it."""


async def up(home: Path, base_port: int) -> None:
    """Run until told to stop."""
    told_to_stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_stop.set)
    async with exchange_in(home, base_port, os.environ.get("UJUZI_DATABASE"), leave_strangers):
        await told_to_stop.wait()


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--home", type=Path, required=True)
    asked.add_argument("--base-port", type=int, required=True)
    given = asked.parse_args()
    asyncio.run(up(given.home, given.base_port))
