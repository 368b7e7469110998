"""A browser gets a page where a program gets a problem document."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from shared.web.app import create_app
from shared.web.error_pages import kind_of, prefers_page
from shared.web.languages import LANGUAGES
from shared.web.problems import ProblemError
from shared.web.words import WORDS

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield

    router = APIRouter()

    @router.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the inside of it")

    @router.get("/closed")
    async def closed() -> None:
        raise ProblemError(401, "A key is <missing>.", headers={"WWW-Authenticate": "Bearer"})

    app = create_app("Test", lifespan=lifespan, routers=[router], ready_checks={})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/closed", 401), ("/broken", 500)])
async def test_a_browser_reads_what_went_wrong_in_its_language(
    client: httpx.AsyncClient, path: str, status: int, language: str
) -> None:
    page = await client.get(path, headers={"Accept": BROWSER, "Accept-Language": language})
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert f'<html lang="{language}"' in page.text
    assert page.text.count("<h1>") == 1
    assert "the inside of it" not in page.text


async def test_a_wrong_method_is_a_page_too_and_keeps_its_headers(client: httpx.AsyncClient) -> None:
    page = await client.post("/broken", headers={"Accept": BROWSER})
    assert (page.status_code, page.headers["allow"]) == (405, "GET")
    assert WORDS["en"]["refused"] in page.text
    closed = await client.get("/closed", headers={"Accept": BROWSER})
    assert closed.headers["www-authenticate"] == "Bearer"
    assert "A key is &lt;missing&gt;." in closed.text


async def test_the_incident_can_be_reported(client: httpx.AsyncClient) -> None:
    problem = (await client.get("/broken")).json()
    page = await client.get("/broken", headers={"Accept": BROWSER})
    assert len(problem["incident"]) == 36
    assert WORDS["en"]["incident"] in page.text


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/json, text/html;q=0.5"])
async def test_a_program_gets_the_problem_document(client: httpx.AsyncClient, accept: str | None) -> None:
    answer = await client.get("/nothing", headers={} if accept is None else {"Accept": accept})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


async def test_a_page_is_small_and_compressed(client: httpx.AsyncClient) -> None:
    page = await client.get("/nothing", headers={"Accept": BROWSER, "Accept-Encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    assert int(page.headers["content-length"]) < 3_000
    plain = await client.get("/nothing", headers={"Accept": BROWSER, "Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert len(gzip.compress(plain.content)) == int(page.headers["content-length"])


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("TEXT/HTML; q=0.9", True),
        ("text/html;q=0", False),
        ("text/html;q=odd", False),
        ("*/*", False),
        ("", False),
        ("application/problem+json,text/html;q=0.9", False),
    ],
)
def test_a_page_must_be_asked_for_by_name(accept: str, *, page: bool) -> None:
    assert prefers_page(accept) is page


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 423, 429, 500, 502, 503]
)
def test_every_status_has_words(status: int) -> None:
    assert {kind_of(status), f"{kind_of(status)}_more"} <= WORDS["en"].keys()
