"""The command line of a service: without a word it serves; `invite` lets a person in."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Protocol

import typer

from shared.contracts.errors import UjuziError
from shared.ports.audit import CURRENT_DEED, Act, Deed
from shared.web.manage_members import Invitation

REFUSED = 2


class Invite(Protocol):
    """Makes a one-time link over the service's database."""

    def __call__(self, *, name: str | None, email: str, roles: frozenset[str]) -> Awaitable[Invitation]:
        """Raises NotAMember, Suspended, Unavailable."""


def command_line(service: str, *, serve: Callable[[], None], invite: Invite) -> None:
    """Do what the command line says."""
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
        CURRENT_DEED.set(Deed(lambda: Act("command invite", ()), who="command"))
        try:
            made = asyncio.run(_awaited(invite(name=name, email=email, roles=frozenset(role))))
        except UjuziError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(REFUSED) from error
        typer.echo(f"For {made.member.name} alone, once, until {made.expires_at:%Y-%m-%d %H:%M} UTC:")
        typer.echo(made.url)

    cli(prog_name=f"python -m {service}")


async def _awaited(invitation: Awaitable[Invitation]) -> Invitation:
    return await invitation
