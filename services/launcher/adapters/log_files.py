"""Log files that programs keep open, bounded while they write: they append, so a file that is emptied goes on from its start."""

import os
from pathlib import Path

LARGEST = 20 * 1024 * 1024
"""Bytes; as many again are kept of what came before."""


def turn(log: Path, *, largest: int = LARGEST) -> bool:
    """Set a log aside as NAME.log.1, instead of the one before, if it is larger; True if it was.

    A line written between the copy and the emptying is lost; a program never has to be told.
    """
    if not log.exists() or log.stat().st_size <= largest:
        return False
    aside = log.with_suffix(".log.1")
    fresh = log.with_suffix(".log.new")
    with (
        log.open("rb") as source,
        os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as copy,
    ):
        source.seek(-largest, os.SEEK_END)
        copy.write(source.read(largest))  # and no more: the program goes on writing
    os.truncate(log, 0)
    fresh.replace(aside)
    return True
