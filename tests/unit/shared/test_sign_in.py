"""Signing in, what a session may, and what is refused; over fakes, through the real web app."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.requests import Request

from shared.ports.api_keys import Caller
from shared.ports.members import FRESH, IDLE, LINK_LASTS, SESSION_LASTS, Identity, Member
from shared.web.app import create_app
from shared.web.auth import require_scope
from shared.web.console import Area
from shared.web.console_app import ConsoleApp, make_console
from shared.web.console_words import WORDS as SHARED_WORDS
from shared.web.manage_members import Invitation
from shared.web.pages import Pages
from shared.web.sessions import back_to, console_url, new_token
from tests.support.fakes import MemoryApiKeys
from tests.support.member_fakes import MemoryMembers, SpokenPasskeys, SpokenProvider

URL = "https://verifier.example.org"
COOKIE = "__Host-ujuzi-test"
ROLES = {"reader": frozenset({"read"}), "editor": frozenset({"read", "write"}), "admin": frozenset({"admin"})}
OWN = {"console_name": "Test", "things": "Things", "things_more": "All of them."} | {
    f"role_{role}{more}": role for role in ROLES for more in ("", "_more")
}
FORM = {"Origin": URL, "Accept": "text/html"}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class World:
    """A service with a console; `browser` keeps cookies."""

    browser: httpx.AsyncClient
    app: FastAPI
    console: ConsoleApp
    members: MemoryMembers
    provider: SpokenProvider
    clock: Clock

    async def invite(self, name: str = "Amina", role: str = "admin") -> Invitation:
        return await self.console.manage.invite(
            name=name, email=f"{name}@example.org", roles=frozenset({role})
        )

    async def join(self, name: str = "Amina", role: str = "admin") -> Member:
        """Let somebody in, in this browser, by a link."""
        made = await self.invite(name, role)
        answer = await self.redeem(made)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/account")
        return made.member

    async def redeem(self, made: Invitation) -> httpx.Response:
        return await self.browser.post("/join", data={"code": made.url.partition("#")[2]}, headers=FORM)

    @property
    def csrf(self) -> str:
        request = self.browser.build_request("GET", "/console")
        return self.console.sessions.csrf(_starlette(request))

    async def post(self, path: str, fields: Mapping[str, Any] | None = None) -> httpx.Response:
        """As a form of the console does."""
        return await self.browser.post(path, data={"csrf": self.csrf, **(fields or {})}, headers=FORM)

    async def send(self, path: str, body: Mapping[str, Any], **headers: str) -> httpx.Response:
        """As a script of the console does."""
        return await self.browser.post(path, json=body, headers={"Origin": URL} | headers)

    @asynccontextmanager
    async def other_browser(self) -> AsyncIterator["World"]:
        async with _client(self.app) as browser:
            yield World(browser, self.app, self.console, self.members, self.provider, self.clock)


def _starlette(request: httpx.Request) -> Request:
    headers = [(name.encode().lower(), value.encode()) for name, value in request.headers.items()]
    return Request(
        {"type": "http", "method": "GET", "path": "/console", "query_string": b"", "headers": headers}
    )


def things() -> APIRouter:
    router = APIRouter()

    @router.get("/v1/things")
    @router.get("/console/things")
    async def read(caller: Annotated[Caller, Depends(require_scope("read"))]) -> str:
        return caller.who

    @router.post("/v1/things")
    async def write(caller: Annotated[Caller, Depends(require_scope("write"))]) -> str:
        return caller.who

    return router


@asynccontextmanager
async def nothing(_app: object) -> AsyncIterator[None]:
    yield


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    members, provider, clock = MemoryMembers(), SpokenProvider(), Clock()
    ids = iter(f"01980000-0000-7000-8000-{number:012}" for number in range(1, 99))
    console = make_console(
        service="test",
        base_url=URL,
        organisation="Kazi Jobs",
        members=members,
        passkeys=SpokenPasskeys(),
        provider=provider,
        roles=ROLES,
        areas=[Area("/console/things", "read", "things")],
        words=dict.fromkeys(SHARED_WORDS, OWN),
        pages=Pages(tmp_path, product="Ujuzi"),
        new_id=lambda: next(ids),
        clock=clock,
    )
    app = create_app(
        "Test",
        lifespan=nothing,
        routers=[things()],
        ready_checks={},
        find_api_key=MemoryApiKeys({"key": {"read"}}).find,
        console=console,
    )
    async with _client(app) as browser:
        yield World(browser, app, console, members, provider, clock)


async def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page_and_back(world: World) -> None:
    answer = await world.browser.get("/console/things?after=3", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/console/things%3Fafter%3D3"
    page = await world.browser.get(answer.headers["location"])
    assert 'data-back="/console/things?after=3"' in page.text


async def test_a_form_sent_after_the_session_ended_is_answered_with_a_page_that_says_so(world: World) -> None:
    await world.join()
    world.clock.now += IDLE
    answer = await world.post("/sign-out/everywhere")
    assert answer.status_code == 401
    answer = await world.post("/console/members", {"name": "Baraka"})
    assert answer.status_code == 401
    assert "You are signed out" in answer.text
    assert (await world.browser.get("/console")).json()["detail"].startswith("Sign in first")


@pytest.mark.parametrize(
    ("asked", "gone_to"),
    [
        ("/console/members", "/console/members"),
        ("/console/things?after=3&lang=fr", "/console/things?after=3&lang=fr"),
        ("", "/console"),
        ("https://evil.example/console", "/console"),
        ("//evil.example/console", "/console"),
        ("/\\evil.example", "/console"),
        ("/console\\@evil.example", "/console"),
        ("/console\r\nSet-Cookie: a=b", "/console"),
        ("/consoles", "/console"),
        ("/v1/members", "/console"),
        ("javascript:alert(1)", "/console"),
        ("/console/" + "a" * 2000, "/console"),
    ],
)
def test_signing_in_leads_to_a_page_of_the_console_and_nowhere_else(asked: str, gone_to: str) -> None:
    assert back_to(asked) == gone_to


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://verifier.example.org", "https://verifier.example.org"),
        ("https://verifier.example.org:8443/v", "https://verifier.example.org:8443"),
        ("http://127.0.0.1:8402", "http://localhost:8402"),
        ("http://[::1]:8402", "http://localhost:8402"),
    ],
)
def test_browsers_open_the_console_under_a_name(base_url: str, url: str) -> None:
    assert console_url(base_url) == url


async def test_a_link_lets_in_once(world: World) -> None:
    made = await world.invite()
    assert (await world.redeem(made)).status_code == 303
    again = await world.redeem(made)
    assert again.status_code == 403
    assert "This link was used already" in again.text


async def test_a_link_that_is_too_old_or_replaced_lets_nobody_in(world: World) -> None:
    old = await world.invite()
    newer = await world.console.manage.invite_again(old.member.id)
    assert "replaced by a newer one" in (await world.redeem(old)).text
    world.clock.now += LINK_LASTS
    assert "or is too old" in (await world.redeem(newer)).text


async def test_looking_at_a_link_uses_nothing_up_and_its_code_is_sent_to_nobody(world: World) -> None:
    made = await world.invite()
    assert made.url.startswith(f"{URL}/join#")
    assert (await world.browser.get(made.url)).status_code == 200
    assert (await world.redeem(made)).status_code == 303


async def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_http(world: World) -> None:
    answer = await world.redeem(await world.invite())
    (cookie,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{COOKIE}=")]
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "domain" not in cookie.lower()


async def test_signing_in_makes_a_new_session_and_ends_the_one_the_browser_brought(world: World) -> None:
    await world.join("Amina")
    brought = world.browser.cookies[COOKIE]
    await world.join("Baraka")
    assert world.browser.cookies[COOKIE] != brought
    assert brought not in world.members.sessions


async def test_a_token_nobody_was_given_is_no_session(world: World) -> None:
    world.browser.cookies.set(COOKIE, new_token(), domain="verifier.example.org", path="/")
    assert (await world.browser.get("/v1/things")).status_code == 401


@pytest.mark.parametrize(("wait", "every"), [(IDLE, IDLE), (SESSION_LASTS, timedelta(hours=1))])
async def test_a_session_ends_when_idle_and_after_twelve_hours(
    world: World, wait: timedelta, every: timedelta
) -> None:
    await world.join()
    statuses = []
    for _ in range(wait // every):
        world.clock.now += every
        statuses.append((await world.browser.get("/v1/things")).status_code)
    assert statuses[-1] == 401
    assert set(statuses[:-1]) <= {200}


async def test_a_member_may_what_the_roles_include_by_page_and_by_api(world: World) -> None:
    member = await world.join(role="reader")
    for path in ("/v1/things", "/console/things"):
        assert (await world.browser.get(path)).json() == f"member:{member.id}"
    refused = await world.send("/v1/things", {}, **{"X-CSRF-Token": world.csrf})
    assert refused.status_code == 403
    assert "Your roles do not include 'write'" in refused.json()["detail"]
    assert (await world.browser.get("/console/members")).status_code == 403


async def test_a_key_counts_alone_and_needs_no_origin(world: World) -> None:
    await world.join()
    key = {"Authorization": "Bearer key"}
    assert (await world.browser.get("/v1/things", headers=key)).json() == "key:id"
    assert (await world.browser.post("/v1/things", headers=key)).status_code == 403
    wrong = {"Authorization": "Bearer guess"}
    assert (await world.browser.get("/v1/things", headers=wrong)).status_code == 401


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "the browser names no page"),
        ({"Origin": "null"}, "the browser names another page"),
        ({"Origin": "https://evil.example"}, "the browser names another page"),
        ({"Origin": "http://verifier.example.org"}, "the browser names another page"),
        ({"Origin": URL}, "its token is missing"),
        ({"Origin": URL, "X-CSRF-Token": "guess"}, "its token is missing or of another session"),
    ],
)
async def test_a_change_that_no_page_of_the_console_asked_for_is_refused(
    world: World, headers: dict[str, str], reason: str
) -> None:
    await world.join()
    answer = await world.browser.post("/v1/things", headers=headers)
    assert answer.status_code == 403
    assert reason in answer.json()["detail"]


async def test_the_token_of_one_session_is_worth_nothing_in_another(world: World) -> None:
    await world.join("Amina")
    stolen = world.csrf
    async with world.other_browser() as other:
        await other.join("Baraka")
        assert (await other.send("/v1/things", {}, **{"X-CSRF-Token": stolen})).status_code == 403
        assert (await other.send("/v1/things", {}, **{"X-CSRF-Token": other.csrf})).status_code == 200


@pytest.mark.parametrize("path", ["/join", "/sign-in/passkey/options", "/sign-in/passkey"])
async def test_nobody_is_signed_in_by_another_site(world: World, path: str) -> None:
    body = {"attempt": "x", "credential": {}}
    answer = await world.browser.post(path, json=body, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "the browser names another page" in answer.json()["detail"]


async def with_passkey(world: World, passkey: str, challenge: str = "sign") -> httpx.Response:
    attempt = (await world.send("/sign-in/passkey/options", {})).json()["attempt"]
    credential = {"id": passkey, "challenge": challenge}
    return await world.send(
        "/sign-in/passkey", {"attempt": attempt, "credential": credential, "next": "/console/things"}
    )


async def add_passkey(world: World, passkey: str = "k1") -> httpx.Response:
    token = {"X-CSRF-Token": world.csrf}
    asked = await world.send("/console/account/passkeys/options", {}, **token)
    if asked.status_code != 200:
        return asked
    body = {"attempt": asked.json()["attempt"], "credential": {"id": passkey, "challenge": "new"}}
    return await world.send("/console/account/passkeys", body, **token)


async def test_a_passkey_signs_its_member_in(world: World) -> None:
    member = await world.join()
    assert (await add_passkey(world)).json() == {"next": "/console/account?done=passkey_added"}
    async with world.other_browser() as other:
        assert (await with_passkey(other, "k1")).json() == {"next": "/console/things"}
        assert (await other.browser.get("/v1/things")).json() == f"member:{member.id}"
    assert world.members.passkeys["k1"][0].sign_count == 1


@pytest.mark.parametrize(("passkey", "challenge"), [("k2", "sign"), ("k1", "another")])
async def test_a_passkey_that_is_unknown_or_answers_something_else_lets_nobody_in(
    world: World, passkey: str, challenge: str
) -> None:
    await world.join()
    await add_passkey(world)
    async with world.other_browser() as other:
        assert (await with_passkey(other, passkey, challenge)).status_code == 401
        assert other.browser.cookies.get(COOKIE) is None


async def test_an_answer_counts_once_and_within_ten_minutes(world: World) -> None:
    await world.join()
    await add_passkey(world)
    async with world.other_browser() as other:
        attempt = (await other.send("/sign-in/passkey/options", {})).json()["attempt"]
        body = {"attempt": attempt, "credential": {"id": "k1", "challenge": "sign"}}
        assert (await other.send("/sign-in/passkey", body)).status_code == 200
        again = await other.send("/sign-in/passkey", body)
        assert (again.status_code, "start again" in again.text) == (401, True)
        late = (await other.send("/sign-in/passkey/options", {})).json()["attempt"]
        other.clock.now += timedelta(minutes=10)
        assert (await other.send("/sign-in/passkey", {**body, "attempt": late})).status_code == 401


async def test_a_passkey_is_asked_for_and_kept_by_the_same_member(world: World) -> None:
    await world.join("Amina")
    attempt = (
        await world.send("/console/account/passkeys/options", {}, **{"X-CSRF-Token": world.csrf})
    ).json()["attempt"]
    async with world.other_browser() as other:
        await other.join("Baraka")
        body = {"attempt": attempt, "credential": {"id": "k1", "challenge": "new"}}
        answer = await other.send("/console/account/passkeys", body, **{"X-CSRF-Token": other.csrf})
    assert answer.status_code == 401
    assert world.members.passkeys == {}


async def test_a_passkey_known_already_is_not_taken_over(world: World) -> None:
    await world.join("Amina")
    await add_passkey(world)
    async with world.other_browser() as other:
        await other.join("Baraka")
        answer = await add_passkey(other)
        assert (answer.status_code, "known here already" in answer.text) == (409, True)


async def test_a_stolen_session_adds_no_way_to_sign_in(world: World) -> None:
    await world.join()
    world.clock.now += FRESH
    refused = await add_passkey(world)
    assert refused.status_code == 403
    assert "Sign in again first" in refused.json()["detail"]
    assert (await world.browser.get("/console/account/elsewhere")).status_code == 403
    assert "Sign in again" in (await world.browser.get("/console/account")).text


async def test_the_only_passkey_is_not_removed_and_one_of_two_is(world: World) -> None:
    await world.join()
    await add_passkey(world, "k1")
    answer = await world.post("/console/account/passkeys/remove", {"passkey_id": "k1"})
    assert (answer.status_code, "your only way to sign in" in answer.text) == (403, True)
    await add_passkey(world, "k2")
    assert (await world.post("/console/account/passkeys/remove", {"passkey_id": "k1"})).status_code == 303
    assert world.members.passkeys.keys() == {"k2"}


async def test_nobody_removes_anothers_passkey(world: World) -> None:
    await world.join("Amina")
    await add_passkey(world, "k1")
    async with world.other_browser() as other:
        await other.join("Baraka")
        await add_passkey(other, "k2")
        await other.post("/console/account/passkeys/remove", {"passkey_id": "k1"})
    assert world.members.passkeys.keys() == {"k1", "k2"}


async def test_signing_out_ends_this_session_and_signing_out_everywhere_all(world: World) -> None:
    await world.join()
    await add_passkey(world)
    async with world.other_browser() as other, world.other_browser() as third:
        await with_passkey(other, "k1")
        await with_passkey(third, "k1")
        assert (await other.post("/sign-out")).headers["location"] == "/sign-in"
        assert len(world.members.sessions) == 2
        await third.post("/sign-out/everywhere")
        assert world.members.sessions == {}
        assert (await world.browser.get("/v1/things")).status_code == 401


async def elsewhere(world: World, subject: str, start: str = "/sign-in/elsewhere") -> httpx.Response:
    left = await world.browser.get(start)
    assert left.headers["location"] == world.provider.begun[-1].url
    state = world.provider.begun[-1].state
    return await world.browser.get(f"/sign-in/elsewhere/back?state={state}&code={subject}")


async def test_an_account_signs_in_once_its_member_has_connected_it(world: World) -> None:
    member = await world.join()
    answer = await elsewhere(world, "amina-7", "/console/account/elsewhere")
    assert answer.headers["location"] == "/console/account"
    async with world.other_browser() as other:
        back = await elsewhere(other, "amina-7", "/sign-in/elsewhere?next=/console/things")
        assert back.headers["location"] == "/console/things"
        assert (await other.browser.get("/v1/things")).json() == f"member:{member.id}"
    assert world.members.identities == {Identity("https://login.example", "amina-7"): member.id}


async def test_an_account_that_nobody_connected_lets_nobody_in(world: World) -> None:
    await world.invite()  # its address does not matter: addresses change hands
    answer = await elsewhere(world, "stranger")
    assert answer.headers["location"] == "/sign-in?wrong=provider"
    assert world.members.sessions == {}
    assert "not connected with a member" in (await world.browser.get(answer.headers["location"])).text


async def test_an_account_signs_in_one_member_only(world: World) -> None:
    await world.join("Amina")
    await elsewhere(world, "amina-7", "/console/account/elsewhere")
    async with world.other_browser() as other:
        await other.join("Baraka")
        answer = await elsewhere(other, "amina-7", "/console/account/elsewhere")
        assert answer.headers["location"] == "/console/account?wrong=taken"


async def test_an_answer_counts_only_in_the_browser_that_left_and_once(world: World) -> None:
    await world.join()
    await elsewhere(world, "amina-7", "/console/account/elsewhere")
    async with world.other_browser() as other, world.other_browser() as victim:
        await other.browser.get("/sign-in/elsewhere")
        path = f"/sign-in/elsewhere/back?state={world.provider.begun[-1].state}&code=amina-7"
        assert (await victim.browser.get(path)).headers["location"] == "/sign-in?wrong=provider"
        assert (await other.browser.get(path)).headers["location"] == "/console"
        assert (await other.browser.get(path)).headers["location"] == "/sign-in?wrong=provider"


async def test_a_suspended_member_is_out_at_once_and_stays_out(world: World) -> None:
    async with world.other_browser() as admin:
        await admin.join("Admin")
        member = await world.join("Amina", "editor")
        await add_passkey(world)
        await elsewhere(world, "amina-7", "/console/account/elsewhere")
        assert (await admin.post(f"/console/members/{member.id}/suspend")).status_code == 303
        assert (await world.browser.get("/v1/things")).status_code == 401
        refused = await with_passkey(world, "k1")
        assert (refused.status_code, "suspended" in refused.json()["detail"]) == (403, True)
        assert (await elsewhere(world, "amina-7")).headers["location"] == "/sign-in?wrong=suspended"
        again = await admin.post(f"/console/members/{member.id}/invitation")
        assert (again.status_code, "This account is suspended" in again.text) == (422, True)
        await admin.post(f"/console/members/{member.id}/reinstate")
        assert (await with_passkey(world, "k1")).status_code == 200


async def test_an_administrator_invites_and_the_link_is_shown_once(world: World) -> None:
    await world.join()
    shown = await world.post(
        "/console/members", {"name": "Baraka", "email": "baraka@example.org", "roles": ["editor"]}
    )
    assert shown.status_code == 200
    assert f"{URL}/join#" in shown.text
    assert f"{URL}/join#" not in (await world.browser.get("/console/members")).text
    taken = await world.post(
        "/console/members", {"name": "Other", "email": "Baraka@Example.org", "roles": ["editor"]}
    )
    assert (taken.status_code, "has that e-mail address already" in taken.text) == (422, True)
    wrong = await world.post("/console/members", {"name": "Chiku", "email": "chiku@example.org"})
    assert (wrong.status_code, "at least one role" in wrong.text) == (422, True)
    assert 'value="Chiku"' in wrong.text


async def test_roles_change_at_once_and_the_last_administrator_stays(world: World) -> None:
    admin = await world.join()
    answer = await world.post(f"/console/members/{admin.id}/roles", {"roles": ["reader"]})
    assert (answer.status_code, "Nobody would be left" in answer.text) == (422, True)
    async with world.other_browser() as other:
        second = await other.join("Baraka", "reader")
        await world.post(f"/console/members/{second.id}/roles", {"roles": ["admin"]})
        assert (await other.browser.get("/console/members")).status_code == 200
        await other.post(f"/console/members/{admin.id}/roles", {"roles": ["reader"]})
    assert (await world.browser.get("/console/members")).status_code == 403


async def test_the_api_does_what_the_pages_do(world: World) -> None:
    await world.join()

    async def call(method: str, path: str, body: object = None) -> httpx.Response:
        headers = {"Origin": URL, "X-CSRF-Token": world.csrf}
        return await world.browser.request(method, f"/v1/members{path}", json=body, headers=headers)

    made = await call("POST", "", {"name": "Baraka", "email": "b@example.org", "roles": ["reader"]})
    assert made.status_code == 201
    member, url = made.json()["member"], made.json()["invitation_url"]
    assert (member["state"], url.startswith(f"{URL}/join#")) == ("invited", True)
    there = f"/{member['id']}"
    assert (await call("PUT", f"{there}/roles", {"roles": ["editor"]})).json()["roles"] == ["editor"]
    assert (await call("POST", f"{there}/invitation")).json()["invitation_url"] != url
    assert (await call("POST", f"{there}/suspend")).json()["state"] == "suspended"
    assert (await call("POST", f"{there}/reinstate")).json()["state"] == "invited"
    assert (await call("GET", there)).json() == (await call("GET", "")).json()["items"][1]
    again = {"name": "Other", "email": "b@example.org", "roles": ["reader"]}
    assert (await call("POST", "", again)).status_code == 409
    assert (await call("POST", "", {**again, "roles": ["boss"]})).status_code == 422
    assert (await call("GET", "/nobody")).status_code == 404
    admin = (await call("GET", "")).json()["items"][0]["id"]
    assert (await call("POST", f"/{admin}/suspend")).status_code == 409


async def test_the_language_once_chosen_is_remembered(world: World) -> None:
    first = await world.browser.get("/sign-in?lang=ar", headers={"Accept-Language": "fr"})
    assert 'dir="rtl"' in first.text
    assert 'lang="ar"' in (await world.browser.get("/sign-in", headers={"Accept-Language": "fr"})).text
    world.browser.cookies.delete("ujuzi-language")
    assert 'lang="en"' in (await world.browser.get("/sign-in", headers={"Accept-Language": "pt"})).text


async def test_a_message_is_shown_once_and_no_other_text_on_a_cookies_word(world: World) -> None:
    await world.join()
    assert "your link is used up" in (await world.browser.get("/console/account")).text
    assert "your link is used up" not in (await world.browser.get("/console/account")).text
    world.browser.cookies.set(f"{COOKIE}-said", "suspend", domain="verifier.example.org", path="/")
    assert 'role="status">Suspend<' not in (await world.browser.get("/console/account")).text
