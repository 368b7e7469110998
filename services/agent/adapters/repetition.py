"""Messages that are said again because they may be lost, and what comes again because it may have been.

An envelope can be lost for good: the agent dies between keeping a record and sending, or a party loses the disk of its
NATS. So a service may have the last message of an exchange said again; and who hears one again answers as before and
never goes a step back, which ACA-Py's handlers would.
"""

import logging
from collections.abc import Awaitable, Callable

from acapy_agent.core.profile import Profile
from acapy_agent.messaging.agent_message import AgentMessage
from acapy_agent.messaging.base_handler import BaseHandler
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_ack import V20CredAck
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.protocols.present_proof.v2_0.messages.pres_ack import V20PresAck
from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord
from acapy_agent.storage.error import StorageDuplicateError, StorageNotFoundError
from aries_askar import AskarError, AskarErrorCode

from services.agent.adapters import kept_days
from services.agent.adapters.handshakes import ask_again
from services.agent.adapters.turns import turn
from services.agent.errors import PresentationUnknown

LOGGER = logging.getLogger(__name__)

type Record = V20CredExRecord | V20PresExRecord
type Handle = Callable[[BaseHandler, RequestContext, BaseResponder], Awaitable[None]]

KINDS = {"credential": V20CredExRecord, "presentation": V20PresExRecord}

_NEW_TO = {
    "V20CredOfferHandler": (V20CredExRecord, V20CredExRecord.ROLE_HOLDER, frozenset({"proposal-sent"})),
    "V20CredRequestHandler": (
        V20CredExRecord,
        V20CredExRecord.ROLE_ISSUER,
        frozenset({"offer-sent", "abandoned"}),  # the service refuses one for an offer that is closed
    ),
    "V20CredIssueHandler": (
        V20CredExRecord,
        V20CredExRecord.ROLE_HOLDER,
        frozenset({"request-sent", "abandoned"}),
    ),
    "V20PresRequestHandler": (
        V20PresExRecord,
        V20PresExRecord.ROLE_PROVER,
        frozenset({"proposal-sent"}),
    ),
}
"""In which states of its exchange a message is new to whom it is for; in any other he had it before."""

_VERDICTS = "ujuzi-verdict-told"


async def say_again(profile: Profile, responder: BaseResponder, kind: str, record_id: str) -> bool:
    """Send the last message we sent in an exchange once more; False if it is not our turn to be waiting.

    Raises PresentationUnknown.
    """
    if kind == "connection":
        return await ask_again(profile, responder, record_id)
    async with profile.session() as session:
        try:
            record: Record = await KINDS[kind].retrieve_by_id(session, record_id)
        except (KeyError, StorageNotFoundError) as error:
            raise PresentationUnknown("No exchange has this id") from error
    message = _last_said(record)
    if message is None:
        return False
    await responder.send(message, connection_id=record.connection_id)
    return True


def taking_each_once(handle: Handle) -> Handle:
    """The handler of a message, called only for what is new.

    A message on a connection that is not finished is dropped: who sent it says it again, or has nothing to say to us.
    """

    async def handle_once(handler: BaseHandler, context: RequestContext, responder: BaseResponder) -> None:
        connection = context.connection_record
        if connection is None:
            await handle(handler, context, responder)
            return
        if not context.connection_ready:
            LOGGER.warning("Dropped a message on unfinished connection %s", connection.connection_id)
            return
        async with turn(context.profile, f"{connection.connection_id} {_thread(context)}"):
            record = await _had_before(handler, context)
            if record is None:
                await handle(handler, context, responder)
                return
            LOGGER.warning("A message of exchange %s came again", _id(record))
            answer = _last_said(record)
            if answer is not None:
                await responder.send(answer, connection_id=record.connection_id)

    return handle_once


async def remember_verdict(profile: Profile, record: V20PresExRecord) -> None:
    """Keep what the holder was told, for when she did not hear it: the exchange itself is deleted."""
    async with profile.session() as session:
        try:
            await session.handle.insert(
                _VERDICTS,
                _name(record.connection_id, record.thread_id),
                str(record.verified).encode(),
                kept_days.of_today(),
            )
        except AskarError as error:
            if error.code != AskarErrorCode.DUPLICATE:
                raise


async def tell_verdict_again(
    profile: Profile, responder: BaseResponder, connection_id: str, thread_id: str
) -> bool:
    """Acknowledge a presentation that was judged before; False if none was."""
    async with profile.session() as session:
        told = await session.handle.fetch(_VERDICTS, _name(connection_id, thread_id))
    if told is None:
        return False
    acknowledgement = V20PresAck(verification_result=bytes(told.value).decode())
    acknowledgement.assign_thread_id(thread_id)
    await responder.send(acknowledgement, connection_id=connection_id)
    return True


async def _had_before(handler: BaseHandler, context: RequestContext) -> Record | None:
    """The exchange, if it is past this message."""
    kind, role, new_in = _NEW_TO[type(handler).__name__]
    connection_id = context.connection_record.connection_id
    async with context.profile.session() as session:
        try:
            record: Record = await kind.retrieve_by_tag_filter(
                session, {"thread_id": _thread(context)}, {"role": role, "connection_id": connection_id}
            )
        except (StorageNotFoundError, StorageDuplicateError):
            return None
    return None if record.state in new_in else record


def _last_said(record: Record) -> AgentMessage | None:
    said: AgentMessage | None = None
    match record.role, record.state:
        case "issuer", "offer-sent":
            return record.cred_offer
        case "verifier", "request-sent":
            return record.pres_request
        case "issuer", "credential-issued":
            said = record.cred_issue
        case "holder", "request-sent":
            said = record.cred_request
        case "holder", "done":
            said = V20CredAck()
        case "prover", "presentation-sent":
            said = record.pres
    if said is not None:  # not every message is kept with its thread
        said.assign_thread_id(record.thread_id, getattr(record, "parent_thread_id", None))
    return said


def _id(record: Record) -> str:
    return str(record.cred_ex_id if isinstance(record, V20CredExRecord) else record.pres_ex_id)


def _thread(context: RequestContext) -> str:
    return str(context.message._thread_id)  # noqa: SLF001  ACA-Py has no other name for it


def _name(connection_id: str, thread_id: str) -> str:
    return f"{connection_id} {thread_id}"
