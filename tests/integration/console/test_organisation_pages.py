"""An administrator shows her organisation as it is, and words its messages; the operator takes up others. In Chromium."""

import io
import re
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Page, expect

from tests.integration.console.issuer_site import FIRST, IssuerSite, running_issuer
from tests.support.browser import (
    BY_EVERY_READER,
    LAPTOP,
    PATIENCE_MS,
    PHONE,
    Browser,
    assert_accessible,
    look,
)
from tests.support.nats_server import NatsServer

expect.set_options(timeout=PATIENCE_MS)
EVIL_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(kind: str = "PNG", size: tuple[int, int] = (600, 200)) -> bytes:
    into = io.BytesIO()
    Image.new("RGB", size, "#0a5f8a").save(into, kind)
    return into.getvalue()


def bomb() -> bytes:
    """A few bytes that say they are 50,000 pixels wide and high."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    end = b"IDAT"
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            struct.pack(">I", len(head)) + chunk + struct.pack(">I", zlib.crc32(chunk)),
            struct.pack(">I", 0) + end + struct.pack(">I", zlib.crc32(end)),
        )
    )


def file(content: bytes, name: str = "logo.png", kind: str = "image/png") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


@pytest.fixture
async def site(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[IssuerSite]:
    async with running_issuer(f"sqlite:///{tmp_path}/issuer.db", nats_server) as running:
        yield running


async def administrator(
    site: IssuerSite, browser: Browser, width: int = LAPTOP, language: str = "en"
) -> Page:
    made = await site.invite(FIRST, "Amina Odhiambo", "amina@example.org", "admin")
    return await site.signed_in(browser, made, width=width, language=language)


async def seen(page: Page, name: str) -> None:
    await look(page, name)
    await assert_accessible(page)


async def upload(page: Page, sent: FilePayload) -> None:
    await page.locator("#logo").set_input_files(sent)
    await page.locator('form[action="/console/organisation/logo"] button').click()


@BY_EVERY_READER
async def test_every_page_is_accessible_and_fits(
    site: IssuerSite, browser: Browser, language: str, width: int
) -> None:
    page = await administrator(site, browser, width, language)
    tag = f"{language}-{width}"
    await page.goto(f"{site.url}/console/organisation")
    await upload(page, file(picture()))
    await expect(page.locator("main img.logo")).to_be_visible()
    await page.locator("#website").fill("https://www.umoja.example")
    await page.locator("#email").fill("office@umoja.example")
    await page.locator("#phone").fill("+254 700 000 000")
    await page.locator("#colour").fill("#0a5f8a")
    await page.locator("#name_en").fill("Umoja Skills Trust Kenya")
    await page.locator('form[action="/console/organisation"] button').click()
    await expect(page.get_by_role("status")).to_be_visible()
    await seen(page, f"organisation-{tag}")
    await page.goto(f"{site.url}/console/organisation/claim-page?lang={language}")
    await seen(page, f"organisation-claim-{tag}")
    await page.goto(f"{site.url}/console/organisation/messages")
    await seen(page, f"organisation-messages-{tag}")
    await page.goto(f"{site.url}/console/organisation/messages/claim_link/{language}")
    await seen(page, f"organisation-message-{tag}")
    await page.goto(f"{site.url}/console/organisation/messages/claim_link/{language}/email")
    await look(page, f"organisation-email-{tag}")

    operator = await site.invite(None, "Otieno Were", "otieno@example.org", "operator")
    page = await site.signed_in(browser, operator, width=width, language=language)
    await page.goto(f"{site.url}/console/organisations")
    await seen(page, f"hosted-{tag}")
    await page.goto(f"{site.url}/console/organisations/{FIRST}")
    await seen(page, f"hosted-one-{tag}")


class TestWhatLearnersSee:
    async def test_names_contact_colour_and_logo_reach_the_page_behind_a_link(
        self, site: IssuerSite, browser: Browser
    ) -> None:
        page = await administrator(site, browser)
        await page.goto(f"{site.url}/console/organisation")
        await page.get_by_text("Français").first.click()
        await page.locator("#name_fr").fill("Fondation Umoja <b>")
        await page.locator("#about_fr").fill("Nous formons aux métiers du numérique.")
        await page.locator("#website").fill("https://www.umoja.example")
        await page.locator("#colour").fill("#0A5F8A")
        await page.get_by_label("A second person approves").check()
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("status")).to_have_text("Saved.")
        await upload(page, file(picture(), name="../../etc/passwd"))
        await expect(page.get_by_role("status")).to_have_text("Saved.")
        await expect(page.get_by_label("A second person approves")).to_be_checked()

        served = await page.locator("main img.logo").get_attribute("src")
        assert served is not None
        assert re.fullmatch("/logos/[0-9a-f]{64}", served)
        assert await page.locator("header .brand img").get_attribute("src") == served
        await page.goto(f"{site.url}/console/organisation/claim-page?lang=fr")
        await expect(page.locator(".card")).to_contain_text("Fondation Umoja <b>")
        await expect(page.locator(".card")).to_contain_text("métiers du numérique")
        button = page.get_by_role("button")
        assert await button.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(10, 95, 138)"
        assert await page.locator("img.logo").evaluate("e => e.naturalWidth") == 480

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            (file(EVIL_SVG, "logo.svg", "image/svg+xml"), "SVG file may carry scripts"),
            (file(EVIL_SVG), "SVG file may carry scripts"),
            (file(bomb()), "found more pixels than any logo has"),
            (file(b"\x00" * (256 * 1024 + 1)), "at most 256 KB, found 257 KB"),
            (file(b"MZ\x90"), "found something else"),
        ],
        ids=["svg", "svg-called-png", "bomb", "large", "program"],
    )
    async def test_what_is_no_logo_is_refused_with_the_reason(
        self, site: IssuerSite, browser: Browser, sent: FilePayload, said: str
    ) -> None:
        page = await administrator(site, browser)
        await page.goto(f"{site.url}/console/organisation")
        await upload(page, sent)
        await expect(page.locator("#logo-wrong")).to_contain_text(said)
        await expect(page.locator("main img.logo")).to_have_count(0)
        await seen(page, "organisation-logo-refused")

    async def test_fifty_megabytes_are_refused(self, site: IssuerSite) -> None:
        key = (await site.program().post("/v1/api-keys", json={"name": "all", "role": "admin"})).json()["key"]
        async with site.program(key) as program:
            much = b"\x89PNG" + b"\x00" * 50_000_000
            refused = await program.put("/v1/organisation/logo", content=much)
        assert (refused.status_code, "at most 262144 bytes" in refused.json()["detail"]) == (413, True)

    async def test_a_colour_that_cannot_be_read_is_refused_with_one_that_can(
        self, site: IssuerSite, browser: Browser
    ) -> None:
        page = await administrator(site, browser)
        await page.goto(f"{site.url}/console/organisation")
        await page.locator("#colour").fill("#ffcc00")
        await page.get_by_role("button", name="Save").click()
        wrong = page.locator("#colour-wrong")
        await expect(wrong).to_contain_text("found 1.5:1")
        await expect(page.locator("#colour")).to_have_value("#ffcc00")
        await seen(page, "organisation-refused")
        nearest = (await wrong.inner_text()).rstrip(".").rpartition(" ")[2]
        await page.locator("#colour").fill(nearest)
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("status")).to_have_text("Saved.")

    async def test_what_is_wrong_is_said_in_the_readers_language(
        self, site: IssuerSite, browser: Browser
    ) -> None:
        page = await administrator(site, browser, PHONE, "ar")
        await page.goto(f"{site.url}/console/organisation")
        await page.locator("#colour").fill("#ffcc00")
        await page.locator("#phone").fill("nobody")
        await page.locator('form[action="/console/organisation"] button').click()
        await expect(page.locator("#colour-wrong")).to_contain_text("تصعب قراءة نص أبيض")
        await expect(page.locator("#phone-wrong")).to_contain_text("المطلوب رقم هاتف")
        await seen(page, "organisation-refused-ar")
        await upload(page, file(b"MZ"))
        await expect(page.locator("#logo-wrong")).to_contain_text("وهذا الملف شيء آخر")
        await expect(page.locator(".mistake [lang=en]")).to_have_count(0)


class TestOwnWords:
    async def test_are_looked_at_kept_and_given_up(self, site: IssuerSite, browser: Browser) -> None:
        page = await administrator(site, browser)
        await page.goto(f"{site.url}/console/organisation/messages/claim_link/en")
        await expect(page.get_by_text("Our words", exact=True)).to_be_visible()
        await page.locator("#text").fill("Dear {name}, you did it!\n\nTake it: {link}")
        await page.locator("#short").fill("{organisation}: well done! {link}")
        await page.get_by_role("button", name="Show a preview").click()
        await expect(page.locator(".said").first).to_contain_text("Dear Amina, you did it!")
        await expect(page.locator(".said").first).to_contain_text("If this is not for you")
        await expect(page.get_by_text("Text messages to pay for: 1.")).to_be_visible()
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Your words", exact=True)).to_be_visible()
        await seen(page, "organisation-own-words")
        await page.get_by_role("button", name="Back to our words").click()
        await expect(page.get_by_text("Our words", exact=True)).to_be_visible()
        await expect(page.locator("#text")).to_have_value(re.compile("gives you an award"))

    @pytest.mark.parametrize(
        ("field", "text", "said"),
        [
            ("text", "Dear {name}, come.", "Expected {link} once, found it 0 times"),
            ("text", "{link} {surname}", "{surname} is not known here: use {name}, {organisation}"),
            ("short", "{link} {code}", "link and one-time code never go together"),
            ("text", "{link} or https://evil.example/x", "reads as a link"),
        ],
    )
    async def test_that_would_harm_are_refused(
        self, site: IssuerSite, browser: Browser, field: str, text: str, said: str
    ) -> None:
        page = await administrator(site, browser)
        await page.goto(f"{site.url}/console/organisation/messages/claim_link/en")
        await page.locator(f"#{field}").fill(text)
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator(f"#{field}-wrong")).to_contain_text(said)
        await expect(page.locator(f"#{field}")).to_have_value(text)
        await assert_accessible(page)


class TestTheOperator:
    async def test_takes_up_an_organisation_whose_administrator_then_signs_in(
        self, site: IssuerSite, browser: Browser
    ) -> None:
        operator = await site.invite(None, "Otieno Were", "otieno@example.org", "operator")
        page = await site.signed_in(browser, operator)
        await page.goto(f"{site.url}/console/organisations")
        await expect(page.locator(".brand img")).to_have_count(0)
        await page.get_by_label("Name of the organisation").fill("Amal Trust")
        await page.get_by_label("Short name in addresses").fill("Amal Trust!")
        await page.get_by_role("button", name="Take up").click()
        await expect(page.locator("#slug-wrong")).to_be_visible()
        await expect(page.locator("#country-wrong")).to_be_visible()
        await seen(page, "hosted-refused")
        await page.get_by_label("Short name in addresses").fill("amal")
        await page.get_by_label("Country").select_option("SO")
        await page.get_by_label("Name of the first administrator").fill("Hodan Ali")
        await page.get_by_label("E-mail of the first administrator").fill("hodan@example.org")
        await page.get_by_role("button", name="Take up").click()
        link = (await page.locator("#link").inner_text()).strip()
        await seen(page, "hosted-link")

        hers = await browser.open()
        await hers.goto(link)
        await hers.locator("main form button").click()
        await expect(hers.locator(".brand")).to_contain_text("Amal Trust")

        await page.goto(f"{site.url}/console/organisations/amal")
        await page.get_by_label("Name of the first administrator").fill("Somebody Else")
        await page.get_by_label("E-mail of the first administrator").fill("else@example.org")
        await page.get_by_role("button", name="Make").click()
        await expect(page.get_by_role("alert")).to_contain_text("joined already")

        await page.get_by_role("button", name="Suspend").click()
        await expect(page.locator("#reason-wrong")).to_be_visible()
        await page.get_by_label("Reason").fill("The licence ended.")
        await page.get_by_role("button", name="Suspend").click()
        await expect(page.get_by_text("The licence ended.")).to_be_visible()
        await seen(page, "hosted-suspended")
        shut_out = await hers.goto(f"{site.url}/console/members")
        assert shut_out is not None
        assert shut_out.status == 403
        await expect(hers.locator("body")).to_contain_text("The licence ended.")
        await page.get_by_role("button", name="Let it go on").click()
        again = await hers.goto(f"{site.url}/console/organisation")
        assert again is not None
        assert again.status == 200

    async def test_and_an_administrator_do_not_enter_each_others_pages(
        self, site: IssuerSite, browser: Browser
    ) -> None:
        page = await administrator(site, browser)
        theirs = await page.goto(f"{site.url}/console/organisations")
        assert theirs is not None
        assert theirs.status == 403
        operator = await site.invite(None, "Otieno Were", "otieno@example.org", "operator")
        page = await site.signed_in(browser, operator)
        for path in ("organisation", "awards", "organisation/messages"):
            hers = await page.goto(f"{site.url}/console/{path}")
            assert hers is not None
            assert hers.status in {403, 404}, path
