"""Honest and hostile answers, made with the AnonCreds library, through the whole judgement."""

import asyncio
import copy
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.signed_request import (
    RECEIPT_JWS_TYPE,
    REQUEST_JWS_TYPE,
    SignedRequest,
    split_comment,
)
from shared.vc import jws
from shared.vc.attested_resource import CRED_DEF, SCHEMA, attest
from shared.vc.jcs import digest_multibase
from shared.vc.trust_decision import Unreachable
from shared.vc.webvh import did_to_url, resource_to_url, verification_method
from tests.integration.verifier.conftest import Desk, World, requirement
from tests.support.anoncreds_world import DATA_ANALYSIS, DATA_ANALYTICS, HeldCredential, Issuer, StatusList
from tests.support.verifier_fakes import trusting
from verifier.domain.levels import LevelAsked
from verifier.domain.names import Applicant
from verifier.domain.request import JUDGING_WAITS, Asked, Declined, Expired, Judged
from verifier.domain.requirement import Alternative, Need, Policy
from verifier.domain.verdict import Outcome, Result

ACCEPTED, REJECTED, UNDECIDED = Result.ACCEPTED, Result.REJECTED, Result.UNDECIDED


def answer(
    desk: Desk,
    exchange: str,
    held: HeldCredential,
    world: World,
    *,
    hide: tuple[str, ...] = (),
    status: StatusList | None = None,
) -> dict[str, Any]:
    request = desk.request_in(exchange)
    choices = dict.fromkeys((*request["requested_attributes"], *request["requested_predicates"]), held)
    return world.learner.present(request, choices, hide=hide, status=status)


def failed(judged: Judged, number: int, reason: str) -> None:
    step = judged.verdict.steps[number - 1]
    assert judged.verdict.result is REJECTED
    assert (step.outcome, reason in step.reason) == (Outcome.FAILED, True), step


def unchecked(judged: Judged, number: int, reason: str) -> None:
    step = judged.verdict.steps[number - 1]
    assert judged.verdict.result is UNDECIDED, judged.verdict
    assert (step.outcome, reason in step.reason) == (Outcome.UNCHECKED, True), step


async def test_an_honest_answer_is_accepted_and_discloses_only_what_was_asked(
    world: World, desk: Desk
) -> None:
    exchange = await desk.asked(requirement())
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    assert judged.verdict.result is ACCEPTED, judged.verdict
    assert judged.disclosed is not None
    assert [each.values for each in judged.disclosed] == [
        {"title": "Data Analytics Foundations", "awarding_body": "Digital Skills Trust"}
    ]
    assert desk.agent.closed == {exchange: True}
    assert exchange not in desk.agent.records
    assert not desk.requests.agent_keeps


async def test_the_request_is_signed_over_what_was_sent(world: World, desk: Desk) -> None:
    exchange = await desk.asked(requirement())
    purpose, compact = split_comment(desk.agent.comments[exchange])
    assert purpose == "Application: junior data analyst"
    assert compact is not None
    signed = SignedRequest.model_validate(jws.verify(compact, desk.signer.key.public, typ=REQUEST_JWS_TYPE))
    assert signed.proof_request_digest == digest_multibase(desk.request_in(exchange))
    assert (signed.iss, signed.keep_days, signed.invitation_key) == (desk.signer.did, 30, "did:key:z6Mk")
    assert signed.needs[0].skill == DATA_ANALYSIS
    assert "achievement_id" in signed.reveal
    restrictions = desk.request_in(exchange)["requested_attributes"]["need_0"]["restrictions"]
    suits = {"cred_def_id": world.issuer.definition_id, "attr::achievement_id::value": world.edition}
    assert suits in restrictions
    assert all(one.keys() == suits.keys() for one in restrictions), "never any edition, never any issuer"


async def test_the_receipt_holds_the_verdict_and_nothing_shown(world: World, desk: Desk) -> None:
    exchange = await desk.asked(requirement())
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    receipt = jws.verify(judged.receipt, desk.signer.key.public, typ=RECEIPT_JWS_TYPE)
    assert receipt["result"] == "accepted"
    assert [step["number"] for step in receipt["steps"]] == [1, 2, 3, 4, 5, 6, 7]
    assert receipt["trust_lists"][0]["sequence"] == 7
    assert "Data Analytics" not in json.dumps(receipt)
    assert world.edition not in json.dumps(receipt)


async def test_the_receipt_says_which_requirement_it_is_of_and_what_a_program_acts_on(
    world: World, desk: Desk
) -> None:
    created = await desk.make(
        requirement(name="shown", digest="zQmSent"), applicant=Applicant("Amina", "Wanjiru")
    )
    await desk.ask(created.stated.invitation.message_id, "connection")
    asked = await desk.requests.find(created.stated.id)
    assert isinstance(asked, Asked)
    judged = await desk.answered(
        asked.exchange.id, answer(desk, asked.exchange.id, world.credential(), world)
    )
    receipt = jws.verify(judged.receipt, desk.signer.key.public, typ=RECEIPT_JWS_TYPE)
    assert (receipt["requirement_digest"], receipt["notes"]) == ("zQmSent", {"name": "match"})
    assert "Amina" not in json.dumps(receipt)


async def test_what_was_disclosed_is_deleted_after_keep_days_and_the_verdict_stays(
    world: World, desk: Desk
) -> None:
    exchange = await desk.asked(requirement(keep_days=1))
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    await desk.tidy_up()
    assert (await desk.stored(exchange)) == judged
    desk.clock.forward(days=1)
    await desk.tidy_up()
    kept = await desk.stored(exchange)
    assert isinstance(kept, Judged)
    assert (kept.disclosed, kept.verdict.result) == (None, ACCEPTED)
    for value in ("Data Analytics Foundations", "Digital Skills Trust"):
        assert value not in repr(kept)
    assert world.edition not in repr(kept.verdict)


async def test_a_presentation_made_for_another_request_is_rejected(world: World, desk: Desk) -> None:
    first, second = await desk.asked(requirement()), await desk.asked(requirement())
    made_for_first = answer(desk, first, world.credential(), world)
    judged = await desk.answered(second, made_for_first)
    failed(judged, 3, "made for another request")
    assert judged.disclosed == ()


async def test_a_replayed_presentation_is_rejected(world: World, desk: Desk) -> None:
    first, second = await desk.asked(requirement()), await desk.asked(requirement())
    presentation = answer(desk, first, world.credential(), world)
    assert (await desk.answered(first, presentation)).verdict.result is ACCEPTED
    replayed = await desk.answered(second, presentation)
    failed(replayed, 1, "replayed")
    failed(replayed, 3, "made for another request")
    assert replayed.disclosed == ()


async def test_hidden_instead_of_revealed_is_rejected_though_the_proof_holds(
    world: World, desk: Desk
) -> None:
    exchange = await desk.asked(requirement())
    hidden = answer(desk, exchange, world.credential(), world, hide=("need_0",))
    judged = await desk.answered(exchange, hidden)
    assert judged.verdict.steps[2].outcome is Outcome.PASSED
    failed(judged, 4, "stay hidden")
    assert judged.disclosed == ()


async def test_a_value_other_than_the_signed_one_is_rejected(world: World, desk: Desk) -> None:
    exchange = await desk.asked(requirement())
    forged = copy.deepcopy(answer(desk, exchange, world.credential(), world))
    forged["requested_proof"]["revealed_attr_groups"]["need_0"]["values"]["title"]["raw"] = "Brain surgery"
    judged = await desk.answered(exchange, forged)
    failed(judged, 3, "title is not the one the issuer signed")
    assert judged.disclosed == ()


async def test_a_tampered_proof_is_rejected(world: World, desk: Desk) -> None:
    exchange = await desk.asked(requirement())
    tampered = copy.deepcopy(answer(desk, exchange, world.credential(), world))
    tampered["proof"]["aggregated_proof"]["c_hash"] = "1"
    failed(await desk.answered(exchange, tampered), 3, "invalid")


@pytest.mark.parametrize(
    "presentation",
    [
        {},
        {"proof": []},
        {"proof": {"proofs": [], "aggregated_proof": {}}, "identifiers": [], "requested_proof": {}},
        {"proof": {"proofs": [{}], "aggregated_proof": {}}, "identifiers": [{"schema_id": 7}], "requested_proof": {}},
    ],
)  # fmt: skip
async def test_what_is_no_presentation_is_rejected(desk: Desk, presentation: object) -> None:
    exchange = await desk.asked(requirement())
    judged = await desk.answered(exchange, presentation)
    failed(judged, 3, "no presentation")
    assert judged.disclosed == ()


async def test_two_credentials_for_one_need_are_rejected_though_the_proof_holds(
    world: World, desk: Desk
) -> None:
    need = Need((Alternative(DATA_ANALYSIS),), not_expired=True)
    exchange = await desk.asked(requirement(needs=(need,)))
    request = desk.request_in(exchange)
    mixed = world.learner.present(
        request, {"need_0": world.credential(), "need_0_expiry_dateint": world.credential()}
    )
    judged = await desk.answered(exchange, mixed)
    assert judged.verdict.steps[2].outcome is Outcome.PASSED
    failed(judged, 4, "from different credentials")


async def test_a_revoked_credential_is_rejected(world: World, desk: Desk) -> None:
    held = world.credential()
    world.issuer.revoke(held, int(desk.clock().timestamp()) - 60)
    exchange = await desk.asked(requirement())
    failed(await desk.answered(exchange, answer(desk, exchange, held, world)), 3, "revoked")


async def test_an_old_status_list_is_rejected_though_the_proof_holds(world: World, desk: Desk) -> None:
    held = world.credential()
    before = world.issuer.lists[-1]
    world.issuer.revoke(held, int(desk.clock().timestamp()) - 60)
    exchange = await desk.asked(requirement())
    judged = await desk.answered(exchange, answer(desk, exchange, held, world, status=before))
    assert judged.verdict.steps[2].outcome is Outcome.PASSED
    failed(judged, 5, "had been replaced before the request was made")


async def test_a_status_list_published_while_answering_leaves_it_undecided(world: World, desk: Desk) -> None:
    held = world.credential()
    exchange = await desk.asked(requirement())
    presentation = answer(desk, exchange, held, world)
    world.issuer.republish(int(desk.clock().timestamp()) + 2)
    unchecked(await desk.answered(exchange, presentation), 5, "while the learner answered")


async def test_a_status_list_older_than_the_policy_leaves_it_undecided(world: World, desk: Desk) -> None:
    exchange = await desk.asked(requirement(policy=Policy(status_max_age=timedelta(minutes=1))))
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    unchecked(judged, 5, "older than the policy allows")


async def test_a_credential_that_cannot_be_revoked_is_rejected_where_the_policy_demands_it(
    world: World, desk: Desk
) -> None:
    desk.trust.lists = (trusting(world.other.did),)
    strict = await desk.asked(requirement())
    lenient = await desk.asked(requirement(policy=Policy(status_required=False)))
    held = world.credential(world.other)
    failed(await desk.answered(strict, answer(desk, strict, held, world)), 5, "cannot be revoked")
    assert (await desk.answered(lenient, answer(desk, lenient, held, world))).verdict.result is ACCEPTED


async def test_an_edition_of_another_issuer_is_rejected(world: World, desk: Desk) -> None:
    exchange = await desk.asked(requirement())
    borrowed = world.credential(achievement_id=world.other_edition)
    failed(
        await desk.answered(exchange, answer(desk, exchange, borrowed, world)), 2, "edition of another DID"
    )


async def test_an_unlisted_issuer_is_rejected(world: World, desk: Desk) -> None:
    exchange = await desk.asked(requirement(policy=Policy(status_required=False)))
    held = world.credential(world.other)
    failed(await desk.answered(exchange, answer(desk, exchange, held, world)), 6, "not on the list")


async def test_an_issuer_listed_only_later_is_rejected(world: World, desk: Desk) -> None:
    desk.trust.lists = (trusting(world.issuer.did, since=date(2026, 3, 1)),)
    exchange = await desk.asked(requirement())
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    failed(judged, 6, "not trusted when issued")


async def test_a_stale_list_leaves_it_undecided(world: World, desk: Desk) -> None:
    exchange = await desk.asked(requirement())
    presentation = answer(desk, exchange, world.credential(), world)
    desk.trust.lists = (trusting(world.issuer.did, next_update=desk.clock()),)
    unchecked(await desk.answered(exchange, presentation), 6, "stale")


async def test_an_unreachable_list_leaves_it_undecided(world: World, desk: Desk) -> None:
    exchange = await desk.asked(requirement())
    presentation = answer(desk, exchange, world.credential(), world)
    gone = replace(
        desk.trust.lists[0], trust_list=None, problem=Unreachable(reason="no route", since=desk.clock())
    )
    desk.trust.lists = (gone,)
    await desk.waits(exchange, presentation, because="no route")
    desk.clock.forward(seconds=JUDGING_WAITS.total_seconds() + 1)
    unchecked(await desk.judged(exchange), 6, "no route")


async def test_a_list_that_is_away_is_waited_for_before_the_verdict(world: World, desk: Desk) -> None:
    exchange = await desk.asked(requirement())
    presentation = answer(desk, exchange, world.credential(), world)
    there = desk.trust.lists
    desk.trust.lists = (
        replace(there[0], trust_list=None, problem=Unreachable(reason="no route", since=desk.clock())),
    )
    await desk.waits(exchange, presentation, because="no route")
    desk.trust.lists = there
    assert (await desk.judged(exchange)).verdict.result is ACCEPTED


async def test_a_list_that_is_away_but_still_valid_is_judged_by(world: World, desk: Desk) -> None:
    exchange = await desk.asked(requirement())
    away = Unreachable(reason="no route", since=desk.clock())
    desk.trust.lists = (replace(desk.trust.lists[0], problem=away),)
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    assert judged.verdict.result is ACCEPTED


async def test_a_programme_below_the_level_is_rejected(world: World, desk: Desk) -> None:
    need = Need((Alternative(DATA_ANALYSIS, LevelAsked("eqf", 5)),))
    exchange = await desk.asked(requirement(needs=(need,)))
    assert any("no programme" in warning for warning in (await desk.stored(exchange)).stated.warnings)
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    failed(judged, 7, "level eqf 5 or above was asked, the programme is at eqf 4")


async def test_an_expired_credential_is_rejected(world: World, desk: Desk) -> None:
    short = world.issuer.publish_edition(replace(DATA_ANALYTICS, valid_for_months=1))
    values = world.issuer.award(short, world.issuer.editions[short], date(2025, 1, 15))
    exchange = await desk.asked(requirement())
    judged = await desk.answered(
        exchange, answer(desk, exchange, world.issuer.issue(world.learner, values), world)
    )
    failed(judged, 7, "expired on 2025-02-15")


async def test_a_level_is_proven_while_the_programme_stays_hidden(world: World, desk: Desk) -> None:
    need = Need((Alternative(None, LevelAsked("eqf", 4), 100),))
    exchange = await desk.asked(requirement(needs=(need,), hide_programme=True, reveal=("given_name",)))
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    assert judged.verdict.result is ACCEPTED, judged.verdict
    assert judged.disclosed is not None
    assert judged.disclosed[0].values == {"given_name": "Amina"}


async def test_a_recent_award_is_proven_without_its_day(world: World, desk: Desk) -> None:
    need = Need((Alternative(DATA_ANALYSIS),), awarded_after=date(2025, 6, 1))
    exchange = await desk.asked(requirement(needs=(need,)))
    assert "awarded_dateint" not in desk.request_in(exchange)["requested_attributes"]["need_0"]["names"]
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    assert judged.verdict.result is ACCEPTED, judged.verdict


# --- what issuers publish, tampered with


async def judged_with(world: World, desk: Desk, url: str, content: bytes) -> Judged:
    exchange = await desk.asked(requirement())
    presentation = answer(desk, exchange, world.credential(), world)
    fresh = Desk(world, desk.clock, desk.trust, desk.requests, desk.signer)  # nothing resolved before
    fresh.agent.records.update(desk.agent.records)
    with world.served(url, content):
        return await fresh.answered(exchange, presentation)


async def test_a_tampered_did_log_is_rejected(world: World, desk: Desk) -> None:
    url = did_to_url(world.issuer.did)
    entry = json.loads(world.web.files[url])
    entry["state"]["service"] = []
    failed(await judged_with(world, desk, url, json.dumps(entry).encode()), 2, "(scid)")


async def test_a_tampered_definition_is_rejected(world: World, desk: Desk) -> None:
    url = resource_to_url(world.issuer.definition_id)
    resource = json.loads(world.web.files[url])
    resource["content"]["tag"] = "other"
    failed(await judged_with(world, desk, url, json.dumps(resource).encode()), 2, "it was changed")


async def test_another_object_in_the_definitions_place_is_rejected(world: World, desk: Desk) -> None:
    url = resource_to_url(world.issuer.definition_id)
    other = world.web.files[resource_to_url(world.issuer.schema_id)]
    failed(await judged_with(world, desk, url, other), 2, "was asked for")


def definition_signed_anew(world: World, *, by: Issuer, resource_type: str = CRED_DEF) -> bytes:
    """The same content, so under the same id, signed by `by`'s key in `by`'s name."""
    signed = attest(
        did=world.issuer.did,
        content=json.loads(world.web.files[resource_to_url(world.issuer.definition_id)])["content"],
        resource_type=resource_type,
        name="test",
        key=by.key,
        verification_method=verification_method(by.did, by.key),
        created=datetime(2025, 1, 1, tzinfo=UTC),
    )
    return json.dumps(signed).encode()


async def test_a_definition_served_as_another_type_is_rejected(world: World, desk: Desk) -> None:
    url = resource_to_url(world.issuer.definition_id)
    mislabelled = definition_signed_anew(world, by=world.issuer, resource_type=SCHEMA)
    judged = await judged_with(world, desk, url, mislabelled)
    failed(judged, 2, "expected to be of type anonCredsCredDef, it says 'anonCredsSchema'")


async def test_a_valid_proof_by_another_dids_key_is_rejected(world: World, desk: Desk) -> None:
    url = resource_to_url(world.issuer.definition_id)
    good = await judged_with(world, desk, url, definition_signed_anew(world, by=world.issuer))
    assert good.verdict.result is ACCEPTED, good.verdict
    foreign = await judged_with(world, desk, url, definition_signed_anew(world, by=world.other))
    failed(foreign, 2, "does not speak for this DID")


async def test_a_host_that_does_not_answer_leaves_it_undecided(world: World, desk: Desk) -> None:
    exchange = await desk.asked(requirement())
    presentation = answer(desk, exchange, world.credential(), world)
    world.web.away.add("issuer.ujuzi.test")
    try:
        await desk.waits(exchange, presentation, because="does not answer")
        desk.clock.forward(seconds=JUDGING_WAITS.total_seconds() + 1)
        unchecked(await desk.judged(exchange), 2, "could not be fetched")
    finally:
        world.web.away.clear()


async def test_a_host_that_is_away_for_a_moment_is_waited_for_and_nobody_calls_again(
    world: World, desk: Desk
) -> None:
    exchange = await desk.asked(requirement())
    presentation = answer(desk, exchange, world.credential(), world)
    world.web.away.add("issuer.ujuzi.test")
    try:
        await desk.waits(exchange, presentation, because="does not answer")
    finally:
        world.web.away.clear()
    desk.clock.forward(seconds=30)
    await desk.tidy_up()
    judged = await desk.stored(exchange)
    assert isinstance(judged, Judged)
    assert judged.verdict.result is ACCEPTED


# --- once and only once


async def test_one_answer_gets_one_verdict_however_often_it_is_announced(world: World, desk: Desk) -> None:
    exchange = await desk.asked(requirement())
    desk.agent.present(exchange, answer(desk, exchange, world.credential(), world))
    await asyncio.gather(*(desk.judge(exchange) for _ in range(5)))
    first = await desk.stored(exchange)
    await desk.judge(exchange)
    await desk.reconcile()
    assert isinstance(first, Judged)
    assert await desk.stored(exchange) == first


async def test_a_connection_announced_twice_is_asked_once(desk: Desk) -> None:
    created = await desk.make(requirement())
    await asyncio.gather(*(desk.ask(created.stated.invitation.message_id, "connection") for _ in range(3)))
    assert len(desk.agent.records) == 1


async def test_ten_answers_at_once_are_all_judged(world: World, desk: Desk) -> None:
    exchanges = [await desk.asked(requirement()) for _ in range(10)]
    held = world.credential()
    for exchange in exchanges:
        desk.agent.present(exchange, answer(desk, exchange, held, world))
    await asyncio.gather(*(desk.judge(exchange) for exchange in exchanges))
    found = [await desk.stored(exchange) for exchange in exchanges]
    assert [judged.verdict.result for judged in found if isinstance(judged, Judged)] == [ACCEPTED] * 10


async def test_a_learner_who_declines_is_believed(desk: Desk) -> None:
    exchange = await desk.asked(requirement())
    desk.agent.decline(exchange, "I would rather not")
    await desk.judge(exchange)
    declined = await desk.stored(exchange)
    assert isinstance(declined, Declined)
    assert declined.because == "I would rather not"
    await desk.tidy_up()
    assert exchange not in desk.agent.records


async def test_events_that_were_lost_are_made_up_for(world: World, desk: Desk) -> None:
    created = await desk.make(requirement())
    desk.agent.connections[created.stated.invitation.message_id] = "connection"
    await desk.reconcile()
    asked = await desk.requests.find(created.stated.id)
    assert isinstance(asked, Asked)
    desk.agent.present(asked.exchange.id, answer(desk, asked.exchange.id, world.credential(), world))
    await desk.reconcile()
    assert isinstance(await desk.requests.find(created.stated.id), Judged)


async def test_a_request_that_is_not_answered_is_said_again_ever_more_seldom(desk: Desk) -> None:
    await desk.reconcile()
    exchange = await desk.asked(requirement())
    await desk.reconcile()
    assert desk.agent.said_again == []
    desk.clock.forward(seconds=30)
    await desk.reconcile()
    await desk.reconcile()
    assert desk.agent.said_again == [exchange]
    desk.clock.forward(seconds=60)
    await desk.reconcile()
    assert desk.agent.said_again == [exchange, exchange]
    desk.clock.forward(seconds=3600)
    await desk.reconcile()
    assert desk.agent.said_again == [exchange, exchange]


async def test_a_request_nobody_answers_expires_but_one_answered_in_time_is_judged(
    world: World, desk: Desk
) -> None:
    silent, answered = await desk.asked(requirement()), await desk.asked(requirement())
    desk.agent.present(answered, answer(desk, answered, world.credential(), world))
    desk.clock.forward(days=8)
    await desk.tidy_up()
    assert isinstance(await desk.stored(silent), Expired)
    assert isinstance(await desk.stored(answered), Judged)


async def test_an_agent_that_was_away_is_told_of_the_verdict_later(world: World, desk: Desk) -> None:
    exchange = await desk.asked(requirement())
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    desk.requests.agent_keeps.add(judged.stated.id)
    desk.agent.away = True
    await desk.tidy_up()
    assert desk.requests.agent_keeps
    desk.agent.away = False
    await desk.tidy_up()
    assert not desk.requests.agent_keeps
