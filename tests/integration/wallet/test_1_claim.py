"""From an invitation link to a credential in a sealed wallet."""

import pytest

from services.launcher.errors import ServiceRefused
from tests.support.wait import until
from tests.support.wallet import World, invitation


async def test_an_offer_is_read_in_plain_terms_and_becomes_a_credential(world: World) -> None:
    learner = await world.new_learner()

    offer, exchange_id = await world.offer(learner, world.award("Wanjikũ"))

    claims = {claim["name"]: claim["value"] for claim in offer["claims"]}
    assert claims["given_name"] == "Wanjikũ"
    assert claims["awarded_dateint"] == "14 March 2026"
    assert claims["expiry_dateint"] == "does not expire"
    assert offer["issuer"]["name"] == "Digital Skills Trust"
    assert offer["issuer"]["trust"] == "trusted"
    assert offer["issuer"]["list_name"] == "demo"
    assert offer["edition"]["levels"]["eqf"] == 4
    assert offer["edition"]["workload_hours"] == 120
    assert offer["warnings"] == []

    await learner.accept(offer["id"])
    await learner.accept(offer["id"])
    await world.issue(exchange_id)
    credential = await learner.credential(30)

    assert credential["status"]["state"] == "valid"
    assert credential["status"]["list_published_at"] is not None
    assert credential["edition"]["title"] == "Data Analytics Foundations"
    assert len(await learner.credentials()) == 1
    kinds = [entry["kind"] for entry in await learner.history()]
    assert kinds == ["credential_stored", "offer_accepted"]


async def test_the_same_link_twice_is_recognised(world: World) -> None:
    learner = await world.new_learner()
    link = await invitation(world.issuer, "ujuzi.claim-award")

    first = await learner.open_link(link.url)
    second = await learner.open_link(link.url)

    assert not first["already_known"]
    assert second["already_known"]
    assert second["id"] == first["id"]


async def test_the_same_award_offered_anew_replaces_the_credential(world: World) -> None:
    learner = await world.new_learner()
    values = world.award("Kwame", award_id="0192f0c4-0000-7000-8000-000000000001")
    old = await world.give(learner, values)

    offer, exchange_id = await world.offer(learner, values)
    assert offer["replaces"] == [old["id"]]
    await learner.accept(offer["id"])
    await world.issue(exchange_id)
    new = await learner.credential(30)

    held = [credential["id"] for credential in await learner.credentials()]
    assert held == [new["id"]]
    assert new["id"] != old["id"]


async def test_a_declined_offer_cannot_be_accepted(world: World) -> None:
    learner = await world.new_learner()
    offer, exchange_id = await world.offer(learner, world.award("Thabo"))

    await learner.decline(offer["id"], "Not my name")

    with pytest.raises(ServiceRefused, match="declined"):
        await learner.accept(offer["id"])
    (entry,) = await learner.history()
    assert entry["kind"] == "offer_declined"
    assert entry["who"] == "Digital Skills Trust"
    assert exchange_id


async def test_what_is_no_invitation_is_refused(world: World) -> None:
    learner = await world.new_learner()

    with pytest.raises(ServiceRefused, match="carries no invitation"):
        await learner.open_link("https://issuer.example/c/123")


async def test_a_revoked_credential_says_so_and_why(world: World) -> None:
    learner = await world.new_learner()
    offer, exchange_id = await world.offer(learner, world.award("Sipho"))
    await learner.accept(offer["id"])
    await world.issue(exchange_id)
    credential = await learner.credential(30)
    record = await world.issuer.admin.get(f"/issue-credential-2.0/records/{exchange_id}")

    async def finished() -> bool:
        found = await world.issuer.admin.get(f"/issue-credential-2.0/records/{exchange_id}")
        return bool(found["cred_ex_record"]["state"] == "done")

    await until(finished, 30, "the issuer knows that it is stored")
    await world.issuer.admin.post(
        "/anoncreds/revocation/revoke",
        {
            "cred_ex_id": exchange_id,
            "connection_id": record["cred_ex_record"]["connection_id"],
            "publish": True,
            "notify": True,
            "comment": "Issued in error",
        },
    )

    async def revoked() -> bool:
        (shown,) = await learner.credentials()
        return bool(shown["status"]["state"] == "revoked" and "Issued in error" in shown["status"]["reason"])

    await until(revoked, 30, "the learner reads that it was revoked, and why")
    request, _ = await world.ask(learner, world.proof_request())
    (candidate,) = request["needs"][0]["candidates"]
    assert candidate["credential_id"] == credential["id"]
    assert not candidate["meets_need"]
    assert candidate["missing"] == ["It has been revoked: an answer with it will be rejected."]
