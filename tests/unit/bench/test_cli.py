"""What `ujuzi bench` makes of figures: what it prints, writes and ends with."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from services.bench.domain.figures import Figures, SecondAgent
from services.bench.domain.plan import FULL, QUICK, Plan
from services.bench.domain.soak import Sample, Soak
from services.bench.entry.cli import add_bench
from services.bench.ports import Keep, Say
from services.launcher.errors import CannotStart
from tests.unit.bench.made_up import FIGURES, SECOND_AGENT, a_course

SOAK = Soak("2026-11-22", 1, 2, 4, 9, 0, 0, {}, tuple(Sample(30.0 * n, {"issuer": 150.0}) for n in range(8)))
PARTLY = FIGURES.with_courses(FIGURES.courses[0])
LOST = FIGURES.with_courses(a_course("ujuzi", "issue", 1, lost=1))

type Bench = Callable[..., Result]


@pytest.fixture
def plans() -> list[Plan]:
    return []


@pytest.fixture
def run(plans: list[Plan]) -> Bench:
    def running(
        *arguments: str | Path,
        finding: Figures | Exception = FIGURES,
        soak: Soak = SOAK,
        second: SecondAgent = SECOND_AGENT,
    ) -> Result:
        async def bench(plan: Plan, minutes: float | None, say: Say, keep: Keep) -> Figures:
            say(f"Starting, for {minutes} minutes …")
            plans.append(plan)
            keep(PARTLY)
            if isinstance(finding, Exception):
                raise finding
            return finding

        async def soak_for(minutes: float, say: Say) -> Soak:
            say(f"{minutes} minutes")
            return soak

        cli = typer.Typer()
        cli.callback()(lambda: None)

        async def two_agents(say: Say) -> SecondAgent:
            say("Two agents …")
            return second

        add_bench(cli, bench, soak_for, two_agents)
        return CliRunner().invoke(cli, ["bench", *map(str, arguments)])

    return running


def test_without_a_word_it_runs_the_whole_plan_and_prints_the_goals(run: Bench, plans: list[Plan]) -> None:
    result = run()
    assert (result.exit_code, plans) == (0, [FULL])
    assert "missed" in result.stdout


def test_quick_runs_the_quick_plan(run: Bench, plans: list[Plan]) -> None:
    run("--quick")
    assert plans == [QUICK]


def test_it_ends_with_1_if_ujuzi_lost_something(run: Bench) -> None:
    assert run(finding=LOST).exit_code == 1


def test_it_ends_with_2_and_a_sentence_if_it_cannot_start(run: Bench) -> None:
    result = run(finding=CannotStart("Port 1 is taken."))
    assert result.exit_code == 2
    assert "Port 1 is taken." in result.stdout


def test_figures_are_written_and_shown_again_without_measuring(
    run: Bench, plans: list[Plan], tmp_path: Path
) -> None:
    file, page = tmp_path / "figures.json", tmp_path / "performance.md"
    run("--json", file)
    again = run("--from", file, "--page", page)
    assert (again.exit_code, len(plans)) == (0, 1)
    assert "# Performance" in page.read_text()
    assert "(performance/issuance.svg)" in page.read_text()
    assert (tmp_path / "performance" / "issuance.svg").read_text().startswith("<svg")


def test_of_a_run_that_is_ended_what_was_finished_is_written_beside_the_soak_there_was(
    run: Bench, tmp_path: Path
) -> None:
    file, page = tmp_path / "figures.json", tmp_path / "performance.md"
    file.write_text(replace(FIGURES, soak=SOAK).to_json())
    run("--json", file, "--page", page, "--minutes", "20", finding=CannotStart("Told to end."))
    assert Figures.of_json(file.read_text()) == replace(PARTLY, soak=SOAK)
    assert "ended before it was whole: 1 of its 8 courses" in page.read_text()


def test_how_long_it_may_take_is_passed_on(run: Bench) -> None:
    assert "for 20.0 minutes" in run("--minutes", "20").stdout


def test_a_soak_is_added_to_the_file_and_kept_by_the_next_run(run: Bench, tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    run("--json", file)
    assert run("--soak", "1", "--json", file).exit_code == 0
    assert Figures.of_json(file.read_text()) == replace(FIGURES, soak=SOAK)
    run("--json", file)
    assert Figures.of_json(file.read_text()).soak == SOAK


def test_a_soak_in_which_something_was_lost_ends_with_1(run: Bench) -> None:
    assert run("--soak", "1", soak=replace(SOAK, lost=1)).exit_code == 1


def test_a_soak_has_nothing_to_be_added_to_before_the_first_run(run: Bench, tmp_path: Path) -> None:
    result = run("--soak", "1", "--json", tmp_path / "none.json")
    assert result.exit_code == 2
    assert "first" in result.output


def test_another_file_is_refused(run: Bench, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"plan": "full"}')
    result = run("--from", other)
    assert result.exit_code == 2
    assert "is no file" in result.output


def test_a_second_agent_is_added_to_the_figures_and_kept_by_later_runs(run: Bench, tmp_path: Path) -> None:
    file, page = tmp_path / "figures.json", tmp_path / "performance.md"
    assert run("--second-agent", "--json", file).exit_code == 2
    run("--json", file)
    result = run("--second-agent", "--json", file, "--page", page)
    assert result.exit_code == 0
    assert "128 + 130" in result.stdout
    assert "## A second agent" in page.read_text()
    run("--json", file)
    assert Figures.of_json(file.read_text()).second_agent == SECOND_AGENT


def test_a_second_agent_with_which_something_was_lost_ends_with_1(run: Bench) -> None:
    lost = replace(SECOND_AGENT, two=replace(SECOND_AGENT.two, lost=1))
    assert run("--second-agent", second=lost).exit_code == 1
