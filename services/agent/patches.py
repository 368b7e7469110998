"""Every change made to ACA-Py 1.6 at run time, each with its reason; `before_acapy` has the one that must come first.

tests/unit/agent/test_patches.py fails when upstream no longer has what is changed here.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

from acapy_agent.admin import server as admin_server_module
from acapy_agent.admin.server import AdminServer
from acapy_agent.anoncreds.constants import CATEGORY_REV_LIST
from acapy_agent.anoncreds.default.did_web.registry import DIDWebRegistry
from acapy_agent.anoncreds.holder import AnonCredsHolder
from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.anoncreds.revocation import revocation as revocation_module
from acapy_agent.anoncreds.revocation.revocation import AnonCredsRevocation, AnonCredsRevocationError
from acapy_agent.askar.profile_anon import AskarAnonCredsProfile, AskarAnonCredsProfileSession
from acapy_agent.askar.store import AskarStoreConfig
from acapy_agent.cache.in_memory import InMemoryCache
from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core import conductor as conductor_module
from acapy_agent.core.conductor import Conductor
from acapy_agent.core.error import ProfileNotFoundError
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.agent_message import AgentMessageSchema
from acapy_agent.messaging.models.base import BaseModel
from acapy_agent.messaging.models.base_record import BaseRecord
from acapy_agent.multitenant.manager_provider import MultitenantManagerProvider
from acapy_agent.protocols.basicmessage.v1_0.handlers.basicmessage_handler import BasicMessageHandler
from acapy_agent.protocols.didexchange.v1_0.handlers.complete_handler import DIDXCompleteHandler
from acapy_agent.protocols.didexchange.v1_0.handlers.request_handler import DIDXRequestHandler
from acapy_agent.protocols.didexchange.v1_0.handlers.response_handler import DIDXResponseHandler
from acapy_agent.protocols.didexchange.v1_0.manager import DIDXManager
from acapy_agent.protocols.issue_credential.v2_0 import routes as issuing_routes
from acapy_agent.protocols.issue_credential.v2_0.formats.indy.handler import IndyCredFormatHandler
from acapy_agent.protocols.issue_credential.v2_0.handlers.cred_issue_handler import V20CredIssueHandler
from acapy_agent.protocols.issue_credential.v2_0.handlers.cred_offer_handler import V20CredOfferHandler
from acapy_agent.protocols.issue_credential.v2_0.handlers.cred_request_handler import V20CredRequestHandler
from acapy_agent.protocols.issue_credential.v2_0.manager import V20CredManager
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_format import V20CredFormat
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.protocols.present_proof.v2_0.handlers.pres_handler import V20PresHandler
from acapy_agent.protocols.present_proof.v2_0.handlers.pres_request_handler import V20PresRequestHandler
from acapy_agent.protocols.present_proof.v2_0.messages.pres_ack import V20PresAck
from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord
from acapy_agent.protocols.revocation_notification.v1_0.handlers.revoke_handler import (
    RevokeHandler as RevokeHandlerV1,
)
from acapy_agent.protocols.revocation_notification.v2_0.handlers.revoke_handler import (
    RevokeHandler as RevokeHandlerV2,
)
from acapy_agent.resolver.base import BaseDIDResolver
from acapy_agent.resolver.default.web import WebDIDResolver
from acapy_agent.resolver.default.webvh import WebvhDIDResolver
from acapy_agent.resolver.did_resolver import DIDResolver
from acapy_agent.transport.inbound.manager import InboundTransportManager
from acapy_agent.transport.inbound.message import InboundMessage
from acapy_agent.transport.inbound.session import InboundSession
from acapy_agent.transport.outbound.base import OutboundTransportError
from acapy_agent.transport.outbound.manager import OutboundTransportManager, QueuedOutboundMessage
from acapy_agent.transport.outbound.message import OutboundMessage
from acapy_agent.transport.outbound.status import OutboundSendStatus
from acapy_agent.transport.wire_format import BaseWireFormat
from acapy_agent.utils.env import storage_path
from acapy_agent.utils.task_queue import CompletedTask, TaskQueue, coro_ident
from aiohttp import web
from anoncreds import bindings as anoncreds_bindings
from anoncreds.bindings import get_library
from aries_askar import AskarError, AskarErrorCode, Entry, Session
from aries_askar.bindings import lib as askar_bindings
from aries_askar.store import IterEntryList, IterKeyEntryList

from services.agent.adapters.library_buffers import as_bytes, as_view, given
from services.agent.domain.command_line import IDLE_SESSIONS, MAX_CONNECTIONS, SEALED_WALLETS
from services.agent.errors import AgentMustStop, IssuerAway

_NO_STORE_YET = 'relation "config" does not exist'
_FAILURE = "_ujuzi_failure"

SQLITE_OPTIONS = f"?max_connections={MAX_CONNECTIONS + IDLE_SESSIONS}&busy_timeout=15000"
"""Askar's pool is as large as the machine has cores, and a session waits 10 s for a place in it; those that rest take none of the others'."""


class Undeliverable(OutboundTransportError):  # type: ignore[misc]  # ACA-Py ships no types
    """ACA-Py found no way to send a message it should have sent."""


def failure_of(message: InboundMessage) -> BaseException | None:
    """What the handler of this message raised, once it is through."""
    failure: BaseException | None = getattr(message, _FAILURE, None)
    return failure


def mend() -> None:
    """Make every change that needs nothing of ours."""
    load_library_of_proofs()
    iterate_as_python_asks()
    keep_no_class_for_each_length()
    keep_handler_failures()
    raise_what_cannot_be_sent()
    close_sessions_of_messages()
    say_that_an_issuer_is_away()
    stop_without_admin_server()
    open_no_wallet_at_start()
    widen_sqlite_pool()
    quote_postgres_passwords()
    provision_in_empty_database()
    lock_status_lists()
    name_sealed_wallets()


def iterate_as_python_asks() -> None:
    """Askar's iterators lack `__iter__`, for which comprehensions of later Python 3.13 ask, Debian's among them."""
    for iterator in (IterEntryList, IterKeyEntryList):
        iterator.__iter__ = lambda self: self


def keep_no_class_for_each_length() -> None:
    """Each length of what askar and anoncreds return leaves two classes behind, and each that anoncreds is given makes one."""
    for bindings, view in ((askar_bindings, "view"), (anoncreds_bindings, "raw")):
        bindings.RawBuffer.__bytes__ = as_bytes
        setattr(bindings.ByteBuffer, view, property(as_view))
    anoncreds_bindings.encode_bytes = lambda arg: given(anoncreds_bindings.FfiByteBuffer, arg)


def keep_handler_failures() -> None:
    """A handler that failed is still reported complete: keep its exception, so that we do not acknowledge."""
    original = InboundTransportManager.dispatch_complete

    def dispatch_complete(
        self: InboundTransportManager, message: InboundMessage, completed: CompletedTask
    ) -> None:
        setattr(message, _FAILURE, completed.exc_info[1] if completed.exc_info else None)
        original(self, message, completed)

    InboundTransportManager.dispatch_complete = dispatch_complete


def raise_what_cannot_be_sent() -> None:
    """A message for a known connection that finds no target is dropped with a warning: raise instead."""
    original = Conductor.queue_outbound

    async def queue_outbound(
        self: Conductor,
        profile: Profile,
        outbound: OutboundMessage,
        inbound: InboundMessage | None = None,
    ) -> OutboundSendStatus:
        status = await original(self, profile, outbound, inbound)
        addressed = outbound.connection_id or outbound.target or outbound.target_list
        if status is OutboundSendStatus.UNDELIVERABLE and addressed:
            raise Undeliverable("The message could not be addressed: its connection has no usable target")
        return status

    Conductor.queue_outbound = queue_outbound


def close_sessions_of_messages() -> None:
    """Each message that comes or goes opens a session and leaves it to Python's collector, which is late for one that failed.

    Sixteen that did not open had the whole store wait, until it came, for up to half a minute.
    """

    async def parse_inbound(self: InboundSession, payload_enc: str | bytes) -> InboundMessage:
        async with self.profile.session() as session:
            payload, receipt = await self.wire_format.parse_message(session, payload_enc)
        return InboundMessage(
            payload, receipt, session_id=self.session_id, transport_type=self.transport_type
        )

    async def perform_encode(
        self: OutboundTransportManager,
        queued: QueuedOutboundMessage,
        wire_format: BaseWireFormat | None = None,
    ) -> None:
        wire_format = wire_format or self.root_profile.inject(BaseWireFormat)
        to = queued.target
        async with queued.profile.session() as session:
            queued.payload = await wire_format.encode_message(
                session, queued.message.payload, to.recipient_keys, to.routing_keys, to.sender_key
            )

    InboundSession.parse_inbound = parse_inbound
    OutboundTransportManager.perform_encode = perform_encode


def stop_without_admin_server() -> None:
    """An agent whose admin port is taken logs an error and runs on, deaf: end the process instead."""
    original = AdminServer.start

    async def start(self: AdminServer) -> None:
        try:
            await original(self)
        except Exception as error:
            raise AgentMustStop(
                f"its admin server did not start on {self.host}:{self.port} ({type(error).__name__}): "
                "is the port taken? Stop what uses it or set AGENT_ADMIN_PORT"
            ) from error

    AdminServer.start = start


def open_no_wallet_at_start() -> None:
    """ACA-Py opens every subwallet at start to look for upgrades; ours have no key here and need none."""

    async def none(root_profile: Profile) -> Sequence[Profile]:  # noqa: ARG001  given by ACA-Py
        return []

    conductor_module.get_subwallet_profiles_from_storage = none


def widen_sqlite_pool() -> None:
    """Its SQLite URI takes no options from outside."""
    original = AskarStoreConfig._build_sqlite_uri  # noqa: SLF001  the only place

    def build(self: AskarStoreConfig, in_memory: bool | None, create: bool) -> str:
        uri: str = original(self, in_memory, create)
        return uri if in_memory else uri + SQLITE_OPTIONS

    AskarStoreConfig._build_sqlite_uri = build  # noqa: SLF001


def quote_postgres_passwords() -> None:
    """Its PostgreSQL URI leaves a slash in an account or a password as it is, and so names another host."""

    def build(self: AskarStoreConfig) -> str:
        config, creds = self._validate_postgres_config()
        account, password, name = (
            quote(part, safe="") for part in (creds["account"], creds["password"], self.name)
        )
        options = urlencode(
            {"max_connections": config["max_connections"], "connect_timeout": config["connection_timeout"]}
        )
        return f"postgres://{account}:{password}@{config['url']}/{name}?{options}"

    AskarStoreConfig._build_postgres_uri = build  # noqa: SLF001  the only place


def provision_in_empty_database() -> None:
    """A PostgreSQL database without tables is an error to it; ours may be made beforehand, for an account that may not."""
    original = AskarStoreConfig._handle_open_error  # noqa: SLF001  the only place

    async def handle(self: AskarStoreConfig, err: AskarError, retry: bool = False) -> None:
        if err.code == AskarErrorCode.BACKEND and _NO_STORE_YET in str(err):
            raise ProfileNotFoundError(f"Store '{self.name}' not found")
        await original(self, err, retry=retry)

    AskarStoreConfig._handle_open_error = handle  # noqa: SLF001


def remove_did_web_stub(registry: AnonCredsRegistry) -> None:
    """The built-in did:web registry is an empty stub, and two registries for one identifier are an error."""
    registry.resolvers = [one for one in registry.resolvers if not isinstance(one, DIDWebRegistry)]
    registry.registrars = [one for one in registry.registrars if not isinstance(one, DIDWebRegistry)]


def look_up_dids_through_our_client(registry: DIDResolver, ours: BaseDIDResolver) -> None:
    """Two of its resolvers fetch what a stranger's DID names from anywhere, also from inside our network."""
    fetching = (WebDIDResolver, WebvhDIDResolver)
    registry.resolvers = [one for one in registry.resolvers if not isinstance(one, fetching)]
    registry.register_resolver(ours)


def name_sealed_wallets() -> None:
    """A class path given as option is lower-cased before it is loaded: give the class a name instead."""
    MultitenantManagerProvider.MANAGER_TYPES[SEALED_WALLETS] = (
        "services.agent.adapters.sealed_wallets.SealedWallets"
    )


def take_presentations_unjudged(handle: Callable[..., Any]) -> None:
    """ACA-Py checks a presentation before it keeps it and drops a hostile one: ours keeps it for our steps."""
    V20PresHandler.handle = handle


def take_each_message_once(once: Callable[..., Any]) -> None:
    """A message that comes again takes its exchange back to an earlier state, and what was done since is done twice."""
    for handler in (
        V20CredOfferHandler, V20CredRequestHandler, V20CredIssueHandler, V20PresRequestHandler,
    ):  # fmt: skip
        handler.handle = once(handler.handle)


def keep_traces(within_its_trace: Callable[..., Any]) -> None:
    """What waits in a task queue is begun by whatever task ends next: it would go on in that one's trace."""
    original = TaskQueue.put

    def put(
        self: TaskQueue,
        coro: Any,  # noqa: ANN401  ACA-Py says no more
        task_complete: Callable[[CompletedTask], None] | None = None,
        ident: str | None = None,
    ) -> Any:  # noqa: ANN401
        return original(self, within_its_trace(coro), task_complete, ident or coro_ident(coro))

    TaskQueue.put = put


def finish_handshakes(answering_again: Callable[..., Any], completing_again: Callable[..., Any]) -> None:
    """A connection's state is kept before its message is sent: one cut short in between answers nobody any more."""
    DIDXRequestHandler.handle = answering_again(DIDXRequestHandler.handle)
    DIDXResponseHandler.handle = completing_again(DIDXResponseHandler.handle)


def take_handshakes_in_turn(
    asking: Callable[..., Any], completed: Callable[..., Any], shortening: Callable[..., Any]
) -> None:
    """A connection is written again after its message was sent: over what the other side's quick answer has made of it.

    And a DID of ours kept under its short name before a process died is refused as a second one ever after.
    """
    DIDXManager.receive_invitation = asking(DIDXManager.receive_invitation)
    DIDXCompleteHandler.handle = completed(DIDXCompleteHandler.handle)
    DIDXManager.long_did_peer_4_to_short = shortening(DIDXManager.long_did_peer_4_to_short)


def find_connections_by_either_name(finding: Callable[..., Any]) -> None:
    """A connection that has the long name of our DID is not found any more once its short name is kept, too.

    Nobody notices while the connection is cached; after a restart every message on it is a stranger's.
    """
    found = finding(ConnRecord.retrieve_by_did_peer_4)
    ConnRecord.retrieve_by_did_peer_4 = staticmethod(found)


def issue_and_store(leaving_open: Callable[..., Any], storing_again: Callable[..., Any]) -> None:
    """An order to issue that fails abandons its exchange, whatever the reason, and tells the learner so.

    A credential is kept before its exchange says so: after a death in between storing fails for ever, which abandons it, too.
    """
    V20CredManager.issue_credential = leaving_open(V20CredManager.issue_credential)
    AnonCredsHolder._finish_store_credential = storing_again(AnonCredsHolder._finish_store_credential)  # noqa: SLF001


def say_that_an_issuer_is_away() -> None:
    """Where an issuer cannot be asked its Indy handler takes over, which stumbles over the ledger there is none of."""

    async def say(*_given: object, **_more: object) -> NoReturn:
        raise IssuerAway("What the issuer has published cannot be read now: try again later")

    IndyCredFormatHandler.create_cred_request_result = say
    IndyCredFormatHandler.store_credential = say


def load_library_of_proofs() -> None:
    """ACA-Py first uses it in threads: where two load it at once it panics in one, and a good credential or proof fails."""
    get_library()


def forget_in_passing(
    look: Callable[..., Any], sweep: Callable[..., None], keeping_briefly: Callable[..., Any]
) -> None:
    """Every look into the cache goes through all that is in it: a millisecond with 10,000 entries, several for a learner of the last hour.

    That a connection is ready is kept for ever; where to send, what a DID says, and the secret half of a learner's credential request,
    whose wallet may be closed by then, for an hour. All can be read again from the store or made from the DID.
    """
    InMemoryCache.get = look
    InMemoryCache._remove_expired_cache_items = sweep  # noqa: SLF001  upstream has no other place for it
    InMemoryCache.set = keeping_briefly(InMemoryCache.set)


def tell_the_verdict() -> None:
    """The acknowledgement keeps its verdict under one name and is written from another: it never left."""
    V20PresAck.verification_result = property(lambda self: self._verification_result)


def keep_revocation_notices(handle: Callable[..., Any]) -> None:
    """A notice is only handed to webhooks, from memory: ours is kept before the envelope is acknowledged."""
    RevokeHandlerV1.handle = handle
    RevokeHandlerV2.handle = handle


def keep_basic_messages(handle: Callable[..., Any]) -> None:
    """A message is only handed to webhooks, from memory, and one that begins with "Reply with: " is answered by itself."""
    BasicMessageHandler.handle = handle


def lock_status_lists() -> None:
    """An issuance reads a status list, counts on and writes it back: on PostgreSQL two at once give one number twice.

    The same would write back a list in which somebody was not yet suspended. So whoever reads a list in a transaction has
    it until the transaction ends.
    """
    original = Session.fetch

    async def fetch(self: Session, category: str, name: str, *, for_update: bool = False) -> Entry | None:
        alone = for_update or (category == CATEGORY_REV_LIST and self.is_transaction)
        entry: Entry | None = await original(self, category, name, for_update=alone)
        return entry

    Session.fetch = fetch


def use_sessions_again(
    taking_over: Callable[..., Any],
    leaving_open: Callable[..., Any],
    noting_failures: Callable[..., Any],
    closing_idle: Callable[..., Any],
) -> None:
    """A session is opened for nearly every read and closed at once: that was the most of what a store costs."""
    opened = AskarAnonCredsProfileSession
    opened._setup = taking_over(opened._setup)  # noqa: SLF001  where it is opened
    opened._teardown = leaving_open(opened._teardown)  # noqa: SLF001  and closed
    opened.__aexit__ = noting_failures(opened.__aexit__)
    AskarAnonCredsProfile.close = closing_idle(AskarAnonCredsProfile.close)


def use_schemas_again(
    deserialize: Callable[..., Any], serialize: Callable[..., Any], forgetting: Callable[..., Any]
) -> None:
    """A schema with all its fields is made anew for each object that is read or written, and for all that is nested in it."""
    BaseModel.deserialize = classmethod(deserialize)
    BaseModel.serialize = serialize
    AgentMessageSchema.extract_decorators = forgetting(AgentMessageSchema.extract_decorators)


def read_kept_messages_later(serde: Callable[..., Any]) -> None:
    """Whoever reads an exchange for its state has its four messages read, too."""
    BaseModel.serde = classmethod(serde)


def write_exchanges_as_kept(
    writing_once: Callable[..., Any], written: Callable[..., Any], showing: Callable[..., Any]
) -> None:
    """To write an exchange once its messages are read, and all is serialised for the record, for a log that is off and for the event."""
    BaseRecord.save = writing_once(BaseRecord.save)
    for exchange in (V20CredExRecord, V20PresExRecord):
        exchange.record_value = property(written)
        exchange.serialize = showing(exchange.serialize)


def look_for_no_upgrade() -> None:
    """Each admin call has the store looked through for an upgrade to AnonCreds; ours were made with it."""

    @web.middleware
    async def go_on(request: web.BaseRequest, handler: Callable[..., Any]) -> web.StreamResponse:
        answer: web.StreamResponse = await handler(request)
        return answer

    admin_server_module.upgrade_middleware = go_on


def look_for_details_of_formats_in_use() -> None:
    """Whoever reads an exchange has four tables looked through, one for each format there is."""

    async def attached(profile: Profile, record: V20CredExRecord) -> dict[str, Any]:
        messages = (record._cred_proposal, record._cred_offer, record._cred_request, record._cred_issue)  # noqa: SLF001
        used = {
            V20CredFormat.Format.get(one["format"])
            for message in messages
            if message
            for one in message.ser["formats"]  # as it is kept: only to see this it need not be read
        }
        found = {
            form.api: await form.handler(profile).get_detail_record(record.cred_ex_id)
            for form in V20CredFormat.Format
            if form in used
        }
        return {name: detail for name, detail in found.items() if detail}

    issuing_routes._get_attached_credentials = attached  # noqa: SLF001  the only place


def move_tails_ourselves(tails_server: type, fetch: Callable[[Profile, Any, Path], Any]) -> None:
    """Uploads go to our own service; downloads are checked, guarded, and leave the event loop free.

    The files lie in the agent's own folder instead of somewhere under the user's home.
    """
    revocation_module.AnonCredsTailsServer = tails_server

    def folder(subpath: str, *, create: bool = False) -> str:
        return str(storage_path(subpath, create=create))

    revocation_module.indy_client_dir = folder

    async def retrieve_tails(self: AnonCredsRevocation, rev_reg_def: Any) -> str:  # noqa: ANN401
        path = Path(self.get_local_tails_path(rev_reg_def))
        try:
            await fetch(self.profile, rev_reg_def, path)
        except Exception as error:
            raise AnonCredsRevocationError(f"Tails file not fetched: {error}") from error
        return str(path)

    AnonCredsRevocation.retrieve_tails = retrieve_tails
