"""A verifier with a console, as browsers reach it: all real but its agent, which only makes invitations."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import uvicorn
from playwright.async_api import Page

from shared.adapters.sql import Database
from shared.adapters.sql_outbox import Outbox
from shared.adapters.sql_webhooks import SqlWebhooks
from shared.web.manage_members import Invitation
from tests.support.browser import LAPTOP, Browser
from tests.support.free_port import free_port
from tests.support.http_server import Answer, Server, http_server
from tests.support.nats_server import PASSWORD, NatsServer
from tests.support.wait import until
from verifier.adapters.request_webhooks import RequestWebhooks
from verifier.adapters.sql_requests import SqlRequests
from verifier.adapters.sql_wishes import SqlWishes
from verifier.domain.question import Question
from verifier.domain.request import (
    Answered,
    Asked,
    Created,
    Disclosure,
    Exchange,
    answer,
    ask,
    settle,
)
from verifier.domain.verdict import Outcome, Source, Step, verdict
from verifier.domain.wish import Wish
from verifier.main import console_of, create_app
from verifier.settings import Settings

ADMIN_KEY = "an-admin-key-for-tests-only-0123456789"
INVITATIONS = "/out-of-band/create-invitation?auto_accept=true&multi_use=false"
PASSED, FAILED, UNCHECKED = Outcome.PASSED, Outcome.FAILED, Outcome.UNCHECKED


@dataclass(frozen=True)
class VerifierSite:
    """A running verifier; `url` is where browsers open it, `platform` a job platform's server that is told things."""

    url: str
    settings: Settings
    db: Database
    platform: Server

    async def invite(self, name: str, email: str, *roles: str) -> Invitation:
        """What the operator's command does."""
        return await console_of(self.settings, self.db).manage.let_in(
            name=name, email=email, roles=frozenset(roles)
        )

    def program(self) -> httpx.AsyncClient:
        """A program with the administrator's key."""
        return httpx.AsyncClient(
            timeout=60, base_url=self.settings.base_url, headers={"Authorization": f"Bearer {ADMIN_KEY}"}
        )

    async def signed_in(
        self, browser: Browser, name: str, *roles: str, width: int = LAPTOP, language: str = "en"
    ) -> Page:
        """A page of somebody with these roles."""
        page = await browser.open(width=width, language=language)
        made = await self.invite(
            name, f"{'-'.join(roles)}@{name.partition(' ')[0].lower()}.example.org", *roles
        )
        await page.goto(made.url)
        await page.locator("main form button").click()
        await page.wait_for_url("**/console/account")
        return page

    async def judge(self, request_id: str, *, outcomes: Mapping[int, tuple[Outcome, str]]) -> None:
        """The learner answers; steps are passed but for these."""
        told = RequestWebhooks(SqlWebhooks(self.db, self.settings.sealing_key), self.settings.base_url)
        requests = SqlRequests(self.db, Outbox(self.db), told, key=self.settings.sealing_key)
        created = await requests.find(request_id)
        assert isinstance(created, Created)
        now = datetime.now(UTC)
        exchange = Exchange(f"exchange-{request_id}", "connection", "thread")
        asked = ask(created, Question((), ()), exchange, request_digest="z", now=now)
        answered = answer(asked, received_at=now, answer_digest=f"digest-{request_id}", now=now)
        steps = [_step(number, *outcomes.get(number, (PASSED, GOOD[number]))) for number in GOOD]
        knowledge = (
            Source("trust_list", "Kenya pilot", "17", "zQm", now - timedelta(hours=9), now - timedelta(minutes=4), timedelta(minutes=4)),
            Source("status_list", version=str(int(now.timestamp()) - 7200), digest="zQn", issued=now - timedelta(hours=2), age=timedelta(hours=2)),
            Source("did_log", version="3-QmWxyz"),
        )  # fmt: skip
        judged = settle(
            answered,
            verdict(steps, {"name": "match"} if created.stated.applicant else {}, knowledge),
            [
                Disclosure(
                    0,
                    {
                        "title": "Data <Analytics> Foundations",
                        "awarding_body": "مركز النور",
                        "awarded_dateint": "20260115",
                    },
                )
            ],
            "eyJ0eXAiOiJ1anV6aSJ9.e30.c2ln",
            now=now,
        )
        assert await requests.save(asked, expected=Created)
        assert await requests.save(answered, expected=Asked)
        assert await requests.save(judged, expected=Answered)

    async def wish(self, request_id: str) -> None:
        """The learner asks for what she showed to be deleted."""
        wishes = SqlWishes(
            self.db,
            Outbox(self.db),
            SqlWebhooks(self.db, self.settings.sealing_key),
            self.settings.base_url,
        )
        assert await wishes.add(Wish(request_id, "connection", "en", datetime.now(UTC)))


GOOD = {
    1: "answers",
    2: "objects-verify",
    3: "proof-holds",
    4: "all-shown",
    5: "status-newest",
    6: "trusted",
    7: "programme-fits",
}


def _step(number: int, outcome: Outcome, code: str) -> Step:
    evidence = {
        6: {"trust_list": "Kenya pilot", "trust_list_number": "17", "issuer": "Digital Skills Trust"},
        5: {"status_list": "2026-11-22T03:00:00Z"},
    }.get(number, {})
    reason = f"the reason of step {number}, with particulars such as did:webvh:QmIssuer:issuer.ujuzi.test:orgs:trust"
    return Step(number, f"step {number}", outcome, reason, f"step {number}", evidence, codes=(code,))


@asynccontextmanager
async def running_verifier(
    database_url: str,
    nats_server: NatsServer,
    **changes: Any,  # noqa: ANN401 - settings differ in type
) -> AsyncIterator[VerifierSite]:
    """Serve inside the block."""
    port = free_port()
    async with http_server() as agent, http_server() as platform:
        agent.answers[INVITATIONS] = [_invitation(number) for number in range(40)]
        values: dict[str, Any] = {
            "profile": "development",
            "port": port,
            "base_url": f"http://127.0.0.1:{port}",
            "database_url": database_url,
            "secret_key": base64.b64encode(bytes(32)).decode(),
            "bootstrap_api_key": ADMIN_KEY,
            "nats_url": nats_server.url,
            "nats_user": "verifier",
            "nats_password": PASSWORD,
            "agent_url": agent.url,
            "agent_key": "no-secret-of-anybody",
            "did_host": "verifier.ujuzi.test",
            "organisation_name": "Kazi Jobs",
            "organisation_slug": "kazi",
            "organisation_country": "KE",
        }
        settings = Settings(**(values | changes))
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(settings), host="127.0.0.1", port=port, log_level="critical", lifespan="on"
            )
        )
        task = asyncio.create_task(server._serve())
        try:
            await until(lambda: server.started or task.done(), 30, f"a server listens on port {port}")
            async with Database(database_url) as db, httpx.AsyncClient(timeout=60) as client:

                async def ready() -> bool:
                    answer = await client.get(f"http://127.0.0.1:{port}/ready")
                    return bool(answer.json().get("checks", {}).get("database") == "ok")

                await until(ready, 30, "the verifier's database is ready")
                yield VerifierSite(f"http://localhost:{port}", settings, db, platform)
        finally:
            server.should_exit = True
            await task


def _invitation(number: int) -> Answer:
    message = {
        "@type": "https://didcomm.org/out-of-band/1.1/invitation",
        "@id": f"invitation-{number}",
        "services": [{"id": "#inline", "type": "did-communication", "recipientKeys": ["did:key:z6MkA"]}],
    }
    return Answer(
        json.dumps({"invitation": message, "oob_id": f"oob-{number}"}).encode(),
        headers={"Content-Type": "application/json"},
    )
