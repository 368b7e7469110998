"""An authority says at its console whose values a verifier may ask for, and the public list says it to everybody."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.integration.console.conftest import Site, running_site
from tests.integration.console.test_register_pages import DID, signed_in
from tests.support.browser import PHONE, Browser, seen
from tests.support.nats_server import NatsServer


@pytest.fixture
async def authority(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[Site]:
    """An authority in which one person is enough."""
    async with running_site(f"sqlite:///{tmp_path}/registry.db", nats_server) as running:
        yield running


async def test_a_permission_to_ask_names_the_values_that_may_be_seen(
    authority: Site, browser: Browser
) -> None:
    admin = await signed_in(authority, browser, "Baraka Mwangi", "admin", width=PHONE, language="ar")
    await admin.goto(f"{authority.url}/console/organisations/new?lang=en")
    await admin.get_by_label("Name in English").fill("Kazi Jobs")
    await admin.get_by_label("Country").select_option(label="Kenya")
    await admin.get_by_label("DIDs it is recognised by").fill(DID)
    await admin.get_by_label("Reason").fill("A job platform")
    await admin.get_by_role("button", name="Save").click()
    await admin.goto(f"{authority.url}/console/organisations")
    await admin.get_by_role("link", name="Kazi Jobs").click()
    await admin.get_by_role("link", name="Give a permission").click()

    await admin.get_by_label("May ask for proofs").check()
    await admin.get_by_text("Values it may ask to see").click()
    await admin.get_by_label("Title", exact=True).check()
    await admin.get_by_label("Date of award").check()
    await seen(admin, "permission-to-verify")
    await admin.get_by_label("Reason").fill("Decision 21")
    await admin.get_by_role("button", name="Give a permission").click()

    await expect(admin.get_by_text("May see")).to_be_visible()
    await admin.goto(f"{authority.url}/?lang=ar")
    await admin.get_by_role("link", name="Kazi Jobs").click()
    await expect(admin.get_by_text("لها أن ترى")).to_be_visible()
    await expect(admin.get_by_text("تاريخ المنح")).to_be_visible()
    await seen(admin, "public-may-see-arabic")
