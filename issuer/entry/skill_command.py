"""`python -m issuer esco import`: take over the files of ESCO's download."""

import asyncio
import re
from collections.abc import Awaitable, Iterable
from pathlib import Path
from typing import Annotated, Final, Protocol

import typer

from issuer.domain.esco_csv import read_skills
from issuer.domain.skill import ATTRIBUTION, SkillFault, SkillRow
from issuer.use_cases.import_skills import ImportedSkills
from shared.contracts.errors import UjuziError

REFUSED: Final = 2
_FILE_NAME: Final = re.compile(r"skills_([a-z]{2,3})(-[A-Za-z]{2,8})?\.csv")


class ImportFile(Protocol):
    """Imports over the service's database, which it brings up to date first."""

    def __call__(
        self, language: str, version: str, rows: Iterable[SkillRow | SkillFault]
    ) -> Awaitable[ImportedSkills]:
        """Raises SkillsFileRefused, Unavailable."""


def skill_commands(import_file: ImportFile) -> typer.Typer:
    """The commands under `esco`."""
    cli = typer.Typer(help="Skills of ESCO, for the template editor.")

    @cli.callback()
    def esco() -> None:
        """Keep `import` a word of its own."""

    @cli.command("import")
    def import_skills(
        files: Annotated[
            list[Path],
            typer.Argument(exists=True, dir_okay=False, help="skills_en.csv, skills_fr.csv … as downloaded."),
        ],
        version: Annotated[str, typer.Option(help="ESCO's version, as its download page says: 1.2.0.")],
    ) -> None:
        """Import the CSV files of skills that https://esco.ec.europa.eu/en/use-esco/download gives; repeat it for a new version."""
        try:
            named = [(language_of(file), file) for file in files]
            done = [asyncio.run(_one(import_file, language, version, file)) for language, file in named]
        except UjuziError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(REFUSED) from error
        for each in done:
            for line in told(each):
                typer.echo(line)
        typer.echo(ATTRIBUTION)
        if any(each.faulty for each in done):
            raise typer.Exit(1)

    return cli


def language_of(file: Path) -> str:
    """The language a file's name says. Raises BadParameter."""
    found = _FILE_NAME.fullmatch(file.name)
    if found is None:
        raise typer.BadParameter(
            f"a name such as skills_fr.csv was expected, which says the language; {file.name!r} was found"
        )
    return found[1]


def told(done: ImportedSkills) -> list[str]:
    """What an operator reads of one file."""
    lines = [f"{done.language}: {done.skills} skills of ESCO {done.version}."]
    if done.withdrawn is None:
        lines.append("  Nothing was withdrawn: the file has faults, or lacks most of what is here.")
    elif done.withdrawn:
        lines.append(f"  {done.withdrawn} skills are in ESCO no more: kept for old editions, found no more.")
    if done.faulty:
        lines.append(f"  {done.faulty} rows were left out (row 1 is the header):")
        lines += [f"  row {fault.row} {fault.column}: {fault.problem}" for fault in done.faults]
    return lines


async def _one(import_file: ImportFile, language: str, version: str, file: Path) -> ImportedSkills:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return await import_file(language, version, read_skills(lines))
