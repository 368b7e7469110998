"""A new learner's first weeks, in a real browser on a phone with a 2G connection: she makes a wallet, claims, loses the network while
she accepts, locks, is written to meanwhile, answers one request and declines another, takes her wallet elsewhere, recovers it with her
paper, and deletes it."""

import os
import re
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import CDPSession, Page, expect

from services.launcher.domain.story import JUNIOR, ClaimableAward
from tests.support.browser import PHONE, READER, Browser, browser, seen
from tests.support.exchange import RunningExchange, running_exchange
from tests.support.wait import until
from wallet.entry.catalogue import WORDS

__all__ = ["browser"]

SECONDS = 120.0
SLOW_MS = 120_000
TWO_G = {"latency": 800, "downloadThroughput": 280_000 / 8, "uploadThroughput": 256_000 / 8}
"""Milliseconds and bytes a second, as web page tests take 2G to be."""


@dataclass
class Phone:
    """Somebody with a phone; `words` are the wallet's texts in her language."""

    page: Page
    network: CDPSession
    url: str
    language: str

    @property
    def words(self) -> dict[str, str]:
        return dict(WORDS[self.language])

    async def on_line(self, *, there: bool = True) -> None:
        await self.network.send("Network.emulateNetworkConditions", {"offline": not there, **TWO_G})

    async def go(self, path: str) -> None:
        await self.page.goto(f"{self.url}{path}")

    async def at_keys(self, path: str) -> None:
        await self.go(path)
        await self.page.locator("[data-keys][data-ready]").wait_for(state="attached")

    async def press(self, key: str) -> None:
        """Press the button, or follow the link that looks like one, with this text."""
        await self.page.locator("main button, main a.button").filter(has_text=self.words[key]).first.click()

    async def seen(self, name: str) -> None:
        await seen(self.page, f"learner-{name}-{self.language}")

    async def follow(self, invitation_url: str) -> None:
        await self.go(f"/i?{urlsplit(invitation_url).query}")
        await self.press("link_see")

    async def lock(self) -> None:
        await self.page.locator("#lock button").click()
        await self.page.wait_for_url(re.compile(r"/$"))


async def phone_of(browser: Browser, wallet: str, language: str, width: int) -> Phone:
    page = await browser.open(width=width, language=language)
    page.set_default_timeout(SLOW_MS)
    network = await page.context.new_cdp_session(page)
    await network.send("Network.enable")
    her = Phone(page, network, wallet.replace("127.0.0.1", "localhost"), language)
    await her.on_line()
    return her


@dataclass
class Installations:
    """The exchange, and the address of a wallet of another one."""

    exchange: RunningExchange
    elsewhere: str


@pytest.fixture(scope="module")
async def installations(
    exchange: RunningExchange, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installations]:
    async with running_exchange(tmp_path_factory.mktemp("elsewhere")) as another:
        yield Installations(exchange, str(another.endpoints["wallet"]))


@dataclass
class Secrets:
    """What she wrote down."""

    words: list[str]
    paper: list[str]
    number: str


async def makes_a_wallet(her: Phone) -> Secrets:
    page = her.page
    await her.at_keys("/")
    await her.seen("01-front")
    await page.locator("#make").click()
    await page.locator("[data-keys=new][data-ready]").wait_for(state="attached")
    await page.locator("#begin button").click()
    await expect(page.locator("#step-words")).to_be_visible()
    words = [text.strip() for text in await page.locator("#words li").all_inner_texts()]
    await page.locator("#written").click()
    for name in ("first", "second"):
        number = int(await page.locator(f"#{name}-number").inner_text())
        await page.locator(f"#{name}").fill(words[number - 1])
    await page.locator("#check button").click()
    await page.locator("#make-kit").click()
    await expect(page.locator("#kit-code svg")).to_be_visible(timeout=SLOW_MS)
    paper = [text.strip() for text in await page.locator("#kit-words li").all_inner_texts()]
    number_of = (await page.locator("#kit-number").inner_text()).strip()
    await her.seen("02-paper")
    await page.locator("#kept").click()
    await page.wait_for_url("**/home")
    return Secrets(words, paper, number_of)


async def unlocks(her: Phone, secrets: Secrets) -> None:
    page = her.page
    await page.locator("#wallets a").first.click()
    await page.locator("[data-keys=unlock][data-ready]").wait_for(state="attached")
    await page.locator("#given").fill(" ".join(secrets.words))
    await page.locator("#open button").click()
    await page.wait_for_url("**/home", timeout=SLOW_MS)


async def claims(her: Phone, award: ClaimableAward) -> None:
    """From the link she was sent, over the issuer's page, to the offer in her wallet."""
    page = her.page
    await page.goto(award.claim_url)
    await page.locator("main form button").click()
    await page.locator('a.button[href*="/i?oob="]').click()
    await page.wait_for_url("**/i?oob=**")
    await her.seen("03-link")
    await her.press("link_see")
    await page.wait_for_url("**/offers/*", timeout=SLOW_MS)


async def accepts_without_network(her: Phone, award: ClaimableAward) -> None:
    """The network goes while she accepts: what she sees then is whole after a reload, and nothing is done twice."""
    page = her.page
    await claims(her, award)
    await her.seen("04-offer")
    await her.on_line(there=False)
    await her.press("offer_accept")
    await her.seen("05-no-network")
    await her.on_line()
    await page.reload()
    accept = page.locator('form[action$="/accept"] button')
    if await accept.count():
        await accept.click()
    await page.wait_for_url("**/credentials/*", timeout=SLOW_MS)
    await her.seen("06-credential")


async def is_written_to_while_locked(
    her: Phone, exchange: RunningExchange, award: ClaimableAward, secrets: Secrets
) -> None:
    """She locks before the issuer answers: the answer waits until she unlocks."""
    page = her.page
    begun = await exchange.issuer.claim(award.claim_url)
    agent = exchange.programs()["issuer-agent"]
    os.kill(agent, signal.SIGSTOP)
    try:
        await her.follow(begun)
        await page.wait_for_url("**/follow/*", timeout=SLOW_MS)
        await her.lock()
        await her.seen("07-locked")
    finally:
        os.kill(agent, signal.SIGCONT)

    async def waits() -> bool:
        found = await exchange.client.get(f"{exchange.endpoints['wallet']}/v1/wallets/{secrets.number}")
        return bool(found.json()["state"] == "locked" and found.json()["waiting"])

    async def offered() -> bool:
        await her.go("/home")
        return await page.locator('a[href^="/offers/"]').count() > 0

    await until(waits, SECONDS, "a message waits for the locked wallet")
    await unlocks(her, secrets)
    await until(offered, SECONDS, "the offer is on her first page")
    await her.seen("08-home")
    await page.locator('a[href^="/offers/"]').first.click()
    await her.press("offer_accept")
    await page.wait_for_url("**/credentials/*", timeout=SLOW_MS)


async def answers_one_and_declines_another(her: Phone, exchange: RunningExchange) -> None:
    page = her.page
    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await her.follow(invitation_url)
    await page.wait_for_url("**/requests/*", timeout=SLOW_MS)
    await her.seen("09-request")
    for box in await page.locator("input[name=acknowledged]").all():
        await box.check()
    await page.locator("#choose button").last.click()
    await expect(page.locator("h1")).to_have_text(her.words["sharing_verified"], timeout=SLOW_MS)
    assert (await exchange.verifier.verdict(request_id)).result == "accepted"
    await her.seen("10-verified")
    another_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await her.follow(invitation_url)
    await page.wait_for_url("**/requests/*", timeout=SLOW_MS)
    await page.locator("#no summary").click()
    await page.locator("#no form button").click()
    await expect(page.locator("h1")).to_have_text(her.words["sharing_declined"], timeout=SLOW_MS)

    async def declined() -> bool:
        return bool((await exchange.verifier_api.get(f"/v1/requests/{another_id}"))["state"] == "declined")

    await until(declined, SECONDS, "the verifier knows that she declined")
    await her.go("/history")
    await her.seen("11-history")


async def moves(her: Phone, there: Phone, secrets: Secrets, archive: Path) -> None:
    """She takes her wallet to another installation, where her awards are."""
    await her.go("/leaving")
    await her.seen("12-leaving")
    async with her.page.expect_download() as downloading:
        await her.press("leaving_file_get")
    await (await downloading.value).save_as(archive)
    await there.go("/take-in")
    await there.page.locator("#file").set_input_files(archive)
    await there.page.locator("#given").fill(" ".join(secrets.words))
    await there.page.locator("#take-in button:not([type])").click()
    await there.page.wait_for_url("**/take-in/done", timeout=SLOW_MS)
    await there.seen("13-taken-in")
    await there.press("leaving_to_home")
    await expect(there.page.locator('a[href^="/credentials/"]')).not_to_have_count(0)


async def recovers(new: Phone, secrets: Secrets) -> None:
    """On a phone that knows nothing of her wallet, with her paper alone."""
    await new.at_keys("/recover")
    await new.page.locator("#number").fill(secrets.number)
    await new.page.locator("#given").fill(" ".join(secrets.paper))
    await new.page.locator("#paper button").click()
    await expect(new.page.locator("#step-renew")).to_be_visible(timeout=SLOW_MS)
    await new.seen("14-recovered")
    await new.page.locator("#step-renew #later").click()
    await new.page.wait_for_url("**/home", timeout=SLOW_MS)
    await expect(new.page.locator('a[href^="/credentials/"]')).not_to_have_count(0)


async def erases(her: Phone) -> None:
    await her.go("/leaving/erase")
    await her.seen("15-erase")
    await her.page.locator("#word").fill(her.words["leaving_erase_word"])
    await her.press("leaving_erase_do")
    await expect(her.page.locator("h1")).to_have_text(her.words["leaving_erased"], timeout=SLOW_MS)
    await her.seen("16-erased")


@pytest.mark.parametrize(READER, [("en", PHONE), ("ar", PHONE)])
async def test_a_learners_first_weeks(
    installations: Installations,
    awards: list[ClaimableAward],
    browser: Browser,
    *,
    language: str,
    width: int,
    tmp_path: Path,
) -> None:
    exchange, wallet = installations.exchange, installations.exchange.endpoints["wallet"]
    her = await phone_of(browser, wallet, language, width)
    secrets = await makes_a_wallet(her)
    await accepts_without_network(her, awards.pop())
    await is_written_to_while_locked(her, exchange, awards.pop(), secrets)
    await answers_one_and_declines_another(her, exchange)
    there = await phone_of(browser, installations.elsewhere, language, width)
    await moves(her, there, secrets, tmp_path / "ujuzi-wallet.json")
    await her.lock()
    new = await phone_of(browser, wallet, language, width)
    await recovers(new, secrets)
    await erases(new)
    gone = await exchange.client.post(
        f"{wallet}/v1/wallets/{secrets.number}/unlock", json={"wallet_key": "A" * 43}
    )
    assert gone.status_code in {403, 404}, gone.text
    await there.go("/home")
    await expect(there.page.locator('a[href^="/credentials/"]')).not_to_have_count(0)
