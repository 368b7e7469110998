"""Try again: a fresh link for a learner whose request ended without an answer, where the platform allows it."""

import asyncio
from dataclasses import replace

import pytest

from tests.unit.verifier.test_api import NOW, Api, judged
from tests.unit.verifier.test_api import api as api  # noqa: PLC0414 - the fixture
from tests.unit.verifier.test_requirement import BODY
from verifier.domain.request import Created, decline, expire, renewable, withdraw
from verifier.domain.session import SessionAsked

RENEWABLE = BODY | {"renewals": 1}
BUTTON = "Try again with a new link"


def created(api: Api, request_id: str = "request-1") -> Created:
    found = api.requests.stored[request_id]
    assert isinstance(found, Created)
    return found


@pytest.mark.parametrize("declined", [False, True])
async def test_who_did_not_answer_gets_a_fresh_link_once(api: Api, *, declined: bool) -> None:
    await api.client.post("/v1/requests", json=RENEWABLE)
    assert BUTTON not in (await api.client.get("/r/request-1")).text
    waiting = created(api)
    api.requests.stored["request-1"] = decline(waiting, "", now=NOW) if declined else expire(waiting, now=NOW)
    assert BUTTON in (await api.client.get("/r/request-1")).text

    again = await api.client.post("/r/request-1/again", params={"lang": "fr"})
    assert (again.status_code, again.headers["location"]) == (303, "/r/request-2?lang=fr")
    twice = await api.client.post("/r/request-1/again")
    assert twice.headers["location"].startswith("/r/request-2")

    assert list(api.requests.stored) == ["request-1", "request-2"]
    old, new = [(await api.client.get(f"/v1/requests/request-{number}")).json() for number in (1, 2)]
    assert (old["renewed_by"], new["renews"], new["state"]) == ("request-2", "request-1", "created")
    assert "Go on to the new request" in (await api.client.get("/r/request-1")).text
    api.requests.stored["request-2"] = expire(created(api, "request-2"), now=NOW)
    assert BUTTON not in (await api.client.get("/r/request-2")).text
    refused = await api.client.post("/r/request-2/again", headers={"Accept": "application/json"})
    assert (refused.status_code, "cannot be renewed here" in refused.text) == (409, True)


async def test_who_clicks_twice_gets_one_request(api: Api) -> None:
    await api.client.post("/v1/requests", json=RENEWABLE)
    api.requests.stored["request-1"] = expire(created(api), now=NOW)

    answers = await asyncio.gather(*(api.client.post("/r/request-1/again") for _ in range(4)))

    assert {answer.headers["location"] for answer in answers} == {"/r/request-2?"}
    assert len(api.requests.stored) == 2


async def test_nothing_is_renewed_that_was_answered_taken_back_or_is_bound(api: Api) -> None:
    await api.client.post("/v1/requests", json=RENEWABLE)
    waiting = created(api)
    assert renewable(expire(waiting, now=NOW))
    bound = replace(waiting, stated=replace(waiting.stated, session=SessionAsked("https://jobs.test/x")))
    named = replace(
        waiting,
        stated=replace(waiting.stated, requirement=replace(waiting.stated.requirement, name="required")),
    )
    for request in (
        waiting,
        judged(waiting),
        withdraw(waiting, now=NOW),
        expire(bound, now=NOW),
        expire(named, now=NOW),
    ):
        assert not renewable(request)
    unknown = await api.client.post("/r/nobody/again", headers={"Accept": "application/json"})
    assert unknown.status_code == 404


async def test_a_platform_allows_three_at_most(api: Api) -> None:
    refused = await api.client.post("/v1/requests", json=BODY | {"renewals": 4})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["where"].endswith("renewals")
