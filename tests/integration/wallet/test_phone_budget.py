"""What a learner's phone loads, counted on the wire between Chromium and the wallet: every byte of every answer, headers too.

A first visit is a phone that was never here, with everything its service worker fetches; each later screen is what going there costs a phone that was.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from fastapi.routing import APIRoute
from playwright.async_api import Page
from pydantic import JsonValue

from shared.vc.wallet_lock import wordlist
from tests.integration.wallet.test_phone_pages import controlled, has_copy, opens_in
from tests.support.browser import PHONE, Browser, browser
from tests.support.free_port import free_port
from tests.support.wait import until
from tests.support.wallet_fakes import NOW, a_credential, an_offer
from tests.support.wallet_site import Site, running_site
from tests.unit.wallet.test_answering import ASKED
from wallet.domain.history import Entry, Kind
from wallet.domain.request import RequestExchange, RequestState
from wallet.use_cases.write_history import write_entry

__all__ = ["browser"]
FIRST = 60 * 1024
LATER = 15 * 1024
EMPTY_SECONDS = 0.7
"""Nothing has come for so long: the page is there."""

CLOSED = {
    path.partition("?")[0]: path
    for path in (
        "/",
        "/new",
        "/unlock",
        "/recover",
        "/take-in",
        "/together",
        "/open",
        "/together/finished",
        "/i?oob=eyJAdHlwZSI6",
        "/elsewhere",
        "/offline",
    )
}
"""Screens that show nothing of anybody."""
OPEN = {
    "/home": "/home",
    "/add": "/add",
    "/follow/{connection_id}": "/follow/connection-1",
    "/offers/{offer_id}": "/offers/offer-1",
    "/credentials/{credential_id}": "/credentials/credential-1",
    "/requests/{request_id}": "/requests/request-1",
    "/history": "/history",
    "/history/{entry_id}": "/history/entry-1",
    "/ways": "/ways",
    "/ways/{what}": "/ways/words",
    "/ways/{method_id}/remove": "/ways/{kit}/remove",
    "/leaving": "/leaving",
    "/leaving/copy": "/leaving/copy",
    "/leaving/another": "/leaving/another",
    "/leaving/erase": "/leaving/erase",
    "/take-in/done": "/take-in/done",
}
"""Screens of an open wallet."""
NO_SCREENS = {
    "/static/{version}/{name}",
    "/sw.js",
    "/manifest.webmanifest",
    "/phone/copy",
    "/phone/here",
    "/together/words",
    "/home/events",
    "/leaving/ujuzi-wallet.json",
}
"""Part of what screens load, or a file she asks for."""


@dataclass
class Wire:
    """A wire between a browser and the site that counts what comes down."""

    site: Site
    down: int = 0
    last: float = field(default_factory=monotonic)

    async def counted(self) -> int:
        """What came down until nothing comes any more; counting begins anew."""
        await until(lambda: monotonic() - self.last > EMPTY_SECONDS, 60, "the page has all it loads")
        counted, self.down = self.down, 0
        return counted

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.site.port)
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer, counts=True))

    async def _pass(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, counts: bool = False
    ) -> None:
        try:
            while data := await source.read(65536):
                if counts:
                    self.down += len(data)
                    self.last = monotonic()
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.close()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    outside = free_port()
    async with running_site(behind=outside) as site:
        wire = Wire(site)
        server = await asyncio.start_server(wire.carry, "127.0.0.1", outside)
        yield wire
        server.close()


async def goes(page: Page, wire: Wire, path: str) -> int:
    """Bytes that came down until the page was there and quiet."""
    wire.down, wire.last = 0, monotonic()
    await page.goto(f"{wire.site.url}{path}")
    return await wire.counted()


async def test_a_first_visit_is_light(wire: Wire, browser: Browser) -> None:
    page = await browser.open(width=PHONE, language="ar")
    await page.goto(f"{wire.site.url}/")
    await controlled(page)
    front = await wire.counted()
    assert "GET /offline" in wire.site.asked  # what the service worker fetches is counted

    await page.goto(f"{wire.site.url}/new")
    module = await page.locator("script[type=module]").first.get_attribute("src")
    words = await page.evaluate(
        """module => import(module.replace(/[^/]*$/, "crypto.js")).then(crypto => crypto.wordlist())""",
        module,
    )
    assert words == list(wordlist())

    assert front <= FIRST
    assert front + await wire.counted() <= FIRST, "a first visit that makes a wallet"


async def test_every_later_screen_is_light(wire: Wire, browser: Browser) -> None:
    page = await browser.open(width=PHONE, language="ar")
    await page.goto(f"{wire.site.url}/")
    await controlled(page)
    await wire.counted()

    there = screens_of(wire.site)
    found = {path: await goes(page, wire, at) for path, at in CLOSED.items() if path in there}
    await page.goto(f"{wire.site.url}/offline")
    hers = await opens_in(page, wire.site, b"k" * 32)
    await fills(wire.site, hers.wallet_id)
    await page.goto(f"{wire.site.url}/home")
    await has_copy(page, hers.wallet_id)
    found |= {
        path: await goes(page, wire, at.format(kit=hers.kit)) for path, at in OPEN.items() if path in there
    }

    assert {path: size for path, size in found.items() if size > LATER} == {}, found


async def fills(site: Site, wallet_id: str) -> None:
    """Something to see on every screen."""
    store = site.store(wallet_id)
    for number in range(6):
        store.held[f"credential-{number}"] = a_credential(
            f"credential-{number}", awarded_dateint=f"2026010{number + 1}"
        )
    store.offered["offer-1"] = an_offer()
    store.asked["request-1"] = RequestExchange(
        "request-1", "connection-1", RequestState.OPEN, ASKED, "Trust me"
    )
    for number in range(12):
        what: dict[str, JsonValue] = {"title": "Data Analytics Foundations"}
        at = NOW - timedelta(days=number)
        await write_entry(
            store,
            Entry(f"entry-{number}", at, Kind.OFFER_ACCEPTED, "offer-0", "Digital Skills Trust", None, what),
        )


def screens_of(site: Site) -> set[str]:
    """Every page of the learner's wallet that can be gone to."""

    def walked(routes: Any) -> Iterator[APIRoute]:  # noqa: ANN401 - Starlette's and FastAPI's
        for one in routes:
            if (inner := getattr(one, "original_router", None)) is not None:
                yield from walked(inner.routes)
            elif isinstance(one, APIRoute) and "GET" in (one.methods or ()) and "pages" in one.tags:
                yield one

    return {each.path for each in walked(site.app.routes)} - NO_SCREENS


async def test_every_screen_there_is_has_been_weighed(wire: Wire) -> None:
    found = screens_of(wire.site)
    assert {"/", "/home"} <= found
    assert found - {*CLOSED, *OPEN} == set()
