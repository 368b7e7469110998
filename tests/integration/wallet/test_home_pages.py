"""The pages of an open wallet, in Chromium: from a link to an award she holds."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import BY_EVERY_READER, PHONE, Browser, seen
from tests.support.open_wallet import OpenedWallet, open_wallet, url_of
from tests.support.wallet import Link, World, connected, invitation
from wallet.entry.catalogue import WORDS
from wallet.entry.waiting import WAITS


def here(link: Link) -> str:
    """The link as this wallet's own landing page has it."""
    return f"/i?oob={parse_qs(urlsplit(link.url).query)['oob'][0]}"


async def offered(world: World, opened: OpenedWallet, given_name: str = "Amina") -> tuple[str, str]:
    """An offer that waits in the wallet: its id there, and the exchange's at the issuer."""
    offer, exchange_id = await world.offer(opened.learner, world.award(given_name))
    return str(offer["id"]), exchange_id


async def test_a_wallet_opened_in_a_browser_shows_what_to_do_first(browser: Browser, world: World) -> None:
    opened = await open_wallet(browser, world)

    await expect(opened.page.get_by_role("link", name="Add with a link")).to_have_attribute("href", "/add")
    await opened.lock()
    await opened.unlock()
    assert (await opened.go("/home")).url.endswith("/home")


@BY_EVERY_READER
async def test_from_a_link_to_an_award_she_holds(
    browser: Browser, world: World, language: str, width: int
) -> None:
    words = WORDS[language]
    opened = await open_wallet(browser, world, width=width, language=language)
    page, shot = opened.page, f"{language}-{width}"
    await seen(page, f"empty-{shot}")
    await opened.go("/add")
    await seen(page, f"add-{shot}")
    link = await invitation(world.issuer, "ujuzi.claim-award")
    await opened.go(here(link))
    await seen(page, f"link-{shot}")

    await page.get_by_role("button", name=words["link_see"]).click()
    await page.wait_for_url("**/follow/*")
    connection_id = await connected(world.issuer, link.id)
    await page.goto(f"{page.url.partition('?')[0]}?n={len(WAITS)}")
    await seen(page, f"wait-{shot}")
    await page.get_by_role("link", name=words["wait_look"]).click()
    exchange_id = await world.send_offer(connection_id, world.award("Amina"))

    await page.wait_for_url("**/offers/*")
    await expect(page.locator("main")).to_contain_text("Amina Zúñiga-Otieno")
    await seen(page, f"offer-{shot}")
    await opened.go("/home")
    await seen(page, f"home-offer-{shot}")
    await page.locator("a.card").click()
    await page.get_by_role("button", name=words["offer_accept"]).click()
    await page.wait_for_url("**/offers/*?n=*")
    await expect(page.locator("h1")).to_have_text(words["offer_coming"])
    await page.goto(page.url.replace("?n=0", f"?n={len(WAITS)}"))
    await seen(page, f"coming-{shot}")
    await page.get_by_role("link", name=words["wait_look"]).click()
    await world.issue(exchange_id)

    await page.wait_for_url("**/credentials/*")
    await expect(page.locator(".note[role=status]")).to_have_text(words["said_offer_stored"])
    await expect(page.locator(".badge").first).to_have_text(words["worth_valid"])
    for details in await page.locator("details > summary").all():
        await details.click()
    await seen(page, f"credential-{shot}")
    await opened.go("/home")
    await seen(page, f"home-held-{shot}")
