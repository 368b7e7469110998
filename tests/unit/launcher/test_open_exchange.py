"""An exchange is announced last, and always taken down."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from services.launcher.adapters.home_folder import HomeFolder
from services.launcher.domain.exchange import Endpoints, Ports, Program, Secrets, Stage
from services.launcher.errors import CannotStart, NotReady
from services.launcher.use_cases.open_exchange import open_exchange


class Home(HomeFolder):
    """A real folder that notes what is done with it."""

    def __init__(self, path: Path, diary: list[str]) -> None:
        super().__init__(path)
        self._diary = diary

    def publish(self, endpoints: Endpoints) -> None:
        self._diary.append("published")
        super().publish(endpoints)

    def release(self) -> None:
        self._diary.append("released")
        super().release()


class Programs:
    """RunPrograms that runs nothing."""

    def __init__(self, diary: list[str], *, fails: str | None = None, taken: bool = False) -> None:
        self._diary = diary
        self._fails = fails
        self._taken = taken

    def check_ports(self, ports: Mapping[str, int]) -> None:
        assert len(ports) == 8
        if self._taken:
            raise CannotStart("taken")

    async def start(self, programs: Sequence[Program]) -> None:
        names = [program.name for program in programs]
        self._diary.append(f"started {' '.join(names)}")
        if self._fails in names:
            raise NotReady(self._fails or "")

    async def stop(self) -> None:
        self._diary.append("stopped")


class Databases:
    """KeepDatabases that keeps nothing."""

    place = "files in the home"

    async def prepare(self) -> None:
        pass


def plan(_: Secrets) -> list[Program]:
    return [
        Program("nats", Path(), (), "nats://", Stage.BUS),
        Program("agent", Path(), (), "http://", Stage.AGENT),
        Program("web", Path(), (), "http://", Stage.WEB),
    ]


async def run(diary: list[str], home: Path, programs: Programs, *, prepared: bool = True) -> None:
    async def prepare(_: Endpoints) -> None:
        diary.append("prepared")
        if not prepared:
            raise NotReady("nobody listed")

    exchange = open_exchange(
        Home(home, diary), Databases(), programs, Ports(8400), plan=plan, prepare=prepare
    )
    async with exchange:
        diary.append("used")


async def test_the_bus_comes_first_and_the_addresses_last(tmp_path: Path) -> None:
    diary: list[str] = []
    await run(diary, tmp_path, Programs(diary))
    assert diary == [
        "started nats",
        "started agent web",
        "prepared",
        "published",
        "used",
        "stopped",
        "released",
    ]


async def test_what_was_started_is_stopped_when_one_program_fails(tmp_path: Path) -> None:
    diary: list[str] = []
    with pytest.raises(NotReady, match="web"):
        await run(diary, tmp_path, Programs(diary, fails="web"))
    assert diary == ["started nats", "started agent web", "stopped", "released"]


async def test_an_exchange_that_could_not_be_prepared_is_never_announced(tmp_path: Path) -> None:
    diary: list[str] = []
    with pytest.raises(NotReady, match="nobody listed"):
        await run(diary, tmp_path, Programs(diary), prepared=False)
    assert diary == ["started nats", "started agent web", "prepared", "stopped", "released"]


async def test_a_taken_port_starts_nothing(tmp_path: Path) -> None:
    diary: list[str] = []
    with pytest.raises(CannotStart, match="taken"):
        await run(diary, tmp_path, Programs(diary, taken=True))
    assert diary == ["released"]
    assert not (tmp_path / "secrets.json").exists()
