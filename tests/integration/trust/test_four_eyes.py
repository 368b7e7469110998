"""Proposals over HTTP: one person proposes, another approves, and the signed list says by which rule."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.adapters.sql import Database
from shared.adapters.sql_api_keys import SqlApiKeys
from shared.vc.trust_list import TrustList
from shared.vc.trust_list_form import open_list
from tests.integration.trust.registry import ISSUER, Registry, running_registry, sqlite_url
from tests.support.nats_server import NatsServer

EDITOR, APPROVER = "an-editor-key-for-tests-only-0123456789", "an-approver-key-for-tests-only-0123456"
NEW = {"names": {"en": "Digital Skills Trust"}, "country": "KE", "dids": [ISSUER]}
GRANT = {"action": "issue", "resources": ["*"], "valid_from": "2025-01-01"}
TAKE_UP = [
    {"kind": "register", "entity": NEW},
    {"kind": "grant", "entity_of": ISSUER, "authorization": GRANT},
]


class Office:
    """A registry with an editor and an approver beside its administrator."""

    def __init__(self, registry: Registry, editor: httpx.AsyncClient, approver: httpx.AsyncClient) -> None:
        self.registry, self.editor, self.approver = registry, editor, approver

    async def propose(self, edits: list[dict[str, Any]], status: int = 201) -> dict[str, Any]:
        answer = await self.editor.post("/v1/proposals", json={"reason": "accredited", "edits": edits})
        assert answer.status_code == status, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def decide(
        self, proposal: dict[str, Any], verb: str = "approve", *, status: int = 200, **body: str
    ) -> dict[str, Any]:
        who = self.editor if verb == "withdraw" else self.approver
        answer = await who.post(f"/v1/proposals/{proposal['id']}/{verb}", json=body)
        assert answer.status_code == status, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def list(self) -> TrustList:
        about = await self.registry.about()
        found = await self.registry.public.get("/lists/demo")
        return open_list(found.text, operator_key=about["operator_key"], now=datetime.now(UTC))


@pytest.fixture
async def office(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[Office]:
    """An authority that takes two people."""
    url = sqlite_url(tmp_path)
    async with running_registry(url, nats_server, four_eyes=True) as registry, Database(url) as db:
        keys = SqlApiKeys(db)
        await keys.keep(EDITOR, "editor", ["register:read", "register:write"])
        await keys.keep(APPROVER, "approver", ["register:read", "register:write", "register:approve"])
        async with with_key(registry, EDITOR) as editor, with_key(registry, APPROVER) as approver:
            yield Office(registry, editor, approver)


@asynccontextmanager
async def with_key(registry: Registry, key: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=registry.base_url, headers={"Authorization": f"Bearer {key}"}
    ) as client:
        yield client


async def test_what_one_proposes_another_approves_and_the_list_shows_it(office: Office) -> None:
    proposal = await office.propose(TAKE_UP)
    assert (proposal["state"], (await office.list()).entities) == ("open", ())

    decided = await office.decide(proposal)

    listed = await office.list()
    entity = listed.entity_of(ISSUER)
    assert entity is not None
    assert [found.action for found in entity.authorizations] == ["issue"]
    assert listed.four_eyes is True
    assert decided["state"] == "approved"
    assert decided["decided_by"] != decided["proposed_by"]
    history = (await office.editor.get("/v1/history", params={"entity": entity.id})).json()["items"]
    assert {entry["actor"] for entry in history} == {decided["decided_by"]}
    assert {entry["facts"]["proposed_by"] for entry in history} == {decided["proposed_by"]}
    assert {entry["facts"]["because"] for entry in history} == {"accredited"}


async def test_nobody_approves_what_he_proposed(office: Office) -> None:
    answer = await office.approver.post("/v1/proposals", json={"reason": "mine", "edits": TAKE_UP})

    problem = await office.decide(answer.json(), status=403)

    assert "expected another person than the one who proposed it" in problem["detail"]
    assert (await office.list()).entities == ()


async def test_a_direct_change_is_refused_with_what_to_do(office: Office) -> None:
    answer = await office.registry.admin.post("/v1/entities", json=NEW)

    assert answer.status_code == 409
    assert "propose it at POST /v1/proposals" in answer.json()["detail"]


@pytest.mark.parametrize("verb", ["suspend", "compromise"])
async def test_one_person_alone_takes_trust_away_in_an_emergency(office: Office, verb: str) -> None:
    await office.decide(await office.propose(TAKE_UP))
    [entity] = (await office.list()).entities
    path = f"/v1/authorizations/{entity.authorizations[0].id}"

    answer = await office.editor.post(f"{path}/{verb}", json={"reason": "key seen in public"})
    undone = await office.editor.post(f"{path}/withdraw", json={"reason": "x", "earlier_awards_stand": True})

    assert answer.json()["status"] in {"suspended", "compromised"}
    assert undone.status_code == 409


async def test_a_proposal_whose_ground_changed_is_stale(office: Office) -> None:
    await office.decide(await office.propose(TAKE_UP))
    [entity] = (await office.list()).entities
    other = {"kind": "change", "entity_id": entity.id, "entity": NEW | {"country": "UG"}}
    first, second = await office.propose([other]), await office.propose([other])
    await office.decide(first)

    shown = (await office.editor.get(f"/v1/proposals/{second['id']}")).json()
    problem = await office.decide(second, status=409)

    assert shown["stale"] is True
    assert "was changed since it was made" in problem["detail"]


async def test_a_proposal_is_rejected_or_taken_back_once(office: Office) -> None:
    rejected = await office.decide(await office.propose(TAKE_UP), "reject", reason="no evidence")
    taken_back = await office.propose(TAKE_UP)
    foreign = await office.approver.post(f"/v1/proposals/{taken_back['id']}/withdraw")
    await office.decide(taken_back, "withdraw")

    again = await office.decide(taken_back, status=409)

    assert (rejected["state"], rejected["decision_reason"]) == ("rejected", "no evidence")
    assert foreign.status_code == 403
    assert "expected the person who proposed it" in foreign.json()["detail"]
    assert "expected an open proposal, found one that is withdrawn" in again["detail"]
    open_ones = (await office.editor.get("/v1/proposals", params={"state": "open"})).json()["items"]
    assert open_ones == []


async def test_what_could_not_be_made_is_not_proposed_either(office: Office) -> None:
    await office.decide(await office.propose(TAKE_UP))

    taken = await office.propose(TAKE_UP, status=409)
    unknown = await office.propose([{"kind": "grant", "entity_id": "x", "authorization": GRANT}], status=404)
    whose = await office.propose([{"kind": "grant", "authorization": GRANT}], status=422)
    stranger = await office.propose(
        [{"kind": "grant", "entity_of": "did:key:z6", "authorization": GRANT}], status=422
    )

    assert "already stands for an organisation" in taken["detail"]
    assert "there is no organisation 'x' here" in unknown["detail"]
    assert "expected either entity_id or entity_of" in whose["detail"]
    assert "expected entity_of to be a DID of an organisation registered before it" in stranger["detail"]
    assert (await office.editor.get("/v1/proposals/nothing")).status_code == 404
    assert len((await office.list()).entities) == 1


async def test_one_person_alone_cannot_end_the_rule_of_two(office: Office) -> None:
    admin = office.registry.admin
    alone = await admin.put("/v1/authority", json={"four_eyes": False})

    await office.decide(await office.propose([{"kind": "four_eyes", "four_eyes": False}]))

    assert alone.status_code == 409
    assert (await admin.get("/v1/authority")).json()["four_eyes"] is False
    assert (await office.list()).four_eyes is False


async def test_one_person_authorities_say_so_and_go_on_alone(registry: Registry) -> None:
    about = await registry.about()
    found = await registry.public.get("/lists/demo")
    assert open_list(found.text, operator_key=about["operator_key"], now=datetime.now(UTC)).four_eyes is False

    proposal = await registry.post("/v1/proposals", {"reason": "mine", "edits": TAKE_UP})
    approved = await registry.post(f"/v1/proposals/{proposal['id']}/approve", {}, status=200)
    changed = await registry.admin.put("/v1/authority", json={"four_eyes": True})

    assert approved["state"] == "approved"
    assert changed.json()["four_eyes"] is True
    assert (await registry.admin.post("/v1/entities", json=NEW)).status_code == 409


async def test_an_authority_that_begins_is_told_what_is_missing(registry: Registry) -> None:
    steps = {step["id"]: step["done"] for step in (await registry.admin.get("/v1/setup")).json()["steps"]}
    assert steps == {"list": True, "people": False, "organisation": False, "issuer": False}

    await registry.grant((await registry.entity())["id"])

    shown = (await registry.admin.get("/v1/setup")).json()
    assert [step["id"] for step in shown["steps"] if not step["done"]] == ["people"]
    assert shown["complete"] is False


async def test_a_did_has_its_days(registry: Registry) -> None:
    later: dict[str, Any] = {"did_periods": [{"did": ISSUER, "from": "2025-02-01", "to": "2026-01-31"}]}
    entity = await registry.entity(**later)
    await registry.grant(entity["id"])

    about = await registry.about()
    found = await registry.public.get("/lists/demo")
    listed = open_list(found.text, operator_key=about["operator_key"], now=datetime.now(UTC)).entities[0]

    assert entity["did_periods"] == [{"did": ISSUER, "from": "2025-02-01", "to": "2026-01-31"}]
    assert str(listed.did_periods[ISSUER].until) == "2026-01-31"
    bad = await registry.admin.put(
        f"/v1/entities/{entity['id']}",
        json=NEW | {"did_periods": [{"did": ISSUER, "from": "2026-02-01", "to": "2026-01-31"}]},
    )
    assert "expected the last day of" in bad.json()["detail"]
