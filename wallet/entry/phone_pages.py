"""What makes the wallet an app on a phone: its manifest, its service worker, the page to read without a network, and the copy for it.

None of it but the copy shows anything of anybody. Pages are refused to browsers in which keys would not be hers.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.error_pages import prefers_page
from shared.web.languages import direction_of
from shared.web.pages import compressed
from wallet.domain.history import Entry
from wallet.entry.browser import InVisit, Visit
from wallet.entry.frame import Frame
from wallet.entry.phone_copy import copy_of
from wallet.entry.phone_words import OFFLINE_SAYS
from wallet.entry.unsafe_browsers import Elsewhere, Why, phone_of, why_unsafe
from wallet.use_cases.read_credentials import Shown, read_credentials
from wallet.use_cases.write_history import read_history

ELSEWHERE: Final = "/elsewhere"
OFFLINE: Final = "/offline"
THEME: Final = "#0b5d3b"
PAPER: Final = "#ffffff"
PRECACHED: Final = ("app.js", "crypto.js", "front.js", "installed.js", "offline.js", "phone.js", "safe.js")
"""What a page without a network needs, and what every other page starts with."""
FORM_HEADER: Final = b"x-form"
GO_HEADER: Final = "X-Go"
LONGEST_ADDRESS: Final = 20_000
NOT_MODIFIED: Final = 304
SEE_OTHER: Final = 303


def phone_router(frame: Frame, worker: str) -> APIRouter:
    """The router; `worker` is the service worker's script, which finds VERSION and FILES before it."""
    router = APIRouter(tags=["pages"], include_in_schema=False)
    files = [frame.files.path(name) for name in PRECACHED]
    script = f"const VERSION = {json.dumps(frame.files.version)}, FILES = {json.dumps(files)};\n{worker}"
    tag_key = secrets.token_bytes(32)

    @router.get("/manifest.webmanifest")
    async def manifest(request: Request) -> Response:
        """What a phone needs to put the wallet beside its other apps."""
        words, language = frame.words(request), frame.language(request)
        icons = [
            ("icon.svg", "any", "image/svg+xml", "any"),
            ("icon-192.png", "192x192", "image/png", "any"),
            ("icon-512.png", "512x512", "image/png", "any"),
            ("icon-maskable.png", "512x512", "image/png", "maskable"),
        ]
        content = {
            "id": "/",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "name": words["phone_name"],
            "short_name": words["phone_short_name"],
            "description": words["home"],
            "lang": language,
            "dir": direction_of(language),
            "theme_color": THEME,
            "background_color": PAPER,
            "icons": [
                {"src": frame.files.path(name), "sizes": sizes, "type": kind, "purpose": purpose}
                for name, sizes, kind, purpose in icons
            ],
        }
        headers = {"Cache-Control": "no-cache"}
        return compressed(
            request, JSONResponse(content, media_type="application/manifest+json", headers=headers)
        )

    @router.get("/sw.js")
    async def service_worker(request: Request) -> Response:
        """The service worker; a browser asks for it anew at every visit, and installs one that changed."""
        headers = {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
        }
        return compressed(request, Response(script, media_type="text/javascript", headers=headers))

    @router.get(OFFLINE)
    async def offline(request: Request) -> Response:
        """The page a phone shows without a network; the same for everybody."""
        page = frame.show(
            request,
            "offline.html",
            modules=("offline.js",),
            says=OFFLINE_SAYS,
        )
        page.headers["Content-Language"] = frame.language(request)
        return page

    @router.get(ELSEWHERE)
    async def elsewhere(
        request: Request,
        why: Why = Why.OLD,
        to: Annotated[str, Query(max_length=LONGEST_ADDRESS)] = "/",
    ) -> Response:
        """How to go on in another browser; `safe.js` shows it in the place of the page `to`."""
        return refusal(frame, request, why, to)

    @router.get("/phone/here", status_code=204)
    async def here(_: InVisit) -> None:
        """She is still there: the wallet stays open for its usual time."""

    @router.get("/phone/copy")
    async def copy(request: Request, visit: InVisit) -> Response:
        """Her credentials and her history, for the phone to seal and keep; 304 where it has them already."""
        language = frame.language(request)
        held, history = await _everything(visit)
        content = copy_of(
            held,
            history,
            wallet_id=visit.session.wallet_id,
            language=language,
            now=visit.doors.desk.clock(),
        )
        timeless = json.dumps({**content, "at": None, "as_of": None}, sort_keys=True).encode()
        tag = f'"{hmac.digest(tag_key, timeless, hashlib.sha256).hex()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "no-store"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=NOT_MODIFIED, headers=headers)
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return compressed(request, Response(text, media_type="application/json", headers=headers))

    return router


async def _everything(visit: Visit) -> tuple[Sequence[Shown], Sequence[Entry]]:
    held = await read_credentials(visit.wallet, desk=visit.doors.desk)
    return held, await read_history(visit.wallet)


def refusal(frame: Frame, request: Request, why: Why, to: str, status: int = 200) -> Response:
    """The page that leads to another browser. `to` is a path of this wallet; anything else becomes its front page."""
    parts = urlsplit(to)
    ours = to.startswith("/") and not to.startswith("//") and not parts.netloc and "\\" not in to
    address = f"{frame.browsers.origin}{to if ours else '/'}"
    found = Elsewhere(why, phone_of(request.headers.get("user-agent", "")), address)
    return frame.show(request, "elsewhere.html", status=status, modules=("elsewhere.js",), elsewhere=found)


class OnlyHerOwnBrowser:
    """ASGI layer: no page is shown where keys would not be hers, but how to open the same page elsewhere."""

    def __init__(self, app: ASGIApp, *, frame: Frame) -> None:
        """Wrap the app."""
        self._app = app
        self._frame = frame

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on whatever is no page, and pages for browsers of her own."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers({})
        why = why_unsafe(headers.get("user-agent", ""), dict(headers))
        if why is None or scope["path"] == ELSEWHERE or not prefers_page(headers.get("accept", "")):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        query = f"?{request.url.query}" if request.url.query else ""
        answer = refusal(self._frame, request, why, f"{request.url.path}{query}", status=403)
        await answer(scope, receive, send)


class TellScriptsWhereToGo:
    """ASGI layer for forms that `app.js` sends: a redirection becomes 200 with the next page's address in `X-Go`.

    A script that sends a form can tell what did not arrive and keep what was typed, but would fetch the next page twice.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Change 303 answers to forms sent by the script; pass everything else on."""
        if scope["type"] != "http" or dict(scope["headers"]).get(FORM_HEADER) != b"1":
            await self._app(scope, receive, send)
            return

        async def instead(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == SEE_OTHER:
                headers = MutableHeaders(raw=list(message["headers"]))
                headers[GO_HEADER] = headers["location"]
                del headers["location"]
                message = {**message, "status": 200, "headers": headers.raw}
            await send(message)

        await self._app(scope, receive, instead)
