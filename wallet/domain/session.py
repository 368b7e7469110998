"""An open wallet: for how long, and by which token.

The token is random and kept only as its hash; it says nothing of the wallet and opens nothing after the wallet was locked.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

WALLET_KEY_BYTES = 32


@dataclass(frozen=True)
class Session:
    """An open wallet. `agent_token` opens it at the agent, in memory only."""

    wallet_id: str
    token_hash: str
    agent_token: str
    last_used: datetime

    def expires_at(self, idle: timedelta) -> datetime:
        """When it locks by itself if nothing is asked of it until then."""
        return self.last_used + idle


@dataclass(frozen=True)
class KeptSession:
    """What all replicas know of a session; `sealed_token` is the agent's, and opens with the session's own token only."""

    wallet_id: str
    sealed_token: bytes
    last_used: datetime


def token_hash(token: str) -> str:
    """What is kept of a session token; tokens have 256 random bits, so a plain hash cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()
