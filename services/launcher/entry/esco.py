"""`ujuzi esco import`: ESCO's skills for the issuer of a home, without knowing its database."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from services.launcher.errors import LauncherError

type ImportSkills = Callable[[Path, str | None, Sequence[str]], int]
"""Home, database, what `python -m issuer esco import` is told; returns its exit code."""

_COULD_NOT_START = 2


def esco_commands(import_skills: ImportSkills) -> typer.Typer:
    """The commands under `ujuzi esco`."""
    cli = typer.Typer(no_args_is_help=True, help="Skills of ESCO, for the issuer's template editor.")

    @cli.callback()
    def esco() -> None:
        """Keep `import` a word of its own."""

    @cli.command("import")
    def take_over(
        files: Annotated[
            list[Path],
            typer.Argument(exists=True, dir_okay=False, help="skills_en.csv, skills_fr.csv … as downloaded."),
        ],
        version: Annotated[str, typer.Option(help="ESCO's version, as its download page says: 1.2.0.")],
        home: Annotated[Path, typer.Option(help="The home of an exchange, which runs or not.")] = Path(
            ".ujuzi"
        ),
        database: Annotated[
            str | None,
            typer.Option(envvar="UJUZI_DATABASE", help="Where the home keeps its data, if in PostgreSQL."),
        ] = None,
    ) -> None:
        """Import the CSV files of skills that https://esco.ec.europa.eu/en/use-esco/download gives."""
        told = ["--version", version, *(str(file.absolute()) for file in files)]
        try:
            code = import_skills(home.absolute(), database, told)
        except LauncherError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(_COULD_NOT_START) from error
        raise typer.Exit(code)

    return cli
