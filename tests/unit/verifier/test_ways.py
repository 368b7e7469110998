"""Several ways to meet a requirement: one is chosen, asked and judged."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.anoncreds_world import DATA_ANALYSIS, FIRST_AID
from tests.unit.verifier.test_judge import (
    ASKED,
    FACTS,
    NOW,
    SHOWN,
    TRUSTED,
    VALUES,
    failed,
    shown,
    take_step,
)
from verifier.domain.judge import judge
from verifier.domain.levels import LevelAsked
from verifier.domain.names import Applicant
from verifier.domain.presentation import Presentation, RevealedGroup
from verifier.domain.question import AskedOfOneCredential, Question, fits
from verifier.domain.request import Created, Exchange, Invitation, Stated, ask, choose
from verifier.domain.requirement import Alternative, NameRule, Need, Requirement, along, askable, ways_of
from verifier.domain.verdict import Result
from verifier.errors import RequestFinished, RequirementInvalid, WayUnknown

DEGREE = Need((Alternative(level=LevelAsked("eqf", 6)),))
ANALYSIS, AID = Need((Alternative(DATA_ANALYSIS),)), Need((Alternative(FIRST_AID),))
REVEAL = ("achievement_id", "title", "awarded_dateint")


def asking(*ways: tuple[Need, ...], needs: tuple[Need, ...] = ()) -> Requirement:
    return Requirement("p", needs, ("title",), 30, ways=ways)


def created(requirement: Requirement) -> Created:
    return Created(Stated("r", requirement, Invitation("u", "m", "k"), NOW, NOW))


def test_a_way_is_its_own_needs_and_those_that_are_always_asked() -> None:
    requirement = asking((DEGREE,), (ANALYSIS, AID), needs=(AID,))
    assert ways_of(requirement) == ((AID, DEGREE), (AID, ANALYSIS, AID))
    assert along(requirement, 1) == replace(requirement, needs=(AID, ANALYSIS, AID), ways=())
    assert ways_of(asking(needs=(AID,))) == ((AID,),)


@pytest.mark.parametrize(
    ("requirement", "where", "what"),
    [
        (asking((DEGREE,)), "any_of", "offers 1 ways"),
        (asking((DEGREE,), (AID,), (ANALYSIS,), (AID, DEGREE), (AID, ANALYSIS)), "any_of", "offers 5 ways"),
        (asking((DEGREE,), (DEGREE,)), "any_of", "the same way twice"),
        (asking((DEGREE,), ()), "any_of.1.all_of", "is empty"),
        (asking((DEGREE,), (AID,) * 3, needs=(AID,) * 3), "need", "states 6 needs"),
        (asking((DEGREE,), (Need((Alternative(),)),)), "any_of.1.all_of.0", "asks nothing"),
        (asking((DEGREE,), (Need((Alternative("x"),)),)), "any_of.1.all_of.0.skill", "is not a URI"),
    ],
)
def test_ways_that_cannot_be_offered_are_refused_by_field(
    requirement: Requirement, where: str, what: str
) -> None:
    with pytest.raises(RequirementInvalid) as refused:
        askable(requirement, today=datetime.now(UTC).date())
    assert any(each.where == where and what in each.what for each in refused.value.faults), refused.value


def test_a_way_is_chosen_until_a_wallet_opens_the_request() -> None:
    waiting = created(asking((DEGREE,), (ANALYSIS, AID)))
    assert choose(choose(waiting, 1), 0) == waiting
    with pytest.raises(WayUnknown, match="there is no way 2"):
        choose(waiting, 2)
    opened = ask(waiting, Question((), ()), Exchange("e", "c", "t"), request_digest="z", now=NOW)
    with pytest.raises(RequestFinished, match="before a wallet opens it"):
        choose(opened, 1)


def test_step_7_refuses_an_answer_to_something_that_is_none_of_the_ways() -> None:
    asked = replace(ASKED, ways=((DEGREE,), (AID,)))
    failed(take_step(7, asked=asked), "none of the ways")


NEEDS = st.sampled_from([DEGREE, ANALYSIS, AID, Need((Alternative(level=LevelAsked("eqf", 3)),))])
WAYS = st.lists(st.lists(NEEDS, min_size=1, max_size=3).map(tuple), min_size=2, max_size=4, unique=True)


@settings(max_examples=60, deadline=None)
@given(ways=WAYS, asked=st.lists(NEEDS, min_size=1, max_size=3).map(tuple), answered=st.integers(0, 3))
def test_an_answer_that_meets_none_of_the_ways_is_never_accepted(
    ways: list[tuple[Need, ...]], asked: tuple[Need, ...], answered: int
) -> None:
    """Whatever was asked, and however many of its needs are answered."""
    assert isinstance(FACTS.presentation, Presentation)
    values = FACTS.presentation.revealed["need_0"].values
    revealed = {f"need_{index}": RevealedGroup(0, values) for index in range(min(answered, len(asked)))}
    question = Question(tuple(AskedOfOneCredential(need, REVEAL, (), ()) for need in asked), ())
    found = judge(
        replace(ASKED, question=question, ways=tuple(ways)),
        replace(FACTS, presentation=replace(FACTS.presentation, revealed=revealed)),
        TRUSTED,
        now=NOW,
    )
    met = {way for way in ways if all(any(fits(each, SHOWN.edition) for each in n.alternatives) for n in way)}
    good = asked in met and answered >= len(asked)
    assert (found.result is Result.ACCEPTED) == good, found


# --- the applicant's name


APPLICANT = Applicant("Amina", "Otieno")


def named(
    given: str, family: str, rule: NameRule, applicant: Applicant | None = APPLICANT
) -> tuple[Result, str, str]:
    need = ASKED.question.needs[0]
    found = judge(
        replace(
            ASKED,
            question=Question((replace(need, reveal=(*need.reveal, "given_name", "family_name")),), ()),
            name=rule,
            applicant=applicant,
        ),
        replace(FACTS, presentation=shown(VALUES | {"given_name": given, "family_name": family})),
        TRUSTED,
        now=NOW,
    )
    assert all(part not in repr(found) for part in ("Amina", "Fatuma", "Otieno"))
    return found.result, found.notes["name"], found.steps[6].reason


def test_step_7_compares_the_name_shown_with_the_applicants() -> None:
    result, name, reason = named("AMINA", "Otieno", "required")
    assert (result, name, "the applicant's" in reason) == (Result.ACCEPTED, "match", True)
    result, name, reason = named("Fatuma", "Otieno", "required")
    assert (result, name, reason) == (Result.REJECTED, "differs", "the name shown is not the applicant's")
    result, name, reason = named("أمينة", "أوتيينو", "required")
    assert (result, name, "not guessed" in reason) == (Result.UNDECIDED, "cannot_tell", True)
    result, name, reason = named("Amina", "Otieno", "required", None)
    assert (result, name, "no name of the applicant" in reason) == (Result.UNDECIDED, "cannot_tell", True)


def test_a_difference_that_the_policy_only_shows_rejects_nothing() -> None:
    result, name, reason = named("Fatuma", "Otieno", "shown")
    assert (result, name, "is not the applicant's" in reason) == (Result.ACCEPTED, "differs", True)


def test_of_two_credentials_the_one_in_another_name_counts() -> None:
    need = replace(ASKED.question.needs[0], reveal=(*REVEAL, "given_name", "family_name"))
    mine = shown(VALUES | {"given_name": "Amina", "family_name": "Otieno"})
    lent = shown(VALUES | {"given_name": "Fatuma", "family_name": "Otieno"})
    both = replace(mine, revealed={**mine.revealed, "need_1": lent.revealed["need_0"]})
    asked = replace(ASKED, question=Question((need, need), ()), name="required", applicant=APPLICANT)
    found = judge(asked, replace(FACTS, presentation=both), TRUSTED, now=NOW)
    assert (found.result, found.notes) == (Result.REJECTED, {"name": "differs"})


def test_a_need_without_a_name_cannot_be_compared() -> None:
    asked = replace(ASKED, name="shown", applicant=APPLICANT)
    assert judge(asked, FACTS, TRUSTED, now=NOW).notes == {"name": "cannot_tell"}
