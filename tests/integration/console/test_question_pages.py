"""An officer answers what learners ask, and begins a claim together with one: in Chromium, phone, laptop, right to left."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from issuer.adapters.sql_records import SqlRecords
from issuer.domain.award import Award, Exchange, Issued, SentCredential, Superseded
from issuer.domain.question import ask
from shared.adapters.clock import utc_now
from shared.adapters.sql_outbox import Outbox
from shared.contracts.question_words import Matter
from tests.integration.console.issuer_site import FIRST, SECOND, IssuerSite, running_issuer
from tests.support.browser import BY_EVERY_READER, LAPTOP, PATIENCE_MS, Browser, seen
from tests.support.issuer import batch_of, graduate, new_id, prepared_award, published_template
from tests.support.nats_server import NatsServer

expect.set_options(timeout=PATIENCE_MS)
WALLET = "http://wallet.example"
HOSTILE = "<script>alert(1)</script> It is Wanjiru.\nNot Wanjru."


@pytest.fixture
async def site(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[IssuerSite]:
    database = f"sqlite:///{tmp_path}/issuer.db"
    async with running_issuer(database, nats_server, wallet_url=WALLET) as running:
        yield running


async def furnish(site: IssuerSite) -> tuple[Award, Award, Award]:
    """An award that waits, and two that were asked about: one stands, one was corrected by the first."""
    template = published_template(organisation=FIRST)
    batch = batch_of(template)
    people = (
        graduate(),
        graduate(given_name="Zoé", family_name="N\u2019Diaye"),
        graduate(given_name="أمل", family_name=""),
    )
    awards = [prepared_award(template, batch, graduate=each) for each in people]
    records, now = SqlRecords(site.db, Outbox(site.db)), utc_now()
    async with records.transaction() as tx:
        await tx.save_template(template)
        await tx.add_batch(batch, awards)
    waiting, stands, corrected = awards
    sent = SentCredential(Exchange("connection", "exchange"), "registry", "7")
    async with records.transaction() as tx:
        await tx.save_award(replace(stands, state=Issued(sent)))
        await tx.save_award(replace(corrected, state=Superseded(waiting.id, "Misspelt.", now)))
        for award, matter in ((stands, Matter.NAME), (corrected, Matter.VALUES)):
            question = ask(
                None,
                award.id,
                organisation=FIRST,
                matter=matter,
                text=HOSTILE,
                message_id=str(new_id()),
                connection_id="connection",
                now=now,
            )
            assert question is not None
            await tx.save_question(question)
    return waiting, stands, corrected


async def officer(
    site: IssuerSite, browser: Browser, *, width: int = LAPTOP, language: str = "en", role: str = "officer"
) -> Page:
    made = await site.invite(FIRST, "Amina Odhiambo", "amina@example.org", role)
    return await site.signed_in(browser, made, width=width, language=language)


@BY_EVERY_READER
async def test_every_page_is_accessible_and_fits(
    site: IssuerSite, browser: Browser, language: str, width: int
) -> None:
    waiting, stands, corrected = await furnish(site)
    page = await officer(site, browser, width=width, language=language)
    tag = f"{language}-{width}"
    await page.goto(f"{site.url}/console/questions")
    await expect(page.locator("ul.rows li")).to_have_count(2)
    await seen(page, f"questions-list-{tag}")
    for award, name in ((stands, "stands"), (corrected, "corrected")):
        await page.goto(f"{site.url}/console/questions/{award.id}")
        await expect(page.locator(".said")).to_have_text(HOSTILE)
        await seen(page, f"questions-{name}-{tag}")
    await page.goto(f"{site.url}/console/awards/{waiting.id}/together")
    await seen(page, f"together-form-{tag}")


async def test_to_correct_leads_to_the_form_that_is_open(site: IssuerSite, browser: Browser) -> None:
    _, stands, _ = await furnish(site)
    page = await officer(site, browser)
    await page.goto(f"{site.url}/console/questions/{stands.id}")
    await page.get_by_role("link", name="Correct the award").click()
    await expect(page.locator("#correct #given_name")).to_be_visible()
    await page.goto(f"{site.url}/console/awards/{stands.id}")
    await expect(page.locator("#correct #given_name")).to_be_hidden()


@BY_EVERY_READER
async def test_whoever_wants_it_in_another_wallet_leads_to_issuing_it_again(
    site: IssuerSite, browser: Browser, language: str, width: int
) -> None:
    _, stands, _ = await furnish(site)
    records, now = SqlRecords(site.db, Outbox(site.db)), utc_now()
    async with records.transaction() as tx:
        question = ask(
            None,
            stands.id,
            organisation=FIRST,
            matter=Matter.OTHER_WALLET,
            text="",
            message_id=str(new_id()),
            connection_id="connection",
            now=now,
        )
        assert question is not None
        await tx.save_question(question)
    page = await officer(site, browser, width=width, language=language)
    await page.goto(f"{site.url}/console/questions/{stands.id}")
    await seen(page, f"questions-other-wallet-{language}-{width}")

    await page.locator('a[href$="#reissue"]').click()

    await expect(page.locator("#reissue #check")).to_be_visible()
    await seen(page, f"questions-reissue-{language}-{width}")


async def test_an_answer_a_reopening_and_a_close(site: IssuerSite, browser: Browser) -> None:
    _, stands, _ = await furnish(site)
    page = await officer(site, browser)
    await page.goto(f"{site.url}/console")
    await page.get_by_role("link", name="Questions").first.click()
    await page.get_by_role("link", name="The name is wrong").click()

    await page.get_by_label("Your answer").fill("Corrected.\nThank you <b>Zoé</b>.")
    await page.get_by_role("button", name="Send the answer").click()
    await expect(page.get_by_text("on its way to the learner")).to_be_visible()
    await expect(page.locator(".said").nth(1)).to_have_text("Corrected.\nThank you <b>Zoé</b>.")
    await expect(page.locator("main").get_by_text("Amina Odhiambo")).to_be_visible()
    await page.get_by_role("button", name="Close without another word").click()
    await expect(page.locator(".tag")).to_have_text("Closed")

    await page.goto(f"{site.url}/console/questions?state=closed")
    await expect(page.locator("ul.rows li")).to_have_count(1)
    async with site.program() as program:
        shown = (await program.get(f"/v1/questions/{stands.id}")).json()
        again = await program.post(f"/v1/questions/{stands.id}/close")
        hidden = await program.post(f"/v1/questions/{stands.id}/answers", json={"text": "a\x07b"})
        empty = await program.post(f"/v1/questions/{stands.id}/answers", json={"text": "  "})
        last = await program.post(
            f"/v1/questions/{stands.id}/answers", json={"text": "One more word.", "close": True}
        )
    assert [each["by"] for each in shown["messages"]] == ["learner", "officer"]
    assert shown["state"] == "closed"
    assert again.status_code == 409
    assert [hidden.status_code, empty.status_code] == [422, 422]
    assert (last.status_code, last.json()["state"]) == (201, "closed")


async def test_an_answer_without_a_word_is_refused_on_the_page(site: IssuerSite, browser: Browser) -> None:
    _, stands, _ = await furnish(site)
    page = await officer(site, browser)
    await page.goto(f"{site.url}/console/questions/{stands.id}")
    await page.get_by_label("Your answer").fill(" \n ")
    await page.get_by_role("button", name="Send the answer").click()

    await expect(page.get_by_role("alert")).to_contain_text("was not sent")
    await expect(page.locator("#text-wrong")).to_contain_text("at most 1000 characters")
    await seen(page, "questions-refused")


async def test_an_approver_reads_and_another_organisation_finds_nothing(
    site: IssuerSite, browser: Browser
) -> None:
    _, stands, _ = await furnish(site)
    page = await officer(site, browser, role="approver")
    await page.goto(f"{site.url}/console/questions/{stands.id}")
    await expect(page.locator("#text")).to_have_count(0)
    other = await site.signed_in(
        browser, await site.invite(SECOND, "Baraka Elimu", "baraka@example.org", "officer")
    )
    answer = await other.goto(f"{site.url}/console/questions/{stands.id}")
    assert answer is not None
    assert answer.status == 404
    answer = await other.goto(f"{site.url}/console/questions")
    await expect(other.get_by_text("nobody waits for an answer")).to_be_visible()


async def test_a_claim_together_asks_how_the_identity_was_checked_and_signs_out_first(
    site: IssuerSite, browser: Browser
) -> None:
    waiting, _, _ = await furnish(site)
    page = await officer(site, browser)
    await page.goto(f"{site.url}/console/awards/{waiting.id}/together")
    await page.locator("#check").select_option("other")
    await page.get_by_role("button", name="Begin").click()
    await expect(page.get_by_role("alert")).to_contain_text("Say in the note")
    await page.locator("#check").select_option("document")
    await page.get_by_role("button", name="Begin").click()
    await expect(page.get_by_role("alert")).to_contain_text("does not work at the moment")  # no agent here

    token = await page.locator("input[name=csrf]").first.get_attribute("value")
    place = f"{site.url}/console/awards/{waiting.id}/together/here"
    wrong = await page.request.post(
        place,
        form={"csrf": token or "", "page": "http://elsewhere.example/"},
        headers={"Origin": site.url},
    )
    assert wrong.status == 422
    link = f"{WALLET}/together#invitation=x"
    shown = await page.request.post(
        place, form={"csrf": token or "", "page": link}, headers={"Origin": site.url}
    )
    assert shown.status == 200
    assert link in await shown.text()
    await page.goto(f"{site.url}/console")
    await expect(page).to_have_url(f"{site.url}/sign-in?next=/console")
