"""A learner's own pages in a real browser: a wallet made at an office, forgotten by the device, opened again, and a question."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, expect

from shared.contracts.question_words import WORDS, Matter
from tests.support.browser import LAPTOP, PHONE, READER, Browser, assert_accessible, browser, seen
from tests.support.wait import until
from tests.support.wallet import World, connected, invitation
from wallet.entry.own_words import SAYS
from wallet.entry.own_words import WORDS as OWN

__all__ = ["browser"]
SLOW_MS = 60_000
HIDDEN = "document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"


async def texts(page: Page, selector: str) -> list[str]:
    return [text.strip() for text in await page.locator(selector).all_inner_texts()]


async def offers(world: World, link_id: str, given_name: str) -> str:
    """What the issuer does once somebody has followed the link; returns the exchange."""
    connection_id = await connected(world.issuer, link_id)
    preview = [{"name": name, "value": value} for name, value in world.award(given_name).items()]
    made = await world.issuer.admin.post(
        "/issue-credential-2.0/send-offer",
        {
            "connection_id": connection_id,
            "auto_issue": False,
            "auto_remove": False,
            "credential_preview": {"@type": "issue-credential/2.0/credential-preview", "attributes": preview},
            "filter": {"anoncreds": {"cred_def_id": world.published.cred_def_id}},
        },
    )
    return str(made["cred_ex_id"])


async def makes_a_wallet(
    page: Page, world: World, given_name: str, *, language: str, look_as: str | None = None
) -> tuple[list[str], str, str]:
    """Everything a learner does at the office but the last button; her words, her wallet's address, her connection."""

    async def at(step: str) -> None:
        if look_as:
            await seen(page, f"{look_as}-{step}")

    link = await invitation(world.issuer, "ujuzi.claim-award")
    await page.goto(f"{world.url}/together?lang={language}#invitation={link.url.replace('&', '%26')}")
    await at("1-welcome")
    await page.locator("#begin").click()
    await expect(page.locator("#step-words")).to_be_visible()
    words = await texts(page, "#words li")
    assert len(words) == 5
    await at("2-words")
    number = int(await page.locator("#which").inner_text())
    await page.locator("#typed").fill("nonsense")
    await page.locator("#check button").click()
    await expect(page.locator("#wrong")).to_have_text(OWN[language]["own_say_other_word"])
    await page.locator("#typed").fill(words[number - 1].upper())
    await page.locator("#check button").click()
    await expect(page.locator("#step-kit")).to_be_visible(timeout=SLOW_MS)
    address = await page.locator("#kit-address").inner_text()
    assert len(await texts(page, "#kit-words li")) == 10
    await at("3-kit")
    await page.locator("#kept").click()
    exchange_id = await offers(world, link.id, given_name)
    await expect(page.locator("#step-offer")).to_be_visible(timeout=SLOW_MS)
    await expect(page.locator("#offer-claims")).to_contain_text(given_name)
    await at("4-offer")
    accepting = asyncio.create_task(world.issue(exchange_id))
    await page.locator("#accept").click()
    await accepting
    await expect(page.locator("#step-done")).to_be_visible(timeout=SLOW_MS)
    await at("5-done")
    return words, address, await connected(world.issuer, link.id)


async def forgets(page: Page) -> None:
    await page.locator("section:not([hidden]) [data-forget]").click()
    await page.wait_for_url("**/together/finished**")


async def opens(page: Page, address: str, words: list[str], language: str) -> None:
    base, _, number = address.partition("#")
    await page.goto(f"{base}?lang={language}#{number}")
    await page.locator("#given").fill(" ".join(words))
    await page.locator("#enter button").click()
    await expect(page.locator("#step-list")).to_be_visible(timeout=SLOW_MS)


@pytest.mark.parametrize(READER, [("sw", PHONE), ("ar", LAPTOP)])
async def test_learners_one_after_the_other_on_one_device_see_nothing_of_each_other(
    world: World, browser: Browser, language: str, width: int
) -> None:
    page = await browser.open(width=width, language=language)
    first, address, _ = await makes_a_wallet(
        page, world, "Wanjikũ", language=language, look_as=f"together-{language}"
    )
    await forgets(page)
    await seen(page, f"together-{language}-6-finished")
    assert await page.evaluate(HIDDEN) == "{}{}"
    number = address.partition("#")[2]
    state = await world.client.get(f"{world.url}/v1/wallets/{number}")
    assert state.json()["state"] == "locked"

    await page.go_back()
    await page.reload()
    left = await page.content()
    assert not [word for word in [*first, number, "Wanjikũ"] if f">{word}<" in left]

    second, others_address, _ = await makes_a_wallet(page, world, "Thabo", language=language)
    shown = await page.locator("body").inner_text()
    assert "Wanjikũ" not in shown
    assert others_address != address
    assert second != first
    await forgets(page)

    await opens(page, others_address, second, language)
    (only,) = await texts(page, "#list button")
    assert only
    await page.locator("#list button").click()
    await expect(page.locator("#step-one")).to_be_visible()
    await expect(page.locator("#one-claims")).to_contain_text("Thabo")
    await forgets(page)


async def test_a_learner_writes_to_her_issuer_and_reads_the_answer(world: World, browser: Browser) -> None:
    page = await browser.open(width=PHONE, language="fr")
    words, address, connection_id = await makes_a_wallet(page, world, "Amina", language="fr")
    await forgets(page)
    await page.goto(f"{world.url}/open?lang=fr")
    await seen(page, "open-fr-1-enter")
    await page.locator("#number").fill(address)
    await page.locator("#given").fill("not these five words here")
    await page.locator("#enter button").click()
    await expect(page.locator("#wrong")).to_have_text(OWN["fr"]["own_say_wrong_words"], timeout=SLOW_MS)
    await opens(page, address, words, "fr")
    await seen(page, "open-fr-2-list")
    await page.locator("#list button").click()
    await expect(page.locator("#step-one")).to_be_visible()

    await page.locator("#matter").select_option("name")
    await page.locator("#text").fill("C'est <b>Aminata</b>.")
    await page.locator("#ask button").click()
    await expect(page.locator("#thread")).to_contain_text("C'est <b>Aminata</b>.")
    await expect(page.locator("#thread-waits")).to_be_visible()

    async def arrived() -> dict[str, Any] | None:
        notes = (await world.issuer.admin.get("/ujuzi/notes/basic-messages"))["notes"]
        return next((n["value"] for n in notes if n["value"]["connection_id"] == connection_id), None)

    note = await until(arrived, 30, "the issuer's agent has her message")
    assert note["content"] == f"{WORDS['fr'][Matter.NAME]}\n\nC'est <b>Aminata</b>."
    answer = {"connection_id": connection_id, "message_id": "answer-1", "content": "Corrigé. Merci\x07 !"}
    for _ in range(2):  # sent twice, it is kept once
        await world.issuer.admin.post("/ujuzi/messages", answer)

    async def answered() -> bool:
        await page.locator("#look").click()
        await expect(page.locator("#look")).to_be_enabled()
        return "Corrigé. Merci !" in await page.locator("#thread").inner_text()

    await until(answered, 30, "she reads the answer")
    assert len(await texts(page, "#thread .card")) == 2
    await seen(page, "open-fr-3-thread")
    await forgets(page)


def test_every_text_is_there_in_every_language() -> None:
    assert all(texts.keys() == OWN["en"].keys() for texts in OWN.values())
    assert {"en", "fr", "pt", "sw", "ar"} == OWN.keys()
    assert all(f"own_say_{each}" in OWN["en"] for each in SAYS)
    too_long = [
        (language, key)
        for language, texts in OWN.items()
        for key, text in texts.items()
        if not text or len(text) > 2 * len(OWN["en"][key]) + 12
    ]
    assert too_long == []


@pytest.mark.parametrize("path", ["/together", "/open"])
async def test_the_pages_are_small_keep_nothing_and_are_accessible_on_a_phone(
    world: World, browser: Browser, path: str
) -> None:
    answer = await world.client.get(f"{world.url}{path}", headers={"Accept-Encoding": "gzip"})
    assert int(answer.headers["content-length"]) < 15 * 1024
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    page = await browser.open(width=PHONE, language="pt", dark=True)
    await page.goto(f"{world.url}{path}")
    await assert_accessible(page)
