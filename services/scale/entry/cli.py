"""`ujuzi scale`: works docs/scale.md out anew."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from services.scale.errors import ScaleError

REFUSED = 2


def scale_command(work_out: Callable[[Path], None]) -> Callable[[Path], None]:
    """The command over what it is to call."""

    def scale(
        docs: Annotated[
            Path,
            typer.Option(
                help="The folder with scale.md, scale/measured.json and scale/costs.json.", exists=True
            ),
        ] = Path("docs"),
    ) -> None:
        """Work out from measured costs what many learners need, and simulate a national issuing day."""
        try:
            work_out(docs)
        except ScaleError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(REFUSED) from error
        typer.echo(f"{docs / 'scale.md'} and its charts are worked out anew.")

    return scale
