"""Files and binaries that come with Ujuzi or with what it installed."""

import shutil
import sys
from pathlib import Path

from services.launcher.errors import CannotStart

_ROOT = Path(__file__).parents[3]


def nats_config() -> Path:
    """Return the NATS configuration of deploy/nats."""
    return _found(_ROOT / "deploy" / "nats" / "nats.conf")


def nats_cluster_config() -> Path:
    """Return the configuration of one of several NATS servers."""
    return _found(_ROOT / "deploy" / "nats" / "cluster.conf")


def foreign_wallet_plugins() -> Path:
    """Return the folder in which deploy/demo/foreign_wallet is."""
    return _found(_ROOT / "deploy" / "demo" / "foreign_wallet").parent


def nats_server() -> str:
    """Return the NATS server beside this Python, else the one on the PATH."""
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise CannotStart("The NATS server (nats-server) is missing; run `sh setup.sh` again to install it.")
    return found


def demonstration_data(name: str) -> str:
    """Return one of the demonstration's input files."""
    return _found(Path(__file__).parents[1] / "demo_data" / name).read_text(encoding="utf-8")


def _found(file: Path) -> Path:
    if not file.exists():
        raise CannotStart(f"{file} is missing; install Ujuzi again, or check it out again.")
    return file
