"""An authority's people at the console, as they work: in Chromium, on a laptop, on a phone, and right to left."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.integration.console.conftest import Site, running_site
from tests.support.browser import LAPTOP, PHONE, Browser, joined, seen
from tests.support.nats_server import NatsServer

DID = "did:webvh:QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ:issuer.mwangaza-training-centre.example.org:organisations:mwangaza"


@pytest.fixture
async def authority(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[Site]:
    """An authority that starts empty and changes its register by two people."""
    url = f"sqlite:///{tmp_path}/registry.db"
    async with running_site(url, nats_server, four_eyes=True) as running:
        yield running


async def signed_in(
    site: Site, browser: Browser, name: str, role: str, *, width: int = LAPTOP, language: str = "en"
) -> Page:
    made = await site.invite(name, f"{role}@{name.partition(' ')[0].lower()}.example.org", role)
    return await joined(browser, made.url, width=width, language=language)


async def test_an_authority_lists_its_first_organisation_by_two_people(
    authority: Site, browser: Browser
) -> None:
    editor = await signed_in(authority, browser, "Amina Odhiambo", "editor", width=PHONE)
    await editor.goto(f"{authority.url}/console/setup")
    await expect(editor.get_by_text("To do")).to_have_count(3)
    await seen(editor, "setup-empty")
    await editor.get_by_role("link", name="An organisation is in the register").click()

    await editor.get_by_role("button", name="Save").click()
    await expect(editor.get_by_role("alert")).to_contain_text("missing or wrong")
    await expect(editor.get_by_label("Name in English")).to_have_attribute("aria-invalid", "true")
    await expect(editor.get_by_text("Give a name in at least one language.")).to_be_visible()
    await expect(editor.get_by_text("Choose a country.")).to_be_visible()
    await seen(editor, "organisation-form-wrong")
    await editor.get_by_label("Name in English").fill("Mwangaza <b>Centre</b>")
    await editor.get_by_label("Name in العربية").fill("مركز النور")
    await editor.get_by_label("Country").select_option(label="Kenya")
    await editor.get_by_label("DIDs it is recognised by").fill(DID)
    await editor.get_by_label("Reason").fill("Accredited by decision 17")
    await editor.get_by_role("button", name="Save").click()
    await expect(editor.get_by_role("status")).to_contain_text("Somebody else can approve it now")
    await seen(editor, "proposal-of-editor")
    proposal = editor.url

    admin = await signed_in(authority, browser, "Baraka Mwangi", "admin")
    await admin.goto(proposal)
    await expect(
        admin.get_by_text("Proposed by Amina Odhiambo").or_(admin.get_by_text("Amina Odhiambo"))
    ).to_be_visible()
    await expect(admin.get_by_text("Mwangaza <b>Centre</b> (en)")).to_be_visible()
    await seen(admin, "proposal")
    await admin.get_by_role("button", name="Approve").click()
    await expect(admin.get_by_role("status")).to_contain_text("A new list is signed")
    await admin.goto(authority.url)
    await expect(admin.get_by_role("link", name="Mwangaza <b>Centre</b>")).to_be_visible()

    await admin.goto(f"{authority.url}/console/organisations")
    await seen(admin, "organisations")
    await admin.get_by_role("link", name="Mwangaza").click()
    await admin.get_by_role("link", name="Give a permission").click()
    await admin.get_by_label("A field of study").check()
    await admin.get_by_label("education", exact=True).check()
    await admin.get_by_text("Countries (none chosen: anywhere)").click()
    await admin.get_by_label("Kenya", exact=True).check()
    await admin.get_by_label("Framework").select_option("eqf")
    await admin.get_by_label("Level", exact=True).select_option("5")
    await admin.get_by_label("Reason").fill("Decision 18")
    await seen(admin, "permission-form")
    await admin.get_by_role("button", name="Give a permission").click()
    await expect(admin.get_by_text("You proposed this yourself")).to_be_visible()
    await expect(admin.get_by_role("button", name="Approve")).to_have_count(0)
    await seen(admin, "proposal-own")


async def test_one_person_suspends_at_once_and_reads_first_what_follows(
    tmp_path: Path, nats_server: NatsServer, browser: Browser
) -> None:
    url = f"sqlite:///{tmp_path}/registry.db"
    async with running_site(url, nats_server) as site:
        page = await signed_in(site, browser, "Amina Odhiambo", "admin", width=PHONE, language="ar")
        await page.goto(f"{site.url}/console/organisations/new")
        await expect(page.locator("html")).to_have_attribute("dir", "rtl")
        await page.locator("#name_ar").fill("مركز النور للتدريب")
        await page.locator("#country").select_option("SD")
        await page.locator("#dids").fill(DID)
        await page.locator("#reason").fill("قرار السلطة")
        await seen(page, "organisation-form-ar")
        await page.locator("main form button").click()
        await page.get_by_role("link", name="إعطاء إذن").click()
        await page.locator("#reason").fill("قرار ثانٍ")
        await seen(page, "permission-form-ar")
        await page.locator("main form button").click()
        await expect(page.get_by_role("status")).to_contain_text("وُقّعت قائمة جديدة")
        await seen(page, "organisation-ar")
        await page.get_by_role("link", name="تغيير حالته").click()
        await page.locator("#change-withdraw").check()
        await page.locator("#reason").fill("باع شهادات")
        await page.locator("main form button").click()
        await expect(page.get_by_text("قل هل يبقى ما مُنح قبلُ.")).to_be_visible()
        await seen(page, "status-form-ar")
        await page.locator("#stand-no").check()
        await page.locator("main form button").click()
        await expect(page.get_by_text("لا شيء معتبر مهما كان تاريخ منحه.")).to_be_visible()
        await seen(page, "status-confirm-ar")
        await page.get_by_role("button", name="نعم، نفّذ").click()
        await expect(page.get_by_text("مسحوب")).to_be_visible()
        for name in ("record", "list", "proposals", "setup"):
            await page.goto(f"{site.url}/console/{name}")
            await seen(page, f"{name}-ar")
        await page.goto(f"{site.url}/console/record")
        await expect(page.get_by_text("Amina Odhiambo").nth(1)).to_be_visible()
        for reason in ("قرار السلطة", "قرار ثانٍ", "باع شهادات"):
            await expect(page.get_by_text(reason)).to_be_visible()


async def test_a_form_of_another_page_changes_nothing(authority: Site, browser: Browser) -> None:
    page = await signed_in(authority, browser, "Baraka Mwangi", "admin")
    before = await page.request.get(f"{authority.url}/v1/lists/demo")
    answer = await page.request.post(
        f"{authority.url}/console/list/issue",
        form={},
        headers={"Origin": authority.url, "Accept": "text/html"},
    )
    assert answer.status == 403
    after = await page.request.get(f"{authority.url}/v1/lists/demo")
    assert (await after.json())["sequence"] == (await before.json())["sequence"]


async def test_how_long_lists_are_valid_and_who_decides_take_a_reason(
    tmp_path: Path, nats_server: NatsServer, browser: Browser
) -> None:
    async with running_site(f"sqlite:///{tmp_path}/registry.db", nats_server) as site:
        page = await signed_in(site, browser, "Amina Odhiambo", "admin")
        await page.goto(f"{site.url}/console/list")
        await expect(page.get_by_text("Each list is valid for 24 hours.")).to_be_visible()
        await page.get_by_label("Hours (1 to 4320)").fill("0")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Give a number of hours from 1 to 4320.")).to_be_visible()
        await expect(page.get_by_text("Say why: it stays in the history.")).to_have_count(1)
        await seen(page, "list-wrong")
        await page.get_by_label("Hours (1 to 4320)").fill("72")
        await page.locator("#hours-reason").fill("Power is away for days")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Each list is valid for 72 hours.")).to_be_visible()
        await page.locator("#two-reason").fill("We are three by now")
        await page.get_by_role("button", name="From now on take two people").click()
        await expect(page.get_by_role("button", name="Propose that one person is enough")).to_be_visible()
        await page.locator("#hours-reason").fill("Power is back")
        await page.get_by_label("Hours (1 to 4320)").fill("24")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Lists are valid 24 hours")).to_be_visible()
        await page.goto(f"{site.url}/console/record")
        for reason in ("Power is away for days", "We are three by now"):
            await expect(page.get_by_text(reason)).to_be_visible()
