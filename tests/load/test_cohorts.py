"""How fast large cohorts are checked and prepared, and in how much memory, on SQLite and PostgreSQL; `-s` prints it.

What is asserted is that every row becomes one award and that memory does not grow with the file; how long it takes depends
on the machine and is only printed. Each size runs in a process of its own, whose largest memory is compared.
"""

import asyncio
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import pytest

from issuer.adapters.sql_records import SqlRecords
from issuer.domain.batch import RowState
from issuer.domain.organisation import Organisation
from issuer.main import MIGRATIONS
from issuer.use_cases.decide_batch import Ask
from shared.adapters.clock import utc_now
from shared.adapters.sql import Database, upgrade
from shared.adapters.sql_outbox import Outbox
from tests.support.batches import batches_over
from tests.support.issuer import DID, ORG, published_template
from tests.support.postgres import fresh_database

SIZES = (1_000, 10_000, 50_000)
HEADER = "given_name,family_name,email,phone,language,awarded_on,grade_pct\n"
MOST_GROWTH_MB = 40
"""Between the smallest and the largest cohort, which is fifty times as long."""


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('cohorts')}/issuer.db"
    return await fresh_database(request.getfixturevalue("postgres_cluster"))


async def test_memory_does_not_grow_with_the_cohort(url: str) -> None:
    await upgrade(url, MIGRATIONS)
    peaks = []
    for rows in SIZES:
        done = await in_a_process(url, rows)
        peaks.append(done["peak_mb"])
        print(  # noqa: T201 - what it is for
            f"\n{url.partition(':')[0]}: {rows} rows checked in {done['checked']:.1f} s, prepared in "
            f"{done['prepared']:.1f} s ({done['cpu']:.1f} s of a processor in all); memory at its most {done['peak_mb']:.0f} MB, before {done['before_mb']:.0f} MB"
        )
    assert peaks[-1] - peaks[0] < MOST_GROWTH_MB


async def in_a_process(url: str, rows: int) -> dict[str, float]:
    """Check and prepare in a new process, and return what it measured."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.load.test_cohorts",
        url,
        str(rows),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    measured: dict[str, float] = json.loads(output.splitlines()[-1])
    return measured


async def measure(url: str, rows: int) -> dict[str, float]:
    """A cohort of so many people nobody awarded before."""
    async with Database(url) as db:
        records = SqlRecords(db, Outbox(db))
        uses, prepare = batches_over(records, utc_now)
        template = published_template()
        async with records.transaction() as tx:
            await tx.add_organisation(Organisation(ORG, "Test", "KE", DID))
            await tx.save_template(template)
        with tempfile.TemporaryFile() as file:
            file.write(HEADER.encode())
            for number in range(rows):
                file.write(f"Amina {number},Wanjiru,a{number}@example.org,,sw,2026-03-01,88\n".encode())
            before = peak_mb()
            began = time.perf_counter()
            batch = await uses.check(ORG, template.id, file, name="cohort.csv", by="key:bench")
            checked = time.perf_counter() - began
        began = time.perf_counter()
        await uses.decide(ORG, batch.id, Ask(), by="key:bench")
        assert await prepare()
        prepared = time.perf_counter() - began
        seen = await uses.look_up.one(ORG, batch.id)
        assert (seen.batch.awards, seen.rows, seen.awards) == (
            rows,
            {RowState.AWARDED: rows},
            {"prepared": rows},
        )
    return {
        "checked": checked,
        "prepared": prepared,
        "before_mb": before,
        "peak_mb": peak_mb(),
        "cpu": time.process_time(),
    }


def peak_mb() -> float:
    """The most memory this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(sys.argv[1], int(sys.argv[2])))))  # noqa: T201 - read by the test
