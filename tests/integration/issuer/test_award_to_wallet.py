"""From a spreadsheet's row to a credential in a wallet, with real agents."""

import asyncio

from shared.contracts.attributes import ATTRIBUTES
from tests.integration.issuer import learner
from tests.integration.issuer.conftest import IssuerUnderTest
from tests.support.flows import new_learner
from tests.support.wait import until


async def test_an_award_is_claimed_issued_and_later_revoked(issuer: IssuerUnderTest) -> None:
    wallet = (await new_learner(issuer.wallet)).api
    (award,) = await issuer.awards(1)
    assert award["state"] == "prepared"

    offer = await learner.offered(wallet, await issuer.claim(award))
    preview = {a["name"]: a["value"] for a in offer["cred_offer"]["credential_preview"]["attributes"]}
    assert tuple(preview) == ATTRIBUTES
    assert preview["given_name"] == "Amina"
    assert preview["achievement_id"] == award["edition_id"]
    await issuer.reaches(award["id"], "offered")

    await learner.accept(wallet, offer)
    await issuer.reaches(award["id"], "issued")
    (held,) = await learner.credentials(wallet)
    assert held["attrs"] == preview

    used = await issuer.api.post(award["claim_url"], json={})
    assert used.status_code == 409
    assert "claimed already" in used.json()["detail"]

    revoked = await issuer.post(
        f"/v1/awards/{award['id']}/revoke", json={"reason": "Entered for the wrong person."}
    )
    assert revoked["state"] == "revoked"

    async def published() -> bool:
        return (await issuer.award(award["id"]))["revocation"]["published_at"] is not None

    await until(published, 40, "the status list shows it")


async def test_ten_claims_at_once_lose_and_double_nothing(issuer: IssuerUnderTest) -> None:
    awards = await issuer.awards(10)
    learners = [(await new_learner(issuer.wallet)).api for _ in awards]

    async def whole(index: int) -> None:
        offer = await learner.offered(learners[index], await issuer.claim(awards[index]))
        await learner.accept(learners[index], offer)
        await issuer.reaches(awards[index]["id"], "issued", 60)

    await asyncio.gather(*(whole(index) for index in range(len(awards))))
    for wallet in learners:
        assert len(await learner.credentials(wallet)) == 1
