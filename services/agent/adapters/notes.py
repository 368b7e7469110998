"""Small JSON documents a service keeps inside a wallet's own store, encrypted like all else in it."""

import json
from collections.abc import Iterable, Mapping

from acapy_agent.core.profile import Profile
from pydantic import JsonValue

_PREFIX = "ujuzi-note:"


async def put(profile: Profile, category: str, note_id: str, value: JsonValue) -> None:
    """Keep the note, replacing an earlier one of that id."""
    await put_together(profile, {(category, note_id): value})


async def put_together(profile: Profile, notes: Mapping[tuple[str, str], JsonValue]) -> None:
    """Keep these, by category and id, all or none."""
    async with profile.transaction() as txn:
        for (category, note_id), value in notes.items():
            body = json.dumps(value).encode()
            if await txn.handle.fetch(_PREFIX + category, note_id, for_update=True) is None:
                await txn.handle.insert(_PREFIX + category, note_id, body)
            else:
                await txn.handle.replace(_PREFIX + category, note_id, body)
        await txn.commit()


async def get(profile: Profile, category: str, note_id: str) -> JsonValue:
    """The note. Raises KeyError."""
    async with profile.session() as session:
        entry = await session.handle.fetch(_PREFIX + category, note_id)
    if entry is None:
        raise KeyError(note_id)
    note: JsonValue = json.loads(entry.value)
    return note


async def all_of(profile: Profile, category: str) -> dict[str, JsonValue]:
    """Every note of the category by its id."""
    return (await by_category(profile, [category]))[category]


async def by_category(profile: Profile, categories: Iterable[str]) -> dict[str, dict[str, JsonValue]]:
    """The same of several categories."""
    found = {}
    async with profile.session() as session:
        for category in categories:
            entries = await session.handle.fetch_all(_PREFIX + category)
            found[category] = {entry.name: json.loads(entry.value) for entry in entries}
    return found


async def remove(profile: Profile, category: str, note_id: str) -> None:
    """Forget the note, if there is one."""
    async with profile.transaction() as txn:
        if await txn.handle.fetch(_PREFIX + category, note_id, for_update=True) is not None:
            await txn.handle.remove(_PREFIX + category, note_id)
        await txn.commit()
