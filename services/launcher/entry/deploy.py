"""`ujuzi deploy`: what an installation on servers needs beforehand (docs/deploy.md)."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from services.launcher.domain.deployment import DATABASE_SERVER
from services.launcher.errors import LauncherError

type MakeSecrets = Callable[[Path, str, Sequence[str], Sequence[str]], None]
"""Folder, host:port of PostgreSQL, names of NATS, names of PostgreSQL."""
type MakeCertificates = Callable[[Path, Sequence[str], Sequence[str]], None]

_COULD_NOT_START = 2

Nats = Annotated[
    list[str], typer.Option("--nats", help="Host name by which programs reach NATS; may be repeated.")
]
Postgres = Annotated[
    list[str], typer.Option("--postgres", help="The same for PostgreSQL, where its certificate is made here.")
]
Folder = Annotated[Path, typer.Argument(help="The folder of secrets.")]


def deploy_commands(
    *, settings: Callable[[], str], make_secrets: MakeSecrets, make_certificates: MakeCertificates
) -> typer.Typer:
    """The commands under `ujuzi deploy`."""
    cli = typer.Typer(no_args_is_help=True, help="What an installation on servers needs: docs/deploy.md.")

    @cli.command("settings")
    def print_settings() -> None:
        """Print every setting of every program as docs/configuration.md has them."""
        typer.echo(settings(), nl=False)

    @cli.command("secrets")
    def draw(
        folder: Folder,
        nats: Nats = ["nats"],  # noqa: B006 - typer copies it
        postgres: Postgres = ["postgres"],  # noqa: B006
        database: Annotated[
            str, typer.Option(help="host:port of PostgreSQL, as it stands in the programs' URLs.")
        ] = DATABASE_SERVER,
    ) -> None:
        """Make every secret of an installation, once, in a new folder, with the certificates of NATS and PostgreSQL."""
        _refusing(lambda: make_secrets(folder.absolute(), database, nats, postgres))
        typer.echo(
            f"{folder}: one file for each program. Back them up apart from the data: nothing can replace them."
        )

    @cli.command("certificates")
    def renew(
        folder: Folder,
        nats: Nats = ["nats"],  # noqa: B006
        postgres: Postgres = ["postgres"],  # noqa: B006
    ) -> None:
        """Make the certificates of NATS and PostgreSQL anew; they are good for two years. Then restart everything."""
        _refusing(lambda: make_certificates(folder.absolute(), nats, postgres))
        typer.echo(
            f"{folder}: new certificates. Restart every program, or they will not know NATS and PostgreSQL."
        )

    return cli


def _refusing(do: Callable[[], None]) -> None:
    try:
        do()
    except LauncherError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_COULD_NOT_START) from error
