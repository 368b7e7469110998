"""What is written and shown from the JSON that messages are kept as is what ACA-Py's own would write and show."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from acapy_agent.messaging.decorators.attach_decorator import AttachDecorator
from acapy_agent.messaging.models.base import BaseModel
from acapy_agent.messaging.models.base_record import BaseRecord
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_format import V20CredFormat
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_issue import V20CredIssue
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_offer import V20CredOffer
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_proposal import V20CredProposal
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_request import V20CredRequest
from acapy_agent.protocols.issue_credential.v2_0.messages.inner.cred_preview import (
    V20CredAttrSpec,
    V20CredPreview,
)
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.protocols.present_proof.v2_0.messages.pres import V20Pres
from acapy_agent.protocols.present_proof.v2_0.messages.pres_format import V20PresFormat
from acapy_agent.protocols.present_proof.v2_0.messages.pres_request import V20PresRequest
from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord
from acapy_agent.storage.base import BaseStorage
from acapy_agent.storage.record import StorageRecord
from acapy_agent.utils.testing import create_test_profile

from services.agent.adapters.kept_messages import showing, writing_once, written
from services.agent.adapters.schemas import serde

ANONCREDS = "anoncreds/credential-offer@v1.0"


@pytest.fixture(autouse=True)
def any_attachment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is attached here is short; whether it is a whole credential is asked when a message comes."""
    for formats in (V20CredFormat.Format, V20PresFormat.Format):
        monkeypatch.setattr(formats, "validate_fields", lambda *_: None)


def preview() -> V20CredPreview:
    return V20CredPreview(
        attributes=[
            V20CredAttrSpec(name="given_name", value="Zoë"),
            V20CredAttrSpec(name="grade", value="1", mime_type="text/plain"),
        ]
    )


def credential(kind: type, attachments: str, content: Mapping[str, Any], **more: object) -> Any:  # noqa: ANN401
    message = kind(
        formats=[V20CredFormat(attach_id="anoncreds", format_=ANONCREDS)],
        **{attachments: [AttachDecorator.data_base64(content, ident="anoncreds")]},
        **more,
    )
    message.assign_thread_id("thread-1", "parent-1")
    return message


def claimed() -> V20CredExRecord:
    record = V20CredExRecord(
        connection_id="connection-1", thread_id="thread-1", parent_thread_id="parent-1", role="issuer",
        initiator="self", state="credential-issued", auto_remove=False, trace=False, created_at="2026-01-01T00:00:00Z",
    )  # fmt: skip
    record.cred_proposal = credential(
        V20CredProposal, "filters_attach", {"cred_def_id": "x"}, credential_preview=preview(), comment="c"
    )
    record.cred_offer = credential(
        V20CredOffer, "offers_attach", {"nonce": "1"}, credential_preview=preview(), replacement_id="r"
    )
    record.cred_request = credential(V20CredRequest, "requests_attach", {"blinded": {"u": "2"}})
    record.cred_issue = credential(V20CredIssue, "credentials_attach", {"values": {"grade": {"raw": "1"}}})
    return record


def presented(request_data: AttachDecorator | None = None) -> V20PresExRecord:
    formats = [V20PresFormat(attach_id="one", format_="anoncreds/proof-request@v1.0")]
    record = V20PresExRecord(
        connection_id="connection-1", thread_id="thread-1", role="verifier", initiator="self",
        state="presentation-received", verified="false", verified_msgs=["a", "b"],
    )  # fmt: skip
    record.pres_request = V20PresRequest(
        formats=formats,
        request_presentations_attach=[
            request_data or AttachDecorator.data_base64({"nonce": "1"}, ident="one")
        ],
        comment="why",
        will_confirm=True,
    )
    record.pres = V20Pres(
        formats=formats,
        presentations_attach=[AttachDecorator.data_base64({"proof": {"p": 1}}, ident="one")],
    )
    return record


def only_asked() -> V20CredExRecord:
    record = V20CredExRecord(connection_id="c", thread_id="t", role="holder", state="offer-received")
    record.cred_offer = credential(
        V20CredOffer, "offers_attach", {"nonce": "1"}, credential_preview=preview()
    )
    return record


def as_json() -> V20PresExRecord:
    return presented(AttachDecorator.data_json({"nonce": "2", "names": ["x"]}, ident="one"))


RECORDS = [claimed, presented, only_asked, as_json]


@pytest.mark.parametrize("make", RECORDS)
@pytest.mark.parametrize("from_store", [False, True])
def test_a_record_is_written_and_shown_as_acapys_own(make: Any, *, from_store: bool) -> None:  # noqa: ANN401
    record = make()
    if from_store:
        record = type(record).from_storage("id-1", json.loads(json.dumps(record.value)))
    assert written(record) == record.record_value
    assert showing(BaseModel.serialize)(record) == record.serialize()


def test_what_is_kept_is_not_read_to_be_written_or_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    value = json.loads(json.dumps(claimed().value))
    monkeypatch.setattr(BaseModel, "serde", classmethod(serde))

    def never(*_: object, **__: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr(BaseModel, "deserialize", classmethod(never))
    monkeypatch.setattr(V20CredExRecord, "record_value", property(written))
    record = V20CredExRecord.from_storage("id-1", value)
    assert json.loads(json.dumps(record.value)) == value
    shown = showing(never)(record)
    assert shown["by_format"]["cred_issue"]["anoncreds"] == {"values": {"grade": {"raw": "1"}}}
    assert shown["cred_preview"]["attributes"][0] == {"name": "given_name", "value": "Zoë"}


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ("presentations~attach", []),
        ("presentations~attach", [{"@id": "one", "data": {"base64": "bm90IEpTT04="}}]),
        ("presentations~attach", [{"@id": "one", "data": {"links": ["https://elsewhere.example"]}}]),
        ("formats", [{"attach_id": "one", "format": "of nobody"}]),
    ],
)
def test_what_is_out_of_the_ordinary_is_left_to_acapys_own(
    part: str, broken: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = json.loads(json.dumps(presented().value))
    value["pres"][part] = broken
    monkeypatch.setattr(BaseModel, "serde", classmethod(serde))
    record = V20PresExRecord.from_storage("id-1", value)
    assert showing(lambda *_, **__: "its own")(record) == "its own"


async def test_a_record_is_stored_and_told_of_as_by_acapys_own(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = await create_test_profile()
    told: list[tuple[str, Mapping[str, Any]]] = []

    async def hear(topic: str, payload: Mapping[str, Any]) -> None:
        told.append((topic, payload))

    monkeypatch.setattr(profile, "notify", hear)

    async def through(save: Any) -> StorageRecord:  # noqa: ANN401
        record = claimed()
        async with profile.session() as session:
            await save(record, session)
            await save(record, session, reason="no event: nothing changed")
            record.state = V20CredExRecord.STATE_DONE
            await save(record, session)
            found = await session.inject(BaseStorage).get_record(record.RECORD_TYPE, record.cred_ex_id)
        assert record._last_state == V20CredExRecord.STATE_DONE
        return found

    its_own = await through(BaseRecord.save)
    heard, told[:] = list(told), []
    ours = await through(writing_once(BaseRecord.save))
    assert _timeless(json.loads(ours.value)) == _timeless(json.loads(its_own.value))
    assert ours.tags == its_own.tags
    assert [(topic, _timeless(payload)) for topic, payload in told] == [
        (topic, _timeless(payload)) for topic, payload in heard
    ]
    assert [topic.rpartition(":")[2] for topic, _ in told] == ["credential-issued", "done"]


def _timeless(value: Mapping[str, Any]) -> dict[str, Any]:
    """Without what differs from one making to the next."""
    return {
        name: one
        for name, one in value.items()
        if name not in {"created_at", "updated_at", "cred_ex_id"} and not isinstance(one, Mapping)
    }
