"""Status notices: an issuer's word that a credential is suspended, or stands again, and why.

The standard notice (Aries RFC 0183) tells of revocations only, and a wallet that knows no other would show a suspension as
final. So a suspension goes as a basic message (RFC 0095), which any wallet shows as the sentence it is, with a decorator
`~ujuzi-status` for ours: `{"credential_id": "<registry>::<number>", "state": "suspended" | "valid", "reason", "at"}`.
The published list alone says what a credential is worth; the notice says why.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.agent_message import AgentMessage
from acapy_agent.messaging.base_handler import BaseHandler, HandlerException
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.basicmessage.v1_0.messages.basicmessage import BasicMessage
from acapy_agent.protocols.revocation_notification.v2_0.messages.revoke import Revoke
from acapy_agent.storage.error import StorageNotFoundError

from services.agent.adapters import notes
from services.agent.adapters.revocation_notices import EVENT
from services.agent.domain.status import StatusNotice, Wanted, read_notice

CATEGORY: Final = "status-notices"
DECORATOR: Final = "ujuzi-status"
MOST_KEPT: Final = 50
"""Credentials that came over one connection; notices of more are dropped."""

type Handle = Callable[[BaseHandler, RequestContext, BaseResponder], Awaitable[None]]


async def tell_status(
    profile: Profile, responder: BaseResponder, connection_id: str, notice: StatusNotice
) -> bool:
    """Tell the holder over this connection; False if it is no more. The same notice again is the same message."""
    async with profile.session() as session:
        try:
            await ConnRecord.retrieve_by_id(session, connection_id)
        except StorageNotFoundError:
            return False
    await responder.send(_message(notice), connection_id=connection_id)
    return True


def _message(notice: StatusNotice) -> AgentMessage:
    if notice.state is Wanted.REVOKED:
        return Revoke(
            _id=notice.id,
            revocation_format="indy-anoncreds",
            credential_id=notice.credential_id,
            comment=notice.reason,
        )
    message = BasicMessage(
        _id=notice.id, content=notice.words, sent_time=notice.at, localization=notice.language
    )
    message._decorators[DECORATOR] = {  # noqa: SLF001  ACA-Py has no other name
        "credential_id": notice.credential_id,
        "state": notice.state.value,
        "reason": notice.reason,
        "at": notice.at.isoformat(),
    }
    return message


def keeping_status_notices(handle: Handle) -> Handle:
    """The handler of basic messages: one that carries a status is kept in the learner's store before it is acknowledged.

    One notice is kept for each credential and connection, the newest by what the issuer says of its time.
    """

    async def keep(handler: BaseHandler, context: RequestContext, responder: BaseResponder) -> None:
        told = context.message._decorators.get(DECORATOR)  # noqa: SLF001
        notice = read_notice(told) if isinstance(told, Mapping) else None
        if notice is None:
            await handle(handler, context, responder)
            return
        if not context.connection_ready:
            raise HandlerException("A status notice came on no connection, or on one not ready")
        sender = context.connection_record.connection_id
        note_id = hashlib.sha256(f"{sender}\0{notice['credential_id']}".encode()).hexdigest()[:32]
        if await _is_news(context.profile, note_id, notice, sender):
            await notes.put(context.profile, CATEGORY, note_id, {**notice, "connection_id": sender})
        event = {"note_id": note_id, "state": "received", "connection_id": sender}
        await context.profile.notify(EVENT, event)

    return keep


async def _is_news(profile: Profile, note_id: str, notice: Mapping[str, str], sender: str) -> bool:
    kept: Mapping[str, Any] = await notes.all_of(profile, CATEGORY)
    known = kept.get(note_id)
    if known is not None:
        known_at = datetime.fromisoformat(str(known["at"]))
        return known_at <= datetime.fromisoformat(notice["at"])
    of_sender = [one for one in kept.values() if one["connection_id"] == sender]
    return len(of_sender) < MOST_KEPT
