"""Whose wallet is open in a browser, by a cookie that holds the session token and nothing else.

The cookie ends with the browser; the wallet locks itself long before. Every change also needs the browser's own word for
where it comes from (Origin), and a form the token `csrf` that is made from the cookie.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request, Response

from shared.ports.audit import done_by
from shared.web.sessions import SAFE, console_url
from wallet.domain.session import Session
from wallet.entry.api import Doors, open_store
from wallet.errors import NotFromHere, NotSignedIn, WalletLocked
from wallet.use_cases.desk import OpenWallet

LONGEST_TOKEN: Final = 100


@dataclass(frozen=True)
class Browsers:
    """How this installation's pages know a browser; `base_url` is where they are."""

    base_url: str

    @property
    def secure(self) -> bool:
        """Whether the cookie goes over https only."""
        return self.base_url.startswith("https:")

    @property
    def cookie(self) -> str:
        """Its name; `__Host-` makes browsers refuse one that another host, or plain http, has set."""
        return "__Host-ujuzi-wallet" if self.secure else "ujuzi-wallet"

    @property
    def origin(self) -> str:
        """Where the pages are: scheme, name and port."""
        return console_url(self.base_url)

    def token(self, request: Request) -> str:
        """The session token this browser holds; empty where there is none."""
        token = request.cookies.get(self.cookie, "")
        return token if len(token) <= LONGEST_TOKEN else ""

    def hold(self, response: Response, token: str) -> None:
        """Give the browser a session."""
        response.set_cookie(self.cookie, token, httponly=True, secure=self.secure, samesite="lax")

    def forget(self, response: Response) -> None:
        """Take it away."""
        response.delete_cookie(self.cookie, httponly=True, secure=self.secure, samesite="lax")

    def refuse_strangers(self, request: Request) -> None:
        """Check that a page of this wallet sends this. Raises NotFromHere."""
        parts = urlsplit(self.base_url)
        if request.headers.get("origin") not in {self.origin, f"{parts.scheme}://{parts.netloc}"}:
            raise NotFromHere(
                "Expected this to come from a page of this wallet, but the browser names another page or none. Open the page anew."
            )

    async def refuse_forgery(self, request: Request) -> None:
        """Check a change that an open wallet's page asks for. Raises NotFromHere."""
        if request.method in SAFE:
            return
        self.refuse_strangers(request)
        given = request.headers.get("x-csrf-token") or str((await request.form()).get("csrf", ""))
        if not hmac.compare_digest(given.encode(), csrf_of(self.token(request)).encode()):
            raise NotFromHere(
                "Expected this page's own token, found none or that of another session. Open the page anew."
            )


@dataclass(frozen=True)
class Visit:
    """A learner's open wallet in her browser; `csrf` is what her forms carry."""

    wallet: OpenWallet
    session: Session
    doors: Doors
    csrf: str


async def _visit(request: Request) -> Visit:
    """Raises NotSignedIn or WalletLocked (for a page: unlock first), NotFromHere."""
    browsers: Browsers = request.app.state.browsers
    doors: Doors = request.app.state.doors
    token = browsers.token(request)
    if not token:
        raise NotSignedIn("No wallet is open in this browser. Open yours first.")
    session = await doors.locks.open_wallets.use(token, now=doors.locks.clock())
    await browsers.refuse_forgery(request)
    done_by(f"wallet:{session.wallet_id}")
    return Visit(open_store(doors, session), session, doors, csrf_of(token))


InVisit = Annotated[Visit, Depends(_visit)]
"""A page of an open wallet: whoever has none open is led to unlock, and back."""


async def _visit_if_any(request: Request) -> Visit | None:
    try:
        return await _visit(request)
    except (NotSignedIn, WalletLocked):
        return None


InVisitIfAny = Annotated[Visit | None, Depends(_visit_if_any)]
"""A page for whoever has a wallet open, and for everybody else."""


def csrf_of(token: str) -> str:
    """The token that a session's forms carry."""
    return urlsafe_b64encode(hmac.digest(token.encode(), b"ujuzi wallet form", hashlib.sha256)).decode()


def unlock_path(back: str) -> str:
    """The page that opens a wallet and returns to `back`."""
    return f"/unlock?next={quote(back, safe='/')}"


def new_path(back: str) -> str:
    """The page that makes a wallet and goes on to `back`."""
    return f"/new?next={quote(back, safe='/')}"
