import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from shared.contracts.errors import UjuziError
from shared.contracts.problem import FieldError
from shared.ports.api_keys import ApiKey
from shared.ports.errors import Unavailable
from shared.web.app import create_app
from shared.web.auth import require_scope
from shared.web.pages import Pages
from shared.web.pagination import Page, PageQuery, page_of
from shared.web.problems import ProblemError
from tests.support.fakes import MemoryAnswers, MemoryApiKeys

PROBLEM = "application/problem+json"


class AwardUnknown(UjuziError):
    pass


class BatchFaulty(UjuziError):
    pass


class BatchFaultyInRows(BatchFaulty):
    pass


class Counted(BaseModel):
    number: int


class Given(BaseModel):
    title: str


@asynccontextmanager
async def nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield


def failing_routes() -> APIRouter:
    router = APIRouter()

    @router.get("/v1/broken")
    async def broken() -> None:
        raise ZeroDivisionError("secret internals")

    @router.get("/v1/unknown")
    async def unknown() -> None:
        raise AwardUnknown("expected an award, found none with this id")

    @router.get("/v1/faulty")
    async def faulty() -> None:
        raise BatchFaultyInRows("two rows are faulty")

    @router.get("/v1/away")
    async def away() -> None:
        raise Unavailable("10.0.0.7:5432 refused", retry_after=7)

    return router


def routes() -> APIRouter:
    router = APIRouter()
    calls = 0

    @router.get("/v1/read", dependencies=[Depends(require_scope("awards:read"))])
    async def read() -> Counted:
        return Counted(number=1)

    @router.get("/v1/me")
    async def me(caller: Annotated[ApiKey, Depends(require_scope("awards:read"))]) -> dict[str, str]:
        return {"id": caller.id}

    @router.get("/v1/numbers")
    async def numbers(asked: PageQuery) -> Page[Counted]:
        start = int(asked.after) + 1 if asked.after else 0
        rows = range(start, 7)[: asked.limit + 1]
        return page_of(rows, asked, key=str, show=lambda number: Counted(number=number))

    @router.post("/v1/count", status_code=201)
    async def count(given: Given) -> Counted:
        nonlocal calls
        calls += 1
        if given.title == "slow":
            await asyncio.sleep(0.2)
        if given.title == "broken":
            raise ZeroDivisionError
        return Counted(number=calls)

    @router.post("/v1/raw")
    async def raw(request: Request) -> Counted:
        return Counted(number=len(await request.body()))

    return router


def faulty_rows(error: BatchFaulty) -> ProblemError:
    return ProblemError(422, str(error), errors=[FieldError(where="row 2, grade", what="expected a number")])


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async def well() -> None:
        return None

    app = create_app(
        "Test",
        lifespan=nothing,
        routers=[routes(), failing_routes()],
        ready_checks={"database": well},
        find_api_key=MemoryApiKeys({"reader": {"awards:read"}, "admin": {"admin"}, "other": {"x"}}).find,
        idempotent_answers=MemoryAnswers(),
        problems={AwardUnknown: 404, BatchFaulty: faulty_rows},
        max_body=1000,
        max_body_by_path={"/v1/raw": 2000},
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [
        ("GET", "/nowhere", 404, "Not Found"),
        ("DELETE", "/health", 405, "Method Not Allowed"),
        ("GET", "/v1/unknown", 404, "expected an award, found none with this id"),
        ("GET", "/v1/numbers?limit=0", 422, "does not have the expected form"),
        ("GET", "/v1/numbers?after=%21", 400, "Expected `after` to be the `next`"),
        ("POST", "/v1/count", 422, "does not have the expected form"),
    ],
)
async def test_every_error_is_a_problem_document(
    client: httpx.AsyncClient, method: str, path: str, status: int, detail: str
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert detail in problem["detail"]


async def test_invalid_input_is_named_by_place_and_not_repeated(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/count", json={"title": ["Wanjiku"]})
    assert answer.json()["errors"] == [{"where": "body.title", "what": "Input should be a valid string"}]
    assert "Wanjiku" not in answer.text


async def test_a_services_error_may_bring_its_own_problem(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/faulty")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"where": "row 2, grade", "what": "expected a number"}]


async def test_a_dependency_that_is_away_gives_503_with_retry_after_and_no_internals(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/v1/away")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "7"
    assert "10.0.0.7" not in answer.text


async def test_an_unforeseen_error_is_logged_under_an_id_and_answered_without_internals(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await client.get("/v1/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == PROBLEM
    assert "secret internals" not in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert answer.json()["incident"] in caplog.text
    assert "secret internals" in caplog.text


@pytest.mark.parametrize("path", ["/health", "/nowhere", "/v1/broken"])
async def test_every_answer_has_the_security_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_health_says_that_the_process_lives(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_ready_names_each_dependency_with_its_outcome() -> None:
    async def well() -> None:
        return None

    async def away() -> None:
        raise Unavailable("NATS is not connected")

    async def odd() -> None:
        raise ZeroDivisionError("secret internals")

    app = create_app(
        "Test", lifespan=nothing, routers=[], ready_checks={"database": well, "nats": away, "agent": odd}
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/ready")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "checks": {"database": "ok", "nats": "NATS is not connected", "agent": "ZeroDivisionError"},
    }


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401),
        ("Bearer guess", 401),
        ("Basic cmVhZGVy", 401),
        ("Bearer " + "x" * 300, 401),
        ("Bearer other", 403),
        ("Bearer reader", 200),
        ("Bearer admin", 200),
    ],
)
async def test_a_route_asks_for_a_key_with_its_scope(
    client: httpx.AsyncClient, authorization: str | None, status: int
) -> None:
    headers = {"authorization": authorization} if authorization else {}
    answer = await client.get("/v1/read", headers=headers)
    assert answer.status_code == status
    if status != 200:
        assert answer.headers["content-type"] == PROBLEM
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_route_may_know_its_caller(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/me", headers={"authorization": "Bearer reader"})
    assert answer.json() == {"id": "id"}


async def test_pages_follow_one_another_until_next_is_null(client: httpx.AsyncClient) -> None:
    found: list[int] = []
    after: str | None = None
    while True:
        query = {"limit": "3"} | ({"after": after} if after else {})
        page = (await client.get("/v1/numbers", params=query)).json()
        found += [item["number"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert found == list(range(7))


async def test_a_body_declared_too_large_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/count", content=b"x" * 1001)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == PROBLEM
    assert "Expected at most 1000 bytes" in answer.json()["detail"]


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "k"}])
async def test_a_body_that_grows_too_large_is_refused_while_it_arrives(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 500
            yield b"x" * 500

    answer = await client.post("/v1/count", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert sent < 5000


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"title": "a\\u0000b"}', "NUL"),
        (b'{"\\u0000": 1}', "NUL"),
        (b'{"title": "\\ud800"}', "surrogate"),
        (b'{"title": "\xed\xa0\x80"}', "surrogate"),
        (b'{"title": NaN}', "NaN, which is no JSON number"),
        (b'{"title": -Infinity}', "no JSON number"),
        (b'{"title": ' + b"[" * 61 + b"]" * 61 + b"}", "nested more than 60 levels"),
    ],
)
async def test_text_that_nothing_could_keep_is_refused_at_the_door(
    client: httpx.AsyncClient, body: bytes, found: str
) -> None:
    answer = await client.post("/v1/count", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == PROBLEM
    assert found in answer.json()["detail"]


@pytest.mark.parametrize("address", ["/v1/%00", "/v1/numbers?after=%00", "/v1/numbers?after=MQAx"])
async def test_a_nul_in_an_address_is_refused(client: httpx.AsyncClient, address: str) -> None:
    assert (await client.get(address)).status_code in {400, 422}


async def test_a_path_may_have_a_limit_of_its_own(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/raw", content=b"x" * 1500)).json() == {"number": 1500}
    assert (await client.post("/v1/raw", content=b"x" * 2001)).status_code == 413


async def post(
    client: httpx.AsyncClient, title: str, key: str, authorization: str = "Bearer reader"
) -> httpx.Response:
    headers = {"idempotency-key": key, "authorization": authorization}
    return await client.post("/v1/count", json={"title": title}, headers=headers)


async def test_a_repeated_post_gets_its_first_answer(client: httpx.AsyncClient) -> None:
    first, second = await post(client, "a", "key"), await post(client, "a", "key")
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json() == {"number": 1}
    assert first.headers["content-type"] == second.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert (await post(client, "a", "another key")).json() == {"number": 2}


async def test_the_same_key_with_another_body_is_refused(client: httpx.AsyncClient) -> None:
    await post(client, "a", "key")
    answer = await post(client, "b", "key")
    assert answer.status_code == 422
    assert "used for another request" in answer.json()["detail"]


async def test_the_same_key_of_another_caller_is_another_key(client: httpx.AsyncClient) -> None:
    await post(client, "a", "key")
    assert (await post(client, "a", "key", "Bearer admin")).json() == {"number": 2}


async def test_the_same_request_meanwhile_is_asked_to_wait(client: httpx.AsyncClient) -> None:
    first = asyncio.create_task(post(client, "slow", "key"))
    await asyncio.sleep(0)
    answers = await asyncio.gather(first, post(client, "slow", "key"))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_a_refusal_is_repeated_but_a_failure_may_be_tried_again(client: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "refused"}
    for _ in range(2):
        assert (await client.post("/v1/count", json={}, headers=headers)).status_code == 422
    for _ in range(2):
        assert (await post(client, "broken", "failed")).status_code == 500
    assert (await post(client, "a", "fresh")).json() == {"number": 3}


async def test_what_is_kept_shows_neither_request_nor_answer() -> None:
    answers = MemoryAnswers()
    app = create_app(
        "Test", lifespan=nothing, routers=[routes()], ready_checks={}, idempotent_answers=answers
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        await client.post("/v1/count", json={"title": "Wanjiku"}, headers={"idempotency-key": "secret-key"})
    [(key, kept)] = answers.kept.items()
    assert kept.sealed is not None
    for text in (key, kept.request, kept.sealed.decode("latin-1")):
        for secret in ("Wanjiku", "number", "secret-key"):
            assert secret not in text


async def test_an_empty_idempotency_key_is_refused(client: httpx.AsyncClient) -> None:
    assert (await post(client, "a", "")).status_code == 400


async def test_the_openapi_document_knows_problems_and_the_key(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert document["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"
    read = document["paths"]["/v1/read"]["get"]
    assert read["security"] == [{"ApiKey": []}]
    assert PROBLEM in read["responses"]["default"]["content"]
    assert "Problem" in document["components"]["schemas"]


async def test_a_page_escapes_what_it_shows_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "hello.html").write_text(
        '{% extends "base.html" %}{% block title %}Hello{% endblock %}{% block main %}<p>{{ name }}</p>{% endblock %}'
    )
    pages = Pages(tmp_path, product="Issuer")
    router = APIRouter()

    @router.get("/hello")
    async def hello(request: Request) -> HTMLResponse:
        return pages.show(request, "hello.html", lang="ar", name="<script>alert(1)</script>")

    app = create_app("Test", lifespan=nothing, routers=[router], ready_checks={})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/hello")
    assert "<title>Hello · Issuer</title>" in answer.text
    assert 'lang="ar" dir="rtl"' in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "http" not in answer.text
    assert "default-src 'none'; style-src 'sha256-" in answer.headers["content-security-policy"]
