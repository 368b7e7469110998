"""A learner's way from the job platform to the request's page and back, in real Chromium."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from playwright.async_api import expect

from shared.ports.api_keys import ApiKey
from shared.web.app import create_app
from shared.web.pages import Pages
from tests.support.asgi_server import serving
from tests.support.browser import LAPTOP, PHONE, READER, Browser, assert_accessible, look
from tests.support.verifier_fakes import (
    Clock,
    KnownIssuers,
    MemoryAgent,
    MemoryRequests,
    MemorySessions,
    PinnedSnapshots,
)
from verifier.domain.levels import LevelAsked
from verifier.domain.names import Applicant
from verifier.domain.question import Question
from verifier.domain.request import Created, Exchange, answer, ask
from verifier.domain.requirement import Alternative, Need, Requirement
from verifier.domain.session import SessionAsked
from verifier.entry.pages import pages_router
from verifier.entry.problems import PROBLEMS
from verifier.entry.session_pages import SessionPages, session_router
from verifier.main import TEMPLATES
from verifier.use_cases.choose_way import ChooseWay
from verifier.use_cases.make_request import MakeRequest
from verifier.use_cases.open_in_browser import OpenInBrowser
from verifier.use_cases.redeem_return import RedeemReturn
from verifier.use_cases.return_to_platform import ReturnToPlatform

SKILL = "http://data.europa.eu/esco/skill/2b92a5b2-6758-4ee3-9fb4-b6387a55cc8f"
DEGREE, SKILLED = Need((Alternative(level=LevelAsked("eqf", 6)),)), Need((Alternative(SKILL),))
REQUIREMENT = Requirement(
    "Application: junior data analyst", (), ("title",), 30, ways=((DEGREE,), (SKILLED, SKILLED)), name="required"
)  # fmt: skip
SIGNED_IN = "session-of-the-applicant"


@dataclass
class Site:
    """A verifier, and the job platform it returns to."""

    url: str
    requests: MemoryRequests
    redeem: RedeemReturn
    arrived: list[dict[str, str]]

    async def answered(self) -> None:
        """A wallet has answered the only request."""
        (created,) = self.requests.stored.values()
        assert isinstance(created, Created)
        now = created.stated.created_at
        asked = ask(created, Question((), ()), Exchange("e", "c", "t"), request_digest="z", now=now)
        self.requests.stored["request"] = answer(asked, received_at=now, answer_digest="d", now=now)


@asynccontextmanager
async def no_lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield


async def no_key(presented: str) -> ApiKey | None:  # noqa: ARG001 - the port's signature
    return None


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    clock, requests = Clock(datetime.now(UTC)), MemoryRequests()
    sessions, arrived, platform = MemorySessions(requests), list[dict[str, str]](), FastAPI()

    @platform.get("/applied")
    async def applied(request: Request) -> HTMLResponse:
        arrived.append(dict(request.query_params) | {"referer": request.headers.get("referer", "")})
        return HTMLResponse("<!doctype html><title>Jobs</title><h1>Thank you</h1>")

    async with serving(platform) as jobs:
        pages = SessionPages(sessions, secure=False)
        app = create_app(
            "Verifier",
            lifespan=no_lifespan,
            routers=[
                pages_router(
                    requests,
                    Pages(TEMPLATES, product="Ujuzi"),
                    organisation="Kazi Jobs",
                    base_url="https://verifier.test",
                    sessions=pages,
                ),
                session_router(
                    pages,
                    requests,
                    OpenInBrowser(requests, sessions),
                    ChooseWay(requests),
                    ReturnToPlatform(requests, sessions, origins=[jobs], clock=clock),
                ),
            ],
            ready_checks={},
            find_api_key=no_key,
            problems=PROBLEMS,
        )
        make = MakeRequest(
            requests, MemoryAgent(clock), KnownIssuers(), PinnedSnapshots(), sessions,
            origins=[jobs], new_id=lambda: "request", clock=clock,
        )  # fmt: skip
        await make(
            REQUIREMENT,
            applicant=Applicant("Amina", "Otieno"),
            session=SessionAsked(f"{jobs}/applied?job=7", must_be_bound=True),
            reference=SIGNED_IN,
        )

        async def judge(_: str) -> None:
            return

        async with serving(app) as url:
            yield Site(f"{url}/r/request", requests, RedeemReturn(requests, sessions, judge, clock=clock), arrived)  # fmt: skip


@pytest.mark.parametrize(READER, [("en", PHONE), ("ar", PHONE), ("fr", LAPTOP)])
async def test_she_continues_chooses_answers_and_goes_back(
    site: Site, browser: Browser, language: str, width: int
) -> None:
    page = await browser.open(width=width, language=language)
    await page.goto(site.url)
    await assert_accessible(page)
    await look(page, f"request-before-{language}-{width}")
    assert await page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    await page.locator("main form button").click()

    await expect(page.locator("ol > li")).to_have_count(2)
    await assert_accessible(page)
    await look(page, f"request-ways-{language}-{width}")
    await page.locator("main form button").click()
    await expect(page.locator("ol > li").nth(0).locator("form")).to_have_count(1)
    assert site.requests.stored["request"].stated.way == 1

    stranger = await browser.open(width=width, language=language)
    refused = await stranger.goto(site.url)
    assert refused is not None
    assert refused.status == 403
    await assert_accessible(stranger)
    await look(stranger, f"request-elsewhere-{language}-{width}")

    await site.answered()
    back = page.locator('a[href$="/return"]')
    await expect(back).to_be_visible()
    await assert_accessible(page)
    await look(page, f"request-answered-{language}-{width}")
    await back.click()
    await expect(page.locator("h1")).to_have_text("Thank you")
    (came,) = site.arrived
    assert (came["job"], came["ujuzi_request"], came["referer"]) == ("7", "request", "")
    assert await site.redeem("request", code=came["ujuzi_code"], reference=SIGNED_IN) == "bound"
