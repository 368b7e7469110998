"""`ujuzi bench`: parses, runs, prints the tables, writes the files."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as Shown

from services.bench.domain.figures import Figures
from services.bench.domain.plan import FULL, QUICK, Plan
from services.bench.domain.tables import Table, tables
from services.bench.ports import Say
from services.launcher.errors import LauncherError

type Bench = Callable[[Plan, Say], Coroutine[object, object, Figures]]

_NOT_KEPT = 1
_COULD_NOT_START = 2


def add_bench(cli: typer.Typer, bench: Bench) -> None:
    """Add the command."""
    console = Console(highlight=False)

    @cli.command("bench")
    def run(
        *,
        quick: Annotated[bool, typer.Option("--quick", help="Few exchanges: within five minutes.")] = False,
        json: Annotated[Path | None, typer.Option(help="Write all figures to this file.")] = None,
        learners: Annotated[
            int | None, typer.Option(min=1, hidden=True, help="Only so many: to try the command.")
        ] = None,
    ) -> None:
        """Measure Ujuzi beside stock ACA-Py and the bare arithmetic, by turns, on this machine.

        Exits with 1 if Ujuzi lost or doubled anything. What else runs here changes the figures.
        """
        plan = QUICK if quick else FULL
        plan = plan if learners is None else plan.of_size(learners)
        logging.basicConfig(format="%(levelname)s %(message)s", level=logging.WARNING)
        try:
            figures = asyncio.run(bench(plan, lambda text: console.print(text, markup=False)))
        except LauncherError as error:
            console.print(str(error), style="bold red", soft_wrap=True, markup=False)
            raise typer.Exit(_COULD_NOT_START) from error
        for table in tables(figures):
            console.print(shown(table))
        if json is not None:
            json.write_text(figures.to_json(), encoding="utf-8")
        raise typer.Exit(0 if figures.ours_kept else _NOT_KEPT)


def shown(table: Table) -> Shown:
    """As rich prints it."""
    drawn = Shown(title=table.title, title_justify="left", show_edge=False)
    for number, column in enumerate(table.columns):
        drawn.add_column(column, justify="left" if number == 0 else "right", overflow="fold")
    for row in table.rows:
        drawn.add_row(*row)
    return drawn
