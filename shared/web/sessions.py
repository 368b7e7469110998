"""Who is signed in, by a cookie; and that what a browser sends was meant by its owner.

The cookie holds 256 random bits, kept here as a digest. Every change also needs the browser's own word for where it
comes from (Origin) and a token made from the cookie, in a form's field `csrf` or the header X-CSRF-Token.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from shared.ports.audit import done_by
from shared.ports.clock import Clock
from shared.ports.members import (
    SESSION_LASTS,
    KeepMembers,
    Member,
    Roles,
    Session,
    SignedIn,
    Suspended,
    Way,
    scopes_of,
)
from shared.web.problems import ProblemError

CONSOLE: Final = "/console"
CALLBACK: Final = "/sign-in/elsewhere/back"
TOKEN_BYTES: Final = 32
LONGEST_TOKEN: Final = 200
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_BACK: Final = re.compile(r"/console(?:[/?][A-Za-z0-9/?&=._~%:@+,-]*)?")
_LONGEST_BACK: Final = 1000


@dataclass(frozen=True, slots=True)
class Shown:
    """An organisation as its members see it: its name and, if it has one, the address of its logo."""

    name: str
    logo: str | None = None


type Admit = Callable[[str], Awaitable[Shown]]
"""Where a service has several organisations: how this one is shown; raises if nobody may act for it."""


class SignInFirst(ProblemError):
    """401: a page of the console, and nobody is signed in."""

    def __init__(self, back: str) -> None:
        """`back` is where to return afterwards."""
        super().__init__(401, "Sign in first, or sign in again: your session may have ended.")
        self.back = back


class Forged(ProblemError):
    """403: nothing shows that the member meant this."""

    def __init__(self, found: str) -> None:
        """`found` says what was missing or wrong."""
        super().__init__(
            403, f"Expected this request to come from a page of this console, {found}. Open the page anew."
        )


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """Sessions of one service's console; `url` is where its browsers are, without a path."""

    service: str
    url: str
    members: KeepMembers
    roles: Roles
    clock: Clock
    admit: Admit | None = None

    @property
    def secure(self) -> bool:
        """Whether browsers are told to send cookies over https only."""
        return self.url.startswith("https:")

    @property
    def cookie(self) -> str:
        """Its name; `__Host-` makes browsers refuse one that another host, or plain http, has set."""
        return f"{'__Host-' if self.secure else ''}ujuzi-{self.service}"

    async def find(self, request: Request) -> SignedIn | None:
        """Who is signed in. Raises what `admit` raises."""
        token = self._token(request)
        found = await self.members.session(token, now=self.clock()) if token else None
        if found is None:
            return None
        session, member = found
        if self.admit is not None and member.organisation is not None:
            request.state.shown = await self.admit(member.organisation)
        return SignedIn(member, session, scopes_of(member.roles, self.roles))

    async def begin(self, request: Request, response: Response, member: Member, way: Way) -> None:
        """Sign a member in: always with a new token, never with one the browser brought. Raises Suspended."""
        done_by(f"member:{member.id}", member.organisation)
        if member.state == "suspended":
            raise Suspended("This member is suspended: an administrator can lift that.")
        if old := self._token(request):
            await self.members.end_session(old)
        token, now = new_token(), self.clock()
        await self.members.begin_session(token, Session(member.id, way, now, now))
        response.set_cookie(
            self.cookie,
            token,
            max_age=int(SESSION_LASTS.total_seconds()),
            httponly=True,
            secure=self.secure,
            samesite="lax",
        )

    async def end(self, request: Request, response: Response) -> None:
        """Sign out."""
        if token := self._token(request):
            await self.members.end_session(token)
        response.delete_cookie(self.cookie, httponly=True, secure=self.secure, samesite="lax")

    def csrf(self, request: Request) -> str:
        """The token that this session's forms carry; empty when nobody is signed in."""
        token = self._token(request)
        return _csrf(token) if token else ""

    async def refuse_forgery(self, request: Request) -> None:
        """Check a change that a session asks for. Raises Forged."""
        if request.method in SAFE:
            return
        self.refuse_stranger(request)
        given = request.headers.get("x-csrf-token")
        kind = request.headers.get("content-type", "")
        if given is None and kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
            given = str((await request.form()).get("csrf", ""))
        if not given or not hmac.compare_digest(given.encode(), self.csrf(request).encode()):
            raise Forged("but its token is missing or of another session")

    def refuse_stranger(self, request: Request) -> None:
        """Check that a page of this console sends this. Raises Forged."""
        origin = request.headers.get("origin")
        if origin != self.url:
            raise Forged("but the browser names another page" if origin else "but the browser names no page")

    def _token(self, request: Request) -> str:
        token = request.cookies.get(self.cookie, "")
        return token if len(token) <= LONGEST_TOKEN else ""


def new_token() -> str:
    """256 random bits for a cookie or a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def back_to(given: str) -> str:
    """Where to go after signing in: a path of the console and nothing else, whatever was asked for."""
    return given if len(given) <= _LONGEST_BACK and _BACK.fullmatch(given) else CONSOLE


def sign_in_path(back: str) -> str:
    """The sign-in page that returns to `back`."""
    return f"/sign-in?next={quote(back, safe='/')}"


def console_url(base_url: str) -> str:
    """Where browsers open the console. A passkey belongs to a name, so a loopback address is called localhost."""
    parts = urlsplit(base_url)
    if not _is_loopback(parts.hostname or ""):
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}://localhost" + (f":{parts.port}" if parts.port else "")


def callback_url(base_url: str) -> str:
    """Where an OpenID provider sends browsers back."""
    return f"{console_url(base_url)}{CALLBACK}"


def same_place(request: Request, url: str) -> str | None:
    """The address of this page under the console's own name, if the browser uses a loopback address instead."""
    if not _is_loopback(request.url.hostname or ""):
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{url}{request.url.path}{query}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _csrf(token: str) -> str:
    return urlsafe_b64encode(hmac.digest(token.encode(), b"ujuzi form", hashlib.sha256)).decode().rstrip("=")
