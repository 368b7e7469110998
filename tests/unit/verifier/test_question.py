from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from shared.vc.achievement import build, read
from shared.vc.trust_list import StatusPeriod
from tests.support.anoncreds_world import DATA_ANALYSIS, DATA_ANALYTICS, FIRST_AID
from tests.support.verifier_fakes import trusting
from verifier.domain.levels import LevelAsked
from verifier.domain.question import (
    AskedOfOneCredential,
    KnownEdition,
    KnownIssuer,
    Predicate,
    Restriction,
    anoncreds_request,
    as_sent,
    compile_question,
)
from verifier.domain.requirement import Alternative, Need, Requirement

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ISSUER = "did:webvh:QmIssuer:issuer.ujuzi.test:orgs:trust"
OTHER = "did:webvh:QmOther:other.ujuzi.test:orgs:other"


def known(did: str, *, level: int = 4) -> KnownIssuer:
    template = replace(DATA_ANALYTICS, levels={"eqf": level})
    edition = read(build(template, issuer_did=did, issuer_name="Trust", now=NOW))
    return KnownIssuer(
        did, (KnownEdition(f"{did}/resources/zEdition{level}", edition),), (f"{did}/resources/zDef",)
    )


def compiled(
    need: Need, *issuers: KnownIssuer, since: date = date(2024, 1, 1), hide_programme: bool = False
) -> AskedOfOneCredential:
    requirement = Requirement(
        "p", (need,), () if hide_programme else ("title", "awarding_body"), 30, hide_programme
    )
    lists = (trusting(*(issuer.did for issuer in issuers), since=since),)
    return compile_question(requirement, issuers, lists, now=NOW).needs[0]


LEVEL_4 = Need((Alternative(DATA_ANALYSIS, LevelAsked("eqf", 4), 100),))


def test_skill_level_and_hours_become_acceptable_editions_of_listed_issuers() -> None:
    asked = compiled(LEVEL_4, known(ISSUER), known(OTHER, level=3))
    assert asked.restrictions == (Restriction(f"{ISSUER}/resources/zDef", f"{ISSUER}/resources/zEdition4"),)
    assert asked.reveal == ("achievement_id", "title", "awarding_body_id", "awarded_dateint")
    assert asked.predicates == ()


def test_any_of_accepts_editions_of_every_kind() -> None:
    need = Need((Alternative(FIRST_AID), Alternative(DATA_ANALYSIS)))
    assert {each.cred_def_id for each in compiled(need, known(ISSUER), known(OTHER)).restrictions} == {
        f"{ISSUER}/resources/zDef",
        f"{OTHER}/resources/zDef",
    }


def test_an_issuer_that_is_on_no_list_is_not_asked_for() -> None:
    requirement = Requirement("p", (LEVEL_4,), (), 30)
    question = compile_question(requirement, (known(ISSUER), known(OTHER)), (trusting(OTHER),), now=NOW)
    assert {each.cred_def_id for each in question.needs[0].restrictions} == {f"{OTHER}/resources/zDef"}


def test_where_nobody_meets_a_need_any_listed_issuer_may_answer_and_the_platform_is_warned() -> None:
    need = Need((Alternative(DATA_ANALYSIS, LevelAsked("eqf", 8)),))
    requirement = Requirement("p", (need,), (), 30)
    question = compile_question(requirement, (known(ISSUER),), (trusting(ISSUER),), now=NOW)
    assert question.needs[0].restrictions == (Restriction(f"{ISSUER}/resources/zDef", None),)
    assert "no programme" in question.warnings[0]
    blind = compile_question(requirement, (), (), now=NOW)
    assert blind.needs[0].restrictions == (Restriction(None, None),)
    assert "no trust list is pinned" in blind.warnings[0]


def test_a_recent_award_is_only_proven_where_its_issuer_was_trusted_all_along() -> None:
    recent = replace(LEVEL_4, awarded_after=date(2025, 6, 1))
    proven = compiled(recent, known(ISSUER))
    assert "awarded_dateint" not in proven.reveal
    assert proven.predicates == (Predicate("awarded_dateint", 20250601),)
    shown = compiled(recent, known(ISSUER), since=date(2026, 1, 1))
    assert "awarded_dateint" in shown.reveal
    assert shown.predicates == ()


def test_not_expired_is_proven_on_the_day_of_asking() -> None:
    assert compiled(replace(LEVEL_4, not_expired=True), known(ISSUER)).predicates == (
        Predicate("expiry_dateint", 20260601),
    )


def test_a_hidden_programme_is_asked_by_predicates_alone() -> None:
    need = Need((Alternative(None, LevelAsked("eqf", 4), 100),))
    asked = compiled(need, known(ISSUER), hide_programme=True)
    assert asked.reveal == ()
    assert set(asked.predicates) == {
        Predicate("awarded_dateint", 20240101),
        Predicate("expiry_dateint", 20260601),
        Predicate("eqf_level", 4),
        Predicate("workload_hours", 100),
    }
    assert asked.restrictions == (Restriction(f"{ISSUER}/resources/zDef", None),)


def test_the_proof_request_restricts_every_referent_alike_and_gives_no_lower_bound_of_time() -> None:
    requirement = Requirement("p", (replace(LEVEL_4, not_expired=True),), ("title",), 30)
    question = compile_question(requirement, (known(ISSUER),), (trusting(ISSUER),), now=NOW)
    found = anoncreds_request(question, request_id="r1", nonce="7", now=NOW)
    attributes, predicates = found["requested_attributes"], found["requested_predicates"]
    assert isinstance(attributes, dict)
    assert isinstance(predicates, dict)
    assert list(attributes) == ["need_0"]
    assert list(predicates) == ["need_0_expiry_dateint"]
    assert attributes["need_0"]["restrictions"] == predicates["need_0_expiry_dateint"]["restrictions"]
    assert found["non_revoked"] == {"to": int(NOW.timestamp())}


def test_a_request_sent_on_an_earlier_day_is_judged_by_what_it_asks() -> None:
    requirement = Requirement("p", (replace(LEVEL_4, not_expired=True),), ("title",), 30)
    earlier, later = (
        compile_question(requirement, (known(ISSUER),), (trusting(ISSUER),), now=day)
        for day in (NOW, NOW + timedelta(days=1))
    )
    sent = anoncreds_request(earlier, request_id="r1", nonce="7", now=NOW)
    assert earlier != later
    assert as_sent(later, sent) == earlier


def test_a_period_of_withdrawal_makes_the_award_date_shown() -> None:
    granted = StatusPeriod(status="granted", since=datetime(2024, 1, 1, tzinfo=UTC))
    lapsed = StatusPeriod(status="lapsed", since=datetime(2026, 1, 1, tzinfo=UTC))
    requirement = Requirement("p", (replace(LEVEL_4, awarded_after=date(2025, 6, 1)),), (), 30)
    lists = (trusting(ISSUER, periods=(granted, lapsed)),)
    asked = compile_question(requirement, (known(ISSUER),), lists, now=NOW).needs[0]
    assert "awarded_dateint" in asked.reveal
