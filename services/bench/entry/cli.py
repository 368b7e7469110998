"""`ujuzi bench`: parses, runs, prints the tables, writes the files."""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as Shown

from services.bench.domain.figures import Figures, SecondAgent
from services.bench.domain.page import page as page_of
from services.bench.domain.plan import FULL, QUICK, Plan
from services.bench.domain.plots import plots
from services.bench.domain.soak import Soak
from services.bench.domain.tables import Table, second_agent_table, soak_table, tables
from services.bench.ports import Keep, Say
from services.launcher.errors import CannotStart, LauncherError

type Bench = Callable[[Plan, float | None, Say, Keep], Coroutine[object, object, Figures]]
type SoakFor = Callable[[float, Say], Coroutine[object, object, Soak]]
type TwoAgents = Callable[[Say], Coroutine[object, object, SecondAgent]]

_NOT_KEPT = 1
_COULD_NOT_START = 2


def add_bench(cli: typer.Typer, bench: Bench, soak_for: SoakFor, two_agents: TwoAgents) -> None:
    """Add the command."""
    console = Console(highlight=False)

    def say(text: str) -> None:
        console.print(text, markup=False, soft_wrap=True)

    @cli.command("bench")
    def run(
        *,
        quick: Annotated[bool, typer.Option("--quick", help="Few exchanges: within five minutes.")] = False,
        json: Annotated[
            Path | None,
            typer.Option(help="Write all figures to this file; a soak and a second agent there are kept."),
        ] = None,
        page: Annotated[
            Path | None, typer.Option(help="Write a page about them, with plots in a folder of its name.")
        ] = None,
        minutes: Annotated[
            float | None, typer.Option(min=0, help="After so many begin nothing more: the rest is left out.")
        ] = None,
        soak: Annotated[
            float | None, typer.Option(min=0.1, help="Run Ujuzi alone for so many minutes; add it to --json.")
        ] = None,
        second_agent: Annotated[
            bool,
            typer.Option(
                "--second-agent",
                help="Run Ujuzi alone, with one agent for wallets and with two; add it to --json.",
            ),
        ] = False,
        source: Annotated[
            Path | None, typer.Option("--from", exists=True, help="Show such figures; measure nothing.")
        ] = None,
        learners: Annotated[
            int | None, typer.Option(min=1, hidden=True, help="Only so many: to try the command.")
        ] = None,
    ) -> None:
        """Measure Ujuzi beside stock ACA-Py and the bare arithmetic, by turns, on this machine.

        What is finished is written after every course: of a run that is ended, it is kept. Exits with 1 if Ujuzi lost or doubled anything. What else runs here changes the figures.
        """
        logging.basicConfig(format="%(levelname)s %(message)s", level=logging.WARNING)
        figures, kept = None, True
        try:
            before = _before(json, needed=soak is not None or second_agent)
            if source is not None:
                figures = _read(source)
            elif soak is not None:
                found = _run(soak_for(soak, say))
                kept = not found.lost and not found.doubled
                console.print(shown(soak_table(found)))
                figures = before and replace(before, soak=found)
            elif second_agent:
                both = _run(two_agents(say))
                kept = not any(one.lost or one.doubled for one in (both.one, both.two))
                console.print(shown(second_agent_table(both)))
                figures = before and replace(before, second_agent=both)
            else:
                plan = QUICK if quick else FULL
                plan = plan.of_size(learners) if learners else plan
                work = bench(plan, minutes, say, lambda so_far: _write(_beside(before, so_far), json, page))
                figures = _beside(before, _run(work))
                kept = figures.ours_kept
        except LauncherError as error:
            console.print(str(error), style="bold red", soft_wrap=True, markup=False)
            raise typer.Exit(_COULD_NOT_START) from error
        if figures is not None:
            for table in tables(figures):
                console.print(shown(table), "")
            _write(figures, json, page)
        raise typer.Exit(0 if kept else _NOT_KEPT)


def _before(json: Path | None, *, needed: bool) -> Figures | None:
    """What the file has. Raises CannotStart if it is needed to add something to it."""
    if json is not None and json.exists():
        return _read(json)
    if json is not None and needed:
        raise CannotStart(f"{json} is not there yet: run `ujuzi bench --json {json}` first.")
    return None


def _beside(before: Figures | None, figures: Figures) -> Figures:
    """With what was measured apart before."""
    return figures if before is None else replace(figures, soak=before.soak, second_agent=before.second_agent)


def _run[T](work: Coroutine[object, object, T]) -> T:
    """Run it; SIGTERM ends it as Ctrl-C does: what runs is stopped, its folder removed."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return asyncio.run(work)
    finally:
        signal.signal(signal.SIGTERM, before)


def _read(file: Path) -> Figures:
    try:
        return Figures.of_json(file.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError) as error:
        raise CannotStart(f"{file} is no file that `ujuzi bench --json` wrote.") from error


def _write(figures: Figures, json: Path | None, page: Path | None) -> None:
    if json is not None:
        json.write_text(figures.to_json(), encoding="utf-8")
    if page is not None:
        folder = page.with_suffix("")
        folder.mkdir(parents=True, exist_ok=True)
        page.write_text(page_of(figures, folder.name), encoding="utf-8")
        for name, drawn in plots(figures).items():
            (folder / name).write_text(drawn, encoding="utf-8")


def shown(table: Table) -> Shown:
    """As rich prints it."""
    drawn = Shown(title=table.title, title_justify="left", show_edge=False)
    for number, column in enumerate(table.columns):
        drawn.add_column(column, justify="left" if number == 0 else "right", overflow="fold")
    for row in table.rows:
        drawn.add_row(*row)
    return drawn
