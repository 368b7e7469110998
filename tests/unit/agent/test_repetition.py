"""What is said again is handled only over a connection that both sides finished."""

from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.protocols.issue_credential.v2_0.handlers.cred_offer_handler import V20CredOfferHandler
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_offer import V20CredOffer
from acapy_agent.utils.testing import create_test_profile

from services.agent.adapters.repetition import taking_each_once


async def test_what_comes_before_its_connection_is_finished_is_dropped_and_is_no_poison() -> None:
    context = RequestContext(await create_test_profile())
    context.message = V20CredOffer()
    context.connection_record = ConnRecord(connection_id="hers", state="request")
    context.connection_ready = False
    # ACA-Py's own handler raises here, and what raises six times becomes poison.
    await taking_each_once(V20CredOfferHandler.handle)(V20CredOfferHandler(), context, None)
