"""Read everything a wallet holds: what she is given when she wants a copy to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.vc.achievement import Edition
from wallet.domain.credential import EditionFound
from wallet.domain.history import Entry
from wallet.domain.question import Thread
from wallet.domain.wish import Deletion
from wallet.use_cases.ask_issuer import read_thread
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.please_delete import read_deletions
from wallet.use_cases.read_credentials import Shown, read_credentials
from wallet.use_cases.write_history import read_history


@dataclass(frozen=True)
class Everything:
    """`threads` by credential, `deletions` by entry, `editions` by id."""

    credentials: Sequence[Shown]
    threads: Mapping[str, Thread]
    history: Sequence[Entry]
    deletions: Mapping[str, Deletion]
    editions: Mapping[str, Edition]


async def read_everything(wallet: OpenWallet, *, desk: Desk) -> Everything:
    """What she holds with what it is worth now, what was written about it, and her history, the newest first."""
    held, history = await read_credentials(wallet, desk=desk), await read_history(wallet)
    ids = [shown.holding.credential.id for shown in held]
    found = [shown.holding.edition for shown in held]
    return Everything(
        held,
        {each: await read_thread(wallet, each) for each in ids},
        history,
        await read_deletions(wallet, history),
        {one.id: one.edition for one in found if isinstance(one, EditionFound)},
    )
