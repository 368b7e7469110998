"""A process that is killed while it sends a webhook: the next one sends the same message again."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from shared.adapters.background import running
from shared.adapters.clock import utc_now
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.sql_webhooks import LEASE, SqlWebhooks, WebhookSender
from tests.support.databases import migrated
from tests.support.http_server import Answer, http_server
from tests.support.wait import until

KEY = bytes(32)
PROGRAM = """
import asyncio, sys
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.sql import Database
from shared.adapters.sql_webhooks import SqlWebhooks, WebhookSender

async def main():
    async with Database(sys.argv[1]) as db, GuardedClient({}, allow_loopback=True) as web:
        await WebhookSender(SqlWebhooks(db, bytes(32)), web).run()

asyncio.run(main())
"""


@asynccontextmanager
async def program(url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", PROGRAM, url)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def later() -> datetime:
    return utc_now() + LEASE


async def test_what_was_being_sent_when_the_process_was_killed_is_sent_again(
    database_url: str, tmp_path: Path
) -> None:
    async with migrated(database_url, tmp_path) as db, http_server() as server:
        server.answers["/told"] = Answer(stall=True)
        webhooks = SqlWebhooks(db, KEY, clock=later)
        hook, _ = await webhooks.create(f"{server.url}/told", events=[], description="", now=utc_now())
        await webhooks.test(hook.id, now=utc_now())
        async with program(database_url) as process:
            await until(lambda: server.asked("/told"), 40, "the first process sends")
            process.kill()

        server.answers["/told"] = Answer(status=200)

        async def delivered() -> bool:
            (only,) = await webhooks.deliveries(hook.id, after=None, limit=9)
            return only.state == "delivered"

        async with (
            GuardedClient({}, allow_loopback=True) as web,
            running(webhooks=WebhookSender(webhooks, web, clock=later).run),
        ):
            await until(delivered, 30, "the next process delivers it")

    first, second = (headers["webhook-id"] for _, _, headers, _ in server.requests)
    assert first == second
