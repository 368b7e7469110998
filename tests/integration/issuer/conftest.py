"""A real issuer with its agent, and learners in a real wallet agent."""

import base64
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from issuer.main import create_app
from issuer.settings import Settings
from tests.support.agents import ADMIN_KEY, AgentProcess, Party, running_parties, serving
from tests.support.free_port import free_port
from tests.support.http_server import Server, http_server
from tests.support.issuer import DATA, programme
from tests.support.nats_server import PASSWORD, running_nats
from tests.support.smtp_server import PASSWORD as MAIL_PASSWORD
from tests.support.smtp_server import USER, MailServerForTests, running_mail_server
from tests.support.wait import until

API_KEY = "an-officers-key-for-tests-only-0123456789"


class IssuerUnderTest:
    """The issuer's API, its agent, and a wallet agent that can reach both."""

    def __init__(
        self,
        settings: Settings,
        api: httpx.AsyncClient,
        agent: AgentProcess,
        wallet: Party,
        *,
        mail: MailServerForTests,
        sms: Server,
    ) -> None:
        self.mail = mail
        self.sms = sms
        self.settings = settings
        self.api = api
        self.agent = agent
        self.wallet = wallet
        self._template: str | None = None
        self._serving = AsyncExitStack()

    async def start(self) -> None:
        """Serve it."""
        await self._serving.enter_async_context(serving(create_app(self.settings), self.settings.port))

    async def stop(self) -> None:
        """Stop serving; its database and its agent stay."""
        await self._serving.aclose()

    async def is_prepared(self) -> bool:
        """Whether the credential definition is made."""
        return bool((await self.api.get("/v1/organisation")).json()["state"] == "ready")

    async def template(self) -> str:
        """The published data-analytics programme."""
        if self._template is None:
            made = await self.post("/v1/templates", json=programme())
            published = await self.post(f"/v1/templates/{made['id']}/publish")
            assert published["state"] == "published"
            self._template = made["id"]
        return self._template

    async def awards(self, rows: int, **options: str) -> list[dict[str, Any]]:
        """Awards for the first rows of the good cohort."""
        lines = (DATA / "graduates.csv").read_text("utf-8").splitlines()[: rows + 1]
        batch = await self.post(
            "/v1/batches",
            params={"template": await self.template(), **options},
            content="\n".join(lines).encode(),
            headers={"Content-Type": "text/csv"},
        )
        page = (await self.api.get("/v1/awards", params={"batch": batch["id"], "limit": 100})).json()
        items: list[dict[str, Any]] = page["items"]
        return items

    async def post(self, path: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever httpx takes
        answer = await self.api.post(path, **more)
        assert answer.is_success, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def award(self, award_id: str) -> dict[str, Any]:
        body: dict[str, Any] = (await self.api.get(f"/v1/awards/{award_id}")).json()
        return body

    async def reaches(self, award_id: str, state: str, seconds: float = 40) -> dict[str, Any]:
        """Wait until the award is in this state."""

        async def there() -> dict[str, Any] | None:
            award = await self.award(award_id)
            return award if award["state"] == state else None

        return await until(there, seconds, f"the award is {state}")

    async def claim(self, award: dict[str, Any], **body: str) -> str:
        """Post to the claim link; the invitation's address."""
        answer = await self.api.post(award["claim_url"], json=body)
        assert answer.is_success, answer.text
        return str(answer.json()["invitation_url"])


@pytest.fixture(scope="session")
async def issuer(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[IssuerUnderTest]:
    folder = tmp_path_factory.mktemp("issuer")
    port = free_port()
    base_url = f"http://127.0.0.1:{port}"
    host_map = {"issuer.ujuzi.test": base_url}
    async with running_mail_server(folder) as mail, http_server() as sms:
        sms.serve("/sms", '{"status": "accepted"}')
        async with _running(folder, port, base_url, host_map, mail, sms) as started:
            yield started


@asynccontextmanager
async def _running(  # noqa: PLR0917 - a fixture's second half
    folder: Path,
    port: int,
    base_url: str,
    host_map: dict[str, str],
    mail: MailServerForTests,
    sms: Server,
) -> AsyncIterator[IssuerUnderTest]:
    with running_nats() as nats:
        agent = AgentProcess(
            "issuer",
            folder / "agent",
            nats=nats,
            endpoint=f"{base_url}/didcomm",
            host_map=host_map,
            AGENT_TAILS_BASE_URL="https://issuer.ujuzi.test/tails",
        )
        agent.spawn()
        try:
            settings = Settings(
                profile="development",
                port=port,
                base_url=base_url,
                database_url=f"sqlite:///{folder}/issuer.db",
                secret_key=base64.b64encode(os.urandom(32)).decode(),
                bootstrap_api_key=API_KEY,
                nats_url=nats.url,
                nats_user="issuer",
                nats_password=PASSWORD,
                host_map=host_map,
                agent_url=agent.url,
                agent_key=ADMIN_KEY,
                did_host="issuer.ujuzi.test",
                organisation_name="Digital Skills Trust",
                organisation_slug="digital-skills",
                organisation_country="KE",
                mail_host="127.0.0.1",
                mail_port=mail.port,
                mail_user=USER,
                mail_password=MAIL_PASSWORD,
                mail_ca_file=mail.ca_file,
                mail_from="awards@ngo.example",
                sms_url=f"{sms.url}/sms",
                sms_body={"to": "{to}", "text": "{text}"},
                sms_success="/status=accepted",
            )
            async with (
                running_parties(folder, nats, "wallet", also_mapped=host_map) as parties,
                httpx.AsyncClient(
                    base_url=base_url, headers={"Authorization": f"Bearer {API_KEY}"}, timeout=30
                ) as api,
            ):
                started = IssuerUnderTest(settings, api, agent, parties["wallet"], mail=mail, sms=sms)
                await started.start()
                try:
                    await agent.ready()
                    await until(started.is_prepared, 120, "the credential definition is made")
                    yield started
                finally:
                    await started.stop()
        finally:
            agent.stop()
