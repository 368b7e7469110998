"""Each goal beside what was found, met or missed by that alone."""

from dataclasses import replace

from services.bench.domain.goals import Goal, goals
from tests.unit.bench.made_up import FIGURES, ISSUE, PRESENT, SECOND_AGENT, a_course


def found(beginning: str, figures: object = FIGURES) -> Goal:
    assert isinstance(figures, type(FIGURES))
    return next(one for one in goals(figures) if one.name.startswith(beginning))


def test_the_best_rates_are_compared_whatever_stock_agents_lost_meanwhile() -> None:
    issuance = found("Issuance: best rate")
    assert issuance.met is True
    assert issuance.found == "1.60 times (6.40/s at 200 in flight; stock 4.00/s at 200)"


def test_a_ratio_just_below_the_goal_is_missed() -> None:
    presentation = found("Presentation: best rate")
    assert presentation.met is False
    assert presentation.verdict == "missed"
    assert presentation.found.startswith("1.58 times")


def test_the_time_of_one_alone_is_compared_with_the_sum_of_the_steps() -> None:
    assert found("Issuance: time of one").met is True
    assert found("Issuance: time of one").found == "1.50 times (300 ms; arithmetic 200 ms)"
    assert found("Presentation: time of one").met is False


def test_lost_and_doubled_count_at_the_highest_level_only_of_ujuzi() -> None:
    assert found("Lost and doubled, 200 in flight").met is True
    worse = FIGURES.with_courses(*FIGURES.courses, a_course("ujuzi", "present, 3 predicates", 200, lost=2))
    goal = found("Lost and doubled", worse)
    assert (goal.met, goal.found) == (False, "2 and 0 of 6000 exchanges")


def test_what_was_not_run_is_not_met_and_says_why() -> None:
    empty = replace(FIGURES, courses=(), arithmetic=())
    assert {one.met for one in goals(empty)} == {None}
    assert all(one.found for one in goals(empty))
    assert found("A second agent process").verdict == "not measured"


def test_a_side_that_finished_nothing_has_no_ratio() -> None:
    silent = FIGURES.with_courses(a_course("stock", ISSUE, 1, rate=0.0), a_course("ujuzi", ISSUE, 1))
    assert found("Issuance: best rate", silent).met is None
    assert found("Presentation: best rate", silent).met is None
    assert PRESENT not in {one.deed for one in silent.courses}


def test_a_second_agent_is_judged_only_where_there_are_cores_enough() -> None:
    few = found("A second agent", replace(FIGURES, second_agent=SECOND_AGENT))
    assert few.met is None
    assert few.found == (
        "1.20 times (3.00 and 3.60/s) on 2 cores; an exchange takes one agent 250 ms, two 128 + 130; "
        "all programs would need 5 cores"
    )
    for rate, met in ((3.6, False), (5.1, True)):
        enough = replace(SECOND_AGENT, cores=5, two=replace(SECOND_AGENT.two, rate=rate))
        assert found("A second agent", replace(FIGURES, second_agent=enough)).met is met
