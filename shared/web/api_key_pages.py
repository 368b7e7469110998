"""API keys in a console: made, shown once, revoked; by the same rules as `/v1/api-keys`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from shared.ports.api_keys import ADMIN, ApiKeyError, Caller, KeepApiKeys
from shared.ports.clock import Clock
from shared.ports.members import Roles
from shared.web.actors import Actors, isolated
from shared.web.api_keys import SCOPE, KeyMaker, NewKey, end_asked, refuse_stronger, scopes_asked, show
from shared.web.console import Area, Console
from shared.web.forms import Filled
from shared.web.pagination import PageQuery, page_of

KEYS: Final = Area("/console/keys", SCOPE, "api_keys")
REFUSED: Final = 422


@dataclass(frozen=True, kw_only=True)
class KeyPages:
    """What the pages show and do."""

    keys: KeepApiKeys
    roles: Roles
    actors: Actors
    console: Console
    clock: Clock

    async def page(
        self, request: Request, caller: Caller, asked: PageQuery, filled: Filled | None = None
    ) -> Response:
        """Every key, and the form for another."""
        rows = await self.keys.page(
            after=asked.after, limit=asked.limit + 1, organisation=caller.organisation
        )
        now, words = self.clock(), self.console.words(request)
        found = page_of(rows, asked, key=lambda row: row.id, show=lambda row: show(row, now))
        shown = [
            {
                "key": each,
                "roles": [role for role, scopes in self.roles.items() if set(each.scopes) == scopes],
                "by": isolated(await self.actors.name(each.created_by, words, caller.organisation))
                if each.created_by
                else None,
                "may_revoke": each.state == "valid" and all(caller.may(scope) for scope in each.scopes),
            }
            for each in found.items
        ]
        return self.console.show(
            request,
            "console/keys.html",
            caller,
            status=REFUSED if filled else 200,
            wrong=words["key_wrong"] if filled else None,
            filled=filled or Filled(FormData()),
            rows=shown,
            next=found.next,
            roles=[role for role, scopes in self.roles.items() if all(caller.may(scope) for scope in scopes)],
            today=now.astimezone(UTC).date().isoformat(),
        )


def key_pages(pages: KeyPages, *, scopes: Collection[str] = ()) -> APIRouter:
    """`/console/keys`, for the scope api-keys:write."""
    router = APIRouter(prefix=KEYS.path, include_in_schema=False)
    known = frozenset[str]({ADMIN, SCOPE}).union(scopes, *pages.roles.values())

    @router.get("")
    async def everything(request: Request, caller: KeyMaker, asked: PageQuery) -> Response:
        return await pages.page(request, caller, asked)

    @router.post("")
    async def make(request: Request, caller: KeyMaker, asked: PageQuery) -> Response:
        filled, now = Filled(await request.form()), pages.clock()
        last_day = filled.day("last_day")
        ends = None if last_day is None else datetime.combine(last_day, time(23, 59, 59), UTC)
        if filled.text("role") not in pages.roles:
            filled.miss("role", "choose_one")
        if not filled.is_sound:
            return await pages.page(request, caller, asked, filled)
        try:
            body = NewKey(name=filled.text("name"), role=filled.text("role"), expires_at=ends)
            wanted, expires_at = scopes_asked(body, pages.roles, known), end_asked(ends, caller, now)
            refuse_stronger(wanted, caller)
        except ValidationError:
            filled.miss("name", "key_name_wrong")
            return await pages.page(request, caller, asked, filled)
        except ApiKeyError as error:
            filled.fault("whole", str(error))
            return await pages.page(request, caller, asked, filled)
        made, key = await pages.keys.make(
            name=body.name,
            scopes=wanted,
            expires_at=expires_at,
            made_by=caller.who,
            organisation=caller.organisation,
        )
        return pages.console.show(
            request, "console/key_made.html", caller, scripts=("copy.js",), made=made, key=key
        )

    @router.post("/{key_id}/revoke")
    async def revoke(caller: KeyMaker, key_id: str) -> Response:
        found = await pages.keys.one(key_id, caller.organisation)
        refuse_stronger(found.scopes, caller)
        await pages.keys.revoke(key_id, caller.organisation)
        return pages.console.back(KEYS.path, "key_revoked")

    return router
