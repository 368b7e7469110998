"""How a pinned trust list stands, as far as whoever runs the verifier must act on it: stale, refused, or in order again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.vc.trust_decision import Refused, Snapshot

type ListNews = Literal["list.stale", "list.fresh", "list.refused"]


@dataclass(frozen=True)
class Standing:
    """`stale`: its NextUpdate has passed, and no verdict rests on it. `refused`: what is served must not be used."""

    stale: bool = False
    refused: bool = False


def standing_of(snapshot: Snapshot, now: datetime) -> Standing:
    """How it stands now; a list that was never had is not stale: whoever pinned it was told."""
    return Standing(
        stale=snapshot.trust_list is not None and snapshot.trust_list.is_stale(now),
        refused=isinstance(snapshot.problem, Refused),
    )


def news(before: Standing, after: Standing) -> tuple[ListNews, ...]:
    """What is to be told of a change: each once when it begins, `list.fresh` when neither is left."""
    told: list[ListNews] = []
    if after.stale and not before.stale:
        told.append("list.stale")
    if after.refused and not before.refused:
        told.append("list.refused")
    if after == Standing() != before:
        told.append("list.fresh")
    return tuple(told)
