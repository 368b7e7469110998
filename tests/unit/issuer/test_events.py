"""What the issuer does with messages: acts, tries again later, or gives up with a reason."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from issuer.entry.events import AgentEvents, DefinitionWork, RevocationWork, StatusWork
from issuer.errors import AgentRefuses, AgentSilent, AwardChanged, NotReady
from issuer.ports import Stage
from shared.adapters.jetstream import Later, Message, Poison
from shared.contracts.agent_events import CONNECTIONS, ISSUE_CREDENTIAL, PRESENT_PROOF, AgentEvent
from tests.support.issuer import START, new_id

ORDER = b'{"organisation": "umoja", "profile_version": "1.0"}'


def message(data: bytes, deliveries: int = 1) -> Message:
    return Message("subject", data, {}, deliveries, 1, START)


def event(**changes: Any) -> Message:  # noqa: ANN401 - any field
    facts: dict[str, Any] = {
        "event_id": "1",
        "topic": CONNECTIONS,
        "record_id": "connection",
        "state": "active",
        "connection_id": "connection",
        "invitation_msg_id": "invitation",
        "at": START + timedelta(seconds=1),
    }
    return message(AgentEvent(**{**facts, **changes}).model_dump_json().encode())


class Recorder:
    """Stands for a use case."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls: list[object] = []
        self.error = error
        self.at_once = 0
        self.most_at_once = 0

    async def __call__(self, *args: object, **facts: object) -> None:
        self.calls.append((*args, facts) if args and facts else args or facts)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if self.error is not None:
            raise self.error


def events(offer: Recorder, follow: Recorder) -> AgentEvents:
    return AgentEvents(offer, follow)  # type: ignore[arg-type] # stand-ins


async def test_a_completed_connection_gets_its_offer() -> None:
    offer, follow = Recorder(), Recorder()
    await events(offer, follow)(event())
    await events(offer, follow)(event(state="completed"))
    assert offer.calls == [{"invitation_msg_id": "invitation", "connection_id": "connection"}] * 2
    assert follow.calls == []


@pytest.mark.parametrize(
    ("state", "told"),
    [("request-received", Stage.REQUESTED), ("done", Stage.DONE), ("abandoned", None), ("deleted", None)],
)
async def test_an_exchange_that_moved_is_followed(state: str, told: Stage | None) -> None:
    offer, follow = Recorder(), Recorder()
    moved = event(topic=ISSUE_CREDENTIAL, record_id="exchange", state=state, role="issuer")
    await events(offer, follow)(moved)
    assert follow.calls == [("exchange", {"told": told})]


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "request"},
        {"invitation_msg_id": None},
        {"topic": ISSUE_CREDENTIAL, "role": "holder"},
        {"topic": ISSUE_CREDENTIAL, "role": "issuer", "state": "offer-sent"},
        {"topic": ISSUE_CREDENTIAL, "role": "issuer", "state": "credential-issued"},
        {"topic": PRESENT_PROOF},
    ],
)
async def test_what_is_not_ours_or_was_ordered_by_us_is_passed_over(changes: dict[str, Any]) -> None:
    offer, follow = Recorder(), Recorder()
    await events(offer, follow)(event(**changes))
    assert offer.calls == follow.calls == []


async def test_events_of_one_connection_are_handled_one_after_the_other() -> None:
    offer, follow = Recorder(), Recorder()
    handle = events(offer, follow)
    await asyncio.gather(*(handle(event()) for _ in range(3)))
    assert (len(offer.calls), offer.most_at_once) == (3, 1)


@pytest.mark.parametrize(
    ("error", "longest"),
    [
        pytest.param(AgentSilent("x"), 15.0, id="silent"),
        pytest.param(AgentRefuses("x"), 60.0, id="refuses"),
        pytest.param(AwardChanged("x"), 60.0, id="changed"),
        pytest.param(NotReady("x"), 60.0, id="not-ready"),
    ],
)
async def test_what_may_go_better_later_is_tried_again_later_each_time(
    error: Exception, longest: float
) -> None:
    handle = DefinitionWork(Recorder(error))  # type: ignore[arg-type] # a stand-in
    with pytest.raises(Later) as first:
        await handle(message(ORDER))
    with pytest.raises(Later) as tenth:
        await handle(message(ORDER, deliveries=10))
    assert (first.value.seconds, tenth.value.seconds) == (1.0, longest)


async def test_an_order_to_make_a_definition_names_the_organisation() -> None:
    prepare = Recorder()
    handle = DefinitionWork(prepare)  # type: ignore[arg-type] # a stand-in
    await handle(message(ORDER))
    await handle(
        message(b'{"profile_version": "1.0"}')
    )  # from before there were several: the start orders anew
    assert prepare.calls == [("umoja",)]
    with pytest.raises(Poison):
        await handle(message(b"[]"))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"revocation_id": 7}', b'{"revocation_id": "x"}'])
async def test_a_message_nobody_can_handle_is_given_up(data: bytes) -> None:
    with pytest.raises(Poison):
        await events(Recorder(), Recorder())(message(data))
    with pytest.raises(Poison):
        await RevocationWork(Recorder())(message(data))  # type: ignore[arg-type] # a stand-in
    with pytest.raises(Poison):
        await StatusWork(Recorder())(message(data))  # type: ignore[arg-type] # a stand-in


async def test_an_order_to_revoke_is_carried_out() -> None:
    publish, revocation_id = Recorder(), new_id()
    handle = RevocationWork(publish)  # type: ignore[arg-type] # a stand-in
    await handle(message(f'{{"revocation_id": "{revocation_id}"}}'.encode()))
    assert publish.calls == [(revocation_id,)]


async def test_an_order_to_suspend_is_carried_out() -> None:
    publish, change_id = Recorder(), new_id()
    handle = StatusWork(publish)  # type: ignore[arg-type] # a stand-in
    await handle(message(f'{{"change_id": "{change_id}"}}'.encode()))
    assert publish.calls == [(change_id,)]
