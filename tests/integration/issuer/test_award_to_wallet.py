"""From a spreadsheet's row to a credential in a wallet, with real agents."""

import asyncio
from typing import Any

import httpx

from shared.adapters.acapy_client import AcapyClient
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.webvh_resolver import WebvhResolver
from shared.contracts.attributes import ATTRIBUTES
from shared.vc.achievement import read
from shared.vc.attested_resource import CRED_DEF, EDITION, REV_REG_DEF
from tests.integration.issuer import learner
from tests.integration.issuer.conftest import IssuerUnderTest
from tests.support.flows import new_learner
from tests.support.issuer import DATA
from tests.support.wait import until


async def published(issuer: IssuerUnderTest, award_id: str) -> dict[str, Any]:
    """The award once its revocation is on the published list."""

    async def shown() -> dict[str, Any] | None:
        award = await issuer.award(award_id)
        revocation = award["revocation"]
        return award if revocation and revocation["published_at"] else None

    return await until(shown, 40, "the published status list shows it")


async def revoked_places(issuer: IssuerUnderTest, registry_id: str) -> set[int]:
    """What anyone can read in the newest status list."""
    async with GuardedClient(issuer.settings.host_map, allow_loopback=True) as web:
        status_list = await WebvhResolver(web).newest_status_list(registry_id)
    return {place for place, bit in enumerate(status_list.content["revocationList"]) if bit}


async def publications(issuer: IssuerUnderTest, registry_id: str) -> int:
    """How often this registry's status list was published, as anyone can read it."""
    async with GuardedClient(issuer.settings.host_map, allow_loopback=True) as web:
        return len((await WebvhResolver(web).resource(registry_id, REV_REG_DEF)).links)


async def told_once(wallet: AcapyClient, reason: str) -> None:
    """Wait for the learner's notice, and see that there is one."""

    async def notices() -> list[str]:
        notes = await wallet.get("/ujuzi/notes/revocation-notices")
        return [note["value"]["comment"] for note in notes["notes"]]

    assert await until(notices, 40, "the learner is told why") == [reason]


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

    before = await revoked_places(issuer, held["rev_reg_id"])
    revoked = await issuer.post(
        f"/v1/awards/{award['id']}/revoke", json={"reason": "Entered for the wrong person."}
    )
    assert revoked["state"] == "revoked"
    await published(issuer, award["id"])
    assert await revoked_places(issuer, held["rev_reg_id"]) - before == {int(held["cred_rev_id"])}

    await told_once(wallet, "Entered for the wrong person.")


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


async def test_a_learner_declines_and_changes_her_mind(issuer: IssuerUnderTest) -> None:
    wallet = (await new_learner(issuer.wallet)).api
    (award,) = await issuer.awards(1)
    offer = await learner.offered(wallet, await issuer.claim(award))
    await wallet.post(
        f"/issue-credential-2.0/records/{offer['cred_ex_id']}/problem-report",
        {"description": "No, thank you."},
    )
    await issuer.reaches(award["id"], "declined")

    await learner.accept(wallet, await learner.offered(wallet, await issuer.claim(award)))
    await issuer.reaches(award["id"], "issued")


async def test_the_link_used_again_before_the_award_is_issued_ends_the_first_offer(
    issuer: IssuerUnderTest,
) -> None:
    first, second = [(await new_learner(issuer.wallet)).api for _ in range(2)]
    (award,) = await issuer.awards(1)
    stale = await learner.offered(first, await issuer.claim(award))
    await issuer.reaches(award["id"], "offered")
    fresh = await learner.offered(second, await issuer.claim(award))
    assert (
        fresh["cred_offer"]["credential_preview"]["attributes"]
        == stale["cred_offer"]["credential_preview"]["attributes"]
    )
    await learner.exchange_in(first, stale["connection_id"], "abandoned")
    await learner.accept(second, fresh)
    await issuer.reaches(award["id"], "issued")
    assert await learner.credentials(first) == []


async def test_a_credential_never_acknowledged_is_revoked_when_the_award_is_issued_again(
    issuer: IssuerUnderTest,
) -> None:
    first, second = [(await new_learner(issuer.wallet)).api for _ in range(2)]
    (award,) = await issuer.awards(1)
    offer = await learner.offered(first, await issuer.claim(award))
    await first.post(f"/issue-credential-2.0/records/{offer['cred_ex_id']}/send-request")
    await learner.exchange_in(first, offer["connection_id"], "credential-received")
    await issuer.reaches(award["id"], "accepted")

    await learner.accept(second, await learner.offered(second, await issuer.claim(award)))
    await issuer.reaches(award["id"], "issued")
    (held,) = await learner.credentials(second)

    async def orphan_is_revoked() -> bool:
        places = await revoked_places(issuer, held["rev_reg_id"])
        return len(places) > 0 and max(places) == int(held["cred_rev_id"]) - 1

    await until(orphan_is_revoked, 40, "the first credential is revoked")
    assert int(held["cred_rev_id"]) not in await revoked_places(issuer, held["rev_reg_id"])


async def test_an_issuer_that_was_down_goes_on_where_it_was(issuer: IssuerUnderTest) -> None:
    wallet = (await new_learner(issuer.wallet)).api
    (award,) = await issuer.awards(1)
    invitation_url = await issuer.claim(award)
    await issuer.stop()
    try:
        connection_id = await learner.begin(wallet, invitation_url)
    finally:
        await issuer.start()
    await learner.accept(wallet, await learner.exchange_in(wallet, connection_id, "offer-received"))
    await issuer.reaches(award["id"], "issued")
    assert await issuer.is_prepared()


async def test_what_was_asked_while_the_agent_was_down_is_done_when_it_is_back(
    issuer: IssuerUnderTest,
) -> None:
    wallet = (await new_learner(issuer.wallet)).api
    held, waiting = await issuer.awards(2)
    await learner.accept(wallet, await learner.offered(wallet, await issuer.claim(held)))
    await issuer.reaches(held["id"], "issued")

    issuer.agent.kill()
    refused = await issuer.api.post(waiting["claim_url"], json={})
    assert refused.status_code == 503
    assert refused.headers["retry-after"]
    await issuer.post(f"/v1/awards/{held['id']}/revoke", json={"reason": "Entered twice."})
    assert (await issuer.award(held["id"]))["revocation"]["published_at"] is None

    issuer.agent.spawn()
    await issuer.agent.ready()
    await published(issuer, held["id"])
    await learner.accept(wallet, await learner.offered(wallet, await issuer.claim(waiting)))
    await issuer.reaches(waiting["id"], "issued")


async def test_a_corrected_award_is_claimed_anew_and_the_old_credential_revoked(
    issuer: IssuerUnderTest,
) -> None:
    wallet = (await new_learner(issuer.wallet)).api
    (old,) = await issuer.awards(1)
    await learner.accept(wallet, await learner.offered(wallet, await issuer.claim(old)))
    await issuer.reaches(old["id"], "issued")
    new = await issuer.post(
        f"/v1/awards/{old['id']}/supersede",
        json={"reason": "Her name was misspelt.", "given_name": "Aminah"},
    )
    await published(issuer, old["id"])
    await learner.accept(wallet, await learner.offered(wallet, await issuer.claim(new)))
    await issuer.reaches(new["id"], "issued")
    names = {held["attrs"]["given_name"] for held in await learner.credentials(wallet)}
    assert names == {"Amina", "Aminah"}


async def test_revocations_in_the_same_second_are_all_published_and_told(issuer: IssuerUnderTest) -> None:
    awards = await issuer.awards(4)
    wallets = [(await new_learner(issuer.wallet)).api for _ in awards]
    for wallet, award in zip(wallets, awards, strict=True):
        await learner.accept(wallet, await learner.offered(wallet, await issuer.claim(award)))
        await issuer.reaches(award["id"], "issued")
    await asyncio.gather(
        *(
            issuer.post(f"/v1/awards/{award['id']}/revoke", json={"reason": f"Reason {number}."})
            for number, award in enumerate(awards)
        )
    )
    for number, (wallet, award) in enumerate(zip(wallets, awards, strict=True)):
        await published(issuer, award["id"])
        (held,) = await learner.credentials(wallet)
        assert int(held["cred_rev_id"]) in await revoked_places(issuer, held["rev_reg_id"])
        await told_once(wallet, f"Reason {number}.")


async def test_a_cohort_revoked_at_once_is_published_together_and_each_learner_told_once(
    issuer: IssuerUnderTest,
) -> None:
    awards = await issuer.awards(5)
    wallets = [(await new_learner(issuer.wallet)).api for _ in awards]
    for wallet, award in zip(wallets, awards, strict=True):
        await learner.accept(wallet, await learner.offered(wallet, await issuer.claim(award)))
        await issuer.reaches(award["id"], "issued")
    held = [(await learner.credentials(wallet))[0] for wallet in wallets]
    (registry,) = {each["rev_reg_id"] for each in held}
    before = await publications(issuer, registry)

    order = {"batch_id": awards[0]["batch_id"], "reason": "The examination was not ours.", "notify": False}
    await issuer.post("/v1/awards/revoke", json=order)
    for wallet, award in zip(wallets, awards, strict=True):
        await published(issuer, award["id"])
        await told_once(wallet, "The examination was not ours.")
    assert {int(each["cred_rev_id"]) for each in held} <= await revoked_places(issuer, registry)
    assert 0 < await publications(issuer, registry) - before < len(awards)


async def test_what_is_published_resolves_and_verifies(issuer: IssuerUnderTest) -> None:
    organisation = (await issuer.api.get("/v1/organisation")).json()
    template = (await issuer.api.get(f"/v1/templates/{await issuer.template()}")).json()
    async with GuardedClient(issuer.settings.host_map, allow_loopback=True) as web:
        resolver = WebvhResolver(web)
        history = await resolver.history(organisation["did"])
        (service,) = [
            entry for entry in history.document["service"] if entry["type"] == "UjuziEditionCatalogue"
        ]
        catalogue = (await web.get(service["serviceEndpoint"], accept="application/json")).body
        edition = await resolver.resource(template["edition_id"], EDITION)
        await resolver.resource(organisation["credential_definition_id"], CRED_DEF)
    listed = httpx.Response(200, content=catalogue).json()
    assert template["edition_id"] in listed["editions"]
    assert listed["credential_definitions"] == [organisation["credential_definition_id"]]
    assert read(edition.content).titles == template["template"]["title"]


async def test_a_repeated_import_with_the_same_key_is_one_batch(issuer: IssuerUnderTest) -> None:
    async def again() -> dict[str, Any]:
        return await issuer.post(
            "/v1/batches",
            params={"template": await issuer.template()},
            content=(DATA / "graduates.csv").read_bytes(),
            headers={"Content-Type": "text/csv", "Idempotency-Key": "one-cohort"},
        )

    assert (await again())["id"] == (await again())["id"]


async def test_the_api_describes_itself_and_says_how_it_is(issuer: IssuerUnderTest) -> None:
    document = (await issuer.api.get("/openapi.json")).json()
    assert "/v1/batches" in document["paths"]
    ready = (await issuer.api.get("/ready")).json()
    assert ready == {"status": "ready", "checks": {"database": "ok", "nats": "ok", "agent": "ok"}}
