"""Run one web app in this process."""

import uvicorn
from fastapi import FastAPI

GRACE_SECONDS = 5
# Longer than any of our clients keeps an idle connection: otherwise a request can meet one that is just being closed.
KEEP_ALIVE_SECONDS = 75


def serve(app: FastAPI, *, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM. Requests are not logged: paths hold claim tokens."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # only the proxies in the settings are believed, by LimitRate
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
