"""Wiring of the `ujuzi` command: the only place that builds things."""

import argparse
import asyncio
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import httpx

from services.bench.entry.cli import add_bench
from services.bench.main import bench, measure_second_agent, soak_for
from services.launcher.adapters.acapy_holder import AcapyHolder
from services.launcher.adapters.bundled_files import (
    demonstration_data,
    foreign_wallet_plugins,
    nats_config,
    nats_server,
)
from services.launcher.adapters.certificates import certificates
from services.launcher.adapters.child_processes import (
    READY_WITHIN,
    ChildProcesses,
    run_once,
    running_beside,
)
from services.launcher.adapters.drawn import base58_key, base64_key, word
from services.launcher.adapters.free_ports import free_base_port
from services.launcher.adapters.home_archive import restore_backup, write_backup
from services.launcher.adapters.home_folder import HomeFolder
from services.launcher.adapters.http_capacity import HttpCapacity
from services.launcher.adapters.http_did import HttpDid
from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.adapters.http_issuer import HttpIssuer
from services.launcher.adapters.http_json import JsonApi
from services.launcher.adapters.http_members import HttpMembers
from services.launcher.adapters.http_trust_registry import HttpTrustRegistry
from services.launcher.adapters.http_verifier import HttpPins, HttpVerifier
from services.launcher.adapters.postgres_databases import PostgresDatabases
from services.launcher.adapters.private_files import replace, write_new
from services.launcher.adapters.settings_table import settings_table
from services.launcher.adapters.sqlite_files import SqliteFiles
from services.launcher.domain.capacity import Fullness
from services.launcher.domain.deployment import Draw, secret_files
from services.launcher.domain.exchange import (
    DEFAULT_BASE_PORT,
    EXCHANGE_PORTS,
    Endpoints,
    Names,
    Ports,
    Program,
    Secrets,
    Site,
    given_in,
    postgres_server,
    programs_of,
)
from services.launcher.domain.foreign_wallet import FOREIGN_WALLET_PORTS, ForeignWallet
from services.launcher.domain.story import Account
from services.launcher.entry.cli import create_cli
from services.launcher.entry.console_tell import ConsoleTell
from services.launcher.entry.deploy import deploy_commands
from services.launcher.entry.esco import esco_commands
from services.launcher.entry.receipts import receipt_commands
from services.launcher.entry.statements import statement_commands
from services.launcher.ports import Tell
from services.launcher.use_cases.back_up import back_up
from services.launcher.use_cases.introduce_demonstration import introduce_demonstration
from services.launcher.use_cases.invite_member import Invited
from services.launcher.use_cases.open_exchange import open_exchange
from services.launcher.use_cases.tell_story import Cast, Props, tell_story
from services.scale.entry.cli import scale_command
from services.scale.main import work_out
from shared.adapters.clock import utc_now
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.webvh_resolver import WebvhResolver
from shared.vc.webvh import DidHistory

_NAMES = Names()


def exchange_in(
    home: Path,
    base_port: int,
    database_url: str | None,
    prepare: Callable[[Endpoints], Awaitable[None]],
    *,
    return_origins: Sequence[str] = (),
    given: Mapping[str, str] | None = None,
    plan: Callable[[Site, Secrets], Sequence[Program]] = programs_of,
    ready_within: float = READY_WITHIN,
) -> AbstractAsyncContextManager[Endpoints]:
    """Return an exchange that runs in `home` for as long as it is entered: the programs of `plan`, each ready within so many seconds."""
    site = _site(home, base_port, database_url, return_origins=return_origins, given=given)
    return open_exchange(
        HomeFolder(home),
        _databases(site),
        ChildProcesses(home / "logs", ready_within=ready_within),
        site.ports,
        plan=partial(plan, site),
        prepare=prepare,
    )


def run_as_program(exchange: Callable[[Path, int], AbstractAsyncContextManager[Endpoints]]) -> None:
    """Run it as a program of its own until SIGTERM: `--home HOME --base-port PORT`."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--home", type=Path, required=True)
    asked.add_argument("--base-port", type=int, required=True)
    given = asked.parse_args()

    async def run() -> None:
        told_to_stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_stop.set)
        async with exchange(given.home, given.base_port):
            await told_to_stop.wait()

    asyncio.run(run())


def _site(
    home: Path,
    base_port: int,
    database_url: str | None,
    *,
    return_origins: Sequence[str] = (),
    given: Mapping[str, str] | None = None,
) -> Site:
    return Site(
        home=home,
        ports=Ports(base_port),
        names=_NAMES,
        python=sys.executable,
        nats_server=nats_server(),
        nats_config=nats_config(),
        database=postgres_server(database_url) if database_url else None,
        return_origins=tuple(return_origins),
        given=given or {},
    )


def _databases(site: Site) -> PostgresDatabases | SqliteFiles:
    return PostgresDatabases(site.database) if site.database else SqliteFiles()


def demonstration_exchange(
    home: Path, base_port: int, database_url: str | None, return_origins: Sequence[str]
) -> AbstractAsyncContextManager[Endpoints]:
    """Return an exchange whose demonstration issuer and verifier are listed, and whose list is pinned."""
    return exchange_in(
        home,
        base_port,
        database_url,
        introduce,
        return_origins=return_origins,
        given=given_in(os.environ),
    )


async def introduce(endpoints: Endpoints) -> None:
    """List the demonstration's issuer and verifier, and pin the list."""
    async with httpx.AsyncClient() as client:
        cast = _cast(endpoints, client)
        await introduce_demonstration(cast.authority, cast.issuer_did, cast.verifier_did, cast.judges, _NAMES)


async def _leave_strangers(_: Endpoints) -> None:
    """In the story, trust is a chapter of its own."""


async def play_story(learners: int, tell: Tell) -> Account:
    """Play the story in an exchange of its own; its home goes with it, unless something in it has to be explained."""
    props = Props(demonstration_data("graduates.csv"), demonstration_data("programmes.json"))
    home = Path(tempfile.mkdtemp(prefix="ujuzi-demo-"))
    base_port = free_base_port(EXCHANGE_PORTS + FOREIGN_WALLET_PORTS)
    explained = False
    try:
        began = time.monotonic()
        tell.line("Starting an exchange of its own: three agents, four services, one message bus …")
        async with (
            exchange_in(home, base_port, None, _leave_strangers) as endpoints,
            httpx.AsyncClient() as client,
            running_beside(home / "logs") as beside,
        ):
            started_in = time.monotonic() - began
            tell.line(f"Ready after {started_in:.1f} s.")
            cheat = ForeignWallet(
                folder=home / "foreign-wallet",
                base_port=base_port + EXCHANGE_PORTS,
                python=sys.executable,
                plugins=foreign_wallet_plugins(),
                hosts=endpoints.dids,
                key=secrets.token_urlsafe(),
                status_list="oldest",
            )
            account = await tell_story(
                _cast(endpoints, client),
                AcapyHolder(cheat, beside, client),
                props,
                _NAMES,
                tell,
                learners=learners,
                started_in=started_in,
                clock=time.monotonic,
            )
        explained = account.as_expected
    except asyncio.CancelledError:
        explained = True
        raise
    else:
        return account
    finally:
        if explained:
            shutil.rmtree(home, ignore_errors=True)
        else:
            tell.line(f"What happened is in {home / 'logs'}; remove {home} when you have read it.")


def _cast(endpoints: Endpoints, client: httpx.AsyncClient) -> Cast:
    keys = endpoints.keys
    verifier = JsonApi(endpoints.verifier, keys["verifier"], client)
    return Cast(
        authority=HttpTrustRegistry(
            JsonApi(endpoints.trust_registry, keys["trust_registry"], client), _NAMES.list_name
        ),
        issuer_did=HttpDid(endpoints.issuer, _NAMES.issuer_slug, client),
        verifier_did=HttpDid(endpoints.verifier, _NAMES.verifier_slug, client),
        issuer=HttpIssuer(JsonApi(endpoints.issuer, keys["issuer"], client)),
        verifier=HttpVerifier(verifier),
        judges=(HttpPins(verifier), HttpPins(JsonApi(endpoints.wallet, keys["wallet"], client))),
        new_learner=partial(HttpGraduate, endpoints.wallet, client),
    )


async def invite(  # noqa: PLR0917 - what the command line says, in its order
    home: Path, service: str, name: str, email: str, roles: list[str], organisation: str | None = None
) -> Invited:
    """Let a person in to a console of the exchange that runs in `home`.

    To another organisation of the issuer than the first only its first administrator: she lets the others in.
    """
    endpoints, party = HomeFolder(home).published(), service.replace("-", "_")
    url = {
        "trust_registry": endpoints.trust_registry,
        "verifier": endpoints.verifier,
        "issuer": endpoints.issuer,
    }[party]
    async with httpx.AsyncClient() as client:
        members = HttpMembers(JsonApi(url, endpoints.keys[party], client))
        if organisation in {None, _NAMES.issuer_slug}:
            return await members(name=name, email=email, roles=roles)
        return await members.first_of(str(organisation), name=name, email=email, roles=roles)


async def measure_capacity(home: Path) -> Fullness:
    """How full the wallet of the exchange is that runs in `home`."""
    endpoints = HomeFolder(home).published()
    async with httpx.AsyncClient() as client:
        return await HttpCapacity(JsonApi(endpoints.wallet, endpoints.keys["wallet"], client))()


def import_skills(home: Path, database_url: str | None, arguments: Sequence[str]) -> int:
    """Have the issuer of a home import files of ESCO's, whether it runs or not; return the command's exit code."""
    site, folder = _site(home, DEFAULT_BASE_PORT, database_url), HomeFolder(home)
    folder.check_started()
    folder.keep_data_in(_databases(site).place)
    issuer = next(program for program in programs_of(site, folder.secrets()) if program.name == "issuer")
    return run_once(issuer, ["esco", "import", *arguments])


async def fetch_history(did: str) -> DidHistory:
    """The history of a DID, from its host. Raises UjuziError."""
    async with GuardedClient({}) as web:
        return await WebvhResolver(web).history(did, fresh=True)


async def fetch_keys(url: str) -> str:
    """The text of the JWK set an installation publishes. Raises UjuziError, ValueError."""
    async with GuardedClient({}) as web:
        return (await web.get(url)).body.decode()


def all_settings() -> str:
    """docs/configuration.md."""
    from issuer.settings import Settings as Issuer  # noqa: PLC0415  loaded for this command only
    from services.agent.settings import Settings as Agent  # noqa: PLC0415
    from services.trust_registry.settings import Settings as TrustRegistry  # noqa: PLC0415
    from verifier.settings import Settings as Verifier  # noqa: PLC0415
    from wallet.settings import Settings as Wallet  # noqa: PLC0415

    return settings_table(
        {
            "Issuer": Issuer,
            "Wallet": Wallet,
            "Verifier": Verifier,
            "Trust registry": TrustRegistry,
            "Agents": Agent,
        }
    )


def make_secrets(folder: Path, database: str, nats: Sequence[str], postgres: Sequence[str]) -> None:
    """Every secret and certificate of an installation on servers. Raises CannotStart."""
    drawn = secret_files(Draw(word, base64_key, base58_key), database=database)
    write_new(folder, drawn | certificates({"nats": nats, "postgres": postgres}, now=utc_now()))


def make_certificates(folder: Path, nats: Sequence[str], postgres: Sequence[str]) -> None:
    """New certificates beside the secrets that are there. Raises CannotStart."""
    replace(folder, certificates({"nats": nats, "postgres": postgres}, now=utc_now()))


def main() -> None:
    """Run the command line."""
    cli = create_cli(
        open_home=demonstration_exchange,
        play=play_story,
        tell=ConsoleTell,
        back_up=lambda home, file: back_up(
            home, file, keep=HomeFolder(home), write=write_backup, clock=utc_now
        ),
        bring_back=restore_backup,
        invite=invite,
        measure=measure_capacity,
    )
    add_bench(cli, bench, soak_for, measure_second_agent)
    cli.add_typer(
        deploy_commands(
            settings=all_settings, make_secrets=make_secrets, make_certificates=make_certificates
        ),
        name="deploy",
    )
    cli.command()(scale_command(work_out))
    cli.add_typer(esco_commands(import_skills), name="esco")
    cli.add_typer(receipt_commands(fetch_history, clock=utc_now), name="receipt")
    cli.add_typer(statement_commands(fetch_keys), name="statement")
    cli()
