"""Write and read the learner's history: notes inside her store."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from wallet.domain.history import Entry, Kind
from wallet.domain.part import ALL, Part, part_of
from wallet.domain.request import RequestState
from wallet.errors import EntryUnknown
from wallet.ports import LearnerStore, Note
from wallet.use_cases.desk import OpenWallet

HISTORY = "history"
TOLD = {
    RequestState.VERIFIED: "accepted as proof",
    RequestState.REJECTED: "not accepted as proof",
    RequestState.CLOSED: "received; the result was not told",
    RequestState.BROKEN: "ended by the other side",
}


async def write_entry(store: LearnerStore, entry: Entry) -> None:
    """Keeps one entry, replacing one of the same id."""
    await store.write_note(*note_of(entry))


def note_of(entry: Entry) -> Note:
    """What keeps it."""
    note: dict[str, JsonValue] = {
        "at": entry.at.isoformat(),
        "kind": entry.kind.value,
        "subject": entry.subject,
        "who": entry.who,
        "who_did": entry.who_did,
        "said": dict(entry.said),
        "outcome": entry.outcome,
    }
    return Note(HISTORY, entry.id, note)


async def has_entry(store: LearnerStore, kind: Kind, subject: str) -> bool:
    """Whether such an entry was written: a call that was cut off may have done its work and not have said so."""
    notes = (note for note in (await store.notes(HISTORY)).values() if isinstance(note, dict))
    return any(note["kind"] == kind.value and note["subject"] == subject for note in notes)


async def read_entry(store: LearnerStore, entry_id: str) -> Entry:
    """One entry as it was written. Raises EntryUnknown."""
    note = await store.note(HISTORY, entry_id)
    if not isinstance(note, dict):
        raise EntryUnknown("Nothing of that id is in this wallet's history; GET /v1/history lists all.")
    return _entry(entry_id, note)


async def read_history(wallet: OpenWallet, *, part: Part = ALL) -> Sequence[Entry]:
    """What happened, newest first, or a part of it; what a verifier has told since is added for good.

    Raises PlaceUnknown.
    """
    notes = await wallet.store.notes(HISTORY)
    entries = [_entry(note_id, note) for note_id, note in notes.items() if isinstance(note, dict)]
    waiting = {entry.subject for entry in entries if entry.kind is Kind.SHARED and entry.outcome is None}
    told: dict[str, str] = {}
    if waiting:
        requests = await wallet.store.requests()
        told = {
            found.id: TOLD[found.state] for found in requests if found.id in waiting and found.state in TOLD
        }
    completed = []
    for entry in entries:
        if entry.outcome is None and entry.kind is Kind.SHARED and entry.subject in told:
            complete = replace(entry, outcome=told[entry.subject])
            await write_entry(wallet.store, complete)
            completed.append(complete)
        else:
            completed.append(entry)
    newest_first = sorted(completed, key=lambda entry: (entry.at, entry.id), reverse=True)
    return part_of(newest_first, part, key=lambda entry: entry.id)


def _entry(note_id: str, note: dict[str, JsonValue]) -> Entry:
    said = note.get("said")
    return Entry(
        id=note_id,
        at=datetime.fromisoformat(str(note["at"])),
        kind=Kind(str(note["kind"])),
        subject=str(note["subject"]),
        who=_optional(note.get("who")),
        who_did=_optional(note.get("who_did")),
        said=said if isinstance(said, dict) else {},
        outcome=_optional(note.get("outcome")),
    )


def _optional(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None
