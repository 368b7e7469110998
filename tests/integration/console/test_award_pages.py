"""An officer looks after what was awarded, at the console: in Chromium, on a phone, on a laptop, and right to left."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from issuer.adapters.sql_records import SqlRecords
from issuer.domain import award as states
from issuer.domain.award import Award, Exchange, SentCredential
from issuer.domain.history import What
from shared.adapters.sql_outbox import Outbox
from tests.integration.console.issuer_site import FIRST, IssuerSite, running_issuer
from tests.support.browser import (
    BY_EVERY_READER,
    LAPTOP,
    PATIENCE_MS,
    PHONE,
    READER,
    Browser,
    assert_accessible,
    look,
)
from tests.support.issuer import batch_of, graduate, prepared_award, published_template
from tests.support.messages import claim_link_of
from tests.support.nats_server import NatsServer

expect.set_options(timeout=PATIENCE_MS)
SENT = SentCredential(Exchange("connection", "exchange"), "registry", "7")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
async def site(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[IssuerSite]:
    async with running_issuer(f"sqlite:///{tmp_path}/issuer.db", nats_server) as running:
        yield running


async def furnish(site: IssuerSite) -> list[Award]:
    """A cohort of three: one waits, one is opened, one has her credential."""
    template = published_template(organisation=FIRST)
    batch = batch_of(template)
    people = (
        graduate(),
        graduate(given_name="Zoé", family_name="N\u2019Diaye", email="", phone="+254700000002"),
        graduate(given_name="أمل", family_name="", email="amal@example.org", awarded_on=date(2026, 4, 2)),
    )
    awards = [prepared_award(template, batch, graduate=each) for each in people]
    records = SqlRecords(site.db, Outbox(site.db))
    async with records.transaction() as tx:
        await tx.save_template(template)
        await tx.add_batch(batch, awards)
        for award in awards:
            await tx.save_claim_link(claim_link_of(award, organisation=FIRST))
        await tx.note(awards[1], What.DELIVERED, at=NOW, reason="sms")
        await tx.note(awards[1], What.OPENED, at=NOW)
    await issue(records, awards[2])
    return awards


async def issue(records: SqlRecords, award: Award) -> None:
    later = NOW + timedelta(minutes=5)
    for move in ("invitation", "offer", "accept", "send", "acknowledge"):
        match move:
            case "invitation":
                award = states.invite(award, "invitation", now=later)
            case "offer":
                award = states.offer(award, SENT.exchange, now=later)
            case "accept":
                award = states.accept(award, SENT.exchange, now=later)
            case "send":
                award = states.send(award, SENT, now=later)
            case _:
                award = states.acknowledge(award, now=later)
        async with records.transaction() as tx:
            await tx.save_award(award)
        award = replace(award, version=award.version + 1)


async def seen(page: Page, name: str) -> None:
    await look(page, f"awards-{name}")
    await assert_accessible(page)


@BY_EVERY_READER
async def test_every_page_is_accessible_and_fits(
    site: IssuerSite, browser: Browser, language: str, width: int
) -> None:
    tag = f"{language}-{width}"
    waiting, _, issued = await furnish(site)
    page = await site.signed_in(
        browser,
        await site.invite(FIRST, "Amina Odhiambo", "amina@example.org", "officer"),
        width=width,
        language=language,
    )
    await page.goto(f"{site.url}/console/awards")
    await expect(page.locator("tbody tr")).to_have_count(3)
    await seen(page, f"list-{tag}")
    for award, name in ((waiting, "waiting"), (issued, "issued")):
        await page.goto(f"{site.url}/console/awards/{award.id}")
        await seen(page, f"{name}-{tag}")
        for each in await page.locator("details.do summary").all():
            await each.click()
        await seen(page, f"{name}-open-{tag}")


async def test_an_officer_finds_corrects_reissues_and_revokes(site: IssuerSite, browser: Browser) -> None:
    waiting, _, issued = await furnish(site)
    page = await site.signed_in(
        browser, await site.invite(FIRST, "Amina Odhiambo", "amina@example.org", "officer")
    )
    await page.goto(f"{site.url}/console/awards")
    await page.get_by_label("Name begins with").fill("ndiaye")
    await page.get_by_role("button", name="Find").click()
    await expect(page.get_by_text("No award fits")).to_be_visible()
    await page.get_by_label("Name begins with").fill("zoe n")
    await page.get_by_role("button", name="Find").click()
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.get_by_role("link", name="Zoé").click()
    await expect(page.get_by_text("Link opened for the first time")).to_be_visible()

    await page.goto(f"{site.url}/console/awards/{waiting.id}")
    await page.get_by_text("Hand the link out", exact=True).click()
    await page.get_by_role("button", name="Show the link").click()
    await expect(page.locator("#link")).to_contain_text("/claim/")
    await seen(page, "handed")
    await page.goto(f"{site.url}/console/awards/{waiting.id}")
    await expect(page.get_by_text("Link delivered (shown to her by an officer)")).to_be_visible()
    await page.get_by_text("Correct", exact=True).click()
    await page.get_by_label("Given name").fill("=Amani")
    reason = page.locator("#correct_reason")
    await reason.fill("A letter was wrong.")
    await page.get_by_role("button", name="Replace by the corrected award").click()
    await expect(page.get_by_text("a spreadsheet would run as a formula")).to_be_visible()
    await page.get_by_label("Given name").fill("Amani")
    await page.get_by_role("button", name="Replace by the corrected award").click()
    await expect(page.get_by_role("heading", name="The new award is ready")).to_be_visible()
    await page.get_by_role("link", name="Go to the new award").click()
    await expect(page.get_by_role("heading", name="Amani Wanjiru")).to_be_visible()
    await page.get_by_role("link", name="the award before it").click()
    await expect(page.locator(".tag.superseded")).to_have_text("superseded")
    await expect(page.get_by_text("A letter was wrong.").first).to_be_visible()

    await page.goto(f"{site.url}/console/awards/{issued.id}")
    await page.get_by_text("Issue again", exact=True).click()
    await page.get_by_role("button", name="Issue it again").click()
    await expect(page.get_by_text("Choose one.").first).to_be_visible()
    await page.locator("#loss").select_option("lost_phone")
    await page.locator("#check").select_option("document")
    await page.get_by_role("button", name="Issue it again").click()
    await expect(page.locator("#code")).to_be_visible()
    await seen(page, "made")
    await page.goto(f"{site.url}/console/awards/{issued.id}")
    await expect(page.locator(".tag.reissued")).to_have_text("re-issued")


@pytest.mark.parametrize(READER, [("en", LAPTOP), ("ar", PHONE)])
async def test_a_cohort_is_revoked_after_a_page_that_names_the_count(
    site: IssuerSite, browser: Browser, language: str, width: int
) -> None:
    awards = await furnish(site)
    page = await site.signed_in(
        browser,
        await site.invite(FIRST, "Amina Odhiambo", "amina@example.org", "officer"),
        width=width,
        language=language,
    )
    await page.goto(f"{site.url}/console/awards?batch={awards[0].batch_id}")
    await page.locator("form[action='/console/awards/revoke'] button.danger").last.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("3")
    await page.locator("main form button.danger").click()
    await expect(page.locator(".mistake")).to_have_count(2)
    await seen(page, f"revoke-{language}-{width}")
    await page.locator("#reason").fill("The examination was not ours.")
    await page.locator("#sure").check()
    await page.locator("main form button.danger").click()
    await page.wait_for_url("**/console/awards/revoking/*")
    await expect(page.locator("#live dd").first).to_have_text(re.compile(r"3 \S+ 3"), timeout=60_000)
    await seen(page, f"revoking-{language}-{width}")
    await page.goto(f"{site.url}/console/awards/{awards[0].id}")
    await expect(page.locator(".tag.revoked")).to_be_visible()
    await expect(page.get_by_text("The examination was not ours.").first).to_be_visible()
