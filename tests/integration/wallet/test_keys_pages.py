"""The pages of a wallet's key in Chromium: made, opened, recovered, its ways changed; two people on one phone."""

import base64
import re
from dataclasses import replace
from urllib.parse import urljoin

import httpx
import pytest
from playwright.async_api import Page, Route, expect

from services.launcher.adapters.http_learner import HttpLearner
from tests.support.browser import BY_EVERY_READER, PHONE, Browser, authenticator, browser, look, seen
from tests.support.open_wallet import url_of
from tests.support.wallet import World
from tests.support.wallet_site import running_site
from wallet.domain.capacity import Quota
from wallet.entry.keys_pages import back_to
from wallet.entry.keys_words import WORDS as KEYS

__all__ = ["browser"]
SLOW_MS = 60_000
KEPT = """async () => {
  const db = await new Promise(done => { const asked = indexedDB.open("ujuzi"); asked.onsuccess = () => done(asked.result); });
  const all = await Promise.all([...db.objectStoreNames].map(name => new Promise(done => {
    const asked = db.transaction(name).objectStore(name).getAll();
    asked.onsuccess = () => done(asked.result);
  })));
  db.close();
  return JSON.stringify(all) + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie;
}"""
"""Everything a page can find on this phone."""


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
    """She is at the front page then; a page that hears of the lock first leads to where wallets are opened."""
    await page.locator("#lock button").click()
    await ready(page)
    await expect(page).to_have_url(re.compile(r"/(unlock\?next=.*)?$"))
    await page.goto(urljoin(page.url, "/"))
    await ready(page)


async def gives(page: Page, words: list[str]) -> None:
    await page.locator("#given").fill(" ".join(words))
    await page.locator("#open button, #present button").click()


@BY_EVERY_READER
async def test_a_wallet_is_made_locked_and_opened_with_its_words(
    world: World, browser: Browser, language: str, width: int
) -> None:
    page = await browser.open(width=width, language=language)
    name_of = f"keys-{language}"
    await go(page, world, "/")
    await seen(page, f"{name_of}-1-front")
    await page.locator("#make").click()
    await ready(page)
    await seen(page, f"{name_of}-2-new")
    await page.locator("#begin button").click()
    await expect(page.locator("#step-words")).to_be_visible()
    await seen(page, f"{name_of}-3-words")
    words = await texts(page, "#words li")
    await page.locator("#written").click()
    for name in ("first", "second"):
        await page.locator(f"#{name}").fill("nonsense")
    await page.locator("#check button").click()
    await expect(page.locator("#wrong")).to_have_text(KEYS[language]["keys_say_again"])
    await seen(page, f"{name_of}-4-check")
    await page.locator("#see-again").click()
    assert await texts(page, "#words li") == words
    await checks(page, words)
    await expect(page.locator("#step-made")).to_be_visible(timeout=SLOW_MS)
    await seen(page, f"{name_of}-5-made")
    await page.locator("#make-kit").click()
    await expect(page.locator("#kit-code svg")).to_be_visible(timeout=SLOW_MS)
    await seen(page, f"{name_of}-6-sheet")
    await page.locator("#kept").click()
    await page.wait_for_url("**/home")

    await locks(page)
    await seen(page, f"{name_of}-7-known")
    await page.locator("#wallets a").click()
    await ready(page)
    await seen(page, f"{name_of}-8-unlock")
    await page.locator("#given").fill(f"  {words[0].upper()}   {'  '.join(words[1:])} ")
    await page.locator("#open button").click()
    await page.wait_for_url("**/home", timeout=SLOW_MS)
    await page.goto(f"{url_of(world)}/ways")
    await seen(page, f"{name_of}-9-ways")


async def sheet(page: Page) -> tuple[str, list[str]]:
    """Number and words of the recovery sheet that is shown."""
    await expect(page.locator("#kit-code svg")).to_be_visible(timeout=SLOW_MS)
    words = await texts(page, "#kit-words li")
    assert len(words) == 10
    return await page.locator("#kit-number").inner_text(), words


async def recovers(page: Page, world: World, number: str, words: list[str]) -> None:
    await go(page, world, "/recover")
    await page.locator("#number").fill(number)
    await page.locator("#given").fill(" ".join(words))
    await page.locator("#paper button:not([type])").click()


async def test_a_sheet_opens_the_wallet_on_a_new_phone_and_gives_it_new_words(
    world: World, browser: Browser
) -> None:
    page = await browser.open(width=PHONE)
    old = await makes(page, world, "Asha")
    await page.locator("#make-kit").click()
    number, kit = await sheet(page)
    await page.emulate_media(media="print")
    await look(page, "keys-en-sheet-printed")
    await expect(page.locator("#print")).to_be_hidden()
    await page.emulate_media(media="screen")
    await page.locator("#kept").click()
    await page.wait_for_url("**/home")

    other = await browser.open(width=PHONE)
    await go(other, world, "/recover")
    await seen(other, "keys-en-recover")
    await recovers(other, world, number[:-1], kit)
    await expect(other.locator("#wrong")).to_have_text(KEYS["en"]["keys_say_number"])
    await recovers(other, world, number.replace("-", " ").upper(), kit[:9])
    await expect(other.locator("#wrong")).to_contain_text("Words you entered: 9.")
    elsewhere = f"ujuzi-recovery:1?wallet=https%3A%2F%2Felsewhere.example&id={number}&words={'+'.join(kit)}"
    await other.locator("#given").fill(elsewhere)
    await expect(other.locator("#wrong")).to_contain_text("https://elsewhere.example")
    await recovers(other, world, number.replace("-", " ").upper(), kit)
    await expect(other.locator("#step-renew")).to_be_visible(timeout=SLOW_MS)
    await seen(other, "keys-en-renew")
    await other.locator("#renew").click()
    await expect(other.locator("#step-words")).to_be_visible()
    new = await texts(other, "#words li")
    await checks(other, new)
    await expect(other.locator("#step-done")).to_be_visible(timeout=SLOW_MS)
    await other.locator("#step-done a").click()
    await other.wait_for_url("**/home")

    await HttpLearner(world.url, world.client).unlock(" ".join(new), number)
    await other.goto(f"{url_of(world)}/ways")
    await other.locator("form:not(#lock)[action='/lock'] button").click()
    await ready(other)
    await page.wait_for_url("**/unlock?next=/home", timeout=SLOW_MS)
    await page.goto(f"{url_of(world)}/history?sort=new")
    await expect(page).to_have_url(re.compile(r"/unlock\?next=/history%3Fsort%3Dnew$"))
    await ready(page)
    await gives(page, old)
    await expect(page.locator("#wrong")).to_have_text(KEYS["en"]["keys_say_wrong"], timeout=SLOW_MS)
    await gives(page, new)
    await page.wait_for_url("**/history?sort=new", timeout=SLOW_MS)


async def test_help_with_words_comes_before_anything_is_sent(world: World, browser: Browser) -> None:
    page = await browser.open(width=PHONE)
    words = await made(page, world)
    await locks(page)
    await go(page, world, "/unlock")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    wrong = page.locator("#wrong")

    await gives(page, words[:4])
    await expect(wrong).to_contain_text("Words you entered: 4.")
    await gives(page, [*words[:4], "xyzzyq"])
    await expect(wrong).to_have_text(
        KEYS["en"]["keys_say_unknown"].replace("{word}", "xyzzyq").replace("{n}", "5"), timeout=SLOW_MS
    )
    await gives(page, ["abdomn", *words[1:]])
    await expect(wrong).to_contain_text("“abdomen”", timeout=SLOW_MS)
    await seen(page, "keys-en-help")
    await gives(page, words[::-1])
    await expect(wrong).to_have_text(KEYS["en"]["keys_say_wrong"], timeout=SLOW_MS)

    assert sent == []
    await gives(page, words)
    await page.wait_for_url("**/home", timeout=SLOW_MS)


async def test_words_are_not_lost_with_the_network_nor_with_the_answer(
    world: World, browser: Browser
) -> None:
    page = await browser.open(width=PHONE)
    await go(page, world, "/new")
    await page.locator("#begin button").click()
    await expect(page.locator("#step-words")).to_be_visible()
    words = await texts(page, "#words li")
    await page.context.set_offline(True)
    await checks(page, words)
    await expect(page.locator("#wrong")).to_have_text(KEYS["en"]["keys_say_offline"], timeout=SLOW_MS)
    await expect(page.locator("#step-stuck")).to_be_visible()
    await seen(page, "keys-en-stuck")
    await page.context.set_offline(False)
    made_ids: list[str] = []

    async def answer_lost(route: Route) -> None:
        answer = await route.fetch()
        made_ids.append((await answer.json())["wallet_id"])
        await page.context.clear_cookies()
        await route.abort("connectionreset")

    await page.route("**/session", answer_lost)
    await page.locator("#retry").click()
    await expect(page.locator("#wrong")).to_have_text(KEYS["en"]["keys_say_offline"], timeout=SLOW_MS)
    await page.unroute("**/session")
    await go(page, world, "/")
    await page.locator("#unfinished a").click()
    await ready(page)
    await seen(page, "keys-en-resume")
    await page.locator("#given").fill(" ".join(words))
    await page.locator("#resume button").click()
    await expect(page.locator("#step-made")).to_be_visible(timeout=SLOW_MS)
    await page.locator("#later").click()
    await page.wait_for_url("**/home")
    await locks(page)
    assert await page.locator("#unfinished").is_hidden()

    (only,) = await page.locator("#wallets a").all()
    assert await only.get_attribute("href") == f"/unlock#{made_ids[0]}"
    await only.click()
    await ready(page)
    await gives(page, words)
    await page.wait_for_url("**/home", timeout=SLOW_MS)


async def test_two_people_on_one_phone_see_nothing_of_each_other(world: World, browser: Browser) -> None:
    page = await browser.open(width=PHONE)
    first = await made(page, world, "Neema <b>")
    await page.goto(f"{url_of(world)}/ways")
    number = await page.locator("code").inner_text()
    await locks(page)
    second = await made(page, world)

    await page.go_back()
    await page.go_back()
    await page.wait_for_url(re.compile(r"/(unlock|home|ways|)(\?.*)?$"))
    await page.goto(f"{url_of(world)}/ways")
    assert number not in await page.content()
    await locks(page)
    await page.go_back()
    await expect(page).to_have_url(re.compile(r"/(unlock.*)?$"))
    await go(page, world, "/")
    assert await texts(page, "#wallets a") == ["Neema <b>", "Wallet 1"]
    await seen(page, "keys-en-two")
    await page.locator("#wallets a").nth(1).click()
    await ready(page)
    await gives(page, first)
    await expect(page.locator("#wrong")).to_have_text(KEYS["en"]["keys_say_wrong"], timeout=SLOW_MS)
    await page.locator("#another").click()
    await seen(page, "keys-en-which")
    await page.locator("#wallets button").nth(1).click()
    await gives(page, second)
    await page.wait_for_url("**/home", timeout=SLOW_MS)
    await locks(page)

    await page.locator("#forget summary").click()
    await page.locator("#forgettable button").first.click()
    await seen(page, "keys-en-forget")
    await page.locator("#sure-yes").click()
    await expect(page.locator("#wallets a")).to_have_text(["Wallet 1"])
    kept = await page.evaluate(KEPT)
    assert number not in kept
    await go(page, world, "/unlock")
    await page.locator("#another").click()
    await page.locator("#number").fill(f"{url_of(world)}/open#{number}")
    await page.locator("#remember").uncheck()
    await gives(page, first)
    await page.wait_for_url("**/home", timeout=SLOW_MS)
    assert number not in await page.evaluate(KEPT)


async def test_a_phone_that_is_hers_opens_the_wallet_until_it_is_removed(
    world: World, browser: Browser
) -> None:
    page = await browser.open(width=PHONE)
    phone = await authenticator(page, prf=True)
    words = await made(page, world)
    await page.goto(f"{url_of(world)}/ways")
    await ready(page)
    await page.locator("#mine a").click()
    await ready(page)
    await seen(page, "keys-en-mine-ask")
    await page.locator("#yes").click()
    await seen(page, "keys-en-mine-present")
    await gives(page, words)
    await expect(page.locator("#step-ready")).to_be_visible(timeout=SLOW_MS)
    await page.locator("#make-passkey").click()
    await expect(page.locator("#step-done")).to_be_visible(timeout=SLOW_MS)
    (passkey,) = await phone.passkeys()
    assert passkey["rpId"] == "localhost"
    await page.locator("#step-done a").click()
    await ready(page)
    await seen(page, "keys-en-ways-phone")
    await expect(page.locator("#mine")).to_be_hidden()

    await locks(page)
    await go(page, world, "/unlock?next=/ways")
    await seen(page, "keys-en-unlock-phone")
    await page.locator("#by-phone").click()
    await page.wait_for_url("**/ways")
    await page.locator("a[href$='/remove']").click()
    await seen(page, "keys-en-remove")
    await page.locator("form[action$='/remove'] button").click()
    await expect(page.locator(".note").first).to_have_text(KEYS["en"]["said_keys_removed"])
    await ready(page)

    await locks(page)
    await go(page, world, "/unlock?next=/ways")
    await page.locator("#by-phone").click()
    await expect(page.locator("#wrong")).to_have_text(KEYS["en"]["keys_say_unable"])
    await gives(page, words)
    await page.wait_for_url("**/ways", timeout=SLOW_MS)
    await locks(page)
    await go(page, world, "/unlock")
    await expect(page.locator("#by-phone")).to_be_hidden()


async def test_a_phone_that_is_not_unlocked_opens_nothing_and_makes_nothing(
    world: World, browser: Browser
) -> None:
    page = await browser.open()
    phone = await authenticator(page, prf=True)
    words = await made(page, world)
    await phone.refuse()
    await go(page, world, "/ways/phone")
    await page.locator("#yes").click()
    await gives(page, words)
    await page.locator("#make-passkey").click(timeout=SLOW_MS)
    await expect(page.locator("#wrong")).to_have_text(KEYS["en"]["keys_say_cancelled"], timeout=SLOW_MS)
    await page.goto(f"{url_of(world)}/ways")
    assert await page.locator("a[href$='/remove']").count() == 0


async def test_words_and_sheet_are_changed_and_the_old_ones_open_nothing(
    world: World, browser: Browser
) -> None:
    page = await browser.open()
    old = await made(page, world)
    await page.goto(f"{url_of(world)}/ways")
    await expect(page.locator(".note.bad")).to_contain_text(KEYS["en"]["keys_no_sheet"])
    await seen(page, "keys-en-ways-none")
    await page.locator(".note.bad a").click()
    await ready(page)
    await seen(page, "keys-en-paper-present")
    await gives(page, old)
    number, first = await sheet(page)
    await page.locator("#kept").click()
    await page.wait_for_url("**/ways")
    await go(page, world, "/ways/paper")
    await expect(page.locator("#about")).to_contain_text(KEYS["en"]["keys_sheet_replaces"])
    await gives(page, first)
    _, second = await sheet(page)
    await page.locator("#kept").click()
    await page.wait_for_url("**/ways")
    await go(page, world, "/ways/words")
    await gives(page, first)
    await expect(page.locator("#wrong")).to_have_text(KEYS["en"]["keys_say_wrong"], timeout=SLOW_MS)
    await gives(page, second)
    await expect(page.locator("#step-words")).to_be_visible(timeout=SLOW_MS)
    new = await texts(page, "#words li")
    await checks(page, new)
    await expect(page.locator("#step-done")).to_be_visible(timeout=SLOW_MS)
    await page.locator("#step-done a").click()
    await ready(page)

    await locks(page)
    await go(page, world, f"/unlock#{number}")
    await gives(page, old)
    await expect(page.locator("#wrong")).to_have_text(KEYS["en"]["keys_say_wrong"], timeout=SLOW_MS)
    await gives(page, new)
    await page.wait_for_url("**/home", timeout=SLOW_MS)


async def test_a_stranger_who_tries_keys_does_not_keep_her_out_and_haste_is_told_in_words(
    world: World, browser: Browser
) -> None:
    page = await browser.open(width=PHONE)
    words = await made(page, world)
    await locks(page)
    number = str(await page.locator("#wallets a").get_attribute("href")).partition("#")[2]
    wrong = {"wallet_key": base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")}
    headers = {"Origin": url_of(world), "Accept": "application/json"}
    path = f"{url_of(world)}/session/{number}"

    async def stranger() -> httpx.Response:
        """Tries keys until nobody looks at them any more; returns what he is told then."""
        for _ in range(3 * world.settings.unlocks_a_minute):
            tried = await world.client.post(path, json=wrong, headers=headers)
            if tried.status_code == httpx.codes.TOO_MANY_REQUESTS:
                return tried
            assert tried.status_code == httpx.codes.FORBIDDEN
        raise AssertionError("he is still answered")

    await stranger()
    await go(page, world, "/unlock")
    await gives(page, words)
    await page.wait_for_url("**/home", timeout=SLOW_MS)
    await locks(page)

    async def hasty(route: Route) -> None:
        told = await stranger()
        await route.fulfill(status=told.status_code, headers=dict(told.headers), body=told.content)

    await page.route(path, hasty)
    await go(page, world, "/unlock")
    await gives(page, words)
    await expect(page.locator("#wrong")).to_have_text(re.compile(r"Wait \d+ seconds"), timeout=SLOW_MS)
    await seen(page, "keys-en-wait")


async def test_a_full_installation_says_so_and_the_words_stay_good_for_later(browser: Browser) -> None:
    async with running_site() as site:
        page = await browser.open(width=PHONE)
        await page.goto(f"{site.url}/new")
        await ready(page)
        await page.locator("#begin button").click()
        await expect(page.locator("#step-words")).to_be_visible()
        words = await texts(page, "#words li")
        doors = site.app.state.doors
        site.app.state.doors = replace(doors, locks=replace(doors.locks, quota=Quota(0, 0)))
        await checks(page, words)
        await expect(page.locator("#wrong")).to_have_text(KEYS["en"]["keys_say_full"], timeout=SLOW_MS)
        site.app.state.doors = doors
        await page.locator("#retry").click()
        await expect(page.locator("#step-made")).to_be_visible(timeout=SLOW_MS)


async def test_words_that_nobody_looks_at_any_more_go_from_the_screen(world: World, browser: Browser) -> None:
    page = await browser.open(width=PHONE)
    await page.clock.install()
    await go(page, world, "/new")
    await page.locator("#begin button").click()
    await expect(page.locator("#words li")).to_have_count(5)

    await page.clock.fast_forward("09:00")
    await page.locator("h1").click()
    await page.clock.fast_forward("09:00")
    await expect(page.locator("#words li")).to_have_count(5)
    await page.clock.fast_forward("02:00")

    await expect(page).to_have_url(f"{url_of(world)}/")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://elsewhere.example/home",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "/console",
        "javascript:alert(1)",
        "/home/../console",
        "/home\n",
    ],
)
def test_unlocking_leads_to_pages_of_this_wallet_only(wanted: str) -> None:
    assert back_to(wanted) == "/home"
    assert back_to("/i?oob=eyJ0IjoxfQ%3D%3D&lang=fr") == "/i?oob=eyJ0IjoxfQ%3D%3D&lang=fr"
