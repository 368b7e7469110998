"""A learner says from her wallet what is wrong; an officer answers, and corrects."""

from typing import Any

import pytest
from playwright.async_api import expect

from services.launcher.domain.story import ClaimableAward
from services.launcher.errors import ServiceRefused
from tests.support.browser import LAPTOP, Browser, browser
from tests.support.exchange import RunningExchange
from tests.support.wait import until

__all__ = ["browser"]
SECONDS = 60
WRONG = "My second name is Wanjiru, not Wanjru.\n<b>Thank you</b>"
ANSWER = "You are right: here is a corrected one."


async def waiting(exchange: RunningExchange, award_id: str, state: str, messages: int) -> dict[str, Any]:
    async def there() -> dict[str, Any] | None:
        found = await exchange.issuer_api.get("/v1/questions", state=state)
        mine = [one for one in found["items"] if one["award_id"] == award_id]
        return mine[0] if mine and len(mine[0]["messages"]) == messages else None

    return await until(there, SECONDS, f"the question is {state}")


async def test_what_a_learner_asks_is_answered_into_her_wallet_even_while_it_is_locked_and_then_corrected(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards.pop()
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))
    learner = graduate.learner
    (held,) = await learner.credentials()

    before = await learner.thread(held["id"])
    assert before == {"items": [], "waits": False, "can_write": True}
    asked = await learner.ask(held["id"], "name", WRONG, "sw")
    assert [(one["by"], one["matter"], one["text"], one["sent"]) for one in asked["items"]] == [
        ("me", "name", WRONG, True)
    ]
    assert asked["waits"]
    question = await waiting(exchange, award.id, "open", 1)
    assert (question["matter"], question["messages"][0]["text"]) == ("name", WRONG)

    await learner.lock()
    answered = await exchange.issuer_api.post(
        f"/v1/questions/{award.id}/answers", {"text": ANSWER, "close": False}
    )
    assert answered["state"] == "answered"
    assert answered["messages"][1]["who"].startswith("key:")

    async def parked() -> bool:
        return bool((await learner.state())["waiting"])

    await until(parked, SECONDS, "the answer waits for the locked wallet")
    await learner.unlock(graduate.passphrase)

    async def read() -> dict[str, Any] | None:
        thread = await learner.thread(held["id"])
        return thread if len(thread["items"]) == 2 else None

    thread = await until(read, SECONDS, "the wallet shows the answer")
    assert (thread["items"][1]["by"], thread["items"][1]["text"]) == ("issuer", ANSWER)
    assert not thread["waits"]

    new = await exchange.issuer_api.post(
        f"/v1/awards/{award.id}/supersede",
        {"reason": "The name was misspelt.", "given_name": "Wanjiru"},
    )
    corrected = await exchange.issuer_api.get(f"/v1/questions/{award.id}")
    assert corrected["corrected_by"] == new["id"]
    code = {"code": new["code"]} if new.get("code") else {}
    invitation = await exchange.issuer_api.post(new["claim_url"], code)
    await graduate.take_award(str(invitation["invitation_url"]))
    names = {
        one["raw"]
        for credential in await learner.credentials()
        for one in credential["claims"]
        if one["name"] == "given_name"
    }
    assert "Wanjiru" in names

    await learner.ask(held["id"], "other", "Thank you!")
    reopened = await waiting(exchange, award.id, "open", 3)
    assert reopened["messages"][2]["text"] == "Thank you!"
    closed = await exchange.issuer_api.post(
        f"/v1/questions/{award.id}/answers", {"text": "Gladly.", "close": True}
    )
    assert closed["state"] == "closed"


async def test_nobody_asks_about_an_award_that_is_not_hers(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards.pop()
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))
    (held,) = await graduate.learner.credentials()
    stranger = await exchange.new_graduate()

    with pytest.raises(ServiceRefused, match="No credential of that id"):
        await stranger.learner.ask(held["id"], "not_mine", "")
    with pytest.raises(ServiceRefused, match="Nobody asked about an award"):
        await exchange.issuer_api.get(f"/v1/questions/{award.id}")


async def test_a_learner_without_a_telephone_claims_together_at_the_office(
    exchange: RunningExchange, awards: list[ClaimableAward], browser: Browser
) -> None:
    award = awards.pop()
    begun = await exchange.issuer_api.post(
        f"/v1/awards/{award.id}/claim-together",
        {"identity_check": {"method": "known_person", "note": "She was in the course."}},
    )
    page = await browser.open(width=LAPTOP)
    await page.goto(begun["page_url"])
    await page.locator("#begin").click()
    await expect(page.locator("#step-words")).to_be_visible()
    words = [text.strip() for text in await page.locator("#words li").all_inner_texts()]
    await page.locator("#typed").fill(words[int(await page.locator("#which").inner_text()) - 1])
    await page.locator("#check button").click()
    await expect(page.locator("#step-kit")).to_be_visible(timeout=SECONDS * 1000)
    await page.locator("#kept").click()
    await expect(page.locator("#step-offer")).to_be_visible(timeout=SECONDS * 1000)
    await page.locator("#accept").click()
    await expect(page.locator("#step-done")).to_be_visible(timeout=SECONDS * 1000)
    await page.locator("#step-done [data-forget]").click()
    await page.wait_for_url("**/together/finished**")

    async def issued() -> dict[str, Any] | None:
        found = await exchange.issuer_api.get(f"/v1/awards/{award.id}")
        return found if found["state"] == "issued" else None

    shown = await until(issued, SECONDS, "the award is issued")
    (helped,) = [each for each in shown["history"] if each["what"] == "assisted"]
    assert helped["by"].startswith("key:")
    assert helped["reason"] == "known_person: She was in the course."
