"""A real issuer's agent suspends a credential, takes that back, and never takes back a revocation."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.adapters.acapy_client import AgentRefused
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.webvh_resolver import WebvhResolver
from tests.support.agents import Party
from tests.support.flows import Learner, accept, connect, new_learner, offer, prepare_issuing
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECONDS = 30
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Held:
    """A credential, seen from its issuer, its learner and anybody."""

    def __init__(self, issuer: Party, learner: Learner, connection: str, place: tuple[str, str]) -> None:
        self.issuer, self.learner, self.connection = issuer, learner, connection
        self.rev_reg_id, self.cred_rev_id = place[0], int(place[1])

    async def becomes(self, state: str) -> bool:
        answer = await become(self, state=state)
        assert not answer["refused"]
        return bool(answer["changed"] == [self.cred_rev_id])

    async def refusal(self, state: str) -> str:
        answer = await become(self, state=state)
        assert not answer["changed"]
        return str(answer["refused"][str(self.cred_rev_id)])

    async def publish(self) -> None:
        await self.issuer.admin.post("/ujuzi/status/republish", {"rev_reg_id": self.rev_reg_id})

    async def published(self) -> list[int]:
        """The numbers that the newest list excludes, as anybody can read it."""
        async with GuardedClient(json.loads(self.issuer.agent.environment["AGENT_HOST_MAP"])) as client:
            newest = await WebvhResolver(client).newest_status_list(self.rev_reg_id)
        return [place for place, bit in enumerate(newest.content["revocationList"]) if bit]

    async def told(self, state: str, reason: str, *, notice_id: str, later: timedelta = timedelta()) -> bool:
        notice = {
            "id": notice_id,
            "rev_reg_id": self.rev_reg_id,
            "cred_rev_id": self.cred_rev_id,
            "state": state,
            "reason": reason,
            "words": f"Your award: {reason}",
            "language": "en",
            "at": (AT + later).isoformat(),
        }
        asked = {"connection_id": self.connection, "notice": notice}
        return bool((await self.issuer.admin.post("/ujuzi/status/notice", asked))["told"])

    async def notices(self, category: str = "status-notices") -> list[dict[str, Any]]:
        found = await self.learner.api.get(f"/ujuzi/notes/{category}")
        return [note["value"] for note in found["notes"]]


async def become(*held: Held, state: str) -> dict[str, Any]:
    """What the agent says to a change of several credentials of one registry at once."""
    numbers = [one.cred_rev_id for one in held]
    asked = {"rev_reg_id": held[0].rev_reg_id, "cred_rev_ids": numbers, "state": state}
    answer: dict[str, Any] = await held[0].issuer.admin.post("/ujuzi/status", asked)
    return answer


async def another(issuer: Party, wallet: Party, cred_def_id: str) -> Held:
    learner = await new_learner(wallet)
    at_issuer, at_learner = await connect(issuer, learner.api)
    exchange_id = await offer(issuer, at_issuer, cred_def_id, "Neema")
    await accept(issuer, learner, at_learner, exchange_id)
    record = await issuer.admin.get(f"/issue-credential-2.0/records/{exchange_id}")
    detail = record["anoncreds"]
    return Held(issuer, learner, at_issuer, (detail["rev_reg_id"], detail["cred_rev_id"]))


@pytest.fixture(scope="module")
async def revocable(parties: dict[str, Party]) -> str:
    return await prepare_issuing(parties["issuer"], revocable=True)


@pytest.fixture
async def held(parties: dict[str, Party], revocable: str) -> Held:
    return await another(parties["issuer"], parties["wallet"], revocable)


async def test_a_suspension_shows_in_the_published_list_and_goes_again(held: Held) -> None:
    assert await held.becomes("suspended")
    assert not await held.becomes("suspended"), "the same again changes nothing"
    assert held.cred_rev_id not in await held.published(), "nothing is published before it is asked for"
    await held.publish()
    assert held.cred_rev_id in await held.published()

    assert await held.becomes("valid")
    assert not await held.becomes("valid")
    await held.publish()
    assert held.cred_rev_id not in await held.published()


async def test_a_revocation_is_final_and_keeps_what_was_suspended_out(held: Held) -> None:
    await held.becomes("suspended")
    assert await held.becomes("revoked")
    await held.publish()
    for state in ("valid", "suspended"):
        assert "that is final" in await held.refusal(state)
    assert not await held.becomes("revoked")
    assert held.cred_rev_id in await held.published()


async def test_what_aca_py_revoked_itself_is_not_taken_back(held: Held) -> None:
    revoke = {"rev_reg_id": held.rev_reg_id, "cred_rev_id": str(held.cred_rev_id), "publish": True}
    await held.issuer.admin.post("/anoncreds/revocation/revoke", {**revoke, "notify": False})
    assert "that is final" in await held.refusal("valid")
    assert held.cred_rev_id in await held.published()


async def test_suspensions_revocations_and_issuances_at_once_lose_nothing_of_each_other(
    parties: dict[str, Party], revocable: str
) -> None:
    issuer, wallet = parties["issuer"], parties["wallet"]
    first, second, third = [await another(issuer, wallet, revocable) for _ in range(3)]

    async with asyncio.TaskGroup() as group:
        group.create_task(first.becomes("suspended"))
        group.create_task(third.becomes("suspended"))
        group.create_task(second.becomes("revoked"))
        fresh = group.create_task(another(issuer, wallet, revocable))
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(first.publish())

    excluded = await first.published()
    assert {first.cred_rev_id, second.cred_rev_id, third.cred_rev_id} <= set(excluded)
    assert fresh.result().cred_rev_id not in excluded
    everybody = [first, second, third, fresh.result(), await another(issuer, wallet, revocable)]
    assert len({(one.rev_reg_id, one.cred_rev_id) for one in everybody}) == len(everybody), "no number twice"


async def test_the_learner_is_told_what_it_is_and_why_and_the_newest_word_counts(held: Held) -> None:
    assert await held.told("suspended", "We are checking your attendance.", notice_id="one")

    async def knows(state: str) -> list[dict[str, Any]]:
        return [one for one in await held.notices() if one["state"] == state]

    (notice,) = await until(lambda: knows("suspended"), SECONDS, "she is told of the suspension")
    assert notice["reason"] == "We are checking your attendance."
    assert notice["credential_id"] == f"{held.rev_reg_id}::{held.cred_rev_id}"
    assert notice["at"] == AT.isoformat()

    assert await held.told("valid", "It was in order.", notice_id="two", later=timedelta(hours=1))
    await until(lambda: knows("valid"), SECONDS, "she is told that it stands again")
    assert await held.told("suspended", "We are checking your attendance.", notice_id="one"), (
        "come again, late"
    )
    assert await held.told("revoked", "It was not yours.", notice_id="three")
    (final,) = await until(
        lambda: held.notices("revocation-notices"),
        SECONDS,
        "she is told of the revocation, by the standard notice",
    )
    assert final["comment"] == "It was not yours."
    assert len(await held.notices()) == len(await knows("valid")) == 1, "one notice for each credential"


async def test_what_the_agent_cannot_do_it_says(held: Held) -> None:
    await held.issuer.admin.delete(f"/connections/{held.connection}")
    assert not await held.told("suspended", "Why.", notice_id="four"), "that connection is no more"
    held.cred_rev_id = 900
    assert "No credential of ours has this number" in await held.refusal("suspended")
    held.rev_reg_id = "did:webvh:x/resources/none"
    with pytest.raises(AgentRefused, match=r"404.*No registry of ours has this id"):
        await held.becomes("suspended")
    with pytest.raises(AgentRefused, match=r"400.*Expected other values in: state"):
        await held.becomes("perhaps")


async def test_several_change_at_once_and_what_cannot_be_is_left_out(
    parties: dict[str, Party], revocable: str
) -> None:
    one, two = [await another(parties["issuer"], parties["wallet"], revocable) for _ in range(2)]
    assert await two.becomes("revoked")
    assert await one.becomes("suspended")
    asked = {"rev_reg_id": one.rev_reg_id, "cred_rev_ids": [one.cred_rev_id, two.cred_rev_id, 900]}
    answer = await one.issuer.admin.post("/ujuzi/status", {**asked, "state": "valid"})
    assert answer["changed"] == [one.cred_rev_id]
    assert answer["refused"].keys() == {str(two.cred_rev_id), "900"}

    answer = await one.issuer.admin.post("/ujuzi/status", {**asked, "state": "revoked"})
    assert (answer["changed"], list(answer["refused"])) == ([one.cred_rev_id], ["900"])
    await one.publish()
    assert {one.cred_rev_id, two.cred_rev_id} <= set(await one.published())
