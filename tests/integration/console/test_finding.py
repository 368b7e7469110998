"""Finding an organisation at the console, what was done last, and for whom a permission is."""

from pathlib import Path

import httpx
from playwright.async_api import expect

from tests.integration.console.conftest import Site, running_site
from tests.integration.console.test_import_pages import HEADER, row
from tests.integration.console.test_register_pages import signed_in
from tests.integration.trust.registry import ADMIN_KEY
from tests.support.browser import LAPTOP, PHONE, Browser, seen
from tests.support.nats_server import NatsServer

MANY = 60


async def import_all(site: Site, *rows: str) -> None:
    """What the file says is in the register afterwards."""
    key = {"Authorization": f"Bearer {ADMIN_KEY}"}
    async with httpx.AsyncClient(base_url=site.url, headers=key, timeout=60) as client:
        made = await client.post(
            "/v1/imports", content="\r\n".join([HEADER, *rows]), headers={"Content-Type": "text/csv"}
        )
        proposal = made.raise_for_status().json()["proposal"]["id"]
        (await client.post(f"/v1/proposals/{proposal}/approve")).raise_for_status()


async def test_an_organisation_is_found_among_many_and_the_rest_are_a_page_away(
    tmp_path: Path, nats_server: NatsServer, browser: Browser
) -> None:
    async with running_site(f"sqlite:///{tmp_path}/registry.db", nats_server) as site:
        await import_all(site, *map(row, range(MANY)))
        page = await signed_in(site, browser, "Amina Odhiambo", "admin", width=PHONE)
        await page.goto(f"{site.url}/console/organisations")
        await expect(page.locator("ul.rows > li")).to_have_count(50)
        await page.get_by_role("link", name="Go on").click()
        await expect(page.locator("ul.rows > li")).to_have_count(MANY - 50)
        for text, found in (
            ("CENTRE 57", "Centre 57"),
            ("issuer58.example", "Centre 58"),
            ("مركز 59", "Centre 59"),
        ):
            await page.get_by_label("Name, DID or identifier").fill(text)
            await page.get_by_role("button", name="Show").click()
            await expect(page.get_by_text("Found: 1", exact=True)).to_be_visible()
            await expect(page.get_by_role("link", name=found)).to_be_visible()
        await seen(page, "organisations-found")
        await page.get_by_label("Name, DID or identifier").fill("centre")
        await page.get_by_role("button", name="Show").click()
        await expect(page.get_by_text("These are the first 50")).to_be_visible()
        arabic = await signed_in(site, browser, "Baraka Mwangi", "reader", width=LAPTOP, language="ar")
        await arabic.goto(f"{site.url}/console/organisations?q=57")
        await seen(arabic, "organisations-found-ar")
        await page.goto(f"{site.url}/console/record")
        await page.get_by_role("link", name="Go on").click()
        await expect(page.locator("ol.rows > li")).to_have_count(50)


async def test_a_permission_is_for_some_dids_and_on_behalf_of_another(
    tmp_path: Path, nats_server: NatsServer, browser: Browser
) -> None:
    async with running_site(f"sqlite:///{tmp_path}/registry.db", nats_server) as site:
        await import_all(site, "Trust,,KE,did:web:one.example did:web:two.example,,,,,,")
        page = await signed_in(site, browser, "Amina Odhiambo", "admin", width=PHONE)
        await page.goto(f"{site.url}/console/organisations")
        await page.get_by_role("link", name="Trust", exact=True).click()
        await page.get_by_role("link", name="Give a permission").click()
        await page.get_by_label("did:web:two.example").check()
        await page.get_by_label("On behalf of").fill("the ministry")
        await page.get_by_label("Reason").fill("Decision 18")
        await page.get_by_role("button", name="Give a permission").click()
        await expect(page.get_by_text("Give one DID, such as")).to_be_visible()
        await expect(page.get_by_label("did:web:two.example")).to_be_checked()
        await seen(page, "permission-form-dids")
        await page.get_by_label("On behalf of").fill("did:web:ministry.example")
        await page.get_by_role("button", name="Give a permission").click()
        card = page.get_by_role("article")
        await expect(card.get_by_text("did:web:ministry.example")).to_be_visible()
        await expect(card.get_by_text("did:web:two.example")).to_be_visible()
        await expect(card.get_by_text("did:web:one.example")).to_have_count(0)
        await seen(page, "organisation-dids")
        await page.goto(f"{site.url}/console/record")
        await expect(page.locator("ol.rows > li").first).to_contain_text("Decision 18")
