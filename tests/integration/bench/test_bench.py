"""`ujuzi bench` from beginning to end, with one learner on each side."""

import asyncio
import sys
from pathlib import Path

from services.bench.domain.figures import Figures

SECONDS = 280


async def test_both_sides_issue_and_prove_and_every_part_is_measured(tmp_path: Path) -> None:
    written, page = tmp_path / "figures.json", tmp_path / "page.md"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.launcher", "bench", "--learners", "1", "--json", str(written), "--page", str(page),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(SECONDS):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    figures = Figures.of_json(written.read_text())
    done = {(one.side, one.deed, one.finished, one.lost, one.doubled) for one in figures.courses}
    assert done == {
        (side, deed, 1, 0, 0) for side in ("stock", "ujuzi") for deed in ("issue", "present, 1 predicate")
    }
    for one in figures.courses:
        assert one.cpu > 100, "less than the arithmetic of either: some process was not read"
    assert {one.deed for one in figures.arithmetic} == {"issue", "present, 1 predicate"}
    assert all(part.value >= 0 for part in figures.parts)
    assert len(figures.parts) > 10
    assert "| issue | 1 |" in page.read_text()
    assert {plot.name for plot in (tmp_path / "page").iterdir()} > {"issuance.svg", "processor.svg"}
