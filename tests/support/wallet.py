"""The wallet service over a real agent, with an issuer, a verifier and a trust list to deal with."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI, Response

from services.launcher.adapters.http_json import JsonApi
from services.launcher.adapters.http_learner import HttpLearner
from shared.adapters.acapy_client import AcapyClient
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.webvh_resolver import WebvhResolver
from shared.contracts.attributes import ATTRIBUTES, SCHEMA_NAME, SCHEMA_VERSION
from shared.contracts.signed_request import REQUEST_JWS_TYPE, comment_with
from shared.vc import achievement
from shared.vc.attested_resource import EDITION
from shared.vc.award import AwardFacts, attributes
from shared.vc.jcs import digest_multibase
from shared.vc.keys import SigningKey
from shared.vc.trust_list import Action, Authorization, StatusPeriod, TrustedEntity, TrustList
from shared.vc.trust_list_form import sign_list
from shared.vc.wallet_lock import generate_passphrase
from tests.support.agents import ADMIN_KEY, AgentProcess, Party, running_parties, serving
from tests.support.free_port import free_port
from tests.support.nats_server import PASSWORD, NatsServer
from tests.support.programmes import programmes
from tests.support.wait import until
from verifier.adapters.anoncreds_proof import AnoncredsProof
from verifier.adapters.webvh_objects import WebvhObjects
from verifier.domain.facts import Holds
from verifier.domain.presentation import read
from wallet.main import create_app
from wallet.settings import Settings

WALLET_KEY = "admin-key-of-the-wallet-service-for-tests"
LIST_URL = "https://registry.ujuzi.test/lists/demo"
LIST_NAME = "demo"
SKILL = {
    "en": "analyse data",
    "fr": "analyser des données",
    "ar": "تحليل البيانات",
}
"""The first of the programme's skills by its names; the second has an English one, the others none."""


@dataclass
class Published:
    """What an issuer has made public."""

    did: str
    edition_id: str
    edition: achievement.Edition
    cred_def_id: str


@dataclass
class World:
    """Everything a learner meets."""

    folder: Path
    url: str
    issuer: Party
    verifier: Party
    verifier_did: str
    published: Published
    client: httpx.AsyncClient
    agent: AgentProcess
    settings: Settings
    trust_list: Mapping[str, str]
    passphrase: str = field(default_factory=generate_passphrase)

    @property
    def admin(self) -> JsonApi:
        return JsonApi(self.url, WALLET_KEY, self.client)

    async def new_learner(self) -> HttpLearner:
        learner = HttpLearner(self.url, self.client)
        await learner.create(self.passphrase)
        return learner

    def award(self, given_name: str, *, award_id: str | None = None) -> dict[str, str]:
        """The attributes of an award."""
        facts = AwardFacts(
            award_id=award_id or str(uuid4()),
            given_name=given_name,
            family_name="Zúñiga-Otieno",
            awarded_on=date(2026, 3, 14),
            salt="0123456789abcdef-" + (award_id or "salt"),
            grade_pct=87,
            grade="passed with distinction",
        )
        return attributes(self.published.edition_id, self.published.edition, facts)

    async def offer(self, learner: HttpLearner, values: dict[str, str]) -> tuple[dict[str, Any], str]:
        """Bring an offer to the learner; what she reads, and the exchange's id at the issuer."""
        link = await invitation(self.issuer, "ujuzi.claim-award")
        await learner.open_link(link.url)
        exchange_id = await self.send_offer(await connected(self.issuer, link.id), values)
        return await learner.offer(30), exchange_id

    async def send_offer(self, connection_id: str, values: dict[str, str]) -> str:
        """Offer over a connection; the exchange's id at the issuer."""
        made = await self.issuer.admin.post(
            "/issue-credential-2.0/send-offer",
            {
                "connection_id": connection_id,
                "auto_issue": False,
                "auto_remove": False,
                "comment": "Somebody else entirely",
                "credential_preview": {
                    "@type": "issue-credential/2.0/credential-preview",
                    "attributes": [{"name": name, "value": value} for name, value in values.items()],
                },
                "filter": {"anoncreds": {"cred_def_id": self.published.cred_def_id}},
            },
        )
        return str(made["cred_ex_id"])

    async def issue(self, exchange_id: str) -> None:
        """Issue once the learner has accepted."""
        record = f"/issue-credential-2.0/records/{exchange_id}"

        async def requested() -> bool:
            found = await self.issuer.admin.get(record)
            return bool(found["cred_ex_record"]["state"] == "request-received")

        await until(requested, 30, "the issuer has the learner's request")
        await self.issuer.admin.post(f"{record}/issue", {})

    async def give(self, learner: HttpLearner, values: dict[str, str]) -> dict[str, Any]:
        """The credential as the learner reads it, from offer to store."""
        offer, exchange_id = await self.offer(learner, values)
        await learner.accept(offer["id"])
        await self.issue(exchange_id)
        return await learner.credential(30)

    def proof_request(self) -> dict[str, Any]:
        """Reveal programme and title, prove the award's date."""
        restrictions = [{"cred_def_id": self.published.cred_def_id}]
        now = int(datetime.now(UTC).timestamp())
        part = {"restrictions": restrictions, "non_revoked": {"to": now}}
        return {
            "name": "ujuzi:test",
            "version": "1.0",
            "nonce": "1234567890",
            "requested_attributes": {"need_0": {"names": ["achievement_id", "title"], **part}},
            "requested_predicates": {
                "need_0_awarded_dateint": {
                    "name": "awarded_dateint", "p_type": ">=", "p_value": 20260101, **part
                }
            },
        }  # fmt: skip

    async def ask(
        self,
        learner: HttpLearner,
        request: dict[str, Any],
        *,
        signed: bool = True,
        changes: Mapping[str, str | int] | None = None,
    ) -> tuple[dict[str, Any], str]:
        """Bring a request to the learner; what she reads, and the exchange's id at the verifier."""
        link = await invitation(self.verifier, "ujuzi.request-proof")
        await learner.open_link(link.url)
        connection_id = await connected(self.verifier, link.id)
        now = int(datetime.now(UTC).timestamp())
        payload = {
            "iss": self.verifier_did,
            "iat": now,
            "exp": now + 3600,
            "request_id": "request-1",
            "verifier_name": "Jobs of tomorrow",
            "invitation_key": link.key,
            "purpose": "Application: junior data analyst",
            "keep_days": 30,
            "proof_request_digest": digest_multibase(request),
            "needs": [
                {"skill": self.published.edition.skills[0], "level": {"framework": "eqf", "at_least": 4}}
            ],
            "reveal": ["achievement_id", "title"],
            "trust_lists": [{"name": LIST_NAME, "url": LIST_URL}],
        } | dict(changes or {})
        jws = await self.verifier.did_host.sign_jws(self.verifier_did, payload, typ=REQUEST_JWS_TYPE)
        made = await self.verifier.admin.post(
            "/present-proof-2.0/send-request",
            {
                "connection_id": connection_id,
                "auto_verify": False,
                "auto_remove": False,
                "comment": comment_with("Somebody says", jws) if signed else "Trust me",
                "presentation_request": {"anoncreds": request},
            },
        )
        return await learner.request(30), str(made["pres_ex_id"])

    async def presented(self, exchange_id: str) -> dict[str, Any]:
        """The proof that arrived at the verifier, once it has been checked as the verifier's service does."""
        record = f"/present-proof-2.0/records/{exchange_id}"

        async def arrived() -> dict[str, Any] | None:
            found: dict[str, Any] = await self.verifier.admin.get(record)
            return found if found["state"] == "presentation-received" else None

        forms = (await until(arrived, 30, "the proof is with the verifier"))["by_format"]
        proof: dict[str, Any] = forms["pres"]["anoncreds"]
        async with GuardedClient(self.settings.host_map, allow_loopback=True) as web:
            found = await WebvhObjects(WebvhResolver(web)).credentials(read(proof).identifiers)
        assert await AnoncredsProof()(proof, forms["pres_request"]["anoncreds"], found.objects) == Holds()
        return proof


@dataclass(frozen=True)
class Link:
    """An invitation as its sender knows it."""

    id: str
    key: str
    url: str


async def invitation(party: Party, goal_code: str) -> Link:
    """A single-use invitation link."""
    return await invitation_by(party.admin, goal_code)


async def invitation_by(agent: AcapyClient, goal_code: str = "ujuzi.claim-award") -> Link:
    """A single-use invitation link by any agent."""
    made = await agent.post(
        "/out-of-band/create-invitation",
        {
            "handshake_protocols": ["https://didcomm.org/didexchange/1.1"],
            "goal_code": goal_code,
            "goal": "Go on",
        },
        params={"auto_accept": True, "multi_use": False},
    )
    message = made["invitation"]
    encoded = base64.urlsafe_b64encode(json.dumps(message).encode()).decode().rstrip("=")
    return Link(
        made["invi_msg_id"],
        message["services"][0]["recipientKeys"][0],
        f"https://any.example/i?oob={encoded}",
    )


async def connected(party: Party, invitation_id: str) -> str:
    """The connection's id once it is complete."""

    async def find() -> str | None:
        found = await party.admin.get("/connections", params={"invitation_msg_id": invitation_id})
        return next(
            (one["connection_id"] for one in found["results"] if one["rfc23_state"] == "completed"), None
        )

    return await until(find, 30, "the learner is connected")


def trust_list(operator: SigningKey, issuer_did: str, verifier_did: str) -> str:
    """A list that trusts the issuer to issue and the verifier to ask."""
    now = datetime.now(UTC)
    granted = (StatusPeriod(status="granted", since=datetime(2025, 1, 1, tzinfo=UTC)),)

    def entity(number: int, name: str, did: str, action: Action) -> TrustedEntity:
        allowed = Authorization(
            id=f"a{number}",
            action=action,
            dids=(did,),
            resources=("*",),
            valid_from=date(2025, 1, 1),
            periods=granted,
        )
        return TrustedEntity(id=f"e{number}", names={"en": name}, country="KE", authorizations=(allowed,))

    listed = TrustList(
        name=LIST_NAME,
        operator_names={"en": "Skills Quality Authority"},
        territory="KE",
        sequence=1,
        issued=now - timedelta(minutes=1),
        next_update=now + timedelta(hours=1),
        entities=(
            entity(1, "Digital Skills Trust", issuer_did, "issue"),
            entity(2, "Kazi Jobs", verifier_did, "verify"),
        ),
    )
    return sign_list(listed, key=operator, kid="did:example:operator#key")


async def publish(issuer: Party) -> Published:
    """An organisation with an edition and a revocable credential definition."""
    did = await issuer.did_host.ensure_did(("orgs", "trust"))
    programme = programmes()["data-analytics"]
    content = achievement.build(
        replace(programme, skill_names={programme.skills[0]: SKILL, programme.skills[1]: {"en": "SQL"}}),
        issuer_did=did,
        issuer_name="A name of its own choice",
        now=datetime.now(UTC),
    )
    edition = await issuer.did_host.publish(did, EDITION, "data-analytics", content)
    schema = await issuer.admin.post(
        "/anoncreds/schema",
        {
            "schema": {
                "attrNames": list(ATTRIBUTES), "issuerId": did, "name": SCHEMA_NAME, "version": SCHEMA_VERSION
            }
        },
    )  # fmt: skip
    made = await issuer.admin.post(
        "/anoncreds/credential-definition",
        {
            "credential_definition": {
                "issuerId": did, "schemaId": schema["schema_state"]["schema_id"], "tag": "revocable"
            },
            "options": {"support_revocation": True, "revocation_registry_size": 32},
        },
        timeout=180,
    )  # fmt: skip
    cred_def_id = str(made["credential_definition_state"]["credential_definition_id"])

    async def registry_active() -> bool:
        found = await issuer.admin.get(
            "/anoncreds/revocation/registries", params={"cred_def_id": cred_def_id, "state": "finished"}
        )
        return bool(found["rev_reg_ids"])

    await until(registry_active, 60, "the revocation registry is published")
    return Published(did, edition["id"], achievement.read(content), cred_def_id)


def wallet_service(folder: Path, nats: NatsServer, host_map: dict[str, str]) -> tuple[AgentProcess, Settings]:
    """A wallet service and its agent; neither is started."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    agent = AgentProcess("wallet", folder, nats=nats, endpoint=f"{url}/didcomm", host_map=host_map)
    settings = Settings(
        profile="development",
        port=port,
        base_url=url,
        database_url=f"sqlite:///{folder / 'service.db'}",
        secret_key=base64.b64encode(os.urandom(32)).decode(),
        bootstrap_api_key=WALLET_KEY,
        nats_url=nats.url,
        nats_user="wallet",
        nats_password=PASSWORD,
        host_map=host_map,
        agent_url=agent.url,
        agent_key=ADMIN_KEY,
    )
    return agent, settings


@asynccontextmanager
async def running_world(folder: Path, nats: NatsServer) -> AsyncIterator[World]:
    """A wallet service with its agent, an issuer, a verifier and a list that trusts both."""
    operator, lists, lists_port = SigningKey.generate(), FastAPI(), free_port()
    listed: dict[str, str] = {}

    @lists.get("/lists/demo")
    async def current() -> Response:
        return Response(listed["demo"], media_type="application/jose")

    async with (
        running_parties(folder, nats, "issuer", "verifier") as parties,
        serving(lists, lists_port),
        httpx.AsyncClient() as client,
    ):
        issuer, verifier = parties["issuer"], parties["verifier"]
        host_map = json.loads(issuer.agent.environment["AGENT_HOST_MAP"]) | {
            "registry.ujuzi.test": f"http://127.0.0.1:{lists_port}"
        }
        agent, settings = wallet_service(folder / "wallet", nats, host_map)
        port, url = settings.port, settings.base_url
        agent.spawn()
        try:
            published, verifier_did, _ = await asyncio.gather(
                publish(issuer), verifier.did_host.ensure_did(("orgs", "kazi")), agent.ready()
            )
            listed["demo"] = trust_list(operator, published.did, verifier_did)
            async with serving(create_app(settings), port):
                pinned = {"url": LIST_URL, "operator_key": operator.multikey, "name": LIST_NAME}
                world = World(
                    folder, url, issuer, verifier, verifier_did, published, client, agent, settings, pinned
                )
                await world.admin.post("/v1/trust-lists", pinned)
                yield world
        finally:
            agent.stop()
