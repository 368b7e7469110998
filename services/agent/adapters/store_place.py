"""Where the agent's own store is, so that one that was restored from a backup is known.

A restored store is an older one: it would hand out places in status lists anew that learners have since the backup, and one of
two who share a place would be revoked with the other.
"""

import os
import secrets
from pathlib import Path
from typing import Final

import asyncpg

FILE: Final = "place-of-the-store"
"""Beside a store in files; never part of a backup, nor carried into another folder but with the whole folder."""
_SECONDS: Final = 15.0
_PLACE: Final = """
    select concat_ws('/', (select system_identifier from pg_control_system()), (select timeline_id from pg_control_checkpoint()),
        (select oid from pg_database where datname = current_database()),
        (select string_agg(oid::text, '+' order by oid) from pg_class where relname = 'items' and relkind = 'r'))
"""


async def place_in_database(url: str) -> str:
    """Name this very server, its history, database and table, in whichever schema Askar keeps it. A dump that is read in, or a server set back, gives another.

    Raises OSError or asyncpg.PostgresError.
    """
    _, _, where = url.partition("://")
    connection = await asyncpg.connect(f"postgresql://{where}", timeout=_SECONDS, command_timeout=_SECONDS)
    try:
        return f"postgresql {await connection.fetchval(_PLACE)}"
    finally:
        await connection.close()


async def place_in_folder(folder: Path) -> str:
    """Name the folder by what stands in a file of it, made the first time."""
    file = folder / FILE
    if not file.exists():
        fresh = file.with_suffix(".new")
        fresh.write_text(secrets.token_hex(16))
        with fresh.open() as written:
            os.fsync(written.fileno())
        fresh.replace(file)
    return f"folder {file.read_text()}"
