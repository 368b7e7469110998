"""What is said of a goal that was missed."""

from dataclasses import replace

from services.bench.domain.goals import Goal, goals
from services.bench.domain.obstacles import obstacles
from services.bench.domain.page import page
from services.bench.domain.soak import Sample, Soak
from tests.unit.bench.made_up import FIGURES


def goal(beginning: str) -> Goal:
    return next(one for one in goals(FIGURES) if one.name.startswith(beginning))


def test_a_rate_is_explained_by_the_processor_time_of_both_sides() -> None:
    said = obstacles(goal("Presentation: best rate"), FIGURES)
    assert (
        "ours takes 250 ms, stock agents' 250, the arithmetic in both 240. Most of ours: issuer-agent 250."
        in said
    )


def test_the_time_of_one_alone_is_explained_by_what_is_computed_in_it() -> None:
    said = obstacles(goal("Presentation: time of one"), FIGURES)
    assert said.startswith("Of 500 ms the programs compute 250, the arithmetic is 240 of these.")


def test_where_figures_are_missing_nothing_is_said() -> None:
    nothing = FIGURES.with_courses()
    assert obstacles(goal("Issuance: best rate"), nothing) == obstacles(goal("Issuance: time"), nothing) == ""


def test_the_page_says_it_of_the_missed_goals_only() -> None:
    samples = tuple(Sample(30.0 * n, {"issuer": 150.0 + 10 * n}) for n in range(8))
    shown = page(replace(FIGURES, soak=Soak("2026-11-22", 60, 2, 4, 9, 0, 0, {}, samples)), "performance")
    assert "- Memory over an hour: issuer: freed memory between pieces in use" in shown
    assert "- Presentation: best rate beside stock ACA-Py's: With all" in shown
    assert "- Issuance" not in shown
