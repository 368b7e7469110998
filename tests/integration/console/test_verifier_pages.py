"""A job platform's staff at the verifier's console: in Chromium, on a laptop, on a phone, and right to left."""

import asyncio
import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from shared.vc.keys import SigningKey
from tests.integration.console.verifier_site import FAILED, UNCHECKED, VerifierSite, running_verifier
from tests.support.anoncreds_world import DATA_ANALYSIS, FIRST_AID
from tests.support.browser import (
    BY_EVERY_READER,
    PATIENCE_MS,
    PHONE,
    Browser,
    assert_accessible,
    authenticator,
    look,
)
from tests.support.http_server import Answer
from tests.support.nats_server import NatsServer
from tests.support.wait import until
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


async def test_a_learner_who_asks_for_deletion_is_refused_with_a_reason_and_then_heard(
    site: VerifierSite, browser: Browser
) -> None:
    await publish(site)
    async with site.program() as program:
        asked = await program.post("/v1/requests", json={"template": REF, "parameters": {"days": 30}})
        number = asked.json()["id"]
    await site.judge(number, outcomes={})
    await site.wish(number)
    page = await site.signed_in(browser, "Amina Odhiambo", "requester")
    await page.goto(f"{site.url}/console/requests")
    await expect(page.get_by_text("Asks for deletion")).to_be_visible()
    await seen(page, "requests-wish")
    await page.goto(f"{site.url}/console/requests/{number}")
    await seen(page, "request-wish")
    await page.get_by_role("button", name="Keep it, and say why").click()
    await expect(page.locator("#because")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Why you keep it").fill("We must keep it for an audit.")
    await page.get_by_role("button", name="Keep it, and say why").click()
    await expect(page.get_by_role("status").first).to_contain_text("The learner is told why")
    await expect(page.get_by_text("We must keep it for an audit.")).to_be_visible()
    await seen(page, "request-wish-refused")
    await page.get_by_role("button", name="Delete it now").click()
    await expect(page.get_by_role("status").first).to_contain_text("What was shown is deleted.")
    assert "Data <Analytics>" not in await page.inner_text("body")
    await seen(page, "request-wish-done")
    async with site.program() as program:
        assert (await program.get(f"/v1/requests/{number}")).json()["deletion"]["state"] == "deleted"


async def test_a_day_at_the_platform_from_the_first_sign_in_to_a_colleagues_limits(
    site: VerifierSite, browser: Browser
) -> None:
    page = await browser.open()
    await authenticator(page)
    await page.goto((await site.invite("Amina Odhiambo", "amina@example.org", "admin")).url)
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_text("Passkey, added on")).to_be_visible()
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await page.goto(f"{site.url}/console")
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("heading", name="Verifier")).to_be_visible()
    await seen(page, "start")

    await is_told(site, page)
    await writes_a_template(page)
    await page.get_by_role("link", name="Make a request").click()
    await page.get_by_label("Level or higher").select_option("5")
    await page.get_by_role("button", name="Make a request").click()
    await expect(page.get_by_role("status").first).to_contain_text("Give the learner its link")
    request = page.url
    await site.judge(request.rpartition("/")[2], outcomes={6: (UNCHECKED, "list-stale")})
    await expect(page.get_by_text("Undecided: something could not be checked.")).to_be_visible()
    await expect(page.get_by_text("no softer form of accepted")).to_be_visible()
    await expect(page.get_by_text("A trust list is missing or out of date.")).to_be_visible()
    await seen(page, "request-undecided")
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Download the receipt").click()
    receipt = await asyncio.to_thread(Path(await (await downloading.value).path()).read_text)
    assert receipt == "eyJ0eXAiOiJ1anV6aSJ9.e30.c2ln\n"
    await page.get_by_role("button", name="Delete it now").click()
    await expect(page.get_by_role("status").first).to_contain_text("What was shown is deleted.")
    assert "Data <Analytics>" not in await page.inner_text("body")

    await sends_again(site, page)
    key = await makes_a_key(site, page)
    async with httpx.AsyncClient(timeout=60, base_url=site.settings.base_url) as program:
        answer = await program.get("/v1/requests", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 200
        (made,) = answer.json()["items"]
        assert made["made_by"].startswith("member:")
    await invites_a_reader(site, browser, page, request)


async def invites_a_reader(site: VerifierSite, browser: Browser, page: Page, request: str) -> None:
    await page.goto(f"{site.url}/console/members")
    await page.get_by_label("Name", exact=True).fill("Baraka Mwangi")
    await page.get_by_label("E-mail address").fill("baraka@example.org")
    await page.get_by_label("Reader", exact=True).check()
    await page.get_by_role("button", name="Make the link").click()
    link = await page.locator("#link").text_content()
    assert link
    colleague = await browser.open(width=PHONE)
    await colleague.goto(link)
    await colleague.get_by_role("button", name="Go on").click()
    await colleague.goto(request)
    await expect(colleague.get_by_text("Amina Odhiambo").first).to_be_visible()
    for name in ("Delete it now", "Withdraw the request"):
        await expect(colleague.get_by_role("button", name=name)).to_have_count(0)
    for name in ("Webhooks", "API keys", "Members"):
        await expect(colleague.get_by_role("link", name=name)).to_have_count(0)
    refused = await colleague.goto(f"{site.url}/console/requests/new")
    assert refused
    assert refused.status == 403


async def is_told(site: VerifierSite, page: Page) -> None:
    """Somebody adds a webhook, whose address does not work yet."""
    site.platform.answers["/told"] = Answer(status=500)
    await page.get_by_role("link", name="Webhooks").first.click()
    await page.locator("#url").fill("http://169.254.169.254/told")
    await page.get_by_role("button", name="Add it").click()
    await expect(page.get_by_text("This address cannot be called.")).to_be_visible()
    await seen(page, "webhooks-wrong")
    await page.locator("#url").fill(f"{site.platform.url}/told")
    await page.get_by_label("What it is, in a few words").fill("Applications")
    await page.get_by_role("button", name="Add it").click()
    await expect(page.locator("#link")).to_contain_text("whsec_")
    await seen(page, "webhook-secret")
    await page.get_by_role("link", name="Go on").click()
    assert "whsec_" not in await page.content()


async def writes_a_template(page: Page) -> None:
    await page.get_by_role("link", name="Templates").first.click()
    await page.get_by_role("link", name="Write a template").click()
    await page.get_by_role("button", name="Save as a draft").click()
    for said in ("Give the template a name.", "Say what is needed", "Say in at least one language"):
        await expect(page.get_by_text(said)).to_be_visible()
    await seen(page, "template-form-wrong")
    await page.get_by_label("Name of the template").fill("Junior <b>analyst</b>")
    await page.get_by_label("Short name for programs").fill("junior-analyst")
    await page.get_by_label("English").fill("Application: junior analyst")
    await page.get_by_label("Français").fill("Candidature : analyste")
    await page.locator("#need-0-skills").fill("shoe size")
    await page.locator("#need-0-level").fill("4")
    await page.locator("#need-0 summary, fieldset:has(#need-0-skills) summary").click()
    await page.locator("#need-0-level-low").fill("3")
    await page.locator("#need-0-level-high").fill("6")
    await page.get_by_label("Title", exact=True).check()
    await page.get_by_role("button", name="Save as a draft").click()
    await expect(page.locator("#need-0-skills-wrong")).to_contain_text("is not a URI")
    await page.locator("#need-0-skills").fill(f"{DATA_ANALYSIS}\n{FIRST_AID}")
    await page.get_by_role("button", name="Room for one more need").click()
    await page.locator("#need-1-hours").fill("100")
    await page.locator("#need-1-group").select_option("1")
    await page.locator("#need-2-level").fill("6")
    await page.locator("#need-2-group").select_option("2")
    await page.get_by_role("button", name="See what the learner will read").click()
    await expect(page.get_by_text("In one of these ways, as the learner chooses:")).to_be_visible()
    await seen(page, "template-form-preview")
    await page.get_by_role("button", name="Save as a draft").click()
    await expect(page.get_by_role("status").first).to_contain_text("The draft is saved.")
    await seen(page, "template-draft")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("status").first).to_contain_text("Published.")
    await seen(page, "template-published")


async def page_says(page: Page, text: str) -> bool:
    """Whether it does when it is opened anew: it tells of what was done until then."""
    await page.reload()
    return await page.get_by_text(text).count() > 0


async def sends_again(site: VerifierSite, page: Page) -> None:
    """What did not arrive is sent again, now that the address works."""
    await page.goto(f"{site.url}/console/webhooks")
    await page.get_by_role("link", name="Applications").click()
    await until(partial(page_says, page, "Status 500"), 30, "the page shows that it did not arrive")
    await seen(page, "webhook-failing")
    site.platform.answers["/told"] = Answer(status=200)
    before = site.platform.asked("/told")
    await page.get_by_role("button", name="Pause").click()
    await expect(page.get_by_text("Held").first).to_be_visible()
    await page.get_by_role("button", name="Resume").click()
    await page.get_by_role("button", name="Send again all that did not arrive").click()
    await expect(page.get_by_role("status").first).to_contain_text("It is sent again now")
    await until(lambda: site.platform.asked("/told") > before, 30, "what was held is sent")
    await until(partial(page_says, page, "Delivered"), 30, "the page shows that it arrived")
    await page.get_by_role("button", name="Send again", exact=True).first.click()
    await page.get_by_role("button", name="Send a test").click()
    await expect(page.get_by_text("webhook.test")).to_be_visible()
    await seen(page, "webhook")


async def makes_a_key(site: VerifierSite, page: Page) -> str:
    await page.goto(f"{site.url}/console/keys")
    await page.get_by_role("button", name="Make the key").click()
    await expect(page.get_by_text("Choose one.")).to_be_visible()
    await page.locator("#name").fill("platform")
    await page.get_by_label("Requester", exact=True).check()
    await page.get_by_label("Last day").fill("2027-06-30")
    await page.get_by_role("button", name="Make the key").click()
    key = await page.locator("#link").text_content()
    assert key
    await seen(page, "key-made")
    await page.get_by_role("link", name="API keys").last.click()
    assert key not in await page.content()
    await expect(page.get_by_text("until 30 June 2027")).to_be_visible()
    await seen(page, "keys")
    return key


async def test_a_trust_officer_pins_a_list_reads_how_it_stands_and_pins_it_no_longer(
    site: VerifierSite, browser: Browser
) -> None:
    page = await site.signed_in(browser, "Amina Odhiambo", "trust_officer")
    await page.get_by_role("link", name="Trust lists").first.click()
    await expect(page.get_by_text("nobody says whom to trust")).to_be_visible()
    await page.get_by_label("Address").fill(f"{site.platform.url}/list")
    await page.get_by_label("Name of the list").fill("Kenya pilot")
    await page.get_by_label("Key of its authority").fill("z6Mk")
    await page.get_by_role("button", name="Pin this list").click()
    await expect(page.get_by_role("alert")).to_contain_text("missing or wrong")
    await expect(page.get_by_label("Key of its authority")).to_have_attribute("aria-invalid", "true")
    await seen(page, "trust-list-wrong")
    await page.get_by_label("Key of its authority").fill(SigningKey.generate().multikey)
    await page.get_by_role("button", name="Pin this list").click()
    await expect(page.get_by_role("status").first).to_contain_text("The list is pinned.")
    listed = page.get_by_role("region", name="Kenya pilot")
    await expect(listed).to_contain_text("Out of reach")  # nothing is served there
    await seen(page, "trust-list-pinned")
    await listed.get_by_role("button", name="Look now").click()
    await expect(page.get_by_role("status").first).to_contain_text("Looked at just now.")
    await listed.get_by_text("Pin it no longer").first.click()
    await listed.get_by_role("button", name="Pin it no longer").click()
    await expect(page.get_by_role("status").first).to_contain_text("no longer pinned")
    await expect(page.get_by_text("nobody says whom to trust")).to_be_visible()


@BY_EVERY_READER
async def test_every_page_is_read_on_a_phone_and_right_to_left(
    site: VerifierSite, browser: Browser, width: int, language: str
) -> None:
    await publish(site)
    site.platform.answers["/told"] = Answer(status=500)
    async with site.program() as program:
        hook = (await program.post("/v1/webhooks", json={"url": f"{site.platform.url}/told"})).json()
        named = TEMPLATE | {
            "id": "named",
            "requirement": TEMPLATE["requirement"] | {"name_match": "required"},
        }
        await publish(site, named)
        applicant = {"given_name": "Amina", "family_name": "Odhiambo"}
        asked = [{"template": REF, "parameters": {"days": 30}} for _ in range(3)]
        asked.append({"template": "named@1", "parameters": {"days": 30}, "applicant": applicant})
        made = [(await program.post("/v1/requests", json=each)).json()["id"] for each in asked]
    await site.judge(made[1], outcomes={3: (FAILED, "proof-invalid"), 6: (FAILED, "not-listed")})
    await site.judge(made[2], outcomes={5: (UNCHECKED, "status-too-old")})
    await site.judge(made[3], outcomes={})
    await site.wish(made[3])
    page = await site.signed_in(browser, "Amina Odhiambo", "admin", width=width, language=language)
    pages = {
        "console": "start",
        "console/requests": "requests",
        "console/requests/new": "request-choose",
        "console/requests/new/named@1": "request-form",
        f"console/requests/{made[0]}": "request-waiting",
        f"console/requests/{made[1]}": "request-rejected",
        f"console/requests/{made[2]}": "request-undecided",
        f"console/requests/{made[3]}": "request-accepted",
        "console/templates": "templates",
        "console/templates/new": "template-form",
        f"console/templates/{REF}": "template",
        f"console/templates/{REF}/edit": "template-edit",
        f"console/templates/{REF}/edit?how=json": "template-json",
        "console/trust-lists": "trust-lists",
        "console/webhooks": "webhooks",
        f"console/webhooks/{hook['webhook']['id']}": "webhook",
        "console/keys": "keys",
    }
    for path, name in pages.items():
        answer = await page.goto(f"{site.url}/{path}")
        assert answer
        assert answer.status == 200, path
        await expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
        await seen(page, f"{name}-{language}-{width}")


async def test_json_is_refused_with_the_line_and_a_new_version_is_made_of_a_published_one(
    site: VerifierSite, browser: Browser
) -> None:
    await publish(site)
    page = await site.signed_in(browser, "Amina Odhiambo", "template_editor")
    await page.goto(f"{site.url}/console/templates/{REF}")
    await page.get_by_role("link", name="Write a new version").click()
    await expect(page.get_by_text("saving makes the next version")).to_be_visible()
    await expect(page.locator("#need-0-level-low")).to_have_value("3")
    await expect(page.locator("#keep_days")).to_have_value("")  # each request must say it
    await page.get_by_role("link", name="Write JSON instead").click()
    text = await page.locator("#json").input_value()
    await page.locator("#json").fill(
        text.replace('"title"', '"twin_digest"').replace('"minimum": 3', '"minimum": 9')
    )
    await page.get_by_role("button", name="Save as a draft").click()
    line = 1 + text[: text.index('"level"')].count("\n")
    await expect(page.locator(".faults")).to_contain_text(f"Line {line}:")
    await expect(page.locator(".faults")).to_contain_text("minimum of 9 above its maximum")
    await seen(page, "template-json-wrong")
    await page.locator("#json").fill(text[:-3])
    await page.get_by_role("button", name="Save as a draft").click()
    await expect(page.locator(".faults")).to_contain_text(re.compile(r"Line \d+: column \d+:"))
    await page.locator("#json").fill(text.replace("Junior data analyst", "Data analyst"))
    await page.get_by_role("button", name="Save as a draft").click()
    await expect(page.get_by_role("heading", name="Data analyst")).to_be_visible()
    assert page.url.endswith("junior-data-analyst@2")
    await page.get_by_role("button", name="Delete the draft").click()
    await expect(page.get_by_role("status").first).to_contain_text("The draft is deleted.")
    await page.goto(f"{site.url}/console/templates/{REF}")
    await page.get_by_role("button", name="Retire").click()
    await expect(page.get_by_role("status").first).to_contain_text("Retired.")
    gone = await page.goto(f"{site.url}/console/requests/new/{REF}")
    assert gone
    assert gone.status == 403
