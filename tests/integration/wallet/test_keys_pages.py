"""The pages of a wallet's key in Chromium: made, opened, recovered, its ways changed; two people on one phone."""

import re

from playwright.async_api import Page, expect

from tests.support.browser import BY_EVERY_READER, Browser, browser, seen
from tests.support.open_wallet import url_of
from tests.support.wallet import World
from wallet.entry.keys_words import WORDS as KEYS

__all__ = ["browser"]
SLOW_MS = 60_000


async def texts(page: Page, selector: str) -> list[str]:
    return [text.strip() for text in await page.locator(selector).all_inner_texts()]


async def ready(page: Page) -> None:
    await page.locator("[data-keys][data-ready]").wait_for(state="attached")


async def go(page: Page, world: World, path: str) -> None:
    await page.goto(f"{url_of(world)}{path}")
    await ready(page)


async def checks(page: Page, words: list[str]) -> None:
    """Enter the two words that are asked for."""
    await page.locator("#written").click()
    for name in ("first", "second"):
        number = int(await page.locator(f"#{name}-number").inner_text())
        await page.locator(f"#{name}").fill(words[number - 1])
    await page.locator("#check button").click()


async def makes(page: Page, world: World, name: str = "", path: str = "/new") -> list[str]:
    """A new wallet, open; her five words."""
    await go(page, world, path)
    await page.locator("#name").fill(name)
    await page.locator("#begin button").click()
    await expect(page.locator("#step-words")).to_be_visible()
    words = await texts(page, "#words li")
    assert len(words) == 5
    await checks(page, words)
    await expect(page.locator("#step-made")).to_be_visible(timeout=SLOW_MS)
    return words


async def made(page: Page, world: World, name: str = "") -> list[str]:
    """The same, and she is at home."""
    words = await makes(page, world, name)
    await page.locator("#later").click()
    await page.wait_for_url("**/home")
    return words


async def locks(page: Page) -> None:
    await page.locator("#lock button").click()
    await ready(page)
    await expect(page).to_have_url(re.compile(r"/$"))


async def gives(page: Page, words: list[str]) -> None:
    await page.locator("#given").fill(" ".join(words))
    await page.locator("#open button, #present button").click()


@BY_EVERY_READER
async def test_a_wallet_is_made_locked_and_opened_with_its_words(
    world: World, browser: Browser, language: str, width: int
) -> None:
    page = await browser.open(width=width, language=language)
    look = f"keys-{language}"
    await go(page, world, "/")
    await seen(page, f"{look}-1-front")
    await page.locator("#make").click()
    await ready(page)
    await seen(page, f"{look}-2-new")
    await page.locator("#begin button").click()
    await expect(page.locator("#step-words")).to_be_visible()
    await seen(page, f"{look}-3-words")
    words = await texts(page, "#words li")
    await page.locator("#written").click()
    for name in ("first", "second"):
        await page.locator(f"#{name}").fill("nonsense")
    await page.locator("#check button").click()
    await expect(page.locator("#wrong")).to_have_text(KEYS[language]["keys_say_again"])
    await seen(page, f"{look}-4-check")
    await page.locator("#see-again").click()
    assert await texts(page, "#words li") == words
    await checks(page, words)
    await expect(page.locator("#step-made")).to_be_visible(timeout=SLOW_MS)
    await seen(page, f"{look}-5-made")
    await page.locator("#make-kit").click()
    await expect(page.locator("#kit-code svg")).to_be_visible(timeout=SLOW_MS)
    await seen(page, f"{look}-6-sheet")
    await page.locator("#kept").click()
    await page.wait_for_url("**/home")

    await locks(page)
    await seen(page, f"{look}-7-known")
    await page.locator("#wallets a").click()
    await ready(page)
    await seen(page, f"{look}-8-unlock")
    await page.locator("#given").fill(f"  {words[0].upper()}   {'  '.join(words[1:])} ")
    await page.locator("#open button").click()
    await page.wait_for_url("**/home", timeout=SLOW_MS)
    await page.goto(f"{url_of(world)}/ways")
    await seen(page, f"{look}-9-ways")
