"""Webhooks in a console: who is told, what became of telling them, and telling again; by the same rules as `/v1/webhooks`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from shared.ports.api_keys import Caller
from shared.ports.clock import Clock
from shared.ports.webhooks import (
    DELIVERIES_KEPT,
    LONGEST_OLD_SECRET_KEPT,
    OLD_SECRET_KEPT,
    Webhook,
    WebhookRefused,
)
from shared.web.console import Area, Console
from shared.web.forms import Filled
from shared.web.pagination import DEFAULT_LIMIT, PageAsked, PageQuery, page_of
from shared.web.webhooks import HOUR, SCOPE, Developer, Examine, NewWebhook, WebhooksOf, check

WEBHOOKS: Final = Area("/console/webhooks", SCOPE, "webhooks")
REFUSED: Final = 422
FIRST_PAGE: Final = PageAsked(None, DEFAULT_LIMIT)


@dataclass(frozen=True, kw_only=True)
class WebhookPages:
    """What the pages show and do. `events` are the service's types with what each tells, in English."""

    of: WebhooksOf
    events: Mapping[str, str]
    examine: Examine
    console: Console
    clock: Clock

    async def everything(self, request: Request, caller: Caller, filled: Filled | None = None) -> Response:
        """Every webhook, and the form for another."""
        return self.show(
            request,
            "webhooks",
            caller,
            filled=filled,
            hooks=await self.of(caller).all(),
            events=self._events(request),
        )

    async def one(
        self,
        request: Request,
        caller: Caller,
        webhook_id: str,
        asked: PageAsked = FIRST_PAGE,
        *,
        filled: Filled | None = None,
        error: WebhookRefused | None = None,
    ) -> Response:
        """One webhook with its deliveries."""
        hook = await self.of(caller).find(webhook_id)
        rows = await self.of(caller).deliveries(webhook_id, after=asked.after, limit=asked.limit + 1)
        page = page_of(rows, asked, key=lambda row: row.id, show=lambda row: row)
        return self.show(
            request,
            "webhook",
            caller,
            filled=filled,
            error=error,
            hook=hook,
            deliveries=page.items,
            next=page.next,
            failed=sum(each.state in {"failed", "held"} for each in page.items),
            events=self._events(request),
            usual_hours=OLD_SECRET_KEPT // HOUR,
            most_hours=LONGEST_OLD_SECRET_KEPT // HOUR,
        )

    def secret(self, request: Request, caller: Caller, hook: Webhook, secret: str) -> Response:
        """The secret, this once."""
        return self.show(request, "webhook_secret", caller, hook=hook, secret=secret)

    def show(
        self,
        request: Request,
        page: str,
        caller: Caller,
        *,
        filled: Filled | None = None,
        error: WebhookRefused | None = None,
        **facts: object,
    ) -> Response:
        """A page; with a mistake or a refusal its status is 422."""
        words = self.console.words(request)
        wrong = words["webhook_wrong"] if filled and not filled.is_sound else None
        if error is not None:
            wrong = words["webhook_refused"].format(why=error)
        return self.console.show(
            request,
            f"console/{page}.html",
            caller,
            status=REFUSED if wrong else 200,
            wrong=wrong,
            scripts=("copy.js",),
            filled=filled or Filled(FormData()),
            **facts,
        )

    def _events(self, request: Request) -> Mapping[str, str]:
        """Each type with its words in the reader's language; in English where the service has no others."""
        words = self.console.words(request)
        return {
            name: words.get(f"event_{name.replace('.', '_')}", told) for name, told in self.events.items()
        }


def webhook_pages(pages: WebhookPages) -> list[APIRouter]:
    """`/console/webhooks`, for the scope webhooks:write."""
    return [_everything(pages), _changes(pages), _deliveries(pages)]


def _everything(pages: WebhookPages) -> APIRouter:
    router = APIRouter(prefix=WEBHOOKS.path, include_in_schema=False)

    @router.get("")
    async def everything(request: Request, caller: Developer) -> Response:
        return await pages.everything(request, caller)

    @router.post("")
    async def create(request: Request, caller: Developer) -> Response:
        filled = Filled(await request.form())
        try:
            body = NewWebhook(
                url=filled.text("url"),
                events=list(filled.several("events")),
                description=filled.text("description"),
            )
            await check(body.url, body.events, pages.events, pages.examine)
            made, secret = await pages.of(caller).create(
                body.url, events=body.events, description=body.description, now=pages.clock()
            )
        except ValidationError:
            filled.miss("url", "webhook_address_wrong")
            return await pages.everything(request, caller, filled)
        except WebhookRefused as error:
            filled.fault("url", str(error))
            return await pages.everything(request, caller, filled)
        return pages.secret(request, caller, made, secret)

    @router.get("/{webhook_id}")
    async def one(request: Request, caller: Developer, webhook_id: str, asked: PageQuery) -> Response:
        return await pages.one(request, caller, webhook_id, asked)

    return router


def _changes(pages: WebhookPages) -> APIRouter:
    router = APIRouter(prefix=f"{WEBHOOKS.path}/{{webhook_id}}", include_in_schema=False)
    of, console = pages.of, pages.console

    @router.post("/disable")
    async def disable(caller: Developer, webhook_id: str) -> Response:
        await of(caller).disable(webhook_id, now=pages.clock())
        return console.back(f"{WEBHOOKS.path}/{webhook_id}", "webhook_paused")

    @router.post("/enable")
    async def enable(caller: Developer, webhook_id: str) -> Response:
        await of(caller).enable(webhook_id)
        return console.back(f"{WEBHOOKS.path}/{webhook_id}", "webhook_resumed")

    @router.post("/delete")
    async def delete(request: Request, caller: Developer, webhook_id: str) -> Response:
        filled = Filled(await request.form())
        if filled.text("sure") != "yes":
            filled.miss("sure", "tick_first")
            return await pages.one(request, caller, webhook_id, filled=filled)
        await of(caller).delete(webhook_id)
        return console.back(WEBHOOKS.path, "webhook_deleted")

    @router.post("/rotate-secret")
    async def rotate(request: Request, caller: Developer, webhook_id: str) -> Response:
        filled = Filled(await request.form())
        hours = filled.number(
            "keep_old_hours", lowest=0, highest=LONGEST_OLD_SECRET_KEPT // HOUR, wanted=True
        )
        if hours is None:
            return await pages.one(request, caller, webhook_id, filled=filled)
        made, secret = await of(caller).rotate(webhook_id, keep_old=hours * HOUR, now=pages.clock())
        return pages.secret(request, caller, made, secret)

    return router


def _deliveries(pages: WebhookPages) -> APIRouter:
    router = APIRouter(prefix=f"{WEBHOOKS.path}/{{webhook_id}}", include_in_schema=False)
    of, console = pages.of, pages.console

    @router.post("/test")
    async def test(request: Request, caller: Developer, webhook_id: str) -> Response:
        try:
            await of(caller).test(webhook_id, now=pages.clock())
        except WebhookRefused as error:
            return await pages.one(request, caller, webhook_id, error=error)
        return console.back(f"{WEBHOOKS.path}/{webhook_id}", "webhook_tested")

    @router.post("/deliveries/{delivery_id}/replay")
    async def replay(request: Request, caller: Developer, webhook_id: str, delivery_id: str) -> Response:
        try:
            await of(caller).replay(webhook_id, delivery_id, now=pages.clock())
        except WebhookRefused as error:
            return await pages.one(request, caller, webhook_id, error=error)
        return console.back(f"{WEBHOOKS.path}/{webhook_id}", "webhook_replayed")

    @router.post("/replay")
    async def replay_failed(request: Request, caller: Developer, webhook_id: str) -> Response:
        try:
            await of(caller).replay_since(
                webhook_id, _oldest(pages.clock()), delivered_too=False, now=pages.clock()
            )
        except WebhookRefused as error:
            return await pages.one(request, caller, webhook_id, error=error)
        return console.back(f"{WEBHOOKS.path}/{webhook_id}", "webhook_replayed")

    return router


def _oldest(now: datetime) -> datetime:
    """When the oldest delivery that is still kept can have been made."""
    return now - DELIVERIES_KEPT - timedelta(days=1)
