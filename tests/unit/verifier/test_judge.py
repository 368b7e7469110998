"""The seven steps, each refusal with its reason. The numbers are those of verifier/domain/judge.py."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.attributes import ATTRIBUTES
from shared.vc.achievement import build, read
from shared.vc.trust_decision import Refused, Snapshot, Unreachable
from shared.vc.trust_list import Status, StatusPeriod
from tests.support.anoncreds_world import DATA_ANALYSIS, DATA_ANALYTICS, FIRST_AID
from tests.support.verifier_fakes import LIST_URL, trusting
from verifier.domain.facts import (
    Arrival,
    CredentialFacts,
    Definition,
    DoesNotHold,
    Facts,
    Holds,
    LastSeen,
    NotRun,
    Registry,
    Schema,
    ShownEdition,
    StatusList,
    Unknown,
    Untrue,
)
from verifier.domain.judge import AskedFor, judge, months_after
from verifier.domain.levels import LevelAsked
from verifier.domain.presentation import Identifier, Presentation, Revealed, RevealedGroup, encode
from verifier.domain.question import AskedOfOneCredential, Predicate, Question
from verifier.domain.requirement import Alternative, Need, Policy
from verifier.domain.verdict import Outcome, Result, Step, verdict
from verifier.errors import NoChecks

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ASKED_AT = NOW - timedelta(minutes=10)
ISSUER = "did:webvh:QmIssuer:issuer.ujuzi.test:orgs:trust"
STRANGER = "did:webvh:QmStranger:stranger.ujuzi.test:orgs:x"
EDITION = f"{ISSUER}/resources/zEdition"
SCHEMA, DEFINITION, REGISTRY = (
    f"{ISSUER}/resources/z{name}" for name in ("Schema", "Definition", "Registry")
)
LIST_AT = int((NOW - timedelta(hours=1)).timestamp())

NEED = Need((Alternative(DATA_ANALYSIS, LevelAsked("eqf", 4), 100),))
ASKED = AskedFor(
    question=Question(
        (AskedOfOneCredential(NEED, ("achievement_id", "title", "awarded_dateint"), (), ()),), ()
    ),
    policy=Policy(),
    request_digest="zRequest",
    exchange_id="exchange",
    connection_id="connection",
    thread_id="thread",
    asked_at=ASKED_AT,
    expires_at=NOW + timedelta(days=1),
)
IDENTIFIER = Identifier(SCHEMA, DEFINITION, REGISTRY, LIST_AT)
CREDENTIAL = CredentialFacts(
    identifier=IDENTIFIER,
    definition=Definition(ISSUER, SCHEMA, revocable=True),
    schema=Schema(ISSUER, "ujuzi-micro-credential", "1.0", frozenset(ATTRIBUTES)),
    registry=Registry(ISSUER, DEFINITION, (LIST_AT - 3600, LIST_AT)),
    status_list=StatusList(ISSUER, REGISTRY, LIST_AT),
)
TEMPLATE = DATA_ANALYTICS
SHOWN = ShownEdition(ISSUER, read(build(TEMPLATE, issuer_did=ISSUER, issuer_name="Trust", now=ASKED_AT)))
VALUES = {"achievement_id": EDITION, "title": "Data Analytics Foundations", "awarded_dateint": "20260115"}
TRUSTED = (trusting(ISSUER),)


def shown(values: Mapping[str, str], **more: Any) -> Presentation:  # noqa: ANN401
    revealed = {name: Revealed(value, encode(value)) for name, value in values.items()}
    return replace(Presentation((IDENTIFIER,), {"need_0": RevealedGroup(0, revealed)}, {}, {}, ()), **more)


FACTS = Facts(
    arrival=Arrival("exchange", "connection", "thread", "zRequest", NOW - timedelta(minutes=1)),
    presentation=shown(VALUES),
    credentials=(CREDENTIAL,),
    editions={EDITION: SHOWN},
    proof=Holds(),
)


def take_step(
    number: int,
    facts: Facts = FACTS,
    *,
    asked: AskedFor = ASKED,
    lists: tuple[Snapshot, ...] = TRUSTED,
) -> Step:
    return judge(asked, facts, lists, now=NOW).steps[number - 1]


def asking(
    need: Need = NEED, reveal: tuple[str, ...] = ("achievement_id", "title"), *predicates: Predicate
) -> AskedFor:
    return replace(ASKED, question=Question((AskedOfOneCredential(need, reveal, predicates, ()),), ()))


def failed(step: Step, reason: str) -> None:
    assert (step.outcome, reason in step.reason) == (Outcome.FAILED, True), step


def unchecked(step: Step, reason: str) -> None:
    assert (step.outcome, reason in step.reason) == (Outcome.UNCHECKED, True), step


def test_an_honest_answer_passes_all_seven_steps() -> None:
    found = judge(ASKED, FACTS, TRUSTED, now=NOW)
    assert [step.number for step in found.steps] == [1, 2, 3, 4, 5, 6, 7]
    assert {step.outcome for step in found.steps} == {Outcome.PASSED}, found
    assert found.result is Result.ACCEPTED


# --- the verdict


def test_a_verdict_without_checks_is_an_error() -> None:
    with pytest.raises(NoChecks, match="without a single check"):
        verdict([])


def test_one_failed_step_rejects_even_beside_an_unchecked_one() -> None:
    steps = [
        Step(1, "a", Outcome.PASSED, "", ""),
        Step(2, "b", Outcome.UNCHECKED, "later", ""),
        Step(3, "c", Outcome.FAILED, "no", ""),
    ]
    assert verdict(steps).result is Result.REJECTED
    assert verdict(steps).summary == "no"
    assert verdict(steps[:2]).result is Result.UNDECIDED
    assert verdict(steps[:1]).result is Result.ACCEPTED


def test_what_lasts_of_a_verdict_holds_nothing_the_learner_showed() -> None:
    late = trusting(ISSUER, since=date(2026, 3, 1))
    found = judge(ASKED, FACTS, (late,), now=NOW)
    assert "2026-01-15" in found.summary
    kept = repr(found.without_claims())
    for value in ("2026-01-15", "20260115", *VALUES.values()):
        assert value not in kept


def test_a_verdict_says_what_it_rests_on_and_how_old_that_was() -> None:
    away = Unreachable(reason="no route", since=NOW)
    seen = replace(TRUSTED[0], checked_at=NOW - timedelta(hours=3), problem=away)
    credential = replace(
        CREDENTIAL,
        definition=Definition(ISSUER, SCHEMA, revocable=True, did_version="2-QmVersion"),
        status_list=StatusList(ISSUER, REGISTRY, LIST_AT, digest="zQmStatus"),
    )
    found = judge(ASKED, replace(FACTS, credentials=(credential, credential)), (seen,), now=NOW)
    assert found.result is Result.ACCEPTED
    listed, status, log = found.knowledge
    assert (listed.kind, listed.name, listed.version, listed.age) == (
        "trust_list",
        "pilot",
        "7",
        timedelta(hours=3),
    )
    assert (status.kind, status.version, status.digest) == ("status_list", str(LIST_AT), "zQmStatus")
    assert status.age == timedelta(hours=1)
    assert (log.kind, log.version) == ("did_log", "2-QmVersion")
    assert ISSUER not in repr(found.knowledge)
    assert found.without_claims().knowledge == found.knowledge


def test_not_on_the_list_has_another_code_than_what_could_not_be_checked() -> None:
    never = Snapshot(name="pilot", url=LIST_URL, problem=Unreachable(reason="no route", since=NOW))
    stale = trusting(ISSUER, next_update=NOW - timedelta(days=1))
    for lists, code in (
        ((trusting(STRANGER),), "not-listed"),
        ((never,), "list-not-checked"),
        ((stale,), "list-stale"),
        ((), "no-list"),
    ):
        step = take_step(6, lists=lists)
        assert step.codes == (code,)
        assert step.without_claims().codes == (code,)


# --- step 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"exchange_id": "other"}, "exchange of another request"),
        ({"thread_id": "other"}, "exchange of another request"),
        ({"connection_id": "other"}, "over another connection"),
        ({"request_digest": "zOther"}, "another proof request"),
        ({"received_at": NOW + timedelta(days=2)}, "after the request expired"),
        ({"seen_in": "01991a6e"}, "replayed"),
    ],
)
def test_step_1_refuses_what_answers_something_else(change: dict[str, Any], reason: str) -> None:
    failed(take_step(1, replace(FACTS, arrival=replace(FACTS.arrival, **change))), reason)


# --- step 2


def with_credential(**change: Any) -> Facts:  # noqa: ANN401
    return replace(FACTS, credentials=(replace(CREDENTIAL, **change),))


@pytest.mark.parametrize("part", ["definition", "schema", "registry", "status_list"])
def test_step_2_tells_untrue_from_unreachable(part: str) -> None:
    failed(take_step(2, with_credential(**{part: Untrue("the digest is another")})), "the digest is another")
    unchecked(take_step(2, with_credential(**{part: Unknown("the host is away")})), "the host is away")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"definition": Definition(ISSUER, f"{ISSUER}/resources/zOther", revocable=True)}, "another schema"),
        ({"schema": Schema(STRANGER, "ujuzi-micro-credential", "1.0", frozenset(ATTRIBUTES))}, "schema belongs to another DID"),
        ({"schema": Schema(ISSUER, "driving-licence", "1.0", frozenset(ATTRIBUTES))}, "its schema is another one"),
        ({"registry": Registry(STRANGER, DEFINITION, (LIST_AT,))}, "registry belongs to another DID"),
        ({"registry": Registry(ISSUER, SCHEMA, (LIST_AT,))}, "registry is of another credential definition"),
        ({"status_list": StatusList(ISSUER, SCHEMA, LIST_AT)}, "status list is of another"),
        ({"status_list": StatusList(ISSUER, REGISTRY, LIST_AT - 1)}, "another time"),
    ],
)  # fmt: skip
def test_step_2_refuses_objects_that_do_not_belong_together(change: dict[str, Any], reason: str) -> None:
    failed(take_step(2, with_credential(**change)), reason)


def test_step_2_refuses_an_edition_of_another_did_than_the_credentials_issuer() -> None:
    foreign = ShownEdition(
        STRANGER, read(build(TEMPLATE, issuer_did=STRANGER, issuer_name="X", now=ASKED_AT))
    )
    failed(take_step(2, replace(FACTS, editions={EDITION: foreign})), "edition of another DID")


def test_step_2_refuses_a_tampered_edition_and_waits_for_an_unreachable_one() -> None:
    failed(take_step(2, replace(FACTS, editions={EDITION: Untrue("wrong digest")})), "wrong digest")
    unchecked(take_step(2, replace(FACTS, editions={EDITION: Unknown("away")})), "away")


def test_step_2_refuses_a_title_that_the_edition_does_not_have() -> None:
    facts = replace(FACTS, presentation=shown(VALUES | {"title": "Brain surgery"}))
    failed(take_step(2, facts), "title is not what the edition")


def test_step_2_refuses_an_awarding_body_that_did_not_issue() -> None:
    facts = replace(FACTS, presentation=shown(VALUES | {"awarding_body_id": STRANGER}))
    failed(take_step(2, facts), "not the DID that issued it")


# --- step 3


def test_step_3_refuses_a_proof_that_does_not_hold_and_waits_for_one_not_computed() -> None:
    failed(take_step(3, replace(FACTS, proof=DoesNotHold("false"))), "invalid, or a credential is revoked")
    unchecked(take_step(3, replace(FACTS, proof=NotRun("a schema is missing"))), "a schema is missing")


def test_step_3_refuses_a_text_that_is_not_the_signed_one() -> None:
    forged = {name: Revealed(value, encode(value)) for name, value in VALUES.items()}
    forged["title"] = Revealed("Brain surgery", encode("Data Analytics Foundations"))
    facts = replace(FACTS, presentation=shown({}, revealed={"need_0": RevealedGroup(0, forged)}))
    failed(take_step(3, facts), "title is not the one the issuer signed")


def test_what_is_no_presentation_fails_step_3_and_is_rejected() -> None:
    facts = replace(FACTS, presentation=Untrue("proof: expected an object"), credentials=(), editions={})
    found = judge(ASKED, facts, TRUSTED, now=NOW)
    assert found.result is Result.REJECTED
    failed(found.steps[2], "no presentation")
    assert [step.outcome for step in found.steps if step.number in (2, 4, 5, 6, 7)] == [Outcome.UNCHECKED] * 5


# --- step 4


def test_step_4_refuses_a_hidden_attribute_where_a_revealed_one_was_asked() -> None:
    facts = replace(FACTS, presentation=shown({}, revealed={}, hidden={"need_0": 0}))
    failed(take_step(4, facts), "stay hidden, though revealing them was asked")


def test_step_4_refuses_missing_unasked_and_self_attested_attributes() -> None:
    fewer = {name: value for name, value in VALUES.items() if name != "title"}
    failed(take_step(4, replace(FACTS, presentation=shown(fewer))), "title not revealed")
    failed(take_step(4, replace(FACTS, presentation=shown({}, revealed={}))), "nothing is shown")
    failed(take_step(4, replace(FACTS, presentation=shown(VALUES | {"grade": "A"}))), "without being asked")
    failed(
        take_step(4, replace(FACTS, presentation=shown(VALUES, self_attested=("need_0",)))),
        "by the learner alone",
    )


def test_step_4_refuses_a_need_answered_from_two_credentials() -> None:
    asked = asking(NEED, ("achievement_id",), Predicate("expiry_dateint", 20260601))
    facts = replace(
        FACTS,
        presentation=shown(
            {"achievement_id": EDITION},
            predicates={"need_0_expiry_dateint": 1},
            bounds={(1, "expiry_dateint"): 20260601},
        ),
        credentials=(CREDENTIAL, CREDENTIAL),
    )
    failed(take_step(4, facts, asked=asked), "from different credentials")
    failed(take_step(4, asked=asked), "expiry_dateint ≥ 20260601 is not proven")


def test_step_4_refuses_a_proof_of_less_than_was_asked() -> None:
    asked = asking(NEED, ("achievement_id",), Predicate("eqf_level", 5))
    proven = {"need_0_eqf_level": 0}
    for bounds, reason in (
        ({}, "nothing is proven"),
        ({(0, "eqf_level"): 4}, "eqf_level ≥ 5 was asked, only eqf_level ≥ 4 is proven"),
        ({(0, "workload_hours"): 5}, "nothing is proven"),
        ({(1, "eqf_level"): 5}, "nothing is proven"),
    ):
        facts = shown({"achievement_id": EDITION}, predicates=proven, bounds=bounds)
        failed(take_step(4, replace(FACTS, presentation=facts), asked=asked), reason)
    enough = shown({"achievement_id": EDITION}, predicates=proven, bounds={(0, "eqf_level"): 6})
    assert take_step(4, replace(FACTS, presentation=enough), asked=asked).outcome is Outcome.PASSED


# --- step 5


def used_list(at: int, *published: int) -> Facts:
    identifier = replace(IDENTIFIER, timestamp=at)
    return with_credential(
        identifier=identifier,
        registry=Registry(ISSUER, DEFINITION, published),
        status_list=StatusList(ISSUER, REGISTRY, at),
    )


def test_step_5_refuses_a_list_replaced_before_the_request_was_made() -> None:
    old, new = (
        int((ASKED_AT - timedelta(days=2)).timestamp()),
        int((ASKED_AT - timedelta(days=1)).timestamp()),
    )
    failed(take_step(5, used_list(old, old, new)), "had been replaced before the request was made")


def test_step_5_refuses_a_list_so_old_that_its_registry_names_it_no_more() -> None:
    """Not as one that was never published: nobody can tell any more, and it has been replaced in any case."""
    old, new = (int((ASKED_AT - timedelta(days=days)).timestamp()) for days in (40, 1))
    found = take_step(5, used_list(old, new))
    failed(found, "so old that its registry does not name it any more")
    assert found.codes == ("status-replaced",)


def test_step_5_asks_again_when_a_list_was_published_while_the_learner_answered() -> None:
    newer = int((ASKED_AT + timedelta(minutes=1)).timestamp())
    unchecked(take_step(5, used_list(LIST_AT, LIST_AT, newer)), "while the learner answered")


def test_step_5_does_not_accept_a_newest_list_older_than_the_policy() -> None:
    old = int((NOW - timedelta(days=8)).timestamp())
    unchecked(take_step(5, used_list(old, old)), "older than the policy allows")


def test_step_5_accepts_the_last_list_of_an_issuer_that_closed_however_old_and_no_earlier_one() -> None:
    old = int((NOW - timedelta(days=400)).timestamp())
    closed = Registry(ISSUER, DEFINITION, (old - 3600, old), last=old)
    facts = replace(used_list(old, old).credentials[0], registry=closed)
    last = take_step(5, replace(FACTS, credentials=(facts,)))
    assert (last.outcome, last.codes) == (Outcome.PASSED, ("status-last",))
    gone = replace(facts, registry=replace(closed, seen=LastSeen(NOW - timedelta(days=99), "away")))
    assert take_step(5, replace(FACTS, credentials=(gone,))).codes == ("status-last",)
    earlier = replace(used_list(old - 3600, old).credentials[0], registry=closed)
    failed(take_step(5, replace(FACTS, credentials=(earlier,))), "had been replaced")
    went_on = replace(facts, registry=replace(closed, published=(old, old + 1)))
    failed(take_step(5, replace(FACTS, credentials=(went_on,))), "had been replaced")


def test_step_5_refuses_no_list_and_a_list_nobody_published() -> None:
    failed(take_step(5, used_list(LIST_AT + 1, LIST_AT)), "none the issuer published")
    bare = with_credential(
        identifier=replace(IDENTIFIER, rev_reg_id=None, timestamp=None), registry=None, status_list=None
    )
    failed(take_step(5, bare), "no status list was used")
    unchecked(take_step(5, with_credential(registry=Unknown("away"))), "newest status list is unknown")


def test_step_5_accepts_credentials_that_cannot_be_revoked_only_where_the_policy_does() -> None:
    facts = with_credential(
        identifier=replace(IDENTIFIER, rev_reg_id=None, timestamp=None),
        definition=Definition(ISSUER, SCHEMA, revocable=False),
        registry=None,
        status_list=None,
    )
    failed(take_step(5, facts), "cannot be revoked")
    lenient = replace(ASKED, policy=Policy(status_required=False))
    assert take_step(5, facts, asked=lenient).outcome is Outcome.PASSED


# --- step 6


def period(status: Status, day: datetime, *, stand: bool | None = None) -> tuple[StatusPeriod, ...]:
    granted = StatusPeriod(status="granted", since=datetime(2024, 1, 1, tzinfo=UTC))
    return (granted, StatusPeriod(status=status, since=day, earlier_awards_stand=stand))


BEFORE_AWARD = datetime(2026, 1, 1, tzinfo=UTC)
AFTER_AWARD = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("snapshot", "outcome", "reason"),
    [
        (trusting(STRANGER), "failed", "not on the list"),
        (trusting(ISSUER, since=date(2026, 3, 1)), "failed", "not trusted when issued"),
        (trusting(ISSUER, periods=period("lapsed", BEFORE_AWARD)), "failed", "not trusted when issued"),
        (trusting(ISSUER, periods=period("lapsed", AFTER_AWARD)), "passed", ""),
        (trusting(ISSUER, periods=period("withdrawn", AFTER_AWARD, stand=True)), "passed", ""),
        (trusting(ISSUER, periods=period("withdrawn", AFTER_AWARD, stand=False)), "failed", "earlier awards do not stand"),
        (trusting(ISSUER, periods=period("withdrawn", BEFORE_AWARD, stand=True)), "failed", "not trusted when issued"),
        (trusting(ISSUER, periods=period("compromised", AFTER_AWARD)), "failed", "compromised"),
        (trusting(ISSUER, resources=(FIRST_AID,)), "failed", "not for this kind of credential"),
        (trusting(ISSUER, next_update=NOW - timedelta(days=1)), "unchecked", "stale"),
        (Snapshot(name="pilot", url=LIST_URL, problem=Unreachable(reason="no route", since=NOW)), "unchecked", "no route"),
        (Snapshot(name="pilot", url=LIST_URL, problem=Refused(reason="not signed by the pinned operator key")), "unchecked", "not signed by the pinned"),
        (Snapshot(name="pilot", url=LIST_URL, problem=Refused(reason="the list was rolled back")), "unchecked", "rolled back"),
        (replace(trusting(ISSUER), problem=Refused(reason="the list was rolled back")), "passed", "but: pilot: the list was rolled back"),
    ],
)  # fmt: skip
def test_step_6_says_what_the_list_says(snapshot: Snapshot, outcome: str, reason: str) -> None:
    found = judge(ASKED, FACTS, (snapshot,), now=NOW)
    step = found.steps[5]
    assert (step.outcome, reason in step.reason) == (outcome, True), step
    assert found.result == {"passed": "accepted", "failed": "rejected", "unchecked": "undecided"}[outcome]


def test_step_6_without_a_pinned_list_could_not_be_checked() -> None:
    unchecked(take_step(6, lists=()), "no trust list is pinned")


def test_step_6_decides_a_hidden_award_date_only_inside_the_trusted_days() -> None:
    facts = replace(FACTS, presentation=shown({"achievement_id": EDITION}, predicates={"need_0_awarded_dateint": 0}, bounds={(0, "awarded_dateint"): 20240601}))  # fmt: skip
    inside = asking(NEED, ("achievement_id",), Predicate("awarded_dateint", 20240601))
    across = asking(NEED, ("achievement_id",), Predicate("awarded_dateint", 20230601))
    assert take_step(6, facts, asked=inside).outcome is Outcome.PASSED
    unchecked(take_step(6, facts, asked=across), "cannot be told whether it was trusted when issued")
    nothing = replace(FACTS, presentation=shown({"achievement_id": EDITION}))
    unchecked(take_step(6, nothing, asked=asking(NEED, ("achievement_id",))), "cannot be told")


# --- step 7


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (Alternative(FIRST_AID), "does not teach"),
        (Alternative(DATA_ANALYSIS, LevelAsked("eqf", 5)), "the programme is at eqf 4"),
        (Alternative(DATA_ANALYSIS, LevelAsked("acqf", 1)), "no level that a published table compares"),
        (Alternative(DATA_ANALYSIS, None, 121), "the programme states 120 hours"),
    ],
)
def test_step_7_refuses_a_programme_that_is_not_of_the_kind(wanted: Alternative, reason: str) -> None:
    step = take_step(7, asked=asking(Need((wanted,)), tuple(VALUES)))
    failed(step, "requirement not met")
    failed(step, reason)


def test_step_7_takes_any_of_several_kinds() -> None:
    asked = asking(Need((Alternative(FIRST_AID), Alternative(DATA_ANALYSIS))), tuple(VALUES))
    assert take_step(7, asked=asked).outcome is Outcome.PASSED


def test_step_7_refuses_an_award_older_than_asked() -> None:
    asked = asking(replace(NEED, awarded_after=date(2026, 2, 1)), tuple(VALUES))
    failed(take_step(7, asked=asked), "awarded 2026-01-15, 2026-02-01 or later was asked")


def test_step_7_refuses_what_has_expired_by_its_own_date_or_by_its_edition() -> None:
    values = VALUES | {"expiry_dateint": "20260531"}
    failed(
        take_step(7, replace(FACTS, presentation=shown(values)), asked=asking(NEED, tuple(values))), "expired"
    )
    short = replace(SHOWN, edition=replace(SHOWN.edition, valid_for_months=4))
    failed(take_step(7, replace(FACTS, editions={EDITION: short})), "expired on 2026-05-15")
    longer = replace(SHOWN, edition=replace(SHOWN.edition, valid_for_months=5))
    assert take_step(7, replace(FACTS, editions={EDITION: longer})).outcome is Outcome.PASSED


def test_step_7_cannot_tell_expiry_without_the_day_of_the_award() -> None:
    short = replace(SHOWN, edition=replace(SHOWN.edition, valid_for_months=4))
    facts = replace(FACTS, presentation=shown({"achievement_id": EDITION}), editions={EDITION: short})
    unchecked(take_step(7, facts, asked=asking(NEED, ("achievement_id",))), "may have expired")


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2025, 12, 15), 36, date(2028, 12, 15)),
    ],
)
def test_months_later_is_the_same_day_or_the_months_last(day: date, months: int, later: date) -> None:
    assert months_after(day, months) == later
