from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.vc.trust_list_form import open_list
from shared.vc.webvh import verify_log
from tests.integration.trust.registry import ISSUER, VERIFIER, Registry, running_registry, sqlite_url
from tests.support.nats_server import NatsServer
from tests.support.wait import until

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).isoformat()
LAST_WEEK = (datetime.now(UTC) - timedelta(days=7)).isoformat()


async def test_a_fresh_registry_serves_a_signed_empty_list(registry: Registry) -> None:
    about = await registry.about()
    answer = await registry.public.get("/lists/demo")

    assert answer.headers["content-type"] == "application/jose"
    found = open_list(answer.text, operator_key=about["operator_key"], name="demo", now=datetime.now(UTC))
    assert (found.sequence, found.entities, found.territory) == (1, (), "KE")
    assert found.operator() == "Skills Quality Authority"
    assert found.digest == about["digest"]


async def test_the_authority_has_a_did_of_its_own_whose_key_signs(registry: Registry) -> None:
    about = await registry.about()
    log = await registry.public.get("/authority/demo/did.jsonl")

    history = verify_log(about["operator_did"], log.text, max_entries=10)

    assert about["kid"] in history.document["assertionMethod"]
    assert about["kid"].endswith(about["operator_key"])


async def test_every_change_is_published_with_a_higher_number_and_chained(registry: Registry) -> None:
    before = await registry.about()
    entity = await registry.entity()
    authorization = await registry.grant(entity["id"], highest_level={"framework": "eqf", "level": 5})
    await registry.change(authorization["id"], "suspend")

    key, now = before["operator_key"], datetime.now(UTC)
    issues = [
        open_list((await registry.public.get(f"/lists/demo/{number}")).text, operator_key=key, now=now)
        for number in range(1, 5)
    ]

    assert [issue.sequence for issue in issues] == [1, 2, 3, 4]
    assert [issue.previous for issue in issues] == [None, *(issue.digest for issue in issues[:3])]
    [listed] = issues[3].entities[0].authorizations
    assert [period.status for period in listed.periods] == ["granted", "suspended"]
    assert str(listed.highest_level) == "eqf 5"


async def test_a_list_is_not_sent_again_to_who_has_it(registry: Registry) -> None:
    first = await registry.public.get("/lists/demo")
    again = await registry.public.get("/lists/demo", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert "immutable" in (await registry.public.get("/lists/demo/1")).headers["cache-control"]


async def test_an_authorization_keeps_its_history(registry: Registry) -> None:
    entity = await registry.entity()
    authorization = await registry.grant(entity["id"])
    await registry.change(authorization["id"], "suspend", effective_at=LAST_WEEK)
    await registry.change(authorization["id"], "reinstate", effective_at=YESTERDAY)
    await registry.change(authorization["id"], "withdraw", earlier_awards_stand=True)
    await registry.change(authorization["id"], "compromise")

    shown = (await registry.admin.get(f"/v1/authorizations/{authorization['id']}")).json()
    history = (await registry.admin.get("/v1/history", params={"entity": entity["id"]})).json()["items"]

    assert [period["status"] for period in shown["history"]] == [
        "granted", "suspended", "granted", "withdrawn", "compromised",
    ]  # fmt: skip
    assert shown["history"][3]["earlier_awards_stand"] is True
    assert [entry["what"] for entry in history] == [
        "entity.registered.v1",
        "authorization.granted.v1",
        "authorization.suspended.v1",
        "authorization.granted.v1",
        "authorization.withdrawn.v1",
        "authorization.compromised.v1",
    ]
    [actor] = {entry["actor"] for entry in history}
    assert actor.startswith("key:")


@pytest.mark.parametrize(
    ("verbs", "last", "complaint"),
    [
        (
            [],
            "reinstate",
            "expected an authorization that is lapsed or suspended to reinstate, found one that is granted",
        ),
        (
            ["lapse"],
            "suspend",
            "expected an authorization that is granted to suspend, found one that is lapsed",
        ),
        (["compromise"], "reinstate", "found one that is compromised; grant a new one instead"),
        (["compromise"], "compromise", "found one that is compromised"),
    ],
)
async def test_a_status_that_cannot_follow_is_refused(
    registry: Registry, verbs: list[str], last: str, complaint: str
) -> None:
    authorization = await registry.grant((await registry.entity())["id"])
    for verb in verbs:
        await registry.change(authorization["id"], verb)
    number = (await registry.about())["sequence"]

    answer = await registry.admin.post(
        f"/v1/authorizations/{authorization['id']}/{last}", json={"reason": "x"}
    )

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert complaint in answer.json()["detail"]
    assert (await registry.about())["sequence"] == number


async def test_a_change_may_not_lie_ahead_or_before_the_last(registry: Registry) -> None:
    authorization = await registry.grant((await registry.entity())["id"])
    path = f"/v1/authorizations/{authorization['id']}/lapse"
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()

    ahead = await registry.admin.post(path, json={"reason": "x", "effective_at": tomorrow})
    before = await registry.admin.post(path, json={"reason": "x", "effective_at": "2024-12-31T00:00:00Z"})

    assert (ahead.status_code, before.status_code) == (409, 409)
    assert "a planned end is the authorization's valid_to" in ahead.json()["detail"]
    assert "not before 2025-01-01T00:00:00+00:00, when it became granted" in before.json()["detail"]


async def test_the_list_can_be_issued_with_the_longest_authorization_there_is(registry: Registry) -> None:
    entity = await registry.entity()
    await registry.grant(entity["id"], valid_from="0001-01-01", valid_to="9999-12-31")
    assert (await registry.about())["sequence"] == 3


async def test_a_moment_outside_the_calendar_is_refused(registry: Registry) -> None:
    entity = await registry.entity()
    authorization = await registry.grant(entity["id"])
    answer = await registry.admin.post(
        f"/v1/authorizations/{authorization['id']}/suspend",
        json={"reason": "x", "effective_at": "0001-01-01T00:00:00+14:00"},
    )
    assert answer.status_code == 422
    assert "years 1 to 9999" in answer.text


async def test_a_withdrawal_must_say_whether_earlier_awards_stand(registry: Registry) -> None:
    authorization = await registry.grant((await registry.entity())["id"])

    answer = await registry.admin.post(
        f"/v1/authorizations/{authorization['id']}/withdraw", json={"reason": "x"}
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == "body.earlier_awards_stand"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"resources": ["*", "esco"]}, "expected '*', an edition id, a skill URI"),
        ({"resources": ["http://a*b*"]}, "expected '*', an edition id, a skill URI"),
        ({"resources": ["isced-f:x"]}, "expected '*', an edition id, a skill URI"),
        (
            {"jurisdictions": ["Kenya"]},
            "expected a country as two capital letters (ISO 3166-1), found 'Kenya'",
        ),
        ({"valid_to": "2024-01-01"}, "expected valid_to on or after 2025-01-01, found 2024-01-01"),
        ({"dids": [VERIFIER]}, "expected DIDs of this organisation"),
    ],
)
async def test_an_authorization_that_says_nonsense_is_refused(
    registry: Registry, changes: dict[str, object], complaint: str
) -> None:
    entity = await registry.entity()
    body = {"action": "issue", "resources": ["*"], "valid_from": "2025-01-01"} | changes

    answer = await registry.admin.post(f"/v1/entities/{entity['id']}/authorizations", json=body)

    assert answer.status_code == 422
    assert complaint in answer.json()["detail"]
    assert (await registry.admin.get(f"/v1/entities/{entity['id']}")).json()["authorizations"] == []


async def test_a_did_stands_for_one_organisation_only(registry: Registry) -> None:
    await registry.entity()
    body = {"names": {"en": "An impostor"}, "country": "KE", "dids": [ISSUER]}

    answer = await registry.admin.post("/v1/entities", json=body)

    assert answer.status_code == 409
    assert "already stands for an organisation in this register" in answer.json()["detail"]
    assert len((await registry.admin.get("/v1/entities")).json()["items"]) == 1


async def test_an_entity_needs_a_real_did_and_country(registry: Registry) -> None:
    for changes, complaint in (
        ({"dids": ["issuer.example"]}, "expected a DID such as did:webvh:"),
        ({"country": "ke"}, "expected a country as two capital letters"),
    ):
        body = {"names": {"en": "X"}, "country": "KE", "dids": [ISSUER]} | changes
        answer = await registry.admin.post("/v1/entities", json=body)
        assert answer.status_code == 422
        assert complaint in answer.json()["detail"]


async def test_an_entity_may_change_but_not_lose_a_did_it_is_trusted_by(registry: Registry) -> None:
    entity = await registry.entity()
    await registry.grant(entity["id"])
    body = {"names": {"en": "New name", "sw": "Jina jipya"}, "country": "KE", "dids": [ISSUER, VERIFIER]}

    changed = await registry.admin.put(f"/v1/entities/{entity['id']}", json=body)
    lost = await registry.admin.put(f"/v1/entities/{entity['id']}", json=body | {"dids": [VERIFIER]})

    assert changed.json()["names"] == {"en": "New name", "sw": "Jina jipya"}
    assert changed.json()["authorizations"][0]["dids"] == [ISSUER]
    assert lost.status_code == 422
    assert "expected the DIDs its authorizations name to stay" in lost.json()["detail"]


async def test_pages_follow_one_another(registry: Registry) -> None:
    for number in range(3):
        await registry.entity(f"did:webvh:Qm{number}:host.test")

    first = (await registry.admin.get("/v1/entities", params={"limit": 2})).json()
    second = (await registry.admin.get("/v1/entities", params={"limit": 2, "after": first["next"]})).json()

    assert [len(first["items"]), len(second["items"]), second["next"]] == [2, 1, None]


@pytest.mark.parametrize("path", ["/v1/entities", "/v1/history", "/v1/entities/x", "/v1/authorizations/x"])
async def test_the_register_needs_an_api_key(registry: Registry, path: str) -> None:
    assert (await registry.public.get(path)).status_code == 401


@pytest.mark.parametrize(
    "path", ["/v1/entities/x", "/v1/authorizations/x", "/lists/other", "/lists/demo/99", "/v1/lists/other"]
)
async def test_what_is_not_there_is_said_so(registry: Registry, path: str) -> None:
    answer = await registry.admin.get(path)

    assert answer.status_code == 404
    assert any(words in answer.json()["detail"] for words in ("there is no", "expected the list"))
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_repeated_post_with_an_idempotency_key_registers_once(registry: Registry) -> None:
    body = {"names": {"en": "Once"}, "country": "KE", "dids": [ISSUER]}
    headers = {"Idempotency-Key": "once"}

    first = await registry.admin.post("/v1/entities", json=body, headers=headers)
    again = await registry.admin.post("/v1/entities", json=body, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


async def test_the_page_says_who_is_trusted_for_what(registry: Registry) -> None:
    authorization = await registry.grant((await registry.entity(names={"en": "<b>Trust</b>"}))["id"])
    await registry.change(
        authorization["id"], "withdraw", earlier_awards_stand=False, reason="sold certificates"
    )

    page = (await registry.public.get("/")).text

    assert "&lt;b&gt;Trust&lt;/b&gt;" in page
    assert "Since 1 January 2025" in page
    assert "Withdrawn" in page
    assert "Nothing counts, whenever it was awarded." in page
    assert (await registry.about())["operator_key"] in (await registry.public.get("/check")).text


async def test_the_register_survives_a_restart(tmp_path: Path, nats_server: NatsServer) -> None:
    async with running_registry(sqlite_url(tmp_path), nats_server) as before:
        await before.grant((await before.entity())["id"])
        first = await before.about()

    async with running_registry(sqlite_url(tmp_path), nats_server) as after:
        assert await after.about() == first


async def test_a_list_is_renewed_before_its_next_update(tmp_path: Path, nats_server: NatsServer) -> None:
    async with running_registry(sqlite_url(tmp_path), nats_server, validity_hours=4 / 3600) as registry:

        async def renewed() -> bool:
            return bool((await registry.about())["sequence"] >= 2)

        await until(renewed, 30, "the list is renewed")


async def test_the_validity_of_lists_can_be_set(registry: Registry) -> None:
    shown = (await registry.admin.put("/v1/lists/demo", json={"validity_hours": 2})).json()

    issued, next_update = (datetime.fromisoformat(shown[name]) for name in ("issued", "next_update"))
    assert (shown["validity_hours"], next_update - issued) == (2, timedelta(hours=2))


async def test_health_readiness_and_openapi(registry: Registry) -> None:
    assert (await registry.public.get("/health")).json() == {"status": "ok"}
    assert (await registry.public.get("/ready")).json()["checks"] == {"database": "ok", "nats": "ok"}
    paths = (await registry.public.get("/openapi.json")).json()["paths"]
    assert {"/authorization", "/recognition", "/lists/{name}", "/v1/entities"} <= set(paths)


async def test_why_something_was_changed_stays_in_the_history(registry: Registry) -> None:
    body = {"names": {"en": "Digital Skills Trust"}, "country": "KE", "dids": [ISSUER]}
    entity = (await registry.admin.post("/v1/entities", params={"reason": "decision 17"}, json=body)).json()
    path = f"/v1/entities/{entity['id']}"
    grant = {"action": "issue", "resources": ["*"], "valid_from": "2025-01-01"}
    await registry.admin.post(f"{path}/authorizations", params={"reason": "decision 18"}, json=grant)
    await registry.admin.put(path, json=body | {"country": "UG"})
    await registry.admin.put("/v1/lists/demo", params={"reason": "holidays"}, json={"validity_hours": 48})

    items = (await registry.admin.get("/v1/history")).json()["items"]
    assert [item["facts"].get("because") for item in items] == [
        "decision 17",
        "decision 18",
        None,
        "holidays",
    ]
    empty = await registry.admin.post("/v1/entities", params={"reason": ""}, json=body)
    assert empty.status_code == 422
