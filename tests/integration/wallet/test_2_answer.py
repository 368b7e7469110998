"""From a request to a proof, or to a refusal."""

import asyncio

import pytest

from services.launcher.errors import ServiceRefused
from tests.support.wait import until
from tests.support.wallet import World


async def test_a_signed_request_is_explained_and_answered(world: World) -> None:
    learner = await world.new_learner()
    credential = await world.give(learner, world.award("Nadia"))

    request, exchange_id = await world.ask(learner, world.proof_request())

    verifier = request["verifier"]
    assert verifier["proven"]
    assert verifier["did"] == world.verifier_did
    assert verifier["name"] == "Kazi Jobs"
    assert verifier["accreditation"]["state"] == "listed"
    assert verifier["accreditation"]["trust_list"]["name"] == "demo"
    assert request["warnings"] == []
    assert request["purpose"] == "Application: junior data analyst"
    assert request["keep_days"] == 30
    (need,) = request["needs"]
    assert [one["name"] for one in need["reveals"]] == ["achievement_id", "title"]
    assert [one["text"] for one in need["proves"]] == ["awarded on or after 1 January 2026"]
    assert need["shows_programme"]
    (candidate,) = need["candidates"]
    assert candidate["can_present"]
    assert candidate["meets_need"]
    assert "given_name" in [one["name"] for one in candidate["hides"]]

    await learner.consent(request["id"], {"need_0": credential["id"]})

    async def arrived() -> bool:
        found = await world.verifier.admin.get(f"/present-proof-2.0/records/{exchange_id}")
        return bool(found["state"] == "presentation-received")

    await until(arrived, 30, "the proof is with the verifier")
    await world.verifier.admin.post(f"/ujuzi/presentations/{exchange_id}/close", {"verified": True})

    async def told() -> bool:
        return bool((await learner.history())[0]["outcome"] == "accepted as proof")

    await until(told, 30, "the learner is told the outcome")
    shared = (await learner.history())[0]
    assert shared["who"] == "Kazi Jobs"
    assert shared["said"]["needs"][0]["revealed"]["Title"] == "Data Analytics Foundations"
    assert "20260314" not in str(shared)


async def test_two_answers_at_once_are_one(world: World) -> None:
    learner = await world.new_learner()
    credential = await world.give(learner, world.award("Chipo"))
    request, _ = await world.ask(learner, world.proof_request())

    await asyncio.gather(*(learner.consent(request["id"], {"need_0": credential["id"]}) for _ in range(2)))

    assert [entry["kind"] for entry in await learner.history()].count("shared") == 1


async def test_an_unsigned_request_says_that_nobody_proved_who_asks(world: World) -> None:
    learner = await world.new_learner()
    credential = await world.give(learner, world.award("Amare"))

    request, _ = await world.ask(learner, world.proof_request(), signed=False)

    assert not request["verifier"]["proven"]
    assert request["verifier"]["name"] is None
    assert request["purpose"] is None
    assert [one["code"] for one in request["warnings"]] == ["unproven"]
    choices = {"need_0": credential["id"]}
    with pytest.raises(ServiceRefused, match="found none for unproven"):
        await learner.consent(request["id"], choices)
    await learner.consent(request["id"], choices, acknowledged=["unproven"])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"invitation_key": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"},
            "another invitation",
        ),
        ({"proof_request_digest": "zQmWrong"}, "another request"),
        ({"iss": "did:webvh:x:elsewhere.test"}, "another sender"),
    ],
)
async def test_a_signature_for_something_else_proves_nothing(
    world: World, changes: dict[str, str], why: str
) -> None:
    learner = await world.new_learner()

    request, _ = await world.ask(learner, world.proof_request(), changes=changes)

    assert not request["verifier"]["proven"]
    assert why in request["verifier"]["why"]


async def test_an_expired_request_cannot_be_answered(world: World) -> None:
    learner = await world.new_learner()
    credential = await world.give(learner, world.award("Zola"))
    request, _ = await world.ask(learner, world.proof_request(), changes={"exp": 1_700_000_000})

    with pytest.raises(ServiceRefused, match="time to answer is over"):
        await learner.consent(request["id"], {"need_0": credential["id"]})


async def test_what_is_missing_is_said_and_the_request_declined(world: World) -> None:
    learner = await world.new_learner()
    await world.give(learner, world.award("Lindiwe"))
    asked = world.proof_request()
    asked["requested_predicates"]["need_0_awarded_dateint"]["p_value"] = 20260601

    request, exchange_id = await world.ask(learner, asked)

    assert not request["can_answer"]
    (candidate,) = request["needs"][0]["candidates"]
    assert candidate["missing"] == ["Asked: awarded on or after 1 June 2026; yours: 14 March 2026."]
    with pytest.raises(ServiceRefused, match="cannot answer it"):
        await learner.consent(request["id"], {"need_0": candidate["credential_id"]})

    await learner.decline_request(request["id"], "I cannot satisfy this")

    async def told() -> bool:
        found = await world.verifier.admin.get(f"/present-proof-2.0/records/{exchange_id}")
        return bool(found["state"] == "abandoned")

    await until(told, 30, "the verifier knows")
