"""A wallet made and open in Chromium, without the pages that ask for words; what is offered to it goes by the API.

`opened = await open_wallet(browser, world)` gives `opened.page`, whose browser holds the session's cookie, and `opened.learner`, the same
open wallet by the API: `await world.offer(opened.learner, values)` brings an offer that the page then shows.
"""

import base64
import secrets
from dataclasses import dataclass
from typing import Final

import httpx
from playwright.async_api import BrowserContext, Page

from services.launcher.adapters.http_learner import HttpLearner
from shared.vc.wallet_lock import wrap
from tests.support.browser import LAPTOP, Browser
from tests.support.wallet import World

COOKIE: Final = "ujuzi-wallet"
PASSPHRASE: Final = "ocean tiger maple candle orbit"
"""Of wallets of tests."""


class PageLearner(HttpLearner):
    """A learner whose device is a browser: the session is the cookie's."""

    def take(self, wallet_id: str, token: str) -> None:
        """Go on in this session."""
        self._begin({"wallet_id": wallet_id, "session_token": token})


@dataclass(frozen=True)
class OpenedWallet:
    """A page of an open wallet, and the same wallet by the API."""

    page: Page
    learner: PageLearner
    wallet_id: str
    key: str
    url: str

    async def go(self, path: str) -> Page:
        """Go to a page of the wallet."""
        await self.page.goto(f"{self.url}{path}")
        return self.page

    async def lock(self) -> None:
        """Lock the wallet, as the server does after a while."""
        await self.learner.lock()

    async def unlock(self) -> None:
        """Open it again in the same browser, as the page that asks for words does."""
        token = await _session(self.url, f"/session/{self.wallet_id}", {"wallet_key": self.key})
        await hold(self.page.context, self.url, token[1])
        self.learner.take(*token)


def url_of(world: World) -> str:
    """Where a browser finds the wallet's pages: a name, because passkeys and secure contexts want one."""
    return world.url.replace("127.0.0.1", "localhost")


async def open_wallet(
    browser: Browser, world: World, *, width: int = LAPTOP, language: str = "en", path: str = "/home"
) -> OpenedWallet:
    """Make a wallet, open it in a browser of its own and show a page of it."""
    key = secrets.token_bytes(32)
    coded = base64.urlsafe_b64encode(key).decode().rstrip("=")
    methods = [{"method": "passphrase", "envelope": wrap(key, PASSPHRASE)}]
    url = url_of(world)
    wallet_id, token = await _session(url, "/session", {"wallet_key": coded, "unlock_methods": methods})
    page = await browser.open(width=width, language=language)
    await hold(page.context, url, token)
    learner = PageLearner(world.url, world.client)
    learner.take(wallet_id, token)
    opened = OpenedWallet(page, learner, wallet_id, coded, url)
    await opened.go(path)
    return opened


async def hold(context: BrowserContext, url: str, token: str) -> None:
    """Let this browser hold a session."""
    await context.add_cookies(
        [{"name": COOKIE, "value": token, "url": url, "httpOnly": True, "sameSite": "Lax"}]
    )


async def _session(url: str, path: str, body: dict[str, object]) -> tuple[str, str]:
    """The wallet's id and the session's token."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        made = await client.post(path, json=body, headers={"Origin": url})
        assert made.is_success, made.text
        return str(made.json()["wallet_id"]), str(client.cookies[COOKIE])
