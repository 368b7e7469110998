"""DID exchanges that are finished though a process died in the middle of one.

ACA-Py keeps a connection's next state before it sends the message that belongs to it. An agent killed in between, or one
whose NATS was away, takes the same message from its queue again, and ACA-Py then finds the connection "previously
consumed" and says nothing, for ever. Here whoever hears a message again answers again, with what it answered before.

What is said again can cross what it asks for, and each handler reads the connection first and writes it last: two at once
would take it a step back, or give it two DIDs, and it would never be finished. An answer may also be here before who asked
has written down that he did. So each has its turn: who asks, one connection at a time, for a request has no name before it
is made; who is asked, by the request's id.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.profile import Profile, ProfileSession
from acapy_agent.messaging.base_handler import BaseHandler
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.didexchange.v1_0.manager import DIDXManager
from acapy_agent.protocols.didexchange.v1_0.message_types import DIDEX_1_0
from acapy_agent.protocols.didexchange.v1_0.messages.complete import DIDXComplete
from acapy_agent.protocols.didexchange.v1_0.messages.request import DIDXRequest
from acapy_agent.protocols.out_of_band.v1_0.messages.invitation import InvitationMessage
from acapy_agent.storage.error import StorageDuplicateError, StorageNotFoundError
from acapy_agent.wallet.error import WalletDuplicateError

from services.agent.adapters.turns import turn
from services.agent.errors import PresentationUnknown

type Handle = Callable[[BaseHandler, RequestContext, BaseResponder], Awaitable[None]]
type Receive = Callable[..., Awaitable[ConnRecord]]
type Find = Callable[..., Awaitable[ConnRecord]]
type Shorten = Callable[[DIDXManager, str], Awaitable[str]]

_ASKING = "asks"
_State, _Role = ConnRecord.State, ConnRecord.Role


async def ask_again(profile: Profile, responder: BaseResponder, connection_id: str) -> bool:
    """Send the request of a connection that was not answered once more; False if it was. Raises PresentationUnknown."""
    asked_as = (await _connection(profile, connection_id)).request_id
    async with turn(profile, _ASKING):
        connection = await _connection(profile, connection_id)
        if not _is(connection, _State.INVITATION, _State.REQUEST) or not _plays(connection, _Role.RESPONDER):
            return False
        if connection.request_id != asked_as:
            return True  # it was asked for while this waited for its turn
        request: DIDXRequest = await DIDXManager(profile).create_request(connection)
        if asked_as:
            # Whoever has the first one knows the connection by its id.
            request._id = asked_as  # noqa: SLF001  ACA-Py has no other name for it
            request.assign_thread_id(thid=asked_as, pthid=connection.invitation_msg_id)
            connection.request_id = asked_as
            async with profile.session() as session:
                await connection.save(session, reason="Sends the same request again")
        await responder.send(request, connection_id=connection.connection_id)
        return True


def answering_requests_again(handle: Handle) -> Handle:
    """The handler of a request to connect; whoever asks again has no answer and is given it again.

    A connection that ACA-Py calls completed too: any message of the asker's makes it so, this very request when it comes
    again after our answer was kept and not sent.
    """

    async def handle_or_answer(
        handler: BaseHandler, context: RequestContext, responder: BaseResponder
    ) -> None:
        async with turn(context.profile, _thread(context)):
            connection = await _known(context, _Role.REQUESTER)
            if connection is None:
                await handle(handler, context, responder)
            elif connection.accept == ConnRecord.ACCEPT_AUTO and _is(
                connection, _State.REQUEST, _State.RESPONSE, _State.COMPLETED
            ):
                completed = _is(connection, _State.COMPLETED)
                connection.state = _State.REQUEST.rfc160  # from there ACA-Py makes the same answer
                response = await DIDXManager(context.profile).create_response(connection)
                await responder.send_reply(response, connection_id=connection.connection_id)
                if completed:
                    connection.state = _State.COMPLETED.rfc160
                    async with context.profile.session() as session:
                        await connection.save(session, reason="Sent connection response again")

    return handle_or_answer


def completing_again(handle: Handle) -> Handle:
    """The handler of an answer to our request; one that comes again is acknowledged again."""

    async def handle_or_complete(
        handler: BaseHandler, context: RequestContext, responder: BaseResponder
    ) -> None:
        async with turn(context.profile, _ASKING):
            connection = await _known(context, _Role.RESPONDER)
            if connection is None or not _is(connection, _State.RESPONSE, _State.COMPLETED):
                await handle(handler, context, responder)
                return
            complete = DIDXComplete()
            complete.assign_thread_from(context.message)
            if connection.connection_protocol == DIDEX_1_0:
                complete.assign_version("1.0")
            await responder.send_reply(complete, connection_id=connection.connection_id)
            if not _is(connection, _State.COMPLETED):
                connection.state = _State.COMPLETED.rfc160
                async with context.profile.session() as session:
                    await connection.save(session, reason="Sent connection complete again")

    return handle_or_complete


def asking_in_turn(receive: Receive) -> Receive:
    """What takes an invitation and sends the request; it writes the connection once more after it has sent it."""

    async def receive_in_turn(
        manager: DIDXManager, invitation: InvitationMessage, *args: object, **more: object
    ) -> ConnRecord:
        async with turn(manager.profile, _ASKING):
            return await receive(manager, invitation, *args, **more)

    return receive_in_turn


def completed_in_turn(handle: Handle) -> Handle:
    """The handler of the asker's last word; it may be here before the answer was noted as sent."""

    async def handle_in_turn(handler: BaseHandler, context: RequestContext, responder: BaseResponder) -> None:
        async with turn(context.profile, _thread(context)):
            await handle(handler, context, responder)

    return handle_in_turn


def shortening_again(shorten: Shorten) -> Shorten:
    """What keeps a DID of ours under its short name too; one that was kept before a process died is kept."""

    async def shorten_or_find(manager: DIDXManager, long_did: str) -> str:
        try:
            return await shorten(manager, long_did)
        except WalletDuplicateError:
            return str(manager.long_did_peer_to_short(long_did))

    return shorten_or_find


def finding_by_either_name(find: Find) -> Find:
    """What finds whose a message is, by their DID and ours; our did:peer:4 has a long name and a short one.

    Once the short one is kept, messages are looked up by it alone; a connection that was written just then, or not written
    any more, has the long one.
    """

    async def find_by_either(
        session: ProfileSession,
        their_long: str | None = None,
        their_short: str | None = None,
        my_did: str | None = None,
        their_role: str | None = None,
    ) -> ConnRecord:
        try:
            return await find(session, their_long, their_short, my_did, their_role)
        except StorageNotFoundError:
            with suppress(StorageNotFoundError, StorageDuplicateError):
                found = await find(session, their_long, their_short, None, their_role)
                if my_did is not None and _short(found.my_did) == _short(my_did):
                    return found
            raise

    return find_by_either


def _short(did: str | None) -> str | None:
    """Of a did:peer:4 its short name (Peer DID Method 1.0, section 4.4): what comes before its document."""
    return ":".join(did.split(":")[:3]) if did else None


async def _known(context: RequestContext, their_role: ConnRecord.Role) -> ConnRecord | None:
    """The connection in whose exchange we were told this message's thread."""
    thread = _thread(context)
    async with context.profile.session() as session:
        for name in {their_role.rfc23, their_role.rfc160}:
            try:
                return await ConnRecord.retrieve_by_request_id(session, thread, their_role=name)
            except StorageNotFoundError:
                continue
    return None


async def _connection(profile: Profile, connection_id: str) -> ConnRecord:
    async with profile.session() as session:
        try:
            return await ConnRecord.retrieve_by_id(session, connection_id)
        except StorageNotFoundError as error:
            raise PresentationUnknown("No connection has this id") from error


def _thread(context: RequestContext) -> str:
    return str(context.message._thread_id)  # noqa: SLF001  ACA-Py has no other name for it


def _is(connection: ConnRecord, *states: ConnRecord.State) -> bool:
    return ConnRecord.State.get(connection.state) in states


def _plays(connection: ConnRecord, their_role: ConnRecord.Role) -> bool:
    return ConnRecord.Role.get(connection.their_role) is their_role
