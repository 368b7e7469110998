"""docs/getting-started.md, word for word: from an organisation's own name to an accepted answer."""

import asyncio
import json
import re
from pathlib import Path

from tests.support.exchange import running_exchange

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "getting-started.md"
SECONDS = 240


async def test_a_newcomer_who_types_every_command_ends_with_an_accepted_answer(tmp_path: Path) -> None:
    commands = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    async with running_exchange(tmp_path / ".ujuzi") as exchange:
        await exchange.issuer.wait_until_it_can_issue()
        process = await asyncio.create_subprocess_exec(
            "bash", "-c", "set -euo pipefail\n" + "\n".join(commands), cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await asyncio.wait_for(process.communicate(), SECONDS)
        assert process.returncode == 0, said.decode()
    assert "Offered by Mwangaza Training Centre - " in said.decode()
    assert "Asked by" in said.decode()
    assert "Asked by None" not in said.decode()
    verdict = json.loads(said.decode()[said.decode().rindex("\n{\n") :])
    assert verdict["verdict"]["result"] == "accepted"
