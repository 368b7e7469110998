"""A real issuer is killed (-9) between handing a mail over and noting it: what is promised, and what is not."""

import asyncio
import base64
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.free_port import free_port
from tests.support.issuer import programme
from tests.support.leases import end_leases
from tests.support.smtp_server import PASSWORD, USER, MailServerForTests, running_mail_server
from tests.support.wait import until

API_KEY = "an-officers-key-for-tests-only-0123456789"
NAMES = ("Amina", "Baraka", "Chipo", "Dalila")
COHORT = "given_name,family_name,email,phone,language,awarded_on,grade_pct\n" + "".join(
    f"{name},Moyo,{name.lower()}@example.org,,en,2026-03-01,88\n" for name in NAMES
)


@dataclass
class Site:
    """An issuer's settings and its API; neither NATS nor an agent is there, and mails go out all the same."""

    environment: Mapping[str, str]
    api: httpx.AsyncClient

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """A process of its own, until the end of the block or its own."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "issuer", env={**os.environ, **self.environment}
        )
        try:
            await until(self._answers, 60, "the issuer answers")
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _answers(self) -> bool:
        try:
            return (await self.api.get("/health")).is_success
        except httpx.HTTPError:
            return False

    async def post(self, path: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever httpx takes
        answer = await self.api.post(path, **more)
        assert answer.is_success, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def cohort(self) -> str:
        """A prepared batch."""
        template = (await self.post("/v1/templates", json=programme()))["id"]
        await self.post(f"/v1/templates/{template}/publish")
        csv = {"content": COHORT.encode(), "headers": {"Content-Type": "text/csv"}}
        return str((await self.post("/v1/batches", params={"template": template}, **csv))["id"])

    async def sent(self, batch_id: str) -> int:
        """How many of its mails are noted as sent."""
        found = (await self.api.get(f"/v1/batches/{batch_id}/delivery")).json()["messages"]
        return sum(one["count"] for one in found if one["state"] == "sent")


@asynccontextmanager
async def site(database_url: str, mails: MailServerForTests) -> AsyncIterator[Site]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {
        "PROFILE": "development",
        "PORT": str(port),
        "BASE_URL": url,
        "DATABASE_URL": database_url,
        "SECRET_KEY": base64.b64encode(os.urandom(32)).decode(),
        "BOOTSTRAP_API_KEY": API_KEY,
        "NATS_URL": f"nats://127.0.0.1:{free_port()}",
        "NATS_USER": "issuer",
        "NATS_PASSWORD": "nobody listens there",
        "AGENT_URL": f"http://127.0.0.1:{free_port()}",
        "AGENT_KEY": "nobody listens there",
        "DID_HOST": "issuer.ujuzi.test",
        "ORGANISATION_NAME": "Digital Skills Trust",
        "ORGANISATION_SLUG": "digital-skills",
        "ORGANISATION_COUNTRY": "KE",
        "MAIL_HOST": "127.0.0.1",
        "MAIL_PORT": str(mails.port),
        "MAIL_USER": USER,
        "MAIL_PASSWORD": PASSWORD,
        "MAIL_CA_FILE": mails.ca_file,
        "MAIL_FROM": "awards@ngo.example",
    }
    environment = {f"ISSUER_{name}": value for name, value in settings.items()}
    key = {"Authorization": f"Bearer {API_KEY}"}
    async with httpx.AsyncClient(base_url=url, headers=key, timeout=30) as api:
        yield Site(environment, api)


async def test_a_mail_taken_but_not_noted_comes_once_more_and_every_other_once(
    database_url: str, tmp_path: Path
) -> None:
    async with running_mail_server(tmp_path) as mails, site(database_url, mails) as issuer:
        mails.hold = asyncio.Event()
        async with issuer.running() as first:
            batch_id = await issuer.cohort()
            queued = (await issuer.post(f"/v1/batches/{batch_id}/send", json={"codes": False}))["queued"]
            assert queued["email"] == len(NAMES)
            await until(mails.holding.is_set, 40, "the mail server has taken a mail and not said so")
            first.kill()
            await first.wait()
        mails.hold.set()
        (taken,) = mails.received
        await end_leases(database_url)
        async with issuer.running():

            async def all_sent() -> bool:
                return await issuer.sent(batch_id) == len(NAMES)

            await until(all_sent, 40, "every mail is noted as sent")
            again = await issuer.post(f"/v1/batches/{batch_id}/send", json={"codes": False})
            assert again["sent_before"] == len(NAMES)

    everybody = {f"{name.lower()}@example.org": 1 for name in NAMES}
    assert Counter(one.recipient for one in mails.received) == {**everybody, taken.recipient: 2}
    assert {one.mail["Message-ID"] for one in mails.to(taken.recipient)} == {taken.mail["Message-ID"]}
