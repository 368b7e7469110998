"""How much room stores take and leave, told by sizes alone, and what a full disk or store refuses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any

import nats.errors
import pytest

from services.agent.adapters.room import LOOKED_SECONDS, MeasureRoom
from services.agent.errors import DiskNearlyFull, StoreFull
from shared.adapters.jetstream import BusUnavailable


@dataclass
class Streams:
    """What MeasureRoom asks of JetStream."""

    waiting: dict[str, int] = field(default_factory=dict)
    away: bool = False

    async def stream_info(self, name: str, subjects_filter: str) -> SimpleNamespace:
        assert (name, subjects_filter) == ("DIDCOMM_PARKED", "didcomm.parked.*")
        if self.away:
            raise nats.errors.TimeoutError
        count = sum(self.waiting.values())
        state = SimpleNamespace(messages=count, bytes=100 * count, subjects=self.waiting or None)
        return SimpleNamespace(state=state)


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ACAPY_HOME", str(tmp_path))
    for name, size in (("own", 9_999), ("hers", 300), ("his", 200)):
        (tmp_path / "wallet" / name).mkdir(parents=True)
        (tmp_path / "wallet" / name / "sqlite.db").write_bytes(b"x" * size)
    (tmp_path / "wallet" / "hers" / "sqlite.db-wal").write_bytes(b"x" * 50)
    return tmp_path / "wallet"


def measure(
    streams: Streams | None = None, clock: Callable[[], float] = monotonic, **limits: int
) -> MeasureRoom:
    asked: Any = streams or Streams()
    return MeasureRoom(asked, clock=clock, **limits)


@pytest.mark.usefixtures("stores")
async def test_learners_stores_are_summed_and_the_agents_own_is_none_of_them() -> None:
    room = await measure(Streams({"didcomm.parked.hers": 3, "didcomm.parked.his": 2}))("own")

    assert (room.stores, room.largest_store) == (550, 300)
    assert (room.waiting, room.waiting_bytes, room.most_waiting) == (5, 500, 3)
    assert 0 < room.free <= room.disk
    assert (room.waiting_limit, room.waiting_bytes_limit) == (200, 1024**3)


async def test_stores_are_looked_at_once_a_minute_however_often_somebody_asks(stores: Path) -> None:
    now = [0.0]
    room = measure(clock=lambda: now[0])
    assert (await room("own")).stores == 550
    (stores / "his" / "sqlite.db").write_bytes(b"x" * 1_000)
    now[0] = LOOKED_SECONDS - 1
    assert (await room("own")).stores == 550
    now[0] = LOOKED_SECONDS
    assert ((await room("own")).stores, (await room("own")).largest_store) == (1_350, 1_000)


@pytest.mark.usefixtures("stores")
async def test_where_nothing_waits_nothing_is_told_of() -> None:
    room = await measure()("own")
    assert (room.waiting, room.most_waiting) == (0, 0)


@pytest.mark.usefixtures("stores")
async def test_while_nats_is_away_nobody_can_tell() -> None:
    with pytest.raises(BusUnavailable, match="NATS does not answer"):
        await measure(Streams(away=True))("own")


@pytest.mark.usefixtures("stores")
async def test_on_a_disk_that_is_nearly_full_no_wallet_is_made() -> None:
    await measure().check_for_another()
    with pytest.raises(DiskNearlyFull, match=f"with less than {1 << 62} no wallet is made"):
        await measure(free_limit=1 << 62).check_for_another()


@pytest.mark.usefixtures("stores")
async def test_a_store_takes_in_nothing_new_from_its_limit_on() -> None:
    await measure(store_limit=301).check_store("hers")
    with pytest.raises(StoreFull, match="nothing new"):
        await measure(store_limit=300).check_store("hers")


@pytest.mark.usefixtures("stores")
async def test_a_store_that_goes_meanwhile_counts_nothing() -> None:
    assert not await measure(store_limit=1).is_full("gone")
