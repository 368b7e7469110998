"""The `ujuzi` command: parses, calls one thing, prints, chooses the exit code."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from services.launcher.domain.backup import Manifest
from services.launcher.domain.capacity import Fullness
from services.launcher.domain.exchange import DEFAULT_BASE_PORT, Endpoints
from services.launcher.domain.story import LEARNERS, Account
from services.launcher.errors import LauncherError
from services.launcher.ports import Tell
from services.launcher.use_cases.invite_member import Invited

type OpenHome = Callable[[Path, int, str | None, list[str]], AbstractAsyncContextManager[Endpoints]]
"""Home, first port, database, origins of job platforms."""
type MoveHome = Callable[[Path, Path], Manifest]
type Invite = Callable[[Path, str, str, str, list[str], str | None], Awaitable[Invited]]
"""Home, service, name, e-mail address, roles, organisation."""
type Measure = Callable[[Path], Awaitable[Fullness]]
type PlayStory = Callable[[int, Tell], Awaitable[Account]]

_STORY_WENT_WRONG = 1
_COULD_NOT_START = 2
_HIGHEST_BASE_PORT = 65_528


def create_cli(
    *,
    open_home: OpenHome,
    play: PlayStory,
    tell: Callable[[Console], Tell],
    back_up: MoveHome,
    bring_back: MoveHome,
    invite: Invite,
    measure: Measure,
) -> typer.Typer:
    """Return the command line over what it is to call."""
    cli = typer.Typer(
        add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__
    )
    console = Console(highlight=False)

    @cli.callback()
    def ujuzi() -> None:
        """Ujuzi: issue, hold and prove micro-credentials."""

    @cli.command()
    def up(
        home: Annotated[Path, typer.Option(help="Folder that keeps everything.")] = Path(".ujuzi"),
        base_port: Annotated[
            int, typer.Option(min=1024, max=_HIGHEST_BASE_PORT, help="First of eight ports in a row.")
        ] = DEFAULT_BASE_PORT,
        database: Annotated[
            str | None,
            typer.Option(
                envvar="UJUZI_DATABASE",
                help="Keep data in PostgreSQL: postgresql://user:password@host:port. In the environment the password "
                "stays out of the process list.",
            ),
        ] = None,
        return_origin: Annotated[
            list[str] | None,
            typer.Option(
                envvar="UJUZI_RETURN_ORIGINS",
                help="Origin of a job platform, as http://localhost:9000, to which the verifier returns learners after "
                "answering; may be repeated.",
            ),
        ] = None,
    ) -> None:
        """Run everything on this machine until Ctrl-C."""
        home = home.absolute()
        _run(_up(home, partial(open_home, home, base_port, database, return_origin or []), console), console)

    @cli.command()
    def backup(
        file: Annotated[Path, typer.Argument(help="The backup to write; it must not be there yet.")],
        home: Annotated[Path, typer.Option(help="A home in which nothing runs.")] = Path(".ujuzi"),
    ) -> None:
        """Write everything a stopped home holds, its secrets too, to one file."""
        with _refusing(console):
            made = back_up(home.absolute(), file.absolute())
        console.print(
            f"{file}: {len(made.files)} files. It holds every secret of the exchange: keep it like one."
        )

    @cli.command()
    def restore(
        file: Annotated[Path, typer.Argument(help="A backup.")],
        home: Annotated[Path, typer.Option(help="The home to make; it must be new or empty.")],
    ) -> None:
        """Make a new home of a backup."""
        with _refusing(console):
            made = bring_back(file.absolute(), home.absolute())
        console.print(
            f"{home}: {len(made.files)} files as of {made.made_at}. Start it with `ujuzi up --home {home}`."
        )

    @cli.command("invite")
    def invite_member(  # noqa: PLR0917 - typer passes them by name
        service: Annotated[
            Literal["trust-registry", "verifier", "issuer"], typer.Option(help="Whose console.")
        ],
        role: Annotated[list[str], typer.Option(help="A role to give; may be repeated.")],
        name: Annotated[str, typer.Option(help="The person's name.")],
        email: Annotated[str, typer.Option(help="The person's e-mail address.")],
        organisation: Annotated[
            str | None, typer.Option(help="Slug of the issuer's organisation; the first one unless given.")
        ] = None,
        home: Annotated[Path, typer.Option(help="A home in which everything runs.")] = Path(".ujuzi"),
    ) -> None:
        """Print a link that lets a person in to a console once, within 24 hours."""
        made = partial(invite, home.absolute(), service, name, email, role, organisation)
        _run(_invite(made, name, console), console)

    @cli.command()
    def capacity(
        home: Annotated[Path, typer.Option(help="A home in which everything runs.")] = Path(".ujuzi"),
    ) -> None:
        """Say how full the wallet is: of all wallets together, never of one."""
        _run(_capacity(partial(measure, home.absolute()), console), console)

    @cli.command()
    def demo(
        learners: Annotated[
            int, typer.Option(min=LEARNERS.start, max=LEARNERS.stop - 1, help="How many of the cohort claim.")
        ] = LEARNERS.stop - 1,
        json: Annotated[Path | None, typer.Option(help="Write the account to this file.")] = None,
    ) -> None:
        """Play the whole story in an exchange of its own, and leave nothing behind."""
        _run(_demo(learners, json, play, tell(console)), console)

    return cli


async def _up(
    home: Path, open_home: Callable[[], AbstractAsyncContextManager[Endpoints]], console: Console
) -> int:
    console.print(f"Starting Ujuzi in {home} …")
    began = asyncio.get_running_loop().time()
    async with open_home() as exchange:
        took = asyncio.get_running_loop().time() - began
        console.print(f"Ready after {took:.1f} s. Ctrl-C stops everything; what is in the home stays.\n")
        console.print(_first_hour(exchange, home), soft_wrap=True)
        await asyncio.Event().wait()
    return 0


async def _invite(invite: Callable[[], Awaitable[Invited]], name: str, console: Console) -> int:
    made = await invite()
    console.print(f"For {name} alone, once, until {made.expires_at}:", markup=False)
    console.print(made.url, soft_wrap=True, markup=False)
    return 0


async def _capacity(measure: Callable[[], Awaitable[Fullness]], console: Console) -> int:
    found = await measure()
    for line in found.lines():
        console.print(line, soft_wrap=True, markup=False)
    console.print("Limits")
    for limit in found.limits:
        style = "bold red" if limit.is_near else None
        console.print(f"  {limit.said()}", soft_wrap=True, markup=False, style=style)
    return 0


async def _demo(learners: int, json: Path | None, play: PlayStory, tell: Tell) -> int:
    account = await play(learners, tell)
    if json is not None:
        json.write_text(account.to_json(), encoding="utf-8")  # noqa: ASYNC240  nothing else runs any more
    return 0 if account.as_expected else _STORY_WENT_WRONG


def _run(work: Coroutine[object, object, int], console: Console) -> None:
    """Run until done or told to stop; one sentence and an exit code for what was foreseen."""
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.WARNING)
    with _refusing(console):
        code = asyncio.run(_until_told(work))
    raise typer.Exit(code)


@contextmanager
def _refusing(console: Console) -> Iterator[None]:
    try:
        yield
    except LauncherError as error:
        console.print(str(error), style="bold red", soft_wrap=True, markup=False)
        raise typer.Exit(_COULD_NOT_START) from error


async def _until_told(work: Coroutine[object, object, int]) -> int:
    """Cancel the work at SIGINT, SIGTERM or SIGHUP; its own clean-up then runs undisturbed."""
    task = asyncio.create_task(work)
    told: list[signal.Signals] = []

    def stop(which: signal.Signals) -> None:
        if not told:
            told.append(which)
            task.cancel()

    loop = asyncio.get_running_loop()
    for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(which, stop, which)
    try:
        return await task
    except asyncio.CancelledError:
        return 0 if told else 1


def _first_hour(exchange: Endpoints, home: Path) -> str:
    return f"""\
  issuer          {exchange.issuer}
  wallet          {exchange.wallet}
  verifier        {exchange.verifier}
  trust registry  {exchange.trust_registry}
  every address and key: {home / "endpoints.json"}

A demonstration authority lists the demonstration issuer and verifier; wallet and verifier hold its list.
Your first hour, with your own names (docs/getting-started.md has each command in full):
  1. List your organisation at the trust registry: its names, and what it may issue.
  2. Pin the list at the verifier and the wallet, with the authority's key.
  3. Publish a template at the issuer, send it a spreadsheet, open a claim link in the wallet.
  4. Ask the verifier for a proof, open its link in the wallet, read the verdict.\
"""
