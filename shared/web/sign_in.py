"""Signing in to a console, and out of it: a one-time link, passkeys, and an OpenID provider where one is configured.

Nobody is looked up by a name or an address: a passkey and a provider's account each say themselves whose they are, so
that no answer tells a stranger who works here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, Field

from shared.ports.audit import done_by
from shared.ports.members import (
    ATTEMPT_LASTS,
    AskProvider,
    CheckPasskeys,
    Identity,
    IdentityTaken,
    KeepMembers,
    LastWayIn,
    LinkSpent,
    Member,
    SignedIn,
    SignInRefused,
    Suspended,
)
from shared.web.auth import require_member
from shared.web.console import Console
from shared.web.languages import day_in_words
from shared.web.problems import ProblemError
from shared.web.sessions import CALLBACK, CONSOLE, Sessions, back_to, new_token

ACCOUNT: Final = "/console/account"
SIGN_IN: Final = "sign in"
LONGEST_CODE: Final = 200
LONGEST_ANSWER: Final = 4_000
WRONG: Final = {
    LinkSpent: "wrong_link",
    Suspended: "wrong_suspended",
    SignInRefused: "wrong_provider",
    IdentityTaken: "wrong_taken",
    LastWayIn: "wrong_last_way",
}

Somebody = Annotated[SignedIn, Depends(require_member)]


class NotFresh(ProblemError):
    """403: a way to sign in is added, and the session is older than that allows."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            403, "Sign in again first: a way to sign in is added only within 15 minutes of signing in."
        )


class PasskeyRequest(BaseModel):
    """What the browser needs to ask an authenticator; `attempt` goes back with the answer."""

    attempt: str
    options: dict[str, Any]


class PasskeyAnswer(BaseModel):
    """An authenticator's answer (PublicKeyCredential, its bytes in base64url)."""

    attempt: str = Field(max_length=LONGEST_CODE)
    credential: dict[str, Any]
    next: str = ""


class GoOn(BaseModel):
    """Which page to open."""

    next: str


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """What signing in needs; `provider` is None unless one is configured."""

    sessions: Sessions
    passkeys: CheckPasskeys
    provider: AskProvider | None

    @property
    def members(self) -> KeepMembers:
        """Who may sign in."""
        return self.sessions.members

    async def remember(self, token: str, **facts: str) -> None:
        """Remember what an answer must fit."""
        await self.members.begin_attempt(token, facts, expires_at=self.sessions.clock() + ATTEMPT_LASTS)

    async def recall(self, token: str, purpose: str) -> dict[str, str]:
        """What was remembered for this purpose, once. Raises SignInRefused."""
        facts = await self.members.take_attempt(token, now=self.sessions.clock())
        if facts is None or facts.get("purpose") != purpose:
            raise SignInRefused("This attempt to sign in is over: start again.")
        return dict(facts)

    def insist_fresh(self, member: SignedIn) -> None:
        """Raises NotFresh."""
        if not member.session.fresh(self.sessions.clock()):
            raise NotFresh


def console_routers(sign_in: SignIn, console: Console) -> list[APIRouter]:
    """`/sign-in`, `/sign-out`, `/join`, `/console` and `/console/account`."""
    routers = [_start(console), _links(sign_in, console), _passkeys(sign_in), _account(sign_in, console)]
    if sign_in.provider is not None:
        routers.append(_elsewhere(Elsewhere(sign_in=sign_in, provider=sign_in.provider, console=console)))
    return routers


def _start(console: Console) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(CONSOLE)
    async def start(request: Request, member: Somebody) -> Response:
        return console.show(request, "console/start.html", member, roles=_known(console, member.member))

    return router


def _links(sign_in: SignIn, console: Console) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    sessions = sign_in.sessions

    @router.get("/sign-in")
    async def sign_in_page(
        request: Request,
        next: str = "",  # noqa: A002 - the parameter's name in the address
        again: str = "",
        wrong: str = "",
    ) -> Response:
        back = back_to(next)
        if not again and not wrong and await sessions.find(request) is not None:
            return RedirectResponse(back, 303)
        provider = sign_in.provider.name if sign_in.provider else None
        said = console.words(request).get(f"wrong_{wrong}") if wrong else None
        return console.show(
            request,
            "console/sign_in.html",
            scripts=("passkey.js",),
            wrong=said,
            back=back,
            provider=provider,
        )

    @router.get("/join")
    async def join_page(request: Request) -> Response:
        """Change nothing: whoever looks at links before their reader does uses none up."""
        return console.show(request, "console/join.html", scripts=("join.js",))

    @router.post("/join")
    async def join(request: Request, code: Annotated[str, Form(max_length=LONGEST_CODE)] = "") -> Response:
        sessions.refuse_stranger(request)
        try:
            member = await sign_in.members.redeem(code.strip(), now=sessions.clock())
        except (LinkSpent, Suspended) as error:
            wrong = console.words(request)[WRONG[type(error)]]
            return console.show(request, "console/join.html", status=403, scripts=("join.js",), wrong=wrong)
        answer = console.back(ACCOUNT, "joined")
        await sessions.begin(request, answer, member, "link")
        return answer

    @router.post("/sign-out")
    async def sign_out(request: Request, _: Somebody) -> Response:
        answer = console.back("/sign-in", "signed_out")
        await sessions.end(request, answer)
        return answer

    @router.post("/sign-out/everywhere")
    async def sign_out_everywhere(request: Request, member: Somebody) -> Response:
        await sign_in.members.end_sessions(member.member.id)
        answer = console.back("/sign-in", "signed_out")
        await sessions.end(request, answer)
        return answer

    return router


def _passkeys(sign_in: SignIn) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    sessions, passkeys = sign_in.sessions, sign_in.passkeys

    @router.post("/sign-in/passkey/options")
    async def ask(request: Request) -> PasskeyRequest:
        sessions.refuse_stranger(request)
        asked, attempt = passkeys.ask(), new_token()
        await sign_in.remember(attempt, purpose="passkey", challenge=asked.challenge.hex())
        return PasskeyRequest(attempt=attempt, options=json.loads(asked.options))

    @router.post("/sign-in/passkey")
    async def answered(request: Request, body: PasskeyAnswer) -> Response:
        sessions.refuse_stranger(request)
        facts = await sign_in.recall(body.attempt, "passkey")
        answer = json.dumps(body.credential)
        found = await sign_in.members.passkey(passkeys.id_in(answer))
        if found is None:
            raise SignInRefused("This passkey is not known here: use another way to sign in.")
        passkey, member = found
        count = passkeys.check(answer, bytes.fromhex(facts["challenge"]), passkey)
        done = JSONResponse(GoOn(next=back_to(body.next)).model_dump())
        await sessions.begin(request, done, member, "passkey")
        await sign_in.members.used_passkey(passkey.id, sign_count=count)
        return done

    @router.post(f"{ACCOUNT}/passkeys/options")
    async def ask_for_new(member: Somebody) -> PasskeyRequest:
        sign_in.insist_fresh(member)
        ways_in = await sign_in.members.ways_in(member.member.id)
        asked, attempt = passkeys.ask_for_new(member.member, ways_in.passkeys), new_token()
        purpose = f"new passkey of {member.member.id}"
        await sign_in.remember(attempt, purpose=purpose, challenge=asked.challenge.hex())
        return PasskeyRequest(attempt=attempt, options=json.loads(asked.options))

    @router.post(f"{ACCOUNT}/passkeys")
    async def add(member: Somebody, body: PasskeyAnswer) -> GoOn:
        sign_in.insist_fresh(member)
        facts = await sign_in.recall(body.attempt, f"new passkey of {member.member.id}")
        made = passkeys.check_new(
            json.dumps(body.credential), bytes.fromhex(facts["challenge"]), now=sessions.clock()
        )
        await sign_in.members.add_passkey(member.member.id, made)
        return GoOn(next=f"{ACCOUNT}?done=passkey_added")

    return router


def _account(sign_in: SignIn, console: Console) -> APIRouter:
    router = APIRouter(prefix=ACCOUNT, include_in_schema=False)

    async def shown(request: Request, member: SignedIn, wrong: str | None = None) -> Response:
        language = console.language(request)
        ways_in = await sign_in.members.ways_in(member.member.id)
        return console.show(
            request,
            "console/account.html",
            member,
            status=403 if wrong else 200,
            scripts=("passkey.js",),
            wrong=wrong,
            roles=_known(console, member.member),
            passkeys=[
                {"id": each.id, "day": day_in_words(each.created_at.date(), language)}
                for each in ways_in.passkeys
            ],
            identities=[urlsplit(each.issuer).hostname for each in ways_in.identities],
            provider=sign_in.provider.name if sign_in.provider else None,
            fresh=member.session.fresh(sign_in.sessions.clock()),
        )

    @router.get("")
    async def account(request: Request, member: Somebody, done: str = "", wrong: str = "") -> Response:
        if done == "passkey_added":  # a script moved on to here: it cannot leave a message
            return console.back(ACCOUNT, done)
        said = console.words(request).get(f"wrong_{wrong}") if wrong else None
        return await shown(request, member, said)

    @router.post("/passkeys/remove")
    async def remove(
        request: Request, member: Somebody, passkey_id: Annotated[str, Form(max_length=LONGEST_ANSWER)]
    ) -> Response:
        try:
            await sign_in.members.remove_passkey(member.member.id, passkey_id)
        except LastWayIn as error:
            return await shown(request, member, console.words(request)[WRONG[type(error)]])
        return console.back(ACCOUNT, "passkey_removed")

    return router


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """Sign in with an account of the OpenID provider; accounts are connected by members who are signed in."""

    sign_in: SignIn
    provider: AskProvider
    console: Console

    @property
    def cookie(self) -> str:
        """The answer counts only in the browser that left, which keeps this."""
        return f"{self.sign_in.sessions.cookie}-elsewhere"

    async def leave(self, purpose: str, back: str) -> Response:
        """Send the browser to the provider. Raises Unavailable."""
        sent = await self.provider.begin()
        await self.sign_in.remember(
            sent.state, purpose="elsewhere", then=purpose, back=back, nonce=sent.nonce, verifier=sent.verifier
        )
        answer = RedirectResponse(sent.url, 303)
        answer.set_cookie(
            self.cookie,
            sent.state,
            max_age=int(ATTEMPT_LASTS.total_seconds()),
            samesite="lax",
            httponly=True,
            secure=self.sign_in.sessions.secure,
        )
        return answer

    async def recall(self, request: Request, state: str) -> dict[str, str]:
        """What was remembered when this browser left. Raises SignInRefused."""
        if not state or state != request.cookies.get(self.cookie):
            raise SignInRefused("This browser did not begin this attempt to sign in: start again.")
        return await self.sign_in.recall(state, "elsewhere")

    async def enter(self, request: Request, code: str, facts: Mapping[str, str]) -> Response:
        """Sign in whom the provider names, or connect the account. Raises SignInRefused, Suspended, IdentityTaken."""
        identity = await self.provider.finish(code=code, nonce=facts["nonce"], verifier=facts["verifier"])
        if facts["then"] != SIGN_IN:
            return await self._connect(request, facts["then"], identity)
        member = await self.sign_in.members.with_identity(identity)
        if member is None:
            raise SignInRefused("That account is not connected with a member here.")
        answer = RedirectResponse(facts["back"], 303)
        await self.sign_in.sessions.begin(request, answer, member, "oidc")
        return answer

    async def _connect(self, request: Request, purpose: str, identity: Identity) -> Response:
        found = await self.sign_in.sessions.find(request)
        if found is None or purpose != f"connect {found.member.id}":
            raise SignInRefused("Somebody else is signed in by now, or nobody: start again.")
        done_by(found.who, found.organisation)
        await self.sign_in.members.add_identity(found.member.id, identity, now=self.sign_in.sessions.clock())
        return self.console.back(ACCOUNT, "connected")


def _elsewhere(away: Elsewhere) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in/elsewhere")
    async def start(next: str = "") -> Response:  # noqa: A002 - the parameter's name in the address
        return await away.leave(SIGN_IN, back_to(next))

    @router.get(f"{ACCOUNT}/elsewhere")
    async def connect(member: Somebody) -> Response:
        away.sign_in.insist_fresh(member)
        return await away.leave(f"connect {member.member.id}", ACCOUNT)

    @router.get(CALLBACK)
    async def came_back(request: Request, state: str = "", code: str = "") -> Response:
        page = "/sign-in"
        try:
            facts = await away.recall(request, state)
            page = page if facts["then"] == SIGN_IN else ACCOUNT
            answer = await away.enter(request, code, facts)
        except (SignInRefused, Suspended, IdentityTaken) as error:
            answer = RedirectResponse(f"{page}?wrong={WRONG[type(error)].removeprefix('wrong_')}", 303)
        answer.delete_cookie(away.cookie, httponly=True, secure=away.sign_in.sessions.secure, samesite="lax")
        return answer

    return router


def _known(console: Console, member: Member) -> list[str]:
    """The member's roles, in the service's order."""
    return [role for role in console.sessions.roles if role in member.roles]
