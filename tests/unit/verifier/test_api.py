"""The API over stand-ins: what it answers to bad input, and what a request looks like on its way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import unescape
from itertools import count
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.ports.api_keys import ApiKey
from shared.ports.trust_pins import PinState, SeenList, TrustPin
from shared.vc.trust_decision import Snapshot, Unreachable
from shared.web.app import create_app
from shared.web.languages import LANGUAGES
from shared.web.pages import Pages
from tests.support.verifier_fakes import (
    LIST_URL,
    Clock,
    KnownIssuers,
    MemoryAgent,
    MemoryRequests,
    MemorySessions,
    MemoryTemplates,
    MemoryWishes,
    PinnedSnapshots,
    trusting,
)
from tests.unit.verifier.test_requirement import BODY
from verifier.domain.question import Question
from verifier.domain.request import Created, Disclosure, Exchange, Judged, answer, ask, settle
from verifier.domain.verdict import Outcome, Result, Step, Verdict
from verifier.domain.wish import Wish
from verifier.entry.api import answers_router, requests_router, trust_router
from verifier.entry.pages import pages_router, renewal_router
from verifier.entry.problems import PROBLEMS
from verifier.entry.session_pages import SessionPages, session_router
from verifier.entry.shapes import read_requirement
from verifier.entry.templates_api import Requirements, templates_router
from verifier.entry.words import WORDS
from verifier.main import TEMPLATES
from verifier.use_cases.advance_template import AdvanceTemplate
from verifier.use_cases.choose_way import ChooseWay
from verifier.use_cases.draft_template import DraftTemplate
from verifier.use_cases.erase_answer import EraseAnswer
from verifier.use_cases.make_request import MakeRequest
from verifier.use_cases.open_in_browser import OpenInBrowser
from verifier.use_cases.redeem_return import RedeemReturn
from verifier.use_cases.refuse_deletion import RefuseDeletion
from verifier.use_cases.renew_request import RenewRequest
from verifier.use_cases.return_to_platform import ReturnToPlatform
from verifier.use_cases.withdraw_request import WithdrawRequest

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OPERATOR = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@dataclass
class MemoryPins(PinnedSnapshots):
    """Pins and their snapshots in memory; nothing new can be fetched."""

    states: dict[str, PinState] = field(default_factory=dict)

    async def all(self) -> list[PinState]:
        return list(self.states.values())

    async def find(self, url: str) -> PinState | None:
        return self.states.get(url)

    async def pin(self, pin: TrustPin) -> Any:  # noqa: ANN401 - both ports have a pin
        self.states[pin.url] = PinState(pin=pin)
        gone = Snapshot(name=pin.name, url=pin.url, problem=Unreachable(reason="no route", since=NOW))
        self.lists = (*(each for each in self.lists if each.url != pin.url), gone)
        return gone

    async def unpin(self, url: str) -> None:
        self.states.pop(url)
        self.lists = tuple(each for each in self.lists if each.url != url)

    async def refresh(self, url: str) -> Snapshot:
        found = self.snapshot(url)
        assert found is not None
        return found

    async def advance(self, url: str, seen: SeenList) -> None:
        self.states[url] = PinState(pin=self.states[url].pin, seen=seen)


@dataclass
class Api:
    client: httpx.AsyncClient
    requests: MemoryRequests
    agent: MemoryAgent
    sessions: MemorySessions
    clock: Clock
    judged_again: list[str]
    wishes: MemoryWishes


JOBS = "https://jobs.test"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    clock = Clock(NOW)
    requests, agent, pins = MemoryRequests(), MemoryAgent(clock), MemoryPins((trusting("did:webvh:x"),))
    templates, sessions = MemoryTemplates(), MemorySessions(requests)
    session_pages = SessionPages(sessions, secure=True)
    requirements = Requirements(templates, organisation="Kazi <Jobs>", clock=clock)
    numbers = count(1)
    make = MakeRequest(
        requests,
        agent,
        KnownIssuers(),
        pins,
        sessions,
        origins=[JOBS],
        new_id=lambda: f"request-{next(numbers)}",
        clock=clock,
    )
    wishes = MemoryWishes(requests)
    judged_again: list[str] = []

    async def judge_again(exchange_id: str) -> None:
        judged_again.append(exchange_id)

    async def find(presented: str) -> ApiKey | None:
        scopes = {"admin-key": {"admin"}, "reading-key": {"requests:read"}}.get(presented)
        return None if scopes is None else ApiKey("1", "test", frozenset(scopes))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield

    app = create_app(
        "Verifier",
        lifespan=lifespan,
        routers=[
            requests_router(
                requests,
                make,
                WithdrawRequest(requests, clock=clock),
                "https://verifier.test",
                requirements=requirements,
                redeem=RedeemReturn(requests, sessions, judge_again, clock=clock),
                wishes=wishes,
            ),
            answers_router(
                requests,
                wishes,
                EraseAnswer(requests, wishes, new_id=lambda: "answer", clock=clock),
                RefuseDeletion(requests, wishes, new_id=lambda: "answer", clock=clock),
                "https://verifier.test",
            ),
            templates_router(
                templates,
                DraftTemplate(templates, read_requirement, clock=clock),
                AdvanceTemplate(templates, clock=clock),
                requirements,
            ),
            trust_router(pins, pins, KnownIssuers(), clock=clock),
            pages_router(
                requests,
                Pages(TEMPLATES, product="Verifier"),
                organisation="Kazi <Jobs>",
                base_url="https://verifier.test",
                sessions=session_pages,
            ),
            renewal_router(RenewRequest(requests, make)),
            session_router(
                session_pages,
                requests,
                OpenInBrowser(requests, sessions),
                ChooseWay(requests),
                ReturnToPlatform(requests, sessions, origins=[JOBS], clock=clock),
            ),
        ],
        ready_checks={},
        find_api_key=find,
        problems=PROBLEMS,
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="https://verifier.test",
        headers={"Authorization": "Bearer admin-key"},
    ) as client:
        yield Api(client, requests, agent, sessions, clock, judged_again, wishes)


def judged(created: Created) -> Judged:
    asked = ask(created, Question((), ()), Exchange("e", "c", "t"), request_digest="z", now=NOW)
    steps = (Step(1, "answers this request", Outcome.FAILED, "it is replayed", "it is replayed"),)
    return settle(
        answer(asked, received_at=NOW, answer_digest="d", now=NOW),
        Verdict(Result.REJECTED, steps),
        [],
        "a.b.c",
        now=NOW,
    )


async def test_a_requirement_becomes_a_request_with_a_link(api: Api) -> None:
    answered = await api.client.post("/v1/requests", json=BODY)
    assert answered.status_code == 201
    body = answered.json()
    assert (body["id"], body["state"]) == ("request-1", "created")
    assert body["request_url"] == "https://verifier.test/r/request-1"
    assert body["invitation_url"].startswith("https://verifier.")
    assert (await api.client.get(answered.headers["location"])).json() == body


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"purpose": ""}, "purpose"),
        ({"need": []}, "need"),
        ({"keep_days": 100_000}, "keep_days"),
        ({"reveal": ["twin_digest"]}, "reveal"),
        ({"reveal": ["shoe_size"]}, "reveal"),
        ({"trust_lists": ["https://unpinned.test"]}, "trust_lists"),
        ({"keep_days": None}, "body.keep_days"),
        ({"colour": "red"}, "body.colour"),
    ],
)
async def test_what_cannot_be_asked_is_a_problem_that_names_the_field(
    api: Api, change: dict[str, Any], where: str
) -> None:
    refused = await api.client.post("/v1/requests", json=BODY | change)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert where in [error["where"] for error in refused.json()["errors"]]
    assert api.requests.stored == {}


async def test_without_an_agent_nothing_is_stored(api: Api) -> None:
    api.agent.away = True
    refused = await api.client.post("/v1/requests", json=BODY)
    assert refused.status_code == 503
    assert "retry-after" in refused.headers
    assert api.requests.stored == {}


async def test_keys_are_asked_for_and_their_scopes_kept(api: Api) -> None:
    reading = {"Authorization": "Bearer reading-key"}
    assert (await api.client.get("/v1/requests", headers={"Authorization": ""})).status_code == 401
    assert (await api.client.get("/v1/requests", headers=reading)).status_code == 200
    assert (await api.client.post("/v1/requests", headers=reading, json=BODY)).status_code == 403
    assert (await api.client.post("/v1/trust-lists", headers=reading, json={})).status_code == 403


async def test_an_unknown_request_is_a_404_problem(api: Api) -> None:
    for path in ("/v1/requests/nobody", "/v1/requests/nobody/events", "/r/nobody", "/r/nobody/qr.svg", "/i"):
        missing = await api.client.get(path)
        assert missing.status_code == 404, path
        assert missing.headers["content-type"] == "application/problem+json"


async def test_requests_are_listed_newest_first_in_pages(api: Api) -> None:
    for _ in range(3):
        await api.client.post("/v1/requests", json=BODY)
    first = (await api.client.get("/v1/requests", params={"limit": 2})).json()
    assert [item["id"] for item in first["items"]] == ["request-3", "request-2"]
    rest = (await api.client.get("/v1/requests", params={"limit": 2, "after": first["next"]})).json()
    assert ([item["id"] for item in rest["items"]], rest["next"]) == (["request-1"], None)


async def test_requests_are_sought_by_state_result_and_template_and_name_who_made_them(api: Api) -> None:
    for _ in range(2):
        await api.client.post("/v1/requests", json=BODY)
    created = api.requests.stored["request-1"]
    assert isinstance(created, Created)
    api.requests.stored["request-1"] = judged(created)

    async def found(**sought: str) -> list[str]:
        return [each["id"] for each in (await api.client.get("/v1/requests", params=sought)).json()["items"]]

    assert await found(state="created") == ["request-2"]
    assert await found(result="rejected") == ["request-1"]
    assert await found(result="accepted") == []
    assert await found(template="analyst") == []
    assert (await api.client.get("/v1/requests", params={"state": "lost"})).status_code == 422
    assert (await api.client.get("/v1/requests/request-2")).json()["made_by"] == "key:1"


async def test_what_was_shown_is_deleted_on_demand_and_the_verdict_stays(api: Api) -> None:
    for _ in range(2):
        await api.client.post("/v1/requests", json=BODY)
    created = api.requests.stored["request-1"]
    assert isinstance(created, Created)
    shown = replace(judged(created), disclosed=(Disclosure(0, {"title": "Data"}),))
    api.requests.stored["request-1"] = shown
    assert (await api.client.get("/v1/requests/request-1")).json()["disclosed"]

    for _ in range(2):
        erased = (await api.client.delete("/v1/requests/request-1/disclosed")).json()
        assert "disclosed" not in erased
        assert (erased["verdict"]["result"], erased["receipt"]) == ("rejected", "a.b.c")
    early = await api.client.delete("/v1/requests/request-2/disclosed")
    assert (early.status_code, "once there is a verdict" in early.json()["detail"]) == (409, True)
    assert (await api.client.delete("/v1/requests/nobody/disclosed")).status_code == 404
    reading = {"Authorization": "Bearer reading-key"}
    refused = await api.client.delete("/v1/requests/request-1/disclosed", headers=reading)
    assert refused.status_code == 403


async def test_a_wish_to_delete_stands_with_the_request_and_is_refused_with_a_reason_or_done(
    api: Api,
) -> None:
    await api.client.post("/v1/requests", json=BODY)
    created = api.requests.stored["request-1"]
    assert isinstance(created, Created)
    api.requests.stored["request-1"] = replace(judged(created), disclosed=(Disclosure(0, {"title": "Data"}),))
    refuse = "/v1/requests/request-1/refuse-deletion"
    nobody = await api.client.post(refuse, json={"because": "No."})
    assert (nobody.status_code, "has not asked for deletion" in nobody.json()["detail"]) == (409, True)

    await api.wishes.add(Wish("request-1", "connection", "en", NOW))
    (listed,) = (await api.client.get("/v1/requests")).json()["items"]
    assert listed["deletion"]["state"] == "asked"
    shown = (await api.client.get("/v1/requests/request-1")).json()
    assert shown["deletion"] == {"state": "asked", "asked_at": "2026-06-01T12:00:00Z", "told": False}
    for because in ("", "  ", "x" * 501, "\x00"):
        assert (await api.client.post(refuse, json={"because": because})).status_code == 422
    refused = (await api.client.post(refuse, json={"because": " For an audit. "})).json()
    assert (refused["deletion"]["state"], refused["deletion"]["because"]) == ("refused", "For an audit.")
    assert refused["disclosed"]

    await api.client.delete("/v1/requests/request-1/disclosed")
    found = (await api.client.get("/v1/requests/request-1")).json()
    assert found["deletion"]["state"] == "deleted"
    assert "disclosed" not in found
    late = await api.client.post(refuse, json={"because": "No."})
    assert (late.status_code, "deleted already" in late.json()["detail"]) == (409, True)


async def test_a_waiting_request_can_be_withdrawn_and_a_judged_one_not(api: Api) -> None:
    for _ in range(2):
        await api.client.post("/v1/requests", json=BODY)
    assert (await api.client.post("/v1/requests/request-1/withdraw")).json()["state"] == "withdrawn"
    created = api.requests.stored["request-2"]
    assert isinstance(created, Created)
    api.requests.stored["request-2"] = judged(created)
    refused = await api.client.post("/v1/requests/request-2/withdraw")
    assert (refused.status_code, "judged" in refused.json()["detail"]) == (409, True)


async def test_events_tell_every_change_and_end_with_the_verdict(api: Api) -> None:
    await api.client.post("/v1/requests", json=BODY)
    created = api.requests.stored["request-1"]
    assert isinstance(created, Created)

    async def soon() -> None:
        await asyncio.sleep(0)
        api.requests.stored["request-1"] = judged(created)

    following = asyncio.create_task(api.client.get("/v1/requests/request-1/events"))
    await asyncio.create_task(soon())
    stream = (await following).text
    assert stream.endswith("\n\n")
    last = stream.strip().split("\n\n")[-1]
    assert last.startswith("event: state\ndata: ")
    assert '"result":"rejected"' in last
    assert '"receipt":"a.b.c"' in last


async def test_a_page_says_who_asks_why_what_for_and_for_how_long(api: Api) -> None:
    await api.client.post("/v1/requests", json=BODY)
    page = (await api.client.get("/r/request-1")).text
    assert "Kazi &lt;Jobs&gt;</bdi> asks you for a proof" in page
    assert "Application: analyst" in page
    assert "What is asked" in page
    assert "What they would see" in page
    assert "30 days, then it is deleted" in page
    assert "Open my wallet app" in page
    assert "didcomm://invite?oob=" in page
    code = await api.client.get("/r/request-1/qr.svg")
    assert code.headers["content-type"] == "image/svg+xml"
    assert (code.headers["content-encoding"], int(code.headers["content-length"]) < 6_000) == ("gzip", True)
    assert 'fill="#fff"' in code.text  # a dark page must not swallow the quiet zone


async def test_a_page_later_shows_only_the_state(api: Api) -> None:
    await api.client.post("/v1/requests", json=BODY)
    created = api.requests.stored["request-1"]
    assert isinstance(created, Created)
    api.requests.stored["request-1"] = ask(
        created, Question((), ()), Exchange("e", "c", "t"), request_digest="z", now=NOW
    )
    taken = (await api.client.get("/r/request-1")).text
    assert "A wallet has opened this request" in taken
    assert "didcomm:" not in taken  # the invitation works once
    api.requests.stored["request-1"] = judged(created)
    later = (await api.client.get("/r/request-1")).text
    assert "Your answer was checked" in later
    assert "Open my wallet app" not in later
    assert "replayed" not in later


async def test_a_page_tells_its_state_again_without_scripts_until_it_is_final(api: Api) -> None:
    await api.client.post("/v1/requests", json=BODY)
    page = await api.client.get("/r/request-1")
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert 'role="status"' in page.text
    same = await api.client.get("/r/request-1", headers={"If-None-Match": page.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    created = api.requests.stored["request-1"]
    assert isinstance(created, Created)
    api.requests.stored["request-1"] = judged(created)
    changed = await api.client.get("/r/request-1", headers={"If-None-Match": page.headers["etag"]})
    assert changed.status_code == 200
    assert "refresh" not in changed.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_page_speaks_the_readers_language(api: Api, language: str) -> None:
    await api.client.post("/v1/requests", json=BODY)
    headers = {"Accept-Language": language}
    for path in ("/r/request-1", "/i?oob=e30"):
        page = await api.client.get(path, headers=headers)
        assert f'<html lang="{language}"' in page.text
        assert WORDS[language]["you_decide"] in unescape(page.text)


async def test_the_front_page_says_who_this_is(api: Api) -> None:
    assert "Kazi &lt;Jobs&gt;" in (await api.client.get("/")).text


async def test_lists_are_pinned_shown_and_unpinned(api: Api) -> None:
    pin = {"url": "https://registry.test/lists/a", "operator_key": OPERATOR, "name": "a"}
    pinned = await api.client.post("/v1/trust-lists", json=pin)
    assert pinned.status_code == 201
    assert (pinned.json()["state"], pinned.json()["reason"]) == ("unreachable", "no route")
    (shown,) = (await api.client.get("/v1/trust-lists")).json()["items"]
    assert (shown["url"], shown["operator_key"]) == (pin["url"], OPERATOR)
    where = {"url": pin["url"]}
    assert (await api.client.post("/v1/trust-lists/refresh", params=where)).status_code == 200
    assert (await api.client.delete("/v1/trust-lists", params=where)).status_code == 204
    gone = await api.client.delete("/v1/trust-lists", params=where)
    assert (gone.status_code, "no list is pinned" in gone.json()["detail"]) == (404, True)
    assert (await api.client.post("/v1/trust-lists/refresh", params={"url": LIST_URL})).status_code == 404
    bad = await api.client.post("/v1/trust-lists", json=pin | {"operator_key": "zSomething"})
    assert bad.status_code == 422
