"""What becomes of a change when something beside the registry fails."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.trust_registry.adapters.sql_register import SqlRegister
from services.trust_registry.domain.register import Entity, HistoryEntry
from shared.adapters.did_host import DidHost
from shared.adapters.sql import Database
from shared.adapters.sql_api_keys import SqlApiKeys
from shared.vc.trust_list_form import open_list, signing_key
from tests.integration.trust.registry import HOST, ISSUER, VERIFIER, Registry, running_registry, sqlite_url
from tests.support.nats_server import NatsServer


async def test_a_list_is_issued_while_nats_is_away(registry: Registry, nats_server: NatsServer) -> None:
    nats_server.stop()

    await registry.grant((await registry.entity())["id"])

    assert (await registry.about())["sequence"] == 3
    ready = await registry.public.get("/ready")
    assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "ok")
    nats_server.start()


async def test_a_change_that_a_crash_left_unpublished_is_published_at_the_next_start(
    tmp_path: Path, nats_server: NatsServer
) -> None:
    url = sqlite_url(tmp_path)
    async with running_registry(url, nats_server) as before:
        number = (await before.about())["sequence"]
    database = Database(url)
    register = SqlRegister(database, name="demo", validity=timedelta(hours=24))
    entry = HistoryEntry(id="h1", at=datetime.now(UTC), actor="officer", what="entity.registered.v1")
    async with register.changing() as change:  # and no list, as an earlier version left it
        await change.add_entity(Entity(id="e1", names={"en": "Trust"}, country="KE", dids=(ISSUER,)), entry)
    await database.close()

    async with running_registry(url, nats_server) as after:
        assert (await after.about())["sequence"] == number + 1
        assert (await after.admin.get("/v1/entities/e1")).status_code == 200


async def test_a_change_whose_list_cannot_be_signed_is_not_made(
    database_url: str, nats_server: NatsServer
) -> None:
    async with running_registry(database_url, nats_server) as before:
        entity = await before.entity()
        authorization = await before.grant(entity["id"])
        as_it_was = await everything(before)

    another = b64encode(bytes([1] * 32)).decode()
    async with running_registry(database_url, nats_server, secret_key=another) as unable:
        body = {key: entity[key] for key in ("names", "country", "dids")}
        for method, path, change in (
            ("POST", "/v1/entities", body | {"dids": [VERIFIER]}),
            ("PUT", f"/v1/entities/{entity['id']}", body | {"country": "UG"}),
            (
                "POST",
                f"/v1/entities/{entity['id']}/authorizations",
                {"action": "verify", "resources": ["*"], "valid_from": "2025-01-01"},
            ),
            ("POST", f"/v1/authorizations/{authorization['id']}/suspend", {"reason": "A test."}),
            ("PUT", "/v1/lists/demo", {"validity_hours": 2}),
            ("POST", "/v1/lists/demo/issue", {}),
        ):
            answer = await unable.admin.request(method, path, json=change)
            assert answer.status_code == 500, f"{method} {path}: {answer.text}"
            assert await everything(unable) == as_it_was, f"{method} {path} left something behind"

    async with running_registry(database_url, nats_server) as after:
        assert await everything(after) == as_it_was  # nothing waits to be published


async def everything(registry: Registry) -> list[dict[str, object]]:
    """What the registry says of organisations, of what was done, and of its list."""
    paths = ("/v1/entities", "/v1/history", "/v1/lists/demo")
    return [(await registry.admin.get(path)).json() for path in paths]


async def test_a_list_is_issued_under_a_key_whose_replacement_was_cut_short(
    tmp_path: Path, nats_server: NatsServer
) -> None:
    url = sqlite_url(tmp_path)
    async with running_registry(url, nats_server) as before:
        await before.grant((await before.entity())["id"])
        about = await before.about()
        database = Database(url)
        await DidHost(database, bytes(32), HOST).rotate(about["operator_did"])
        await database.close()
        query = {
            "authority_id": about["operator_did"], "entity_id": ISSUER, "action": "issue", "resource": "any:thing"
        }  # fmt: skip
        assert (await before.public.post("/authorization", json=query)).status_code == 200
        newest = (await before.public.get("/lists/demo")).text
        assert signing_key(newest) == f"{about['operator_did']}#{about['operator_key']}"

    async with running_registry(url, nats_server) as after:
        again = await after.about()
        assert again["sequence"] == about["sequence"] + 1
        assert again["operator_key"] != about["operator_key"]
        open_list(
            (await after.public.get("/lists/demo")).text,
            operator_key=again["operator_key"],
            now=datetime.now(UTC),
        )


async def test_a_key_with_fewer_scopes_may_do_less(registry: Registry, tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path))
    reader = await SqlApiKeys(database).create("auditor", ["register:read"])
    await database.close()
    headers = {"Authorization": f"Bearer {reader}"}

    assert (await registry.public.get("/v1/history", headers=headers)).status_code == 200
    refused = await registry.public.post("/v1/lists/demo/issue", json={}, headers=headers)
    assert refused.status_code == 403
    assert "lacks the scope 'lists:issue'" in refused.json()["detail"]
