"""Revocation notices at the learner: kept in her own store before the envelope is acknowledged."""

import hashlib
from typing import Any

from acapy_agent.messaging.base_handler import BaseHandler, HandlerException
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder

from services.agent.adapters import notes
from shared.adapters.clock import utc_now

CATEGORY = "revocation-notices"
EVENT = "acapy::record::revocation_notification"


async def keep_revocation_notice(
    handler: BaseHandler,  # noqa: ARG001  this stands in for the handler's own method
    context: RequestContext,
    responder: BaseResponder,  # noqa: ARG001
) -> None:
    """Keep what the notice says as a note and tell the service the note's id.

    The same notice again replaces the note: its id is made from connection and message.
    """
    if not context.connection_ready:
        raise HandlerException("A revocation notice came on no connection, or on one not ready")
    message = context.message
    sender = context.connection_record.connection_id
    note_id = hashlib.sha256(f"{sender}\0{message._id}".encode()).hexdigest()[:32]  # noqa: SLF001  ACA-Py has no other name
    told: dict[str, Any] = {
        "connection_id": sender,
        "thread_id": getattr(message, "thread_id", None),
        "credential_id": getattr(message, "credential_id", None),
        "comment": message.comment,
        "at": utc_now().isoformat(),
    }
    await notes.put(context.profile, CATEGORY, note_id, told)
    event = {"note_id": note_id, "state": "received", "connection_id": sender}
    await context.profile.notify(EVENT, event)
