"""ACA-Py must still be what services.agent.patches changes; each test names the reason of one patch."""

import inspect
import re

import pytest
from acapy_agent.admin import server as admin_server
from acapy_agent.admin.server import AdminServer
from acapy_agent.anoncreds.default.did_web.registry import DIDWebRegistry
from acapy_agent.anoncreds.holder import AnonCredsHolder
from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.anoncreds.revocation import revocation
from acapy_agent.askar.profile_anon import AskarAnonCredsProfile, AskarAnonCredsProfileSession
from acapy_agent.askar.store import AskarStoreConfig
from acapy_agent.cache.in_memory import InMemoryCache
from acapy_agent.connections.base_manager import BaseConnectionManager
from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core import conductor
from acapy_agent.core.conductor import Conductor
from acapy_agent.messaging.agent_message import AgentMessageSchema
from acapy_agent.messaging.models.base import BaseModel, BaseModelSchema
from acapy_agent.messaging.models.base_record import BaseRecord
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.multitenant.manager import MultitenantManager
from acapy_agent.multitenant.manager_provider import MultitenantManagerProvider
from acapy_agent.protocols.basicmessage.v1_0.handlers.basicmessage_handler import BasicMessageHandler
from acapy_agent.protocols.basicmessage.v1_0.messages.basicmessage import BasicMessage
from acapy_agent.protocols.didexchange.v1_0.handlers.complete_handler import DIDXCompleteHandler
from acapy_agent.protocols.didexchange.v1_0.handlers.request_handler import DIDXRequestHandler
from acapy_agent.protocols.didexchange.v1_0.handlers.response_handler import DIDXResponseHandler
from acapy_agent.protocols.didexchange.v1_0.manager import DIDXManager
from acapy_agent.protocols.issue_credential.v2_0 import routes as issuing_routes
from acapy_agent.protocols.issue_credential.v2_0.formats.anoncreds.handler import AnonCredsCredFormatHandler
from acapy_agent.protocols.issue_credential.v2_0.formats.indy.handler import IndyCredFormatHandler
from acapy_agent.protocols.issue_credential.v2_0.manager import V20CredManager
from acapy_agent.protocols.issue_credential.v2_0.routes import credential_exchange_issue as issue_route
from acapy_agent.protocols.present_proof.v2_0.handlers.pres_handler import V20PresHandler
from acapy_agent.protocols.present_proof.v2_0.handlers.pres_request_handler import V20PresRequestHandler
from acapy_agent.protocols.present_proof.v2_0.manager import V20PresManager
from acapy_agent.protocols.present_proof.v2_0.messages.pres_ack import V20PresAck, V20PresAckSchema
from acapy_agent.protocols.revocation_notification.v1_0.handlers import revoke_handler as revoke_handler_v1
from acapy_agent.protocols.revocation_notification.v2_0.handlers import revoke_handler as revoke_handler_v2
from acapy_agent.resolver.base import BaseDIDResolver
from acapy_agent.resolver.default.peer4 import PeerDID4Resolver
from acapy_agent.transport.inbound.manager import InboundTransportManager
from acapy_agent.transport.inbound.session import InboundSession
from acapy_agent.transport.outbound.base import OutboundDeliveryError
from acapy_agent.transport.outbound.manager import OutboundTransportManager
from acapy_agent.transport.outbound.status import OutboundSendStatus
from acapy_agent.transport.pack_format import V1PackWireFormat
from acapy_agent.utils.task_queue import TaskQueue
from acapy_agent.vc.ld_proofs import document_loader
from acapy_agent.version import __version__
from anoncreds import bindings as anoncreds_bindings
from aries_askar import Session
from aries_askar.bindings import lib as askar_bindings
from aries_askar.store import IterEntryList, IterKeyEntryList

from services.agent import patches
from services.agent.adapters import passing_cache
from services.agent.adapters.jetstream_outbound import EndpointRefused, JetStreamOutbound, NotStored
from services.agent.adapters.kept_messages import ATTACHED, FIELDS
from services.agent.errors import IssuerAway


def parameters(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]


def test_this_is_the_line_the_patches_were_written_for() -> None:
    assert __version__.startswith("1.6.")


def test_a_failed_handler_is_reported_where_we_listen() -> None:
    assert parameters(InboundTransportManager.dispatch_complete) == ["self", "message", "completed"]
    assert "completed.exc_info" in inspect.getsource(Conductor.dispatch_complete)
    assert "self.inbound_transport_manager.dispatch_complete" in inspect.getsource(
        Conductor.dispatch_complete
    )


def test_the_cache_is_still_walked_through_at_every_look() -> None:
    walk = inspect.getsource(InMemoryCache._remove_expired_cache_items)
    assert "in self._cache.copy().items()" in walk
    for method in (InMemoryCache.get, InMemoryCache.set):
        assert "self._remove_expired_cache_items()" in inspect.getsource(method)
    assert 'self._cache[key] = {"expires": expires_ts, "value": value}' in inspect.getsource(
        InMemoryCache.set
    )
    assert parameters(InMemoryCache.set) == ["self", "keys", "value", "ttl"]


def test_much_is_still_kept_for_long() -> None:
    assert "cache.set(cache_key, connection_state)" in inspect.getsource(
        BaseResponder.conn_rec_active_state_check
    )
    for method in (BaseConnectionManager.get_connection_targets, AnonCredsCredFormatHandler.create_request):
        assert ", 3600)" in inspect.getsource(method)
    assert "ttl=self.DEFAULT_TTL" in inspect.getsource(BaseDIDResolver.resolve)
    assert PeerDID4Resolver.DEFAULT_TTL > passing_cache.MOST_SECONDS


def test_sessions_of_messages_are_still_left_open() -> None:
    assert parameters(InboundSession.parse_inbound) == ["self", "payload_enc"]
    assert "session = await self.profile.session()" in inspect.getsource(InboundSession.parse_inbound)
    assert parameters(OutboundTransportManager.perform_encode) == ["self", "queued", "wire_format"]
    assert "session = await queued.profile.session()" in inspect.getsource(
        OutboundTransportManager.perform_encode
    )


def test_an_undeliverable_message_is_still_dropped_by_aca_py() -> None:
    assert parameters(Conductor.queue_outbound) == ["self", "profile", "outbound", "inbound"]
    assert "return OutboundSendStatus.UNDELIVERABLE" in inspect.getsource(Conductor.queue_outbound)
    assert OutboundSendStatus.UNDELIVERABLE


def test_an_external_transport_is_still_awaited() -> None:
    source = inspect.getsource(OutboundTransportManager.enqueue_message)
    assert "await transport.handle_message(" in source
    assert JetStreamOutbound.is_external
    assert "except OutboundDeliveryError" in inspect.getsource(Conductor._queue_message)
    assert not issubclass(EndpointRefused, OutboundDeliveryError)
    assert not issubclass(NotStored, OutboundDeliveryError)


def test_a_missing_admin_server_is_still_survived_by_aca_py() -> None:
    assert parameters(AdminServer.start) == ["self"]
    assert "Unable to start administration API" in inspect.getsource(Conductor.start)


def test_aca_py_still_opens_every_subwallet_at_start() -> None:
    assert callable(conductor.get_subwallet_profiles_from_storage)
    assert "get_subwallet_profiles_from_storage(" in inspect.getsource(
        Conductor.check_for_wallet_upgrades_in_progress
    )


def test_the_json_ld_code_still_changes_every_event_loop() -> None:
    source = inspect.getsource(document_loader)
    assert "\nnest_asyncio.apply()\n" in source
    assert "run_until_complete" in source


def test_a_session_is_still_opened_and_closed_where_ours_are_used_again() -> None:
    opened = AskarAnonCredsProfileSession
    assert parameters(opened._setup) == ["self"]
    assert "self._handle = await asyncio.wait_for(self._opener, 10)" in inspect.getsource(opened._setup)
    assert parameters(opened._teardown) == ["self", "commit"]
    assert "await self._handle.close()" in inspect.getsource(opened._teardown)
    assert parameters(opened.__aexit__) == ["self", "exc_type", "exc_val", "exc_tb"]
    assert "await self._teardown()" in inspect.getsource(opened.__aexit__)
    assert "await self.opened.close()" in inspect.getsource(AskarAnonCredsProfile.close)


def test_models_are_still_read_and_written_with_schemas_made_for_each() -> None:
    for method, call in (
        (BaseModel.deserialize, "schema.load(obj)"),
        (BaseModel.serialize, "schema.dump(self)"),
    ):
        source = inspect.getsource(method)
        assert "schema = schema_cls(\n" in source
        assert call in source
    assert parameters(BaseModel.deserialize) == ["obj", "unknown", "none2none"]
    assert parameters(BaseModel.serialize) == ["self", "as_string", "unknown"]


def test_schemas_still_remember_no_more_of_a_message_than_is_forgotten() -> None:
    made = inspect.getsource(AgentMessageSchema.__init__)
    assert made.count("self._") == 3
    for name in (
        "self._decorators = DecoratorSet()",
        "self._decorators_dict = None",
        "self._signatures = {}",
    ):
        assert name in made
    before_writing = inspect.getsource(AgentMessageSchema.check_dump_decorators)
    assert "self._decorators_dict = " in before_writing
    assert "self._signatures = " in before_writing
    kinds, others = [BaseModelSchema], 0
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        others += "__init__" in vars(kind) and kind not in {BaseModelSchema, AgentMessageSchema}
    assert not others, "a schema has a state of its own"


def test_whoever_reads_an_exchange_still_has_its_messages_and_all_formats_read() -> None:
    assert "SerDe(obj, cls.deserialize(obj))" in inspect.getsource(BaseModel.serde)
    source = inspect.getsource(issuing_routes._get_attached_credentials)
    assert "for fmt in V20CredFormat.Format:" in source
    assert parameters(issuing_routes._get_attached_credentials) == ["profile", "cred_ex_record"]


def test_a_record_is_still_serialised_more_than_once_when_it_is_written() -> None:
    save = BaseRecord.save
    assert parameters(save) == ["self", "session", "reason", "log_params", "log_override", "event"]
    source = inspect.getsource(save)
    assert source.index("storage.update_record(") < source.index("self.serialize()")
    assert "await self.post_save(session, new_record, self._last_state, event)" in source
    assert "self._last_state = self.state" in source
    assert "self.emit_event(session, self.serialize())" in inspect.getsource(BaseRecord.post_save)
    for exchange, messages in ATTACHED.items():
        written = inspect.getsource(exchange.record_value.fget)
        assert "if getattr(self, prop) is not None" in written
        assert set(re.findall(r'^ {16,20}"(\w+)",$', written, re.MULTILINE)) == {*FIELDS[exchange], *messages}


def test_each_admin_call_still_looks_for_an_upgrade() -> None:
    assert "find_all_records(RECORD_TYPE_ACAPY_UPGRADING)" in inspect.getsource(
        admin_server.upgrade_middleware
    )
    assert "middlewares.append(upgrade_middleware)" in inspect.getsource(AdminServer.make_application)


def test_the_sqlite_uri_still_has_no_options() -> None:
    assert parameters(AskarStoreConfig._build_sqlite_uri) == ["self", "in_memory", "create"]
    assert "sqlite.db" in inspect.getsource(AskarStoreConfig._build_sqlite_uri)
    assert "?" not in inspect.getsource(AskarStoreConfig._build_sqlite_uri)


def test_the_postgresql_uri_still_leaves_a_slash_in_a_password() -> None:
    source = inspect.getsource(AskarStoreConfig._build_postgres_uri)
    assert 'urllib.parse.quote(creds["password"])' in source
    assert parameters(AskarStoreConfig._handle_open_error) == ["self", "err", "retry"]


def test_the_did_web_stub_is_removed() -> None:
    registry = AnonCredsRegistry([DIDWebRegistry()])
    assert registry.resolvers
    assert registry.registrars
    patches.remove_did_web_stub(registry)
    assert not registry.resolvers
    assert not registry.registrars


def test_manager_types_are_still_looked_up_by_name() -> None:
    assert "basic" in MultitenantManagerProvider.MANAGER_TYPES
    assert "MANAGER_TYPES.get(" in inspect.getsource(MultitenantManagerProvider.provide)


def test_sealed_wallets_still_override_what_aca_py_calls() -> None:
    assert parameters(MultitenantManager.get_wallet_profile) == [
        "self", "base_context", "wallet_record", "extra_settings", "provision",
    ]  # fmt: skip
    assert parameters(MultitenantManager.get_profile_for_token) == ["self", "context", "token"]
    assert parameters(MultitenantManager.get_wallet_details_from_token) == ["self", "token"]
    assert "if wallet.is_managed" in inspect.getsource(InboundSession.handle_relay_context)


def test_presentations_are_still_judged_on_receipt_by_aca_py() -> None:
    assert parameters(V20PresHandler.handle) == ["self", "context", "responder"]
    assert "receive_pres(" in inspect.getsource(V20PresHandler.handle)
    assert parameters(V20PresManager.send_pres_ack) == ["self", "pres_ex_record", "responder"]


def test_tails_are_still_moved_by_what_we_replace() -> None:
    assert "AnonCredsTailsServer()" in inspect.getsource(revocation.AnonCredsRevocation.upload_tails_file)
    assert "indy_client_dir(" in inspect.getsource(revocation.AnonCredsRevocation.get_local_tails_path)
    assert parameters(revocation.AnonCredsRevocation.retrieve_tails) == ["self", "rev_reg_def"]


def test_plain_text_is_still_let_through_by_aca_py() -> None:
    assert "falling back to JSON" in inspect.getsource(V1PackWireFormat.parse_message)


def test_revocation_notices_are_still_only_announced_by_aca_py() -> None:
    for handler in (revoke_handler_v1.RevokeHandler, revoke_handler_v2.RevokeHandler):
        assert parameters(handler.handle) == ["self", "context", "responder"]
        assert "context.profile.notify(" in inspect.getsource(handler.handle)


def test_basic_messages_are_still_only_announced_by_aca_py_and_sometimes_answered() -> None:
    assert parameters(BasicMessageHandler.handle) == ["self", "context", "responder"]
    source = inspect.getsource(BasicMessageHandler.handle)
    assert "context.profile.notify(" in source
    assert "await responder.send_reply(" in source
    assert inspect.signature(BasicMessage).parameters["kwargs"], "its id can be given"


def test_an_issuance_still_writes_back_the_list_it_read_without_having_it_alone() -> None:
    source = inspect.getsource(revocation.AnonCredsRevocation._create_credential)
    assert "txn.handle.fetch(CATEGORY_REV_LIST, rev_reg_def_id)" in source
    assert "async with self.profile.transaction() as txn" in source
    assert parameters(Session.fetch) == ["self", "category", "name", "for_update"]
    assert isinstance(Session.is_transaction, property)


def test_a_revocation_by_aca_py_itself_still_writes_back_what_others_changed_meanwhile() -> None:
    source = inspect.getsource(revocation.AnonCredsRevocation.update_revocation_list)
    written = source.index("value=rev_list_entry_upd.value")
    assert "async with self.profile.session() as session" in source[:written].rsplit("try:", 1)[1]


def test_a_message_that_comes_again_still_takes_its_exchange_back_in_aca_py() -> None:
    for receive in (V20CredManager.receive_request, V20CredManager.receive_credential):
        assert "STATE_" in inspect.getsource(receive)
        assert "cred_ex_record.state ==" not in inspect.getsource(receive)
    handle = V20PresRequestHandler.handle
    assert "pres_ex_record.pres_request = context.message" in inspect.getsource(handle)
    assert parameters(handle) == ["self", "context", "responder"]


def test_an_acknowledgement_still_loses_its_verdict_in_aca_py() -> None:
    assert "self._verification_result = verification_result" in inspect.getsource(V20PresAck.__init__)
    assert "verification_result" in V20PresAckSchema._declared_fields
    assert "_verification_result" in inspect.getsource(V20PresManager.receive_pres_ack)


def test_the_ledgers_handler_still_takes_over_where_an_issuer_is_away() -> None:
    source = inspect.getsource(AnonCredsCredFormatHandler)
    for taken_over in ("create_cred_request_result", "store_credential"):
        assert f"return await IndyCredFormatHandler.{taken_over}(" in source
        assert inspect.iscoroutinefunction(getattr(IndyCredFormatHandler, taken_over))


async def test_where_an_issuer_is_away_this_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for taken_over in ("create_cred_request_result", "store_credential"):
        monkeypatch.setattr(IndyCredFormatHandler, taken_over, getattr(IndyCredFormatHandler, taken_over))
    patches.say_that_an_issuer_is_away()
    for call in (IndyCredFormatHandler.create_cred_request_result, IndyCredFormatHandler.store_credential):
        with pytest.raises(IssuerAway, match="try again later"):
            await call(object(), object(), None)


def test_an_order_to_issue_that_fails_still_abandons_its_exchange() -> None:
    route = inspect.getsource(issue_route)
    assert "save_error_state" in route.partition("except (")[2]
    assert "HTTPConflict" not in route
    assert parameters(V20CredManager.issue_credential)[:2] == ["self", "cred_ex_record"]


def test_a_credential_is_still_stored_before_its_exchange_says_so() -> None:
    finish = AnonCredsHolder._finish_store_credential
    assert parameters(finish) == [
        "self", "credential_definition", "cred_recvd", "credential_request_metadata", "credential_attr_mime_types",
        "credential_id", "rev_reg_def",
    ]  # fmt: skip
    assert "handle.insert(" in inspect.getsource(finish)
    storing = inspect.getsource(AnonCredsCredFormatHandler.store_credential)
    assert storing.index("holder.store_credential(") < storing.index("detail_record.save(")


def test_a_connection_is_still_written_again_after_its_message_was_sent() -> None:
    asking = inspect.getsource(DIDXManager.receive_invitation)
    assert asking.index("send_reply(") < asking.index('reason="Sent connection request"')
    answering = inspect.getsource(DIDXRequestHandler.handle)
    assert answering.index("send_reply(response") < answering.index('reason="Sent connection response"')
    assert parameters(DIDXCompleteHandler.handle) == ["self", "context", "responder"]
    assert parameters(DIDXManager.long_did_peer_4_to_short) == ["self", "long_dp4"]
    assert "WalletDuplicateError" not in inspect.getsource(DIDXManager.long_did_peer_4_to_short)


def test_a_connection_is_still_looked_up_by_one_name_of_our_did() -> None:
    finding = inspect.getsource(ConnRecord.retrieve_by_did_peer_4)
    assert 'tag_filter["my_did"] = my_did' in finding
    assert list(inspect.signature(ConnRecord.retrieve_by_did_peer_4).parameters) == [
        "session", "their_did_long", "their_did_short", "my_did", "their_role",
    ]  # fmt: skip
    assert "ConnRecord.retrieve_by_did_peer_4(" in inspect.getsource(BaseConnectionManager.find_connection)


def test_what_waits_in_a_task_queue_is_still_begun_without_its_context() -> None:
    assert parameters(TaskQueue.put) == ["self", "coro", "task_complete", "ident"]
    assert "copy_context" not in inspect.getsource(TaskQueue)


def test_a_connections_state_is_still_kept_before_its_message_is_sent() -> None:
    accepting = inspect.getsource(DIDXManager.accept_response)
    assert accepting.index("conn_rec.save(") < accepting.index("send_reply(complete")
    answering = inspect.getsource(DIDXRequestHandler.handle)
    assert answering.index("create_response(") < answering.index("send_reply(response")
    assert parameters(DIDXRequestHandler.handle) == ["self", "context", "responder"]
    assert parameters(DIDXResponseHandler.handle) == ["self", "context", "responder"]


def test_askars_iterators_are_what_comprehensions_of_later_pythons_ask_for() -> None:
    for iterator in (IterEntryList, IterKeyEntryList):
        assert "__next__" in vars(iterator)
    patches.iterate_as_python_asks()
    for iterator in (IterEntryList, IterKeyEntryList):
        one = iterator.__new__(iterator)
        assert iter(one) is one


def test_each_length_of_what_the_libraries_return_still_leaves_classes_behind() -> None:
    for bindings, view in ((askar_bindings, "view"), (anoncreds_bindings, "raw")):
        assert "POINTER(c_ubyte * self.len)" in inspect.getsource(bindings.RawBuffer.array.fget)
        assert "bytes(self.array)" in inspect.getsource(bindings)
        assert f"def {view}(self) -> memoryview:" in inspect.getsource(bindings)
    assert parameters(anoncreds_bindings.encode_bytes) == ["arg"]
    assert "(c_ubyte * buf.len).from_buffer_copy(arg)" in inspect.getsource(anoncreds_bindings)
