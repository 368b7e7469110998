"""The pages of an open wallet, in Chromium: what waits, what is offered, what she holds."""

from tests.support.browser import Browser
from tests.support.open_wallet import open_wallet
from tests.support.wallet import World


async def test_a_wallet_opened_in_a_browser_shows_its_home(browser: Browser, world: World) -> None:
    opened = await open_wallet(browser, world)

    assert await opened.page.locator("h1").count() == 1
    await opened.lock()
    await opened.unlock()
    assert (await opened.go("/home")).url.endswith("/home")
