"""What the others did not answer is said again: it may be lost."""

from dataclasses import replace
from datetime import timedelta

import pytest

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
)
from wallet.adapters.memory_wallets import MemoryOpenWallets
from wallet.domain.offer import OfferState
from wallet.domain.request import RequestExchange, RequestState
from wallet.domain.unlock import UnlockMethod
from wallet.entry.events import AgentEvents
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
            a_wallet(store), reminders=reminders, desk=replace(a_desk(), clock=lambda now=now: now)
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
        await remind_others(a_wallet(store), reminders=reminders, desk=a_desk())
    store.silent = False
    await remind_others(a_wallet(store), reminders=reminders, desk=a_desk())
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
