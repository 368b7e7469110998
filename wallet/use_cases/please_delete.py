"""Ask a verifier to delete what she showed it; and what it answered.

The wish goes over the connection her answer went over: the verifier made that for this one request, so the connection alone
says who asks and about what, and whoever writes there is that verifier. Once for each answer; it waits and is sent again as
questions to issuers are.
"""

import logging
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from shared.contracts.deletion_words import WISHES
from wallet.domain.history import Entry, Kind
from wallet.domain.wish import REMINDED_FOR, Deletion, NotAsked, Wish, wish_from
from wallet.errors import AgentTrouble, NothingShared, VerifierOutOfReach
from wallet.ports import LearnerStore
from wallet.use_cases.ask_issuer import THEIRS
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.write_history import read_entry

log = logging.getLogger(__name__)

MINE = "deletion-wishes"
"""Notes: what she asks to have deleted, by the entry of her history."""
ANSWERED_OVER = "answered-over"
"""Notes: over which connection she answered a request; the exchange itself goes after half a year."""


async def please_delete(wallet: OpenWallet, entry_id: str, *, language: str, desk: Desk) -> Wish:
    """Return the wish; asking twice is asking once. It is kept first: one that could not be sent goes later by itself.

    Raises:
        EntryUnknown, NothingShared, VerifierOutOfReach
    """
    async with wallet.turn:
        entry = await read_entry(wallet.store, entry_id)
        if entry.kind is not Kind.SHARED:
            raise NothingShared("In this line of your history nothing was shown to anybody.")
        if await wallet.store.note(MINE, entry_id) is None:
            connection_id = (await _connections(wallet.store, [entry])).get(entry.subject)
            if connection_id is None:
                raise VerifierOutOfReach(
                    "The way your answer went is not known any more. Write to the organisation, by the address on its website."
                )
            note: dict[str, JsonValue] = {
                "connection_id": connection_id,
                "message_id": desk.new_id(),
                "content": WISHES[language],
                "at": desk.clock().isoformat(),
                "sent": False,
            }
            await wallet.store.write_note(MINE, entry_id, note)
            await _send_unsent(wallet.store)
        messages = (await wallet.store.notes(THEIRS)).values()
        wish = wish_from(await wallet.store.note(MINE, entry_id), messages)
        if wish is None:
            raise VerifierOutOfReach("What was noted of this wish cannot be read. Write to the organisation.")
        return wish


async def read_deletions(wallet: OpenWallet, entries: Sequence[Entry]) -> Mapping[str, Deletion]:
    """How it stands with each of these entries in which something was shown, by the entry's id."""
    shared = [entry for entry in entries if entry.kind is Kind.SHARED]
    if not shared:
        return {}
    wishes, messages = await wallet.store.notes(MINE), (await wallet.store.notes(THEIRS)).values()
    connections = await _connections(wallet.store, [entry for entry in shared if entry.id not in wishes])
    return {
        entry.id: wish_from(wishes.get(entry.id), messages) or NotAsked(entry.subject in connections)
        for entry in shared
    }


async def send_unsent_wishes(wallet: OpenWallet) -> bool:
    """Hand over what the agent has not taken yet; a verifier takes the same wish once. Returns whether it took all."""
    async with wallet.turn:
        return await _send_unsent(wallet.store)


async def unanswered_wishes(store: LearnerStore, *, desk: Desk) -> Sequence[str]:
    """Entries whose wish left the wallet lately and has no answer."""
    notes = await store.notes(MINE)
    if not notes:
        return ()
    messages = (await store.notes(THEIRS)).values()
    wishes = {key: wish_from(note, messages) for key, note in notes.items()}
    return [
        key
        for key, wish in wishes.items()
        if wish is not None and wish.sent and wish.answer is None and desk.clock() - wish.at < REMINDED_FOR
    ]


async def wish_again(store: LearnerStore, entry_id: str) -> None:
    """Send the same wish once more."""
    note = await store.note(MINE, entry_id)
    if isinstance(note, dict):
        await _send(store, entry_id, note)


async def _send_unsent(store: LearnerStore) -> bool:
    took_all = True
    for entry_id, note in (await store.notes(MINE)).items():
        if isinstance(note, dict) and note.get("sent") is False:
            took_all = await _send(store, entry_id, note) and took_all
    return took_all


async def _send(store: LearnerStore, entry_id: str, note: Mapping[str, JsonValue]) -> bool:
    try:
        await store.send_message(
            str(note["connection_id"]), message_id=str(note["message_id"]), content=str(note["content"])
        )
    except AgentTrouble as trouble:
        log.warning("wish %s could not be sent yet (%s)", entry_id, type(trouble).__name__)
        return False
    await store.write_note(MINE, entry_id, {**note, "sent": True})
    return True


async def _connections(store: LearnerStore, entries: Sequence[Entry]) -> Mapping[str, str]:
    """Over which connection each of these was answered, by request, where that is known."""
    noted = await store.notes(ANSWERED_OVER) if entries else {}
    found = {
        key: str(note["connection_id"])
        for key, note in noted.items()
        if isinstance(note, dict) and note.get("connection_id")
    }
    if any(entry.subject not in found for entry in entries):
        found = {one.id: one.connection_id for one in await store.requests() if one.connection_id} | found
    return found
