"""How full a wallet installation is, as lines a person reads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_STEP: Final = 1024
_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB")
WARN_PERCENT: Final = 80
_WORDS: Final[Mapping[str, str]] = {
    "wallets": "wallets",
    "new_wallets_a_day": "new wallets in 24 hours",
    "largest_store_bytes": "the largest store",
    "most_waiting_for_one": "envelopes that wait for one wallet",
    "waiting_bytes": "envelopes that wait for all",
    "free_disk_bytes": "free disk",
}


@dataclass(frozen=True)
class Limit:
    """One limit; without `percent` it is one not to fall below."""

    name: str
    used: int
    limit: int
    percent: int | None
    set_by: str | None

    @property
    def is_near(self) -> bool:
        """Whether it is time to do something."""
        return self.used < 2 * self.limit if self.percent is None else self.percent >= WARN_PERCENT

    def said(self) -> str:
        """As a line."""
        size = _sized if self.name.endswith("_bytes") else _counted
        name = _WORDS.get(self.name, self.name)
        how = "at least" if self.percent is None else f"{self.percent} % of at most"
        setting = f" ({self.set_by})" if self.set_by else ""
        return f"{name}: {size(self.used)}, {how} {size(self.limit)}{setting}"


@dataclass(frozen=True)
class Fullness:
    """What `GET /v1/capacity` says."""

    wallets: Mapping[str, int]
    waiting: Mapping[str, int]
    stores: Mapping[str, int]
    limits: Sequence[Limit]

    def lines(self) -> Iterator[str]:
        """What is there."""
        wallets, waiting = self.wallets, self.waiting
        yield (
            f"Wallets   {_counted(wallets['held'])} held: {_counted(wallets['open'])} open, {_counted(wallets['locked'])} locked; "
            f"{_counted(wallets['made_last_day'])} made in the last day, {_counted(wallets['made_last_30_days'])} in 30 days"
        )
        yield (
            f"Envelopes {_counted(waiting['envelopes'])} wait ({_sized(waiting['bytes'])}), "
            f"{_counted(waiting['most_for_one'])} at most for one wallet"
        )
        yield f"Stores    {_sized(self.stores['bytes'])} on disk, the largest {_sized(self.stores['largest_bytes'])}"


def _counted(number: int) -> str:
    return f"{number:,}"


def _sized(number: int) -> str:
    """In the largest unit of which there is one."""
    size, units = float(number), iter(_UNITS)
    unit = next(units)
    for larger in units:
        if size < _STEP:
            break
        size, unit = size / _STEP, larger
    return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
