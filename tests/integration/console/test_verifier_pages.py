"""A job platform's staff at the verifier's console: in Chromium, on a laptop, on a phone, and right to left."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.integration.console.verifier_site import VerifierSite, running_verifier
from tests.support.browser import PATIENCE_MS, Browser, assert_accessible, look
from tests.support.nats_server import NatsServer
from tests.unit.verifier.test_templates import TEMPLATE

REF = "junior-data-analyst@1"
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
async def site(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[VerifierSite]:
    async with running_verifier(f"sqlite:///{tmp_path}/verifier.db", nats_server) as running:
        yield running


async def seen(page: Page, name: str) -> None:
    await look(page, f"verifier-{name}")
    await assert_accessible(page)


async def publish(site: VerifierSite, template: dict[str, object] = TEMPLATE) -> None:
    async with site.program() as program:
        made = await program.post("/v1/templates", json=template)
        assert made.status_code == 201, made.text
        assert (await program.post(f"/v1/templates/{made.json()['ref']}/publish")).status_code == 200


async def test_a_requester_asks_from_a_template_and_reads_the_verdict(
    site: VerifierSite, browser: Browser
) -> None:
    await publish(site)
    page = await site.signed_in(browser, "Amina Odhiambo", "requester")
    await page.goto(f"{site.url}/console/requests")
    await expect(page.get_by_text("Nobody has been asked yet.")).to_be_visible()
    await seen(page, "requests-empty")
    await page.get_by_role("link", name="Make a request").click()
    await seen(page, "request-choose")
    await page.get_by_role("link", name="Junior data analyst").click()
    await page.get_by_role("button", name="Make a request").click()
    await expect(page.get_by_role("alert")).to_contain_text("missing or wrong")
    await expect(page.get_by_label("Days that what is shown is kept")).to_have_attribute(
        "aria-invalid", "true"
    )
    await seen(page, "request-form-wrong")
    await page.get_by_label("Days that what is shown is kept").fill("30")
    await page.get_by_label("Level or higher").select_option("5")
    await page.get_by_role("button", name="See what the learner will read").click()
    await expect(page.get_by_text("Level 5 or higher (EQF)")).to_be_visible()
    await seen(page, "request-form-preview")
    await page.get_by_role("button", name="Make a request").click()
    await expect(page.get_by_role("status").first).to_contain_text("Give the learner its link")
    await expect(page.locator("#link")).to_contain_text("/r/")
    await seen(page, "request-waiting")
    number = page.url.rpartition("/")[2]

    await site.judge(number, outcomes={})
    await expect(page.locator("#state")).to_contain_text("Accepted")
    await expect(page.get_by_text("You may rely on it.")).to_be_visible()
    await expect(page.get_by_text("Data <Analytics> Foundations")).to_be_visible()
    await expect(page.get_by_text("15 January 2026")).to_be_visible()
    await seen(page, "request-accepted")
