"""Ports for servers started by tests."""

import socket
from collections import deque
from typing import Final

_KEPT: Final = deque[socket.socket](maxlen=200)
"""Closed, oldest first, when there are more; the others end with the process."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 for a server that says SO_REUSEADDR, as servers do; nobody else is given it meanwhile.

    It stays bound here and never listens: whoever connects before the server is there is refused.
    """
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    if len(_KEPT) == _KEPT.maxlen:
        _KEPT.popleft().close()
    _KEPT.append(kept)
    port: int = kept.getsockname()[1]
    return port
