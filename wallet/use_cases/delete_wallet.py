"""Delete a wallet for ever, and state what went and what remains elsewhere.

1. What she holds and whom she showed it is read: nothing of it is known anywhere else.
2. The wallet is closed for ever, in one transaction: from here on it opens no more, whatever happens.
3. Its store goes, with what waited for it.
4. What is left of it outside goes.
5. The statement is signed for her alone; nothing of it stays here.

Whatever is cut off after step 2 is done again on a timer and at every start.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue

from shared.ports.errors import Unavailable
from wallet.domain.erasure import Elsewhere, Erasure, Inside, Removed, issuers_of, shares_in
from wallet.domain.inbox import Change
from wallet.domain.trust import listed_names
from wallet.errors import WalletError
from wallet.ports import StatementKeys
from wallet.use_cases.ask_issuer import MINE, THEIRS
from wallet.use_cases.desk import Desk, Locks, OpenWallet, SilentShards
from wallet.use_cases.please_delete import read_deletions
from wallet.use_cases.write_history import read_history

log = logging.getLogger(__name__)

type Word = Callable[[Erasure], Mapping[str, JsonValue]]
"""Puts a deletion into the words and the form that are signed."""


@dataclass(frozen=True)
class Registrar:
    """How deletions are stated. `backups_kept` is the operator's word on how long backups are kept; None: it has given none."""

    keys: StatementKeys
    backups_kept: timedelta | None


@dataclass(frozen=True)
class Stays:
    """What a wallet holds, and what remains elsewhere when it goes."""

    inside: Inside
    elsewhere: Elsewhere


async def look_at_what_stays(wallet: OpenWallet, *, desk: Desk) -> Stays:
    """What she may know before she decides, and is told afterwards."""
    held, history = await wallet.store.credentials(), await read_history(wallet)
    messages = [await wallet.store.notes(category) for category in (MINE, THEIRS)]
    snapshots = desk.trust.snapshots()
    known = issuers_of(held, history, {})
    names = {one.did: listed_names(snapshots, one.did) for one in known}
    return Stays(
        Inside(len(held), len(history), sum(map(len, messages))),
        Elsewhere(
            issuers_of(held, history, names), shares_in(history, await read_deletions(wallet, history))
        ),
    )


async def delete_wallet(
    wallet: OpenWallet, *, locks: Locks, desk: Desk, registrar: Registrar, word: Word
) -> tuple[Erasure, str]:
    """Return what became of it, and the signed statement.

    Raises WalletLocked or Unavailable before anything went: the learner can try again.
    """
    async with wallet.turn:
        sign = await registrar.keys.signer()
        stays = await look_at_what_stays(wallet, desk=desk)
        _, waiting = await locks.sealed.state(wallet.id)
        now = locks.clock()
        outside = await locks.book.begin_erasure(wallet.id, now=now)
        locks.open_wallets.end(wallet.id)
        finished = await _finish(wallet.id, locks=locks)
    locks.changes.announce(wallet.id, Change("locked", wallet.id))
    kept = registrar.backups_kept
    erasure = Erasure(
        wallet_id=wallet.id,
        at=now,
        finished=finished,
        removed=Removed(stays.inside, outside, waiting),
        elsewhere=stays.elsewhere,
        backups_until=(now + kept).date() if kept is not None else None,
    )
    return erasure, sign(word(erasure))


async def finish_deletions(*, locks: Locks) -> int:
    """Finishes what was cut off: by a kill, or because the agent was away. Returns how many are gone now."""
    finished, silent = 0, SilentShards(locks.book)
    for wallet_id in await locks.book.being_erased():
        if await silent.include(wallet_id):
            continue
        async with locks.open_wallets.turn(wallet_id):
            if wallet_id in await locks.book.being_erased():  # else it was finished while we waited
                gone = await _finish(wallet_id, locks=locks)
                finished += gone
                if not gone:
                    await silent.add(wallet_id)
    return finished


async def _finish(wallet_id: str, *, locks: Locks) -> bool:
    """Remove what is left of a wallet that is closed for ever; False if it must be tried again."""
    try:
        await locks.sealed.delete(wallet_id)
        await locks.book.remove(wallet_id)
    except (Unavailable, WalletError) as trouble:
        log.warning("the rest of wallet %s goes later (%s)", wallet_id, type(trouble).__name__)
        return False
    return True
