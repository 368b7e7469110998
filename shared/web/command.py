"""The command line of a service: without a word it serves; `invite` lets a person in."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Protocol

import typer

from shared.contracts.errors import UjuziError
from shared.ports.audit import CURRENT_DEED, Act, Deed
from shared.web.manage_members import Invitation

REFUSED = 2


class InviteTo(Protocol):
    """Makes a one-time link over the database of a service with several organisations."""

    def __call__(
        self, *, name: str | None, email: str, roles: frozenset[str], organisation: str | None
    ) -> Awaitable[Invitation]:
        """Raises NotAMember, Suspended, Unavailable, and UjuziError if there is no such organisation."""


class Invite(Protocol):
    """Makes a one-time link over the service's database."""

    def __call__(self, *, name: str | None, email: str, roles: frozenset[str]) -> Awaitable[Invitation]:
        """Raises NotAMember, Suspended, Unavailable."""


type Say = Callable[[], Awaitable[Sequence[str]]]
"""What a command prints, line by line; its docstring is its help. Raises UjuziError."""


def command_line(
    service: str, *, serve: Callable[[], None], invite: Invite, also: Mapping[str, Say] | None = None
) -> None:
    """Do what the command line says; `also` are further commands by their word."""
    cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

    @cli.callback(invoke_without_command=True, help=f"Run the {service}, with settings from the environment.")
    def run(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            serve()

    @cli.command("invite")
    def invite_member(
        email: Annotated[str, typer.Option(help="E-mail address; a member who has it gets a new link.")],
        role: Annotated[list[str], typer.Option(help="A role to give; may be repeated.")],
        name: Annotated[str | None, typer.Option(help="Name of somebody new.")] = None,
    ) -> None:
        """Print a link that lets a person in to the console once, within 24 hours."""
        _print_link(lambda: invite(name=name, email=email, roles=frozenset(role)))

    for word, say in (also or {}).items():
        cli.command(word, help=say.__doc__)(_saying(say))

    cli(prog_name=f"python -m {service}")


def _saying(say: Say) -> Callable[[], None]:
    async def said() -> Sequence[str]:
        return await say()

    def command() -> None:
        try:
            lines = asyncio.run(said())
        except UjuziError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(REFUSED) from error
        typer.echo("\n".join(lines))

    return command


def command_line_of_organisations(
    service: str, *, serve: Callable[[], None], invite: InviteTo, also: Mapping[str, typer.Typer]
) -> None:
    """The same for a service with several organisations; `also` are further commands by their first word."""
    cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

    @cli.callback(invoke_without_command=True, help=f"Run the {service}, with settings from the environment.")
    def run(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            serve()

    @cli.command("invite")
    def invite_member(
        email: Annotated[str, typer.Option(help="E-mail address; a member who has it gets a new link.")],
        role: Annotated[list[str], typer.Option(help="A role to give; may be repeated.")],
        name: Annotated[str | None, typer.Option(help="Name of somebody new.")] = None,
        organisation: Annotated[
            str | None, typer.Option(help="Slug of the organisation to let in to; none for the operator.")
        ] = None,
    ) -> None:
        """Print a link that lets a person in to the console once, within 24 hours."""
        _print_link(
            lambda: invite(name=name, email=email, roles=frozenset(role), organisation=organisation),
            organisation,
        )

    for word, commands in also.items():
        cli.add_typer(commands, name=word)
    cli(prog_name=f"python -m {service}")


def _print_link(invite: Callable[[], Awaitable[Invitation]], organisation: str | None = None) -> None:
    deed = Deed(lambda: Act("command invite", ()), who="command", organisation=organisation)
    CURRENT_DEED.set(deed)
    try:
        made = asyncio.run(_awaited(invite()))
    except UjuziError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(REFUSED) from error
    typer.echo(f"For {made.member.name} alone, once, until {made.expires_at:%Y-%m-%d %H:%M} UTC:")
    typer.echo(made.url)


async def _awaited(invitation: Awaitable[Invitation]) -> Invitation:
    return await invitation
