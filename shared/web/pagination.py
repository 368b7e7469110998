"""Cursor pages: `{"items": [...], "next": cursor or null}`."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel

from shared.web.problems import ProblemError

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 500


class Page[T](BaseModel):
    """One page; `next` goes into `?after=` for the following one and is null on the last."""

    items: list[T]
    next: str | None


@dataclass(frozen=True)
class PageAsked:
    """`after` is the last key of the page before; read `limit + 1` rows ordered by that key."""

    after: str | None
    limit: int


def page_asked(
    after: Annotated[str | None, Query(description="`next` of the page before", max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> PageAsked:
    """Read the query parameters; 400 on a cursor this API did not give out."""
    if after is None:
        return PageAsked(None, limit)
    try:
        key = base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise ProblemError(400, "Expected `after` to be the `next` of an earlier page.") from error
    if not key.isprintable():
        raise ProblemError(400, "Expected `after` to be the `next` of an earlier page.")
    return PageAsked(key, limit)


PageQuery = Annotated[PageAsked, Depends(page_asked)]


def page_of[R, T](
    rows: Sequence[R], asked: PageAsked, *, key: Callable[[R], str], show: Callable[[R], T]
) -> Page[T]:
    """Make a page of up to `limit + 1` rows; one row too many means that another page follows."""
    shown = rows[: asked.limit]
    more = len(rows) > asked.limit
    return Page(items=[show(row) for row in shown], next=_cursor(key(shown[-1])) if more else None)


def _cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")
