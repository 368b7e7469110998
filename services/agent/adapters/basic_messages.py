"""What people write to each other over a connection: kept in the wallet's own store before the envelope is acknowledged."""

import hashlib
import logging

from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.base_handler import BaseHandler, HandlerException
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.basicmessage.v1_0.messages.basicmessage import BasicMessage
from acapy_agent.storage.error import StorageNotFoundError

from services.agent.adapters import notes
from shared.adapters.clock import utc_now

LOGGER = logging.getLogger(__name__)

CATEGORY = "basic-messages"
EVENT = "acapy::record::basic_message"
MOST_KEPT = 200
"""Of one connection; what comes beyond is dropped."""
MOST_CHARACTERS = 4000


async def keep_message(
    handler: BaseHandler,  # noqa: ARG001  this stands in for the handler's own method
    context: RequestContext,
    responder: BaseResponder,  # noqa: ARG001
) -> None:
    """Keep it as a note and tell the service the note's id.

    The same message again replaces the note: its id is made from connection and message.
    """
    if not context.connection_ready:
        raise HandlerException("A message came on no connection, or on one not ready")
    sender = context.connection_record.connection_id
    message_id = str(context.message._id)  # noqa: SLF001  ACA-Py has no other name
    note_id = hashlib.sha256(f"{sender}\0{message_id}".encode()).hexdigest()[:32]
    kept = await notes.all_of(context.profile, CATEGORY)
    of_sender = [one for one in kept.values() if isinstance(one, dict) and one["connection_id"] == sender]
    if note_id not in kept and len(of_sender) >= MOST_KEPT:
        LOGGER.warning("Dropped a message on connection %s, which has %d", sender, MOST_KEPT)
        return
    if note_id not in kept:
        await notes.put(
            context.profile,
            CATEGORY,
            note_id,
            {
                "connection_id": sender,
                "message_id": message_id,
                "content": str(context.message.content)[:MOST_CHARACTERS],
                "at": utc_now().isoformat(),
            },
        )
    event = {"note_id": note_id, "state": "received", "connection_id": sender}
    await context.profile.notify(EVENT, event)


async def send_message(
    profile: Profile, responder: BaseResponder, connection_id: str, *, message_id: str, content: str
) -> bool:
    """Send it under this id, by which the other side knows it when it comes again; False without such a connection."""
    try:
        async with profile.session() as session:
            connection = await ConnRecord.retrieve_by_id(session, connection_id)
    except StorageNotFoundError:
        return False
    if not connection.is_ready:
        return False
    message = BasicMessage(content=content, _id=message_id)
    await responder.send(message, connection_id=connection_id)
    return True
