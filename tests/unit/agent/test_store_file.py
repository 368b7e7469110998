"""Copies of a store in use, and what is refused as a store."""

import os
import sys
from asyncio import create_subprocess_exec
from pathlib import Path

import pytest
from aries_askar import Store

from services.agent.adapters.store_file import check, copied
from services.agent.errors import NotAStore

KEY = Store.generate_raw_key(b"k" * 32)

# A process of its own: two SQLite libraries in one would drop each other's locks, and shrink files the other has mapped.
MEDDLE = """
import sqlite3, sys
meddler = sqlite3.connect(sys.argv[1])
meddler.execute("PRAGMA journal_mode = DELETE")
meddler.execute(sys.argv[2])
meddler.commit()
meddler.close()
"""


async def a_store(folder: Path, key: str = KEY, method: str = "raw") -> tuple[Store, Path]:
    file = folder / "sqlite.db"
    store = await Store.provision(f"sqlite://{file}", method, key)
    async with store.session() as session:
        await session.insert("note", "one", "Amina", {"tag": "plain"})
    return store, file


async def test_a_copy_of_a_store_in_use_is_whole_sealed_and_opens_elsewhere(tmp_path: Path) -> None:
    store, file = await a_store(tmp_path)
    async with store.transaction() as under_way:
        await under_way.insert("note", "two", "not yet")
        content = await copied(file)
    assert b"Amina" not in content
    assert [name for name in os.listdir(tmp_path) if not name.startswith("sqlite.db")] == []  # noqa: PTH208

    other = tmp_path / "other"
    other.mkdir()
    (other / "sqlite.db").write_bytes(content)
    await check(other / "sqlite.db")
    again = await Store.open(f"sqlite://{other / 'sqlite.db'}", "raw", KEY)
    async with again.session() as session:
        assert (await session.fetch("note", "one")).value == b"Amina"
        assert await session.fetch("note", "two") is None
    await again.close()
    async with store.session() as session:
        await session.insert("note", "three", "the first one works on")
    await store.close()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            "CREATE TRIGGER t AFTER INSERT ON items BEGIN DELETE FROM items; END",
            "not those of a learner's store",
        ),
        ("CREATE VIEW v AS SELECT 1", "not those of a learner's store"),
        ("CREATE TABLE more (x)", "not those of a learner's store"),
        ("DROP TABLE items_tags", "not those of a learner's store"),
        ("UPDATE config SET value = 'none' WHERE name = 'key'", "not locked with a learner's key"),
    ],
)
async def test_a_store_that_was_meddled_with_is_refused(tmp_path: Path, change: str, why: str) -> None:
    store, file = await a_store(tmp_path)
    await store.close()
    meddler = await create_subprocess_exec(sys.executable, "-c", MEDDLE, str(file), change)
    assert await meddler.wait() == 0

    with pytest.raises(NotAStore, match=why):
        await check(file)


async def test_what_is_no_sqlite_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "sqlite.db"
    for content in (b"", b"anything", b"SQLite format 3\x00" + bytes(200)):
        file.write_bytes(content)
        with pytest.raises(NotAStore, match=r"cannot be read|not those of"):
            await check(file)
