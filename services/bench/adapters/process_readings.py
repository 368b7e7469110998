"""What the kernel tells of processes (Linux: /proc)."""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from services.bench.domain.figures import Usage
from services.bench.domain.plan import DRIVER

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def usage_of(pids: Mapping[str, int]) -> dict[str, Usage]:
    """What this process has used so far, and each of these with its descendants; those that are gone are left out."""
    used = {DRIVER: Usage(time.process_time(), _rss(os.getpid()))}
    for name, pid in pids.items():
        with suppress(OSError):
            used[name] = _with_descendants(pid)
    return used


def children_of(pid: int) -> list[int]:
    """The children of each of its threads. Raises OSError when it is gone."""
    found: list[int] = []
    for thread in (_PROC / str(pid) / "task").iterdir():
        with suppress(OSError):  # threads end while they are read
            found += map(int, (thread / "children").read_text().split())
    return found


def _with_descendants(pid: int) -> Usage:
    cpu, rss = _cpu(pid), _rss(pid)
    for child in children_of(pid):
        with suppress(OSError):
            of_child = _with_descendants(child)
            cpu, rss = cpu + of_child.cpu_seconds, rss + of_child.rss_mib
    return Usage(cpu, rss)


def _cpu(pid: int) -> float:
    """Seconds of the process itself, in user and kernel mode, and of those of its children that ended."""
    fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / _TICKS


def _rss(pid: int) -> float:
    status = (_PROC / str(pid) / "status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
