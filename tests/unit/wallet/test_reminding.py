"""What the others did not answer is said again: it may be lost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from shared.contracts.agent_events import CONNECTIONS, ISSUE_CREDENTIAL, PRESENT_PROOF, AgentEvent
from shared.contracts.reminders import FIRST, Reminders
from tests.support.wallet_fakes import (
    NOW,
    Clock,
    MemoryBook,
    MemoryChanges,
    MemorySealed,
    MemoryStore,
    a_desk,
    a_wallet,
    an_offer,
    award,
)
from wallet.adapters.memory_wallets import MemoryOpenWallets
from wallet.domain.offer import OfferExchange, OfferState
from wallet.domain.request import RequestExchange, RequestState
from wallet.domain.unlock import UnlockMethod
from wallet.entry.events import AT_REST, AgentEvents
from wallet.errors import AgentSilent
from wallet.use_cases.create_wallet import create_wallet
from wallet.use_cases.desk import Locks
from wallet.use_cases.remind_others import remind_others


async def test_only_what_waits_for_others_is_said_again() -> None:
    store = MemoryStore(
        offered={state: an_offer(f"offer {state}", state=state) for state in OfferState},
        asked={
            state: RequestExchange(f"request {state}", "connection-1", state, {}, "")
            for state in RequestState
        },
        connections={"invitation": "unanswered", "another": "answered"},
        answered_connections={"answered"},
    )
    reminders = Reminders()
    for later in (timedelta(0), timedelta(seconds=1), FIRST - timedelta(seconds=1)):
        now = NOW + later
        await remind_others(
            a_wallet(store),
            ["offer accepted"],
            reminders=reminders,
            desk=replace(a_desk(), clock=lambda now=now: now),
        )
    assert store.sent == [
        ("connect again", "unanswered"),
        ("request again", "offer accepted"),
        ("present again", "request answered"),
    ]


async def test_what_cannot_be_said_now_is_said_at_the_next_look() -> None:
    store = MemoryStore(offered={"offer": an_offer("offer", state=OfferState.ACCEPTED)}, silent=True)
    reminders = Reminders()
    with pytest.raises(AgentSilent):
        await remind_others(a_wallet(store), ["offer"], reminders=reminders, desk=a_desk())
    store.silent = False
    await remind_others(a_wallet(store), ["offer"], reminders=reminders, desk=a_desk())
    assert store.sent == [("request again", "offer")]


async def test_one_wallet_that_fails_holds_up_no_other() -> None:
    sealed = MemorySealed()
    book = MemoryBook()
    locks = Locks(sealed, book, MemoryOpenWallets(timedelta(minutes=10), book), MemoryChanges(), Clock())
    stores = []
    for _ in range(2):
        session, _ = await create_wallet(b"k" * 32, [UnlockMethod("m1", "passphrase", {"v": 1})], locks=locks)
        stores.append(sealed.opened(session.agent_token))
        stores[-1].offered["offer"] = an_offer("offer", state=OfferState.ACCEPTED)
    stores[0].silent = True
    await AgentEvents(locks, a_desk()).reconcile()
    assert [store.sent for store in stores] == [[], [("request again", "offer")]]


class Watched(MemoryStore):
    """Counts how often it is looked through."""

    looks = 0

    async def offers(self) -> Sequence[OfferExchange]:
        self.looks += 1
        return await super().offers()


class Looked:
    """One open wallet that is looked after."""

    def __init__(self) -> None:
        self.clock, self.sealed, book = Clock(), MemorySealed(), MemoryBook()
        self.open_wallets = MemoryOpenWallets(timedelta(minutes=15), book)
        self.changes = MemoryChanges()
        self.locks = Locks(self.sealed, book, self.open_wallets, self.changes, self.clock)
        desk = replace(a_desk(changes=self.changes), clock=self.clock)
        self.events = AgentEvents(self.locks, desk)
        self.store = Watched()

    async def open(self) -> str:
        """Open it, look at it once, and let time pass; returns the session's token."""
        session, token = await create_wallet(
            b"k" * 32, [UnlockMethod("m1", "passphrase", {"v": 1})], locks=self.locks
        )
        self.wallet_id = session.wallet_id
        self.sealed.stores[self.wallet_id] = self.store
        await self.later()
        return token

    async def later(self, by: timedelta = timedelta(seconds=30)) -> int:
        """How often it was looked through when that had passed and reconciliation had its turn."""
        self.clock.forward(by)
        before = self.store.looks
        await self.events.reconcile()
        return self.store.looks - before

    async def tell(self, topic: str, state: str, record_id: str = "record") -> None:
        event = AgentEvent(
            event_id="e", wallet_id=self.wallet_id, topic=topic, record_id=record_id, state=state, at=NOW
        )
        await self.events(FakeMessage(event.subject, event.model_dump_json().encode()))  # type: ignore[arg-type]


@dataclass(frozen=True)
class FakeMessage:
    subject: str
    data: bytes


async def test_a_wallet_in_which_nothing_is_under_way_is_left_alone_for_a_while() -> None:
    one = Looked()
    await one.open()
    assert [await one.later() for _ in range(9)] == [0] * 9
    assert await one.later(AT_REST) == 1


@pytest.mark.parametrize("state", [OfferState.ACCEPTED, OfferState.ARRIVED])
async def test_a_wallet_in_which_something_is_under_way_is_looked_at_each_time(
    state: OfferState, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Looked()
    one.store.offered["offer"] = an_offer("offer", state=state)

    async def silent(offer_id: str) -> str:
        raise AgentSilent(f"nothing is known of {offer_id}")

    monkeypatch.setattr(one.store, "store_credential", silent)
    await one.open()
    assert [await one.later() for _ in range(3)] == [1] * 3


async def test_what_she_does_and_what_the_agent_tells_is_looked_after_at_the_next_time() -> None:
    one = Looked()
    token = await one.open()
    assert await one.later() == 0
    await one.open_wallets.use(token, now=one.clock())
    assert [await one.later() for _ in range(2)] == [1, 0]
    await one.tell(CONNECTIONS, "request")
    assert [await one.later() for _ in range(2)] == [1, 0]


async def test_an_event_during_a_look_is_not_forgotten() -> None:
    one = Looked()
    looked_through = one.store.unanswered_connections

    async def told_meanwhile() -> Sequence[str]:
        await one.tell(PRESENT_PROOF, "request-received")
        return await looked_through()

    one.store.unanswered_connections = told_meanwhile  # type: ignore[method-assign]
    await one.open()
    del one.store.unanswered_connections
    assert [await one.later() for _ in range(2)] == [1, 0]


async def test_an_arrived_credential_is_stored_by_its_event_without_a_look_at_any_other() -> None:
    one = Looked()
    await one.open()
    for offer_id in ("offer-1", "offer-2"):
        one.store.offered[offer_id] = an_offer(offer_id, attributes=award(twin_digest=offer_id))
        one.store.arrive(offer_id)
    looks = one.store.looks
    for _ in range(2):
        await one.tell(ISSUE_CREDENTIAL, "credential-received", "offer-1")
    assert (list(one.store.held), one.store.looks) == (["offer-1"], looks)
    assert await one.later() == 1
    assert sorted(one.store.held) == ["offer-1", "offer-2"]


@pytest.mark.parametrize(
    ("topic", "state", "told"),
    [
        (CONNECTIONS, "response", False),
        (CONNECTIONS, "completed", True),
        (ISSUE_CREDENTIAL, "request-sent", False),
        (ISSUE_CREDENTIAL, "offer-received", True),
        (PRESENT_PROOF, "presentation-sent", False),
        (PRESENT_PROOF, "done", True),
    ],
)
async def test_only_what_is_new_to_her_is_told_on(topic: str, state: str, told: bool) -> None:
    one = Looked()
    await one.open()
    await one.tell(topic, state)
    assert bool(one.changes.announced) is told
