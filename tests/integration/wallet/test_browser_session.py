"""A wallet open in a browser: by cookie, for forms of its own pages only, one wallet at a time."""

import base64
import re
import secrets

import httpx

from shared.vc.wallet_lock import generate_passphrase, wrap
from tests.support.wallet import World

COOKIE = "ujuzi-wallet"


def origin(world: World) -> str:
    return world.url.replace("127.0.0.1", "localhost")


async def new_wallet(browser: httpx.AsyncClient, world: World) -> tuple[str, str]:
    """A wallet made and opened in this browser; its id and its key."""
    key = secrets.token_bytes(32)
    coded = base64.urlsafe_b64encode(key).decode().rstrip("=")
    methods = [{"method": "passphrase", "envelope": wrap(key, generate_passphrase())}]
    made = await browser.post(
        "/session", json={"wallet_key": coded, "unlock_methods": methods}, headers={"Origin": origin(world)}
    )
    assert made.status_code == 201, made.text
    return str(made.json()["wallet_id"]), coded


def browser_of(world: World) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=origin(world), headers={"Accept": "text/html"}, timeout=30)


async def csrf(browser: httpx.AsyncClient) -> str:
    page = await browser.get("/home")
    assert page.status_code == 200, page.text
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found
    return found[1]


async def state(world: World, wallet_id: str) -> str:
    return str((await world.client.get(f"{world.url}/v1/wallets/{wallet_id}")).json()["state"])


async def test_a_wallet_opened_in_a_browser_is_there_until_it_is_locked(world: World) -> None:
    async with browser_of(world) as browser:
        wallet_id, key = await new_wallet(browser, world)

        locked = await browser.post(
            "/lock", data={"csrf": await csrf(browser)}, headers={"Origin": origin(world)}
        )

        assert (locked.status_code, locked.headers["location"]) == (303, "/")
        assert COOKIE not in browser.cookies
        assert await state(world, wallet_id) == "locked"
        led = await browser.get("/home?lang=fr")
        assert (led.status_code, led.headers["location"]) == (303, "/unlock?next=/home%3Flang%3Dfr")
        opened = await browser.post(
            f"/session/{wallet_id}", json={"wallet_key": key}, headers={"Origin": origin(world)}
        )
        assert opened.status_code == 200
        await csrf(browser)


async def test_another_site_can_neither_open_nor_lock_a_wallet_in_her_browser(world: World) -> None:
    async with browser_of(world) as browser:
        wallet_id, key = await new_wallet(browser, world)
        elsewhere = {"Origin": "https://elsewhere.example", "Accept": "application/json"}

        opened = await browser.post(f"/session/{wallet_id}", json={"wallet_key": key}, headers=elsewhere)
        locked = await browser.post("/lock", data={"csrf": await csrf(browser)}, headers=elsewhere)
        unmarked = await browser.post(
            "/lock", data={"csrf": "guessed"}, headers={"Origin": origin(world), "Accept": "application/json"}
        )

        for answer in (opened, locked):
            assert answer.status_code == 403
            assert "the browser names another page" in answer.json()["detail"]
        assert unmarked.status_code == 403
        assert "page's own token" in unmarked.json()["detail"]
        assert await state(world, wallet_id) == "open"


async def test_opening_one_wallet_locks_the_one_that_was_open_in_this_browser(world: World) -> None:
    async with browser_of(world) as browser:
        first, _ = await new_wallet(browser, world)
        second, _ = await new_wallet(browser, world)

        assert await state(world, first) == "locked"
        assert await state(world, second) == "open"


async def test_a_page_without_a_wallet_leads_a_browser_to_unlock_and_tells_a_program(world: World) -> None:
    async with browser_of(world) as browser:
        browser.cookies.set(COOKIE, "x" * 43)

        led = await browser.get("/home")
        told = await browser.get("/home", headers={"Accept": "application/json"})

        assert (led.status_code, led.headers["location"]) == (303, "/unlock?next=/home")
        assert told.status_code == 423
        assert told.json()["detail"].startswith("The wallet is locked.")
