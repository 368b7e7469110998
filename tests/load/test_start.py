"""How long `ujuzi up` takes to be ready, the first time and again, on both databases. Prints it; a slow machine is no failure."""

import os
import time
from pathlib import Path

import pytest

from services.launcher.adapters.free_ports import free_base_port
from tests.support.exchange import ON_BOTH_DATABASES, RunningExchange, running_exchange


@ON_BOTH_DATABASES
async def test_a_second_start_finds_what_the_first_one_made(
    database: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base_port = free_base_port()
    kind = "SQLite" if database is None else "PostgreSQL"
    found = []
    for start in ("first", "second"):
        load, began = os.getloadavg()[0], time.monotonic()
        async with running_exchange(tmp_path, base_port, database and f"{database}/start") as exchange:
            took = time.monotonic() - began
            found.append(exchange.endpoints)
            with capsys.disabled():
                print(  # noqa: T201  what this test is for
                    f"\n{kind}, {start} start: ready after {took:.1f} s, {cpu_seconds(exchange):.1f} s of CPU time on "
                    f"{os.cpu_count()} cores, load average before {load:.1f}"
                )
    assert found[0] == found[1]


def cpu_seconds(exchange: RunningExchange) -> float:
    """CPU time used so far by the launcher and its children."""
    ticks = 0
    for pid in (exchange.process.pid, *exchange.child_pids()):
        user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        ticks += int(user) + int(system)
    return ticks / os.sysconf("SC_CLK_TCK")
