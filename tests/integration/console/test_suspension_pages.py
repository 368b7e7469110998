"""An officer suspends an award and reinstates it, sees which message came back, and looks after webhooks, in Chromium."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from issuer.adapters.sql_records import SqlRecords
from issuer.domain import message as messages
from issuer.domain.award import Award, Exchange, Issued, SentCredential
from issuer.domain.message import Channel, Kind, Message, Sent
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
from tests.support.issuer import START, batch_of, graduate, new_id, prepared_award, published_template
from tests.support.nats_server import NatsServer

expect.set_options(timeout=PATIENCE_MS)
SENT = SentCredential(Exchange("connection", "exchange"), "registry", "7")


@pytest.fixture
async def site(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[IssuerSite]:
    async with running_issuer(f"sqlite:///{tmp_path}/issuer.db", nats_server) as running:
        yield running


async def furnish(site: IssuerSite) -> tuple[Award, Award]:
    """One award in a wallet, and one whose link came back."""
    template = published_template(organisation=FIRST)
    batch = batch_of(template)
    issued = prepared_award(template, batch, state=Issued(SENT))
    waiting = prepared_award(template, batch, graduate=graduate(given_name="Zoé"))
    sent = Message(
        new_id(),
        FIRST,
        batch.id,
        waiting.id,
        Kind.CLAIM_LINK,
        0,
        Channel.EMAIL,
        "en",
        Sent(START),
        1,
        None,
        START,
    )
    async with SqlRecords(site.db, Outbox(site.db)).transaction() as tx:
        await tx.save_template(template)
        await tx.add_batch(batch, [issued, waiting])
        await tx.add_message(replace(sent, state=Sent(START)))
        await tx.save_message(messages.bounce(sent, "550 5.1.1 no such user", now=START))
    return issued, waiting


async def seen(page: Page, name: str) -> None:
    await look(page, f"suspension-{name}")
    await assert_accessible(page)


@BY_EVERY_READER
async def test_an_officer_suspends_an_award_and_reinstates_it(
    site: IssuerSite, browser: Browser, language: str, width: int
) -> None:
    issued, waiting = await furnish(site)
    link = await site.invite(FIRST, "Amina Odhiambo", "amina@example.org", "officer")
    page = await site.signed_in(browser, link, width=width, language=language)
    address = f"{site.url}/console/awards/{issued.id}"
    await page.goto(address)
    begin, end = (page.locator(f'form[action$="/{name}"]') for name in ("suspend", "reinstate"))
    await expect(end).to_have_count(0)

    await page.locator("details.do", has=begin).locator("summary").click()
    await begin.locator("textarea").fill("?!")
    await begin.locator("textarea").evaluate("field => field.removeAttribute('minlength')")
    await begin.locator("button").click()
    await expect(begin.locator("textarea")).to_have_attribute("aria-invalid", "true")
    await seen(page, f"refused-{language}-{width}")

    await begin.locator("textarea").fill("We are checking her attendance.")
    await begin.locator("button").click()
    await expect(page.locator(".tag.suspended")).to_be_visible()
    await expect(page.locator("body")).to_contain_text("We are checking her attendance.")
    await expect(page.locator('form[action$="/reissue"]')).to_have_count(0)
    await seen(page, f"suspended-{language}-{width}")

    await page.locator("details.do", has=end).locator("summary").click()
    await end.locator("textarea").fill("It was in order.")
    await end.locator("button").click()
    await expect(page.locator(".tag.suspended")).to_have_count(0)
    await expect(begin).to_have_count(1)
    await seen(page, f"reinstated-{language}-{width}")

    await page.goto(f"{site.url}/console/awards/{waiting.id}")
    await expect(page.locator(".tag.failed").first).to_be_visible()
    await expect(page.locator("body")).to_contain_text("550 5.1.1 no such user")
    await expect(begin).to_have_count(0)
    await seen(page, f"bounced-{language}-{width}")


@pytest.mark.parametrize(READER, [("en", LAPTOP), ("ar", PHONE)])
async def test_an_administrator_gives_a_learning_platform_a_webhook(
    site: IssuerSite, browser: Browser, language: str, width: int
) -> None:
    link = await site.invite(FIRST, "Baraka Mwangi", "baraka@example.org", "admin")
    page = await site.signed_in(browser, link, width=width, language=language)
    await page.goto(f"{site.url}/console/webhooks")
    await expect(page.locator('input[name="events"]')).to_have_count(10)
    await seen(page, f"webhooks-{language}-{width}")
    await page.locator('input[name="url"]').fill("http://127.0.0.1:9/told")
    await page.locator('input[value="award.issued"]').check()
    await page.locator('form[action="/console/webhooks"] button').click()
    await expect(page.locator("body")).to_contain_text(re.compile("whsec_"))
    await seen(page, f"webhook-secret-{language}-{width}")
