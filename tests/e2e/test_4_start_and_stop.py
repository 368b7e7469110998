"""`ujuzi up` keeps state over a restart and leaves no process behind, however it ends.

Here on PostgreSQL; test_8 starts again what was kept in files. What `ujuzi demo` leaves is looked at where it is played, in .ci/run.
"""

import json
import signal
from pathlib import Path

import pytest

from services.launcher.adapters.bundled_files import demonstration_data
from services.launcher.adapters.free_ports import free_base_port
from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.adapters.http_issuer import HttpIssuer
from services.launcher.domain.story import JUNIOR, PROGRAMME, cohort_of, template_of
from tests.support.exchange import is_running, running_exchange
from tests.support.wait import until

SECONDS = 120


@pytest.mark.parametrize("database", ["postgresql"], indirect=True, scope="session")
async def test_a_restart_keeps_awards_credentials_and_trust(
    tmp_path: Path, spreadsheet: str, database: str
) -> None:
    base_port = free_base_port()
    database = f"{database}/restarted"
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
