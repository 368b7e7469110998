"""Open wallets and those who wait for their changes: in this process's memory, gone when it stops, as a lock should be."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from wallet.domain.inbox import Change
from wallet.domain.session import Session, token_hash
from wallet.errors import WalletLocked

_WAITING_CHANGES = 100


class MemoryOpenWallets:
    """`OpenWallets`: every use of a session keeps its wallet open for another `idle`."""

    def __init__(self, idle: timedelta) -> None:
        self._idle = idle
        self._sessions: dict[str, Session] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def add(self, session: Session) -> None:
        """Remember a session."""
        self._sessions[session.token_hash] = session

    def use(self, token: str, *, now: datetime) -> Session:
        """The session of this token."""
        used = replace(self.see(token, now=now), last_used=now)
        self._sessions[used.token_hash] = used
        return used

    def see(self, token: str, *, now: datetime) -> Session:
        """The session of this token, as it is."""
        found = self._sessions.get(token_hash(token))
        if found is None or found.expires_at(self._idle) <= now:
            raise WalletLocked("The wallet is locked. Unlock it with its passphrase and call again.")
        return found

    def of(self, wallet_id: str) -> Session | None:
        """The session begun last: after a restart of the agent the earlier ones open nothing."""
        begun = reversed(self._sessions.values())
        return next((found for found in begun if found.wallet_id == wallet_id), None)

    def all(self) -> Sequence[str]:
        """The wallets that are open."""
        return sorted({found.wallet_id for found in self._sessions.values()})

    def end(self, wallet_id: str) -> None:
        """End every session of a wallet."""
        ended = [key for key, found in self._sessions.items() if found.wallet_id == wallet_id]
        for key in ended:
            del self._sessions[key]

    def idle(self, *, now: datetime) -> Sequence[str]:
        """Wallets all of whose sessions have run out."""
        latest: dict[str, datetime] = {}
        for found in self._sessions.values():
            latest[found.wallet_id] = max(
                found.expires_at(self._idle), latest.get(found.wallet_id, found.last_used)
            )
        return [wallet_id for wallet_id, until in latest.items() if until <= now]

    def turn(self, wallet_id: str) -> asyncio.Lock:
        """The lock that lets one decision at a time through."""
        return self._turns.setdefault(wallet_id, asyncio.Lock())


class MemoryChanges:
    """`Changes` to whoever follows in this process."""

    def __init__(self) -> None:
        self._followers: defaultdict[str, set[asyncio.Queue[Change]]] = defaultdict(set)

    def announce(self, wallet_id: str, change: Change) -> None:
        """Wake the followers; one who lags far behind misses changes and sees the rest."""
        for queue in self._followers.get(wallet_id, ()):
            if not queue.full():
                queue.put_nowait(change)

    async def follow(self, wallet_id: str) -> AsyncIterator[Change]:
        """Changes from now on."""
        queue: asyncio.Queue[Change] = asyncio.Queue(_WAITING_CHANGES)
        self._followers[wallet_id].add(queue)
        try:
            while True:
                change = await queue.get()
                yield change
                if change.kind == "locked":
                    return
        finally:
            self._followers[wallet_id].discard(queue)
            if not self._followers[wallet_id]:
                del self._followers[wallet_id]
