"""What the others did not answer is said again: it may be lost."""

from dataclasses import replace
from datetime import timedelta

from shared.contracts.reminders import FIRST, Reminders
from tests.support.wallet_fakes import NOW, MemoryStore, a_desk, a_wallet, an_offer
from wallet.domain.offer import OfferState
from wallet.domain.request import RequestExchange, RequestState
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
