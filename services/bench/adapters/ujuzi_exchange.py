"""Ujuzi through its public edges: learners use the wallet's API, officers the issuer's, job platforms the verifier's.

The steps are those of `stock_agents`, all within the clock: 1. the claim link is followed, and gives an invitation;
2. the wallet follows it; 3. they connect; 4. the issuer offers; 5. the learner reads and accepts; 6. the credential is issued;
7. it is checked and stored. A presentation likewise, from the job platform's call to its verdict.
Whoever waits follows the server-sent events of the APIs, and looks at what they tell of.
"""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import httpx

from services.bench.adapters.process_readings import usage_of
from services.bench.adapters.ujuzi_up import Up
from services.bench.domain.asked import AWARDED_ON, requirement
from services.bench.domain.figures import Usage
from services.bench.domain.plan import Deed, Issue, Present
from services.launcher.adapters.bundled_files import demonstration_data
from services.launcher.adapters.http_issuer import HttpIssuer
from services.launcher.adapters.http_json import JsonApi
from services.launcher.domain.exchange import Endpoints
from services.launcher.domain.story import PROGRAMME, ClaimableAward, template_of
from services.launcher.errors import ServiceRefused
from shared.vc.wallet_lock import generate_passphrase, wrap

_LOOK_SECONDS = 15.0
"""Whoever follows events looks after so long even if none came: one may be lost."""
_TIMEOUT = 300.0
"""As patient as the stock agents' controller."""
_AT_ONCE = 100
_ENDED = {"declined", "broken", "rejected", "closed"}


class UjuziExchange:
    """Implements Perform."""

    def __init__(self, up: Up, client: httpx.AsyncClient, template_id: str) -> None:
        self._up = up
        self.client = client
        self._template_id = template_id
        self._envelope: Mapping[str, Any] = wrap(secrets.token_bytes(32), generate_passphrase())
        self._named = 0
        self._prepared: list[ClaimableAward] = []
        self._turn = asyncio.Lock()
        self.issuer = HttpIssuer(self._api(up.endpoints.issuer, "issuer"))
        self.verifier = self._api(up.endpoints.verifier, "verifier")

    def _api(self, url: str, key: str) -> JsonApi:
        return JsonApi(url, self._up.endpoints.keys[key], self.client)

    def door(self, token: str | None) -> JsonApi:
        """The wallet's API, with this session or none."""
        return JsonApi(self._up.endpoints.wallet, token, self.client)

    async def learners(self, issue: Issue, number: int) -> Sequence["UjuziLearner"]:  # noqa: ARG002  all are revocable
        """So many new wallets, and as many awards that wait behind a claim link."""
        awards = await self.awards(number)
        return [
            UjuziLearner(self, await self.wallet(), award, self.client, self._up.endpoints)
            for award in awards
        ]

    async def come(self) -> "UjuziLearner":
        """One more learner, as `learners` makes them; awards are prepared many at a time."""
        async with self._turn:
            if not self._prepared:
                self._prepared = list(await self.awards(_AT_ONCE))
            award = self._prepared.pop()
        return UjuziLearner(self, await self.wallet(), award, self.client, self._up.endpoints)

    async def awards(self, number: int) -> Sequence[ClaimableAward]:
        """So many people's awards, from one spreadsheet."""
        header = "given_name,family_name,email,phone,language,awarded_on,grade_pct"
        first, self._named = self._named, self._named + number
        rows = (
            f"Amina {one},Wanjiru,learner{one}@example.org,,sw,{AWARDED_ON.isoformat()},88"
            for one in range(first, self._named)
        )
        return await self.issuer.issue_batch(self._template_id, "\n".join((header, *rows)) + "\n")

    async def wallet(self) -> "Opened":
        """A new wallet, open. The device's own part, a slow hash of the words, is not repeated for each."""
        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
        made = await self.door(None).post(
            "/v1/wallets",
            {
                "wallet_key": key,
                "unlock_methods": [{"method": "passphrase", "envelope": self._envelope}],
            },
        )
        return Opened(made["wallet_id"], key, made["session_token"])

    async def unlock(self, wallet_id: str, key: str) -> str:
        """Open a wallet; return its session's token."""
        opened = await self.door(None).post(f"/v1/wallets/{wallet_id}/unlock", {"wallet_key": key})
        return str(opened["session_token"])

    def usage(self) -> Mapping[str, Usage]:
        """Of its eight programs and of this process."""
        return usage_of(self.pids())

    def pids(self) -> Mapping[str, int]:
        """The process of each program."""
        return self._up.pids()


class Opened:
    """An open wallet: what a device knows of it."""

    def __init__(self, wallet_id: str, key: str, token: str) -> None:
        self.wallet_id = wallet_id
        self.key = key
        self.token = token


class UjuziLearner:
    """One learner with a wallet and an award of her own. Implements Learner."""

    def __init__(
        self,
        exchange: UjuziExchange,
        opened: Opened,
        award: ClaimableAward,
        client: httpx.AsyncClient,
        endpoints: Endpoints,
    ) -> None:
        self._exchange = exchange
        self._award = award
        self._client = client
        self._wallet_id, self._key = opened.wallet_id, opened.key
        self._token: str | None = opened.token
        self._wallet = exchange.door(opened.token)
        self._events = f"{endpoints.wallet}/v1/events"
        self._verifier = endpoints.verifier
        self._verifier_key = endpoints.keys["verifier"]
        self._asked = 0
        self.holds = False

    async def do(self, deed: Deed) -> None:
        """From the link to the end."""
        if self._token is None:
            raise ServiceRefused("her wallet is locked", status=0)
        async with following(self._client, self._events, self._token) as changes:
            if isinstance(deed, Issue):
                await self._take(changes)
            else:
                await self._prove(deed, changes)

    async def doubled(self) -> int:
        """Credentials beyond the one award, requests beyond those that were followed."""
        credentials = len((await self._wallet.get("/v1/credentials"))["items"])
        requests = len((await self._wallet.get("/v1/requests", limit="100"))["items"])
        return max(0, credentials - 1) + max(0, requests - self._asked)

    async def enter(self) -> None:
        """Open her wallet, if it is locked."""
        if self._token is None:
            self._token = await self._exchange.unlock(self._wallet_id, self._key)
            self._wallet = self._exchange.door(self._token)

    async def leave(self) -> None:
        """Lock her wallet: one that is open is looked at now and then, and that would be in others' figures."""
        await self._wallet.post("/v1/lock")
        self._token = None

    async def _take(self, changes: "Changes") -> None:
        invitation = await self._exchange.issuer.claim(self._award.claim_url)
        connection = (await self._wallet.post("/v1/invitations", {"url": invitation}))["id"]
        offer = await changes.until("offer", lambda told: self._open("/v1/offers", connection, told))
        await self._wallet.post(f"/v1/offers/{offer['id']}/accept")

        async def stored(_: str | None) -> bool | None:
            state = (await self._wallet.get(f"/v1/offers/{offer['id']}"))["state"]
            if state in _ENDED:
                raise ServiceRefused(f"the offer became {state}", status=0)
            return state == "stored" or None

        await changes.until("credential", stored)
        self.holds = True

    async def _prove(self, asked: Present, changes: "Changes") -> None:
        made = await self._exchange.verifier.post("/v1/requests", requirement(asked))
        self._asked += 1
        connection = (await self._wallet.post("/v1/invitations", {"url": made["invitation_url"]}))["id"]
        request = await changes.until("request", lambda told: self._open("/v1/requests", connection, told))
        if not request["can_answer"]:
            missing = " ".join(text for need in request["needs"] for text in need["missing"])
            raise ServiceRefused(f"the wallet cannot answer: {missing}", status=0)
        choices = {
            need["id"]: next(one["credential_id"] for one in need["candidates"] if one["can_present"])
            for need in request["needs"]
        }
        address = f"/v1/requests/{made['id']}"
        async with following(
            self._client, f"{self._verifier}{address}/events", self._verifier_key
        ) as verdicts:
            warnings = [one["code"] for one in request["warnings"]]
            await self._wallet.post(
                f"/v1/requests/{request['id']}/consent",
                {"choices": choices, "acknowledged": sorted(warnings)},
            )

            async def verdict(told: str | None) -> dict[str, Any] | None:
                shown = json.loads(told) if told else await self._exchange.verifier.get(address)
                return shown.get("verdict")

            found = await verdicts.until("state", verdict)
        if found["result"] != "accepted":
            raise ServiceRefused(f"the verdict was {found['result']}: {found['summary']}", status=0)

    async def _open(self, path: str, connection: str, told: str | None) -> dict[str, Any] | None:
        """What was told of, or among all that there is, if it came over this connection and waits for her."""
        if told:
            found = [await self._wallet.get(f"{path}/{json.loads(told)['id']}")]
        else:
            found = (await self._wallet.get(path, state="open"))["items"]
        return next(
            (one for one in found if one["connection_id"] == connection and one["state"] == "open"), None
        )


class Changes:
    """What a stream of server-sent events tells of: kinds, and the data with each."""

    def __init__(self) -> None:
        self._told: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    async def read(self, lines: AsyncGenerator[str]) -> None:
        """Take in what comes, until cancelled or the stream ends."""
        kind = ""
        async for line in lines:
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                self._told.put_nowait((kind, value))

    async def until[T](self, kind: str, look: Callable[[str | None], Awaitable[T | None]]) -> T:
        """Look at what is told of this kind, and at what there is when nothing was told for long; return what there is in the end."""
        while True:
            told = None
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    told = await self._next(kind)
            found = await look(told)
            if found is not None:
                return found

    async def _next(self, kind: str) -> str:
        while True:
            found, data = await self._told.get()
            if found == kind:
                return data


@asynccontextmanager
async def following(client: httpx.AsyncClient, url: str, token: str) -> AsyncGenerator[Changes]:
    """Follow a stream of server-sent events inside the block."""
    changes = Changes()
    async with client.stream(
        "GET", url, headers={"Authorization": f"Bearer {token}"}, timeout=httpx.Timeout(30, read=None)
    ) as stream:
        wanted = anyio.CancelScope()

        async def read() -> None:
            with wanted, suppress(httpx.HTTPError):
                await changes.read(stream.aiter_lines())  # type: ignore[arg-type]  # an async generator

        reading = asyncio.create_task(read())
        try:
            yield changes
        finally:
            wanted.cancel()  # cancelled as asyncio does, a stream that just ends would keep its connection for ever
            await reading


@asynccontextmanager
async def ujuzi_exchange(up: Up) -> AsyncGenerator[UjuziExchange]:
    """Yield an exchange that can issue the demonstration's programme."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(limits=limits, trust_env=False, timeout=_TIMEOUT) as client:
        issuer = HttpIssuer(JsonApi(up.endpoints.issuer, up.endpoints.keys["issuer"], client))
        await issuer.wait_until_it_can_issue()
        programmes = json.loads(demonstration_data("programmes.json"))
        programme = next(one for one in programmes if one["key"] == PROGRAMME)
        template_id, _ = await issuer.publish_template(template_of(programme))
        yield UjuziExchange(up, client, template_id)
