"""`ujuzi up` in which nobody is listed and nobody's list is pinned: `python -m tests.support.up_unlisted`.

up_unlisted --home HOME --base-port PORT
"""

import os
from functools import partial

from services.launcher.domain.exchange import Endpoints
from services.launcher.main import exchange_in, run_as_program

PROGRAM = ("-m", "tests.support.up_unlisted")


async def leave_strangers(_: Endpoints) -> None:
    """Whoever is to be trusted has to ask for it."""


if __name__ == "__main__":
    run_as_program(
        partial(exchange_in, database_url=os.environ.get("UJUZI_DATABASE"), prepare=leave_strangers)
    )
