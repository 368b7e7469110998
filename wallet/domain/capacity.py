"""How full an installation is, and whether it takes another wallet: numbers alone, of all wallets together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from wallet.errors import EnoughForToday, InstallationFull

DAY: Final = timedelta(days=1)
MONTH: Final = timedelta(days=30)
DEFAULT_MOST_WALLETS: Final = 20_000
DEFAULT_MOST_NEW_WALLETS: Final = 5_000


@dataclass(frozen=True)
class Held:
    """Wallets that live here, and how many of them were made, or brought along, in the last day and month."""

    wallets: int
    made_last_day: int
    made_last_month: int


@dataclass(frozen=True)
class Room:
    """What the agent's disk and streams hold; sizes in bytes. The largest of something is told without saying whose."""

    stores: int
    largest_store: int
    free: int
    disk: int
    waiting: int
    waiting_bytes: int
    most_waiting: int
    store_limit: int
    """A store of this size takes in nothing new."""
    free_limit: int
    """With less free disk no wallet is made."""
    waiting_limit: int
    """For one wallet."""
    waiting_bytes_limit: int
    """For all together."""


@dataclass(frozen=True)
class Quota:
    """What an operator lets an installation grow to."""

    most_wallets: int = DEFAULT_MOST_WALLETS
    most_new_wallets_a_day: int = DEFAULT_MOST_NEW_WALLETS


@dataclass(frozen=True)
class ShardHeld:
    """Wallets in one shard, and its room; None while its agent is away."""

    wallets: int
    room: Room | None


@dataclass(frozen=True)
class Capacity:
    """All of it; `room` is that of the shards that answered."""

    held: Held
    open: int
    room: Room
    quota: Quota
    shards: Mapping[str, ShardHeld]


def check_quota(held: Held, quota: Quota) -> None:
    """Raises InstallationFull or EnoughForToday."""
    if held.wallets >= quota.most_wallets:
        raise InstallationFull(
            f"Expected room for another wallet, found {held.wallets:,} of at most {quota.most_wallets:,} here. "
            "Take a wallet elsewhere: the link you were sent works there too. Whoever runs this service can allow more."
        )
    if held.made_last_day >= quota.most_new_wallets_a_day:
        raise EnoughForToday(
            f"Expected fewer new wallets in one day, found {held.made_last_day:,} of at most "
            f"{quota.most_new_wallets_a_day:,}. Try again in some hours, or tomorrow: your link waits."
        )


@dataclass(frozen=True)
class Limit:
    """A limit and how far it is used; `set_by` names the setting, where there is one. `at_least`: not to fall below."""

    name: str
    used: int
    limit: int
    set_by: str | None = None
    at_least: bool = False

    @property
    def percent(self) -> int | None:
        """How far it is used, rounded up, so that nothing that is used looks unused; none of one not to fall below."""
        return None if self.at_least else -(-self.used * 100 // self.limit)


def limits_of(found: Capacity) -> tuple[Limit, ...]:
    """Every limit that may keep an installation from going on as it does."""
    held, room, quota = found.held, found.room, found.quota
    return (
        Limit("wallets", held.wallets, quota.most_wallets, "WALLET_MOST_WALLETS"),
        Limit(
            "new_wallets_a_day",
            held.made_last_day,
            quota.most_new_wallets_a_day,
            "WALLET_MOST_NEW_WALLETS_A_DAY",
        ),
        Limit("largest_store_bytes", room.largest_store, room.store_limit),
        Limit("most_waiting_for_one", room.most_waiting, room.waiting_limit),
        Limit("waiting_bytes", room.waiting_bytes, room.waiting_bytes_limit),
        Limit("free_disk_bytes", room.free, room.free_limit, at_least=True),
    )
