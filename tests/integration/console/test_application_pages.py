"""An organisation asks to be listed, and an authority decides: real Chromium, phone, laptop, right to left."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.integration.console.conftest import Site, running_site
from tests.support.applicants import PDF, signed
from tests.support.browser import LAPTOP, PHONE, Browser, joined, seen
from tests.support.dids import Party, party
from tests.support.http_server import http_server
from tests.support.nats_server import NatsServer

HOST = "issuer.ujuzi.test"
TRICK = "Mwangaza <script>alert(1)</script> & Sons"
ARABIC = "مركز النور للتدريب"


@dataclass(frozen=True)
class Office:
    """An authority's site, and an applicant whose DID is served."""

    site: Site
    applicant: Party


@pytest.fixture
async def office(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[Office]:
    """An authority that takes two people."""
    applicant = party()
    async with (
        http_server() as host,
        running_site(
            f"sqlite:///{tmp_path}/registry.db",
            nats_server,
            four_eyes=True,
            host_map={HOST: host.url},
            applications_a_minute=500,
        ) as site,
    ):
        host.serve("/orgs/school/did.jsonl", applicant.log.jsonl)
        yield Office(site, applicant)


async def signed_in(
    site: Site, browser: Browser, name: str, role: str, *, width: int = LAPTOP, language: str = "en"
) -> Page:
    made = await site.invite(name, f"{role}@{name.partition(' ')[0].lower()}.example.org", role)
    return await joined(browser, made.url, width=width, language=language)


async def fill(page: Page, applicant: Party, *, name: str, language: str = "en") -> None:
    await page.locator(f"#name_{language}").fill(name)
    await page.locator("#country").select_option("KE")
    await page.locator("#did").fill(applicant.did)
    await page.locator("#kind-field").check()
    await page.locator("#field-2").check()
    await page.locator("#framework").select_option("eqf")
    await page.locator("#level").select_option("5")
    await page.locator("#evidence_url").fill("https://mwangaza.example.org/licence.pdf")
    await page.locator("#contact_name").fill("Amina Odhiambo")
    await page.locator("#contact_email").fill("amina@example.org")


async def prove(page: Page, applicant: Party) -> None:
    """What whoever runs the issuer does with the command on the page."""
    command = await page.locator("#command").inner_text()
    body = httpx.Response(200, text=command[command.index("{") : command.rindex("}") + 1]).json()
    assert f"https://{HOST}/v1/keys/prove" in command
    proof = signed(body, applicant)
    printed = f'{{"did":"{applicant.did}","key":"k","proof":"{proof}"}}'
    await page.locator("#proof").fill(printed)
    await page.locator("form[action*='/proof'] button").click()


async def sent(page: Page, office: Office, folder: Path) -> None:
    """Fill in the form, with mistakes first."""
    site, applicant = office.site, office.applicant
    await page.goto(site.url)
    await page.get_by_role("link", name="Ask to be listed").click()
    await seen(page, "apply-en-phone")
    await page.get_by_role("button", name="Send the application").click()
    await expect(page.get_by_role("alert")).to_contain_text("missing or wrong")
    await expect(page.get_by_text("Give the DID, such as")).to_be_visible()
    await seen(page, "apply-wrong-en-phone")

    await fill(page, applicant, name=TRICK)
    (folder / "licence.pdf").write_bytes(b"<script>alert(1)</script>")
    await page.locator("#file").set_input_files(folder / "licence.pdf")
    await page.get_by_role("button", name="Send the application").click()
    await expect(page.get_by_text("This file cannot be taken.")).to_be_visible()
    (folder / "licence.pdf").write_bytes(PDF)
    await page.locator("#file").set_input_files(folder / "licence.pdf")
    await page.get_by_role("button", name="Send the application").click()
    await page.wait_for_url("**/applications/*")
    await expect(page.get_by_role("heading", level=1)).to_have_text(TRICK)
    await expect(page.get_by_text("Nobody has looked at it yet.")).to_be_visible()
    await seen(page, "application-received-en-phone")


async def test_an_organisation_applies_and_an_authority_lists_it(
    office: Office, browser: Browser, tmp_path: Path
) -> None:
    page = await browser.open(width=PHONE)
    await sent(page, office, tmp_path)
    await page.locator("#proof").fill("nothing of the sort")
    await page.get_by_role("button", name="Send the proof").click()
    await expect(page.get_by_text("This does not prove that the DID is yours.")).to_be_visible()
    await seen(page, "application-unproven-en-phone")
    await prove(page, office.applicant)
    await expect(page.get_by_text("You have shown on")).to_be_visible()

    editor = await signed_in(office.site, browser, "Baraka Mwangi", "editor")
    await reviewed(editor, page, office.site)
    await expect(page.get_by_text("At this authority a second one decides.")).to_be_visible()

    approver = await signed_in(office.site, browser, "Chausiku Juma", "approver", width=PHONE)
    await approver.goto(editor.url)
    await seen(approver, "console-application-proposed-phone")
    await approver.get_by_role("link", name="Open the proposal").click()
    await approver.get_by_role("button", name="Approve").click()
    await expect(approver.get_by_role("status")).to_contain_text("A new list is signed")

    await page.reload()
    await expect(page.get_by_text("You are on the list now.")).to_be_visible()
    await seen(page, "application-listed-en-phone")
    await page.get_by_role("link", name="See it on the list").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(TRICK)
    await expect(page.get_by_text("EQF 4")).to_be_visible()


async def reviewed(editor: Page, page: Page, site: Site) -> None:
    """Look at it, ask, read the answer, and propose less than was asked for."""
    await editor.goto(f"{site.url}/console/applications")
    await seen(editor, "console-applications-laptop")
    await editor.get_by_role("link", name="Mwangaza").click()
    await expect(editor.get_by_text("The DID's log verified on")).to_be_visible()
    await expect(editor.get_by_text("The applicant proved on")).to_be_visible()
    async with editor.expect_download() as download:
        await editor.get_by_role("link", name="Save the file (PDF, 1 kB)").click()
    assert (await (await download.value).path()).read_bytes() == PDF
    await editor.get_by_role("button", name="Take into review").click()
    await expect(editor.get_by_role("status")).to_contain_text("You have it in review now.")
    await editor.get_by_role("button", name="Look at the log again").click()
    await editor.get_by_label("Your question").fill("Who recognised the course?")
    await editor.get_by_role("button", name="Ask the applicant").click()
    await seen(editor, "console-application-laptop")

    await page.reload()
    await expect(page.get_by_text("Who recognised the course?").first).to_be_visible()
    await seen(page, "application-asked-en-phone")
    await page.get_by_label("Your answer").fill("The national board.\nSee the licence.")
    await page.get_by_role("button", name="Send the answer").click()
    await expect(page.get_by_text("The authority is looking at it.")).to_be_visible()

    await editor.reload()
    await editor.get_by_role("link", name="Approve").click()
    await expect(editor.get_by_label("A field of study")).to_be_checked()
    await expect(editor.get_by_label("education", exact=True)).to_be_checked()
    await expect(editor.get_by_label("Level", exact=True)).to_have_value("5")
    await editor.get_by_label("Level", exact=True).select_option("4")
    await editor.get_by_label("Reason").fill("Decision 17")
    await seen(editor, "console-approve-laptop")
    await editor.get_by_role("button", name="Approve").click()
    await expect(editor.get_by_role("status")).to_contain_text("Somebody else can approve it now")
    await page.reload()


async def test_right_to_left_from_the_form_to_a_refusal(office: Office, browser: Browser) -> None:
    site, applicant = office.site, office.applicant
    page = await browser.open(width=PHONE, language="ar")
    await page.goto(f"{site.url}/apply")
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await fill(page, applicant, name=ARABIC, language="ar")
    await seen(page, "apply-ar-phone")
    await page.locator("main form button").click()
    await page.wait_for_url("**/applications/*")
    await expect(page.get_by_role("heading", level=1)).to_have_text(ARABIC)
    await seen(page, "application-received-ar-phone")

    admin = await signed_in(site, browser, "Amina Odhiambo", "admin", language="ar")
    await admin.goto(f"{site.url}/console/applications")
    await seen(admin, "console-applications-ar-laptop")
    await admin.get_by_role("link", name=ARABIC).click()
    await admin.get_by_role("button", name="بدء النظر").click()
    await expect(admin.get_by_text("لم يثبت أحد بعد").first).to_be_visible()
    await seen(admin, "console-application-ar-laptop")
    await admin.goto(f"{admin.url}/approve")
    await admin.locator("#reason").fill("قرار")
    await admin.locator("main form button").last.click()
    await expect(admin.get_by_role("alert")).to_contain_text("لا يمكن قبوله")
    await seen(admin, "console-approve-unproven-ar-laptop")
    await admin.go_back()
    await admin.go_back()
    await admin.locator("#refusal").fill("انتهت صلاحية الترخيص")
    await admin.get_by_role("button", name="رفض").click()
    await expect(admin.get_by_role("status")).to_contain_text("رُفض")

    await page.reload()
    await expect(page.get_by_text("انتهت صلاحية الترخيص").first).to_be_visible()
    await seen(page, "application-refused-ar-phone")


async def test_an_application_is_withdrawn_and_its_pages_are_kept_nowhere(
    office: Office, browser: Browser
) -> None:
    site, applicant = office.site, office.applicant
    page = await browser.open(language="fr")
    await page.goto(f"{site.url}/apply?lang=sw")
    await fill(page, applicant, name="Kituo", language="sw")
    await page.get_by_role("button", name="Tuma ombi").click()
    await page.wait_for_url("**/applications/*?lang=sw")
    answer = await page.request.get(page.url)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    await page.get_by_role("button", name="Ondoa ombi").click()
    await expect(page.get_by_role("status").first).to_contain_text("Limeondolewa")
    await seen(page, "application-withdrawn-sw-laptop")
    gone = await page.request.get(f"{site.url}/applications/guessed", headers={"Accept": "text/html"})
    assert gone.status == 404


@pytest.mark.parametrize("language", ["en", "fr", "pt", "sw", "ar"])
async def test_the_form_is_whole_in_every_language(office: Office, browser: Browser, language: str) -> None:
    page = await browser.open(language=language)
    await page.goto(f"{office.site.url}/apply")
    await expect(page.locator("html")).to_have_attribute("lang", language)
    await seen(page, f"apply-{language}-laptop")
