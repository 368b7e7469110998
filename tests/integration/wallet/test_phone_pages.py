"""The wallet as an app on a phone, in Chromium: installed, read without a network, locked when nobody uses it."""

import base64
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from playwright.async_api import Page, Route, async_playwright, expect

from shared.vc.wallet_lock import wrap
from tests.integration.wallet.test_keys_pages import locks, made
from tests.support.browser import ARGUMENTS, BY_EVERY_READER, PHONE, Browser, browser, chromium_program, seen
from tests.support.wait import until
from tests.support.wallet_fakes import NOW, a_credential
from tests.support.wallet_site import Site, running_site
from wallet.entry.phone_words import WORDS
from wallet.main import STATIC, TEMPLATES

__all__ = ["browser"]
WORDS_OF_HERS = "ocean tiger maple candle orbit"
SLOW_MS = 60_000
PREPARE = """async ([module, wallet_id, name, key, envelope]) => {
    const phone = await import(module.replace(/[^/]*$/, "phone.js"));
    await phone.remember({wallet_id, name, envelopes: [{method: "passphrase", envelope}]});
    await phone.prepare(wallet_id, Uint8Array.from(key));
}"""
COPY = """wallet_id => new Promise(done => {
    const asked = indexedDB.open("ujuzi", 1);
    asked.onsuccess = () => {
        const found = asked.result.transaction("copies").objectStore("copies").get(wallet_id);
        found.onsuccess = () => { asked.result.close(); done(Boolean(found.result)); };
    };
})"""
READY = "navigator.serviceWorker.controller !== null"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with running_site() as running:
        yield running


@dataclass
class Hers:
    """A wallet open in a page."""

    page: Page
    wallet_id: str
    key: bytes
    kit: str
    """The id of its recovery sheet."""


async def opens(
    site: Site, browser: Browser, *, language: str = "en", width: int = PHONE, name: str | None = None
) -> Hers:
    """A wallet with one award, opened as the page that asks for words does it: the session by fetch, then the phone is told."""
    page = await browser.open(width=width, language=language)
    await page.goto(f"{site.url}/offline")
    key = secrets.token_bytes(32)
    return await opens_in(page, site, key, name=name)


async def opens_in(page: Page, site: Site, key: bytes, *, name: str | None = None) -> Hers:
    coded = base64.urlsafe_b64encode(key).decode().rstrip("=")
    envelope = wrap(key, WORDS_OF_HERS)
    body = {
        "wallet_key": coded,
        "unlock_methods": [{"method": kind, "envelope": envelope} for kind in ("passphrase", "recovery-kit")],
    }
    made = await page.evaluate(
        """body => fetch("/session", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)}).then(answer => answer.json())""",
        body,
    )
    wallet_id = str(made["wallet_id"])
    module = await page.locator("script[type=module]").first.get_attribute("src")
    await page.evaluate(PREPARE, [module, wallet_id, name, list(key), envelope])
    site.store(wallet_id).held["credential-1"] = a_credential(given_name="Wanjikũ")
    methods = await site.app.state.doors.locks.book.unlock_methods(wallet_id)
    return Hers(page, wallet_id, key, next(each.id for each in methods if each.method == "recovery-kit"))


async def controlled(page: Page) -> None:
    """The page's service worker is installed and shows pages from now on."""

    async def installed() -> bool:
        return bool(await page.evaluate(READY))

    await until(installed, SLOW_MS / 1000, "the service worker is there")


async def has_copy(page: Page, wallet_id: str) -> None:
    """The sealed copy is on the phone."""

    async def kept() -> bool:
        return bool(await page.evaluate(COPY, wallet_id))

    await until(kept, SLOW_MS / 1000, "the phone keeps a copy")


async def test_a_browser_finds_nothing_that_keeps_it_from_installing_the_wallet(
    site: Site, browser: Browser
) -> None:
    page = await browser.open(width=PHONE)
    await page.goto(f"{site.url}/offline")
    await controlled(page)
    session = await page.context.new_cdp_session(page)

    errors = await session.send("Page.getInstallabilityErrors")
    found = await session.send("Page.getAppManifest")

    assert [each["errorId"] for each in errors["installabilityErrors"]] in ([], ["in-incognito"])
    assert found["errors"] == []
    assert json.loads(found["data"])["icons"][3]["purpose"] == "maskable"


@BY_EVERY_READER
async def test_a_copy_is_read_without_a_network_and_closed_again(
    site: Site, browser: Browser, language: str, width: int
) -> None:
    hers = await opens(site, browser, language=language, width=width, name="Wanjikũ's")
    page, words = hers.page, WORDS[language]
    await page.goto(f"{site.url}/home")
    await controlled(page)
    await has_copy(page, hers.wallet_id)

    await page.context.set_offline(True)
    await page.goto(f"{site.url}/home")
    await expect(page.locator("h1")).to_have_text(words["offline_title"])
    await seen(page, f"offline-{language}-1-closed")
    await page.locator("#given").fill("ocean tiger maple candle otter")
    await page.locator("#read button").click()
    await expect(page.locator("#wrong")).to_have_text(words["offline_says_wrong"], timeout=SLOW_MS)
    await page.locator("#given").fill(f" {WORDS_OF_HERS.upper()} ")
    await page.locator("#read button").click()
    await expect(page.locator("#copy")).to_be_visible(timeout=SLOW_MS)
    await expect(page.locator("#as-of")).to_contain_text(words["offline_says_as_of"])
    for summary in await page.locator("summary").all():
        await summary.click()
    await expect(page.locator("#list")).to_contain_text("Wanjikũ")
    await seen(page, f"offline-{language}-2-read")

    await page.locator("#close").click()
    assert "Wanjikũ" not in (await page.content()).replace("Wanjikũ's", "")
    await page.locator("#forget").click()
    await page.locator("#forget").click()
    await expect(page.locator("#busy")).to_have_text(words["offline_says_forgotten"])
    assert await page.evaluate(KEPT, hers.wallet_id) == [0, 0]


async def test_a_wallet_made_on_this_phone_is_read_without_a_network_by_its_five_words(
    site: Site, browser: Browser
) -> None:
    page = await browser.open(width=PHONE)
    where: Any = site
    words = await made(page, where, "Mine")
    await page.goto(f"{site.url}/home")
    await controlled(page)
    await has_copy(page, "wallet-1")
    await locks(page)

    await page.context.set_offline(True)
    await page.goto(f"{site.url}/")
    await page.locator("#which").select_option("Mine")
    await page.locator("#given").fill(" ".join(words))
    await page.locator("#read button").click()

    await expect(page.locator("#list-none")).to_be_visible(timeout=SLOW_MS)


KEPT = """wallet_id => new Promise(done => {
    const asked = indexedDB.open("ujuzi", 1);
    asked.onsuccess = () => {
        const all = asked.result.transaction(["wallets", "copies"]), counts = ["wallets", "copies"].map(name => all.objectStore(name).count());
        all.oncomplete = () => { asked.result.close(); done(counts.map(each => each.result)); };
    };
})"""
STORED = """async () => {
    const found = [document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) found.push(request.url, await (await cache.match(request)).text());
    }
    for (const {name} of await indexedDB.databases()) {
        const db = await new Promise(done => { const asked = indexedDB.open(name); asked.onsuccess = () => done(asked.result); });
        for (const store of db.objectStoreNames) {
            const all = await new Promise(done => { const asked = db.transaction(store).objectStore(store).getAll(); asked.onsuccess = () => done(asked.result); });
            found.push(JSON.stringify(all, (_, value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value)
                ? String.fromCharCode(...new Uint8Array(value.buffer || value)) : value));
        }
        db.close();
    }
    return found.join("\\n");
}"""


async def test_what_lies_on_the_phone_tells_nothing_of_her(site: Site, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium_program(), args=list(ARGUMENTS), locale="en"
        )
        page = await context.new_page()
        await page.goto(f"{site.url}/offline")
        hers = await opens_in(page, site, secrets.token_bytes(32))
        site.store(hers.wallet_id).held["credential-1"] = a_credential(
            given_name="Zawadiqx", family_name="Mwangiqx", grade="distinctionqx"
        )
        await page.goto(f"{site.url}/home")
        await controlled(page)
        await has_copy(page, hers.wallet_id)
        stored = await page.evaluate(STORED)
        await page.goto("about:blank")
        await context.close()

    left = b"".join(file.read_bytes() for file in profile.rglob("*") if file.is_file())
    values = ["Zawadiqx", "Mwangiqx", "distinctionqx", "Data Analytics Foundations", *WORDS_OF_HERS.split()]
    assert hers.wallet_id in stored
    assert hers.wallet_id.encode() in left or hers.wallet_id.encode("utf-16-le") in left
    secret = base64.urlsafe_b64encode(hers.key).decode().rstrip("=")
    for value in [*values, secret]:
        assert value not in stored
        assert value.encode() not in left
        assert value.encode("utf-16-le") not in left
    assert hers.key not in left


async def test_the_copy_is_small_and_asked_for_once(site: Site, browser: Browser) -> None:
    hers = await opens(site, browser)
    store = site.store(hers.wallet_id)
    for number in range(20):
        store.held[f"credential-{number}"] = a_credential(
            f"credential-{number}", given_name=secrets.token_hex(4), awarded_dateint=f"202601{number + 1:02}"
        )
    answer = await hers.page.request.get(f"{site.url}/phone/copy", headers={"Accept-Encoding": "gzip"})
    assert len((await answer.json())["cards"]) == 20
    assert int(answer.headers["content-length"]) <= 15 * 1024
    assert answer.headers["cache-control"] == "no-store"
    again = await hers.page.request.get(
        f"{site.url}/phone/copy", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status, await again.text()) == (304, "")
    site.asked.clear()
    await hers.page.clock.set_fixed_time(NOW)  # however slow this machine is

    await hers.page.goto(f"{site.url}/home")
    await has_copy(hers.page, hers.wallet_id)
    await hers.page.goto(f"{site.url}/home")
    await hers.page.evaluate(
        "import(document.querySelector('script[src$=\"/app.js\"]').src).then(() => true)"
    )

    assert site.asked.count("GET /phone/copy") == 1


async def test_without_an_open_wallet_there_is_no_copy(site: Site, browser: Browser) -> None:
    page = await browser.open()
    answer = await page.request.get(f"{site.url}/phone/copy", headers={"Accept": "application/json"})
    assert answer.status == 401


async def test_a_wallet_nobody_uses_locks_and_leaves_nothing_on_the_screen(
    site: Site, browser: Browser
) -> None:
    hers = await opens(site, browser)
    page = hers.page
    await page.clock.install()
    await page.goto(f"{site.url}/home")
    await page.clock.run_for(9 * 60_000 + 20_000)
    await expect(page.locator(".soon")).to_contain_text(WORDS["en"]["phone_says_locks_soon"])
    await seen(page, "idle-warning")
    await page.locator("#still-here").click()
    await expect(page.locator(".soon")).to_have_count(0)
    await until(lambda: "GET /phone/here" in site.asked, 30, "the server hears of her")

    await page.clock.run_for(10 * 60_000 + 20_000)

    await page.wait_for_url(f"{site.url}/")
    assert hers.wallet_id not in site.sealed.open_ones


async def test_locking_in_one_tab_empties_the_others(site: Site, browser: Browser) -> None:
    hers = await opens(site, browser)
    other = await hers.page.context.new_page()
    await hers.page.goto(f"{site.url}/home")
    await other.goto(f"{site.url}/home")

    await other.locator("#lock button").click()

    await other.wait_for_url(f"{site.url}/")
    await hers.page.wait_for_url(f"{site.url}/")


async def test_opening_another_wallet_empties_the_pages_of_the_one_before(
    site: Site, browser: Browser
) -> None:
    first = await opens(site, browser)
    await first.page.goto(f"{site.url}/home")
    other = await first.page.context.new_page()
    await other.goto(f"{site.url}/offline")

    second = await opens_in(other, site, secrets.token_bytes(32))
    await other.goto(f"{site.url}/home")

    await first.page.wait_for_function(
        "wallet_id => document.getElementById('main')?.dataset.wallet === wallet_id", arg=second.wallet_id
    )
    assert site.sealed.open_ones == {second.wallet_id}


async def test_going_back_after_the_lock_shows_nothing(site: Site, browser: Browser) -> None:
    hers = await opens(site, browser)
    await hers.page.goto(f"{site.url}/home")
    await hers.page.locator("#lock button").click()
    await hers.page.wait_for_url(f"{site.url}/")

    await hers.page.go_back()

    await hers.page.wait_for_url(lambda url: not url.endswith("/home"))


async def test_locking_without_a_network_empties_the_page_and_is_made_good_later(
    site: Site, browser: Browser
) -> None:
    hers = await opens(site, browser)
    page = hers.page
    await page.goto(f"{site.url}/home")
    await controlled(page)
    await page.context.set_offline(True)

    await page.locator("#lock button").click()

    await expect(page.locator("h1")).to_have_text(WORDS["en"]["offline_title"])
    assert hers.wallet_id in site.sealed.open_ones
    await page.context.set_offline(False)
    await page.goto(f"{site.url}/home")
    await page.wait_for_url(f"{site.url}/")
    assert hers.wallet_id not in site.sealed.open_ones


async def test_she_is_told_when_the_network_goes_and_when_it_is_back(site: Site, browser: Browser) -> None:
    hers = await opens(site, browser)
    await hers.page.goto(f"{site.url}/home")
    status = hers.page.locator("#status")
    await hers.page.context.set_offline(True)
    await expect(status).to_have_text(WORDS["en"]["phone_says_offline"])
    await seen(hers.page, "network-gone")
    await hers.page.context.set_offline(False)
    await expect(status).to_have_text(WORDS["en"]["phone_says_online"])


FORM = """() => {
    const form = document.createElement("form"), field = document.createElement("input"), button = document.createElement("button");
    form.method = "post"; form.action = "/written"; form.id = "typed";
    field.name = "text"; field.value = "what she typed"; field.setAttribute("aria-label", "text");
    button.textContent = "Send";
    form.append(field, button);
    document.querySelector("main").append(form);
}"""


async def test_a_form_that_did_not_get_through_keeps_what_was_typed_and_counts_once(
    site: Site, browser: Browser
) -> None:
    written: list[str] = []

    @site.app.post("/written")
    async def write(request: Request) -> Response:
        written.append(str((await request.form())["text"]))
        return RedirectResponse("/home?written", 303)

    hers = await opens(site, browser)
    page = hers.page
    await page.goto(f"{site.url}/home")
    await page.evaluate(FORM)
    await page.context.set_offline(True)
    await page.locator("#typed button").click()
    await expect(page.locator("#status")).to_have_text(WORDS["en"]["phone_says_unsent"])
    await expect(page.locator("#typed input")).to_have_value("what she typed")
    assert written == []
    await page.context.set_offline(False)

    broken = {"once": True}

    async def lose_the_answer(route: Route) -> None:
        if broken.pop("once", None):
            await route.fetch()  # it arrives, and its answer is lost
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await page.route("**/written", lose_the_answer)
    await page.locator("#typed button").click()
    await expect(page.locator("#status")).to_have_text(WORDS["en"]["phone_says_unsure"])
    await page.locator("#typed button").click()
    await page.wait_for_url("**/home?written")

    assert written == ["what she typed"]


async def test_the_worker_keeps_no_page_and_nothing_of_v1_and_drops_old_caches(
    site: Site, browser: Browser
) -> None:
    page = await browser.open(width=PHONE)
    await page.goto(f"{site.url}/sw.js")  # of this site, and registers no worker
    await page.evaluate("caches.open('ujuzi-old').then(cache => cache.put('/offline', new Response('old')))")
    await page.goto(f"{site.url}/offline")
    await opens_in(page, site, secrets.token_bytes(32))
    await controlled(page)
    await page.goto(f"{site.url}/home")
    await page.evaluate("fetch('/v1/wallets/wallet-1').then(answer => answer.text())")

    async def only_one() -> bool:
        return len(await page.evaluate("caches.keys()")) == 1

    await until(only_one, SLOW_MS / 1000, "the old cache is dropped")
    (name,) = await page.evaluate("caches.keys()")
    kept = await page.evaluate(
        "name => caches.open(name).then(cache => cache.keys()).then(all => all.map(each => new URL(each.url).pathname))",
        name,
    )

    assert name != "ujuzi-old"
    assert [path for path in kept if not path.startswith("/static/")] == ["/offline"]


async def test_the_page_without_a_network_is_kept_in_the_language_she_chose_last(
    site: Site, browser: Browser
) -> None:
    page = (await opens(site, browser)).page
    await controlled(page)
    for language in ("ar", "fr"):
        await page.goto(f"{site.url}/home?lang={language}")

        async def kept_in(language: str = language) -> bool:
            kept = "caches.match('/offline').then(found => found?.headers.get('Content-Language'))"
            return bool(await page.evaluate(kept) == language)

        await until(kept_in, SLOW_MS / 1000, f"the page is kept in {language}")


def test_only_the_worker_opens_caches() -> None:
    """A page that opened the one which is being dropped would make it anew."""
    pages = [*STATIC.glob("*.js"), *TEMPLATES.rglob("*.html")]
    assert pages
    assert [page.name for page in pages if "caches.open" in page.read_text("utf-8")] == []


AGENTS = {
    "facebook": "Mozilla/5.0 (Linux; Android 12; SM-A127F Build/SP1A.210812.016; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/468.1.0.56.78;]",
    "iphone": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 333.0.3.29.103 (iPhone12,1; iOS 17_5_1; en_US; en; scale=2.00; 828x1792; 603953439)",
    "opera-mini": "Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16",
}  # fmt: skip


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("language", ["en", "fr", "pt", "sw", "ar"])
async def test_where_keys_would_not_be_hers_a_link_is_led_elsewhere_and_not_lost(
    site: Site, browser: Browser, agent: str, language: str
) -> None:
    page = await browser.open(width=PHONE, language=language)
    await page.set_extra_http_headers({"User-Agent": AGENTS[agent]})
    link = f"{site.url}/i?oob=eyJAdHlwZSI6Imh0dHBzOi8v"

    answer = await page.goto(link)

    assert answer
    assert answer.status == 403
    await expect(page.locator("#address")).to_have_text(link)
    intent = page.locator("#go")
    if agent == "iphone":
        await expect(intent).to_have_count(0)
    else:
        address = await intent.get_attribute("href")
        assert address
        assert address.startswith(f"intent:{link.removeprefix('http:')}#Intent;scheme=http;")
    await seen(page, f"elsewhere-{agent}-{language}")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.locator("#copy").click()
    await expect(page.locator("#copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == link


async def test_an_address_of_another_site_is_not_led_to(site: Site, browser: Browser) -> None:
    page = await browser.open(width=PHONE)
    for other in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        await page.goto(f"{site.url}/elsewhere?to={other}")
        await expect(page.locator("#address")).to_have_text(f"{site.url}/")


async def test_a_browser_that_cannot_lock_a_wallet_is_led_elsewhere_in_place(
    site: Site, browser: Browser
) -> None:
    page = await browser.open(width=PHONE)
    await page.add_init_script("Object.defineProperty(window, 'indexedDB', {value: undefined})")
    await page.goto(f"{site.url}/offline#kept")
    await expect(page.locator("#address")).to_have_text(f"{site.url}/offline#kept")
    await expect(page.locator(".bad")).to_have_text(WORDS["en"]["elsewhere_old"])
