from collections.abc import Sequence
from datetime import date

from shared.contracts.signed_request import AskedAlternative, AskedHours, AskedLevel, AskedNeed
from tests.support.wallet_fakes import CRED_DEF, EDITION, SKILL, a_credential
from wallet.domain.answer import Holding, judge, view_need
from wallet.domain.credential import EditionMissing, Status, StatusState
from wallet.domain.lack import Lack
from wallet.domain.proof_request import Need, Predicate, Reveal

VALID = Status(StatusState.VALID, "fine")
ADMITTED = ({"cred_def_id": CRED_DEF},)
OTHERS = ({"cred_def_id": "another"},)
NEED = Need(
    "need_0",
    (Reveal("need_0", ("achievement_id", "title"), ADMITTED),),
    (Predicate("need_0_awarded_dateint", "awarded_dateint", ">=", 20260101, ADMITTED),),
)
STRANGE = Need("need_0", (Reveal("need_0", ("title",), OTHERS),), ())


def holding(status: Status = VALID, **changes: str) -> Holding:
    return Holding(a_credential(**changes), EDITION, status)


def said(missing: Sequence[Lack]) -> tuple[str, ...]:
    return tuple(each.english for each in missing)


def test_a_fitting_credential_meets_the_need() -> None:
    asked = AskedNeed(
        skill=SKILL, level=AskedLevel(framework="eqf", at_least=4), workload_hours=AskedHours(at_least=100)
    )

    candidate = judge(NEED, asked, holding())

    assert candidate.can_present
    assert candidate.meets_need
    assert said(candidate.missing) == ()


def test_a_comparison_that_does_not_hold_cannot_be_presented() -> None:
    candidate = judge(NEED, None, holding(awarded_dateint="20251231"))

    assert not candidate.can_present
    assert said(candidate.missing) == ("Asked: awarded on or after 1 January 2026; yours: 31 December 2025.",)


def test_an_attribute_it_does_not_have_is_named() -> None:
    need = Need("need_0", (Reveal("need_0", ("driving_licence",), ()),), ())

    assert said(judge(need, None, holding()).missing) == ("It has no attribute 'Driving licence'.",)


def test_a_level_below_can_be_presented_but_does_not_meet_the_need() -> None:
    asked = AskedNeed(skill=SKILL, level=AskedLevel(framework="eqf", at_least=6))

    candidate = judge(NEED, asked, holding())

    assert candidate.can_present
    assert not candidate.meets_need
    assert said(candidate.missing) == ("Its level is EQF 4; asked: 6 or higher.",)


def test_what_is_missing_is_told_in_the_needs_own_words() -> None:
    asked = AskedNeed(
        skill="http://example.test/skill/x",
        level=AskedLevel(framework="sadcqf", at_least=3),
        workload_hours=AskedHours(at_least=500),
        awarded_after=date(2026, 6, 1),
    )

    candidate = judge(STRANGE, asked, holding())

    assert not candidate.can_present
    assert said(candidate.missing) == (
        "Its programme does not list the skill http://example.test/skill/x.",
        "Its programme states no level in SADCQF; asked: 3 or higher.",
        "Its programme took 120 hours; asked: at least 500.",
        "It was awarded on 14 March 2026; asked: on or after 1 June 2026.",
    )


def test_a_programme_that_would_do_but_is_not_admitted_is_told_so() -> None:
    assert said(judge(STRANGE, AskedNeed(skill=SKILL), holding()).missing) == (
        "Its issuer or programme is not among those this organisation accepts.",
    )


def test_any_alternative_is_enough() -> None:
    asked = AskedNeed(any_of=(AskedAlternative(skill="other"), AskedAlternative(skill=SKILL)))

    assert judge(NEED, asked, holding()).meets_need


def test_without_the_programmes_description_nothing_is_promised() -> None:
    unread = Holding(a_credential(), EditionMissing(None, "away"), VALID)

    candidate = judge(NEED, AskedNeed(skill=SKILL), unread)

    assert candidate.can_present
    assert not candidate.meets_need


def test_a_revoked_credential_does_not_meet_the_need() -> None:
    candidate = judge(NEED, None, holding(Status(StatusState.REVOKED, "gone")))

    assert not candidate.meets_need
    assert "revoked" in said(candidate.missing)[0]


def test_the_best_candidate_comes_first_and_the_rest_stays_hidden() -> None:
    early = Holding(a_credential("early", awarded_dateint="20200101"), EDITION, VALID)
    fitting = Holding(a_credential("fitting"), EDITION, VALID)

    view = view_need(NEED, AskedNeed(skill=SKILL), [early, fitting])

    assert [candidate.credential_id for candidate in view.candidates] == ["fitting", "early"]
    hidden = view.hidden_of(view.candidates[0])
    assert "given_name" in hidden
    assert not {"title", "awarded_dateint"} & set(hidden)


def test_an_empty_wallet_is_told_what_would_fit() -> None:
    asked = AskedNeed(skill=SKILL, level=AskedLevel(framework="eqf", at_least=4))

    view = view_need(NEED, asked, [])

    assert not view.can_answer
    assert said(view.missing) == (
        "You hold no credential yet.",
        f"Asked for: the skill {SKILL}, EQF level 4 or higher.",
    )
