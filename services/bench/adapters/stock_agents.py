"""The other side: stock ACA-Py as issuer, wallets of learners and verifier, led by its controller.

An issuance, all of it within the clock:
1. the issuer makes an invitation; 2. the learner's wallet follows it; 3. they connect; 4. the issuer offers;
5. the learner accepts; 6. the credential is issued; 7. it is stored.
A presentation likewise: 1. invitation; 2. followed; 3. connected; 4. the verifier asks; 5. the learner looks what fits and
answers; 6. the proof is made; 7. it is verified.
"""

import os
import secrets
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import base58
import httpx

from services.bench.adapters.controller import Controller
from services.bench.adapters.process_readings import usage_of
from services.bench.domain.asked import VALUES, proof_request
from services.bench.domain.figures import Usage
from services.bench.domain.plan import Deed, Issue, Present
from services.bench.domain.stock import StockSite, tenant
from services.launcher.adapters.child_processes import ChildProcesses, running_beside
from services.launcher.adapters.http_json import wait_for
from services.launcher.errors import ServiceRefused
from shared.contracts.attributes import ATTRIBUTES, SCHEMA_NAME, SCHEMA_VERSION

_ISSUER = "did:webvh:QmTnJ5kN9pVdxYzAbCdEfGhJkLmNpQrStUvWxYz1234567:issuer.stock.test"
_REGISTRY_SIZE = 1024
_TIMEOUT = 300.0
"""An agent under load answers late; the controller waits, and the course's own limit ends it."""
_PREPARATION_SECONDS = 120.0
_CREDENTIALS = "issue_credential_v2_0"
_PROOFS = "present_proof_v2_0"


class Admin:
    """One agent's admin API, as its owner or as one of its tenants."""

    def __init__(self, url: str, key: str, client: httpx.AsyncClient, token: str | None = None) -> None:
        self._url = url
        self._client = client
        self._headers = {"X-API-Key": key, **({"Authorization": f"Bearer {token}"} if token else {})}

    async def get(self, path: str, **parameters: str) -> Any:  # noqa: ANN401  whatever the agent answers
        """Return what is there."""
        return await self._call("GET", path, params=parameters)

    async def post(self, path: str, body: object, **parameters: str) -> dict[str, Any]:
        """Order something."""
        made: dict[str, Any] = await self._call("POST", path, json=body, params=parameters)
        return made

    async def _call(self, method: str, path: str, **content: Any) -> Any:  # noqa: ANN401  httpx's own
        answer = await self._client.request(
            method, f"{self._url}{path}", headers=self._headers, timeout=_TIMEOUT, **content
        )
        if answer.is_error:
            raise ServiceRefused(
                f"{method} {path} was refused: {answer.status_code} {answer.text[:80]}",
                status=answer.status_code,
            )
        return answer.json()


class StockAgents:
    """Implements Perform."""

    def __init__(
        self, site: StockSite, run: ChildProcesses, controller: Controller, client: httpx.AsyncClient
    ) -> None:
        self._site = site
        self._run = run
        self._client = client
        self.controller = controller
        self.issuer, self.verifier, self._holder = (
            Admin(site.admin(agent), site.key, client) for agent in ("issuer", "verifier", "holder")
        )
        self.definitions: dict[bool, str] = {}
        """Credential definitions: the revocable one and the other."""
        self._tenants = 0

    async def prepare(self, issues: Sequence[Issue]) -> None:
        """Publish what the issuer needs."""
        schema = {
            "name": SCHEMA_NAME,
            "version": SCHEMA_VERSION,
            "issuerId": _ISSUER,
            "attrNames": ATTRIBUTES,
        }
        made = await self.issuer.post("/anoncreds/schema", {"schema": schema})
        schema_id = made["schema_state"]["schema_id"]
        for issue in issues:
            tag = "revocable" if issue.revocable else "plain"
            defined = await self.issuer.post(
                "/anoncreds/credential-definition",
                {
                    "credential_definition": {"issuerId": _ISSUER, "schemaId": schema_id, "tag": tag},
                    "options": {
                        "support_revocation": issue.revocable,
                        "revocation_registry_size": _REGISTRY_SIZE,
                    },
                },
            )
            definition = defined["credential_definition_state"]["credential_definition_id"]
            self.definitions[issue.revocable] = definition
            if issue.revocable:
                await wait_for(
                    partial(self._active, definition), seconds=_PREPARATION_SECONDS, what="a status registry"
                )

    async def _active(self, definition: str) -> bool | None:
        encoded = definition.replace(":", "%3A").replace("/", "%2F")
        try:
            await self.issuer.get(f"/anoncreds/revocation/active-registry/{encoded}")
        except ServiceRefused:
            return None
        return True

    async def learners(self, issue: Issue, number: int) -> Sequence["StockLearner"]:
        """So many tenants of the holder's agent."""
        return [await self._learner(self.definitions[issue.revocable]) for _ in range(number)]

    async def _learner(self, definition: str) -> "StockLearner":
        self._tenants += 1
        key = base58.b58encode(os.urandom(32)).decode()
        made = await self._holder.post("/multitenancy/wallet", tenant(self._tenants, key))
        own = Admin(self._site.admin("holder"), self._site.key, self._client, made["token"])
        return StockLearner(self, own, definition)

    def usage(self) -> Mapping[str, Usage]:
        """Of the three agents and of the controller, which is this process."""
        return usage_of(self._run.pids())


class StockLearner:
    """One learner with a wallet of her own, and whoever she deals with. Implements Learner."""

    def __init__(self, agents: StockAgents, wallet: Admin, definition: str) -> None:
        self._agents = agents
        self._wallet = wallet
        self._definition = definition
        self.holds = False

    async def enter(self) -> None:
        """Her agent opens her store by itself, and keeps it open."""

    async def leave(self) -> None:
        """Her agent locks nothing."""

    async def do(self, deed: Deed) -> None:
        """From the invitation to the end."""
        if isinstance(deed, Issue):
            await self._take()
        else:
            await self._prove(deed)

    async def doubled(self) -> int:
        """Credentials beyond those that were issued."""
        try:
            held = len((await self._wallet.get("/credentials", count="10"))["results"])
        except (ServiceRefused, httpx.HTTPError):
            return 0
        return max(0, held - 1)

    async def _connected(self, agent: str, admin: Admin) -> tuple[str, str]:
        """Steps 1 to 3: the connection's id at the agent and at the wallet."""
        made = await admin.post(
            "/out-of-band/create-invitation",
            {"handshake_protocols": ["https://didcomm.org/didexchange/1.1"]},
            auto_accept="true",
        )
        followed = await self._wallet.post(
            "/out-of-band/receive-invitation",
            made["invitation"],
            auto_accept="true",
            use_existing_connection="false",
        )
        connection = await self._agents.controller.moment(agent, "connections", made["invi_msg_id"], "active")
        return connection["connection_id"], followed["connection_id"]

    async def _take(self) -> None:
        moment = self._agents.controller.moment
        theirs, hers = await self._connected("issuer", self._agents.issuer)
        await self._agents.issuer.post(
            "/issue-credential-2.0/send-offer",
            {
                "connection_id": theirs,
                "auto_issue": True,
                "credential_preview": {
                    "@type": "issue-credential/2.0/credential-preview",
                    "attributes": [{"name": name, "value": value} for name, value in VALUES.items()],
                },
                "filter": {"anoncreds": {"cred_def_id": self._definition}},
            },
        )
        offer = await moment("holder", _CREDENTIALS, hers, "offer-received")
        await self._wallet.post(f"/issue-credential-2.0/records/{offer['cred_ex_id']}/send-request", {})
        await moment("holder", _CREDENTIALS, hers, "done")
        self.holds = True

    async def _prove(self, asked: Present) -> None:
        moment = self._agents.controller.moment
        theirs, hers = await self._connected("verifier", self._agents.verifier)
        request = proof_request(
            asked, self._definition, nonce=str(secrets.randbits(80)), now=int(time.time())
        )
        await self._agents.verifier.post(
            "/present-proof-2.0/send-request",
            {"connection_id": theirs, "presentation_request": {"anoncreds": request}, "auto_verify": True},
        )
        received = await moment("holder", _PROOFS, hers, "request-received")
        record = f"/present-proof-2.0/records/{received['pres_ex_id']}"
        found = await self._wallet.get(f"{record}/credentials")
        held = {
            referent: one["cred_info"]["referent"]
            for one in found
            for referent in one["presentation_referents"]
        }
        answer = {
            "requested_attributes": {
                name: {"cred_id": held[name], "revealed": True} for name in request["requested_attributes"]
            },
            "requested_predicates": {
                name: {"cred_id": held[name]} for name in request["requested_predicates"]
            },
            "self_attested_attributes": {},
        }
        await self._wallet.post(f"{record}/send-presentation", {"anoncreds": answer})
        done = await moment("verifier", _PROOFS, theirs, "done")
        if done.get("verified") != "true":
            raise ServiceRefused(f"the proof was found to be {done.get('verified')!r}", status=0)


@asynccontextmanager
async def stock_agents(site: StockSite, issues: Sequence[Issue]) -> AsyncGenerator[StockAgents]:
    """Yield them when they can issue; leave nothing running behind."""
    for folder in ("registry", "tails"):
        (site.folder / folder).mkdir(parents=True, exist_ok=True)
    controller = Controller(site.controller_port, site.folder / "tails")
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with (
        httpx.AsyncClient(limits=limits, trust_env=False) as client,
        controller.running(),
        running_beside(site.folder / "logs") as run,
    ):
        await run.start(site.programs())
        agents = StockAgents(site, run, controller, client)
        await agents.prepare(issues)
        yield agents
