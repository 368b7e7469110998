"""A malicious operator, with every file, table, stream, log and key of his own, learns nothing of a locked wallet.

What he may not have is the memory of running programs: an open wallet needs an honest server.
"""

from pathlib import Path

import base58

from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.domain.story import JUNIOR, ClaimableAward
from shared.vc.wallet_lock import unwrap
from tests.support.curious_operator import CuriousOperator
from tests.support.exchange import ON_BOTH_DATABASES, RunningExchange
from tests.support.traces import traces
from tests.support.wait import until

SECONDS = 120
QUESTION = "My second name is Zawadi-Nkemelu, please correct it."
ANSWER = "We shall look it up in the Kisumu register."
DECLINED = "I would rather not tell Uhuru-Verde anything."

PUBLIC = {"awarding_body_id", "issuer_country", "profile_version"}
"""Said by the pinned trust list or true of every award: they tell nothing about a learner."""


@ON_BOTH_DATABASES
async def test_nothing_of_a_locked_wallet_is_found_by_whoever_runs_the_wallet_service(
    exchange: RunningExchange, awards: list[ClaimableAward], tmp_path: Path
) -> None:
    graduate, secrets = await _one_who_does_everything(exchange, awards)
    said, public = (
        await _said_by_credentials(exchange, public=False),
        await _said_by_credentials(exchange, public=True),
    )
    said |= {QUESTION, ANSWER, DECLINED, *(await _said_by_history(graduate))} - public
    assert any("Nomvula" in value or "Data Analytics" in value for value in said)
    await _lock_all(exchange)
    await _something_waits_for(graduate, exchange)

    operator = CuriousOperator(exchange, tmp_path)
    await operator.take_all([str(one.learner.wallet_id) for one in exchange.graduates])

    assert traces(said, [operator.loot]) == []
    assert traces(secrets, [operator.loot]) == []
    assert len(operator.stores()) >= len(exchange.graduates)
    assert await operator.open_any() == []


async def _one_who_does_everything(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> tuple[HttpGraduate, set[str | bytes]]:
    """A learner with all that a wallet can hold, and every secret of hers that could be written down."""
    graduate = await exchange.new_graduate()
    learner = graduate.learner
    first_passphrase, graduate.passphrase = graduate.passphrase, "orbit maple candle tiger ocean"
    award = awards.pop()
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))
    await learner.change_passphrase(first_passphrase, graduate.passphrase)
    kit = await learner.make_recovery_kit(graduate.passphrase)
    (held,) = await learner.credentials()
    await learner.ask(held["id"], "name", QUESTION)

    async def asked() -> bool:
        found = await exchange.issuer_api.get("/v1/questions")
        return any(one["award_id"] == award.id for one in found["items"])

    await until(asked, SECONDS, "the issuer has her question")
    await exchange.issuer_api.post(f"/v1/questions/{award.id}/answers", {"text": ANSWER, "close": False})

    async def answered() -> bool:
        return ANSWER in str(await learner.thread(held["id"]))

    await until(answered, SECONDS, "the issuer's answer is in her wallet")
    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await graduate.answer(invitation_url)
    await exchange.verifier.verdict(request_id)
    shared = next(one for one in await learner.history() if one["kind"] == "shared")
    await learner.please_delete(shared["id"])
    _, second_url = await exchange.verifier.ask(JUNIOR.body())
    await learner.open_link(second_url)
    await learner.decline_request((await learner.request(SECONDS))["id"], DECLINED)
    archive = await learner.export()
    envelope = next(one["envelope"] for one in archive["unlock_methods"] if one["method"] == "passphrase")
    key = unwrap(envelope, graduate.passphrase)
    words = {first_passphrase, graduate.passphrase, kit.words, kit.code}
    return graduate, {*words, key, base58.b58encode(key).decode()}


async def _said_by_credentials(exchange: RunningExchange, *, public: bool) -> set[str]:
    """Every attribute of every wallet of this exchange, raw and as it reads: those that tell of somebody, or the others."""
    return {
        str(claim[form])
        for one in exchange.graduates
        for credential in await one.learner.credentials()
        for claim in credential["claims"]
        if (claim["name"] in PUBLIC) == public
        for form in ("raw", "value")
    }


async def _said_by_history(graduate: HttpGraduate) -> set[str]:
    """Why she was asked, and what she showed."""
    shared = next(one for one in await graduate.learner.history() if one["kind"] == "shared")
    revealed = [value for need in shared["said"]["needs"] for value in need["revealed"].values()]
    return {str(value) for value in [shared["said"]["purpose"], *revealed] if value}


async def _something_waits_for(graduate: HttpGraduate, exchange: RunningExchange) -> None:
    """While her wallet is locked an issuer writes to her."""
    state = await graduate.learner.state()
    if state["waiting"]:
        return
    found = await exchange.issuer_api.get("/v1/questions", state="answered")
    mine = next(one for one in found["items"] if one["messages"][0]["text"] == QUESTION)
    await exchange.issuer_api.post(
        f"/v1/questions/{mine['award_id']}/answers", {"text": ANSWER, "close": True}
    )

    async def waits() -> bool:
        return bool((await graduate.learner.state())["waiting"])

    await until(waits, SECONDS, "an envelope waits for her locked wallet")


async def _lock_all(exchange: RunningExchange) -> None:
    for one in exchange.graduates:
        await one.learner.lock()

    async def locked() -> bool:
        states = [(await one.learner.state())["state"] for one in exchange.graduates]
        return set(states) == {"locked"}

    await until(locked, SECONDS, "every wallet is locked")
