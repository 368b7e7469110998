"""Figures, and requests about one's own data, at the issuer's console: in Chromium, phone, laptop, right to left."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from issuer.adapters.sql_records import SqlRecords
from issuer.domain.award import Award, Exchange, Issued, SentCredential
from issuer.domain.figures import Month
from issuer.domain.history import What
from issuer.entry.console_words import WORDS
from shared.adapters.clock import utc_now
from shared.adapters.sql_outbox import Outbox
from tests.integration.console.issuer_site import FIRST, IssuerSite, running_issuer
from tests.support.browser import LAPTOP, PATIENCE_MS, PHONE, READER, Browser, seen
from tests.support.issuer import batch_of, graduate, new_id, prepared_award, published_template
from tests.support.messages import message_to
from tests.support.nats_server import NatsServer

expect.set_options(timeout=PATIENCE_MS)
ADDRESS = "amina@example.org"
HOSTILE = "<script>alert(1)</script>"
EVERY_WAY = [
    ("en", PHONE),
    ("en", LAPTOP),
    ("fr", LAPTOP),
    ("ar", PHONE),
    ("ar", LAPTOP),
]


@pytest.fixture
async def site(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[IssuerSite]:
    async with running_issuer(f"sqlite:///{tmp_path}/issuer.db", nats_server) as running:
        yield running


async def furnish(site: IssuerSite) -> list[Award]:
    """Twelve awards: eight claimed, one of them by somebody with a hostile name, all of them with messages."""
    template = published_template(organisation=FIRST)
    batch = batch_of(template)
    records, now = SqlRecords(site.db, Outbox(site.db)), utc_now()
    awards = []
    for row in range(2, 14):
        person = graduate(given_name=HOSTILE) if row == 2 else graduate(email=f"{row}@example.org")
        made = prepared_award(template, batch, graduate=person, created_at=now, updated_at=now)
        awards.append(replace(made, row=row))
    async with records.transaction() as tx:
        await tx.save_template(template)
        await tx.add_batch(batch, awards)
        for award in awards:
            await tx.add_message(message_to(award, organisation=FIRST))
            await tx.note(award, What.DELIVERED, at=now)
    for number, award in enumerate(awards[:8]):
        sent = SentCredential(Exchange("connection", f"exchange-{number}"), "registry", str(number))
        async with records.transaction() as tx:
            await tx.save_award(replace(award, state=Issued(sent), updated_at=now))
    return awards


async def officer(site: IssuerSite, browser: Browser, *, width: int = LAPTOP, language: str = "en") -> Page:
    made = await site.invite(FIRST, "Amina Odhiambo", "officer@example.org", "officer")
    return await site.signed_in(browser, made, width=width, language=language)


@pytest.mark.parametrize(READER, EVERY_WAY)
async def test_every_page_is_accessible_and_fits(
    site: IssuerSite, browser: Browser, language: str, width: int
) -> None:
    tag = f"{language}-{width}"
    page = await officer(site, browser, width=width, language=language)
    await page.goto(f"{site.url}/console/figures")
    await seen(page, f"figures-none-{tag}")
    await furnish(site)
    await page.goto(f"{site.url}/console/figures")
    await expect(page.locator("table").first).to_be_visible()
    await seen(page, f"figures-{tag}")

    await page.goto(f"{site.url}/console/requests")
    await page.locator("form[action='/console/requests'] button").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await seen(page, f"requests-refused-{tag}")
    await page.locator("#email").fill(ADDRESS)
    await page.locator("#kind-erasure").check()
    await page.locator("form[action='/console/requests'] button").click()
    await expect(page.locator("#award-1")).to_be_visible()
    await seen(page, f"request-taken-{tag}")
    await page.locator("#award-1").check()
    await page.locator("#method-document").check()
    await page.locator("form[action$='/check'] button").click()
    await expect(page.locator("#erase")).to_be_visible()
    await seen(page, f"request-checked-{tag}")
    where = page.url
    await page.goto(f"{where}/copy")
    await expect(page.locator("main")).to_contain_text(WORDS[language]["award_what_prepared"])
    assert not re.search(r"\b(prepared|claim_link|sms)\b", await page.locator("main").inner_text())
    await seen(page, f"request-copy-{tag}")
    await page.goto(where)
    await page.locator("#sure").check()
    await page.locator("#sure").locator("xpath=ancestor::form").locator("button").click()
    await expect(page.get_by_role("status")).to_be_visible()
    await seen(page, f"request-erased-{tag}")
    await page.goto(f"{site.url}/console/requests")
    await seen(page, f"requests-{tag}")


async def test_figures_hide_small_numbers_and_download_as_they_are_shown(
    site: IssuerSite, browser: Browser
) -> None:
    await furnish(site)
    page = await officer(site, browser)
    await page.goto(f"{site.url}/console/figures")
    row = page.get_by_role("row").filter(has_text=str(Month.of(utc_now()))).first
    await expect(row).to_contain_text("12")
    await expect(row).to_contain_text("8")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download as CSV").click()
    text = (await (await download.value).path()).read_text("utf-8-sig")
    header, line = text.strip().splitlines()
    assert header.startswith("month,programme,prepared,delivered")
    assert ",12,12,0,8,0,0,0,0,0,0" in line
    refused = await page.goto(f"{site.url}/console/figures?from=2027-01&to=2026-01")
    assert refused is not None
    assert refused.status == 422
    await expect(page.get_by_role("alert")).to_contain_text("36 months")


async def test_a_copy_is_had_after_the_check_alone_and_says_what_is_held(
    site: IssuerSite, browser: Browser
) -> None:
    award = (await furnish(site))[0]
    page = await officer(site, browser)
    await page.goto(f"{site.url}/console/requests")
    await page.get_by_label("Award's number").fill(str(award.id))
    await page.get_by_label("Name on the award").fill(f"{HOSTILE} Wanjiru")
    await page.get_by_role("button", name="Take down and search").click()
    await expect(page.get_by_text(HOSTILE)).to_be_visible()
    where = page.url
    early = await page.goto(f"{where}/copy")
    assert early is not None
    assert early.status == 409
    await page.goto(where)
    await page.get_by_role("button", name="I have checked").click()
    await expect(page.get_by_role("alert")).to_contain_text("Tick at least one award")
    await page.locator("#award-1").check()
    await page.get_by_label("I know her").check()
    await page.get_by_role("button", name="I have checked").click()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download the copy as a file").click()
    copy = json.loads((await (await download.value).path()).read_text("utf-8"))
    assert copy["awards"][0]["email"] == ADDRESS
    await page.get_by_role("link", name="Open the copy to print").click()
    await expect(page.get_by_text(ADDRESS)).to_be_visible()
    await page.goto(where)
    await page.get_by_role("button", name="I have handed the copy over").click()
    await expect(page.get_by_text("copy handed over")).to_be_visible()


async def test_who_may_not_write_awards_sees_no_requests(site: IssuerSite, browser: Browser) -> None:
    made = await site.invite(FIRST, "Baraka Mushi", "approver@example.org", "approver")
    page = await site.signed_in(browser, made)
    refused = await page.goto(f"{site.url}/console/requests")
    assert refused is not None
    assert refused.status == 403
    await page.goto(f"{site.url}/console/figures")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Figures")
    unknown = await page.goto(f"{site.url}/console/requests/{new_id()}")
    assert unknown is not None
    assert unknown.status == 403
