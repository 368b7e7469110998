"""What the agent tells of open wallets: settle what can be settled, wake those who wait. A locked wallet is settled when it is opened."""

import logging
from dataclasses import dataclass, field

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
from wallet.use_cases.settle_exchanges import settle_exchanges

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


@dataclass(frozen=True)
class AgentEvents:
    """Handles the agent's events, and looks after what none of them told."""

    locks: Locks
    desk: Desk
    _reminders: dict[str, Reminders] = field(default_factory=dict)
    """Of open wallets."""

    async def __call__(self, message: Message) -> None:
        """Settle and announce; raises to get it again. Ids and kinds only go further."""
        event = event_in(message)
        kind = _KINDS.get(event.topic)
        if kind is None or event.wallet_id is None or self.locks.open_wallets.of(event.wallet_id) is None:
            return
        if event.topic == ISSUE_CREDENTIAL and event.state == _TO_SETTLE:
            await self._settle(event.wallet_id)
        self.desk.changes.announce(event.wallet_id, Change(kind, event.record_id))

    async def reconcile(self) -> None:
        """Settles every open wallet and reminds those it waits for: the agent tells of a change at most once.

        One wallet that fails holds up no other, and a shard that is away no other shard. Raises AgentSilent if one was.
        """
        still_open = self.locks.open_wallets.all()
        for wallet_id in self._reminders.keys() - set(still_open):
            del self._reminders[wallet_id]
        away, silent = None, SilentShards(self.locks.book)
        for wallet_id in still_open:
            if await silent.include(wallet_id):
                continue
            try:
                await self._settle(wallet_id, remind=True)
            except AgentSilent as error:
                away = error
                await silent.add(wallet_id)
            except WalletError as error:
                log.warning("wallet %s could not be settled: %s", wallet_id, type(error).__name__)
        if away is not None and silent.any:
            raise away

    async def _settle(self, wallet_id: str, *, remind: bool = False) -> None:
        session = self.locks.open_wallets.of(wallet_id)
        if session is None:
            return
        store = self.locks.sealed.opened(session.agent_token)
        wallet = OpenWallet(wallet_id, store, self.locks.open_wallets.turn(wallet_id))
        try:
            await settle_exchanges(wallet, desk=self.desk)
            if remind:
                await send_unsent(wallet)
                await send_unsent_wishes(wallet)
                reminders = self._reminders.setdefault(wallet_id, Reminders())
                await remind_others(wallet, reminders=reminders, desk=self.desk)
        except WalletLocked:
            log.info("wallet %s was locked before it could be settled", wallet_id)
