"""An organisation asks to be listed, over HTTP: what is checked at once, what reviewers do, and who is kept out."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from shared.adapters.sql import Database
from shared.adapters.sql_api_keys import SqlApiKeys
from shared.vc.keys import SigningKey
from shared.vc.trust_list import TrustList
from shared.vc.trust_list_form import open_list
from shared.vc.webvh import did_to_url, rotate
from tests.integration.trust.registry import Registry, running_registry
from tests.support.applicants import JPEG, PDF, PNG, signed
from tests.support.dids import Party, party
from tests.support.http_server import Server, http_server
from tests.support.nats_server import NatsServer

HOST = "issuer.ujuzi.test"
READER, APPROVER = "a-reader-key-for-tests-only-0123456789", "an-approver-key-for-tests-only-012345"
TRICK = "<script>alert(1)</script>"
GRANT = {"action": "issue", "resources": ["isced-f:061"], "valid_from": "2026-01-01"}
LINK = "https://mwangaza.example.org/licence.pdf"


@dataclass
class Desk:
    """A registry, the host of its applicants' DIDs, and an applicant."""

    registry: Registry
    host: Server
    db: Database
    applicant: Party = field(default_factory=party)

    def publish(self, log: str | None = None) -> None:
        self.host.serve("/orgs/school/did.jsonl", self.applicant.log.jsonl if log is None else log)

    def body(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        return {
            "names": {"en": "Mwangaza Training Centre", "ar": "مركز النور"},
            "country": "KE",
            "did": self.applicant.did,
            "external_ids": ["https://ror.org/05fs6jp91"],
            "wish": {
                "action": "issue",
                "resources": ["isced-f:06"],
                "jurisdictions": ["KE"],
                "highest_level": {"framework": "eqf", "level": 5},
            },
            "evidence": {"url": LINK, "digest": "sha256-abcdefghijklmnop"},
            "contact": {"name": "Amina Odhiambo", "email": "amina@example.org"},
        } | changes

    async def apply(self, status: int = 201, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        return _shown(await self.registry.public.post("/v1/applications", json=self.body(**changes)), status)

    async def mine(
        self,
        made: dict[str, Any],
        verb: str,
        status: int = 200,
        **body: Any,  # noqa: ANN401 - JSON
    ) -> dict[str, Any]:
        return _shown(
            await self.registry.public.post(
                f"/v1/applications/mine/{verb}",
                json=body or None,
                headers={"Authorization": f"Bearer {made['token']}"},
            ),
            status,
        )

    async def prove(self, made: dict[str, Any]) -> dict[str, Any]:
        return await self.mine(made, "proof", proof=signed(made["application"]["challenge"], self.applicant))

    async def do(
        self,
        made: dict[str, Any],
        verb: str,
        status: int = 200,
        **body: Any,  # noqa: ANN401 - JSON
    ) -> dict[str, Any]:
        path = f"/v1/applications/{made['application']['id']}/{verb}"
        return _shown(await self.registry.admin.post(path, json=body or None), status)

    async def approve(self, made: dict[str, Any], status: int = 200) -> dict[str, Any]:
        return await self.do(made, "approve", status, reason="Decision 17", authorization=GRANT)

    async def read(self, made: dict[str, Any]) -> dict[str, Any]:
        return _shown(await self.registry.admin.get(f"/v1/applications/{made['application']['id']}"), 200)

    async def list(self) -> TrustList:
        about = await self.registry.about()
        found = await self.registry.public.get("/lists/demo")
        return open_list(found.text, operator_key=about["operator_key"], now=datetime.now(UTC))

    async def ready(self) -> dict[str, Any]:
        """An application that only wants a decision."""
        made = await self.apply()
        await self.prove(made)
        await self.do(made, "review")
        return made


def _shown(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def desk_over(url: str, nats_server: NatsServer, **changes: Any) -> AsyncIterator[Desk]:  # noqa: ANN401 - settings
    async with (
        http_server() as host,
        running_registry(
            url, nats_server, host_map={HOST: host.url}, applications_a_minute=500, **changes
        ) as registry,
        Database(url) as db,
    ):
        keys = SqlApiKeys(db)
        await keys.keep(READER, "reader", ["register:read"])
        await keys.keep(APPROVER, "approver", ["register:read", "register:approve"])
        desk = Desk(registry, host, db)
        desk.publish()
        yield desk


@pytest.fixture
async def desk(database_url: str, nats_server: NatsServer) -> AsyncIterator[Desk]:
    """At an authority where one person is enough."""
    async for running in desk_over(database_url, nats_server):
        yield running


@pytest.fixture
async def two_persons(database_url: str, nats_server: NatsServer) -> AsyncIterator[Desk]:
    """At an authority that takes two people."""
    async for running in desk_over(database_url, nats_server, four_eyes=True):
        yield running


async def test_an_organisation_applies_proves_and_is_listed(desk: Desk) -> None:
    made = await desk.apply()
    assert made["application"]["state"] == "received"
    assert made["application"]["log"]["verified"] is True
    assert made["application"]["control_proven"] is False
    assert made["link"].endswith(f"/applications/{made['token']}")

    proven = await desk.prove(made)
    assert proven["control_proven_by"].startswith(f"{desk.applicant.did}#")
    await desk.do(made, "review")
    await desk.do(made, "ask", text="Who recognised the course?")
    await desk.mine(made, "answer", text="The national board, see the licence.")
    approved = await desk.approve(made)

    assert (approved["state"], approved["proposal_id"]) == ("approved", None)
    entity = (await desk.list()).entity_of(desk.applicant.did)
    assert entity is not None
    assert (entity.id, entity.names) == (approved["entity_id"], made["application"]["names"])
    assert [found.resources for found in entity.authorizations] == [("isced-f:061",)]
    history = (await desk.read(made))["history"]
    assert [entry["what"] for entry in history] == [
        "received", "proven", "taken_up", "asked", "answered", "approved",
    ]  # fmt: skip
    actors = [entry["actor"].partition(":")[0] for entry in history]
    assert actors == ["applicant", "applicant", "key", "key", "applicant", "key"]
    assert history[-1]["text"] == "Decision 17"


async def test_where_two_persons_decide_it_becomes_a_proposal(two_persons: Desk) -> None:
    desk = two_persons
    made = await desk.ready()

    proposed = await desk.approve(made)
    waiting = (await desk.list()).entities
    approver = {"Authorization": f"Bearer {APPROVER}"}
    path = f"/v1/proposals/{proposed['proposal_id']}"
    alone = await desk.registry.admin.post(f"{path}/approve")
    await desk.registry.public.post(f"{path}/approve", headers=approver)

    assert (proposed["state"], waiting, alone.status_code) == ("proposed", (), 403)
    assert (await desk.read(made))["state"] == "approved"
    assert (await desk.list()).entity_of(desk.applicant.did) is not None
    listed = await desk.registry.admin.get("/v1/applications", params={"state": "approved"})
    assert [each["id"] for each in listed.json()["items"]] == [made["application"]["id"]]


async def test_a_proposal_turned_down_leads_back_to_review(two_persons: Desk) -> None:
    desk = two_persons
    made = await desk.ready()
    proposed = await desk.approve(made)
    await desk.registry.public.post(
        f"/v1/proposals/{proposed['proposal_id']}/reject",
        json={"reason": "too wide"},
        headers={"Authorization": f"Bearer {APPROVER}"},
    )

    assert (await desk.read(made))["state"] == "in_review"
    listed = await desk.registry.admin.get("/v1/applications", params={"state": "in_review"})
    assert len(listed.json()["items"]) == 1
    assert (await desk.approve(made))["state"] == "proposed"


async def test_an_applicant_follows_withdraws_and_is_not_found_by_others(desk: Desk) -> None:
    made = await desk.apply()
    link = {"Authorization": f"Bearer {made['token']}"}

    found = await desk.registry.public.get("/v1/applications/mine", headers=link)
    wrong = await desk.registry.public.get(
        "/v1/applications/mine", headers={"Authorization": "Bearer guessed"}
    )
    without = await desk.registry.public.get("/v1/applications/mine")
    withdrawn = await desk.mine(made, "withdraw")
    again = await desk.mine(made, "withdraw", 409)

    assert found.json()["id"] == made["application"]["id"]
    assert (wrong.status_code, without.status_code) == (404, 404)
    assert "there is no such application here" in wrong.json()["detail"]
    assert "expected the application's token" in without.json()["detail"]
    assert withdrawn["state"] == "withdrawn"
    assert "found one that is withdrawn" in again["detail"]


async def test_the_token_is_kept_as_a_digest_only(desk: Desk) -> None:
    made = await desk.apply()

    async with desk.db.reading() as session:
        connection = await session.connection()
        rows = (await connection.exec_driver_sql("select * from application")).all()

    assert made["application"]["id"] in str(rows)
    assert made["token"] not in str(rows)


async def test_a_signature_by_a_key_that_is_not_in_the_log_proves_nothing(desk: Desk) -> None:
    made = await desk.apply()
    forger = Party(log=desk.applicant.log, key=SigningKey.generate())

    refused = await desk.mine(made, "proof", 422, proof=signed(made["application"]["challenge"], forger))

    assert "does not speak for this DID" in refused["detail"]
    assert (await desk.read(made))["control_proven"] is False


async def test_a_proof_counts_once_and_for_its_own_challenge(desk: Desk) -> None:
    first, second = await desk.apply(), await desk.apply()
    proof = signed(first["application"]["challenge"], desk.applicant)

    elsewhere = await desk.mine(second, "proof", 422, proof=proof)
    await desk.mine(first, "proof", proof=proof)
    replayed = await desk.mine(first, "proof", 409, proof=proof)
    await desk.mine(first, "challenge")
    old = await desk.mine(first, "proof", 422, proof=proof)

    assert "expected a proof for this challenge" in elsewhere["detail"]
    assert "it was answered already, and each counts once" in replayed["detail"]
    assert "expected a proof for this challenge" in old["detail"]


async def test_a_proof_for_another_registry_is_refused(desk: Desk) -> None:
    made = await desk.apply()
    challenge = made["application"]["challenge"]

    refused = await desk.mine(
        made,
        "proof",
        422,
        proof=signed(challenge, desk.applicant, aud="did:webvh:QmOther:registry.test:authority:x"),
    )

    assert challenge["audience"] == (await desk.registry.about())["operator_did"]
    assert "expected a proof for this registry" in refused["detail"]


async def test_nobody_is_listed_without_a_proof(desk: Desk) -> None:
    made = await desk.apply()
    early = await desk.approve(made, 409)
    await desk.do(made, "review")

    unproven = await desk.approve(made, 409)

    assert "expects an application that is in review" in early["detail"]
    assert "none was given yet" in unproven["detail"]
    assert (await desk.list()).entities == ()


async def test_a_key_replaced_since_the_proof_asks_for_another_proof(desk: Desk) -> None:
    made = await desk.ready()
    longer = rotate(desk.applicant.log, desk.applicant.next_key, SigningKey.generate(), datetime.now(UTC))
    desk.publish(longer.jsonl)

    refused = await desk.approve(made, 409)
    challenge = (await desk.mine(made, "challenge"))["challenge"]
    renewed = Party(log=longer, key=desk.applicant.next_key)
    await desk.mine(made, "proof", proof=signed(challenge, renewed))

    assert "the key that proved it is no longer in it" in refused["detail"]
    assert (await desk.approve(made))["state"] == "approved"


async def test_who_is_listed_meanwhile_is_not_listed_again(desk: Desk) -> None:
    made = await desk.ready()
    await desk.registry.entity(desk.applicant.did)

    taken = await desk.approve(made, 409)
    again = await desk.apply(409)

    assert "already stands for an organisation" in taken["detail"]
    assert "is in this register already" in again["detail"]
    assert (await desk.read(made))["state"] == "in_review"


async def test_a_log_that_does_not_verify_is_refused_and_a_lost_one_is_shown(desk: Desk) -> None:
    made = await desk.apply()
    desk.publish("{}\n")

    forged = await desk.apply(422)
    checked = await desk.do(made, "check")
    desk.host.answers.clear()
    away = await desk.apply(422)

    assert "does not verify" in forged["detail"]
    assert (checked["log"]["verified"], "does not verify" in checked["log"]["problem"]) == (False, True)
    assert "could not fetch it: start the issuer" in away["detail"]


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "localhost", "127.0.0.1.nip.io", "internal.invalid", "issuer.ujuzi.test%3A22@x.org"],
)
async def test_a_did_leads_this_service_nowhere_inside(desk: Desk, host: str) -> None:
    asked = len(desk.host.requests)

    refused = await desk.apply(422, did=f"did:webvh:{'Q' * 46}:{host}:orgs:school")

    assert len(desk.host.requests) == asked
    assert "127.0.0.1 " not in refused["detail"]


async def test_the_evidences_address_is_never_opened(desk: Desk) -> None:
    asked = len(desk.host.requests)
    made = await desk.apply(evidence={"url": f"https://{HOST}/licence.pdf"})
    await desk.do(made, "review")
    await desk.do(made, "check")

    assert {path for _, path, _, _ in desk.host.requests[asked:]} == {"/orgs/school/did.jsonl"}
    assert did_to_url(desk.applicant.did).endswith("/orgs/school/did.jsonl")
    for url in ("http://a.example/x", "javascript:alert(1)", "https://a b"):
        refused = await desk.apply(422, evidence={"url": url})
        assert "begin with https://" in refused["detail"]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")],
    ids=["pdf", "png", "jpeg"],
)
async def test_a_file_is_for_reviewers_to_save(desk: Desk, content: bytes, media_type: str) -> None:
    made = await desk.apply(evidence={"file": base64.b64encode(content).decode()})
    path = f"/v1/applications/{made['application']['id']}/file"

    answer = await desk.registry.admin.get(path)
    nobody = await desk.registry.public.get(path)
    applicant = await desk.registry.public.get(path, headers={"Authorization": f"Bearer {made['token']}"})

    assert (answer.content, answer.headers["content-type"]) == (content, media_type)
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert (nobody.status_code, applicant.status_code) == (401, 401)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (TRICK.encode(), "found something else inside"),
        (b"%PDF-1.7\n" + TRICK.encode(), "found something else inside"),
        (PDF.replace(b"/Type", b"/S/JavaScript/Type"), "without scripts"),
        (b"\x89PNG\r\n\x1a\n" + TRICK.encode(), "found something else inside"),
        (PDF + bytes(2 * 1024 * 1024), "at most 2 MiB"),
    ],
    ids=["a page", "half a pdf", "a pdf with a script", "half a png", "too large"],
)
async def test_what_is_no_document_is_not_taken(desk: Desk, content: bytes, reason: str) -> None:
    refused = await desk.apply(422, evidence={"file": base64.b64encode(content).decode()})

    assert reason in refused["detail"]


@pytest.mark.parametrize("megabytes", [4, 50])
async def test_fifty_megabytes_are_not_read(desk: Desk, megabytes: int) -> None:
    body = desk.body(evidence={"file": base64.b64encode(PDF.ljust(megabytes * 1024 * 1024)).decode()})

    async with httpx.AsyncClient(timeout=60, base_url=desk.registry.base_url) as client:
        try:
            answer = await client.post("/v1/applications", json=body)
        except httpx.ReadError:  # cut off: what nobody takes is read no further than 32 MiB
            assert megabytes > 32
        else:
            assert answer.status_code == 413
            assert "Expected at most" in answer.json()["detail"]

    assert (await desk.registry.admin.get("/v1/applications")).json()["items"] == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"did": "did:web:issuer.ujuzi.test"}, "expected the did:webvh"),
        ({"country": "Kenya"}, "two capital letters"),
        ({"wish": {"action": "issue", "resources": ["everything"]}}, "isced-f:DIGITS"),
        ({"evidence": {}}, "expected evidence"),
        ({"evidence": {"url": LINK, "digest": "x"}}, "expected the digest"),
        ({"contact": {"name": "A", "email": "nowhere"}}, "expected an e-mail address"),
        ({"wish": {"action": "accredit", "resources": ["*"]}}, "expected form"),
    ],
)
async def test_an_application_says_what_a_review_needs(
    desk: Desk, changes: dict[str, Any], reason: str
) -> None:
    refused = await desk.apply(422, **changes)

    assert reason in refused["detail"]


async def test_reviewers_need_a_key_and_writing_needs_more_than_reading(desk: Desk) -> None:
    made = await desk.apply()
    path = f"/v1/applications/{made['application']['id']}"
    reader = {"Authorization": f"Bearer {READER}"}

    assert (await desk.registry.public.get(path)).status_code == 401
    assert (await desk.registry.public.get("/v1/applications")).status_code == 401
    assert (await desk.registry.public.get(path, headers=reader)).status_code == 200
    for verb in ("check", "review", "ask", "refuse", "approve"):
        answer = await desk.registry.public.post(f"{path}/{verb}", json={}, headers=reader)
        assert answer.status_code == 403, verb


async def test_a_refusal_says_why_and_ends_it(desk: Desk) -> None:
    made = await desk.apply()
    nothing = await desk.do(made, "refuse", 422, reason="  ")
    refused = await desk.do(made, "refuse", reason="The licence has expired.")

    late = await desk.mine(made, "answer", 409, text="It has not!")
    shown = await desk.registry.public.get(
        "/v1/applications/mine", headers={"Authorization": f"Bearer {made['token']}"}
    )

    assert "expected a reason" in nothing["detail"]
    assert refused["state"] == "refused"
    assert "found one that is refused" in late["detail"]
    assert shown.json()["history"][-1]["text"] == "The licence has expired."


async def test_a_form_with_what_no_browser_sends_is_no_failure(desk: Desk) -> None:
    made = await desk.ready()
    await desk.do(made, "ask", text="Who?")
    form = {"name_en": "Mwangaza\0", "country": "KE\0", "did": desk.applicant.did, "contact_name": "A\0"}

    answer = await desk.registry.public.post(f"/applications/{made['token']}/answer", data={"answer": "We\0"})
    sent = await desk.registry.public.post("/apply", data=form)
    files = await desk.registry.public.post("/apply", files=[("file", b"x"), ("file", b"y")])

    assert (answer.status_code, sent.status_code, files.status_code) == (303, 422, 400)
    assert (await desk.read(made))["history"][-1]["text"] == "We"


async def test_the_same_request_again_makes_one_application(desk: Desk) -> None:
    again = {"Idempotency-Key": "f2c1"}

    first = await desk.registry.public.post("/v1/applications", json=desk.body(), headers=again)
    second = await desk.registry.public.post("/v1/applications", json=desk.body(), headers=again)

    assert first.json() == second.json()
    assert len((await desk.registry.admin.get("/v1/applications")).json()["items"]) == 1


async def test_one_applicants_idempotency_key_shows_nothing_to_another(desk: Desk) -> None:
    first, second = await desk.apply(), await desk.apply()

    async def withdraw(made: dict[str, Any]) -> str:
        answer = await desk.registry.public.post(
            "/v1/applications/mine/withdraw",
            headers={"Authorization": f"Bearer {made['token']}", "Idempotency-Key": "1"},
        )
        return str(answer.json()["id"])

    assert await withdraw(first) == first["application"]["id"]
    assert await withdraw(second) == second["application"]["id"]


async def test_one_address_applies_so_often_and_no_more(database_url: str, nats_server: NatsServer) -> None:
    async with running_registry(database_url, nats_server, applications_a_minute=2) as registry:
        answers = [(await registry.public.post("/v1/applications", json={})).status_code for _ in range(3)]

    assert answers == [422, 422, 429]
