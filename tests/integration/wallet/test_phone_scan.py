"""Codes before the camera, in Chromium: its fake camera shows a film of a real code, and both ways of reading it are used."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import segno
from fastapi import Request, Response
from playwright.async_api import Page, async_playwright, expect

from tests.support.browser import ARGUMENTS, HEIGHT, PHONE, Browser, browser, chromium_program, seen
from tests.support.wallet_site import Site, running_site
from wallet.entry.phone_words import WORDS

__all__ = ["browser"]
WIDE, HIGH = 640, 480
SLOW_MS = 60_000
LINK = "https://issuer.example.org/claim/s3cr3t?oob=eyJAdHlwZSI6Imh0dHBzOi8vZGlkY29tbS5vcmcvb3V0LW9mLWJhbmQvMS4xL2ludml0YXRpb24ifQ"
KIT = "ujuzi-recovery:1?wallet=https%3A%2F%2Fwallet.example.org&id=0192&words=one+two+three+four+five+six+seven+eight+nine+ten"
OWN_READER = """window.BarcodeDetector = class {
    static async getSupportedFormats() { return ["qr_code"]; }
    async detect(video) { return [{rawValue: "https://read.by.the.browser/itself"}]; }
};"""


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """With a page that has the two fields codes are read into."""
    async with running_site() as running:
        template = running.frame._pages._jinja.from_string(PAGE)

        @running.app.get("/scanning")
        async def scanning(request: Request) -> Response:
            return running.frame.show(request, template, modules=("scan.js",))  # type: ignore[arg-type]  # Jinja takes both

        yield running


PAGE = """{% extends "app.html" %}{% block title %}Scanning{% endblock %}{% block page %}<h1>Scanning</h1>
<form method="post" action="/scanning"><label for="link">Link</label><input id="link" name="link"><button>Go on</button></form>
{% set scan = {"what": "link", "into": "link"} %}{% include "scan.html" %}
<label for="kit">Paper</label><input id="kit">
{% set scan = {"what": "kit", "into": "kit"} %}{% include "scan.html" %}{% endblock %}"""


def film(path: Path, text: str) -> Path:
    """A film of two pictures of the code, grey around it, as a camera sees a sheet of paper."""
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    size = HIGH * 3 // 4 // (len(rows) + 8)
    side = size * (len(rows) + 8)
    left, top = (WIDE - side) // 2, (HIGH - side) // 2
    picture = bytearray(b"\x78" * (WIDE * HIGH))
    for y in range(side):
        for x in range(side):
            row, column = y // size - 4, x // size - 4
            dark = 0 <= row < len(rows) and 0 <= column < len(rows) and rows[row][column]
            picture[(top + y) * WIDE + left + x] = 40 if dark else 225
    grey = b"\x80" * (WIDE * HIGH // 2)
    frame = b"FRAME\n" + bytes(picture) + grey
    path.write_bytes(f"YUV4MPEG2 W{WIDE} H{HIGH} F10:1 Ip A1:1 C420mpeg2\n".encode() + frame * 2)
    return path


@asynccontextmanager
async def camera(shows: Path) -> AsyncIterator[Page]:
    """A phone whose camera shows this film, and whose owner allows it."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=chromium_program(),
            args=[
                *ARGUMENTS,
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={shows}",
            ],
        )
        context = await started.new_context(
            viewport={"width": PHONE, "height": HEIGHT[PHONE]}, locale="en", permissions=["camera"]
        )
        yield await context.new_page()
        await started.close()


async def test_a_link_before_the_camera_is_read_by_the_pages_own_reader(site: Site, tmp_path: Path) -> None:
    async with camera(film(tmp_path / "link.y4m", LINK)) as page:
        await page.goto(f"{site.url}/scanning")
        await page.locator("[data-scan=link] [data-scan-part=begin]").click()
        await expect(page.locator("#link")).to_have_value(LINK, timeout=SLOW_MS)
        await expect(page.locator("form button")).to_be_focused()
        await expect(page.locator("[data-scan=link] video")).to_be_hidden()
    assert any(path.endswith("/qr_decode.js") for path in site.asked)


async def test_a_recovery_sheet_is_read_where_one_is_expected_and_nowhere_else(
    site: Site, tmp_path: Path
) -> None:
    async with camera(film(tmp_path / "kit.y4m", KIT)) as page:
        await page.goto(f"{site.url}/scanning")
        await page.locator("[data-scan=link] [data-scan-part=begin]").click()
        told = page.locator("[data-scan=link] [data-scan-part=told]")
        await expect(told).to_have_text(WORDS["en"]["scan_says_unread"], timeout=SLOW_MS)
        await expect(page.locator("#link")).to_have_value("")
        await seen(page, "scan-looking")
        await page.locator("[data-scan=link] [data-scan-part=stop]").click()
        await expect(told).to_have_text("")
        await page.locator("[data-scan=kit] [data-scan-part=begin]").click()
        await expect(page.locator("#kit")).to_have_value(KIT, timeout=SLOW_MS)


async def test_a_browser_that_reads_codes_itself_loads_no_reader(site: Site, tmp_path: Path) -> None:
    async with camera(film(tmp_path / "link.y4m", LINK)) as page:
        await page.add_init_script(OWN_READER)
        await page.goto(f"{site.url}/scanning")
        await page.locator("[data-scan=link] [data-scan-part=begin]").click()
        await expect(page.locator("#link")).to_have_value("https://read.by.the.browser/itself")
    assert not any(path.endswith("/qr_decode.js") for path in site.asked)


async def test_a_camera_that_is_refused_or_missing_leads_back_to_typing(site: Site, browser: Browser) -> None:
    page = await browser.open(width=PHONE)
    for error, says in (("NotAllowedError", "refused"), ("NotFoundError", "no_camera")):
        await page.add_init_script(
            f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{error}'); }};"
        )
        await page.goto(f"{site.url}/scanning")
        await page.locator("[data-scan=link] [data-scan-part=begin]").click()
        told = page.locator("[data-scan=link] [data-scan-part=told]")
        await expect(told).to_have_text(WORDS["en"][f"scan_says_{says}"])
        await expect(page.locator("[data-scan=link] [data-scan-part=begin]")).to_be_visible()
        await seen(page, f"scan-{says}")


@pytest.mark.parametrize("length", [1, 14, 100, 213, 400, 1200])
async def test_codes_that_the_wallet_draws_are_read(site: Site, browser: Browser, length: int) -> None:
    page = await browser.open()
    await page.goto(f"{site.url}/scanning")
    module = await page.locator("script[type=module]").first.get_attribute("src")
    text = ("Wanjikũ " * 200)[:length]

    read = await page.evaluate(
        """async ([module, text]) => {
            const {qr_svg} = await import(module.replace(/[^/]*$/, "qr.js")), {decodeQR} = await import(module.replace(/[^/]*$/, "qr_decode.js"));
            const svg = qr_svg(text, "code"), size = Number(svg.getAttribute("viewBox").split(" ")[2]), canvas = document.createElement("canvas");
            canvas.width = canvas.height = size * 5;
            const pen = canvas.getContext("2d");
            pen.scale(5, 5);
            for (const path of svg.children) { pen.fillStyle = path.getAttribute("fill") || "#000"; pen.fill(new Path2D(path.getAttribute("d"))); }
            return decodeQR(pen.getImageData(0, 0, canvas.width, canvas.height));
        }""",
        [module, text],
    )

    assert read == text


async def test_a_code_is_the_one_the_standard_asks_for(site: Site, browser: Browser) -> None:
    page = await browser.open()
    await page.goto(f"{site.url}/scanning")
    module = await page.locator("script[type=module]").first.get_attribute("src")
    text = "x" * 213  # fills its code, so that nothing is left to the maker's choice but the mask

    rows = await page.evaluate(
        """async ([module, text]) => (await import(module.replace(/[^/]*$/, "qr.js"))).qr_rows(text)""",
        [module, text],
    )

    expected = segno.make(text, error="m", mode="byte", micro=False, boost_error=False)
    assert rows == [list(row) for row in expected.matrix]
