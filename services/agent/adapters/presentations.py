"""Presentations at the verifier: kept as they come, closed with the service's verdict."""

import logging

from acapy_agent.core.profile import Profile
from acapy_agent.messaging.base_handler import BaseHandler, HandlerException
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.present_proof.v2_0.manager import V20PresManager
from acapy_agent.protocols.present_proof.v2_0.messages.pres import V20Pres
from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord
from acapy_agent.storage.error import StorageDuplicateError, StorageNotFoundError

from services.agent.adapters.repetition import remember_verdict, tell_verdict_again
from services.agent.errors import NothingToClose, PresentationUnknown

LOGGER = logging.getLogger(__name__)


async def keep_presentation(
    handler: BaseHandler,  # noqa: ARG001  this stands in for the handler's own method
    context: RequestContext,
    responder: BaseResponder,
) -> None:
    """Keep the first presentation for one of our requests on its connection; drop any other.

    To one that was judged already the verdict is told again: the holder may not have heard it.
    Nothing in it is judged here: it may be hostile, and a verdict has seven steps.
    """
    message: V20Pres = context.message
    connection = context.connection_record
    if connection is None or not context.connection_ready:
        raise HandlerException("A presentation came on no connection, or on one not ready")
    async with context.profile.transaction() as txn:
        try:
            found = await V20PresExRecord.retrieve_by_tag_filter(
                txn,
                {"thread_id": message._thread_id},  # noqa: SLF001  ACA-Py has no other name for it
                {"role": V20PresExRecord.ROLE_VERIFIER, "connection_id": connection.connection_id},
            )
        except (StorageNotFoundError, StorageDuplicateError):
            found = None
    if found is None:
        thread_id = str(message._thread_id)  # noqa: SLF001
        if not await tell_verdict_again(context.profile, responder, connection.connection_id, thread_id):
            LOGGER.warning(
                "Dropped a presentation that answers no request on connection %s", connection.connection_id
            )
        return
    async with context.profile.transaction() as txn:
        record = await V20PresExRecord.retrieve_by_id(txn, found.pres_ex_id, for_update=True)
        if record.state != V20PresExRecord.STATE_REQUEST_SENT:
            LOGGER.warning(
                "Dropped a further presentation for %s in state %s", record.pres_ex_id, record.state
            )
            return
        record.pres = message
        record.state = V20PresExRecord.STATE_PRESENTATION_RECEIVED
        await record.save(txn, reason="keep presentation")
        await txn.commit()


async def close_presentation(
    profile: Profile, responder: BaseResponder, pres_ex_id: str, *, verified: bool
) -> None:
    """Record the verdict and tell the holder that we are through.

    The acknowledgement goes first: a crash in between sends it twice, which harms nobody.
    Raises PresentationUnknown or NothingToClose.
    """
    async with profile.session() as session:
        try:
            record = await V20PresExRecord.retrieve_by_id(session, pres_ex_id)
        except StorageNotFoundError as error:
            raise PresentationUnknown("No exchange has this id") from error
    if record.state != V20PresExRecord.STATE_PRESENTATION_RECEIVED:
        raise NothingToClose(
            f"Expected a presentation that waits for its verdict, found state {record.state}"
        )
    record.verified = "true" if verified else "false"
    record.state = V20PresExRecord.STATE_DONE
    async with profile.session() as session:
        if record.pres_request.will_confirm:
            keep, record.auto_remove = record.auto_remove, False
            await V20PresManager(profile).send_pres_ack(record, responder)
            record.auto_remove = keep
        await record.save(session, reason="close presentation")
    await remember_verdict(profile, record)
