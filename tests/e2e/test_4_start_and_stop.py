"""`ujuzi up` keeps state over a restart and leaves no process behind, however it ends."""

import asyncio
import json
import signal
import sys
from pathlib import Path

from services.launcher.adapters.bundled_files import demonstration_data
from services.launcher.adapters.free_ports import free_base_port
from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.adapters.http_issuer import HttpIssuer
from services.launcher.domain.story import JUNIOR, PROGRAMME, cohort_of, template_of
from tests.support.exchange import ON_BOTH_DATABASES, is_running, running_exchange
from tests.support.wait import until

SECONDS = 120


@ON_BOTH_DATABASES
async def test_a_restart_keeps_awards_credentials_and_trust(
    tmp_path: Path, spreadsheet: str, database: str | None
) -> None:
    base_port = free_base_port()
    database = database and f"{database}/restarted"
    async with running_exchange(tmp_path, base_port, database) as first:
        await first.issuer.wait_until_it_can_issue()
        awards = await first.issuer.issue_batch(await publish(first.issuer), spreadsheet)
        graduate = await first.new_graduate()
        await graduate.take_award(await first.issuer.claim(awards[0].claim_url))
        before = first.endpoints
        children = first.child_pids()
        first.process.send_signal(signal.SIGINT)
        await first.process.wait()
        assert first.process.returncode == 0
        assert not any(is_running(pid) for pid in children)
        assert not (tmp_path / "endpoints.json").exists()

    async with running_exchange(tmp_path, base_port, database) as again:
        assert again.endpoints == before
        assert len((await again.issuer_api.get("/v1/awards", limit="100"))["items"]) == len(
            cohort_of(spreadsheet)
        )
        returned = HttpGraduate(again.endpoints["wallet"], again.client)
        await returned.learner.unlock(graduate.passphrase, graduate.learner.wallet_id)
        request_id, invitation_url = await again.verifier.ask(JUNIOR.body())
        await returned.answer(invitation_url)
        assert (await again.verifier.verdict(request_id)).result == "accepted"

        children = again.child_pids()
        assert len(children) == 8
        again.process.kill()
        await again.process.wait()
        await until(
            lambda: not any(is_running(pid) for pid in children), SECONDS, "no child outlives the launcher"
        )


async def publish(issuer: HttpIssuer) -> str:
    programmes = json.loads(demonstration_data("programmes.json"))
    programme = next(one for one in programmes if one["key"] == PROGRAMME)
    template_id, _ = await issuer.publish_template(template_of(programme))
    return template_id


async def test_the_demonstration_ends_as_expected_and_leaves_nothing_behind(tmp_path: Path) -> None:
    account_file = tmp_path / "account.json"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.launcher", "demo", "--learners", "4", "--json", str(account_file),
        env={"PATH": "/usr/bin:/bin", "HOME": str(scratch), "TMPDIR": str(scratch)},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    account = json.loads(account_file.read_text())
    assert process.returncode == 0, said.decode()
    assert account["as_expected"] is True
    assert [scene["result"] for scene in account["scenes"]] == [
        "accepted", "rejected", "rejected", "rejected", "rejected", "undecided", "rejected",
    ]  # fmt: skip
    assert [scene["deciding_steps"] for scene in account["scenes"]] == [[], [7], [6], [3], [5], [6], [6]]
    assert not list(scratch.iterdir())
