"""Who may see and do what at the verifier's console; over the real stores, on SQLite and on PostgreSQL."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from tests.integration.console.verifier_site import VerifierSite, running_verifier
from tests.support.nats_server import NatsServer
from tests.unit.verifier.test_templates import TEMPLATE
from verifier.entry.console import ROLES

REF = "junior-data-analyst@1"
EVERYBODY = frozenset(ROLES)
ASKING = frozenset({"requester", "developer", "admin"})
EDITING = frozenset({"template_editor", "admin"})
TELLING = frozenset({"developer", "admin"})
TRUSTING = frozenset({"trust_officer", "admin"})
ADMIN = frozenset({"admin"})
PAGES: Mapping[str, frozenset[str]] = {
    "/console/requests": EVERYBODY,
    "/console/requests?stands=undecided&template=junior-data-analyst": EVERYBODY,
    "/console/requests/REQUEST": EVERYBODY,
    "/console/requests/new": ASKING,
    f"/console/requests/new/{REF}": ASKING,
    "/console/templates": EVERYBODY,
    f"/console/templates/{REF}": EVERYBODY,
    "/console/templates/new": EDITING,
    f"/console/templates/{REF}/edit": EDITING,
    f"/console/templates/{REF}/edit?how=json": EDITING,
    "/console/trust-lists": EVERYBODY,
    "/console/webhooks": TELLING,
    "/console/webhooks/WEBHOOK": TELLING,
    "/console/keys": ADMIN,
    "/console/members": ADMIN,
}
FORMS: Mapping[str, frozenset[str]] = {
    f"/console/requests/new/{REF}": ASKING,
    "/console/requests/REQUEST/erase": ASKING,
    "/console/requests/REQUEST/refuse-deletion": ASKING,
    "/console/requests/REQUEST/withdraw": ASKING,
    "/console/templates/new": EDITING,
    f"/console/templates/{REF}/edit": EDITING,
    f"/console/templates/{REF}/publish": EDITING,
    f"/console/templates/{REF}/retire": EDITING,
    f"/console/templates/{REF}/delete": EDITING,
    "/console/trust-lists": TRUSTING,
    "/console/trust-lists/refresh": TRUSTING,
    "/console/trust-lists/unpin": TRUSTING,
    "/console/webhooks": TELLING,
    "/console/webhooks/WEBHOOK/test": TELLING,
    "/console/webhooks/WEBHOOK/replay": TELLING,
    "/console/webhooks/WEBHOOK/rotate-secret": TELLING,
    "/console/webhooks/WEBHOOK/disable": TELLING,
    "/console/webhooks/WEBHOOK/enable": TELLING,
    "/console/webhooks/WEBHOOK/delete": TELLING,
    "/console/webhooks/WEBHOOK/deliveries/0/replay": TELLING,
    "/console/keys": ADMIN,
    "/console/keys/0/revoke": ADMIN,
}
FORBIDDEN, SEE_OTHER, REFUSED = 403, 303, 422


@dataclass
class Desk:
    """A verifier with a template, a request that waits, and a webhook."""

    site: VerifierSite
    request_id: str
    webhook_id: str

    def path(self, path: str) -> str:
        return path.replace("REQUEST", self.request_id).replace("WEBHOOK", self.webhook_id)

    @asynccontextmanager
    async def member(self, role: str) -> AsyncIterator[httpx.AsyncClient]:
        """The browser of somebody with this role; `csrf` is a header of all it sends."""
        made = await self.site.invite(f"A {role}", f"{role}@example.org", role)
        headers = {"Accept": "text/html", "Origin": self.site.url}
        async with httpx.AsyncClient(base_url=self.site.url, headers=headers) as browser:
            joined = await browser.post("/join", data={"code": made.url.rpartition("#")[2]})
            assert joined.status_code == SEE_OTHER, joined.text
            found = re.search(r'name="csrf" value="([^"]+)"', (await browser.get("/console/account")).text)
            assert found
            browser.headers["X-CSRF-Token"] = found[1]
            yield browser


@pytest.fixture
async def desk(database_url: str, nats_server: NatsServer) -> AsyncIterator[Desk]:
    async with running_verifier(database_url, nats_server) as site, site.program() as program:
        ref = (await program.post("/v1/templates", json=TEMPLATE)).json()["ref"]
        await program.post(f"/v1/templates/{ref}/publish")
        asked = await program.post("/v1/requests", json={"template": ref, "parameters": {"days": 30}})
        hook = await program.post("/v1/webhooks", json={"url": f"{site.platform.url}/told"})
        yield Desk(site, asked.json()["id"], hook.json()["webhook"]["id"])


async def test_every_page_and_form_is_for_those_whose_role_includes_it(desk: Desk) -> None:
    for role in ROLES:
        async with desk.member(role) as browser:
            for path, may in PAGES.items():
                shown = await browser.get(desk.path(path))
                assert (shown.status_code == FORBIDDEN) == (role not in may), (role, path, shown.status_code)
                assert shown.status_code in {200, FORBIDDEN}, (role, path)
            for path, may in FORMS.items():
                if role not in may:
                    sent = await browser.post(desk.path(path), data={"do": "save"})
                    assert sent.status_code == FORBIDDEN, (role, path)
                    assert "Your roles do not include" in sent.text
    async with desk.site.program() as program:
        assert (await program.get(f"/v1/requests/{desk.request_id}")).json()["state"] == "created"


async def test_no_form_is_taken_from_another_site_without_its_token_or_from_nobody(desk: Desk) -> None:
    async with desk.member("admin") as browser:
        token = browser.headers.pop("X-CSRF-Token")
        for path in FORMS:
            bare = await browser.post(desk.path(path), data={})
            other = await browser.post(
                desk.path(path), data={"csrf": token}, headers={"Origin": "https://evil.test"}
            )
            assert (bare.status_code, other.status_code) == (FORBIDDEN, FORBIDDEN), path
        browser.cookies.clear()
        for path in FORMS:
            assert (await browser.post(desk.path(path), data={"csrf": token})).status_code == 401, path
        for path in PAGES:
            led = await browser.get(desk.path(path))
            assert led.headers["location"].startswith("/sign-in?next=/console"), path
    async with desk.site.program() as program:
        assert len((await program.get("/v1/webhooks")).json()) == 1
        assert (await program.get(f"/v1/requests/{desk.request_id}")).json()["state"] == "created"


async def test_what_is_refused_is_said_on_the_page_and_changes_nothing(desk: Desk) -> None:
    async with desk.member("admin") as browser:

        async def refused(path: str, fields: Mapping[str, str], said: str) -> None:
            sent = await browser.post(desk.path(path), data=dict(fields))
            assert sent.status_code == REFUSED, (path, sent.status_code)
            assert said in sent.text, path

        new = f"/console/requests/new/{REF}"
        await refused(new, {"p-level": "9", "p-days": "30"}, "is not a level of eqf from 3 to 6")
        await refused(new, {"p-days": "thirty"}, "is not a whole number from 1 to 90")
        await refused("/console/requests/REQUEST/erase", {}, "once there is a verdict")
        refusal = "/console/requests/REQUEST/refuse-deletion"
        await refused(refusal, {"because": " "}, "missing or wrong")
        await refused(refusal, {"because": "x" * 501}, "missing or wrong")
        await refused(refusal, {"because": "For an audit."}, "has not asked for deletion")
        await refused(f"/console/templates/{REF}/delete", {}, "cannot be deleted")
        await refused(
            "/console/trust-lists", {"url": "ftp://x", "name": ""}, "begins with https:// is wanted"
        )
        await refused("/console/trust-lists/unpin", {"url": "https://none.test"}, "no list is pinned")
        await refused("/console/trust-lists/refresh", {"url": "https://none.test"}, "no list is pinned")
        await refused("/console/webhooks", {"url": ""}, "Give an address of your software")
        await refused("/console/webhooks", {"url": "ftp://jobs.test/"}, "This address cannot be called.")
        await refused("/console/webhooks/WEBHOOK/delete", {}, "Tick this first.")
        await refused(
            "/console/webhooks/WEBHOOK/rotate-secret", {"keep_old_hours": "999"}, "within the bounds"
        )
        await refused("/console/keys", {"name": "", "role": "reader"}, "Give a name of 1 to 120 characters.")
        await refused("/console/keys", {"name": "p", "role": "king"}, "Choose one.")
        await refused("/console/keys", {"name": "p", "role": "reader", "last_day": "2020-01-01"}, "lie ahead")
        assert (await browser.post(desk.path("/console/webhooks/WEBHOOK/disable"))).status_code == SEE_OTHER
        await refused("/console/webhooks/WEBHOOK/test", {}, "This was refused")
        await refused("/console/webhooks/WEBHOOK/replay", {}, "This was refused")
        withdrawn = await browser.post(desk.path("/console/requests/REQUEST/withdraw"))
        assert withdrawn.status_code == SEE_OTHER
        for path in ("requests/nobody", "requests/nobody/receipt", "templates/none@1", "webhooks/nobody"):
            assert (await browser.get(f"/console/{path}")).status_code == 404, path
        assert (await browser.get(desk.path("/console/requests/REQUEST/receipt"))).status_code == 404


async def test_a_name_and_a_session_are_asked_for_where_they_are_compared_and_bound(
    database_url: str, nats_server: NatsServer
) -> None:
    origins = ("https://jobs.test",)
    async with running_verifier(database_url, nats_server, return_origins=origins) as site:
        named = TEMPLATE | {"requirement": TEMPLATE["requirement"] | {"name_match": "required"}}
        async with site.program() as program:
            ref = (await program.post("/v1/templates", json=named)).json()["ref"]
            await program.post(f"/v1/templates/{ref}/publish")
        async with Desk(site, "", "").member("requester") as browser:
            path, asked = f"/console/requests/new/{ref}", {"p-days": "30", "do": "make"}
            nameless = await browser.post(path, data=asked)
            assert (nameless.status_code, 'id="given_name-wrong"' in nameless.text) == (REFUSED, True)
            asked |= {"given_name": "Amina", "return_url": "https://evil.test/", "reference": "x" * 16}
            astray = await browser.post(path, data=asked)
            assert (astray.status_code, 'id="return_url-wrong"' in astray.text) == (REFUSED, True)
            asked |= {"return_url": "https://jobs.test/applied", "must_be_bound": "yes"}
            made = await browser.post(path, data=asked)
            assert made.status_code == SEE_OTHER, made.text
            page = (await browser.get(made.headers["location"])).text
            assert "https://jobs.test/applied" in page
            assert "Amina" not in page.replace("A requester", "")
