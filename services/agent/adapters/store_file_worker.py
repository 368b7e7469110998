"""Copies or checks a store file. A script of its own, run by `store_file`; it uses nothing but the standard library."""

import sqlite3
import sys
from pathlib import Path

TABLES = {"config", "profiles", "items", "items_tags"}
INDEXES = {
    "ix_profile_name",
    "ix_items_uniq",
    "ix_items_tags_item_id",
    "ix_items_tags_name_enc",
    "ix_items_tags_name_plain",
}


def copy(source: str, target: str) -> None:
    """Write a consistent copy of a file that may be in use."""
    reading = sqlite3.connect(f"{Path(source).as_uri()}?mode=ro", uri=True)
    writing = sqlite3.connect(target)
    try:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")
    finally:
        writing.close()
        reading.close()


def check(source: str) -> str | None:
    """Say what keeps a file from being a sound Askar store, with nothing in it that could act by itself."""
    file = sqlite3.connect(f"{Path(source).as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        file.execute("PRAGMA trusted_schema = OFF")
        found = file.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        tables = {name for kind, name, sql in found if kind == "table" and sql.startswith("CREATE TABLE ")}
        others = {name for kind, name, _ in found if not (kind == "table" and name in tables)}
        if tables != TABLES or not others <= INDEXES:
            return "its tables are not those of a learner's store"
        if file.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
            return "it is damaged"
        if dict(file.execute("SELECT name, value FROM config")).get("key") != "raw":
            return "it is not locked with a learner's key"
    except sqlite3.Error as error:
        return f"it cannot be read ({type(error).__name__})"
    finally:
        file.close()
    return None


if __name__ == "__main__":
    verb, *files = sys.argv[1:]
    if verb == "copy":
        copy(*files)
    else:
        sys.exit(check(*files))
