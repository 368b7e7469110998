"""What a job platform does with the verifier, on real components: asked by a template, told by webhooks, bound to its own session,
judged with the issuer gone, and everything a learner showed deleted from every file in the end."""

import json
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from standardwebhooks import Webhook as Reference

from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.domain.story import DATA_ANALYSIS, JUNIOR, ClaimableAward
from shared.adapters.jetstream import connect, waiting
from shared.adapters.sql import Database
from shared.contracts.streams import DIDCOMM_IN
from tests.support.auditor import Auditor
from tests.support.exchange import JOBS, RunningExchange
from tests.support.http_server import Answer, Server, http_server
from tests.support.traces import traces
from tests.support.wait import until
from verifier.adapters.sql_requests import RequestRow

SECONDS = 60
AT_ONCE_SECONDS = 30.0
"""Far below the two minutes for which an issuer's host would be waited for; the machine may be busy."""
REFERENCE = "session-of-the-applicant-7f3a"


@dataclass
class Platform:
    """A job platform: asks, is told by webhook, and checks what it is told with the convention's own library."""

    exchange: RunningExchange
    server: Server
    secret: str

    async def ask(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self.exchange.verifier_api.post("/v1/requests", dict(body))

    async def request(self, request_id: str) -> dict[str, Any]:
        return await self.exchange.verifier_api.get(f"/v1/requests/{request_id}")

    def told(self, request_id: str) -> Sequence[dict[str, Any]]:
        """Every message about this request, each verified."""
        reference, found = Reference(self.secret), []
        for _, _, headers, body in list(self.server.requests):
            message = reference.verify(body, headers)
            if message["data"].get("request_id") == request_id:
                found.append(message)
        return found

    async def judged(self, request_id: str) -> dict[str, Any]:
        """The verdict, once the webhook says that there is one."""

        def heard() -> bool:
            return any(each["type"] == "request.judged" for each in self.told(request_id))

        await until(heard, SECONDS, "the webhook tells of the verdict")
        return await self.request(request_id)


@pytest.fixture(scope="session")
async def platform(exchange: RunningExchange) -> AsyncIterator[Platform]:
    async with http_server() as server:
        server.answers["/told"] = Answer(status=200)
        made = await exchange.verifier_api.post("/v1/webhooks", {"url": f"{server.url}/told"})
        yield Platform(exchange, server, made["secret"])
        await exchange.verifier_api.delete(f"/v1/webhooks/{made['webhook']['id']}")


@pytest.fixture(scope="session")
async def nomvula(exchange: RunningExchange, awards: list[ClaimableAward]) -> HttpGraduate:
    """A learner with one credential, for every test of this file."""
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(awards.pop().claim_url))
    return graduate


def claims_of(credential: Mapping[str, Any]) -> dict[str, str]:
    return {claim["name"]: str(claim["raw"]) for claim in credential["claims"]}


async def test_a_template_with_ways_and_a_name_is_asked_told_judged_and_then_forgotten_everywhere(
    exchange: RunningExchange, platform: Platform, nomvula: HttpGraduate
) -> None:
    (credential,) = await nomvula.learner.credentials()
    claims = claims_of(credential)
    name = {"given_name": claims["given_name"], "family_name": claims["family_name"]}
    drafted = await exchange.verifier_api.post(
        "/v1/templates",
        {
            "id": "analyst-or-above",
            "name": "Analyst",
            "parameters": {"level": {"type": "level", "framework": "eqf", "minimum": 3, "maximum": 6}},
            "requirement": {
                "purpose": "Application: analyst of the second floor",
                "keep_days": 1,
                "reveal": ["grade_pct", "title"],
                "any_of": [
                    {"all_of": [{"level": {"framework": "eqf", "at_least": 6}}]},
                    {"all_of": [{"skill": DATA_ANALYSIS, "level": {"parameter": "level"}}]},
                ],
                "name_match": "required",
            },
        },
    )
    ref = f"{drafted['id']}@{drafted['version']}"
    await exchange.verifier_api.post(f"/v1/templates/{ref}/publish")
    made = await platform.ask({"template": ref, "parameters": {"level": 4}, "applicant": name})
    page = f"{exchange.endpoints['verifier']}/r/{made['id']}"
    chosen = await exchange.client.post(f"{page}/way", data={"way": "1"})
    assert chosen.status_code == httpx.codes.SEE_OTHER
    await nomvula.answer(made["invitation_url"])

    judged = await platform.judged(made["id"])
    assert judged["verdict"]["result"] == "accepted", judged["verdict"]
    assert judged["verdict"]["name"] == "match"
    assert (judged["template"], judged["way"]) == (ref, 1)
    assert judged["disclosed"][0]["values"]["grade_pct"] == claims["grade_pct"]
    assert {each["type"] for each in platform.told(made["id"])} == {
        "request.asked",
        "request.answered",
        "request.judged",
    }

    showed = {claims[each] for each in ("given_name", "family_name", "title", "achievement_id")}
    await _its_days_are_over(exchange, made["id"])

    async def forgotten() -> bool:
        return "disclosed" not in await platform.request(made["id"])

    await until(forgotten, SECONDS, "what was shown is deleted")
    after = await platform.request(made["id"])
    assert after["verdict"]["result"] == "accepted"
    audit = await _audit(exchange)
    assert [each["objects"] for each in audit if each["what"] == "KEEP_DAYS"] == [[f"request:{made['id']}"]]

    told = "".join(body.decode() for _, _, _, body in platform.server.requests)
    for value in showed:
        assert value not in told
    places = [
        exchange.home / "verifier",
        exchange.home / "verifier-agent",
        exchange.home / "nats" / "jetstream" / "VERIFIER",
        *exchange.home.glob("logs/verifier*"),
    ]
    assert all(place.exists() for place in places)
    personal = {claims["given_name"], claims["family_name"]}
    assert traces(personal, places) == []


async def _its_days_are_over(exchange: RunningExchange, request_id: str) -> None:
    """The clock stands a day later for this request: what was promised for a day is due."""
    async with Database(Auditor(exchange, exchange.database).url("verifier")) as db, db.session() as session:
        row = await session.get(RequestRow, request_id)
        assert row is not None
        assert row.forget_at is not None
        row.forget_at -= timedelta(days=1)


async def _audit(exchange: RunningExchange) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = await exchange.verifier_api.get("/v1/audit", **({"after": after} if after else {}))
        found += page["items"]
        if not page["items"] or page.get("next") is None:
            return found
        after = page["next"]


async def test_a_link_relayed_to_somebody_else_is_refused_and_the_applicants_own_answer_is_bound(
    exchange: RunningExchange, platform: Platform, nomvula: HttpGraduate
) -> None:
    session = {"return_url": f"{JOBS}/applied", "reference": REFERENCE, "must_be_bound": True}
    base = exchange.endpoints["verifier"]
    for reference, bound, result in (
        ("session-of-somebody-else-5cc1", "mismatch", "rejected"),
        (REFERENCE, "bound", "accepted"),
    ):
        made = await platform.ask(JUNIOR.body() | {"session": session})
        page = f"{base}/r/{made['id']}"
        async with httpx.AsyncClient() as hers, httpx.AsyncClient() as another:
            assert (await hers.post(f"{page}/hold")).status_code == httpx.codes.SEE_OTHER
            relayed = await another.get(page)
            assert (relayed.status_code, "didcomm:" in relayed.text) == (httpx.codes.FORBIDDEN, False)
            assert (await another.post(f"{page}/hold")).status_code == httpx.codes.FORBIDDEN
            await nomvula.answer(made["invitation_url"])
            await until(partial(_answered, platform, made), SECONDS, "the answer is there")
            back = await hers.get(f"{page}/return")
        address = urlsplit(back.headers["location"])
        assert f"{address.scheme}://{address.netloc}" == JOBS
        code = parse_qs(address.query)["ujuzi_code"][0]
        redeemed = await exchange.verifier_api.post(
            f"/v1/requests/{made['id']}/session", {"code": code, "reference": reference}
        )
        assert redeemed == {"session": bound}
        verdict = (await platform.judged(made["id"]))["verdict"]
        assert (verdict["result"], verdict["session"]) == (result, bound), verdict


async def _answered(platform: Platform, made: Mapping[str, Any]) -> bool:
    return bool((await platform.request(made["id"]))["state"] == "answered")


async def test_with_the_issuer_gone_an_answer_is_judged_at_once_and_says_how_old_its_knowledge_is(
    exchange: RunningExchange, platform: Platform, nomvula: HttpGraduate
) -> None:
    known = await platform.ask(JUNIOR.body())
    await nomvula.answer(known["invitation_url"])
    assert (await platform.judged(known["id"]))["verdict"]["result"] == "accepted"

    made = await platform.ask(JUNIOR.body())
    agent = exchange.programs()["verifier-agent"]
    await nomvula.learner.open_link(made["invitation_url"])
    asked = await nomvula.learner.request(SECONDS)
    choices = {
        need["id"]: next(one["credential_id"] for one in need["candidates"] if one["can_present"])
        for need in asked["needs"]
    }
    async with _stopped(agent):
        await nomvula.learner.consent(asked["id"], choices)
        await until(partial(_waits_for, exchange), SECONDS, "the answer waits at the verifier's edge")
        os.kill(exchange.process.pid, signal.SIGSTOP)  # it would start the issuer again
        os.kill(exchange.programs()["issuer"], signal.SIGKILL)
    try:
        began = time.monotonic()
        verdict = (await platform.judged(made["id"]))["verdict"]
        took = time.monotonic() - began
    finally:
        os.kill(exchange.process.pid, signal.SIGCONT)
    assert verdict["result"] == "accepted", verdict
    assert took < AT_ONCE_SECONDS
    codes = {step["number"]: step["codes"] for step in verdict["steps"]}
    assert codes[5] == ["status-newest-known"]
    assert "a revocation since then is not known" in verdict["steps"][4]["reason"]
    ages = {each["kind"]: each["age_seconds"] for each in verdict["knowledge"]}
    assert ages.keys() == {"trust_list", "status_list", "did_log"}
    assert all(age is not None and age < 600 for age in ages.values()), ages
    await until(partial(_there_again, exchange), SECONDS, "the issuer is there again")


@asynccontextmanager
async def _stopped(pid: int) -> AsyncIterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def _waits_for(exchange: RunningExchange) -> bool:
    """Whether an envelope lies at the verifier's edge that its agent has not handled."""
    passwords = json.loads((exchange.home / "secrets.json").read_text())["nats_passwords"]
    client = await connect(exchange.endpoints["nats"], "verifier", passwords["verifier"])
    try:
        return bool(await waiting(client.jetstream(), DIDCOMM_IN, DIDCOMM_IN.subjects[0]))
    finally:
        await client.close()


async def _there_again(exchange: RunningExchange) -> bool:
    try:
        answer = await exchange.client.get(f"{exchange.endpoints['issuer']}/ready")
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK
