"""A learner lost everything: an officer checks who she is, and the same award is hers again."""

from typing import Any

import httpx

from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.domain.story import JUNIOR, ClaimableAward, Verdict
from tests.support.exchange import RunningExchange
from tests.support.wait import until

SECONDS = 60
BODY = {
    "reason": "lost_phone",
    "identity_check": {"method": "document", "note": "Her passport, seen at the office."},
}


async def issued(exchange: RunningExchange, award: ClaimableAward) -> HttpGraduate:
    """A graduate who has taken this award."""
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))
    await reaches(exchange, award.id, "issued")
    return graduate


async def reaches(exchange: RunningExchange, award_id: str, state: str) -> dict[str, Any]:
    async def there() -> dict[str, Any] | None:
        award = await exchange.issuer_api.get(f"/v1/awards/{award_id}")
        return award if award["state"] == state else None

    return await until(there, SECONDS, f"the award is {state}")


async def reissue(exchange: RunningExchange, award_id: str, key: str) -> httpx.Response:
    return await exchange.client.post(
        f"{exchange.endpoints['issuer']}/v1/awards/{award_id}/reissue",
        json=BODY,
        headers={"Authorization": f"Bearer {exchange.endpoints['keys']['issuer']}", "Idempotency-Key": key},
    )


async def published(exchange: RunningExchange, award_id: str) -> dict[str, Any]:
    """Wait until the list that anyone can fetch shows the old credential as revoked."""

    async def shown() -> dict[str, Any] | None:
        award = await exchange.issuer_api.get(f"/v1/awards/{award_id}")
        return award if award["revocation"]["published_at"] else None

    return await until(shown, SECONDS, "the revocation is published")


async def claim(exchange: RunningExchange, award: dict[str, Any]) -> str:
    """Go on from the new link with its code; returns the invitation's address."""
    answer = await exchange.issuer_api.post(award["claim_url"], {"code": award["code"]})
    return str(answer["invitation_url"])


async def proof(exchange: RunningExchange, graduate: HttpGraduate) -> Verdict:
    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await graduate.answer(invitation_url)
    return await exchange.verifier.verdict(request_id)


async def test_a_learner_who_lost_everything_proves_from_a_new_wallet_and_the_finder_of_the_old_one_does_not(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards.pop()
    lost = await issued(exchange, award)
    (before,) = await lost.learner.credentials()

    answer = await reissue(exchange, award.id, f"lost-{award.id}")
    assert answer.status_code == 201, answer.text
    new = answer.json()
    again = await reissue(exchange, award.id, f"lost-{award.id}")  # the first answer was lost on its way
    assert (again.status_code, again.json()) == (201, new)
    other = await reissue(exchange, award.id, f"another-{award.id}")
    assert other.status_code == 409
    assert f"replaced by the award {new['id']}" in other.json()["detail"]
    old = await published(exchange, award.id)
    assert (old["state"], old["superseded_by"]) == ("superseded", new["id"])

    found = await proof(exchange, lost)
    assert found.result == "rejected"
    ((number, reason),) = [(step.number, step.reason) for step in found.deciding]
    assert number == 3
    assert "the proof is invalid, or a credential is revoked" in reason

    async def told() -> bool:
        (held,) = await lost.learner.credentials()
        return "whose telephone was lost" in held["status"]["reason"]

    await until(told, SECONDS, "the old wallet is told why")

    fresh = await exchange.new_graduate()
    await fresh.take_award(await claim(exchange, new))
    (held,) = await fresh.learner.credentials()
    assert {one["name"]: one["raw"] for one in held["claims"]} == {
        one["name"]: one["raw"] for one in before["claims"]
    }
    assert (await proof(exchange, fresh)).result == "accepted"
    shown = await reaches(exchange, new["id"], "issued")
    assert shown["replaces"] == award.id
    assert shown["reissue"]["identity_check"]["method"] == "document"
    assert shown["reissue"]["identity_check"]["by"].startswith("key:")


async def test_a_learner_who_finds_her_old_wallet_again_has_the_award_once(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards.pop()
    graduate = await issued(exchange, award)
    (before,) = await graduate.learner.credentials()
    new = (await reissue(exchange, award.id, f"found-{award.id}")).json()
    await published(exchange, award.id)

    await graduate.take_award(await claim(exchange, new))

    (held,) = await graduate.learner.credentials()
    assert held["id"] != before["id"]
    assert held["status"]["state"] == "valid"
    replaced = [entry for entry in await graduate.learner.history() if entry["kind"] == "credential_replaced"]
    assert [entry["said"]["by"] for entry in replaced] == [held["id"]]
    assert (await proof(exchange, graduate)).result == "accepted"


async def test_who_issued_again_is_noted_without_values(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards.pop()
    await issued(exchange, award)
    new = (await reissue(exchange, award.id, f"noted-{award.id}")).json()
    shown = await exchange.issuer_api.get(f"/v1/awards/{new['id']}")

    lines: list[dict[str, Any]] = []
    asked: dict[str, str] = {"limit": "100"}
    while True:
        page = await exchange.issuer_api.get("/v1/audit", **asked)
        lines += page["items"]
        if page["next"] is None:
            break
        asked["after"] = page["next"]
    (line,) = [
        line
        for line in lines
        if line["what"] == "POST /v1/awards/{award_id}/reissue" and f"award:{award.id}" in line["objects"]
    ]
    assert (line["outcome"], line["who"]) == ("changed", shown["reissue"]["identity_check"]["by"])
    assert f"award:{new['id']}" in line["objects"]
    written = str(lines)
    assert [
        text for text in ("passport", new["code"], new["claim_url"].rsplit("/", 1)[-1]) if text in written
    ] == []
