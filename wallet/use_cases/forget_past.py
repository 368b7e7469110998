"""What time does to wallets: what ended in an open one is deleted, and a wallet that never was used as a whole."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from wallet.domain.retention import LOOK_AGAIN, NEVER_USED_KEPT
from wallet.errors import AgentSilent, AgentTrouble, WalletLocked
from wallet.use_cases.desk import Locks, OpenWallet, SilentShards
from wallet.use_cases.write_history import read_history

log = logging.getLogger(__name__)

_AT_ONCE: Final = 100


@dataclass
class ForgetWhileOpen:
    """Looks once a day through each store that is open; what a locked one holds nobody can delete."""

    locks: Locks
    gone: int = 0
    """What went since the last `count`."""
    _looked: dict[str, datetime] = field(default_factory=dict)

    async def __call__(self) -> None:
        """Returns when every open store was looked through that is due. Raises Unavailable."""
        now = self.locks.clock()
        self._looked = {one: at for one, at in self._looked.items() if now - at < LOOK_AGAIN}
        silent = SilentShards(self.locks.book)
        for wallet_id in self.locks.open_wallets.all():
            if await silent.include(wallet_id):
                continue
            session = self.locks.open_wallets.of(wallet_id)
            if session is None or wallet_id in self._looked:
                continue
            store = self.locks.sealed.opened(session.agent_token)
            wallet = OpenWallet(wallet_id, store, self.locks.open_wallets.turn(wallet_id))
            try:
                self.gone += await _forget_past(wallet, locks=self.locks)
            except (WalletLocked, AgentTrouble) as error:
                if isinstance(error, AgentSilent):
                    await silent.add(wallet_id)
                log.info("wallet %s is looked through another time: %s", wallet_id, type(error).__name__)
                continue
            self._looked[wallet_id] = now

    async def count(self, _now: datetime) -> int:
        """What went since it was asked for last: a line for each wallet would tell who opened hers when."""
        gone, self.gone = self.gone, 0
        return gone


async def _forget_past(wallet: OpenWallet, *, locks: Locks) -> int:
    """What a verifier told is in her history for good before its request goes."""
    async with wallet.turn:
        if await wallet.store.has_connections():
            await locks.book.used(wallet.id)
        await read_history(wallet)
        return await wallet.store.delete_past()


async def delete_never_used(now: datetime, *, locks: Locks) -> int:
    """Deletes wallets that were never used for so long; returns how many. Whoever has a key there may have used it."""
    before: datetime = now - NEVER_USED_KEPT
    deleted, silent = 0, SilentShards(locks.book)
    for wallet_id in await locks.book.never_used(before=before, limit=_AT_ONCE):
        if await silent.include(wallet_id):
            continue
        async with locks.open_wallets.turn(wallet_id):
            if wallet_id not in await locks.book.never_used(before=before, limit=_AT_ONCE):
                continue  # opened while we waited
            try:
                if await locks.sealed.has_keys_out(wallet_id):
                    await locks.book.used(wallet_id)
                    continue
                await locks.sealed.delete(wallet_id)
            except AgentSilent:
                await silent.add(wallet_id)
                continue
            await locks.book.remove(wallet_id)
            deleted += 1
    return deleted
