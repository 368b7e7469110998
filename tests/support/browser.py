"""Real Chromium for tests of pages, by Playwright.

`page = await browser.open(width=PHONE)` gives a page in a profile of its own; `assert_accessible(page)` lets axe-core look
at it; `look(page, "name")` keeps a picture of it where the environment's UJUZI_SCREENSHOTS names a folder.
"""

import os
import shutil
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser as PlaywrightBrowser
from playwright.async_api import CDPSession, Page, async_playwright

PHONE: Final = 360
LAPTOP: Final = 1366
HEIGHT: Final = {PHONE: 740, LAPTOP: 768}
ARGUMENTS: Final = (
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
READER: Final = ("language", "width")
BY_EVERY_READER: Final = pytest.mark.parametrize(READER, [("en", LAPTOP), ("fr", PHONE), ("ar", PHONE)])
"""For a test that looks at pages in three languages, on a laptop and a phone.

A run deals each test with a READER to one of them, always the same one; with EVERY_READER=1 (`make pages`) all of them look.
"""
RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_AXE: Final = {
    "runOnly": {"type": "tag", "values": list(RULES)},
    # What passes is not described node by node: that takes longer than looking.
    "resultTypes": ["violations"],
}
PATIENCE_MS: Final = 60_000
"""A deadline, not a measure: machines are shared."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave each test that three readers could look at to one of them, unless all were asked for."""
    if os.environ.get("EVERY_READER"):
        return
    others = [item for item in items if not _is_dealt(item)]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if _is_dealt(item)]


def _is_dealt(item: pytest.Item) -> bool:
    mark = next((each for each in item.iter_markers("parametrize") if each.args[0] == READER), None)
    if mark is None or not isinstance(item, pytest.Function):
        return True
    readers = mark.args[1]
    reader = (item.callspec.params["language"], item.callspec.params["width"])
    return bool(reader == readers[zlib.crc32(item.nodeid.partition("[")[0].encode()) % len(readers)])


def chromium_program() -> str:
    """The engine without its windows where there is one: it shows a page with half the work. Else the whole browser.

    A machine without either fails the test.
    """
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert found, "these tests need Chromium (Debian: apt-get install chromium chromium-headless-shell)"
    return found


@dataclass
class Browser:
    """One Chromium; every page is in a profile of its own, closed with the test."""

    chromium: PlaywrightBrowser
    stack: AsyncExitStack

    async def open(self, *, width: int = LAPTOP, language: str = "en", dark: bool = False) -> Page:
        """A page of somebody new, whose browser asks for pages in this language. Any script error fails the test."""
        context = await self.chromium.new_context(
            viewport={"width": width, "height": HEIGHT[width]},
            locale=language,
            color_scheme="dark" if dark else "light",
            is_mobile=width == PHONE,
            has_touch=width == PHONE,
        )
        context.set_default_timeout(PATIENCE_MS)
        self.stack.push_async_callback(context.close)
        page = await context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        self.stack.callback(lambda: _none(wrong))
        return page


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[PlaywrightBrowser]:
    """Chromium as the distribution ships it, started once for all tests of a process."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium_program(), args=list(ARGUMENTS))
        yield started
        await started.close()


@pytest.fixture
async def browser(chromium: PlaywrightBrowser) -> AsyncIterator[Browser]:
    """What is opened with it is in profiles of its own, and closed with the test."""
    async with AsyncExitStack() as stack:
        yield Browser(chromium, stack)


@dataclass(frozen=True)
class Authenticator:
    """A virtual authenticator of a page: it makes passkeys and signs with them, its owner always being there."""

    session: CDPSession
    id: str

    async def passkeys(self) -> list[dict[str, Any]]:
        """What it holds."""
        answer = await self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        held: list[dict[str, Any]] = answer["credentials"]
        return held

    async def hold(self, passkey: dict[str, Any]) -> None:
        """Take over a passkey of another authenticator, as passkeys that are synchronised between devices are."""
        await self.session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": passkey})

    async def refuse(self) -> None:
        """From now on its owner does not unlock it."""
        await self.session.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": False}
        )


async def authenticator(page: Page, *, prf: bool = False) -> Authenticator:
    """Give a page's browser an authenticator that unlocks at once; with `prf`, one that makes secrets of its passkeys."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "hasPrf": prf,
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    answer = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Authenticator(session, answer["authenticatorId"])


async def assert_accessible(page: Page) -> None:
    """Fail with axe-core's report unless it finds nothing (WCAG 2.2 AA and good practice), nor a page wider than its window."""
    found = await Axe().run(page, options=_AXE)
    assert not found.violations_count, f"{page.url}\n{found.generate_report()}"
    # Not the window Chromium tells: on a phone it grows with a page that is too wide.
    wide = await page.evaluate("document.documentElement.scrollWidth")
    window = page.viewport_size["width"] if page.viewport_size else 0
    assert wide <= window, f"{page.url} is {wide} pixels wide in a window of {window}"


async def look(page: Page, name: str) -> None:
    """Keep a picture of the whole page, if somebody wants to look."""
    folder = os.environ.get("UJUZI_SCREENSHOTS")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def _none(wrong: list[str]) -> None:
    assert not wrong, f"scripts failed: {wrong}"


async def seen(page: Page, name: str) -> None:
    """Keep a picture of the page, and fail unless it is accessible."""
    await look(page, name)
    await assert_accessible(page)


async def joined(browser: Browser, link: str, *, width: int = LAPTOP, language: str = "en") -> Page:
    """A page of whoever opened this one-time link and said yes."""
    page = await browser.open(width=width, language=language)
    await page.goto(link)
    await page.locator("main form button").click()
    await page.wait_for_url("**/console/account")
    return page
