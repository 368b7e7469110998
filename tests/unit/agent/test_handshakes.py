"""Two messages of one connection that are handled at once leave it no step back, and say the same."""

import asyncio
from typing import Any

import pytest
from acapy_agent.admin.server import AdminResponder
from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.profile import Profile
from acapy_agent.did.did_key import DIDKey
from acapy_agent.messaging.agent_message import AgentMessage
from acapy_agent.messaging.base_handler import BaseHandler
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.coordinate_mediation.v1_0.route_manager import RouteManager
from acapy_agent.protocols.didexchange.v1_0.manager import DIDXManager
from acapy_agent.protocols.didexchange.v1_0.messages.complete import DIDXComplete
from acapy_agent.protocols.didexchange.v1_0.messages.request import DIDXRequest
from acapy_agent.protocols.didexchange.v1_0.messages.response import DIDXResponse
from acapy_agent.protocols.out_of_band.v1_0.messages.invitation import InvitationMessage
from acapy_agent.protocols.out_of_band.v1_0.messages.service import Service as OOBService
from acapy_agent.storage.error import StorageNotFoundError
from acapy_agent.utils.testing import create_test_profile
from acapy_agent.wallet.base import BaseWallet
from acapy_agent.wallet.did_method import DIDMethods
from acapy_agent.wallet.key_type import ED25519, KeyTypes

from services.agent.adapters.handshakes import (
    answering_requests_again,
    ask_again,
    asking_in_turn,
    completed_in_turn,
    completing_again,
    finding_by_either_name,
    shortening_again,
)

COMPLETED = {"active", "completed"}
"""ACA-Py's names for it."""

SECONDS = 0.5
"""How long the second of two messages is given to wrongly overtake the first."""


class Routes(RouteManager):  # type: ignore[misc]  # ACA-Py ships no types
    """ACA-Py asks it before it writes a message: the first who asks is kept there."""

    def __init__(self) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    async def mediation_records_for_connection(self, *_: object, **__: object) -> list[object]:
        if not self.reached.is_set():
            self.reached.set()
            await self.opened.wait()
        return []

    async def _route_for_key(self, *_: object, **__: object) -> None:
        """Nobody mediates."""

    async def routing_info(self, *_: object) -> tuple[list[str], None]:
        """Nobody mediates."""
        return [], None


class Responder:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send(self, message: AgentMessage, **_: object) -> None:
        self.sent.append(message)

    send_reply = send


class Handler(BaseHandler):  # type: ignore[misc]  # ACA-Py ships no types
    """Of any message."""

    async def handle(self, context: RequestContext, responder: object) -> None:
        raise NotImplementedError


@pytest.fixture
def routes() -> Routes:
    return Routes()


@pytest.fixture
async def profile(routes: Routes) -> Profile:
    made = await create_test_profile()
    made.context.injector.bind_instance(DIDMethods, DIDMethods())
    made.context.injector.bind_instance(KeyTypes, KeyTypes())
    made.context.injector.bind_instance(RouteManager, routes)
    made.settings["default_label"] = "under test"
    return made


async def kept(profile: Profile, **values: object) -> ConnRecord:
    connection = ConnRecord(
        invitation_msg_id="invitation", connection_protocol="didexchange/1.1", accept="auto", **values
    )
    async with profile.session() as session:
        await connection.save(session)
    return connection


async def read(profile: Profile, connection: ConnRecord) -> ConnRecord:
    async with profile.session() as session:
        return await ConnRecord.retrieve_by_id(session, connection.connection_id)


def about(profile: Profile, message: AgentMessage, thread: str) -> RequestContext:
    message.assign_thread_id(thread, "invitation")
    context = RequestContext(profile)
    context.message = message
    return context


async def held(task: asyncio.Future[Any], routes: Routes) -> None:
    """Return when the task is kept; its failure is raised."""
    reached = asyncio.create_task(routes.reached.wait())
    await asyncio.wait({task, reached}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    assert reached.done()


async def test_a_connection_answered_while_we_ask_again_stays_completed(
    profile: Profile, routes: Routes
) -> None:
    connection = await kept(profile, state="request", their_role="inviter", request_id="asked")

    async def accept(_: BaseHandler, __: RequestContext, ___: object) -> None:
        ours = await read(profile, connection)
        ours.state = "completed"
        async with profile.session() as session:
            await ours.save(session)

    asking = asyncio.create_task(ask_again(profile, Responder(), connection.connection_id))
    await held(asking, routes)
    answered = asyncio.ensure_future(
        completing_again(accept)(Handler(), about(profile, DIDXResponse(), "asked"), Responder())
    )
    await asyncio.wait({answered}, timeout=SECONDS)
    routes.opened.set()
    await asyncio.gather(asking, answered)
    assert (await read(profile, connection)).state in COMPLETED


async def test_a_request_to_connect_that_comes_twice_at_once_is_answered_with_one_did(
    profile: Profile, routes: Routes
) -> None:
    async with profile.session() as session:
        key = await session.inject(BaseWallet).create_key(ED25519)
    connection = await kept(profile, state="invitation", their_role="invitee", invitation_key=key.verkey)
    responder = Responder()

    async def answer(_: BaseHandler, context: RequestContext, to: Responder) -> None:
        ours = await read(profile, connection)
        ours.state, ours.request_id, ours.their_did = "request", "asked", context.message.did
        async with profile.session() as session:
            await ours.save(session)
            await ours.attach_request(session, context.message)
        await to.send_reply(await DIDXManager(profile).create_response(ours))

    def comes() -> asyncio.Future[None]:
        context = about(profile, DIDXRequest(label="learner", did="did:peer:4learner"), "asked")
        return asyncio.ensure_future(answering_requests_again(answer)(Handler(), context, responder))

    first = comes()
    await held(first, routes)
    second = comes()
    await asyncio.wait({second}, timeout=SECONDS)
    routes.opened.set()
    await asyncio.gather(first, second)
    assert [one.did for one in responder.sent] == [(await read(profile, connection)).my_did] * 2


async def test_a_request_that_itself_made_the_connection_completed_is_answered(
    profile: Profile, routes: Routes
) -> None:
    """We died after we kept our answer and before we sent it: the request comes again, and ACA-Py takes it for her last word."""
    routes.reached.set()
    async with profile.session() as session:
        key = await session.inject(BaseWallet).create_key(ED25519)
    manager = DIDXManager(profile)
    learner = (await manager.create_did_peer_4()).did
    request = DIDXRequest(label="learner", did=learner)
    again = about(profile, request, "asked")
    connection = await kept(
        profile,
        state="request",
        their_role="invitee",
        invitation_key=key.verkey,
        request_id="asked",
        their_did=learner,
    )
    async with profile.session() as session:
        await connection.attach_request(session, request)
    lost = await manager.create_response(connection)
    found = await manager.find_connection(learner, auto_complete=True)
    assert found.state in COMPLETED, (
        "ACA-Py does so no more: is a request on a completed connection still one to answer?"
    )

    responder = Responder()
    await answering_requests_again(never)(Handler(), again, responder)
    assert [one.did for one in responder.sent] == [lost.did]
    assert (await read(profile, connection)).state in COMPLETED


async def never(_: BaseHandler, __: RequestContext, ___: object) -> None:
    """ACA-Py's handler, which would call the invitation consumed."""
    raise AssertionError


async def test_a_connection_asked_for_twice_at_once_is_asked_for_under_one_id(
    profile: Profile, routes: Routes
) -> None:
    connection = await kept(profile, state="invitation", their_role="inviter")
    responder = Responder()

    def ask() -> asyncio.Task[bool]:
        return asyncio.create_task(ask_again(profile, responder, connection.connection_id))

    first = ask()
    await held(first, routes)
    second = ask()
    await asyncio.wait({second}, timeout=SECONDS)
    routes.opened.set()
    assert all(await asyncio.gather(first, second))
    ours = await read(profile, connection)
    assert {(one._id, one.did) for one in responder.sent} == {(ours.request_id, ours.my_did)}


async def test_an_answer_that_comes_before_we_noted_that_we_asked_is_not_forgotten(profile: Profile) -> None:
    async with profile.session() as session:
        key = await session.inject(BaseWallet).create_key(ED25519)
    invitation = InvitationMessage(
        label="issuer",
        handshake_protocols=["https://didcomm.org/didexchange/1.1"],
        services=[
            OOBService(
                _id="#inline",
                _type="did-communication",
                recipient_keys=[DIDKey.from_public_key_b58(key.verkey, ED25519).did],
                service_endpoint="http://issuer.example",
            )
        ],
    )
    answers: list[asyncio.Future[None]] = []

    async def accept(_: BaseHandler, context: RequestContext, ___: object) -> None:
        async with profile.session() as session:
            ours = await ConnRecord.retrieve_by_request_id(session, context.message._thread_id)
            ours.state = "completed"
            await ours.save(session)

    async def answered_at_once(*_: object, **__: object) -> None:
        async with profile.session() as session:
            (ours,) = await ConnRecord.query(session)
        context = about(profile, DIDXResponse(), ours.request_id)
        answers.append(asyncio.ensure_future(completing_again(accept)(Handler(), context, Responder())))
        await asyncio.wait(answers, timeout=SECONDS)

    profile.context.injector.bind_instance(BaseResponder, AdminResponder(profile, answered_at_once))
    routes = profile.inject(RouteManager)
    routes.reached.set()
    connection = await asking_in_turn(DIDXManager.receive_invitation)(
        DIDXManager(profile), invitation, auto_accept=True, protocol="didexchange/1.1"
    )
    await asyncio.gather(*answers)
    assert answers
    assert (await read(profile, connection)).state in COMPLETED


async def test_the_last_word_waits_until_the_answer_is_noted(profile: Profile, routes: Routes) -> None:
    connection = await kept(profile, state="invitation", their_role="invitee")

    async def answer(_: BaseHandler, __: RequestContext, ___: object) -> None:
        ours = await read(profile, connection)
        await routes.mediation_records_for_connection()
        ours.state = "response"
        async with profile.session() as session:
            await ours.save(session)

    async def complete(_: BaseHandler, __: RequestContext, ___: object) -> None:
        ours = await read(profile, connection)
        ours.state = "completed"
        async with profile.session() as session:
            await ours.save(session)

    asked = about(profile, DIDXRequest(label="learner", did="did:peer:4learner"), "asked")
    first = asyncio.ensure_future(answering_requests_again(answer)(Handler(), asked, Responder()))
    await held(first, routes)
    last = asyncio.ensure_future(
        completed_in_turn(complete)(Handler(), about(profile, DIDXComplete(), "asked"), Responder())
    )
    await asyncio.wait({last}, timeout=SECONDS)
    routes.opened.set()
    await asyncio.gather(first, last)
    assert (await read(profile, connection)).state in COMPLETED


async def test_a_did_whose_short_name_was_kept_before_is_kept(profile: Profile, routes: Routes) -> None:
    routes.reached.set()
    manager = DIDXManager(profile)
    made = await manager.create_did_peer_4(["http://issuer.example"])
    shorten = shortening_again(DIDXManager.long_did_peer_4_to_short)
    assert await shorten(manager, made.did) == await shorten(manager, made.did)


async def test_a_connection_that_has_the_long_name_of_our_did_is_found_by_the_short_one(
    profile: Profile, routes: Routes
) -> None:
    """What is written over the short name, or killed before it is written, leaves the long one."""
    routes.reached.set()
    manager = DIDXManager(profile)
    ours, theirs = await manager.create_did_peer_4(), await manager.create_did_peer_4()
    connection = await kept(
        profile, state="active", their_role="invitee", my_did=ours.did, their_did=theirs.did
    )
    short, their_short = (
        await manager.long_did_peer_4_to_short(ours.did),
        manager.long_did_peer_to_short(theirs.did),
    )
    async with profile.session() as session:
        wallet = session.inject(BaseWallet)
        assert (await wallet.get_local_did_for_verkey(ours.verkey)).did == short, "what ACA-Py looks it up by"
        find = finding_by_either_name(ConnRecord.retrieve_by_did_peer_4)
        with pytest.raises(StorageNotFoundError):
            await ConnRecord.retrieve_by_did_peer_4(session, theirs.did, their_short, short)
        found = await find(session, theirs.did, their_short, short)
        assert found.connection_id == connection.connection_id
        with pytest.raises(StorageNotFoundError):
            await find(session, theirs.did, their_short, their_short)
