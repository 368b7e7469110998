"""Leaving: the files she takes along, an award asked for elsewhere, a wallet moved between two installations, and its end."""

import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import func
from sqlmodel import select

from shared.adapters.sql import Database
from shared.adapters.sql_idempotency import IdempotentAnswerRow
from shared.contracts.erasure import KEYS_PATH
from shared.contracts.question_words import read_content
from shared.vc.erasure import open_statement, statement_in
from shared.web.languages import LANGUAGES
from tests.support.agents import serving
from tests.support.browser import BY_EVERY_READER, LAPTOP, PATIENCE_MS, PHONE, Browser, seen
from tests.support.nats_server import running_nats
from tests.support.open_wallet import PASSPHRASE, OpenedWallet, open_wallet, url_of
from tests.support.wait import until
from tests.support.wallet import World, wallet_service
from wallet.entry.leaving_words import WORDS
from wallet.main import create_app

expect.set_options(timeout=PATIENCE_MS)
HOSTILE = '<script>alert("x")</script> & </script>'


class Reader(HTMLParser):
    """Reads a file as a browser does: what it would fetch, what it shows, what it holds as data."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.scripts: list[str] = []
        self.data = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.fetched += [value for name in ("src", "href") if (value := given.get(name) or "")]
        self._inside = tag
        if tag == "script" and given.get("type") != "application/json":
            self.scripts.append(str(given))

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.data += data

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._inside = ""


async def with_an_award(opened: OpenedWallet, world: World, given_name: str = "Wanjikũ") -> dict[str, object]:
    values = {**world.award(given_name), "grade": HOSTILE}
    return await world.give(opened.learner, values)


async def saved(page: Page, name: str | re.Pattern[str], folder: Path) -> Path:
    """What a link saves."""
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name=name).click()
    download = await downloading.value
    path = folder / download.suggested_filename
    await download.save_as(path)
    return path


@BY_EVERY_READER
async def test_every_page_of_leaving_is_accessible_and_fits(
    world: World, browser: Browser, language: str, width: int
) -> None:
    opened = await open_wallet(browser, world, width=width, language=language)
    await with_an_award(opened, world)
    tag = f"{language}-{width}"
    for path in ("/leaving", "/leaving/another", "/leaving/erase", "/take-in", "/take-in/done"):
        page = await opened.go(path)
        await seen(page, f"leaving{path.replace('/', '-')}-{tag}")
    page = await opened.go("/leaving/erase")
    await page.locator("#word").fill("?")
    await page.locator("main form button").click()
    await expect(page.get_by_role("alert")).to_have_text(WORDS[language]["wrong_leaving_word"])
    await seen(page, f"leaving-erase-wrong-{tag}")
    await page.locator("#word").fill(WORDS[language]["leaving_erase_word"].lower())
    await page.locator("main form button").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(WORDS[language]["leaving_erased"])
    await seen(page, f"leaving-erased-{tag}")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_copy_to_read_is_whole_in_itself_and_escaped(
    world: World, browser: Browser, language: str
) -> None:
    opened = await open_wallet(browser, world)
    held = await with_an_award(opened, world)
    await opened.learner.ask(str(held["id"]), "other", HOSTILE)

    answer = await world.client.get(
        f"{world.url}/v1/wallet/readable-copy?lang={language}",
        headers=opened.learner._opened()._headers,
        timeout=30,
    )

    assert answer.headers["content-disposition"].startswith('attachment; filename="ujuzi-copy-')
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in answer.text
    read = Reader(answer.text)
    assert read.scripts == []
    assert [each for each in read.fetched if not each.startswith(("#award-", "data:"))] == []
    assert HOSTILE not in answer.text
    said = json.loads(read.data)
    (credential,) = said["credentials"]
    assert {claim["name"]: claim["raw"] for claim in credential["claims"]}["grade"] == HOSTILE
    assert said["threads"][held["id"]]["items"][0]["text"] == HOSTILE
    for told in (world.published.did, world.published.edition_id, world.published.cred_def_id, "Wanjikũ"):
        assert told in answer.text


async def test_the_copy_to_read_prints_and_reads_without_a_network(
    world: World, browser: Browser, tmp_path: Path
) -> None:
    opened = await open_wallet(browser, world, width=PHONE, language="ar")
    await with_an_award(opened, world)
    page = await opened.go("/leaving")
    copy = await saved(page, WORDS["ar"]["leaving_copy_get"], tmp_path)

    for width in (PHONE, LAPTOP):
        reading = await browser.open(width=width)
        await reading.context.set_offline(offline=True)
        await reading.goto(copy.as_uri())
        await expect(reading.get_by_role("heading", level=1)).to_have_text(WORDS["ar"]["readable_title"])
        await seen(reading, f"leaving-copy-ar-{width}")


async def test_a_locked_wallet_gives_out_no_file(world: World, browser: Browser) -> None:
    opened = await open_wallet(browser, world)
    await opened.lock()

    for path in ("/leaving/ujuzi-wallet.json", "/leaving/copy", "/leaving/erase"):
        answer = await opened.page.request.get(f"{opened.url}{path}", max_redirects=0)
        assert answer.status in {303, 401, 423}
    refused = await world.client.get(f"{world.url}/v1/wallet/readable-copy")
    assert refused.status_code == 401


async def test_an_award_is_asked_for_in_another_wallet_once(world: World, browser: Browser) -> None:
    opened = await open_wallet(browser, world, width=PHONE, language="sw")
    held = await with_an_award(opened, world)
    page = await opened.go("/leaving/another")

    await page.get_by_role("button", name=WORDS["sw"]["leaving_another_ask"]).click()

    await expect(page.get_by_text("Uliomba tarehe")).to_be_visible()
    await expect(page.get_by_role("button", name=WORDS["sw"]["leaving_another_ask"])).to_have_count(0)
    thread = await opened.learner.thread(str(held["id"]))
    assert [line["matter"] for line in thread["items"]] == ["other_wallet"]

    async def told() -> bool:
        found = await world.issuer.admin.get("/ujuzi/notes/basic-messages")
        return any(
            read_content(str(note["value"]["content"]))[0] == "other_wallet" for note in found["notes"]
        )

    await until(told, 30, "the issuer has the message")


async def test_the_end_of_a_wallet_gives_a_statement_that_checks_and_forgets_it_on_this_phone(
    world: World, browser: Browser, tmp_path: Path
) -> None:
    opened = await open_wallet(browser, world, width=PHONE)
    await with_an_award(opened, world)
    page = await opened.go("/leaving/erase")
    before = await answers_kept(world)
    await page.evaluate(
        "async ([path, id]) => (await import(path)).remember({wallet_id: id})",
        [await module_of(page), opened.wallet_id],
    )
    await page.locator("#word").fill("delete")
    await page.get_by_role("button", name="Delete for ever").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your wallet is deleted")

    file = await saved(page, "Save the statement", tmp_path)

    published = (await world.client.get(f"{world.url}{KEYS_PATH}")).json()
    said = open_statement(statement_in(file.read_text()), published)
    assert (said["sub"], said["deleted"]["credentials"]) == (opened.wallet_id, 1)
    assert "ujuzi-wallet" not in {each.get("name") for each in await page.context.cookies(opened.url)}
    assert await answers_kept(world) == before
    assert await known_here(page) == []
    reading = await browser.open(width=PHONE)
    await reading.goto(file.as_uri())
    await seen(reading, "leaving-statement-en-360")


async def answers_kept(world: World) -> int:
    """Answers that the service keeps for whoever asks again, sealed."""
    async with Database(world.settings.database_url) as db, db.reading() as session:
        return (await session.exec(select(func.count()).select_from(IdempotentAnswerRow))).one()


@pytest.fixture(scope="module")
async def other_place(world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A second installation of the wallet service, with an agent, a bus and a database of its own."""
    folder = tmp_path_factory.mktemp("other-place")
    with running_nats() as nats:
        agent, settings = wallet_service(folder, nats, world.settings.host_map)
        agent.spawn()
        try:
            await agent.ready()
            async with serving(create_app(settings), settings.port):
                moved = World(
                    folder, settings.base_url, world.issuer, world.verifier, world.verifier_did,
                    world.published, world.client, agent, settings, world.trust_list,
                )  # fmt: skip
                await moved.admin.post("/v1/trust-lists", dict(world.trust_list))
                yield moved
        finally:
            agent.stop()


async def test_a_wallet_moves_to_another_installation_and_proves_there(
    world: World, other_place: World, browser: Browser, tmp_path: Path
) -> None:
    opened = await open_wallet(browser, world, width=PHONE)
    await with_an_award(opened, world)
    page = await opened.go("/leaving")
    file = await saved(page, "Save the locked file", tmp_path)
    assert "Wanjik" not in unquote(file.read_text())

    await page.goto(f"{url_of(other_place)}/take-in")
    await page.locator("#file").set_input_files(file)
    await page.locator("#given").fill("five words that are wrong")
    await page.get_by_role("button", name="Take it in").click()
    await expect(page.get_by_role("alert")).to_have_text(WORDS["en"]["leaving_say_wrong"])
    await seen(page, "leaving-take-in-wrong-en-360")
    await page.locator("#given").fill(f" {PASSPHRASE.upper()} ")
    await page.get_by_role("button", name="Take it in").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Your wallet is here now")
    await expect(page.get_by_text("Awards that came along: 1.")).to_be_visible()
    token = {each["name"]: each["value"] for each in await page.context.cookies(url_of(other_place))}
    opened.learner._url = other_place.url
    (wallet_id,) = await known_here(page)
    opened.learner.take(wallet_id, token["ujuzi-wallet"])
    (credential,) = await opened.learner.credentials()
    request, exchange_id = await other_place.ask(opened.learner, other_place.proof_request())
    await opened.learner.consent(request["id"], {"need_0": credential["id"]})
    proof = await other_place.presented(exchange_id)
    shown = proof["requested_proof"]["revealed_attr_groups"]["need_0"]["values"]
    assert shown["title"]["raw"] == "Data Analytics Foundations"


async def known_here(page: Page) -> list[str]:
    """The wallets this phone knows."""
    found: list[str] = await page.evaluate(
        "async path => (await (await import(path)).wallets()).map(each => each.wallet_id)",
        await module_of(page),
    )
    return found


async def module_of(page: Page) -> str:
    """The address of the script that keeps wallets on a phone."""
    some = await page.locator('script[src^="/static/"]').first.get_attribute("src")
    assert some
    return f"{some.rpartition('/')[0]}/phone.js"


@pytest.mark.parametrize(
    "case",
    [
        ("photo.json", '{"format": "something else"}', "not_it"),
        ("photo.json", "no JSON", "not_it"),
        ("ujuzi-wallet-2026-11-22.json", '{"format": "ujuzi-wa', "damaged"),
    ],
)
async def test_a_file_that_is_no_wallet_is_refused_before_anything_is_sent(
    world: World, browser: Browser, tmp_path: Path, case: tuple[str, str, str]
) -> None:
    name, content, says = case
    file = tmp_path / name
    file.write_text(content)
    page = await browser.open(width=PHONE)
    await page.goto(f"{url_of(world)}/take-in")
    await page.locator("#file").set_input_files(file)
    await page.locator("#given").fill("only three words")
    await page.get_by_role("button", name="Take it in").click()

    await expect(page.get_by_role("alert")).to_have_text(WORDS["en"][f"leaving_say_{says}"])
