"""A learner answers, or not, whoever asks her, in Chromium: what she reads before, and what her history says after."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.support.browser import BY_EVERY_READER, PATIENCE_MS, PHONE, Browser, seen
from tests.support.open_wallet import OpenedWallet, hold, open_wallet
from tests.support.wait import until
from tests.support.wallet import LIST_URL, WALLET_KEY, World
from wallet.errors import AgentSilent

LARGEST = 15 * 1024
"""Bytes of a page as they are sent."""
PURPOSE = "Application: junior data analyst"


@pytest.fixture(autouse=True)
def patient() -> None:
    expect.set_options(timeout=PATIENCE_MS)


async def goes(opened: OpenedWallet, path: str) -> Page:
    """A page of the wallet that is small enough for her network."""
    answer = await opened.page.goto(f"{opened.url}{path}")
    assert answer is not None
    assert int(await answer.header_value("content-length") or LARGEST) < LARGEST
    return opened.page


async def read(page: Page) -> str:
    return await page.locator("main").inner_text()


async def agree(page: Page) -> None:
    await page.locator("#choose button:not([name])").click()


async def closed(world: World, exchange_id: str, *, verified: bool) -> None:
    """The verifier judges the proof and tells."""
    await world.presented(exchange_id)
    await world.verifier.admin.post(f"/ujuzi/presentations/{exchange_id}/close", {"verified": verified})


async def declined(world: World, exchange_id: str) -> str:
    """Why, as the verifier is told."""
    record = f"/present-proof-2.0/records/{exchange_id}"

    async def told() -> dict[str, Any] | None:
        found: dict[str, Any] = await world.verifier.admin.get(record)
        return found if found["state"] == "abandoned" else None

    return str((await until(told, 30, "the verifier is told"))["error_msg"])


@asynccontextmanager
async def no_list(world: World) -> AsyncIterator[None]:
    """The installation goes by no list of organisations meanwhile."""
    gone = await world.client.delete(
        f"{world.url}/v1/trust-lists",
        params={"url": LIST_URL},
        headers={"Authorization": f"Bearer {WALLET_KEY}"},
    )
    assert gone.is_success, gone.text
    try:
        yield
    finally:
        await world.admin.post("/v1/trust-lists", dict(world.trust_list))


def shares(history: list[dict[str, Any]]) -> int:
    return [one["kind"] for one in history].count("shared")


@BY_EVERY_READER
async def test_she_reads_who_asks_for_what_agrees_and_follows_what_becomes_of_it(
    browser: Browser, world: World, language: str, width: int
) -> None:
    opened = await open_wallet(browser, world, width=width, language=language)
    await world.give(opened.learner, world.award("Nadia"))
    request, exchange_id = await world.ask(opened.learner, world.proof_request())

    page = await goes(opened, f"/requests/{request['id']}")
    text = await read(page)
    for part in ("Kazi Jobs", PURPOSE, "Data Analytics Foundations"):
        assert part in text
    assert "did:webvh" not in text
    assert "Nadia" not in text
    assert await page.locator("input[type=checkbox]").count() == 0
    await seen(page, f"request-{language}-{width}")
    await agree(page)

    await expect(page.locator("[data-live]")).to_be_visible()
    await page.route("**/home/events", lambda route: route.abort())
    await goes(opened, f"/requests/{request['id']}?n=99")  # it has looked often enough and stands still
    await seen(page, f"request-answered-{language}-{width}")
    await page.unroute("**/home/events")
    await goes(opened, f"/requests/{request['id']}")
    await closed(world, exchange_id, verified=True)
    await expect(page.locator("[data-live]")).to_have_count(0)
    await seen(page, f"request-verified-{language}-{width}")

    page = await goes(opened, "/history")
    await expect(page.locator("a.card")).to_have_count(3)
    await seen(page, f"history-{language}-{width}")
    page = await goes(opened, "/history?only=shared")
    await expect(page.locator("a.card")).to_have_count(1)
    await page.locator("a.card").click()
    await expect(page.locator("main form button")).to_be_visible()
    text = await read(page)
    for part in ("Kazi Jobs", PURPOSE, "verifier.ujuzi.test", "demo"):
        assert part in text
    await seen(page, f"entry-{language}-{width}")
    await page.locator("main form button").click()
    await expect(page.locator("main form button")).to_have_count(0)
    await seen(page, f"entry-wished-{language}-{width}")


@BY_EVERY_READER
async def test_whoever_did_not_prove_who_asks_is_answered_only_after_she_ticked_the_warning(
    browser: Browser, world: World, language: str, width: int
) -> None:
    opened = await open_wallet(browser, world, width=width, language=language)
    await world.give(opened.learner, world.award("Amare"))
    request, _ = await world.ask(opened.learner, world.proof_request(), signed=False)

    page = await goes(opened, f"/requests/{request['id']}")
    text = await read(page)
    assert PURPOSE not in text
    assert "Trust me" not in text
    await seen(page, f"request-unproven-{language}-{width}")
    await page.locator("#choose").evaluate("form => { form.noValidate = true; }")
    await agree(page)
    await expect(page.get_by_role("alert")).to_be_visible()
    await seen(page, f"request-unticked-{language}-{width}")
    assert shares(await opened.learner.history()) == 0

    await page.locator("input[type=checkbox]").check()
    await agree(page)
    await expect(page.locator("[data-live]")).to_be_visible()
    assert shares(await opened.learner.history()) == 1
    await page.locator("main p a[href^='/history/']").click()
    await expect(page.locator("main form button")).to_be_visible()
    await seen(page, f"entry-unproven-{language}-{width}")


async def test_what_came_up_since_she_looked_is_shown_and_marked_before_anything_goes(
    browser: Browser, world: World
) -> None:
    opened = await open_wallet(browser, world, width=PHONE)
    await world.give(opened.learner, world.award("Thandi"))
    request, _ = await world.ask(opened.learner, world.proof_request())
    page = await goes(opened, f"/requests/{request['id']}")

    async with no_list(world):
        await agree(page)
        await expect(page.get_by_role("alert")).to_contain_text("Something has changed since you looked")
        await expect(page.locator(".choice strong")).to_have_text("New since you looked:")
        await seen(page, "request-changed-en-360")
        assert shares(await opened.learner.history()) == 0
        await page.locator("input[type=checkbox]").check()
        await agree(page)
        await expect(page.locator("[data-live]")).to_be_visible()
    assert shares(await opened.learner.history()) == 1


async def test_another_choice_is_shown_before_it_is_sent(browser: Browser, world: World) -> None:
    opened = await open_wallet(browser, world, width=PHONE)
    for month in ("03", "05"):
        awarded = world.award("Zuri", award_id=f"award-of-{month}") | {"awarded_dateint": f"2026{month}14"}
        await world.give(opened.learner, awarded)
    asked = world.proof_request()
    asked["requested_attributes"]["need_0"]["names"].append("given_name")
    request, _ = await world.ask(opened.learner, asked)

    page = await goes(opened, f"/requests/{request['id']}")
    assert await page.locator("input[type=radio][name=chosen_need0]").count() == 2
    await seen(page, "request-choice-en-360")
    other = page.locator("input[name=chosen_need0]:not(:checked)")
    wanted = await other.get_attribute("value")
    await other.check()
    await agree(page)

    await expect(page.get_by_role("alert")).to_contain_text("You chose another credential")
    assert await page.locator("input[name=chosen_need0]:checked").get_attribute("value") == wanted
    assert shares(await opened.learner.history()) == 0
    await page.locator("button[name=look]").click()
    await expect(page.get_by_role("alert")).to_have_count(0)
    await agree(page)
    await expect(page.locator("[data-live]")).to_be_visible()
    (share,) = [one for one in await opened.learner.history() if one["kind"] == "shared"]
    assert share["said"]["needs"][0]["credential_id"] == wanted


async def test_two_needs_are_read_one_after_the_other_and_answered_with_one_consent(
    browser: Browser, world: World
) -> None:
    opened = await open_wallet(browser, world, width=PHONE, language="sw")
    credential = await world.give(opened.learner, world.award("Neema"))
    asked = world.proof_request()
    asked["requested_attributes"]["need_1"] = asked["requested_attributes"]["need_0"] | {
        "names": ["given_name"]
    }
    request, exchange_id = await world.ask(opened.learner, asked, changes={"name_compared": True})

    page = await goes(opened, f"/requests/{request['id']}")
    text = await read(page)
    for part in ("Sehemu 1 kati ya 2", "Sehemu 2 kati ya 2", "Neema", "Jina lako linalinganishwa"):
        assert part in text
    await seen(page, "request-two-sw-360")
    await agree(page)

    await expect(page.locator("[data-live]")).to_be_visible()
    await world.presented(exchange_id)
    (share,) = [one for one in await opened.learner.history() if one["kind"] == "shared"]
    assert [need["credential_id"] for need in share["said"]["needs"]] == [credential["id"]] * 2


@BY_EVERY_READER
async def test_she_who_does_not_qualify_yet_reads_what_is_missing_and_tells_it_if_she_wants(
    browser: Browser, world: World, language: str, width: int
) -> None:
    opened = await open_wallet(browser, world, width=width, language=language)
    await world.give(opened.learner, world.award("Lindiwe"))
    asked = world.proof_request()
    asked["requested_predicates"]["need_0_awarded_dateint"]["p_value"] = 20260601
    for part in (*asked["requested_attributes"].values(), *asked["requested_predicates"].values()):
        part["restrictions"][0]["attr::achievement_id::value"] = world.published.edition_id
    request, exchange_id = await world.ask(opened.learner, asked)

    page = await goes(opened, f"/requests/{request['id']}")
    text = await read(page)
    assert "2026" in text
    assert text.count("Digital Skills Trust") == 2
    assert world.published.edition.skills[0] not in text
    await seen(page, f"request-lacking-{language}-{width}")
    assert await page.locator("#choose").count() == 0
    await page.locator("main form button").first.click()

    await expect(page.locator("main form")).to_have_count(0)
    await seen(page, f"request-declined-{language}-{width}")
    sentence = {"en": "I do not have what is asked.", "fr": "Je n'ai pas ce qui est demandé."}
    assert sentence.get(language, "ليس لدي ما هو مطلوب.") in await declined(world, exchange_id)


async def test_an_empty_wallet_is_told_what_would_fit(browser: Browser, world: World) -> None:
    opened = await open_wallet(browser, world)
    request, _ = await world.ask(opened.learner, world.proof_request())

    text = await read(await goes(opened, f"/requests/{request['id']}"))

    assert "You hold no credential yet." in text
    assert "Level 4 or higher (EQF)" in text


async def test_a_no_goes_with_a_reason_of_her_own_or_not_at_all(browser: Browser, world: World) -> None:
    opened = await open_wallet(browser, world, width=PHONE)
    await world.give(opened.learner, world.award("Kofi"))
    request, exchange_id = await world.ask(opened.learner, world.proof_request())
    page = await goes(opened, f"/requests/{request['id']}")

    await page.locator("#no summary").click()
    await page.locator("input[name=reason][value=other]").check()
    await page.locator("#no button").click()
    await expect(page.get_by_role("alert")).to_have_text("Choose a reason, or write your own.")
    await page.locator("#no summary").click()
    await page.locator("input[name=reason][value=other]").check()
    await page.locator("#own").fill("I found work in another town")
    await seen(page, "request-no-en-360")
    await page.locator("#no button").click()

    await expect(page.locator("h1")).to_have_text("You said no. Nothing was shown.")
    assert "I found work in another town" in await declined(world, exchange_id)
    await page.locator("main p a[href^='/history/']").click()
    await expect(page.locator("main")).to_contain_text("I found work in another town")
    await expect(page.locator("main form")).to_have_count(0)


@pytest.mark.parametrize(
    ("changes", "more", "why"),
    [
        ({"exp": 1_700_000_000}, 0, "The time to answer is over."),
        ({}, 101, "wallet cannot explain what is asked"),
    ],
    ids=["expired", "unreadable"],
)
async def test_what_cannot_be_answered_says_so_and_can_be_put_away(
    browser: Browser, world: World, changes: dict[str, int], more: int, why: str
) -> None:
    opened = await open_wallet(browser, world, width=PHONE)
    await world.give(opened.learner, world.award("Zola"))
    proof = world.proof_request()
    proof["requested_attributes"] |= {f"part_{number}": {"name": "title"} for number in range(more)}
    request, exchange_id = await world.ask(opened.learner, proof, changes=changes)

    page = await goes(opened, f"/requests/{request['id']}")
    assert why in await read(page)
    await seen(page, f"request-over-{more}-en-360")
    assert await page.locator("main form button").count() == 1
    await page.locator("main form button").click()
    await expect(page.locator("h1")).to_have_text("You said no. Nothing was shown.")
    assert why in await declined(world, exchange_id)


async def test_an_answer_whose_connection_broke_is_there_after_a_reload_and_once_only(
    browser: Browser, world: World
) -> None:
    opened = await open_wallet(browser, world, width=PHONE)
    await world.give(opened.learner, world.award("Baraka"))
    request, exchange_id = await world.ask(opened.learner, world.proof_request())
    page = await goes(opened, f"/requests/{request['id']}")
    path = f"{opened.url}/requests/{request['id']}"
    token = await page.locator("#choose input[name=csrf]").input_value()
    chosen = await page.locator("input[name=chosen_need0]").input_value()
    again: dict[str, str | float | bool] = {
        "csrf": token, "chosen_need0": chosen, "shown_need0": chosen, "seen": ""
    }  # fmt: skip

    async def loses_the_answer(route: Route) -> None:
        await route.fetch(max_redirects=0)
        await route.abort("connectionreset")

    await page.route("**/answer", loses_the_answer)
    await agree(page)
    await until(lambda: _shared(opened), 30, "the answer is sent")
    await page.unroute("**/answer")
    page = await goes(opened, f"/requests/{request['id']}")
    await expect(page.locator("[data-live]")).to_be_visible()
    twice = await page.context.request.post(f"{path}/answer", form=again, headers={"Origin": opened.url})

    assert twice.url == path
    assert shares(await opened.learner.history()) == 1
    await closed(world, exchange_id, verified=False)
    await expect(page.locator("h1")).to_have_text("Your answer was checked and not accepted.")
    await seen(page, "request-rejected-en-360")


async def _shared(opened: OpenedWallet) -> bool:
    return shares(await opened.learner.history()) == 1


async def test_an_answer_that_was_not_noted_can_be_given_again_and_goes_once(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await open_wallet(browser, world, width=PHONE)
    await world.give(opened.learner, world.award("Makena"))
    request, exchange_id = await world.ask(opened.learner, world.proof_request())
    page = await goes(opened, f"/requests/{request['id']}")

    async def away(*_: object) -> None:
        raise AgentSilent("The agent did not answer in time.")

    with monkeypatch.context() as broken:
        broken.setattr("wallet.use_cases.consent_to_request.write_entry", away)
        await agree(page)
        await expect(page.get_by_role("alert")).to_contain_text("Perhaps your answer was not sent")
    await seen(page, "request-cut-off-en-360")
    await agree(page)

    await expect(page.locator("[data-live]")).to_be_visible()
    assert shares(await opened.learner.history()) == 1
    await world.presented(exchange_id)


async def test_without_scripts_she_chooses_agrees_and_follows_all_the_same(
    browser: Browser, world: World
) -> None:
    opened = await open_wallet(browser, world)
    await world.give(opened.learner, world.award("Imani"))
    request, exchange_id = await world.ask(opened.learner, world.proof_request(), signed=False)
    context = await browser.chromium.new_context(java_script_enabled=False)
    browser.stack.push_async_callback(context.close)
    cookie = next(one for one in await opened.page.context.cookies() if one["name"] == "ujuzi-wallet")
    await hold(context, opened.url, cookie["value"])
    page = await context.new_page()

    await page.goto(f"{opened.url}/requests/{request['id']}")
    await page.locator("input[type=checkbox]").check()
    await agree(page)
    await closed(world, exchange_id, verified=True)

    async def told() -> bool:
        if await page.locator("[data-live] a").count():
            await page.locator("[data-live] a").click()
        return "checked and accepted" in await read(page)

    await until(told, 30, "the page says what became of it")


async def test_history_comes_in_pages_and_what_is_not_there_is_said_to_be_not_there(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet.entry.past_pages.ROWS", 1)
    opened = await open_wallet(browser, world)
    await world.give(opened.learner, world.award("Juma"))

    page = await goes(opened, "/history")
    first = await page.locator("a.card").get_attribute("href")
    await page.locator("a[href^='/history?after=']").click()
    await expect(page.locator("a.card")).not_to_have_attribute("href", str(first))
    await expect(page.locator("a[href^='/history?after=']")).to_have_count(0)
    await page.locator("a[href='/history']").last.click()
    await expect(page.locator("a.card")).to_have_attribute("href", str(first))

    assert (await goes(opened, "/history?after=gone")).url == f"{opened.url}/history"
    assert "You have shown nothing yet." in await read(await goes(opened, "/history?only=shared"))
    for path in ("/history/gone", "/requests/gone"):
        answer = await page.goto(f"{opened.url}{path}")
        assert answer is not None
        assert answer.status == 404
