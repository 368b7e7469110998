"""Where a wallet's store is: shards are groups of stores, each with one agent at a time."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from wallet.domain.capacity import Room


@dataclass(frozen=True)
class Placed:
    """A store that was made, and the shard it is in."""

    wallet_id: str
    shard: str


def roomiest_first(shards: Iterable[str], held: Mapping[str, int], *, away: Collection[str]) -> list[str]:
    """Where to make a wallet, in the order of trying: who was away a moment ago last, then whoever holds the fewest wallets.

    What a shard is short of is processor time and memory for open wallets; one whose disk is nearly full refuses by itself.
    """
    return sorted(shards, key=lambda shard: (shard in away, held.get(shard, 0), shard))


def together(rooms: Collection[Room]) -> Room:
    """The room of all shards as one; of the disks' free bytes the fewest, for that disk is full first.

    Envelopes wait in streams that all shards share: each counts all of them.
    """
    first = next(iter(rooms))
    return Room(
        stores=sum(room.stores for room in rooms),
        largest_store=max(room.largest_store for room in rooms),
        free=min(room.free for room in rooms),
        disk=min(rooms, key=lambda room: room.free).disk,
        waiting=max(room.waiting for room in rooms),
        waiting_bytes=max(room.waiting_bytes for room in rooms),
        most_waiting=max(room.most_waiting for room in rooms),
        store_limit=first.store_limit,
        free_limit=first.free_limit,
        waiting_limit=first.waiting_limit,
        waiting_bytes_limit=first.waiting_bytes_limit,
    )
