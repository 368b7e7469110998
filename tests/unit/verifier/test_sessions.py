"""An answer bound to the job platform's own session: the steps (1) to (4) of verifier/domain/session.py, and what they stop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import ValidationError

from shared.web.languages import LANGUAGES
from tests.unit.shared.test_production_profile import AGENT, COMMON, HOST, ORGANISATION
from tests.unit.verifier.test_api import Api
from tests.unit.verifier.test_api import api as api  # noqa: PLC0414 - the fixture
from tests.unit.verifier.test_judge import ASKED, FACTS, TRUSTED, failed, take_step
from tests.unit.verifier.test_judge import NOW as JUDGED_AT
from tests.unit.verifier.test_requirement import BODY
from verifier.domain.judge import judge
from verifier.domain.question import Question
from verifier.domain.request import Created, Exchange, answer, ask
from verifier.domain.session import RETURN_WAITS, SessionAsked, origin_of
from verifier.domain.verdict import Outcome, Result
from verifier.entry.words import WORDS
from verifier.settings import Settings

REFERENCE = "session-of-the-applicant-7f3a"
SESSION = {"return_url": "https://jobs.test/applied?job=7", "reference": REFERENCE, "must_be_bound": True}
PAGE = "/r/request-1"


async def bound(api: Api, **change: Any) -> None:  # noqa: ANN401
    made = await api.client.post("/v1/requests", json=BODY | {"session": SESSION | change})
    assert made.status_code == 201, made.text


@asynccontextmanager
async def browser(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """Another browser than the client's, with cookies of its own."""
    async with httpx.AsyncClient(transport=api.client._transport, base_url="https://verifier.test") as opened:
        yield opened


async def answered(api: Api) -> None:
    """A wallet has answered."""
    created = api.requests.stored["request-1"]
    assert isinstance(created, Created)
    now = api.clock()
    asked = ask(created, Question((), ()), Exchange("e", "c", "t"), request_digest="z", now=now)
    api.requests.stored["request-1"] = answer(asked, received_at=now, answer_digest="d", now=now)


async def came_back(page: httpx.AsyncClient) -> str:
    """The code that the browser takes to the platform."""
    gone = await page.get(f"{PAGE}/return")
    assert gone.status_code == 303, gone.text
    assert gone.headers["referrer-policy"] == "no-referrer"
    address = urlsplit(gone.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == "https://jobs.test/applied"
    query = parse_qs(address.query)
    assert (query["job"], query["ujuzi_request"]) == (["7"], ["request-1"])
    return query["ujuzi_code"][0]


async def redeem(api: Api, code: str, reference: str = REFERENCE) -> httpx.Response:
    return await api.client.post(
        "/v1/requests/request-1/session", json={"code": code, "reference": reference}
    )


async def test_whoever_answered_comes_back_to_the_session_she_was_asked_in(api: Api) -> None:
    await bound(api)
    async with browser(api) as hers:
        first = await hers.get(PAGE)
        assert ("Continue in this browser" in first.text, "didcomm:" in first.text) == (True, False)
        assert (await hers.post(f"{PAGE}/hold")).status_code == 303
        page = await hers.get(PAGE)
        assert ("didcomm:" in page.text, "Go back to" in page.text) == (True, False)
        await answered(api)
        assert "Go back to" in (await hers.get(PAGE)).text
        code = await came_back(hers)
    assert (await redeem(api, code)).json() == {"session": "bound"}
    assert api.judged_again == ["e"]


async def test_a_link_passed_on_after_it_was_opened_shows_nothing_in_another_browser(api: Api) -> None:
    await bound(api)
    async with browser(api) as attackers, browser(api) as victims:
        await attackers.post(f"{PAGE}/hold")
        page = await victims.get(PAGE)
        assert page.status_code == 403
        assert "opened in another browser" in page.text
        assert "didcomm:" not in page.text
        for refused in (
            await victims.post(f"{PAGE}/hold"),
            await victims.get(f"{PAGE}/qr.svg"),
            await victims.post(f"{PAGE}/way", data={"way": "0"}),
        ):
            assert (refused.status_code, "another browser" in refused.text) == (403, True)
        await answered(api)
        refused = await victims.get(f"{PAGE}/return")
        assert (refused.status_code, "go back there" in refused.text) == (403, True)


async def test_a_link_passed_on_before_it_was_opened_leads_to_a_mismatch(api: Api) -> None:
    """The victim's browser holds the request, and takes the code to her own session, or to none."""
    await bound(api)
    async with browser(api) as victims:
        await victims.post(f"{PAGE}/hold")
        await answered(api)
        code = await came_back(victims)
    assert (await redeem(api, code, "session-of-the-victim-5cc1")).json() == {"session": "mismatch"}
    assert (await redeem(api, code)).status_code == 403


async def test_opening_a_link_holds_nothing(api: Api) -> None:
    """Mail scanners and previews open links."""
    await bound(api)
    async with browser(api) as scanners:
        opened = await scanners.get(PAGE)
        assert "set-cookie" not in opened.headers
        assert (await scanners.get(f"{PAGE}/qr.svg")).status_code == 403
    async with browser(api) as hers:
        held = await hers.post(f"{PAGE}/hold")
    cookie = held.headers["set-cookie"]
    for part in ("ujuzi-request=", f"Path={PAGE};", "HttpOnly", "Secure", "SameSite=lax"):
        assert part in cookie


async def test_a_code_counts_once_and_the_newest_alone(api: Api) -> None:
    await bound(api)
    async with browser(api) as hers:
        await hers.post(f"{PAGE}/hold")
        await answered(api)
        old, new = await came_back(hers), await came_back(hers)
    for wrong in (old, "guessed"):
        refused = await redeem(api, wrong)
        assert (refused.status_code, "was not given out" in refused.json()["detail"]) == (403, True)
    assert (await redeem(api, new)).status_code == 200
    assert (await redeem(api, new)).status_code == 403


async def test_a_code_that_is_too_old_counts_no_more(api: Api) -> None:
    await bound(api)
    async with browser(api) as hers:
        await hers.post(f"{PAGE}/hold")
        await answered(api)
        code = await came_back(hers)
    api.clock.forward(minutes=10)
    assert (await redeem(api, code)).status_code == 403


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("https://evil.test/applied", "does not return to"),
        ("https://jobs.test.evil.test/", "does not return to"),
        ("https://jobs.test:8443/", "does not return to"),
        ("http://jobs.test/", "does not return to"),
        ("https://jobs.test@evil.test/", "no plain https address"),
        ("https://jobs.test\\@evil.test/", "no plain https address"),
        ("https://jobs.test/#fragment", "no plain https address"),
        ("https://jobs.test/\r\nSet-Cookie: a=b", "no plain https address"),
        ("//evil.test/", "no plain https address"),
        ("javascript:alert(1)", "no plain https address"),
        ("https://jobs.test/" + "a" * 500, "no plain https address"),
    ],
)
async def test_learners_are_returned_to_allowed_origins_alone(api: Api, url: str, what: str) -> None:
    refused = await api.client.post("/v1/requests", json=BODY | {"session": SESSION | {"return_url": url}})
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["where"], what in error["what"]) == ("session.return_url", True)


async def test_an_origin_that_is_allowed_no_more_is_not_returned_to(api: Api) -> None:
    await bound(api)
    created = api.requests.stored["request-1"]
    elsewhere = SessionAsked("https://once-allowed.test/")
    api.requests.stored["request-1"] = Created(replace(created.stated, session=elsewhere))
    async with browser(api) as hers:
        await hers.post(f"{PAGE}/hold")
        await answered(api)
        refused = await hers.get(f"{PAGE}/return")
    assert (refused.status_code, "nowhere to return to" in refused.text) == (404, True)


async def test_nobody_is_returned_before_the_answer_or_from_a_request_without_a_session(api: Api) -> None:
    await bound(api)
    await api.client.post("/v1/requests", json=BODY)
    async with browser(api) as hers:
        await hers.post(f"{PAGE}/hold")
        for path in (f"{PAGE}/return", "/r/request-2/return"):
            refused = await hers.get(path)
            assert (refused.status_code, "nowhere to return to" in refused.text) == (404, True)
        refused = await hers.post("/r/request-2/hold")
        assert (refused.status_code, "belongs to no session" in refused.text) == (404, True)
    without = await api.client.post(
        "/v1/requests/request-2/session", json={"code": "x", "reference": REFERENCE}
    )
    assert (without.status_code, "without a session" in without.json()["detail"]) == (404, True)


async def test_the_reference_is_kept_as_a_digest(api: Api) -> None:
    await bound(api)
    assert REFERENCE not in repr(api.sessions.stored)
    assert REFERENCE not in repr(api.requests.stored)


# --- step 1


def test_step_1_rejects_an_answer_that_must_be_bound_and_is_not() -> None:
    asked = replace(ASKED, session=SessionAsked("https://jobs.test/", must_be_bound=True))
    failed(take_step(1, asked=asked), "did not come back in time")
    failed(take_step(1, replace(FACTS, bound="mismatch"), asked=asked), "came back to another session")
    good = judge(asked, replace(FACTS, bound="bound"), TRUSTED, now=JUDGED_AT)
    assert (good.result, good.notes) == (Result.ACCEPTED, {"session": "bound"})
    assert good.steps[0].outcome is Outcome.PASSED


def test_where_it_need_not_be_bound_the_verdict_only_says_so() -> None:
    asked = replace(ASKED, session=SessionAsked("https://jobs.test/"))
    found = judge(asked, FACTS, TRUSTED, now=JUDGED_AT)
    assert (found.result, found.notes) == (Result.ACCEPTED, {"session": "unbound"})


async def test_judging_waits_for_her_return_ten_minutes_and_only_where_it_must(api: Api) -> None:
    await bound(api)
    await answered(api)
    waiting = api.requests.stored["request-1"]
    assert waiting.may_return(api.clock())  # type: ignore[union-attr]
    assert not waiting.may_return(api.clock() + RETURN_WAITS)  # type: ignore[union-attr]
    relaxed = replace(waiting.stated, session=SessionAsked("https://jobs.test/"))
    created = ask(
        Created(relaxed), Question((), ()), Exchange("e", "c", "t"), request_digest="z", now=api.clock()
    )
    at_once = answer(created, received_at=api.clock(), answer_digest="d", now=api.clock())
    assert not at_once.may_return(api.clock() + timedelta(seconds=1))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_pages_before_and_elsewhere_speak_the_readers_language(api: Api, language: str) -> None:
    await bound(api)
    async with browser(api) as hers, browser(api) as another:
        before = await hers.get(PAGE, params={"lang": language})
        assert WORDS[language]["continue_here"] in before.text
        assert f"/hold?lang={language}" in before.text
        await hers.post(f"{PAGE}/hold")
        elsewhere = await another.get(PAGE, params={"lang": language})
        assert f'<html lang="{language}"' in elsewhere.text
        assert WORDS[language]["held_elsewhere"][:20].replace("'", "&#39;") in elsewhere.text


# --- the setting


def test_origins_are_told_as_they_are_compared() -> None:
    told: dict[str, Any] = COMMON | AGENT | HOST | ORGANISATION
    assert origin_of("HTTPS://Jobs.test/x") is None
    assert origin_of("https://Jobs.test/x") == "https://jobs.test"
    assert Settings(**told, return_origins=("https://jobs.org",)).return_origins == ("https://jobs.org",)
    for wrong in ("https://jobs.org/", "https://Jobs.org", "jobs.org", "*"):
        with pytest.raises(ValidationError, match="expected origins as"):
            Settings(**told, return_origins=(wrong,))
    with pytest.raises(ValidationError, match="return_origins over http"):
        Settings(**told, return_origins=("http://jobs.org",))
