"""What the agent tells of open wallets: settle what can be settled, wake those who wait. A locked wallet is settled when it is opened.

What no event told is found by looking: every half minute at wallets in which something is under way or happened since, and now
and then at the others. The agent tells of a change at most once, and not at all while NATS is away.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from shared.adapters.agent_events import event_in
from shared.adapters.jetstream import Message
from shared.contracts.agent_events import (
    BASIC_MESSAGE,
    CONNECTIONS,
    ISSUE_CREDENTIAL,
    PRESENT_PROOF,
    REVOCATION_NOTIFICATION,
)
from shared.contracts.reminders import Reminders
from wallet.domain.inbox import Change
from wallet.errors import AgentSilent, WalletError, WalletLocked
from wallet.use_cases.ask_issuer import send_unsent
from wallet.use_cases.desk import Desk, Locks, OpenWallet, SilentShards
from wallet.use_cases.please_delete import send_unsent_wishes
from wallet.use_cases.remind_others import remind_others
from wallet.use_cases.settle_exchanges import settle_exchange, settle_exchanges

log = logging.getLogger(__name__)

_KINDS = {
    CONNECTIONS: "connection",
    ISSUE_CREDENTIAL: "offer",
    PRESENT_PROOF: "request",
    REVOCATION_NOTIFICATION: "credential",
    BASIC_MESSAGE: "message",
}
_TO_SETTLE = "credential-received"
"""Whatever comes after it is our own doing."""
_NOTHING_NEW: Final = {
    CONNECTIONS: frozenset({"init", "invitation", "request", "response"}),
    ISSUE_CREDENTIAL: frozenset({"request-sent"}),
    PRESENT_PROOF: frozenset({"presentation-sent"}),
}
"""What is not told on: steps that show her nothing, and what she has just done."""
AT_REST: Final = timedelta(minutes=5)
"""After so long a wallet is looked at in which nothing was under way and nothing is known to have happened since."""


@dataclass(frozen=True)
class AgentEvents:
    """Handles the agent's events, and looks after what none of them told."""

    locks: Locks
    desk: Desk
    _reminders: dict[str, Reminders] = field(default_factory=dict)
    """Of open wallets."""
    _rested: dict[str, datetime] = field(default_factory=dict)
    """When the last look at an open wallet began, if it found nothing under way."""
    _stirred: dict[str, datetime] = field(default_factory=dict)
    """When the agent told of an open wallet last."""

    async def __call__(self, message: Message) -> None:
        """Settle and announce; raises to get it again. Ids and kinds only go further."""
        event = event_in(message)
        kind = _KINDS.get(event.topic)
        if kind is None or event.wallet_id is None or self.locks.open_wallets.of(event.wallet_id) is None:
            return
        self._stirred[event.wallet_id] = self.locks.clock()
        if event.topic == ISSUE_CREDENTIAL and event.state == _TO_SETTLE:
            await self._settle(event.wallet_id, event.record_id)
        if event.state in _NOTHING_NEW.get(event.topic, ()):
            return
        self.desk.changes.announce(event.wallet_id, Change(kind, event.record_id))

    async def reconcile(self) -> None:
        """Settles every open wallet in which something may be under way, and reminds those it waits for.

        One wallet that fails holds up no other, and a shard that is away no other shard. Raises AgentSilent if one was.
        """
        still_open = self.locks.open_wallets.all()
        for of_wallet in (self._reminders, self._rested, self._stirred):
            for wallet_id in of_wallet.keys() - set(still_open):
                del of_wallet[wallet_id]
        away, silent = None, SilentShards(self.locks.book)
        for wallet_id in still_open:
            if self._rests(wallet_id) or await silent.include(wallet_id):
                continue
            try:
                await self._look_after(wallet_id)
            except AgentSilent as error:
                away = error
                await silent.add(wallet_id)
            except WalletError as error:
                log.warning("wallet %s could not be settled: %s", wallet_id, type(error).__name__)
        if away is not None and silent.any:
            raise away

    def _rests(self, wallet_id: str) -> bool:
        """Whether nothing can be under way there that was not a moment ago, as far as is known."""
        rested = self._rested.get(wallet_id)
        if rested is None or self.locks.clock() - rested >= AT_REST:
            return False
        used, stirred = self.locks.open_wallets.last_used(wallet_id), self._stirred.get(wallet_id)
        return all(at is None or at < rested for at in (used, stirred))

    async def _settle(self, wallet_id: str, offer_id: str) -> None:
        wallet = self._open(wallet_id)
        if wallet is None:
            return
        try:
            await settle_exchange(wallet, offer_id, desk=self.desk)
        except WalletLocked:
            _log_locked(wallet_id)

    async def _look_after(self, wallet_id: str) -> None:
        wallet, now = self._open(wallet_id), self.locks.clock()
        if wallet is None:
            return
        self._rested.pop(wallet_id, None)
        try:
            left = await settle_exchanges(wallet, desk=self.desk)
            sent = [await send_unsent(wallet), await send_unsent_wishes(wallet)]
            reminders = self._reminders.setdefault(wallet_id, Reminders())
            waits = await remind_others(wallet, left.accepted, reminders=reminders, desk=self.desk)
        except WalletLocked:
            _log_locked(wallet_id)
            return
        if all(sent) and not waits and not left.unsettled:
            self._rested[wallet_id] = now

    def _open(self, wallet_id: str) -> OpenWallet | None:
        session = self.locks.open_wallets.of(wallet_id)
        if session is None:
            return None
        store = self.locks.sealed.opened(session.agent_token)
        return OpenWallet(wallet_id, store, self.locks.open_wallets.turn(wallet_id))


def _log_locked(wallet_id: str) -> None:
    log.info("wallet %s was locked before it could be settled", wallet_id)
