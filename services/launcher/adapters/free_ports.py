"""Ports nobody uses now."""

import random
import socket

from services.launcher.domain.exchange import EXCHANGE_PORTS, LOOPBACK
from services.launcher.errors import CannotStart

_BELOW_EPHEMERAL = range(12_000, 31_000, 10)
_TRIES = 200


def free_base_port(count: int = EXCHANGE_PORTS) -> int:
    """Return the first of so many ports in a row (10 at most) that are free, below the range the kernel hands out itself."""
    for _ in range(_TRIES):
        base = random.choice(_BELOW_EPHEMERAL)  # noqa: S311  no secret
        if all(_is_free(base + offset) for offset in range(count)):
            return base
    raise CannotStart(
        f"Found no {count} free ports in a row between 12000 and 31000; stop what uses so many."
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
