"""Several organisations on one issuer: each answers as if the others were not there, on SQLite and on PostgreSQL.

The service's own app over its own database; agent and streams are away, which none of these routes needs.
"""

import base64
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from issuer.adapters.sql_privacy import SqlPrivacyRequests
from issuer.adapters.sql_records import SqlRecords
from issuer.domain.award import Award, Exchange, Issued, SentCredential
from issuer.domain.batch import CohortRow
from issuer.domain.claim import claim_token
from issuer.domain.organisation import Definition, Organisation
from issuer.domain.privacy_request import PrivacyRequest, RequestKind
from issuer.domain.revocation import Revocation
from issuer.domain.revocation_order import RevocationOrder
from issuer.domain.same_person import NO_KEYS
from issuer.main import MIGRATIONS, console_of, create_app
from issuer.settings import Settings
from shared.adapters.clock import utc_now
from shared.adapters.did_host import DidHost
from shared.adapters.sql import Database
from shared.adapters.sql_api_keys import SqlApiKeys
from shared.adapters.sql_members import SqlMembers
from shared.adapters.sql_outbox import Outbox
from shared.adapters.sql_webhooks import SqlWebhooks
from shared.ports.api_keys import ADMIN, OPERATE
from tests.support.databases import migrated
from tests.support.issuer import (
    SECRET,
    START,
    batch_of,
    new_id,
    prepared_award,
    programme,
    published_template,
)

BASE = "http://issuer.example"
HERS, ITS = "umoja", "elimu"
REISSUE = {"reason": "lost_phone", "identity_check": {"method": "document"}}
SENT = SentCredential(Exchange("connection", "exchange"), "registry", "7")

ASKED_AT = {"asked_at": "2026-11-22T08:00:00Z"}
BODIES: dict[str, dict[str, Any]] = {
    "PUT /v1/batches/{batch_id}/rows/{row}": {"json": {"given_name": "Amani"}},
    "POST /v1/batches/{batch_id}/approve": {"json": ASKED_AT},
    "POST /v1/batches/{batch_id}/send-back": {"json": {**ASKED_AT, "reason": "A mistake."}},
    "PUT /v1/templates/{template_id}": {"json": programme()},
    "PUT /v1/members/{member_id}/roles": {"json": {"roles": ["admin"]}},
    "POST /v1/awards/{award_id}/revoke": {"json": {"reason": "A mistake."}},
    "POST /v1/webhooks/{webhook_id}/rotate-secret": {"json": {}},
    "POST /v1/webhooks/{webhook_id}/replay": {"json": {"since": "2026-11-22T08:00:00Z"}},
    "POST /v1/awards/{award_id}/suspend": {"json": {"reason": "A doubt."}},
    "POST /v1/awards/{award_id}/reinstate": {"json": {"reason": "No doubt."}},
    "POST /v1/awards/{award_id}/supersede": {"json": {"reason": "A mistake.", "given_name": "Amani"}},
    "POST /v1/questions/{award_id}/answers": {"json": {"text": "Corrected."}},
    "POST /v1/awards/{award_id}/claim-together": {"json": {"identity_check": {"method": "document"}}},
    "POST /v1/awards/{award_id}/reissue": {"json": REISSUE},
    "POST /v1/privacy-requests/{request_id}/check": {
        "json": {"awards": [str(UUID(int=1))], "identity_check": {"method": "document"}}
    },
    "POST /v1/privacy-requests/{request_id}/answer": {"json": {"outcome": "nothing_held"}},
}
"""What each route wants besides an id."""
QUERIES = {
    "POST /v1/batches/check?template={template_id}": {
        "content": b"given_name\n",
        "headers": {"Content-Type": "text/csv"},
    },
    "POST /v1/batches?template={template_id}": {
        "content": b"given_name\n",
        "headers": {"Content-Type": "text/csv"},
    },
    "GET /v1/awards?batch={batch_id}": {},
    "GET /v1/awards?template={template_id}": {},
    "GET /v1/awards.csv?batch={batch_id}": {},
}
"""Routes that take an id as a parameter."""
ORDER = UUID("019aa000-0000-7000-8000-000000000007")
ROW = "2"
"""A row's number is no id: it says nothing of anybody."""
OPERATORS = re.compile(r"\w+ /v1/(organisations|didcomm|work)(/|$)")
"""Routes that no organisation's administrator may use at all."""


@dataclass
class World:
    """The service, an administrator of each organisation, and what the first one has."""

    url: str
    app: FastAPI
    host: DidHost
    http: httpx.AsyncClient
    records: SqlRecords
    keys: dict[str, str]
    ids: dict[str, str]

    async def ask(self, who: str, route: str, ids: dict[str, str], **more: Any) -> httpx.Response:  # noqa: ANN401 - whatever httpx takes
        method, _, path = route.partition(" ")
        headers = {"Authorization": f"Bearer {self.keys[who]}", **more.pop("headers", {})}
        return await self.http.request(method, path.format(**ids), headers=headers, **more)

    def routes_with_ids(self) -> list[str]:
        return [
            f"{method.upper()} {path}"
            for path, methods in self.app.openapi()["paths"].items()
            for method in methods
            if path.startswith("/v1/") and "{" in path
        ]


def settings(url: str) -> Settings:
    return Settings(
        profile="development",
        port=8400,
        base_url=BASE,
        database_url=url,
        secret_key=base64.b64encode(SECRET).decode(),
        nats_url="nats://127.0.0.1:1",
        nats_user="issuer",
        nats_password="password",
        host_map={"issuer.ujuzi.test": BASE},
        agent_url="http://127.0.0.1:1",
        agent_key="key",
        did_host="issuer.ujuzi.test",
        organisation_name="Umoja",
        organisation_slug=HERS,
        organisation_country="KE",
    )


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    told = settings(database_url)
    async with migrated(database_url, MIGRATIONS) as db:
        records = SqlRecords(db, Outbox(db))
        host = DidHost(db, told.sealing_key, told.did_host)
        award = await furnish(records, host)
        keys, ids = await keys_of(db)
        invited = (
            await console_of(told, db)
            .manage.of(HERS)
            .invite(name="Amina", email="amina@example.org", roles=frozenset({"officer"}))
        )
        ids["member_id"] = invited.member.id
        webhooks = SqlWebhooks(db, told.sealing_key).of(HERS)
        hook, _ = await webhooks.create("https://umoja.test/told", events=[], description="", now=START)
        ids |= {"webhook_id": hook.id, "delivery_id": (await webhooks.test(hook.id, now=START)).id}
        asked = PrivacyRequest(new_id(), HERS, 0, RequestKind.ACCESS, (award.id,), START, "key:1")
        ids["request_id"] = str((await SqlPrivacyRequests(db).add(asked)).id)
        app = create_app(told)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as http:
            ids |= {
                "template_id": str(award.template_id),
                "batch_id": str(award.batch_id),
                "award_id": str(award.id),
                "order_id": str(ORDER),
                "row": ROW,
            }
            yield World(database_url, app, host, http, records, keys, ids)


async def furnish(records: SqlRecords, host: DidHost) -> Award:
    """Two organisations; the first has a programme, a cohort and an issued award."""
    async with records.transaction() as tx:
        for slug in (HERS, ITS):
            await tx.add_organisation(
                Organisation(slug, slug.title(), "KE", f"did:webvh:QmTest:{host.host}:orgs:{slug}")
            )
            await tx.save_definition(Definition(slug, "1.0", "revocable", "schema", f"definition of {slug}"))
    template = published_template(organisation=HERS)
    batch = batch_of(template)
    award = prepared_award(template, batch, state=Issued(SENT))
    async with records.transaction() as tx:
        await tx.save_template(template)
        await tx.add_batch(batch, [award])
        await tx.add_rows([CohortRow(batch.id, HERS, int(ROW), {"given_name": "Amina"}, (), NO_KEYS)])
        await tx.save_revocation(Revocation(new_id(), HERS, award.id, SENT, "A mistake.", START))
        await tx.add_order(order_of(award))
    return award


def order_of(award: Award) -> RevocationOrder:
    """An order to revoke the award's whole cohort; nothing carries it out here."""
    return RevocationOrder(
        id=ORDER,
        organisation=HERS,
        batch_id=award.batch_id,
        award_ids=(),
        reason="A mistake.",
        notify=False,
        by="key:7",
        total=1,
        asked_at=START,
    )


async def keys_of(db: Database) -> tuple[dict[str, str], dict[str, str]]:
    """An administrator's key for each, the operator's, and ids of things that the first one has."""
    api_keys, keys = SqlApiKeys(db), {}
    for slug in (HERS, ITS):
        kept, keys[slug] = await api_keys.make(
            name=slug, scopes=frozenset({ADMIN}), expires_at=None, made_by="command", organisation=slug
        )
        if slug == HERS:
            hers = kept.id
    keys["operator"] = "an operator's key"
    await api_keys.keep(keys["operator"], "operator", [OPERATE])
    return keys, {"key_id": hers}


def without_trace(answer: httpx.Response, ids: dict[str, str]) -> tuple[int, str]:
    """The answer with each id by its name, and without what names this very request."""
    body = answer.json()
    for name in ("instance", "trace_id"):
        body.pop(name, None)
    text = json.dumps(body, sort_keys=True)
    for name, value in ids.items():
        text = text.replace(value, name)
    return answer.status_code, text


async def test_what_another_organisation_has_is_answered_as_if_it_did_not_exist(world: World) -> None:
    routes = [route for route in world.routes_with_ids() if not OPERATORS.match(route)]
    assert len(routes) >= 14
    for route in (*routes, *QUERIES):
        more = BODIES.get(route) or QUERIES.get(route) or {}
        unknown = {name: str(uuid4()) for name in world.ids} | {"row": ROW}

        theirs = await world.ask(ITS, route, world.ids, **more)
        nobodys = await world.ask(ITS, route, unknown, **more)

        assert without_trace(theirs, world.ids) == without_trace(nobodys, unknown), route
        assert theirs.status_code == 404, route
        assert (await world.ask(HERS, route, world.ids, **more)).status_code != 404, (
            f"{route}: the id is hers"
        )


async def test_each_sees_its_own_webhooks_and_their_deliveries(world: World) -> None:
    (hers,) = (await world.ask(HERS, "GET /v1/webhooks", {})).json()
    assert hers["id"] == world.ids["webhook_id"]
    assert (await world.ask(ITS, "GET /v1/webhooks", {})).json() == []
    await world.ask(HERS, "POST /v1/awards/{award_id}/suspend", world.ids, json={"reason": "A doubt."})
    told = (await world.ask(HERS, "GET /v1/webhooks/{webhook_id}/deliveries", world.ids)).json()["items"]
    assert [each["type"] for each in told] == ["award.suspended", "webhook.test"]


@pytest.mark.parametrize("path", ["/v1/templates", "/v1/awards", "/v1/api-keys", "/v1/audit", "/v1/members"])
async def test_lists_hold_what_is_ones_own(world: World, path: str) -> None:
    await world.ask(HERS, "POST /v1/templates", {}, json=programme())
    hers = (await world.ask(HERS, f"GET {path}", {})).json()["items"]
    assert hers
    theirs = (await world.ask(ITS, f"GET {path}", {})).json()["items"]
    assert not {each["id"] for each in hers} & {each["id"] for each in theirs}


async def test_each_says_who_it_is_itself(world: World) -> None:
    names = [(await world.ask(who, "GET /v1/organisation", {})).json()["name"] for who in (HERS, ITS)]
    assert names == ["Umoja", "Elimu"]


class TestTheOperator:
    async def test_takes_up_an_organisation_whose_did_is_there_at_once(self, world: World) -> None:
        new = {"slug": "amal", "name": "  Amal Trust ", "country": "SO"}
        made = await world.ask("operator", "POST /v1/organisations", {}, json=new)
        assert made.status_code == 201, made.text
        assert (made.json()["state"], made.json()["name"]) == ("preparing", "Amal Trust")
        log = await world.http.get("/orgs/amal/did.jsonl")
        assert made.json()["did"] in log.text

        again = await world.ask("operator", "POST /v1/organisations", {}, json=new)
        assert (again.status_code, "amal already" in again.json()["detail"]) == (409, True)
        listed = (await world.ask("operator", "GET /v1/organisations?limit=2", {})).json()
        assert [each["slug"] for each in listed["items"]] == ["amal", "elimu"]
        rest = (await world.ask("operator", f"GET /v1/organisations?after={listed['next']}", {})).json()
        assert [each["slug"] for each in rest["items"]] == ["umoja"]
        one = await world.ask("operator", "GET /v1/organisations/{slug}", {"slug": "umoja"})
        assert one.json()["state"] == "ready"

    @pytest.mark.parametrize(
        "wrong",
        [{"slug": "../etc"}, {"slug": "A"}, {"name": " "}, {"country": "Kenya"}, {"did": "did:web:x"}],
    )
    async def test_is_refused_what_no_organisation_can_be(self, world: World, wrong: dict[str, str]) -> None:
        new = {"slug": "amal", "name": "Amal", "country": "SO", **wrong}
        assert (await world.ask("operator", "POST /v1/organisations", {}, json=new)).status_code == 422

    async def test_reads_no_award_and_acts_for_nobody(self, world: World) -> None:
        asked = [route for route in world.routes_with_ids() if not OPERATORS.match(route)]
        lists = [f"GET /v1/{name}" for name in ("organisation", "templates", "awards", "audit", "api-keys")]
        for route in (*asked, *QUERIES, *lists, "POST /v1/keys/rotate", "POST /v1/templates"):
            answer = await world.ask("operator", route, world.ids, **(BODIES.get(route) or {"json": {}}))
            assert answer.status_code == 403, route

    async def test_with_an_organisations_scopes_still_belongs_to_none(self, world: World) -> None:
        async with Database(world.url) as db:
            await SqlApiKeys(db).keep("of nobody", "stray", [ADMIN])
        world.keys["stray"] = "of nobody"
        refused = await world.ask("stray", "GET /v1/awards", {})
        assert (refused.status_code, "belong to no organisation" in refused.json()["detail"]) == (403, True)

    async def test_alone_does_what_concerns_all(self, world: World) -> None:
        for route in world.routes_with_ids():
            if OPERATORS.match(route):
                ids = {"slug": HERS, "sequence": "1"}
                assert (await world.ask(HERS, route, ids)).status_code == 403, route
        new = {"slug": "amal", "name": "Amal", "country": "SO"}
        assert (await world.ask(HERS, "POST /v1/organisations", {}, json=new)).status_code == 403
        key = await world.ask(HERS, "POST /v1/api-keys", {}, json={"name": "x", "scopes": [OPERATE]})
        assert (key.status_code, "You do not have organisations:write" in key.json()["detail"]) == (403, True)

    async def test_lets_the_first_administrator_in_and_nobody_after_her(self, world: World) -> None:
        async def invite(slug: str, email: str) -> httpx.Response:
            body = {"name": "Fatuma", "email": email}
            return await world.ask(
                "operator", "POST /v1/organisations/{slug}/invitation", {"slug": slug}, json=body
            )

        first = await invite(ITS, "amina@example.org")
        assert first.status_code == 201, first.text
        assert first.json()["member"]["roles"] == ["admin"]
        assert (await invite(ITS, "amina@example.org")).status_code == 201, "her link was lost"
        assert (await invite("nobody", "amina@example.org")).status_code == 404
        assert (await invite(ITS, "nothing")).status_code == 422
        record = (await world.ask(ITS, "GET /v1/audit", {})).json()["items"]
        assert record[0]["what"] == "POST /v1/organisations/{slug}/invitation"
        again = await invite(ITS, "amina@example.org")
        async with Database(world.url) as db:
            await SqlMembers(db).redeem(again.json()["invitation_url"].partition("#")[2], now=utc_now())
        refused = await invite(ITS, "operator@example.org")
        assert (refused.status_code, "has joined already" in refused.json()["detail"]) == (409, True)

    async def test_and_members_have_roles_of_their_own(self, world: World) -> None:
        member = {"name": "Baraka", "email": "b@example.org"}
        for role, status in (("operator", 422), ("officer", 201)):
            made = await world.ask(HERS, "POST /v1/members", {}, json={**member, "roles": [role]})
            assert made.status_code == status, role

    async def test_suspends_an_organisation_at_once_and_lets_it_go_on(self, world: World) -> None:
        where = {"slug": HERS}
        suspended = await world.ask("operator", "POST /v1/organisations/{slug}/suspend", where)
        assert suspended.json()["state"] == "suspended"
        refused = await world.ask(HERS, "GET /v1/awards", {})
        assert (refused.status_code, "has suspended your organisation" in refused.json()["detail"]) == (
            403,
            True,
        )
        assert (await world.ask(ITS, "GET /v1/awards", {})).status_code == 200
        unknown = await world.ask("operator", "POST /v1/organisations/{slug}/suspend", {"slug": "nobody"})
        assert unknown.status_code == 404

        back = await world.ask("operator", "POST /v1/organisations/{slug}/reinstate", where)
        assert (back.json()["state"], back.json()["suspended_at"]) == ("ready", None)
        assert (await world.ask(HERS, "GET /v1/awards", {})).status_code == 200

    async def test_lifts_the_suspension_of_the_organisation_whose_key_it_uses(self, world: World) -> None:
        async with Database(world.url) as db:
            await SqlApiKeys(db).keep("first key", "bootstrap", [ADMIN, OPERATE], organisation=HERS)
        world.keys["bootstrap"] = "first key"
        assert (await world.ask("bootstrap", "GET /v1/awards", {})).status_code == 200
        await world.ask("bootstrap", "POST /v1/organisations/{slug}/suspend", {"slug": HERS})
        assert (await world.ask("bootstrap", "GET /v1/awards", {})).status_code == 403
        back = await world.ask("bootstrap", "POST /v1/organisations/{slug}/reinstate", {"slug": HERS})
        assert back.json()["state"] == "ready"


async def test_nobody_claims_from_a_suspended_organisation(world: World) -> None:
    template = published_template(organisation=HERS)
    batch = batch_of(template)
    award = prepared_award(template, batch)
    async with world.records.transaction() as tx:
        await tx.save_template(template)
        await tx.add_batch(batch, [award])
    await world.ask("operator", "POST /v1/organisations/{slug}/suspend", {"slug": HERS})
    link = f"/claim/{claim_token(SECRET, award.id)}"
    assert "Umoja" in (await world.http.get(link)).text
    refused = await world.http.post(link, json={})
    assert (refused.status_code, "gives no awards at present" in refused.json()["detail"]) == (403, True)


async def test_what_a_learner_does_stands_in_the_record_of_the_organisation_alone(world: World) -> None:
    template = published_template(organisation=HERS)
    batch = batch_of(template)
    award = prepared_award(template, batch)
    async with world.records.transaction() as tx:
        await tx.save_template(template)
        await tx.add_batch(batch, [award])
    await world.http.post(f"/claim/{claim_token(SECRET, award.id)}", json={})  # the agent is away
    noted = [
        [each["what"] for each in (await world.ask(who, "GET /v1/audit", {})).json()["items"]]
        for who in (HERS, ITS)
    ]
    assert "POST /claim/{token}" in noted[0]
    assert "POST /claim/{token}" not in noted[1]


async def test_a_claim_page_names_the_organisation_whose_award_it_is(world: World) -> None:
    for slug in (HERS, ITS):
        template = published_template(organisation=slug)
        batch = batch_of(template)
        award = prepared_award(template, batch)
        async with world.records.transaction() as tx:
            await tx.save_template(template)
            await tx.add_batch(batch, [award])
        page = (await world.http.get(f"/claim/{claim_token(SECRET, award.id)}")).text
        assert [name for name in ("Umoja", "Elimu") if name in page] == [slug.title()]


async def test_each_replaces_and_proves_its_own_key(world: World) -> None:
    dids = []
    for slug in (HERS, ITS):
        await world.host.ensure_did(("orgs", slug))
        rotated = await world.ask(slug, "POST /v1/keys/rotate", {})
        assert f":orgs:{slug}" in rotated.json()["did"]
        dids.append(rotated.json()["did"])
    challenge = {
        "audience": "did:webvh:QmTest:registry.ujuzi.test:authority:list",
        "nonce": "n" * 43,
        "expires": (utc_now() + timedelta(days=1)).isoformat(),
    }
    proven = await world.ask(HERS, "POST /v1/keys/prove", {}, json={**challenge, "did": dids[0]})
    assert proven.json()["did"] == dids[0]
    others = await world.ask(HERS, "POST /v1/keys/prove", {}, json={**challenge, "did": dids[1]})
    assert (others.status_code, "own DID" in others.json()["detail"]) == (422, True)
