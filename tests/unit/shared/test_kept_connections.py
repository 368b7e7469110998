"""An idle connection is given up by the client before the server closes it: no request meets a closing one."""

from shared.adapters import acapy_client, guarded_http
from shared.web.serve import KEEP_ALIVE_SECONDS

HTTPX_KEEPS_IDLE_SECONDS = 5


def test_servers_keep_connections_longer_than_any_client_of_ours() -> None:
    ours = (guarded_http.KEEP_IDLE_SECONDS, acapy_client.KEEP_IDLE_SECONDS, HTTPX_KEEPS_IDLE_SECONDS)

    assert max(ours) * 2 < KEEP_ALIVE_SECONDS
