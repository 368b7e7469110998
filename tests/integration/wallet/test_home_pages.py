"""The pages of an open wallet, in Chromium: from a link to an award she holds."""

from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Route, expect

from tests.support.browser import BY_EVERY_READER, PHONE, Browser, seen
from tests.support.open_wallet import COOKIE, OpenedWallet, hold, open_wallet
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
    await page.goto(f"{page.url.partition('?')[0]}?n={len(WAITS)}")
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


async def test_a_connection_lost_while_accepting_does_no_harm(browser: Browser, world: World) -> None:
    words = WORDS["en"]
    opened = await open_wallet(browser, world, width=PHONE)
    offer_id, exchange_id = await offered(world, opened)
    page = await opened.go(f"/offers/{offer_id}")
    tries: list[str] = []

    async def cut_off(route: Route) -> None:
        tries.append(route.request.url)
        await route.fetch()
        await route.abort()

    await page.route("**/accept", cut_off)
    await page.get_by_role("button", name=words["offer_accept"]).click()
    await expect(page.locator("#status")).to_have_text(words["phone_says_unsure"])
    await page.get_by_role("button", name=words["offer_accept"]).click()
    await expect(page.locator("#status")).to_have_text(words["phone_says_unsure"])
    await page.unroute("**/accept")
    await page.reload()

    await expect(page.locator("h1")).to_have_text(words["offer_coming"])
    assert len(tries) == 2
    await world.issue(exchange_id)
    await page.wait_for_url("**/credentials/*", timeout=60_000)
    assert len(await opened.learner.credentials()) == 1


async def test_what_comes_while_the_wallet_is_locked_waits_at_home(browser: Browser, world: World) -> None:
    words = WORDS["en"]
    opened = await open_wallet(browser, world)
    link = await invitation(world.issuer, "ujuzi.claim-award")
    await opened.learner.open_link(link.url)
    connection_id = await connected(world.issuer, link.id)
    await opened.lock()
    await world.send_offer(connection_id, world.award("Amina"))
    await opened.unlock()
    await opened.learner.offer(60)

    page = await opened.go("/home")

    await expect(page.locator("main")).to_contain_text(words["home_waits"])
    await page.locator("a.card").click()
    await page.locator("summary", has_text=words["offer_decline"]).click()
    await page.get_by_label(words["offer_why_unasked"]).check()
    await page.get_by_label(words["offer_text"]).fill("Who are you?")
    await page.get_by_role("button", name=words["offer_send_no"]).click()
    await page.wait_for_url("**/home")
    await expect(page.locator(".note[role=status]")).to_have_text(words["said_offer_declined"])
    await expect(page.locator("a.card")).to_have_count(0)
    (entry,) = await opened.learner.history()
    assert entry["said"]["reason"] == "I did not ask for this\nWho are you?"


async def test_home_tells_at_once_that_something_came(browser: Browser, world: World) -> None:
    words = WORDS["en"]
    opened = await open_wallet(browser, world)
    link = await invitation(world.issuer, "ujuzi.claim-award")
    await opened.learner.open_link(link.url)
    connection_id = await connected(world.issuer, link.id)
    page = await opened.go("/home")
    news = page.get_by_text(words["home_new"])
    await expect(news).to_be_hidden()

    await world.send_offer(connection_id, world.award("Amina"))

    await expect(news).to_be_visible()
    await page.get_by_role("link", name=words["home_show"]).click()
    await expect(page.locator("main")).to_contain_text(words["home_waits"])


async def test_without_scripts_pages_lead_from_a_link_to_an_award(browser: Browser, world: World) -> None:
    words = WORDS["en"]
    opened = await open_wallet(browser, world)
    context = await browser.chromium.new_context(java_script_enabled=False)
    browser.stack.push_async_callback(context.close)
    token = next(one["value"] for one in await opened.page.context.cookies() if one["name"] == COOKIE)
    await hold(context, opened.url, token)
    await opened.page.close()
    page = await context.new_page()
    link = await invitation(world.issuer, "ujuzi.claim-award")
    await page.goto(f"{opened.url}{here(link)}")
    await page.get_by_role("button", name=words["link_see"]).click()
    await page.wait_for_url("**/follow/*")
    exchange_id = await world.send_offer(await connected(world.issuer, link.id), world.award("Amina"))

    await page.wait_for_url("**/offers/*", timeout=60_000)
    await page.get_by_role("button", name=words["offer_accept"]).click()
    await page.wait_for_url("**/offers/*?n=*")
    await world.issue(exchange_id)

    await page.wait_for_url("**/credentials/*", timeout=60_000)
    assert await page.get_by_text(words["said_offer_stored"]).is_visible()
