"""Which requests are noted, as what and by whom."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends

from shared.ports.api_keys import ApiKey
from shared.ports.audit import CURRENT_DEED, AuditEntry, Deed
from shared.ports.errors import Unavailable
from shared.web.app import create_app
from shared.web.auth import require_scope
from shared.web.problems import ProblemError
from tests.support.fakes import MemoryApiKeys

AWARD = "01980000-0000-7000-8000-000000000001"


class MemoryAudit:
    def __init__(self) -> None:
        self.kept: list[AuditEntry] = []
        self.away = False

    async def note(self, deed: Deed, outcome: str) -> None:
        if self.away:
            raise Unavailable("the database does not answer")
        act = deed.act()
        name = f"{len(self.kept):03}"
        at = datetime(2026, 3, 1, tzinfo=UTC)
        self.kept.append(AuditEntry(name, at, deed.who, act.what, act.objects, outcome))

    async def entries(
        self, *, after: str | None, limit: int, organisation: str | None = None
    ) -> Sequence[AuditEntry]:
        assert organisation is None
        return [entry for entry in self.kept if entry.id > (after or "")][:limit]

    @property
    def lines(self) -> list[tuple[str | None, str, tuple[str, ...], str]]:
        return [(entry.who, entry.what, entry.objects, entry.outcome) for entry in self.kept]


def routes() -> APIRouter:
    router = APIRouter()

    @router.post("/v1/awards/{award_id}/revoke")
    async def revoke(award_id: str, _: Annotated[ApiKey, Depends(require_scope("awards:write"))]) -> str:
        if award_id != AWARD:
            raise ProblemError(404, "no such award")
        return award_id

    @router.post("/v1/awards")
    async def add(_: Annotated[ApiKey, Depends(require_scope("awards:write"))]) -> None:
        deed = CURRENT_DEED.get()
        assert deed is not None
        deed.changed = True  # as the log does in the transaction

    @router.post("/claim/{token}")
    async def claim(token: str) -> str:
        return token

    @router.post("/authorization")
    @router.get("/v1/awards")
    async def asked() -> None:
        assert CURRENT_DEED.get() is None

    @router.post("/v1/broken")
    async def broken() -> None:
        raise ZeroDivisionError

    return router


@asynccontextmanager
async def nothing(_app: object) -> AsyncIterator[None]:
    yield


@pytest.fixture
def audit() -> MemoryAudit:
    return MemoryAudit()


@pytest.fixture
async def client(audit: MemoryAudit) -> AsyncIterator[httpx.AsyncClient]:
    keys = MemoryApiKeys({"officer": {"awards:write"}, "admin": {"admin"}, "reader": {"awards:read"}})
    app = create_app(
        "Test",
        lifespan=nothing,
        routers=[routes()],
        ready_checks={},
        find_api_key=keys.find,
        audit=audit,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def bearing(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def test_a_deed_is_noted_with_who_what_and_which(client: httpx.AsyncClient, audit: MemoryAudit) -> None:
    assert (await client.post(f"/v1/awards/{AWARD}/revoke", headers=bearing("officer"))).status_code == 200
    ((who, what, objects, outcome),) = audit.lines
    assert who is not None
    assert who.startswith("key:")
    assert (what, objects, outcome) == ("POST /v1/awards/{award_id}/revoke", (f"award:{AWARD}",), "done")


async def test_a_refusal_is_noted_and_what_was_sent_instead_of_an_id_is_not(
    client: httpx.AsyncClient, audit: MemoryAudit
) -> None:
    assert (await client.post("/v1/awards/Amina/revoke", headers=bearing("officer"))).status_code == 404
    assert (await client.post("/v1/awards", headers=bearing("reader"))).status_code == 403
    assert [line[1:] for line in audit.lines] == [
        ("POST /v1/awards/{award_id}/revoke", (), "refused 404"),
        ("POST /v1/awards", (), "refused 403"),
    ]


async def test_what_was_noted_with_its_change_is_not_noted_again(
    client: httpx.AsyncClient, audit: MemoryAudit
) -> None:
    assert (await client.post("/v1/awards", headers=bearing("officer"))).status_code == 200
    assert audit.lines == []


async def test_a_claim_link_is_never_noted(client: httpx.AsyncClient, audit: MemoryAudit) -> None:
    await client.post(f"/claim/{AWARD}")
    assert audit.lines == [(None, "POST /claim/{token}", (), "done")]


async def test_reading_asking_and_strangers_are_no_deeds(
    client: httpx.AsyncClient, audit: MemoryAudit
) -> None:
    await client.get("/v1/awards")
    await client.post("/authorization")
    await client.post("/v1/nowhere")
    await client.post("/v1/awards", headers=bearing("guess"))
    assert audit.lines == []


async def test_a_failure_is_noted_and_a_log_that_is_away_spoils_no_answer(
    client: httpx.AsyncClient, audit: MemoryAudit, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await client.post("/v1/broken")).status_code == 500
    assert audit.lines == [(None, "POST /v1/broken", (), "failed 500")]
    audit.away = True
    assert (await client.post(f"/v1/awards/{AWARD}/revoke", headers=bearing("officer"))).status_code == 200
    assert "not in the audit log: POST /v1/awards/{award_id}/revoke, done" in caplog.text


async def test_only_an_administrator_reads_the_log_page_by_page(client: httpx.AsyncClient) -> None:
    for _ in range(3):
        await client.post("/claim/x")
    assert (await client.get("/v1/audit", headers=bearing("officer"))).status_code == 403
    first = (await client.get("/v1/audit", params={"limit": 2}, headers=bearing("admin"))).json()
    rest = (await client.get("/v1/audit", params={"after": first["next"]}, headers=bearing("admin"))).json()
    assert [line["id"] for line in [*first["items"], *rest["items"]]] == ["000", "001", "002"]
    assert rest["next"] is None
