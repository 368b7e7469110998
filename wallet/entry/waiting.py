"""A page that looks again by itself, without scripts: soon at first, then seldom, and after some minutes not any more."""

from typing import Final

from fastapi import Response

WAITS: Final = (2, 3, 5, 8, 13, 20, 30, 30, 60, 60, 120)
"""Seconds between one look and the next."""


def look_again(answer: Response, path: str, looked: int) -> None:
    """Let a browser that has looked so often look once more; one that was left open does not keep a wallet open for ever."""
    if 0 <= looked < len(WAITS):
        answer.headers["Refresh"] = f"{WAITS[looked]};url={path}?n={looked + 1}"


def gives_up(looked: int) -> bool:
    """Whether that was the last look."""
    return looked >= len(WAITS)
