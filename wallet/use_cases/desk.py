"""What every verb on an open wallet works with."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from shared.ports.clock import Clock, NewId
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
    """What opening and closing wallets takes."""

    sealed: SealedWallets
    book: WalletBook
    open_wallets: OpenWallets
    changes: Changes
    clock: Clock
