"""What every verb on an open wallet works with."""

import secrets
from collections import Counter
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from typing import Final

from shared.ports.clock import Clock, NewId
from wallet.domain.capacity import Quota
from wallet.errors import WalletUnknown
from wallet.ports import (
    Changes,
    LearnerStore,
    OpenWallets,
    PublicFacts,
    SealedWallets,
    TrustLists,
    WalletBook,
    WalletPlaces,
)

_SILENT: Final = 3
"""So many wallets in vain, and it is their agent: one alone may have trouble of its own."""


@dataclass(frozen=True)
class OpenWallet:
    """An open wallet. `turn` lets one decision at a time through."""

    id: str
    store: LearnerStore
    turn: AbstractAsyncContextManager[None]


@dataclass(frozen=True)
class Desk:
    """Where facts and trust come from, and who is told of changes."""

    facts: PublicFacts
    trust: TrustLists
    changes: Changes
    clock: Clock
    new_id: NewId


@dataclass(frozen=True)
class Locks:
    """What opening and closing wallets takes. By `decoy_key` a wallet that does not live here answers a stranger like one that does."""

    sealed: SealedWallets
    book: WalletBook
    open_wallets: OpenWallets
    changes: Changes
    clock: Clock
    quota: Quota = field(default_factory=Quota)
    decoy_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)


@dataclass
class SilentShards:
    """Shards found away in one round over many wallets: the rest of their wallets is left for another round."""

    places: WalletPlaces
    _silent: Counter[str] = field(default_factory=Counter)

    async def include(self, wallet_id: str) -> bool:
        """Whether the wallet is in one of them."""
        return self.any and self._silent[await self._shard_of(wallet_id) or ""] >= _SILENT

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return any(times >= _SILENT for times in self._silent.values())

    async def add(self, wallet_id: str) -> None:
        """The agent of this wallet gave no answer."""
        if (shard := await self._shard_of(wallet_id)) is not None:
            self._silent[shard] += 1

    async def _shard_of(self, wallet_id: str) -> str | None:
        with suppress(WalletUnknown):
            return await self.places.shard_of(wallet_id)
        return None
