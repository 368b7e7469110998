"""What is read and written with a schema that was used before is what ACA-Py's own would read and write."""

import pytest
from acapy_agent.messaging.agent_message import AgentMessage, AgentMessageSchema
from acapy_agent.messaging.models.base import BaseModel, BaseModelError
from acapy_agent.protocols.basicmessage.v1_0.messages.basicmessage import BasicMessage
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_ack import V20CredAck
from acapy_agent.protocols.present_proof.v2_0.messages.pres_ack import V20PresAck

from services.agent.adapters.schemas import ReadLater, deserialize, forgetting_the_last, serde, serialize


@pytest.fixture(autouse=True)
def used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseModel, "deserialize", classmethod(deserialize))
    monkeypatch.setattr(BaseModel, "serialize", serialize)
    monkeypatch.setattr(BaseModel, "serde", classmethod(serde))
    extract = AgentMessageSchema.extract_decorators
    monkeypatch.setattr(AgentMessageSchema, "extract_decorators", forgetting_the_last(extract))


def said(thread: str | None, content: str = "hello") -> dict[str, object]:
    message: dict[str, object] = {
        "@type": "https://didcomm.org/basicmessage/1.0/message",
        "@id": f"id of {content}",
        "content": content,
        "sent_time": "2026-01-01T00:00:00Z",
    }
    return message if thread is None else {**message, "~thread": {"thid": thread}}


def test_a_message_keeps_its_own_decorators_and_never_gets_those_of_the_one_before() -> None:
    first = BasicMessage.deserialize(said("thread-1"))
    second = BasicMessage.deserialize(said(None, "second"))
    third = BasicMessage.deserialize(said("thread-3", "third"))
    assert [one._thread_id for one in (first, second, third)] == ["thread-1", "id of second", "thread-3"]
    assert "~thread" not in second.serialize()
    assert first.serialize()["~thread"]["thid"] == "thread-1"
    assert third.serialize()["content"] == "third"


def test_writing_one_message_leaves_nothing_in_the_next() -> None:
    threaded = V20CredAck()
    threaded.assign_thread_id("thread-1")
    assert threaded.serialize()["~thread"]["thid"] == "thread-1"
    assert "~thread" not in V20CredAck().serialize()


def test_a_message_that_does_not_fit_is_refused_and_the_next_one_is_read() -> None:
    with pytest.raises(BaseModelError, match="BasicMessage schema validation failed"):
        BasicMessage.deserialize({**said("thread-1"), "content": ["no", "text"]})
    assert BasicMessage.deserialize(said(None))._thread_id == "id of hello"


def test_a_schema_in_use_is_lent_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    BasicMessage.deserialize(said("before"))
    read: list[AgentMessage] = []
    populate = AgentMessageSchema.populate_decorators

    def read_another_first(self: AgentMessageSchema, obj: AgentMessage, **more: object) -> AgentMessage:
        if not read:
            read.append(obj)
            read.append(BasicMessage.deserialize(said("inner", "inner")))
        return populate(self, obj, **more)

    read_another_first.__dict__.update(populate.__dict__)
    monkeypatch.setattr(AgentMessageSchema, "populate_decorators", read_another_first)
    outer = BasicMessage.deserialize(said("outer", "outer"))
    assert read[0] is outer
    assert [one._thread_id for one in read] == ["outer", "inner"]


def test_what_is_kept_is_read_when_somebody_asks_and_what_is_given_at_once() -> None:
    kept = V20PresAck.serde({"@type": "x", "status": 5})
    assert isinstance(kept, ReadLater)
    assert kept.ser == {"@type": "x", "status": 5}
    with pytest.raises(BaseModelError):
        _ = kept.de
    message = BasicMessage.deserialize(said("thread-1"))
    given = BasicMessage.serde(message)
    message.content = "changed since"
    assert given.ser["content"] == "hello"
    assert given.de is message
    again = BasicMessage.serde(said("thread-1"))
    assert again.de is again.de
    assert again.de.content == "hello"
    assert BasicMessage.serde(None) is None
