"""A part of a list: what follows a given entry, up to a number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wallet.errors import PlaceUnknown


@dataclass(frozen=True)
class Part:
    """Which part of a list is wanted; `after` is the id of the last entry that was seen. All of it unless told."""

    after: str | None = None
    limit: int | None = None


ALL = Part()


def part_of[T](things: Sequence[T], part: Part, *, key: Callable[[T], str]) -> Sequence[T]:
    """That part of `things`, in their order. Raises PlaceUnknown when the last entry seen is not there any more."""
    start = 0
    if part.after is not None:
        start = next((place for place, thing in enumerate(things, 1) if key(thing) == part.after), 0)
        if not start:
            raise PlaceUnknown(
                "Expected `after` to be the `next` of an earlier page; what that page ended with is gone. Read from the start again."
            )
    return things[start:] if part.limit is None else things[start : start + part.limit]
