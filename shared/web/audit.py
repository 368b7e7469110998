"""Who did what: notes every request that may change something, and shows the log to administrators."""

import logging
import re
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.ports.api_keys import ADMIN, Caller
from shared.ports.audit import CURRENT_DEED, Act, AuditEntry, AuditLog, Deed
from shared.ports.errors import Unavailable
from shared.web.auth import require_scope
from shared.web.pagination import Page, PageQuery, page_of

log = logging.getLogger(__name__)

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
AREAS = ("/v1/", "/claim/", "/console", "/sign-in", "/sign-out", "/join", "/apply", "/applications/")
"""Where deeds are done; queries and envelopes are none."""
SIGNED_IN_ELSEWHERE = "/sign-in/elsewhere/back"
"""An OpenID provider sends people back here: the one GET by which something changes."""
REFUSED, FAILED = 400, 500
UNAUTHENTICATED = 401
UNAVAILABLE = 503
Admin = Annotated[Caller, Depends(require_scope(ADMIN))]
UUID = re.compile(r"[0-9a-fA-F-]{32,36}")
"""The form of every id of ours; whatever else stands in a path may be anything."""


class AuditLine(BaseModel):
    """One entry.

    `who` is `key:ID`, `member:ID`, `wallet:ID` or `command`, null where anybody may. `objects` are ids. `outcome` is `changed` (written with
    the change itself), `done` (nothing in this service's database changed), `refused STATUS` or `failed STATUS`.
    """

    id: str
    at: datetime
    who: str | None
    what: str
    objects: list[str]
    outcome: str


class NoteDeeds:
    """ASGI layer: lets the log know which deed the transactions inside belong to, and what became of it."""

    def __init__(self, app: ASGIApp, *, audit: AuditLog) -> None:
        """Wrap the app."""
        self._app = app
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry the request out, noting it."""
        if scope["type"] != "http" or not _may_change(scope):
            await self._app(scope, receive, send)
            return
        deed = Deed(lambda: _act(scope))

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                deed.over = True
                await self._note(scope, deed, message["status"])
            await send(message)

        current = CURRENT_DEED.set(deed)
        try:
            await self._app(scope, receive, note)
        except Exception:
            if not deed.over:
                await self._note(scope, deed, FAILED)
            raise
        finally:
            deed.over = True
            CURRENT_DEED.reset(current)

    async def _note(self, scope: Scope, deed: Deed, status: int) -> None:
        if status == UNAUTHENTICATED or "route" not in scope or (status < REFUSED and deed.changed):
            return
        outcome = (
            "done" if status < REFUSED else f"refused {status}" if status < FAILED else f"failed {status}"
        )
        try:
            await self._audit.note(deed, outcome)
        except Unavailable as error:
            if status == UNAVAILABLE:
                return  # it changed nothing, for the very reason that it cannot be noted
            log.critical("not in the audit log: %s, %s: %s", _act(scope).what, outcome, error)


def audit_router(audit: AuditLog) -> APIRouter:
    """`GET /v1/audit`, for the scope admin."""
    router = APIRouter(prefix="/v1", tags=["operation"])

    @router.get("/audit")
    async def read(asked: PageQuery, caller: Admin) -> Page[AuditLine]:
        """Who did what to which thing, when, and what became of it, oldest first; of the caller's organisation alone."""
        rows = await audit.entries(after=asked.after, limit=asked.limit + 1, organisation=caller.organisation)
        return page_of(rows, asked, key=lambda entry: entry.id, show=_line)

    return router


def _may_change(scope: Scope) -> bool:
    path: str = scope["path"]
    return (scope["method"] in CHANGING and path.startswith(AREAS)) or path == SIGNED_IN_ELSEWHERE


def _line(entry: AuditEntry) -> AuditLine:
    return AuditLine(
        id=entry.id,
        at=entry.at,
        who=entry.who,
        what=entry.what,
        objects=list(entry.objects),
        outcome=entry.outcome,
    )


def _act(scope: Scope) -> Act:
    """The route as it is documented, and the ids in its path; a claim link's token is no id."""
    route = getattr(scope.get("route"), "path", "unknown")
    given = scope.get("path_params", {}).items()
    ids = {name.removesuffix("_id"): str(value) for name, value in given if name.endswith("_id")}
    return Act(
        f"{scope['method']} {route}",
        tuple(f"{name}:{value}" for name, value in ids.items() if UUID.fullmatch(value)),
    )
