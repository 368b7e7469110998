"""An issuer closes: what it published goes to a custodian in a bundle, and what it issued goes on being checked.

In an exchange of this file's own, because its issuer is gone afterwards. The bundle's files are served by a plain web server
under the name that stands in the issuer's DID, as when a domain's entry points at a custodian's server.
"""

import csv
import hashlib
import io
import json
import os
import signal
import zipfile
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from services.launcher.adapters.bundled_files import demonstration_data
from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.domain.story import JUNIOR, PROGRAMME, template_of
from services.launcher.errors import ServiceRefused
from shared.adapters.clock import utc_now
from shared.vc import jws
from shared.vc.webvh import verify_log
from tests.support.exchange import RunningExchange, is_running, running_exchange
from tests.support.static_host import manifest_of, static_host
from tests.support.wait import until


@pytest.fixture(scope="module")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningExchange]:
    async with running_exchange(tmp_path_factory.mktemp("closing")) as running:
        await running.issuer.wait_until_it_can_issue()
        yield running


async def test_a_proof_is_accepted_and_a_revoked_one_rejected_when_a_custodian_hosts_the_bundle(
    own: RunningExchange, spreadsheet: str
) -> None:
    programme = next(
        one for one in json.loads(demonstration_data("programmes.json")) if one["key"] == PROGRAMME
    )
    template_id, _ = await own.issuer.publish_template(template_of(programme))
    first, second, waiting, *_ = await own.issuer.issue_batch(template_id, spreadsheet)
    holder, revoked = await own.new_graduate(), await own.new_graduate()
    await holder.take_award(await own.issuer.claim(first.claim_url))
    await revoked.take_award(await own.issuer.claim(second.claim_url))
    await own.issuer.revoke(second.id, "A mistake.")
    slug = (await own.issuer_api.get("/v1/organisation"))["slug"]

    closed = await own.issuer_api.post(f"/v1/organisations/{slug}/close")
    assert closed["state"] == "closed"
    with pytest.raises(ServiceRefused, match="gives no awards at present"):
        await own.issuer.claim(waiting.claim_url)
    headers = {"Authorization": f"Bearer {own.endpoints['keys']['issuer']}"}
    issuer = own.endpoints["issuer"]
    async with httpx.AsyncClient(base_url=issuer, headers=headers, timeout=60) as operator:
        bundle = (await operator.get(f"/v1/organisations/{slug}/bundle")).content
        assert (await operator.post(f"/v1/organisations/{slug}/reinstate")).status_code == 409
    assert_public_and_signed(bundle, spreadsheet)

    os.kill(own.process.pid, signal.SIGSTOP)  # it would start the issuer again
    try:
        gone = own.programs()["issuer"]
        os.kill(gone, signal.SIGKILL)
        await until(lambda: not is_running(gone), 30, "the issuer is gone")
        async with static_host(bundle, urlsplit(issuer).port or 0) as asked:
            accepted = await judged(own, holder)
            assert (accepted["result"], accepted["steps"][4]["codes"]) == ("accepted", ["status-last"])
            assert "its issuer has closed" in accepted["steps"][4]["reason"]
            assert (await judged(own, revoked))["result"] == "rejected"
            assert any("/resources/" in path for path in asked), "the custodian was asked"
    finally:
        os.kill(own.process.pid, signal.SIGCONT)


async def judged(own: RunningExchange, graduate: HttpGraduate) -> dict[str, Any]:
    request_id, invitation_url = await own.verifier.ask(JUNIOR.body())
    await graduate.answer(invitation_url)
    await own.verifier.verdict(request_id)
    found: dict[str, Any] = (await own.verifier_api.get(f"/v1/requests/{request_id}"))["verdict"]
    return found


def assert_public_and_signed(bundle: bytes, spreadsheet: str) -> None:
    """No word of the spreadsheet is in it, its files are as its manifest says, and that is signed by the DID's key."""
    manifest = manifest_of(bundle)
    with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
        everything = b"".join(opened.read(name) for name in opened.namelist())
        for each in manifest["files"]:
            assert hashlib.sha256(opened.read(f"site/{each['path']}")).hexdigest() == each["sha256"]
        log = next(
            opened.read(f"site/{e['path']}") for e in manifest["files"] if e["path"].endswith("did.jsonl")
        )
        signed = opened.read("manifest.jws").decode()
    header = jws.header(signed)
    history = verify_log(manifest["iss"], log.decode(), max_entries=99, now=utc_now())
    key = history.assertion_key(header["kid"])
    assert jws.verify(signed, key, typ="ujuzi-closing-bundle+jwt") == manifest
    assert manifest["status_lists"]
    assert all(each["last"] for each in manifest["status_lists"])
    rows = list(csv.DictReader(io.StringIO(spreadsheet)))
    personal = {
        row[name] for row in rows for name in ("email", "given_name", "family_name") if len(row[name]) > 4
    }
    assert len(personal) > 5
    assert [text for text in personal if text.encode() in everything] == []
