"""Keys are replaced, and one is reported compromised, in an exchange of this file's own.

The tests build on one another in their order: after the last one nothing by this issuer counts any more.
"""

import json
from collections.abc import AsyncIterator

import pytest

from services.launcher.adapters.bundled_files import demonstration_data
from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.adapters.http_json import JsonApi
from services.launcher.domain.story import JUNIOR, PROGRAMME, ClaimableAward, Verdict, template_of
from services.launcher.errors import ServiceRefused
from tests.support.exchange import RunningExchange, running_exchange
from tests.support.wait import until

SECONDS = 120


@pytest.fixture(scope="module")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningExchange]:
    async with running_exchange(tmp_path_factory.mktemp("keys")) as running:
        await running.issuer.wait_until_it_can_issue()
        yield running


@pytest.fixture(scope="module")
async def claimable(own: RunningExchange, spreadsheet: str) -> list[ClaimableAward]:
    programmes = json.loads(demonstration_data("programmes.json"))
    programme = next(one for one in programmes if one["key"] == PROGRAMME)
    template_id, _ = await own.issuer.publish_template(template_of(programme))
    return list(await own.issuer.issue_batch(template_id, spreadsheet))


@pytest.fixture(scope="module")
async def holder(own: RunningExchange, claimable: list[ClaimableAward]) -> HttpGraduate:
    """Somebody whose credential is older than every new key."""
    graduate = await own.new_graduate()
    await graduate.take_award(await own.issuer.claim(claimable.pop().claim_url))
    return graduate


def registry_api(own: RunningExchange) -> JsonApi:
    return JsonApi(own.endpoints["trust_registry"], own.endpoints["keys"]["trust_registry"], own.client)


async def proven(own: RunningExchange, graduate: HttpGraduate) -> tuple[str, Verdict]:
    """The receipt and the verdict of a proof."""
    request_id, invitation_url = await own.verifier.ask(JUNIOR.body())
    await graduate.answer(invitation_url)
    verdict = await own.verifier.verdict(request_id)
    return str((await own.verifier_api.get(f"/v1/requests/{request_id}"))["receipt"]), verdict


async def has_newest_list(own: RunningExchange) -> bool:
    """Whether the verifier holds the authority's newest list, without having been told to look."""
    (pinned,) = (await own.verifier_api.get("/v1/trust-lists"))["items"]
    newest = await registry_api(own).get(f"/v1/lists/{pinned['name']}")
    return bool(pinned["sequence"] == newest["sequence"] and pinned["state"] == "fresh")


async def test_a_key_is_replaced_only_by_an_administrator(own: RunningExchange) -> None:
    for service in ("issuer", "verifier", "trust_registry"):
        with pytest.raises(ServiceRefused, match="401"):
            await JsonApi(own.endpoints[service], None, own.client).post("/v1/keys/rotate")


async def test_after_every_key_is_replaced_earlier_credentials_prove_and_earlier_receipts_check(
    own: RunningExchange, holder: HttpGraduate, claimable: list[ClaimableAward]
) -> None:
    earlier, before = await proven(own, holder)
    assert before.result == "accepted", before
    pinned_before = await own.verifier_api.get("/v1/trust-lists")

    for api in (own.issuer_api, own.verifier_api, registry_api(own)):
        first, second = await api.post("/v1/keys/rotate"), await api.post("/v1/keys/rotate")
        assert first["did"] == second["did"]
        assert first["key"] != second["key"]

    later, after = await proven(own, holder)
    assert after.result == "accepted", after
    newcomer = await own.new_graduate()
    await newcomer.take_award(await own.issuer.claim(claimable.pop().claim_url))
    _, verdict = await proven(own, newcomer)
    assert verdict.result == "accepted", verdict

    for receipt in (earlier, later):
        checked = await own.verifier_api.post("/v1/receipts/check", {"receipt": receipt})
        assert checked["receipt"]["result"] == "accepted"
    header, _, rest = earlier.partition(".")
    with pytest.raises(ServiceRefused, match="422"):
        await own.verifier_api.post("/v1/receipts/check", {"receipt": f"{header}.A{rest}"})

    await until(lambda: has_newest_list(own), SECONDS, "the verifier follows the authority's new key")
    (now,), (then,) = (await own.verifier_api.get("/v1/trust-lists"))["items"], pinned_before["items"]
    assert now["operator_key"] == then["operator_key"], "nobody pinned anew"
    assert (now["state"], now["sequence"]) == ("fresh", then["sequence"] + 2)


async def test_a_list_is_renewed_under_the_new_key_and_taken_without_a_new_pin(own: RunningExchange) -> None:
    registry = registry_api(own)
    (pinned,) = (await own.verifier_api.get("/v1/trust-lists"))["items"]
    issued = await registry.post(f"/v1/lists/{pinned['name']}/issue", {})
    taken = await own.verifier_api.post("/v1/trust-lists/refresh", url=pinned["url"])
    assert (taken["state"], taken["sequence"]) == ("fresh", issued["sequence"])


async def test_after_a_compromise_everything_by_that_issuer_is_rejected_whatever_its_date(
    own: RunningExchange, holder: HttpGraduate
) -> None:
    registry = registry_api(own)
    did = (await own.issuer_api.get("/v1/organisation"))["did"]
    entities = (await registry.get("/v1/entities"))["items"]
    entity = await registry.get(f"/v1/entities/{next(e['id'] for e in entities if did in e['dids'])}")
    (authorization,) = entity["authorizations"]
    await registry.post(
        f"/v1/authorizations/{authorization['id']}/compromise", {"reason": "Its key was stolen"}
    )
    await until(lambda: has_newest_list(own), SECONDS, "the verifier knows of the compromise")
    _, verdict = await proven(own, holder)
    assert verdict.result == "rejected", verdict
    assert [step.number for step in verdict.deciding] == [6], verdict
    assert "its key is compromised" in verdict.deciding[0].reason
