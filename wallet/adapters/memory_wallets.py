"""Open wallets and those who wait for their changes.

What opens a store (the agent's token) is in memory only. The book keeps it sealed under the session's own token, which is
kept nowhere: so a learner may meet another replica at each call, and whoever has the database has nothing that opens anything.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from shared.ports.errors import Unavailable
from wallet.adapters.turns import MemoryTurns, Turns
from wallet.domain.inbox import Change
from wallet.domain.session import Session, token_hash
from wallet.errors import WalletLocked
from wallet.ports import SessionBook

_WAITING_CHANGES = 100
_PARTS = 20
"""Use is told to the other replicas after so small a part of the time that a wallet stays open unused."""
_LOCKED = "The wallet is locked. Unlock it with its passphrase and call again."


class MemoryOpenWallets:
    """`OpenWallets`: every use of a session keeps its wallet open for another `idle`.

    Only the sessions this process has met are in its memory; the others are in the book. The agent has the last word: a token
    of a wallet that was locked opens nothing.
    """

    def __init__(self, idle: timedelta, book: SessionBook, turns: Turns | None = None) -> None:
        self._idle = idle
        self._unsaid = idle / _PARTS
        """So much use the other replicas may not know of."""
        self._book = book
        self._turns = turns or MemoryTurns()
        self._sessions: dict[str, Session] = {}
        self._said: dict[str, datetime] = {}

    async def add(self, session: Session, token: str) -> None:
        """Remember a session, here and for the other replicas."""
        await self._book.keep_session(session.token_hash, _box(token).encrypt(session.agent_token.encode()))
        self._sessions[session.token_hash] = session
        self._said[session.token_hash] = session.last_used

    async def use(self, token: str, *, now: datetime) -> Session:
        """The session of this token."""
        used = replace(await self.see(token, now=now), last_used=now)
        self._sessions[used.token_hash] = used
        if now - self._said.get(used.token_hash, used.last_used - self._idle) >= self._unsaid:
            self._said[used.token_hash] = now
            with suppress(Unavailable):  # said another time: the learner need not wait for it
                await self._book.session_used(used.token_hash, now=now)
        return used

    async def see(self, token: str, *, now: datetime) -> Session:
        """The session of this token, as it is."""
        known = self._sessions.get(token_hash(token))
        if known is not None and known.expires_at(self._idle) > now:
            return known
        found = await self._in_book(token, now) if token else None
        if found is None or found.expires_at(self._idle) <= now:
            raise WalletLocked(_LOCKED)
        self._sessions[found.token_hash] = found
        return found

    def of(self, wallet_id: str) -> Session | None:
        """The session begun last: after a restart of the agent the earlier ones open nothing."""
        begun = reversed(self._sessions.values())
        return next((found for found in begun if found.wallet_id == wallet_id), None)

    def last_used(self, wallet_id: str) -> datetime | None:
        """The latest use of any of its sessions."""
        return max(
            (found.last_used for found in self._sessions.values() if found.wallet_id == wallet_id),
            default=None,
        )

    def all(self) -> Sequence[str]:
        """The wallets that are open."""
        return sorted({found.wallet_id for found in self._sessions.values()})

    def end(self, wallet_id: str) -> None:
        """End every session of a wallet."""
        self._forget([key for key, found in self._sessions.items() if found.wallet_id == wallet_id])

    async def forget_ended(self, *, now: datetime) -> None:
        """What another replica has ended, or nobody uses here."""
        unused = [key for key, found in self._sessions.items() if found.expires_at(self._idle) <= now]
        self._forget(unused)
        here = list(self._sessions)
        if here:
            there = await self._book.still_open(here)
            self._forget([key for key in here if key not in there])

    async def idle(self, *, now: datetime) -> Sequence[str]:
        """Wallets all of whose sessions have run out, as far as any replica knows."""
        unused = await self._book.wallets_unused(before=now - self._idle - self._unsaid)
        in_use = {one.wallet_id for one in self._sessions.values() if one.expires_at(self._idle) > now}
        return [wallet_id for wallet_id in unused if wallet_id not in in_use]

    def turn(self, wallet_id: str) -> AbstractAsyncContextManager[None]:
        """The lock that lets one decision at a time through."""
        return self._turns.of(wallet_id)

    async def _in_book(self, token: str, now: datetime) -> Session | None:
        kept = await self._book.session(token_hash(token))
        if kept is None:
            self._forget([token_hash(token)])
            return None
        try:
            agent_token = _box(token).decrypt(kept.sealed_token).decode()
        except CryptoError:
            return None
        return Session(
            kept.wallet_id, token_hash(token), agent_token, min(now, kept.last_used + self._unsaid)
        )

    def _forget(self, hashes: Sequence[str]) -> None:
        for each in hashes:
            self._sessions.pop(each, None)
            self._said.pop(each, None)


def _box(token: str) -> SecretBox:
    """Tokens have 256 random bits; what is kept of one (`token_hash`) does not lead here."""
    return SecretBox(hashlib.sha256(b"ujuzi agent token\0" + token.encode()).digest())


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
