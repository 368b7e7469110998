"""Wiring: start ACA-Py with our plugin, and join it once it builds its context."""

import asyncio
import base64
import logging
import os
import secrets
import socket
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import uvloop

from services.agent.before_acapy import leave_the_event_loop_alone
from services.agent.domain.command_line import Agent, Secrets, arguments, environment
from services.agent.errors import AgentMustStop
from services.agent.settings import Settings, store_at
from shared.adapters.collector import not_collecting
from shared.adapters.environment import from_environment
from shared.adapters.freed_memory import keep_giving_back
from shared.adapters.otlp_traces import send_traces
from shared.contracts.errors import UjuziError
from shared.web.logs import write_logs

if TYPE_CHECKING:
    from collections.abc import Callable

    from acapy_agent.config.injection_context import InjectionContext
    from nats.aio.client import Client
    from nats.js import JetStreamContext

    from services.agent.adapters.link import Link
    from services.agent.adapters.webvh_registry import WebvhRegistry
    from services.agent.ports import Lease

LOGGER = logging.getLogger(__name__)

_OWNER_ONLY = 0o077
_WAIT_SECONDS = 10.0
"""For a process before this one to end."""
_BUS_SECONDS = 60.0
"""For servers of a NATS cluster that start at the same time to find one another."""


def run() -> None:
    """Run the agent until SIGTERM or SIGINT; exit with one sentence if it cannot start."""
    settings = from_environment(Settings)
    os.umask(_OWNER_ONLY)
    settings.storage_dir.mkdir(parents=True, exist_ok=True)
    _give_environment(settings)
    send_traces(f"{settings.party}-agent")
    keep_giving_back()

    leave_the_event_loop_alone()
    with not_collecting():
        from acapy_agent.commands.start import run_app  # noqa: PLC0415  reads the environment
        from acapy_agent.core.error import ProfileError  # noqa: PLC0415

    agent = Agent(
        settings.party,
        settings.label,
        settings.endpoint,
        settings.admin_host,
        settings.admin_port,
        settings.tails_base_url,
    )
    try:
        uvloop.run(run_app(arguments(agent)))
    except (UjuziError, AgentMustStop) as error:
        sys.exit(f"The agent did not start: {error}")
    except ProfileError as error:
        question = (
            f"Is AGENT_WALLET_KEY the key that the store in {settings.storage_dir} was made with?"
            if settings.database_url is None
            else "Does the database that AGENT_DATABASE_URL names answer, and was its store made with AGENT_WALLET_KEY?"
        )
        sys.exit(f"The agent did not start: {error}. {question}")


def _give_environment(settings: Settings) -> None:
    """ACA-Py sees only the ACAPY_ variables made here: a stray one could switch something on."""
    for name in [name for name in os.environ if name.startswith("ACAPY_")]:
        del os.environ[name]
    given = Secrets(
        admin_key=settings.admin_key.get_secret_value(),
        wallet_key=settings.wallet_key.get_secret_value(),
        token_secret=base64.b64encode(secrets.token_bytes(32)).decode(),
        store=store_at(settings.database_url.get_secret_value()) if settings.database_url else None,
    )
    os.environ.update(environment(given, str(settings.storage_dir.resolve())))


def end_at_once(why: str) -> None:
    """End as in a crash: what is in hand must not go on, and the new holder gets it again."""
    LOGGER.critical("This agent ends, and every wallet open here with it: %s", why)
    os._exit(1)


async def _lease(
    settings: Settings, client: "Client", jetstream: "JetStreamContext", context: "InjectionContext"
) -> "Lease":
    from services.agent.adapters.jetstream_lease import (  # noqa: PLC0415
        SharedLease,
        delete_other_consumers,
        take_lease,
    )
    from services.agent.adapters.store_folder import StoreFolder  # noqa: PLC0415

    if settings.database_url is not None:
        await _take_turns(settings.database_url.get_secret_value(), context)
        await delete_other_consumers(jetstream, SharedLease.consumer)
        return SharedLease()
    patience = None if settings.standby else _WAIT_SECONDS
    folder = await StoreFolder.hold(settings.storage_dir, patience=patience, shard=settings.shard)
    holder = f"process {os.getpid()} on {socket.gethostname()}"
    return await take_lease(client, folder, holder=holder, lost=end_at_once, patience=patience)


def _look_up_ourselves(context: "InjectionContext", link: "Link") -> "WebvhRegistry":
    """Everything ACA-Py looks up for others' messages goes through our one client."""
    from acapy_agent.anoncreds.registry import AnonCredsRegistry  # noqa: PLC0415  ACA-Py is loading us
    from acapy_agent.resolver.did_resolver import DIDResolver  # noqa: PLC0415

    from services.agent import patches  # noqa: PLC0415
    from services.agent.adapters.did_documents import WebvhDocuments  # noqa: PLC0415
    from services.agent.adapters.webvh_registry import WebvhRegistry  # noqa: PLC0415

    registry, webvh = context.inject(AnonCredsRegistry), WebvhRegistry(link)
    patches.remove_did_web_stub(registry)
    registry.register(webvh)
    patches.look_up_dids_through_our_client(context.inject(DIDResolver), WebvhDocuments(link))
    return webvh


def _spend_less() -> None:
    """What ACA-Py makes anew for each read and write is used again."""
    from services.agent import patches  # noqa: PLC0415  ACA-Py is loading us
    from services.agent.adapters import passing_cache  # noqa: PLC0415
    from services.agent.adapters.idle_sessions import (  # noqa: PLC0415
        closing_idle,
        leaving_sessions_open,
        noting_failures,
        taking_over,
    )
    from services.agent.adapters.kept_messages import showing, writing_once, written  # noqa: PLC0415
    from services.agent.adapters.schemas import (  # noqa: PLC0415
        deserialize,
        forgetting_the_last,
        serde,
        serialize,
    )

    patches.use_sessions_again(taking_over, leaving_sessions_open, noting_failures, closing_idle)
    patches.use_schemas_again(deserialize, serialize, forgetting_the_last)
    patches.read_kept_messages_later(serde)
    patches.write_exchanges_as_kept(writing_once, written, showing)
    patches.look_for_details_of_formats_in_use()
    patches.look_for_no_upgrade()
    patches.forget_in_passing(passing_cache.look, passing_cache.sweep, passing_cache.keeping_briefly)


def _logging_as_told(settings: Settings) -> Settings:
    """ACA-Py has set up its own logs by now."""
    write_logs(f"{settings.party}-agent", settings.logs)
    return settings


async def _take_turns(database_url: str, context: "InjectionContext") -> None:
    """Take turns with the party's other agents; the first with starting, which makes the store in an empty database."""
    from acapy_agent.core.event_bus import EventBus  # noqa: PLC0415  ACA-Py is loading us
    from acapy_agent.core.profile import Profile  # noqa: PLC0415
    from acapy_agent.core.util import STARTUP_EVENT_PATTERN  # noqa: PLC0415

    from shared.adapters.turns import Turns, TurnsUnavailable  # noqa: PLC0415

    turns = Turns(database_url)
    context.injector.bind_instance(Turns, turns)
    starting = AsyncExitStack()
    try:
        await starting.enter_async_context(turns("start"))
    except TurnsUnavailable as error:  # there may be no database yet: ACA-Py makes it
        LOGGER.warning("The agent starts out of turn: %s", error)

    async def started(_profile: Profile, _event: object) -> None:
        await starting.aclose()

    context.inject(EventBus).subscribe(STARTUP_EVENT_PATTERN, started)


def _issue_when_settled(settings: Settings, context: "InjectionContext") -> "Callable[[], None]":
    """Look at the start whether the store was restored; only an issuer has status registries."""
    from acapy_agent.core.event_bus import EventBus  # noqa: PLC0415  ACA-Py is loading us
    from acapy_agent.core.profile import Profile  # noqa: PLC0415
    from acapy_agent.core.util import STARTUP_EVENT_PATTERN  # noqa: PLC0415

    from services.agent.adapters.restored import SettleRestored  # noqa: PLC0415
    from services.agent.adapters.store_place import place_in_database, place_in_folder  # noqa: PLC0415
    from services.agent.adapters.turns import turn  # noqa: PLC0415

    database = settings.database_url.get_secret_value() if settings.database_url else None

    async def place() -> str:
        return await (place_in_database(database) if database else place_in_folder(settings.storage_dir))

    settle = SettleRestored(place, turn)
    at_it: set[asyncio.Task[None]] = set()

    async def started(profile: Profile, _event: object) -> None:
        task = asyncio.create_task(settle(profile), name="settle a restored store")
        at_it.add(task)
        task.add_done_callback(at_it.discard)

    if settings.party == "issuer":
        context.inject(EventBus).subscribe(STARTUP_EVENT_PATTERN, started)
        return settle.check
    return lambda: None


async def join(context: "InjectionContext") -> None:
    """Connect, patch, register and listen: all that makes ACA-Py our agent."""
    from acapy_agent.core.event_bus import EventBus  # noqa: PLC0415  ACA-Py is loading us

    from services.agent import patches  # noqa: PLC0415
    from services.agent.adapters import notes  # noqa: PLC0415
    from services.agent.adapters.agent_events import AnnounceAgentEvents  # noqa: PLC0415
    from services.agent.adapters.basic_messages import (  # noqa: PLC0415
        keep_message,
        send_message,
    )
    from services.agent.adapters.handshakes import (  # noqa: PLC0415
        answering_requests_again,
        asking_in_turn,
        completed_in_turn,
        completing_again,
        finding_by_either_name,
        shortening_again,
    )
    from services.agent.adapters.issuing import leaving_open, storing_again  # noqa: PLC0415
    from services.agent.adapters.link import Link  # noqa: PLC0415
    from services.agent.adapters.parked_envelopes import ParkedEnvelopes  # noqa: PLC0415
    from services.agent.adapters.presentations import close_presentation, keep_presentation  # noqa: PLC0415
    from services.agent.adapters.recipients import keys_of, owner_of  # noqa: PLC0415
    from services.agent.adapters.repetition import say_again, taking_each_once  # noqa: PLC0415
    from services.agent.adapters.retention import DeleteWhatIsPast  # noqa: PLC0415
    from services.agent.adapters.revocation_notices import keep_revocation_notice  # noqa: PLC0415
    from services.agent.adapters.room import MeasureRoom  # noqa: PLC0415
    from services.agent.adapters.status import set_status  # noqa: PLC0415
    from services.agent.adapters.status_heartbeat import RepublishStatus  # noqa: PLC0415
    from services.agent.adapters.status_notices import keeping_status_notices, tell_status  # noqa: PLC0415
    from services.agent.adapters.tails import ServiceTailsServer, fetch_tails  # noqa: PLC0415
    from services.agent.adapters.traces import within_its_trace  # noqa: PLC0415
    from services.agent.ports import Needs  # noqa: PLC0415
    from shared.adapters.guarded_http import GuardedClient  # noqa: PLC0415
    from shared.adapters.jetstream import JetStream, connect, ensure_streams  # noqa: PLC0415
    from shared.adapters.webvh_resolver import WebvhResolver  # noqa: PLC0415

    settings = _logging_as_told(Settings())
    client = await connect(
        settings.nats_url,
        settings.nats_user,
        settings.nats_password.get_secret_value(),
        ca_file=settings.nats_ca_file,
    )
    jetstream = JetStream(client, copies=settings.nats_copies)
    await ensure_streams(jetstream, patience=_BUS_SECONDS)
    lease = await _lease(settings, client, jetstream, context)
    web = GuardedClient(settings.host_map, allow_loopback=settings.profile == "development")
    link = Link(settings, client, jetstream, lease, web, WebvhResolver(web))
    context.injector.bind_instance(Link, link)

    webvh = _look_up_ourselves(context, link)
    needs = Needs(
        admin_key=settings.admin_key.get_secret_value(),
        keeps_wallets=settings.party == "wallet",
        lease=lease,
        find_owner=owner_of,
        waiting=ParkedEnvelopes(jetstream, settings.shard),
        room=MeasureRoom(jetstream),
        notes=notes,
        close_presentation=close_presentation,
        say_again=say_again,
        find_keys=keys_of,
        delete_what_is_past=DeleteWhatIsPast(copies_tails=settings.party != "issuer"),
        republish_status=RepublishStatus(webvh),
        set_status=set_status,
        tell_status=tell_status,
        send_message=send_message,
    )
    context.injector.bind_instance(Needs, needs)
    patches.mend()
    _spend_less()
    patches.take_presentations_unjudged(keep_presentation)
    patches.take_each_message_once(lambda handle: link.threads.noting(taking_each_once(handle)))
    patches.keep_traces(within_its_trace)
    patches.finish_handshakes(answering_requests_again, completing_again)
    patches.take_handshakes_in_turn(asking_in_turn, completed_in_turn, shortening_again)
    patches.find_connections_by_either_name(finding_by_either_name)
    patches.issue_and_store(
        lambda issue: leaving_open(issue, _issue_when_settled(settings, context)), storing_again
    )
    patches.tell_the_verdict()
    patches.keep_revocation_notices(keep_revocation_notice)
    patches.keep_basic_messages(
        keeping_status_notices(keep_message) if settings.party == "wallet" else keep_message
    )
    patches.move_tails_ourselves(ServiceTailsServer, fetch_tails)
    AnnounceAgentEvents(link).subscribe(context.inject(EventBus))
