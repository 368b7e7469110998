"""Trust lists in the console: which lists judging goes by and how each stands, by the same rules as `/v1/trust-lists`."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import ValidationError

from shared.ports.api_keys import Caller
from shared.ports.clock import Clock
from shared.ports.trust_pins import TrustPin, TrustPins
from shared.vc.trust_decision import Snapshot
from shared.web.auth import require_scope
from shared.web.forms import Filled
from verifier.entry.api import LISTS, PinnedLists
from verifier.entry.areas import TRUST
from verifier.entry.console_pages import Reader, VerifierPages
from verifier.entry.shapes import PinBody, show_list
from verifier.errors import TrustListUnknown
from verifier.ports import KnowIssuers

TrustOfficer = Annotated[Caller, Depends(require_scope(LISTS))]
Url = Annotated[str, Form(max_length=2000)]


@dataclass(frozen=True, kw_only=True)
class TrustPages:
    """What the page shows and does."""

    pinned: PinnedLists
    pins: TrustPins
    issuers: KnowIssuers
    pages: VerifierPages
    clock: Clock

    async def everything(
        self,
        request: Request,
        caller: Caller,
        *,
        filled: Filled | None = None,
        error: TrustListUnknown | None = None,
    ) -> Response:
        """Every list, and the form for another."""
        now = self.clock()
        pins = [state.pin for state in await self.pins.all()]
        snapshots = self.pinned.snapshots([pin.url for pin in pins])
        return self.pages.show(
            request,
            "trust_lists",
            caller,
            filled=filled,
            error=error,
            lists=[
                (show_list(pin, snapshot, now), _organisations(snapshot), snapshot.checked_at)
                for pin, snapshot in zip(pins, snapshots, strict=True)
            ],
        )

    async def is_pinned(self, url: str) -> bool:
        """Whether judging goes by this list."""
        return await self.pins.find(url) is not None


def trust_pages(trust: TrustPages) -> APIRouter:
    """`/console/trust-lists`: read by whoever reads verdicts, changed by whoever may decide whom to trust."""
    router = APIRouter(prefix=TRUST.path, include_in_schema=False)

    @router.get("")
    async def everything(request: Request, caller: Reader) -> Response:
        return await trust.everything(request, caller)

    @router.post("")
    async def pin(request: Request, caller: TrustOfficer) -> Response:
        filled = Filled(await request.form())
        try:
            body = PinBody.model_validate(
                {name: filled.text(name) for name in ("url", "name", "operator_key")}
            )
        except ValidationError as error:
            for each in error.errors():
                filled.miss(str(each["loc"][0]), f"wrong_list_{each['loc'][0]}")
            return await trust.everything(request, caller, filled=filled)
        wanted = TrustPin(url=body.url, name=body.name, operator_key=body.operator_key)
        await trust.issuers.of([await trust.pinned.pin(wanted)])
        return trust.pages.console.back(TRUST.path, "list_pinned")

    @router.post("/refresh")
    async def refresh(request: Request, caller: TrustOfficer, url: Url) -> Response:
        if not await trust.is_pinned(url):
            return await trust.everything(request, caller, error=_unknown())
        await trust.pinned.refresh(url)
        return trust.pages.console.back(TRUST.path, "list_refreshed")

    @router.post("/unpin")
    async def unpin(request: Request, caller: TrustOfficer, url: Url) -> Response:
        if not await trust.is_pinned(url):
            return await trust.everything(request, caller, error=_unknown())
        await trust.pinned.unpin(url)
        return trust.pages.console.back(TRUST.path, "list_unpinned")

    return router


def _organisations(snapshot: Snapshot) -> int | None:
    return None if snapshot.trust_list is None else len(snapshot.trust_list.entities)


def _unknown() -> TrustListUnknown:
    return TrustListUnknown("no list is pinned at this address: somebody may have removed it")
