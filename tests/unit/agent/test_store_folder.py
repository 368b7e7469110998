"""A folder of stores has one owner among the processes of this machine."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.agent.adapters.store_folder import StoreFolder
from services.agent.errors import LeaseHeld, ShardMistaken

HOLD = (
    "import asyncio, sys; from pathlib import Path; from services.agent.adapters.store_folder import StoreFolder\n"
    "async def hold():\n"
    "    folder = await StoreFolder.hold(Path(sys.argv[1]), patience=0)\n"
    "    folder.keep(folder.number + 1, 'process 4711 on elsewhere')\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
    "asyncio.run(hold())"
)


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


async def test_a_second_process_is_told_whose_the_folder_is(tmp_path: Path) -> None:
    why = r"belong to process 4711 on elsewhere, which still runs: end it"
    with another_process(tmp_path), pytest.raises(LeaseHeld, match=why):
        await StoreFolder.hold(tmp_path, patience=0)


async def test_deleting_what_lies_in_the_folder_does_not_free_it(tmp_path: Path) -> None:
    with another_process(tmp_path):
        (tmp_path / "claim.json").unlink()
        with pytest.raises(LeaseHeld, match="belong to another process"):
            await StoreFolder.hold(tmp_path, patience=0)


async def test_a_killed_process_frees_the_folder_and_its_number_stays(tmp_path: Path) -> None:
    with another_process(tmp_path) as process:
        waiting = asyncio.create_task(StoreFolder.hold(tmp_path, patience=10))
        await asyncio.sleep(0)
        process.kill()
        folder = await waiting
    assert folder.number == 1
    folder.keep(8, "process 1 on here")
    folder.release()
    again = await StoreFolder.hold(tmp_path, patience=0)
    assert again.number == 8
    again.release()


async def test_a_record_that_cannot_be_read_says_nothing_about_who_holds_it(tmp_path: Path) -> None:
    (tmp_path / "claim.json").write_text("{half")
    folder = await StoreFolder.hold(tmp_path, patience=0)
    assert folder.number == 0
    folder.release()


async def test_a_folder_is_not_taken_for_another_shards(tmp_path: Path) -> None:
    first = await StoreFolder.hold(tmp_path, patience=0, shard="b")
    first.keep(1, "process 1 on here")
    first.release()

    with pytest.raises(
        ShardMistaken, match=r"stores of shard main in .* found those of b: set AGENT_SHARD=b"
    ):
        await StoreFolder.hold(tmp_path, patience=0)
    again = await StoreFolder.hold(tmp_path, patience=0, shard="b")
    assert again.number == 1
    again.release()


async def test_the_folder_of_a_party_without_shards_is_the_main_ones(tmp_path: Path) -> None:
    (tmp_path / "claim.json").write_text('{"number": 3, "holder": "process 1 on here"}')

    with pytest.raises(ShardMistaken, match="found those of main"):
        await StoreFolder.hold(tmp_path, patience=0, shard="b")
    main = await StoreFolder.hold(tmp_path, patience=0)
    assert main.number == 3
    main.release()
