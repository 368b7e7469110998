from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.vc.trust_decision import (
    AwardDate,
    Refused,
    Snapshot,
    TrustDecision,
    TrustQuestion,
    Unreachable,
    covers,
    decide,
)
from shared.vc.trust_list import Authorization, DidPeriod, Level, Status
from tests.unit.trust.lists import (
    EDITION,
    ISSUER,
    NOW,
    OTHER_SKILL,
    SKILL,
    STRANGER,
    at,
    authorization,
    edition,
    period,
    question,
    snapshot,
    trust_list,
)


def judged(
    granted: Authorization | None = None, asked: TrustQuestion | None = None, **changes: object
) -> TrustDecision:
    return decide([snapshot(granted or authorization(), **changes)], asked or question(), now=NOW)


def test_an_award_inside_the_trusted_time_passes_with_its_evidence() -> None:
    decision = judged()

    assert decision.outcome == "passed"
    assert "trusted to issue since 2025-01-01, awarded 2026-03-01" in decision.reason
    assert decision.evidence is not None
    assert decision.evidence.list_name == "demo"
    assert decision.evidence.operator == "Skills Quality Authority"
    assert decision.evidence.sequence == 7
    assert decision.evidence.entity_name == "Digital Skills Trust"
    assert decision.evidence.authorization_id == "auth-1"
    assert decision.warnings == ()


# --- can the list be used at all?


def test_without_any_list_nothing_can_be_told() -> None:
    decision = decide([], question(), now=NOW)

    assert decision.outcome == "unknown"
    assert "could not be checked: no trust list is pinned" in decision.reason


def test_a_list_never_reached_could_not_be_checked() -> None:
    lost = Snapshot(
        name="demo", url="https://x.test", problem=Unreachable(reason="connection refused", since=NOW)
    )

    decision = decide([lost], question(), now=NOW)

    assert decision.outcome == "unknown"
    assert "could not be checked: connection refused" in decision.reason


def test_a_list_past_its_next_update_is_stale_and_never_accepted() -> None:
    decision = judged(next_update=NOW)

    assert decision.outcome == "unknown"
    assert "is stale: number 7 was to be renewed by 2026-11-21T12:00:00Z" in decision.reason


def test_a_stale_list_says_why_no_newer_one_came() -> None:
    stale = replace(
        snapshot(authorization(), next_update=NOW), problem=Unreachable(reason="no route", since=NOW)
    )

    assert "the latest look failed: no route" in decide([stale], question(), now=NOW).reason


def test_an_unreachable_list_still_counts_until_it_is_stale() -> None:
    kept = replace(snapshot(authorization()), problem=Unreachable(reason="no route", since=NOW))

    assert decide([kept], question(), now=NOW).outcome == "passed"


def test_a_refused_newer_list_is_reported_while_the_old_one_is_used() -> None:
    kept = replace(snapshot(authorization()), problem=Refused(reason="number 6 was rolled back"))

    decision = decide([kept], question(), now=NOW)

    assert decision.outcome == "passed"
    assert decision.warnings == ("demo: number 6 was rolled back",)


# --- who, what, where, how high?


def test_an_issuer_that_is_not_listed_fails() -> None:
    decision = judged(asked=question(did=STRANGER))

    assert decision.outcome == "failed"
    assert decision.reason == "not on the list demo, number 7"


def test_an_action_nobody_authorised_fails() -> None:
    decision = judged(asked=question(action="verify", awarded=None, edition=None))

    assert decision.outcome == "failed"
    assert "is on the list demo, but not to verify" in decision.reason


@pytest.mark.parametrize(
    "resources",
    [("*",), (EDITION,), (SKILL,), ("http://data.europa.eu/esco/*",), ("isced-f:061",), (OTHER_SKILL, SKILL)],
)
def test_a_kind_is_covered_by_everything_edition_skill_prefix_or_field(resources: tuple[str, ...]) -> None:
    assert covers(resources, edition(fields=frozenset({"0613"})))


@pytest.mark.parametrize(
    "resources", [(), (EDITION + "x",), (OTHER_SKILL,), ("http://elsewhere/*",), ("isced-f:07",)]
)
def test_another_kind_fails(resources: tuple[str, ...]) -> None:
    decision = judged(
        authorization(resources=resources), question(edition=edition(fields=frozenset({"0613"})))
    )

    assert decision.outcome == "failed"
    assert "not for this kind of credential" in decision.reason


def test_every_skill_relied_on_must_be_covered() -> None:
    assert not covers((SKILL,), edition(skills=frozenset({SKILL, OTHER_SKILL})))


def test_a_hidden_programme_is_undecided_where_only_some_are_covered() -> None:
    decision = judged(authorization(resources=(SKILL,)), question(edition=None))

    assert decision.outcome == "unknown"
    assert "which one this is stays hidden: ask for achievement_id" in decision.reason


def test_a_hidden_programme_passes_where_everything_is_covered() -> None:
    assert judged(asked=question(edition=None)).outcome == "passed"


def test_another_country_fails() -> None:
    decision = judged(authorization(jurisdictions=("UG", "TZ")))

    assert decision.outcome == "failed"
    assert "not for KE: its authorization covers UG, TZ" in decision.reason


def test_a_hidden_country_is_undecided_where_countries_matter() -> None:
    decision = judged(authorization(jurisdictions=("KE",)), question(edition=edition(country=None)))

    assert decision.outcome == "unknown"
    assert "the issuer's country stays hidden" in decision.reason


def test_a_level_above_the_highest_fails() -> None:
    decision = judged(authorization(highest_level=Level(framework="eqf", level=3)))

    assert decision.outcome == "failed"
    assert "only up to eqf 3, and the edition is eqf 4" in decision.reason


def test_a_level_stated_in_another_framework_fails() -> None:
    decision = judged(authorization(highest_level=Level(framework="acqf", level=9)))

    assert decision.outcome == "failed"
    assert "the edition states no acqf level" in decision.reason


def test_a_hidden_level_is_undecided_where_levels_matter() -> None:
    decision = judged(authorization(highest_level=Level(framework="eqf", level=3)), question(edition=None))

    assert decision.outcome == "unknown"
    assert "only up to eqf 3, and the programme stays hidden" in decision.reason


def test_a_level_up_to_the_highest_passes() -> None:
    assert judged(authorization(highest_level=Level(framework="eqf", level=4))).outcome == "passed"


# --- when?


def test_an_award_before_the_trusted_time_fails() -> None:
    decision = judged(asked=question(20241231))

    assert decision.outcome == "failed"
    assert "not trusted when issued: trusted since 2025-01-01, awarded 2024-12-31" in decision.reason


@pytest.mark.parametrize("day", [20250101, 20260630])
def test_the_first_and_the_last_trusted_day_are_trusted(day: int) -> None:
    assert judged(authorization(valid_to=date(2026, 6, 30)), question(day)).outcome == "passed"


def test_an_award_after_the_trusted_time_fails() -> None:
    decision = judged(authorization(valid_to=date(2026, 6, 30)), question(20260701))

    assert decision.outcome == "failed"
    assert (
        "not trusted when issued: trusted from 2025-01-01 to 2026-06-30, awarded 2026-07-01"
        in decision.reason
    )


@pytest.mark.parametrize("after", ["lapsed", "withdrawn"])
def test_an_earlier_award_stands_after_a_lapse_or_a_withdrawal_that_says_so(after: Status) -> None:
    decision = judged(authorization(period(after, at(2026, 6, 1), stand=True)))

    assert decision.outcome == "passed"
    assert f"{after} 2026-06-01, and earlier awards stand" in decision.reason


@pytest.mark.parametrize("after", ["lapsed", "withdrawn", "suspended"])
def test_a_later_award_fails(after: Status) -> None:
    decision = judged(authorization(period(after, at(2026, 2, 1), stand=True, reason="audit missed")))

    assert decision.outcome == "failed"
    assert (
        f"not trusted when issued: {after} 2026-02-01 (audit missed), awarded 2026-03-01" in decision.reason
    )


def test_an_award_on_the_day_of_the_lapse_cannot_be_told() -> None:
    decision = judged(authorization(period("lapsed", at(2026, 3, 1))))

    assert decision.outcome == "unknown"
    assert (
        "cannot be told whether it was trusted when issued: lapsed 2026-03-01, awarded 2026-03-01"
        in decision.reason
    )


def test_after_a_withdrawal_without_standing_no_award_counts() -> None:
    decision = judged(
        authorization(period("withdrawn", at(2026, 6, 1), stand=False, reason="sold certificates"))
    )

    assert decision.outcome == "failed"
    assert "earlier awards do not stand (sold certificates)" in decision.reason


@pytest.mark.parametrize("day", [20250601, 20260301, 20261101])
def test_under_a_compromised_key_nothing_stands_whatever_its_date(day: int) -> None:
    decision = judged(authorization(period("compromised", at(2026, 6, 1))), question(day))

    assert decision.outcome == "failed"
    assert (
        "its key is compromised, reported 2026-06-01T12:00:00Z: nothing signed with it stands"
        in decision.reason
    )


def test_no_other_authorization_helps_a_compromised_key() -> None:
    stolen = authorization(period("compromised", at(2026, 6, 1)), id="old")

    decision = decide([snapshot(stolen, authorization(id="new"))], question(), now=NOW)

    assert decision.outcome == "failed"
    assert "compromised" in decision.reason


@pytest.mark.parametrize(("stolen_for", "asked_for"), [("issue", "verify"), ("verify", "issue")])
def test_a_key_that_was_stolen_helps_for_nothing_else_either(stolen_for: str, asked_for: str) -> None:
    stolen = authorization(period("compromised", at(2026, 6, 1)), id="old", action=stolen_for)

    alone = decide([snapshot(stolen)], question(action=asked_for), now=NOW)
    beside = decide(
        [snapshot(authorization(id="new", action=asked_for), stolen)], question(action=asked_for), now=NOW
    )

    assert (alone.code, beside.code) == ("compromised", "compromised")


MAY_SEE = authorization(action="verify", attributes=("title", "awarded_dateint"))


@pytest.mark.parametrize(
    ("shown", "code"),
    [(set(), "trusted"), ({"title"}, "trusted"), ({"title", "grade", "family_name"}, "other-attributes")],
)
def test_a_listing_to_verify_says_which_values_may_be_seen(shown: set[str], code: str) -> None:
    asked = question(None, action="verify", edition=None, shown=frozenset(shown))

    decision = judged(MAY_SEE, asked)

    assert decision.code == code
    if code == "other-attributes":
        assert "not to see family_name, grade: it may see title, awarded_dateint" in decision.reason


def test_a_listing_to_verify_that_names_no_attributes_lets_all_be_seen() -> None:
    asked = question(None, action="verify", edition=None, shown=frozenset({"given_name"}))

    assert judged(authorization(action="verify"), asked).outcome == "passed"


def test_one_listing_must_reach_both_the_values_and_the_kind() -> None:
    elsewhere = authorization(action="verify", id="any-kind", attributes=("title",))
    narrow = authorization(action="verify", id="one-kind", resources=("urn:other",), attributes=("grade",))
    asked = question(None, action="verify", shown=frozenset({"grade"}))

    assert decide([snapshot(elsewhere, narrow)], asked, now=NOW).outcome == "failed"


def test_another_did_of_the_same_organisation_survives_the_compromise() -> None:
    stolen = authorization(period("compromised", at(2026, 6, 1)), id="old", dids=("did:webvh:old:host",))

    assert decide([snapshot(stolen, authorization(id="new"))], question(), now=NOW).outcome == "passed"


def test_a_suspension_leaves_an_earlier_award_undecided() -> None:
    decision = judged(authorization(period("suspended", at(2026, 6, 1))))

    assert decision.outcome == "unknown"
    assert "suspended 2026-06-01, until its authority decides" in decision.reason


def test_a_suspension_that_ended_spoils_only_what_was_awarded_in_it() -> None:
    interrupted = authorization(period("suspended", at(2026, 2, 1)), period("granted", at(2026, 4, 1)))

    assert judged(interrupted, question(20260115)).outcome == "passed"
    assert judged(interrupted, question(20260501)).outcome == "passed"
    within = judged(interrupted, question(20260301))
    assert within.outcome == "failed"
    assert "suspended 2026-02-01 until 2026-04-01, awarded 2026-03-01" in within.reason


def test_a_status_that_begins_later_does_not_count_yet() -> None:
    assert (
        judged(authorization(period("withdrawn", NOW + timedelta(days=1), stand=False))).outcome == "passed"
    )


def test_an_authorization_that_has_not_begun_fails() -> None:
    decision = judged(authorization(periods=(period("granted", NOW + timedelta(days=1)),)))

    assert decision.outcome == "failed"
    assert "its authorization begins 2026-11-22T12:00:00Z" in decision.reason


# --- when, if the day is hidden?


def test_a_hidden_day_proven_inside_the_trusted_time_passes() -> None:
    bounded = authorization(valid_to=date(2026, 6, 30))

    assert judged(bounded, question(AwardDate.between(20250101, 20260630))).outcome == "passed"
    assert judged(asked=question(AwardDate.between(20250101, None))).outcome == "passed"


@pytest.mark.parametrize(
    ("earliest", "latest"),
    [(None, None), (20240101, None), (None, 20260101), (20250101, None), (20260101, 20260701)],
)
def test_a_hidden_day_that_may_lie_outside_cannot_be_told(earliest: int | None, latest: int | None) -> None:
    bounded = authorization(valid_to=date(2026, 6, 30))

    decision = judged(bounded, question(AwardDate.between(earliest, latest)))

    assert decision.outcome == "unknown"
    assert "ask for awarded_dateint, or a proof that it lies inside" in decision.reason


@pytest.mark.parametrize(("earliest", "latest"), [(None, 20241231), (20260701, None)])
def test_a_hidden_day_proven_outside_fails(earliest: int | None, latest: int | None) -> None:
    bounded = authorization(valid_to=date(2026, 6, 30))

    decision = judged(bounded, question(AwardDate.between(earliest, latest)))

    assert decision.outcome == "failed"
    assert "not trusted when issued" in decision.reason


def test_a_hidden_day_that_may_follow_the_lapse_cannot_be_told() -> None:
    decision = judged(
        authorization(period("lapsed", at(2026, 6, 1))), question(AwardDate.between(20250101, None))
    )

    assert decision.outcome == "unknown"
    assert "lapsed 2026-06-01, awarded on a hidden day, 2025-01-01 or later" in decision.reason


# --- now, without an award (a wallet before an offer, a verifier that asks)


def test_a_verifier_is_judged_now() -> None:
    verifier = authorization(action="verify")

    assert judged(verifier, question(action="verify", awarded=None, edition=None)).outcome == "passed"


@pytest.mark.parametrize("status", ["lapsed", "withdrawn"])
def test_whoever_is_no_longer_trusted_fails_now(status: Status) -> None:
    decision = judged(authorization(period(status, at(2026, 6, 1), stand=True)), question(awarded=None))

    assert decision.outcome == "failed"
    assert f"{status} since 2026-06-01T12:00:00Z" in decision.reason


def test_whoever_is_suspended_is_undecided_now() -> None:
    assert (
        judged(authorization(period("suspended", at(2026, 6, 1))), question(awarded=None)).outcome
        == "unknown"
    )


def test_an_authorization_outside_its_days_fails_now() -> None:
    early = judged(authorization(valid_from=date(2027, 1, 1)), question(awarded=None))
    late = judged(authorization(valid_to=date(2026, 11, 20)), question(awarded=None))

    assert (early.outcome, late.outcome) == ("failed", "failed")
    assert "not yet: trusted since 2027-01-01, today is 2026-11-21" in early.reason
    assert "no longer: trusted until 2026-11-20, today is 2026-11-21" in late.reason


# --- several authorizations, several lists


def test_the_best_authorization_wins_and_the_others_reasons_are_kept() -> None:
    decision = decide(
        [snapshot(authorization(id="low", resources=(OTHER_SKILL,)), authorization(id="high"))],
        question(),
        now=NOW,
    )

    assert decision.outcome == "passed"
    assert decision.evidence is not None
    assert decision.evidence.authorization_id == "high"
    assert any("not for this kind of credential" in reason for reason in decision.others)


def test_a_withdrawal_of_another_kind_does_not_count_against_this_one() -> None:
    other = authorization(
        period("withdrawn", at(2026, 6, 1), stand=False), id="old", resources=(OTHER_SKILL,)
    )
    paused = authorization(period("suspended", at(2026, 6, 1)), id="new")

    decision = decide([snapshot(other, paused)], question(), now=NOW)

    assert decision.outcome == "unknown"
    assert "suspended" in decision.reason


def test_a_new_authorization_does_not_hide_that_the_old_one_was_withdrawn() -> None:
    old = authorization(period("withdrawn", at(2026, 6, 1), stand=False), id="old")
    new = authorization(id="new", valid_from=date(2026, 7, 1))
    vouching = snapshot(authorization(), name="other")

    decision = decide([snapshot(old, new)], question(), now=NOW)
    beside = decide([vouching, snapshot(old, new)], question(), now=NOW)

    assert decision.outcome == "failed"
    assert "earlier awards do not stand" in decision.reason
    assert any("trusted since 2026-07-01" in reason for reason in decision.others)
    assert len(beside.warnings) == 1
    assert decide([snapshot(old, new)], question(20260801), now=NOW).outcome == "passed"


def test_one_list_that_vouches_is_enough() -> None:
    decision = decide([snapshot(name="empty", entities=()), snapshot(authorization())], question(), now=NOW)

    assert decision.outcome == "passed"
    assert decision.others == ("not on the list empty, number 7",)


def test_a_list_that_disowns_the_issuer_is_reported_beside_one_that_vouches() -> None:
    disowning = snapshot(authorization(period("withdrawn", at(2026, 6, 1), stand=False)), name="strict")

    decision = decide([snapshot(authorization()), disowning], question(), now=NOW)

    assert decision.outcome == "passed"
    assert len(decision.warnings) == 1
    assert "is on the list strict, but its authorization was withdrawn" in decision.warnings[0]


def test_a_list_that_could_not_be_checked_might_have_vouched() -> None:
    lost = Snapshot(name="lost", url="https://x.test", problem=Unreachable(reason="no route", since=NOW))

    assert decide([snapshot(entities=()), lost], question(), now=NOW).outcome == "unknown"


def test_a_compromise_decides_even_where_another_list_could_not_be_checked() -> None:
    lost = Snapshot(name="lost", url="https://x.test", problem=Unreachable(reason="no route", since=NOW))
    stolen = snapshot(authorization(period("compromised", at(2026, 6, 1))))

    assert decide([lost, stolen], question(), now=NOW).outcome == "failed"


def test_the_did_must_be_one_the_authorization_names() -> None:
    elsewhere = authorization(id="other", dids=(STRANGER,))

    decision = decide([snapshot(elsewhere, authorization(dids=(ISSUER,)))], question(did=STRANGER), now=NOW)

    assert decision.evidence is not None
    assert decision.evidence.authorization_id == "other"


def test_a_snapshot_says_its_state() -> None:
    fresh = snapshot(authorization())

    assert fresh.state(NOW) == "fresh"
    assert fresh.state(NOW + timedelta(days=1)) == "stale"
    assert replace(fresh, problem=Unreachable(reason="x", since=NOW)).state(NOW) == "unreachable"
    assert replace(fresh, problem=Refused(reason="x")).state(NOW) == "refused"
    assert replace(fresh, trust_list=None).state(NOW) == "unreachable"


# --- a DID's own days


def dated(since: date | None, until: date | None) -> Snapshot:
    entity = replace(
        trust_list(authorization()).entities[0],
        did_periods={ISSUER: DidPeriod(since=since, until=until)},
    )
    return replace(snapshot(), trust_list=trust_list(entities=(entity,)))


@pytest.mark.parametrize(
    ("since", "until", "outcome"),
    [
        (None, None, "passed"),
        (date(2026, 3, 1), date(2026, 3, 1), "passed"),
        (date(2026, 3, 2), None, "failed"),
        (None, date(2026, 2, 28), "failed"),
    ],
)
def test_an_award_of_a_day_on_which_the_did_was_another_s_fails(
    since: date | None, until: date | None, outcome: str
) -> None:
    decision = decide([dated(since, until)], question(20260301), now=NOW)

    assert decision.outcome == outcome
    assert ("not trusted when issued" in decision.reason) == (outcome == "failed")


def test_a_did_past_its_last_day_is_not_trusted_now() -> None:
    decision = decide([dated(None, date(2026, 2, 28))], question(None), now=NOW)

    assert (decision.outcome, "no longer: trusted until 2026-02-28" in decision.reason) == ("failed", True)
