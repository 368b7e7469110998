"""Tells the demonstration's story on a terminal."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.launcher.domain.story import Told

_COLOURS = {"accepted": "green", "rejected": "red", "undecided": "yellow"}


class ConsoleTell:
    """Writes with rich: a bar on a terminal, plain lines in a pipe."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._chapters = 0

    def chapter(self, title: str) -> None:
        """Begin a numbered chapter."""
        self._chapters += 1
        self._console.print(f"\n[bold]{self._chapters}. {title}[/bold]")

    def line(self, text: str) -> None:
        """Say one sentence."""
        self._console.print(f"   {text}", soft_wrap=True, markup=False)

    @contextmanager
    def progress(self, what: str, total: int) -> Generator[Callable[[], None]]:
        """Show a bar while the block lasts."""
        columns = (
            TextColumn("   {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console) as bar:
            task = bar.add_task(what, total=total)
            yield lambda: bar.advance(task)

    def scene(self, scene: Told) -> None:
        """Tell verdict and reasons, and whether they are the expected ones."""
        colour = _COLOURS.get(scene.result, "magenta")
        self._console.print(
            f"   Verdict: [bold {colour}]{scene.result}[/bold {colour}] ({scene.seconds:.1f} s)"
        )
        for number, reason in zip(scene.deciding_steps, scene.reasons, strict=True):
            self.line(f"Step {number}: {reason}")
        if not scene.as_expected:
            wanted = scene.expected + (
                "" if scene.expected_step is None else f" by step {scene.expected_step}"
            )
            self._console.print(f"   [bold magenta]Not as expected: this had to be {wanted}.[/bold magenta]")
