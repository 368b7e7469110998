"""`python -m issuer close-bundle`: an organisation's published objects in one file, for whoever goes on hosting them."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Annotated, Final, Protocol

import typer

from shared.contracts.errors import UjuziError

REFUSED: Final = 2


class MakeBundle(Protocol):
    """Makes the bundle of the organisation with this slug, which is closed first if that is said."""

    def __call__(self, slug: str, *, close: bool) -> Awaitable[bytes]:
        """Raises UjuziError."""


def closing_command(make: MakeBundle) -> typer.Typer:
    """The command."""
    cli = typer.Typer(help="Bundle what an organisation has published, for a custodian to host.")

    @cli.callback(invoke_without_command=True)
    def close_bundle(
        organisation: Annotated[str, typer.Option(help="Slug of the organisation.")],
        out: Annotated[
            Path, typer.Option(dir_okay=False, help="The ZIP file to write; must not be there yet.")
        ],
        close: Annotated[
            bool,
            typer.Option(
                "--close", help="Close the organisation first, for good: it awards nothing any more."
            ),
        ] = False,
    ) -> None:
        """Write the bundle; without --close as a rehearsal, unless the organisation has closed."""
        if out.exists():
            typer.echo(f"{out} is there already: name another file.", err=True)
            raise typer.Exit(REFUSED)
        try:
            content = asyncio.run(_awaited(make(organisation, close=close)))
        except UjuziError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(REFUSED) from error
        out.write_bytes(content)
        typer.echo(f"{out}: {len(content)} bytes. README.md in it says how it is hosted.")

    return cli


async def _awaited(content: Awaitable[bytes]) -> bytes:
    return await content
