"""The public list as people see it: real Chromium, phone and laptop, the languages of public pages."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from tests.integration.trust.registry import VERIFIER, Registry, running_registry, sqlite_url
from tests.support.browser import BY_EVERY_READER, PHONE, Browser, seen
from tests.support.nats_server import NatsServer

LONG = "did:webvh:QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ:registry.skills-quality-authority.example.org:organisations:mwangaza"
TRICK = "<script>alert(1)</script>"
FORMULA = "=HYPERLINK(A1) | 'x'"
BACKWARDS = "Trust\N{RIGHT-TO-LEFT OVERRIDE} live"
ARABIC = "مركز النور للتدريب"


@pytest.fixture
async def listed(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[Registry]:
    """A registry with some organisations of every sort."""
    async with running_registry(sqlite_url(tmp_path), nats_server) as registry:
        centre = await registry.entity(
            LONG,
            names={"en": "Mwangaza Training Centre", "ar": ARABIC},
            external_ids=["https://ror.org/05fs6jp91"],
        )
        await registry.grant(
            centre["id"],
            resources=["isced-f:06"],
            jurisdictions=["KE", "UG"],
            highest_level={"framework": "eqf", "level": 5},
            evidence={"url": "https://authority.example.org/decisions/17", "digest": "zQmDecision"},
        )
        ended = await registry.grant(centre["id"], resources=["http://data.europa.eu/esco/skill/*"])
        await registry.change(ended["id"], "withdraw", reason=TRICK, earlier_awards_stand=False)
        await registry.entity("did:web:a.example", names={"en": TRICK}, country="TZ")
        await registry.entity("did:web:b.example", names={"en": FORMULA})
        await registry.entity("did:web:c.example", names={"en": BACKWARDS}, country="SO")
        jobs = await registry.entity(VERIFIER, names={"en": "Jobs for All"}, country="UG")
        await registry.grant(jobs["id"], action="verify")
        yield registry


@BY_EVERY_READER
async def test_every_public_page_is_accessible_and_fits(
    listed: Registry, browser: Browser, language: str, width: int
) -> None:
    page = await browser.open(width=width, language=language)
    tag = f"{language}-{width}"
    await page.goto(listed.base_url)
    await expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    await seen(page, f"list-{tag}")
    centre = ARABIC if language == "ar" else "Mwangaza Training Centre"
    await page.get_by_role("link", name=centre).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(centre)
    await seen(page, f"entity-{tag}")
    for path in ("past", "check"):
        await page.goto(f"{listed.base_url}/{path}")
        await seen(page, f"{path}-{tag}")


async def test_somebody_looks_an_organisation_up(listed: Registry, browser: Browser) -> None:
    page = await browser.open(width=PHONE)
    await page.goto(listed.base_url)
    await page.get_by_label("Name, DID or identifier").fill("MWANGAZA")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_role("status")).to_have_text("Found: 1")
    await page.get_by_role("link", name="Mwangaza Training Centre").click()
    await expect(page.get_by_text("information and communication technologies (isced-f:06)")).to_be_visible()
    await expect(page.get_by_text("Kenya, Uganda", exact=True)).to_be_visible()
    await expect(page.get_by_text("EQF 5")).to_be_visible()
    await expect(page.get_by_text("Nothing counts, whenever it was awarded.")).to_be_visible()
    link = page.get_by_role("link", name="The decision behind it")
    await expect(link).to_have_attribute("href", "https://authority.example.org/decisions/17")


async def test_what_changed_between_two_numbers(listed: Registry, browser: Browser) -> None:
    page = await browser.open(width=PHONE, language="ar")
    await page.goto(f"{listed.base_url}/changes?lang=en")
    await page.get_by_label("From number").fill("3")
    await page.get_by_label("To number").fill("5")
    await page.get_by_role("button", name="Compare").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.get_by_text("State of “May award”")).to_be_visible()
    await expect(page.get_by_text(TRICK)).to_be_visible()
    await seen(page, "changes")
    for query in ("from=0&to=3", "from=1&to=9999", "from=x"):
        answer = await listed.public.get(f"/changes?{query}", headers={"Accept-Language": "en"})
        assert (answer.status_code, "Give two numbers" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("country=UG", 1),
        ("action=verify", 1),
        ("status=withdrawn", 1),
        ("kind=field", 1),
        ("kind=field&status=withdrawn", 0),
        ("q=05fs6jp91", 1),
        ("q=nobody-at-all", 0),
        ("page=99999999999", None),
        ("page=%F0%9F%98%80&country=<", 0),
    ],
)
async def test_the_list_is_filtered(listed: Registry, query: str, found: int | None) -> None:
    answer = await listed.public.get(f"/?{query}", headers={"Accept-Language": "en"})
    if found is None:
        assert answer.status_code == 422
    else:
        assert f"Found: {found}<" in answer.text


async def test_names_do_not_become_markup_nor_turn_the_text_around(listed: Registry) -> None:
    page = (await listed.public.get("/")).text
    assert TRICK not in page
    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>" in page
    assert f"<bdi>{BACKWARDS}</bdi>" in page


async def test_a_page_that_is_unchanged_is_not_sent_again(listed: Registry) -> None:
    first = await listed.public.get("/", headers={"Accept-Language": "fr"})
    assert first.headers["cache-control"] == "public, max-age=15"
    asked = {"Accept-Language": "fr", "If-None-Match": first.headers["etag"]}
    assert (await listed.public.get("/", headers=asked)).status_code == 304
    asked["Accept-Language"] = "ar"
    assert (await listed.public.get("/", headers=asked)).status_code == 200


async def test_a_list_past_its_time_says_so(listed: Registry, browser: Browser) -> None:
    await listed.post("/v1/lists/demo/issue", {"valid_seconds": 1})
    page = await browser.open()
    await page.goto(listed.base_url)
    stale = page.get_by_text("This list is out of date.")
    while not await stale.count():
        await page.reload()
    await expect(stale).to_be_visible()
    await seen(page, "list-stale")


async def test_an_organisation_that_is_not_listed_is_not_found(listed: Registry) -> None:
    answer = await listed.public.get("/organisations/nobody")
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert "no organisation 'nobody' on the newest list" in answer.json()["detail"]


async def test_past_lists_are_a_page_away_also_beyond_numbers_that_were_left_out(listed: Registry) -> None:
    await listed.post("/v1/lists/demo/issue", {"number_at_least": 60})
    first = (await listed.public.get("/past", headers={"Accept-Language": "en"})).text
    assert 'href="/lists/demo/60"' in first
    assert 'href="/lists/demo/1"' not in first
    assert "/past?before=41" in first
    middle = (await listed.public.get("/past?before=41", headers={"Accept-Language": "en"})).text
    assert "/past?before=21" in middle
    last = (await listed.public.get("/past?before=21", headers={"Accept-Language": "en"})).text
    assert 'href="/lists/demo/1"' in last
    assert "/past?before=" not in last
