"""The request's page in Chromium: it follows what happens, with server-sent events, without them and without scripts."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from playwright.async_api import expect

from tests.support.asgi_server import serving
from tests.support.browser import LAPTOP, PHONE, Browser, assert_accessible, look
from tests.unit.verifier.test_api import NOW, Api, judged
from tests.unit.verifier.test_api import api as api  # noqa: PLC0414 - the fixture
from tests.unit.verifier.test_requirement import BODY
from verifier.domain.request import Created, expire

ID = "request-1"


@pytest.fixture
async def url(api: Api) -> AsyncIterator[str]:
    """A request's page, and its verifier behind a real server."""
    await api.client.post("/v1/requests", json=BODY)
    transport = api.client._transport
    assert isinstance(transport, httpx.ASGITransport)
    async with serving(transport.app) as base:
        yield f"{base}/r/{ID}"


def created(api: Api) -> Created:
    found = api.requests.stored[ID]
    assert isinstance(found, Created)
    return found


def judge(api: Api) -> None:
    api.requests.stored[ID] = judged(created(api))


async def test_a_waiting_page_is_told_of_the_verdict_at_once_and_says_what_to_do(
    api: Api, url: str, browser: Browser
) -> None:
    page = await browser.open(width=LAPTOP)
    async with page.expect_response("**/events") as events:
        await page.goto(url)
    assert (await (await events.value).all_headers())["content-type"].startswith("text/event-stream")
    await expect(page.locator("#state")).to_have_text("Waiting for a wallet.")
    await assert_accessible(page)
    await look(page, "request-laptop-waiting")

    judge(api)

    await expect(page.locator("#state")).to_contain_text("checked and not accepted")
    await expect(page.locator("#live")).to_contain_text("for the reason")
    assert "it is replayed" not in await page.content()
    await assert_accessible(page)
    await look(page, "request-laptop-not-accepted")


async def test_where_events_are_blocked_it_asks_now_and_then(api: Api, url: str, browser: Browser) -> None:
    page = await browser.open(width=PHONE)
    await page.route("**/events", lambda route: route.abort())
    await page.goto(url)
    await expect(page.locator("#state")).to_have_text("Waiting for a wallet.")

    judge(api)

    await expect(page.locator("#state")).to_contain_text("checked and not accepted")


async def test_the_end_is_told_in_the_readers_time_and_direction(url: str, browser: Browser) -> None:
    page = await browser.open(width=PHONE, language="ar")
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setTimezoneOverride", {"timezoneId": "Africa/Nairobi"})
    await page.goto(url)

    assert await page.locator("html").get_attribute("dir") == "rtl"
    told = await page.locator("time[data-local]").evaluate(
        "each => [each.textContent, new Date(each.dateTime).toLocaleTimeString('ar', {hour: '2-digit'}), "
        "Intl.DateTimeFormat().resolvedOptions().timeZone]"
    )
    assert told[2] == "Africa/Nairobi"
    assert told[1].split()[0] in told[0]
    assert "UTC" not in told[0]
    await assert_accessible(page)
    await look(page, "request-phone-arabic")


async def test_an_expired_request_says_whom_to_ask_and_asks_no_more(
    api: Api, url: str, browser: Browser
) -> None:
    api.requests.stored[ID] = expire(created(api), now=NOW)
    page = await browser.open(width=PHONE)
    await page.goto(url)

    await expect(page.locator("#state")).to_contain_text("Ask \u2068Kazi <Jobs>\u2069 for a new one")
    assert await page.locator("[data-final]").count() == 1
    assert await page.get_by_role("link", name="Open my wallet app").count() == 0
    await assert_accessible(page)
    await look(page, "request-phone-expired")


async def test_who_was_late_tries_again_with_a_new_link(api: Api, url: str, browser: Browser) -> None:
    late = created(api)
    allowed = replace(late.stated, requirement=replace(late.stated.requirement, renewals=1))
    api.requests.stored[ID] = expire(replace(late, stated=allowed), now=NOW)
    page = await browser.open(width=PHONE, language="ar")
    await page.goto(url)
    await assert_accessible(page)
    await look(page, "request-phone-try-again")

    await page.get_by_role("button", name="حاول مجددًا برابط جديد").click()

    await expect(page).to_have_url(re.compile("/r/request-2"))
    await expect(page.locator("#state")).to_have_text("في انتظار محفظة.")


async def test_without_scripts_the_page_is_loaded_again_by_itself(
    api: Api, url: str, browser: Browser
) -> None:
    context = await browser.chromium.new_context(java_script_enabled=False)
    browser.stack.push_async_callback(context.close)
    page = await context.new_page()
    await page.goto(url)
    assert await page.locator('meta[http-equiv="refresh"]').get_attribute("content") == "15"
    assert "(UTC)" in (await page.locator("time[data-local]").text_content() or "")

    judge(api)
    await page.get_by_role("link", name="See whether something has changed").click()

    await expect(page.locator("#state")).to_contain_text("checked and not accepted")
    assert await page.locator('meta[http-equiv="refresh"]').count() == 0


async def test_the_stream_says_the_state_and_ends_with_the_request(api: Api, url: str) -> None:
    judge(api)
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{url}/events")
        unknown = await client.get(f"{url}-other/events")
    assert (answer.text, answer.headers["cache-control"]) == ("event: state\ndata: judged-0\n\n", "no-store")
    assert (unknown.status_code, "no request has this address" in unknown.text) == (404, True)
