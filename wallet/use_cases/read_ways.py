"""The ways to unlock a wallet, as its learner sees them: with when each last opened it.

When is noted in her own store, sealed: a database that said it would tell its operator how she lives.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from wallet.domain.unlock import Way
from wallet.use_cases.desk import Locks, OpenWallet

USED: Final = "unlocked-by"


async def note_use(wallet: OpenWallet, method_id: str, *, locks: Locks) -> None:
    """Remember that this method opened the wallet now; one that the wallet has not is left out."""
    if any(one.id == method_id for one in await locks.book.unlock_methods(wallet.id)):
        await wallet.store.write_note(USED, method_id, {"at": locks.clock().isoformat()})


async def read_ways(wallet: OpenWallet, *, locks: Locks) -> Sequence[Way]:
    """Every way, the oldest first."""
    notes = await wallet.store.notes(USED)
    return [Way(one, _at(notes.get(one.id))) for one in await locks.book.unlock_methods(wallet.id)]


def _at(note: JsonValue) -> datetime | None:
    match note:
        case {"at": str(at)}:
            return datetime.fromisoformat(at)
    return None
