import json
from datetime import UTC, datetime
from typing import cast

import pytest

from shared.adapters.jetstream import Message, Poison
from verifier.entry.events import AgentEvents
from verifier.use_cases.ask_learner import AskLearner
from verifier.use_cases.judge_answer import JudgeAnswer
from verifier.use_cases.take_wishes import TakeWishes


def message(**event: object) -> Message:
    facts = {"event_id": "1", "record_id": "record", "at": "2026-06-01T12:00:00Z"} | event
    return Message("agent.events.base.x", json.dumps(facts).encode(), {}, 1, 1, datetime.now(UTC))


async def caused_by(*messages: Message) -> list[tuple[str, ...]]:
    calls: list[tuple[str, ...]] = []

    async def ask(invitation: str, connection: str) -> None:
        calls.append(("ask", invitation, connection))

    async def judge(exchange: str) -> None:
        calls.append(("judge", exchange))

    async def take() -> None:
        calls.append(("take",))

    handle = AgentEvents(cast("AskLearner", ask), cast("JudgeAnswer", judge), cast("TakeWishes", take))
    for each in messages:
        await handle(each)
    return calls


async def test_a_completed_connection_is_asked_and_a_changed_exchange_judged() -> None:
    assert await caused_by(
        message(topic="connections", state="completed", invitation_msg_id="invitation"),
        message(topic="present_proof_v2_0", state="presentation-received"),
        message(topic="present_proof_v2_0", state="abandoned"),
    ) == [("ask", "invitation", "record"), ("judge", "record"), ("judge", "record")]


async def test_a_message_is_taken_in() -> None:
    assert await caused_by(message(topic="basic_message", state="received")) == [("take",)]


async def test_what_is_still_on_its_way_or_our_own_doing_causes_nothing() -> None:
    assert (
        await caused_by(
            message(topic="connections", state="request", invitation_msg_id="invitation"),
            message(topic="connections", state="completed"),
            message(topic="present_proof_v2_0", state="request-sent"),
            message(topic="present_proof_v2_0", state="done"),
            message(topic="present_proof_v2_0", state="deleted"),
            message(topic="out_of_band", state="done"),
        )
        == []
    )


async def test_what_is_no_event_is_given_up_at_once() -> None:
    with pytest.raises(Poison, match="not an agent event"):
        await caused_by(Message("agent.events.base.x", b"{", {}, 1, 1, datetime.now(UTC)))
