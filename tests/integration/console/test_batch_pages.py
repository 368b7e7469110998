"""A cohort's spreadsheet at the console: uploaded, mended row by row, approved by another, and turned into awards."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from issuer.adapters.sql_records import SqlRecords
from issuer.domain.spreadsheet import MAX_BYTES
from issuer.domain.template import Template
from shared.adapters.sql_outbox import Outbox
from tests.integration.console.issuer_site import FIRST, IssuerSite, running_issuer
from tests.support.browser import (
    BY_EVERY_READER,
    LAPTOP,
    PATIENCE_MS,
    Browser,
    assert_accessible,
    look,
)
from tests.support.free_port import free_port
from tests.support.issuer import DATA, published_template
from tests.support.nats_server import NatsServer

expect.set_options(timeout=PATIENCE_MS)
FAULTY = DATA / "graduates-faulty.csv"


@pytest.fixture
async def site(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[IssuerSite]:
    async with running_issuer(f"sqlite:///{tmp_path}/issuer.db", nats_server) as running:
        yield running


async def seen(page: Page, name: str) -> None:
    await look(page, f"batch-{name}")
    await assert_accessible(page)


async def a_programme(site: IssuerSite) -> Template:
    template = published_template(organisation=FIRST)
    async with SqlRecords(site.db, Outbox(site.db)).transaction() as tx:
        await tx.save_template(template)
    return template


async def officer(
    site: IssuerSite, browser: Browser, role: str = "officer", *, width: int = LAPTOP, language: str = "en"
) -> Page:
    made = await site.invite(FIRST, f"Amina the {role}", f"{role}{width}{language}@example.org", role)
    return await site.signed_in(browser, made, width=width, language=language)


async def upload(page: Page, site: IssuerSite, path: Path) -> None:
    await page.goto(f"{site.url}/console/batches")
    await page.locator("#file").set_input_files(path)
    await page.locator("main form[enctype] button").click()


@BY_EVERY_READER
async def test_every_page_of_a_batch_is_accessible_and_fits(
    site: IssuerSite, browser: Browser, language: str, width: int
) -> None:
    await a_programme(site)
    page, tag = await officer(site, browser, width=width, language=language), f"{language}-{width}"
    await page.goto(f"{site.url}/console/batches")
    await page.locator("summary").first.click()
    await seen(page, f"upload-{tag}")
    await page.locator("#file").set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": b"given,family_name\nA,B\n"}
    )
    await page.locator("main form[enctype] button").click()
    await seen(page, f"refused-{tag}")
    await upload(page, site, FAULTY)
    await expect(page.locator(".tag.withdrawn").first).to_be_visible()
    await seen(page, f"draft-{tag}")
    here = page.url
    await page.goto(f"{here}/rows/9")
    await seen(page, f"row-{tag}")
    await page.goto(f"{here}/rows/5")
    await seen(page, f"duplicate-{tag}")
    await page.goto(here)
    await page.locator('form[action$="/prepare"] button').click()
    await page.goto(f"{here}?show=awarded")
    await expect(page.locator(".tag.granted").first).to_be_visible()
    await seen(page, f"prepared-{tag}")


async def test_a_programme_leads_to_an_upload_with_itself_chosen(site: IssuerSite, browser: Browser) -> None:
    older, _ = await a_programme(site), await a_programme(site)
    page = await officer(site, browser)
    await page.goto(f"{site.url}/console/programmes/{older.id}")
    await page.get_by_role("link", name="Award a cohort").click()
    await expect(page.locator("#template")).to_have_value(str(older.id))
    await page.goto(f"{site.url}/console/batches")
    await expect(page.locator("#template")).to_have_value("")


async def test_the_faulty_cohort_is_mended_row_by_row_and_prepared(
    site: IssuerSite, browser: Browser
) -> None:
    await a_programme(site)
    page = await officer(site, browser)
    await upload(page, site, FAULTY)
    await expect(page.get_by_role("status").first).to_contain_text("Nothing is awarded yet")
    await expect(page.get_by_role("link", name="With faults")).to_be_visible()
    here = page.url

    await page.goto(f"{here}/rows/3")
    await expect(page.get_by_text("The family name is missing.")).to_be_visible()
    await page.get_by_label("Family name").fill("-")
    await page.get_by_role("button", name="Save and check").click()
    await expect(page.get_by_text("The row is good.")).to_be_visible()

    await page.goto(f"{here}/rows/4")
    await page.get_by_label("Date of award").fill("2026-02-30")
    await page.get_by_role("button", name="Save and check").click()
    await expect(page.get_by_text("still has faults")).to_be_visible()
    await page.get_by_label("Date of award").fill("2026-02-28")
    await page.get_by_role("button", name="Save and check").click()
    await expect(page.get_by_text("The row is good.")).to_be_visible()

    await page.goto(f"{here}/rows/9")
    await page.get_by_role("button", name="Leave this row out").click()
    await expect(page.get_by_text("The row is left out.")).to_be_visible()

    await page.get_by_role("button", name="Prepare 4 awards").click()
    await expect(page.locator(".tag.granted").first).to_have_text("Prepared")
    await page.goto(f"{here}/rows/6")
    await page.get_by_label("Grade in per cent").fill("70")
    await page.get_by_role("button", name="Save and check").click()
    await page.get_by_role("button", name="Prepare 1 awards").click()
    await page.goto(f"{here}?show=awarded")
    await expect(page.locator("tbody tr")).to_have_count(5)


async def test_somebody_who_has_the_award_already_gets_it_again_only_if_the_officer_says_so(
    site: IssuerSite, browser: Browser
) -> None:
    await a_programme(site)
    page = await officer(site, browser)
    await upload(page, site, DATA / "graduates.csv")
    await page.get_by_role("button", name="Prepare 24 awards").click()
    await expect(page.locator(".tag.granted").first).to_have_text("Prepared")
    await upload(page, site, DATA / "graduates.csv")
    await expect(page.locator("tbody tr")).to_have_count(24)
    await expect(page.get_by_text("An earlier batch gave this person the award").first).to_be_visible()
    await page.get_by_role("link", name="Mend").first.click()
    await page.get_by_role("button", name="Award it all the same").click()
    await expect(page.get_by_role("button", name="Prepare 1 awards")).to_be_visible()


async def test_a_second_person_approves_or_sends_back(site: IssuerSite, browser: Browser) -> None:
    await a_programme(site)
    async with SqlRecords(site.db, Outbox(site.db)).transaction() as tx:
        known = await tx.organisation(FIRST)
        assert known is not None
        await tx.save_profile(replace(known, second_person=True))
    page = await officer(site, browser)
    await upload(page, site, DATA / "graduates.csv")
    await page.get_by_role("button", name="Ask for approval").click()
    await expect(page.get_by_text("Somebody else than who uploaded it")).to_be_visible()
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)

    other = await officer(site, browser, "approver")
    await other.goto(page.url)
    await seen(other, "waiting")
    await other.get_by_label("Why it goes back").fill("Two names look wrong")
    await other.get_by_role("button", name="Send back").click()
    await expect(other.get_by_text("Two names look wrong")).to_be_visible()
    await page.reload()
    await page.get_by_role("button", name="Ask for approval").click()
    await other.reload()
    await other.get_by_role("button", name="Approve 24 awards").click()
    await expect(other.locator(".tag.granted").first).to_have_text("Prepared")
    await expect(other.get_by_text("Approved by")).to_be_visible()


async def test_files_that_are_no_cohort_are_refused_with_the_reason(
    site: IssuerSite, browser: Browser
) -> None:
    await a_programme(site)
    page = await officer(site, browser)
    for name, content, said in (
        ("a.csv", b"", "Choose a file that is not empty."),
        ("book.xlsx", b"PK\x03\x04more", "not CSV"),
        ("a.csv", b"\xff\xfe\x00", "not text in an encoding"),
        ("a.csv", b"x" * (MAX_BYTES + 1), "too large for one batch"),
    ):
        await page.goto(f"{site.url}/console/batches")
        await page.locator("#file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
        await page.locator("main form[enctype] button").click()
        await expect(page.get_by_text(said).first).to_be_visible()


@BY_EVERY_READER
async def test_links_are_sent_from_the_batchs_page_and_it_says_to_whom_not(
    tmp_path: Path, nats_server: NatsServer, browser: Browser, language: str, width: int
) -> None:
    mail = {
        "mail_host": "127.0.0.1",
        "mail_port": free_port(),
        "mail_tls": "none",
        "mail_from": "t@example.org",
    }
    async with running_issuer(f"sqlite:///{tmp_path}/issuer.db", nats_server, **mail) as site:
        await a_programme(site)
        page, tag = await officer(site, browser, width=width, language=language), f"{language}-{width}"
        await upload(page, site, DATA / "graduates.csv")
        await page.locator('form[action$="/prepare"] button').click()
        await page.locator('a[href$="/sending"]').click()
        await seen(page, f"sending-{tag}")
        await page.locator("main form:has(#link_days)").evaluate("form => form.noValidate = true")
        await page.locator("#link_days").fill("0")
        await page.locator("main form:has(#link_days) button").click()
        await expect(page.locator("#link_days-wrong")).to_be_visible()
        await page.locator("#link_days").fill("90")
        await page.locator("main form:has(#link_days) button").click()
        await expect(page.locator(".note[role=status] li")).to_contain_text("24")
        await expect(page.locator("#held + p")).to_be_visible()
        await seen(page, f"held-{tag}")
        await page.locator("#one_way-without_code").check()
        await page.locator("main form:has(#link_days) button").click()
        await expect(page.locator("#stand")).to_be_visible()
        await expect(page.locator("#held")).to_have_count(0)
        await seen(page, f"sent-{tag}")
        async with page.expect_download() as download:
            await page.locator('a[href$="links.csv"]').click()
        assert len((await (await download.value).path()).read_bytes().splitlines()) == 25


async def test_a_file_of_fifty_megabytes_is_refused_with_the_reason_by_page_and_api(
    site: IssuerSite, browser: Browser, tmp_path: Path
) -> None:
    template = await a_programme(site)
    huge = tmp_path / "cohort.csv"
    huge.write_bytes(b"given_name,family_name\n" + b"x" * 50 * 2**20)
    page = await officer(site, browser)
    await page.goto(f"{site.url}/console/batches")
    await page.locator("#file").set_input_files(huge)
    await page.locator("main form[enctype] button").click()
    await expect(page.get_by_text("found more").first).to_be_visible()
    async with site.program() as program:
        refused = await program.post(
            "/v1/batches/check",
            params={"template": str(template.id)},
            content=huge.read_bytes(),
            headers={"Content-Type": "text/csv"},
        )
        assert (refused.status_code, "at most" in refused.json()["detail"]) == (413, True), refused.text
        assert (await program.get("/v1/batches")).json()["items"] == []
