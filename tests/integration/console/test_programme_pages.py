"""A programme from its first words to its second edition, as an officer and an approver make it in their browsers."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.integration.console.issuer_site import FIRST, SECOND, IssuerSite, running_issuer
from tests.support.browser import BY_EVERY_READER, PATIENCE_MS, Browser, seen
from tests.support.issuer import programme
from tests.support.nats_server import NatsServer

expect.set_options(timeout=PATIENCE_MS)
REFUSED = 422


@pytest.fixture
async def site(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[IssuerSite]:
    async with running_issuer(f"sqlite:///{tmp_path}/issuer.db", nats_server) as running:
        yield running


async def officer(site: IssuerSite, browser: Browser, **how: Any) -> Page:  # noqa: ANN401 - how a browser opens
    made = await site.invite(FIRST, "Amina Odhiambo", "amina@example.org", "officer", "approver")
    return await site.signed_in(browser, made, **how)


async def made(site: IssuerSite, *, publish: bool = False, **changes: object) -> str:
    """A programme by the API."""
    async with site.program() as api:
        answer = await api.post("/v1/templates", json={**programme(), **changes})
        assert answer.status_code == 201, answer.text
        made_id = str(answer.json()["id"])
        if publish:
            answer = await api.post(f"/v1/templates/{made_id}/publish")
            assert answer.status_code == 200, answer.text
    return made_id


async def press(page: Page, name: str) -> None:
    await page.locator("main").get_by_role("button", name=name, exact=True).click()


async def test_from_first_words_to_a_second_edition(  # noqa: PLR0915 - one story from end to end
    site: IssuerSite, browser: Browser
) -> None:
    page = await officer(site, browser)

    # 1. describe, with gaps
    await page.goto(f"{site.url}/console/programmes")
    await expect(page.get_by_text("No programme was described yet.")).to_be_visible()
    await page.get_by_role("link", name="Describe a programme").click()
    await expect(page.get_by_label("Awarding body")).to_have_value("Umoja Skills Trust")
    await expect(page.get_by_label("Country")).to_have_value("KE")
    await page.get_by_label("Title").fill("Solar <b>repair</b>")
    await page.get_by_label("Hours of learning").fill("60")
    await page.locator("#level_eqf").select_option("3")
    await press(page, "Save the draft")

    # 2. told what is missing, and led there
    await expect(page.get_by_role("heading", name="Solar <b>repair</b>")).to_be_visible()
    await expect(page.get_by_text("The draft was saved.")).to_be_visible()
    await expect(page.get_by_text("Before it can be published, it still needs:")).to_be_visible()
    missing = page.locator(".note li a")
    assert await missing.all_inner_texts() == [
        "Learning outcomes",
        "How it is assessed",
        "How learners take part",
        "Quality assurance",
    ]
    await expect(page.get_by_role("button", name="publish")).to_have_count(0)
    await missing.first.click()
    await expect(page.locator("#outcomes")).to_be_focused()

    # 3. complete it, with a skill that is searched for and one of its own
    await page.get_by_label("Learning outcomes").fill("Tests a panel.\nReplaces a battery.")
    await page.get_by_label("Search for skills").press_sequentially("query lang")
    await page.get_by_label("use query languages").check()
    await page.get_by_label("Skills of your own").fill("solder under supervision")
    await page.get_by_label("How it is assessed").select_option("practical")
    await page.get_by_label("How learners take part").select_option("presential")
    await page.get_by_label("Quality assurance").select_option("programme")
    await page.get_by_label("Credits").fill("40")
    await page.get_by_label("Credit system").select_option("ECTS")
    await press(page, "Save the draft")
    await expect(
        page.get_by_text("40 credits of ECTS for 60 hours: 2 to 2.4 would be expected.")
    ).to_be_visible()
    learner = page.locator(".learner")
    for text in ("Tests a panel.", "use query languages", "solder under supervision", "60 hours"):
        await expect(learner).to_contain_text(text)
    await page.get_by_role("link", name="Kiswahili").first.click()
    await expect(learner).to_contain_text("Unachoweza kufanya sasa")

    # 4. approve, take back, approve, publish
    await press(page, "Approve only")
    await expect(page.get_by_text("The programme is approved.")).to_be_visible()
    await press(page, "Back to draft")
    await expect(page.get_by_text("It is a draft again.")).to_be_visible()
    await press(page, "Approve only")
    await press(page, "Publish")
    await expect(page.get_by_text("The edition is published and signed.")).to_be_visible()
    await expect(page.get_by_role("link", name="Change the draft")).to_have_count(0)
    first = page.url.rpartition("/")[2]

    # 5. a new edition, linked to the first
    await press(page, "Begin a new edition")
    await expect(page.get_by_text("follows edition 1")).to_be_visible()
    await page.get_by_role("link", name="Change the draft").click()
    await page.get_by_label("Credits").fill("2")
    await press(page, "Save the draft")
    await press(page, "Approve and publish")
    second = page.url.rpartition("/")[2]
    assert second != first
    async with site.program() as api:
        one, two = [(await api.get(f"/v1/templates/{each}")).json() for each in (first, second)]
        assert two["follows"] == one["edition_id"]
        assert two["template"]["title"] == {"en": "Solar <b>repair</b>"}
        served = await api.get(f"/orgs/{FIRST}/resources/{two['edition_id'].rpartition('/')[2]}")
        assert served.json()["content"]["related"] == [{"type": ["Related"], "id": one["edition_id"]}]

    # 6. retire the first
    await page.goto(f"{site.url}/console/programmes/{first}")
    await expect(page.get_by_role("button", name="Begin a new edition")).to_have_count(0)
    await page.get_by_role("link", name="Retire").click()
    await press(page, "Retire")
    await expect(page.get_by_text("The edition is retired.")).to_be_visible()
    await page.goto(f"{site.url}/console/programmes?state=retired")
    await expect(page.locator(".rows li")).to_have_count(1)
    await page.goto(f"{site.url}/console/programmes")
    await expect(page.locator(".rows li")).to_have_count(2)


@BY_EVERY_READER
async def test_every_page_is_accessible_and_fits(
    site: IssuerSite, browser: Browser, language: str, width: int
) -> None:
    told: dict[str, Any] = {
        "title": {"en": "Data analytics", "ar": "تحليل البيانات"},
        "description": "Reads tables.\nDraws charts.",
        "descriptions": {"ar": "قراءة الجداول."},
        "credits": 40,
        "skill_names": {},
    }
    draft = await made(site, **{**told, "learning_outcomes": [], "assessment": None})
    published = await made(site, publish=True, **told)
    async with site.program() as api:
        await api.post(f"/v1/templates/{published}/new-edition")
    page = await officer(site, browser, width=width, language=language)
    for name, path in {
        "list": "",
        "new": "/new",
        "draft": f"/{draft}",
        "edit": f"/{draft}/edit",
        "published": f"/{published}",
        "retire": f"/{published}/retire",
    }.items():
        await page.goto(f"{site.url}/console/programmes{path}")
        await expect(page.locator("h1")).to_be_visible()
        await seen(page, f"programme-{name}-{language}-{width}")
    await page.goto(f"{site.url}/console/programmes/new")
    await page.locator("#credits").fill("many")
    await page.locator("main button[value=save]").last.click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await seen(page, f"programme-wrong-{language}-{width}")


async def test_without_scripts_a_button_searches_and_adds_a_language(
    site: IssuerSite, browser: Browser
) -> None:
    signed_in = await officer(site, browser)
    context = await browser.chromium.new_context(
        java_script_enabled=False, storage_state=await signed_in.context.storage_state()
    )
    try:
        page = await context.new_page()
        await page.goto(f"{site.url}/console/programmes/new")
        await page.get_by_label("Title").fill("Solar repair")
        await page.get_by_label("Search for skills").fill("query lang")
        await press(page, "Search")
        await page.get_by_label("use query languages").check()
        await page.get_by_label("One language more").select_option("ar")
        await press(page, "Add this language")
        await expect(page.get_by_label("use query languages")).to_be_checked()
        arabic = page.locator("#title_ar")
        await expect(arabic).to_have_attribute("dir", "rtl")
        await arabic.fill("إصلاح الألواح الشمسية")
        await press(page, "Save the draft")
        await expect(page.get_by_role("heading", name="Solar repair")).to_be_visible()
        await expect(page.locator(".learner")).to_contain_text("use query languages")
    finally:
        await context.close()
    async with site.program() as api:
        (template,) = (await api.get("/v1/templates")).json()["items"]
    assert template["template"]["title"] == {"en": "Solar repair", "ar": "إصلاح الألواح الشمسية"}
    assert template["template"]["skills"] == [
        "http://data.europa.eu/esco/skill/75f839c2-fd9a-4ad3-8921-6e734608568d"
    ]


async def test_mistakes_are_named_at_their_fields_and_nothing_is_lost(
    site: IssuerSite, browser: Browser
) -> None:
    page = await officer(site, browser)
    await page.goto(f"{site.url}/console/programmes/new")
    await page.get_by_label("Title").fill("Solar\u202e repair")
    await press(page, "Save the draft")
    await expect(page.locator("#title_en-wrong")).to_have_text(re.compile("not seen"))
    await page.get_by_label("Title").fill("Solar repair")
    await page.locator("#credits").fill("2.55")
    await page.get_by_label("By whom, or under which number").fill("Board")
    await page.locator("#pass_mark").fill("60")
    await press(page, "Save the draft")
    await expect(page.get_by_role("alert")).to_contain_text("Not saved yet")
    await expect(page.locator("#credits-wrong")).to_contain_text("one decimal at most")
    await expect(page.locator("#quality_assurance-wrong")).to_contain_text("institution or the programme")
    await expect(page.locator("#pass_mark-wrong")).to_contain_text("in percent")
    await expect(page.get_by_label("Title")).to_have_value("Solar repair")


async def test_two_who_write_at_once_are_told(site: IssuerSite, browser: Browser) -> None:
    draft = await made(site)
    page = await officer(site, browser)
    await page.goto(f"{site.url}/console/programmes/{draft}/edit")
    async with site.program() as api:
        await api.put(f"/v1/templates/{draft}", json={**programme(), "workload_hours": 77})
    await page.get_by_label("Hours of learning").fill("66")
    await press(page, "Save the draft")
    await expect(page.get_by_role("alert")).to_contain_text("Somebody else changed it meanwhile")
    await expect(page.get_by_label("Hours of learning")).to_have_value("66")
    await press(page, "Save the draft")
    await expect(page.get_by_text("The draft was saved.")).to_be_visible()


async def test_where_a_second_person_is_asked_for_the_author_is_told_so(
    site: IssuerSite, browser: Browser
) -> None:
    page = await officer(site, browser)
    draft = await made(site, learning_outcomes=[])
    async with site.program() as api:
        asked = await api.put("/v1/organisation/profile", json={"second_person": True})
        assert asked.status_code == 200, asked.text
    await page.goto(f"{site.url}/console/programmes/{draft}/edit")
    await page.get_by_label("Learning outcomes").fill("Tests a panel.")
    await press(page, "Save the draft")
    await expect(page.get_by_text("asks for a second person")).to_be_visible()
    await expect(page.get_by_role("button", name="Approve and publish")).to_have_count(0)
    other = await site.invite(FIRST, "Baraka Mushi", "baraka@example.org", "approver")
    approver = await site.signed_in(browser, other)
    await approver.goto(f"{site.url}/console/programmes/{draft}")
    await expect(approver.get_by_text(re.compile("Described by .?Amina Odhiambo"))).to_be_visible()
    await press(approver, "Approve and publish")
    await expect(approver.get_by_text("The edition is published and signed.")).to_be_visible()


async def test_another_organisation_sees_none_of_it(site: IssuerSite, browser: Browser) -> None:
    draft = await made(site)
    made_link = await site.invite(SECOND, "Baraka Mushi", "baraka@example.org", "admin")
    page = await site.signed_in(browser, made_link)
    await page.goto(f"{site.url}/console/programmes")
    await expect(page.get_by_text("No programme was described yet.")).to_be_visible()
    for path in ("", "/edit", "/retire", "/delete"):
        answer = await page.goto(f"{site.url}/console/programmes/{draft}{path}")
        assert answer is not None
        assert answer.status == 404, path


async def test_a_draft_begun_by_mistake_is_deleted(site: IssuerSite, browser: Browser) -> None:
    draft = await made(site)
    page = await officer(site, browser)
    await page.goto(f"{site.url}/console/programmes/{draft}")
    await page.get_by_role("link", name="Delete the draft").click()
    await seen(page, "programme-delete")
    await page.get_by_role("button", name="Delete the draft").click()
    await expect(page.get_by_text("The draft is deleted.")).to_be_visible()
    answer = await page.goto(f"{site.url}/console/programmes/{draft}")
    assert answer is not None
    assert answer.status == 404
