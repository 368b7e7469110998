"""Ways, names and sessions through the whole judgement, with real AnonCreds proofs."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.signed_request import RECEIPT_JWS_TYPE, REQUEST_JWS_TYPE, SignedRequest, split_comment
from shared.vc import jws
from tests.integration.verifier.conftest import Desk, World, requirement
from tests.integration.verifier.test_answers import ACCEPTED, REJECTED, UNDECIDED, answer, failed
from tests.support.anoncreds_world import DATA_ANALYSIS, FIRST_AID
from verifier.domain.levels import LevelAsked
from verifier.domain.names import Applicant
from verifier.domain.request import Answered, Asked, Created, Judged, exchange_of
from verifier.domain.requirement import Alternative, Need, Requirement
from verifier.domain.session import RETURN_WAITS, SessionAsked
from verifier.domain.template import Ref, UsedTemplate
from verifier.domain.verdict import Result
from verifier.errors import ReturnCodeWrong
from verifier.use_cases.choose_way import ChooseWay
from verifier.use_cases.open_in_browser import OpenInBrowser
from verifier.use_cases.redeem_return import RedeemReturn
from verifier.use_cases.return_to_platform import ReturnToPlatform

DEGREE, ANALYSIS, AID = (
    Need((each,))
    for each in (Alternative(level=LevelAsked("eqf", 6)), Alternative(DATA_ANALYSIS), Alternative(FIRST_AID))
)
AMINA = Applicant("Amina", "Otieno")
SESSION = SessionAsked("https://jobs.test/applied", must_be_bound=True)
REFERENCE = "the-applicants-session"


async def asked_of(desk: Desk, created: Created) -> str:
    """Send it over a connection; returns the exchange's id."""
    await desk.ask(created.stated.invitation.message_id, f"connection-of-{created.stated.id}")
    asked = await desk.requests.find(created.stated.id)
    assert isinstance(asked, Asked)
    return asked.exchange.id


def needs_sent(desk: Desk, exchange: str) -> list[str]:
    return sorted(desk.request_in(exchange)["requested_attributes"])


# --- ways


async def test_the_way_she_chose_is_asked_signed_and_judged(world: World, desk: Desk) -> None:
    created = await desk.make(requirement(needs=(), ways=((DEGREE, AID), (ANALYSIS,))))
    await ChooseWay(desk.requests)(created.stated.id, 1)
    exchange = await asked_of(desk, created)
    assert needs_sent(desk, exchange) == ["need_0"]
    _, compact = split_comment(desk.agent.comments[exchange])
    signed = SignedRequest.model_validate(
        jws.verify(compact or "", desk.signer.key.public, typ=REQUEST_JWS_TYPE)
    )
    assert [need.skill for need in signed.needs] == [DATA_ANALYSIS]
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    assert judged.verdict.result is ACCEPTED, judged.verdict


async def test_who_chose_nothing_is_asked_the_first_way_and_rejected_if_it_is_not_met(
    world: World, desk: Desk
) -> None:
    """Another way would have been met; it was not asked."""
    created = await desk.make(requirement(needs=(), ways=((AID,), (ANALYSIS,))))
    exchange = await asked_of(desk, created)
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    failed(judged, 7, "does not teach")


async def test_a_way_with_two_needs_wants_both(world: World, desk: Desk) -> None:
    created = await desk.make(requirement(needs=(ANALYSIS,), ways=((AID,), (DEGREE,))))
    exchange = await asked_of(desk, created)
    assert needs_sent(desk, exchange) == ["need_0", "need_1"]
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    failed(judged, 7, "need 1: requirement not met")


# --- the applicant's name


@pytest.mark.parametrize(
    ("shown", "result", "name"),
    [
        ({"given_name": "AMINA", "family_name": "Otieno"}, ACCEPTED, "match"),
        ({"given_name": "Fatuma", "family_name": "Otieno"}, REJECTED, "differs"),
        ({"given_name": "Amina", "family_name": "(mononym)"}, UNDECIDED, "cannot_tell"),
    ],
)
async def test_the_name_in_the_credential_is_compared_and_kept_nowhere(
    world: World, desk: Desk, shown: dict[str, Any], result: Result, name: str
) -> None:
    created = await desk.make(requirement(name="required", keep_days=1), applicant=AMINA)
    exchange = await asked_of(desk, created)
    names = desk.request_in(exchange)["requested_attributes"]["need_0"]["names"]
    assert {"given_name", "family_name"} <= set(names)
    _, compact = split_comment(desk.agent.comments[exchange])
    assert jws.verify(compact or "", desk.signer.key.public, typ=REQUEST_JWS_TYPE)["name_compared"] is True
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(**shown), world))
    assert (judged.verdict.result, judged.verdict.notes) == (result, {"name": name}), judged.verdict
    receipt = json.dumps(jws.verify(judged.receipt, desk.signer.key.public, typ=RECEIPT_JWS_TYPE))
    for part in ("Amina", "AMINA", "Fatuma", "Otieno"):
        assert part not in receipt
        assert part not in repr(judged.verdict)
        assert part not in repr(judged.disclosed)
    desk.clock.forward(days=1)
    await desk.tidy_up()
    kept = await desk.stored(exchange)
    assert (kept.stated.applicant, isinstance(kept, Judged) and kept.verdict.notes) == (None, {"name": name})


async def test_the_receipt_names_the_template_and_its_parameters(world: World, desk: Desk) -> None:
    used = UsedTemplate(Ref("junior-data-analyst", 2), {"level": 4})
    created = await desk.make(requirement(), template=used)
    exchange = await asked_of(desk, created)
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    receipt = jws.verify(judged.receipt, desk.signer.key.public, typ=RECEIPT_JWS_TYPE)
    assert (receipt["template"], receipt["parameters"]) == ("junior-data-analyst@2", {"level": 4})


# --- the platform's session


async def in_session(world: World, desk: Desk, wanted: Requirement) -> tuple[str, str, str]:
    """A request that was opened in a browser and answered: its id, its exchange and the browser's token."""
    created = await desk.make(wanted, session=SESSION, reference=REFERENCE)
    token = await OpenInBrowser(desk.requests, desk.sessions)(created.stated.id)
    exchange = await asked_of(desk, created)
    desk.agent.present(exchange, answer(desk, exchange, world.credential(), world))
    await desk.judge(exchange)
    assert isinstance(await desk.stored(exchange), Answered)
    return created.stated.id, exchange, token


def at_the_platform(desk: Desk) -> RedeemReturn:
    return RedeemReturn(desk.requests, desk.sessions, desk.judge, clock=desk.clock)


async def came_back(desk: Desk, request_id: str, token: str) -> str:
    back = ReturnToPlatform(desk.requests, desk.sessions, origins=["https://jobs.test"], clock=desk.clock)
    return (await back(request_id, token)).rpartition("ujuzi_code=")[2]


async def test_a_bound_answer_is_judged_when_she_came_back(world: World, desk: Desk) -> None:
    request_id, exchange, token = await in_session(world, desk, requirement())
    code = await came_back(desk, request_id, token)
    assert await at_the_platform(desk)(request_id, code=code, reference=REFERENCE) == "bound"
    judged = await desk.judged(exchange)
    assert (judged.verdict.result, judged.verdict.notes) == (ACCEPTED, {"session": "bound"})
    kept = repr((judged.verdict, desk.sessions.stored))
    assert token not in kept
    assert hashlib.sha256(token.encode()).hexdigest() in kept


async def test_an_answer_brought_to_another_session_is_rejected_and_discloses_nothing(
    world: World, desk: Desk
) -> None:
    request_id, exchange, token = await in_session(world, desk, requirement())
    code = await came_back(desk, request_id, token)
    assert await at_the_platform(desk)(request_id, code=code, reference="the-victims-session") == "mismatch"
    judged = await desk.judged(exchange)
    failed(judged, 1, "came back to another session")
    assert (judged.disclosed, judged.verdict.notes) == ((), {"session": "mismatch"})


async def test_an_answer_nobody_came_back_with_is_rejected_after_ten_minutes(
    world: World, desk: Desk
) -> None:
    request_id, exchange, token = await in_session(world, desk, requirement())
    with pytest.raises(ReturnCodeWrong, match="was not given out"):
        await at_the_platform(desk)(request_id, code="guessed", reference=REFERENCE)
    desk.clock.forward(seconds=RETURN_WAITS.total_seconds() - 1)
    await desk.tidy_up()
    assert isinstance(await desk.stored(exchange), Answered)
    desk.clock.forward(seconds=1)
    await desk.tidy_up()
    judged = await desk.stored(exchange)
    assert isinstance(judged, Judged)
    failed(judged, 1, "did not come back in time")
    late = await came_back(desk, request_id, token)
    assert await at_the_platform(desk)(request_id, code=late, reference=REFERENCE) == "bound"
    assert (await desk.stored(exchange)) == judged  # a verdict is not taken back


async def test_an_answer_that_need_not_be_bound_waits_for_nobody(world: World, desk: Desk) -> None:
    relaxed = SessionAsked("https://jobs.test/applied")
    created = await desk.make(requirement(), session=relaxed, reference=REFERENCE)
    exchange = await asked_of(desk, created)
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    assert (judged.verdict.result, judged.verdict.notes) == (ACCEPTED, {"session": "unbound"})
    assert timedelta() == judged.judged_at - judged.answered.received_at
    assert exchange_of(judged) is not None
