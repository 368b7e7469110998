"""`ujuzi statement verify`: whether a wallet was deleted by the word of the installation that says so, and what it says."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import TypeAdapter

from shared.contracts.erasure import KEYS_PATH
from shared.contracts.errors import UjuziError
from shared.vc.erasure import LONGEST_STATEMENT, StatementInvalid, open_statement, place_of, statement_in

NOT_GENUINE, NOT_CHECKED = 1, 2
GENUINE: Final = "The statement is genuine. {place} signed it:"
PROVES: Final = "This proves that it said so. That it did so is its word."

_JWK_SET: Final = TypeAdapter(dict[str, Any])

type FetchKeys = Callable[[str], Awaitable[str]]
"""The text at an address. Raises UjuziError or ValueError."""


def statement_commands(fetch: FetchKeys) -> typer.Typer:
    """The commands around statements of deletion."""
    cli = typer.Typer(help="Statements that a wallet was deleted.", no_args_is_help=True)

    @cli.callback()
    def statement() -> None:
        """Statements that a wallet was deleted."""

    @cli.command()
    def verify(
        file: Annotated[
            Path, typer.Argument(help="The statement: the page she was given, or its text alone.")
        ],
        keys: Annotated[
            Path | None,
            typer.Option(help=f"The installation's keys (its {KEYS_PATH}), where it is not to be asked."),
        ] = None,
    ) -> None:
        """Check a statement by the keys its installation publishes. Exit code 0: genuine, 1: not, 2: could not be checked."""
        code, text = asyncio.run(_checked(file, keys, fetch))
        typer.echo(text, err=code != 0)
        raise typer.Exit(code)

    return cli


async def _checked(file: Path, keys: Path | None, fetch: FetchKeys) -> tuple[int, str]:
    try:
        compact = statement_in(_text(file))
        place = place_of(compact)
    except (OSError, ValueError) as error:
        return NOT_CHECKED, f"{file} cannot be read as a statement: {error}"
    except StatementInvalid as error:
        return NOT_GENUINE, str(error)
    try:
        published = _JWK_SET.validate_json(
            await fetch(f"{place}{KEYS_PATH}") if keys is None else _text(keys)
        )
    except (UjuziError, OSError, ValueError) as error:
        return NOT_CHECKED, (
            f"The statement could not be checked: the keys of {place} could not be had: {error}"
            " Give them with --keys FILE, or try again."
        )
    try:
        said = open_statement(compact, published)
    except StatementInvalid as error:
        return NOT_GENUINE, str(error)
    return 0, "\n".join(_told(place, said))


def _told(place: str, said: Mapping[str, Any]) -> list[str]:
    words = said.get("words")
    lines = [_plain(each) for each in words] if isinstance(words, list) else []
    return [GENUINE.format(place=_plain(place)), *(f"  {line}" for line in lines), PROVES]


def _text(file: Path) -> str:
    if file.stat().st_size > LONGEST_STATEMENT:
        raise ValueError(f"it is longer than {LONGEST_STATEMENT} bytes")
    return file.read_text(encoding="utf-8")


def _plain(value: object) -> str:
    """A signer may write anything: nothing of it moves the cursor of a terminal."""
    return "".join(letter for letter in str(value)[:2000] if letter.isprintable())
