"""What every verb on an open wallet works with."""

import secrets
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from shared.ports.clock import Clock, NewId
from wallet.domain.capacity import Quota
from wallet.ports import (
    Changes,
    LearnerStore,
    OpenWallets,
    PublicFacts,
    SealedWallets,
    TrustLists,
    WalletBook,
)


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
