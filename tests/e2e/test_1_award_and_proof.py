"""One award and one proof on real components, seen from each side."""

import asyncio
from functools import partial
from typing import Any

import pytest

from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.domain.story import JUNIOR, SENIOR, ClaimableAward
from services.launcher.errors import ServiceRefused
from tests.support.exchange import ON_BOTH_DATABASES, RunningExchange
from tests.support.wait import until

AT_ONCE = 10
SECONDS = 120


async def award_state(exchange: RunningExchange, award: ClaimableAward) -> str:
    return str((await exchange.issuer_api.get(f"/v1/awards/{award.id}"))["state"])


@ON_BOTH_DATABASES
async def test_a_learner_reads_an_offer_accepts_it_and_proves_just_what_is_asked(
    exchange: RunningExchange, template_id: str, spreadsheet: str
) -> None:
    *_, award = await exchange.issuer.issue_batch(template_id, spreadsheet)
    # Nomvula, awarded on 2026-04-24 with 91 %
    graduate = await exchange.new_graduate()
    learner = graduate.learner

    await learner.open_link(await exchange.issuer.claim(award.claim_url))
    offer = await learner.offer(SECONDS)
    claims = {claim["name"]: claim["value"] for claim in offer["claims"]}
    assert claims["given_name"] == "Nomvula"
    assert offer["issuer"]["name"] == "Digital Skills Trust"
    assert offer["issuer"]["trust"] == "trusted"
    assert offer["edition"] is not None

    await learner.accept(offer["id"])
    credential = await learner.credential(SECONDS)
    assert credential["edition"] is not None
    await until(lambda: _is(exchange, award, "issued"), SECONDS, "the issuer knows that the award is issued")

    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await learner.open_link(invitation_url)
    request = await learner.request(SECONDS)
    assert request["verifier"]["proven"] is True
    assert request["verifier"]["name"] == "Kazi Jobs"
    assert request["verifier"]["accreditation"]["state"] == "listed"
    assert request["warnings"] == []
    assert request["purpose"] == JUNIOR.purpose
    assert request["keep_days"] == JUNIOR.keep_days
    (need,) = request["needs"]
    assert {one["name"] for one in need["reveals"]} >= {"title", "achievement_id"}
    (candidate,) = need["candidates"]
    assert {"given_name", "family_name", "grade_pct", "twin_digest"} <= {
        one["name"] for one in candidate["hides"]
    }

    await learner.consent(request["id"], {need["id"]: candidate["credential_id"]})
    verdict = await exchange.verifier.verdict(request_id)
    assert verdict.result == "accepted", verdict
    assert [step.number for step in verdict.steps] == [1, 2, 3, 4, 5, 6, 7]
    answer = await exchange.verifier_api.get(f"/v1/requests/{request_id}")
    disclosed = answer["disclosed"][0]["values"]
    assert disclosed["title"] == "Data Analytics Foundations"
    assert not {"given_name", "family_name", "grade_pct"} & set(disclosed)
    assert answer["receipt"].count(".") == 2


async def _is(exchange: RunningExchange, award: ClaimableAward, state: str) -> bool:
    return await award_state(exchange, award) == state


async def test_a_revealed_programme_below_the_level_is_rejected_at_step_7(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(awards.pop().claim_url))
    request_id, invitation_url = await exchange.verifier.ask(SENIOR.body())
    await graduate.answer(invitation_url)
    verdict = await exchange.verifier.verdict(request_id)
    assert verdict.result == "rejected"
    assert [step.number for step in verdict.deciding] == [7], verdict


@ON_BOTH_DATABASES
async def test_after_revocation_a_proof_is_rejected(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards.pop()
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))
    await exchange.issuer.revoke(award.id, "Awarded by mistake")
    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await graduate.answer(invitation_url)
    verdict = await exchange.verifier.verdict(request_id)
    assert verdict.result == "rejected"
    assert [step.number for step in verdict.deciding] == [3], verdict


async def test_opening_a_claim_page_changes_nothing(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards[0]
    for _ in range(2):
        page = await exchange.client.get(award.claim_url)
        assert page.status_code == 200
        assert "text/html" in page.headers["content-type"]
    assert await award_state(exchange, award) == "prepared"


async def test_a_claim_link_used_again_after_issuing_is_refused(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards.pop()
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))
    await until(lambda: _is(exchange, award, "issued"), SECONDS, "the award is issued")
    with pytest.raises(ServiceRefused, match="This award was claimed already") as refused:
        await exchange.issuer.claim(award.claim_url)
    assert refused.value.status == 409


async def test_an_unknown_claim_link_is_refused(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    with pytest.raises(ServiceRefused, match="404 No award waits behind this link"):
        await exchange.issuer.claim(f"{awards[0].claim_url}x")


async def test_a_link_opened_twice_before_issuing_still_gives_one_credential(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards.pop()
    graduate = await exchange.new_graduate()
    await graduate.learner.open_link(await exchange.issuer.claim(award.claim_url))
    await graduate.learner.offer(SECONDS)
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))
    await until(lambda: _is(exchange, award, "issued"), SECONDS, "the award is issued")
    assert len(await credentials_of(graduate)) == 1


async def test_a_learner_who_declines_an_offer_gets_none_and_the_issuer_knows(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards.pop()
    graduate = await exchange.new_graduate()
    await graduate.learner.open_link(await exchange.issuer.claim(award.claim_url))
    offer = await graduate.learner.offer(SECONDS)
    await graduate.learner.decline(offer["id"], "Not mine")
    await until(lambda: _is(exchange, award, "declined"), SECONDS, "the issuer knows that it was declined")
    assert await credentials_of(graduate) == []


async def test_a_learner_who_declines_a_request_reveals_nothing(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(awards.pop().claim_url))
    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await graduate.learner.open_link(invitation_url)
    request = await graduate.learner.request(SECONDS)
    await graduate.learner.decline_request(request["id"], "Not now")

    async def declined() -> bool:
        return bool((await exchange.verifier_api.get(f"/v1/requests/{request_id}"))["state"] == "declined")

    await until(declined, SECONDS, "the verifier knows that it was declined")
    answer = await exchange.verifier_api.get(f"/v1/requests/{request_id}")
    assert answer.get("disclosed") is None
    assert answer.get("verdict") is None


@ON_BOTH_DATABASES
async def test_ten_claims_and_ten_proofs_at_once_lose_and_double_nothing(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    taken = [awards.pop() for _ in range(AT_ONCE)]
    graduates = await asyncio.gather(*(exchange.new_graduate() for _ in taken))
    invitations = await asyncio.gather(*(exchange.issuer.claim(award.claim_url) for award in taken))
    await asyncio.gather(
        *(
            graduate.take_award(invitation)
            for graduate, invitation in zip(graduates, invitations, strict=True)
        )
    )
    assert [len(await credentials_of(graduate)) for graduate in graduates] == [1] * AT_ONCE
    for award in taken:
        await until(partial(_is, exchange, award, "issued"), SECONDS, "every award is issued")

    requests = [await exchange.verifier.ask(JUNIOR.body()) for _ in graduates]
    await asyncio.gather(
        *(graduate.answer(url) for graduate, (_, url) in zip(graduates, requests, strict=True))
    )
    verdicts = await asyncio.gather(*(exchange.verifier.verdict(request_id) for request_id, _ in requests))
    assert [verdict.result for verdict in verdicts] == ["accepted"] * AT_ONCE


async def credentials_of(graduate: HttpGraduate) -> list[dict[str, Any]]:
    return await graduate.learner.credentials()
