"""Whose key an envelope is for."""

from dataclasses import dataclass
from typing import Literal

type WalletState = Literal["locked", "opening", "open"]


@dataclass(frozen=True)
class Owner:
    """The wallet that can open an envelope; `wallet_id` None is the agent's own store."""

    wallet_id: str | None
