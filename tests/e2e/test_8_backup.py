"""A stopped exchange is backed up and made anew in an empty home; it goes on there as if nothing had been."""

import asyncio
import json
import shutil
import stat
import sys
from pathlib import Path

from services.launcher.adapters.bundled_files import demonstration_data
from services.launcher.adapters.free_ports import free_base_port
from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.domain.story import JUNIOR, PROGRAMME, template_of
from tests.support.exchange import RunningExchange, running_exchange

SECONDS = 120


async def ujuzi(*arguments: str | Path) -> tuple[int, str]:
    """What the command answers, and its exit code."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.launcher", *map(str, arguments),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(SECONDS):
        said, _ = await process.communicate()
    return process.returncode or 0, " ".join(said.decode().split())


async def proven(exchange: RunningExchange, graduate: HttpGraduate) -> str:
    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await graduate.answer(invitation_url)
    return (await exchange.verifier.verdict(request_id)).result


async def test_a_backup_restored_elsewhere_issues_and_proves(tmp_path: Path, spreadsheet: str) -> None:
    base_port, home, file = free_base_port(), tmp_path / "home", tmp_path / "exchange.backup"
    async with running_exchange(home, base_port) as before:
        await before.issuer.wait_until_it_can_issue()
        programmes = json.loads(demonstration_data("programmes.json"))
        programme = next(one for one in programmes if one["key"] == PROGRAMME)
        template_id, _ = await before.issuer.publish_template(template_of(programme))
        awards = list(await before.issuer.issue_batch(template_id, spreadsheet))
        graduate = await before.new_graduate()
        await graduate.take_award(await before.issuer.claim(awards[-1].claim_url))
        earlier_id, waiting = await before.verifier.ask(JUNIOR.body())
        for api in (before.issuer_api, before.verifier_api):
            await api.post("/v1/keys/rotate")
        code, said = await ujuzi("backup", file, "--home", home)
        assert (code, file.exists()) == (2, False), said
        assert "already runs in" in said

    code, said = await ujuzi("backup", file, "--home", home)
    assert code == 0, said
    assert "every secret" in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    shutil.rmtree(home)
    elsewhere = tmp_path / "elsewhere" / "home"
    code, said = await ujuzi("restore", file, "--home", elsewhere)
    assert code == 0, said
    code, said = await ujuzi("restore", file, "--home", elsewhere)
    assert code == 2
    assert "is not empty" in said

    async with running_exchange(elsewhere, base_port) as after:
        assert after.endpoints == before.endpoints
        returned = HttpGraduate(after.endpoints["wallet"], after.client)
        await returned.learner.unlock(graduate.passphrase, graduate.learner.wallet_id)
        assert len(await returned.learner.credentials()) == 1
        assert await proven(after, returned) == "accepted"
        await returned.answer(waiting)
        assert (await after.verifier.verdict(earlier_id)).result == "accepted"
        newcomer = await after.new_graduate()
        await newcomer.take_award(await after.issuer.claim(awards[-2].claim_url))
        assert await proven(after, newcomer) == "accepted"
        await after.issuer.revoke(awards[-1].id, "Awarded by mistake")
        assert await proven(after, returned) == "rejected"
