"""When the demonstration counts as told as it must be."""

import json
from dataclasses import replace

from services.launcher.adapters.bundled_files import demonstration_data
from services.launcher.domain.story import (
    ACCREDITED_FROM,
    BEFORE_ACCREDITATION,
    CHEATING,
    IN_GOOD_ORDER,
    LEARNERS,
    NOT_YET_TRUSTED,
    PROGRAMME,
    STILL_VALID,
    Account,
    Step,
    Told,
    Verdict,
    cohort_of,
    template_of,
    told,
)


def verdict(result: str, *failed: int) -> Verdict:
    steps = tuple(
        Step(number, f"step {number}", "failed" if number in failed else "passed", "why")
        for number in range(1, 8)
    )
    return Verdict(result, "in short", steps)


def scene(result: str, *failed: int) -> Told:
    return told(NOT_YET_TRUSTED, "Amina", verdict(result, *failed), 1.0)


def account(*scenes: Told, claimed: int = 3) -> Account:
    return Account(3, claimed, 1.0, 1.0, 3.0, scenes)


def test_the_right_verdict_by_the_right_step_is_as_expected() -> None:
    assert scene("rejected", 6).as_expected


def test_the_right_verdict_for_another_reason_is_not() -> None:
    assert not scene("rejected", 5).as_expected
    assert not scene("rejected", 3, 6).as_expected


def test_another_verdict_is_not() -> None:
    assert not scene("accepted").as_expected


def test_an_account_is_as_expected_only_if_every_scene_is_and_everyone_claimed() -> None:
    good = scene("rejected", 6)
    assert account(good, good).as_expected
    assert not account(good, replace(good, result="undecided")).as_expected
    assert not account(good, claimed=2).as_expected
    assert not account().as_expected


def test_the_account_is_written_with_its_outcome() -> None:
    written = json.loads(account(scene("rejected", 6)).to_json())
    assert written["as_expected"] is True
    assert written["scenes"][0]["deciding_steps"] == [6]


def test_the_cohort_has_the_learners_whom_the_story_needs() -> None:
    cohort = cohort_of(demonstration_data("graduates.csv"))
    assert len(cohort) == LEARNERS.stop - 1
    assert cohort[BEFORE_ACCREDITATION].awarded_on < ACCREDITED_FROM
    assert cohort[IN_GOOD_ORDER].awarded_on > ACCREDITED_FROM
    assert cohort[STILL_VALID].awarded_on > ACCREDITED_FROM
    assert cohort[CHEATING].awarded_on > ACCREDITED_FROM
    assert LEARNERS.start > CHEATING


def test_a_programme_becomes_a_template_of_the_issuers_api() -> None:
    programmes = json.loads(demonstration_data("programmes.json"))
    template = template_of(next(one for one in programmes if one["key"] == PROGRAMME))
    assert "key" not in template
    assert template["verification_level"] == "independent"
    assert template["learning_route"] == "non-formal"
