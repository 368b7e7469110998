"""The learner's wallet follows how the verifier is listed, from the authority's register to her answer."""

from typing import Any

import pytest

from services.launcher.adapters.http_json import JsonApi
from services.launcher.domain.story import JUNIOR, ClaimableAward
from services.launcher.errors import ServiceRefused
from tests.support.exchange import RunningExchange

SECONDS = 120


class Authority:
    """The registry's officer, and the wallet service, which looks at the list when it is told to."""

    def __init__(self, exchange: RunningExchange) -> None:
        keys, addresses = exchange.endpoints["keys"], exchange.endpoints
        self._register = JsonApi(addresses["trust_registry"], keys["trust_registry"], exchange.client)
        self._wallet = JsonApi(addresses["wallet"], keys["wallet"], exchange.client)

    async def entity_of(self, did: str) -> dict[str, Any]:
        page = await self._register.get("/v1/entities")
        return next(one for one in page["items"] if did in one["dids"])

    async def change(self, authorization_id: str, verb: str) -> None:
        await self._register.post(
            f"/v1/authorizations/{authorization_id}/{verb}", {"reason": "Complaints of applicants"}
        )
        await self._wallet.post("/v1/trust-lists/refresh")

    async def grant(self, entity_id: str, **limits: Any) -> str:  # noqa: ANN401 - JSON
        body = {"action": "verify", "resources": ["*"], "valid_from": "2025-01-01", **limits}
        made = await self._register.post(f"/v1/entities/{entity_id}/authorizations", body)
        await self._wallet.post("/v1/trust-lists/refresh")
        return str(made["id"])


async def test_an_answer_is_stopped_when_the_verifiers_listing_ends_or_no_longer_reaches_so_far(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    authority = Authority(exchange)
    graduate = await exchange.new_graduate()
    learner = graduate.learner
    await graduate.take_award(await exchange.issuer.claim(awards.pop().claim_url))
    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await learner.open_link(invitation_url)
    request = await learner.request(SECONDS)
    choices = {need["id"]: need["candidates"][0]["credential_id"] for need in request["needs"]}

    async def read() -> dict[str, Any]:
        return next(one for one in await learner.requests() if one["id"] == request["id"])

    assert (request["verifier"]["accreditation"]["state"], request["warnings"]) == ("listed", [])
    entity = await authority.entity_of(request["verifier"]["did"])
    (broad,) = [one["id"] for one in entity["authorizations"] if one["action"] == "verify"]
    await authority.change(broad, "suspend")
    try:
        with pytest.raises(ServiceRefused, match="found none for suspended") as refused:
            await learner.consent(request["id"], choices)
        assert refused.value.status == 409
        accreditation = (await read())["verifier"]["accreditation"]
        assert accreditation["state"] == "suspended"
        assert accreditation["authority_says"] == "Complaints of applicants"

        narrow = await authority.grant(entity["id"], attributes=["title"])
        try:
            shown = await read()
            assert shown["verifier"]["accreditation"]["state"] == "listed"
            (warning,) = shown["warnings"]
            assert warning["code"] == "more-attributes"
            assert {"achievement_id", "awarded_dateint"} <= set(warning["about"])
            with pytest.raises(ServiceRefused, match="found none for more-attributes"):
                await learner.consent(request["id"], choices, acknowledged=["suspended"])

            await learner.consent(request["id"], choices, acknowledged=["more-attributes"])
            assert (await exchange.verifier.verdict(request_id)).result == "accepted"
        finally:
            await authority.change(narrow, "lapse")
    finally:
        await authority.change(broad, "reinstate")

    shared = next(entry for entry in await learner.history() if entry["kind"] == "shared")
    assert shared["said"]["listing"]["state"] == "listed"
    assert [one["code"] for one in shared["said"]["warned"]] == ["more-attributes"]
    assert shared["said"]["warned"][0]["words"]["sw"].startswith("Linaomba kuona zaidi")
