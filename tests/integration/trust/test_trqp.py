from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.vc.dateint import rfc3339
from tests.integration.trust.registry import ISSUER, Registry
from tests.support.wait import until

SKILL = "http://data.europa.eu/esco/skill/2b92a5b2-6758-4ee3-9fb4-b6387a55cc8f"


async def ask(
    registry: Registry,
    changes: Mapping[str, object] | None = None,
    *,
    path: str = "/authorization",
    status: int = 200,
) -> dict[str, Any]:
    body = {
        "entity_id": ISSUER,
        "authority_id": (await registry.about())["operator_did"],
        "action": "issue",
        "resource": SKILL,
    }
    answer = await registry.public.post(path, json={**body, **(changes or {})})
    assert answer.status_code == status, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_an_authorized_issuer_is_authorized(registry: Registry) -> None:
    limit = {"framework": "eqf", "level": 5}
    await registry.grant(
        (await registry.entity())["id"], resources=[SKILL], highest_level=limit, jurisdictions=["KE"]
    )

    answer = await ask(registry)

    assert answer["authorized"] is True
    assert answer["entity_id"] == ISSUER
    assert answer["resource"] == SKILL
    assert answer["time_requested"].endswith("Z")
    assert answer["time_evaluated"].endswith("Z")
    assert "trusted to issue since 2025-01-01" in answer["message"]


async def test_another_resource_action_or_entity_is_not(registry: Registry) -> None:
    await registry.grant((await registry.entity())["id"], resources=[SKILL, "isced-f:061"])

    for changes, reason in (
        ({"resource": "http://elsewhere.test/skill"}, "not for this kind of credential"),
        ({"action": "verify"}, "but not to verify"),
        ({"action": "drive"}, "expected one of issue, verify, accredit as action, found 'drive'"),
        ({"entity_id": "did:webvh:QmStranger:host.test"}, "not on the list demo"),
    ):
        answer = await ask(registry, changes)
        assert answer["authorized"] is False
        assert reason in answer["message"]
    assert (await ask(registry, {"resource": "isced-f:0613"}))["authorized"] is True


async def test_was_it_trusted_on_that_day(registry: Registry) -> None:
    authorization = await registry.grant((await registry.entity())["id"])
    lapsed = datetime.now(UTC) - timedelta(days=30)
    await registry.change(authorization["id"], "lapse", effective_at=lapsed.isoformat())

    async def on(day: datetime) -> dict[str, Any]:
        return await ask(registry, {"context": {"time": rfc3339(day)}})

    assert (await on(datetime(2024, 12, 31, tzinfo=UTC)))["authorized"] is False
    before = await on(lapsed - timedelta(days=2))
    assert before["authorized"] is True
    assert "earlier awards stand" in before["message"]
    after = await on(lapsed + timedelta(days=2))
    assert after["authorized"] is False
    assert "not trusted when issued: lapsed" in after["message"]
    assert (await ask(registry))["authorized"] is False


async def test_after_a_compromise_no_day_is_authorized(registry: Registry) -> None:
    authorization = await registry.grant((await registry.entity())["id"])
    await registry.change(authorization["id"], "compromise")

    answer = await ask(registry, {"context": {"time": "2025-06-01T00:00:00Z"}})

    assert answer["authorized"] is False
    assert "nothing signed with it stands, whatever its date" in answer["message"]


async def test_another_authority_may_be_recognized(registry: Registry) -> None:
    other = "did:webvh:QmOther:authority.test"
    await registry.grant((await registry.entity(other))["id"], action="accredit")

    recognized = await ask(registry, {"entity_id": other, "action": "recognize"}, path="/recognition")
    not_recognized = await ask(registry, {"action": "recognize"}, path="/recognition")

    assert (recognized["recognized"], recognized["action"]) == (True, "recognize")
    assert not_recognized["recognized"] is False


async def test_a_list_past_its_next_update_authorizes_nobody(registry: Registry) -> None:
    await registry.grant((await registry.entity())["id"])
    await registry.post("/v1/lists/demo/issue", {"valid_seconds": 1})

    async def refused() -> dict[str, Any] | None:
        answer = await ask(registry)
        return None if answer["authorized"] else answer

    answer = await until(refused, 30, "the list is stale")
    assert "is stale" in answer["message"]


async def test_a_question_for_another_authority_is_not_answered(registry: Registry) -> None:
    problem = await ask(registry, {"authority_id": "did:webvh:QmElse:host.test"}, status=404)

    assert "ask its own registry" in problem["detail"]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"context": {"time": "yesterday"}}, "body.context.time"),
        ({"context": {"time": "2025-01-01T00:00:00"}}, "body.context.time"),
        ({"context": {"time": "2025-01-01T00:00:00+00:00"}}, "body.context.time"),
        ({"context": {"time": "2999-01-01T00:00:00Z"}}, "body.context.time"),
        ({"context": {"other": 1}}, "body.context.other"),
        ({"context": "now"}, "body.context"),
        ({"entity_id": ""}, "body.entity_id"),
        ({"authority_id": None}, "body.authority_id"),
        ({"action": 1}, "body.action"),
        ({"resource": ["x"]}, "body.resource"),
    ],
)
async def test_a_malformed_question_names_the_field(
    registry: Registry, changes: dict[str, Any], where: str
) -> None:
    for path in ("/authorization", "/recognition"):
        problem = await ask(registry, changes, path=path, status=400)

        assert problem["errors"][0]["where"] == where
        assert {"type", "title", "status", "detail"} <= set(problem)


@pytest.mark.parametrize("field", ["entity_id", "authority_id", "action", "resource"])
async def test_a_question_without_one_of_the_four_is_malformed(registry: Registry, field: str) -> None:
    body = {"entity_id": ISSUER, "authority_id": "did:a:b", "action": "issue", "resource": "*"}
    del body[field]

    answer = await registry.public.post("/authorization", json=body, headers={"X-Request-ID": "q-1"})
    nonsense = await registry.public.post("/authorization", content=b"{", headers={"X-Request-ID": "no good"})

    assert (answer.status_code, answer.headers["x-request-id"]) == (400, "q-1")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["where"] == f"body.{field}"
    assert (nonsense.status_code, "x-request-id" in nonsense.headers) == (400, False)


async def test_the_answer_says_the_question_again(registry: Registry) -> None:
    context = {"time": "2025-06-01T00:00:00Z", "locator": "here", "x": "y"}

    answer = await ask(registry, {"context": context})
    without = await ask(registry)

    assert answer["context"] == context
    assert answer["time_requested"] == "2025-06-01T00:00:00Z"
    assert "context" not in without
    assert set(without) == {
        "entity_id", "authority_id", "action", "resource", "authorized", "time_requested", "time_evaluated", "message",
    }  # fmt: skip


async def test_an_answer_follows_the_newest_list_at_once(registry: Registry) -> None:
    assert (await ask(registry))["authorized"] is False
    granted = await registry.grant((await registry.entity())["id"])
    assert (await ask(registry))["authorized"] is True
    await registry.change(granted["id"], "suspend")
    assert (await ask(registry))["authorized"] is False
