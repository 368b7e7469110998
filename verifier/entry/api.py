"""The verifier's API: requests and the pinned lists."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from shared.adapters.clock import utc_now
from shared.adapters.guarded_http import FetchFailed
from shared.contracts.errors import UjuziError
from shared.ports.api_keys import Caller
from shared.ports.clock import Clock
from shared.ports.trust_pins import TrustPin, TrustPins
from shared.vc.receipt import open_receipt, signer_of
from shared.vc.trust_decision import Snapshot
from shared.vc.webvh import DidHistory
from shared.web.auth import require_scope
from shared.web.pagination import Page, PageQuery, page_of
from shared.web.problems import ProblemError
from verifier.domain.request import Created, Request, Sought, StateName
from verifier.domain.session import SessionAsked
from verifier.domain.verdict import Result
from verifier.entry.shapes import (
    TEMPLATE_ID,
    AskBody,
    Asking,
    BoundBody,
    CheckedReceiptBody,
    FromTemplateBody,
    PinBody,
    ReceiptBody,
    RefusalBody,
    RequestBody,
    ReturnBody,
    TrustListBody,
    show,
    show_list,
)
from verifier.entry.streams import UNBUFFERED, states
from verifier.entry.templates_api import Requirements
from verifier.errors import RequestUnknown, TrustListUnknown
from verifier.ports import KeepRequests, KeepWishes, KnowIssuers
from verifier.use_cases.erase_answer import EraseAnswer
from verifier.use_cases.make_request import MakeRequest
from verifier.use_cases.redeem_return import RedeemReturn
from verifier.use_cases.refuse_deletion import RefuseDeletion
from verifier.use_cases.withdraw_request import WithdrawRequest

READ, WRITE, LISTS = "requests:read", "requests:write", "trust-lists:write"
Requester = Annotated[Caller, Depends(require_scope(WRITE))]


class PinnedLists(Protocol):
    """The pinned lists, as far as the API manages them."""

    def snapshots(self, urls: Iterable[str] | None = None) -> Sequence[Snapshot]:
        """Those at these addresses, in their order."""

    async def pin(self, pin: TrustPin) -> Snapshot:
        """Pin a list and fetch it."""

    async def unpin(self, url: str) -> None:
        """Trust a list no longer."""

    async def refresh(self, url: str) -> Snapshot:
        """Look at one list now."""


class ReadHistories(Protocol):
    """The histories of DIDs."""

    async def history(self, did: str, *, fresh: bool = False) -> DidHistory:
        """A verified history; `fresh` asks the DID's host."""


class Ask:
    """Make a request of what the API, or a form of the console, was given."""

    def __init__(self, requirements: Requirements, make: MakeRequest) -> None:
        """Templates are found by `requirements`."""
        self._requirements = requirements
        self._make = make

    async def __call__(self, body: AskBody | FromTemplateBody, caller: Caller) -> Created:
        """Raises TemplateUnknown, TemplateFixed, RequirementInvalid, AgentTrouble."""
        requirement, used = await self._requirements.of(body)
        asked = body.session
        return await self._make(
            requirement,
            template=used,
            applicant=None if body.applicant is None else body.applicant.to_domain(),
            session=None if asked is None else SessionAsked(asked.return_url, asked.must_be_bound),
            reference="" if asked is None else asked.reference,
            made_by=caller.who,
        )


def sought_asked(
    state: StateName | None = None,
    result: Result | None = None,
    template: Annotated[str | None, Query(pattern=f"^{TEMPLATE_ID}$", max_length=60)] = None,
) -> Sought:
    """Which requests are asked for; `template` is an id, of whatever version."""
    return Sought(state, result, template)


SoughtQuery = Annotated[Sought, Depends(sought_asked)]


def requests_router(
    requests: KeepRequests,
    make: MakeRequest,
    withdraw: WithdrawRequest,
    base_url: str,
    *,
    requirements: Requirements,
    redeem: RedeemReturn,
    wishes: KeepWishes,
) -> APIRouter:
    """Requests."""
    router = APIRouter(prefix="/v1/requests", tags=["requests"])
    ask = Ask(requirements, make)

    async def found(request_id: str) -> Request:
        request = await requests.find(request_id)
        if request is None:
            raise RequestUnknown("no request has this id: take one from GET /v1/requests")
        return request

    @router.post("", status_code=201, response_model_exclude_none=True)
    async def make_request(body: Asking, response: Response, caller: Requester) -> RequestBody:
        """State a requirement, or name a template, and get a link for the learner."""
        created = await ask(body, caller)
        response.headers["Location"] = f"/v1/requests/{created.stated.id}"
        return show(created, base_url)

    @router.get("", dependencies=[Depends(require_scope(READ))])
    async def list_requests(asked: PageQuery, sought: SoughtQuery) -> Page[RequestBody]:
        """Requests, newest first: all, or those in a state, with a result, or made from a template."""
        rows = await requests.page(asked.after, asked.limit + 1, sought)
        wished = await wishes.of([row.stated.id for row in rows])
        return page_of(
            rows,
            asked,
            key=lambda row: row.stated.id,
            show=lambda row: show(row, base_url, wished.get(row.stated.id)),
        )

    @router.get(
        "/{request_id}", response_model_exclude_none=True, dependencies=[Depends(require_scope(READ))]
    )
    async def read_request(request_id: str) -> RequestBody:
        """One request; once judged with its verdict, receipt and, for `keep_days`, what was disclosed."""
        return show(await found(request_id), base_url, await wishes.find(request_id))

    @router.get(
        "/{request_id}/events",
        dependencies=[Depends(require_scope(READ))],
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}}},
    )
    async def follow_request(request_id: str) -> StreamingResponse:
        """Server-sent events: the request at once and after every change, until it is final."""
        await found(request_id)

        def say(request: Request) -> str:
            return show(request, base_url).model_dump_json(exclude_none=True)

        told = states(lambda: found(request_id), requests.following(request_id), say)
        return StreamingResponse(told, media_type="text/event-stream", headers=UNBUFFERED)

    @router.post(
        "/{request_id}/withdraw",
        response_model_exclude_none=True,
        dependencies=[Depends(require_scope(WRITE))],
    )
    async def withdraw_request(request_id: str) -> RequestBody:
        """Take a request back that nobody has answered."""
        return show(await withdraw(request_id), base_url)

    @router.post("/{request_id}/session", dependencies=[Depends(require_scope(WRITE))])
    async def redeem_return(request_id: str, body: ReturnBody) -> BoundBody:
        """Present the code a learner brought back, and the session she brought it to."""
        return BoundBody(session=await redeem(request_id, code=body.code, reference=body.reference))

    return router


def answers_router(
    requests: KeepRequests,
    wishes: KeepWishes,
    erase: EraseAnswer,
    refuse_deletion: RefuseDeletion,
    base_url: str,
) -> APIRouter:
    """What learners showed, and their wishes to have it deleted."""
    router = APIRouter(prefix="/v1/requests", tags=["requests"])

    @router.delete(
        "/{request_id}/disclosed",
        response_model_exclude_none=True,
        dependencies=[Depends(require_scope(WRITE))],
    )
    async def erase_answer(request_id: str) -> RequestBody:
        """Delete what was shown before `keep_until`; verdict and receipt stay. A learner who asked for it is told."""
        return show(await erase(request_id), base_url, await wishes.find(request_id))

    @router.post(
        "/{request_id}/refuse-deletion",
        response_model_exclude_none=True,
        dependencies=[Depends(require_scope(WRITE))],
    )
    async def refuse_to_delete(request_id: str, body: RefusalBody) -> RequestBody:
        """Tell the learner who asked for deletion why what she showed is kept until `keep_until`."""
        wish = await refuse_deletion(request_id, body.because)
        request = await requests.find(request_id)
        if request is None:
            raise RequestUnknown("no request has this id: it has been deleted just now")
        return show(request, base_url, wish)

    return router


def trust_router(pinned: PinnedLists, pins: TrustPins, issuers: KnowIssuers, *, clock: Clock) -> APIRouter:
    """The lists of trusted issuers this verifier judges by; a list is named by its address."""
    router = APIRouter(prefix="/v1/trust-lists", tags=["trust lists"])

    async def found(url: str) -> TrustPin:
        state = await pins.find(url)
        if state is None:
            raise TrustListUnknown("no list is pinned at this address: see GET /v1/trust-lists")
        return state.pin

    may_change = [Depends(require_scope(LISTS))]

    @router.post("", status_code=201, dependencies=may_change)
    async def pin_list(body: PinBody) -> TrustListBody:
        """Pin a list by address, name and operator key. It stays pinned even where it cannot be fetched yet."""
        pin = TrustPin(url=body.url, name=body.name, operator_key=body.operator_key)
        snapshot = await pinned.pin(pin)
        await issuers.of([snapshot])
        return show_list(pin, snapshot, clock())

    @router.get("", dependencies=[Depends(require_scope(READ))])
    async def lists() -> dict[str, list[TrustListBody]]:
        """Every pinned list and how it stands."""
        now = clock()
        pinned_now = [state.pin for state in await pins.all()]
        snapshots = pinned.snapshots([pin.url for pin in pinned_now])
        return {
            "items": [
                show_list(pin, snapshot, now) for pin, snapshot in zip(pinned_now, snapshots, strict=True)
            ]
        }

    @router.post("/refresh", dependencies=may_change)
    async def refresh_list(url: Annotated[str, Query(max_length=2000)]) -> TrustListBody:
        """Look at a pinned list now."""
        pin = await found(url)
        return show_list(pin, await pinned.refresh(url), clock())

    @router.delete("", status_code=204, dependencies=may_change)
    async def unpin_list(url: Annotated[str, Query(max_length=2000)]) -> None:
        """Trust a list no longer."""
        await found(url)
        await pinned.unpin(url)

    return router


def receipts_router(histories: ReadHistories) -> APIRouter:
    """Receipts, of this verifier or any other."""
    router = APIRouter(prefix="/v1/receipts", tags=["receipts"])

    @router.post("/check", dependencies=[Depends(require_scope(READ))])
    async def check_receipt(body: ReceiptBody) -> CheckedReceiptBody:
        """Check a receipt by the key its verifier had when it was written."""
        try:
            did, _ = signer_of(body.receipt)
            history = await histories.history(did, fresh=True)
            return CheckedReceiptBody(receipt=open_receipt(body.receipt, history, now=utc_now()))
        except FetchFailed as error:
            raise ProblemError(
                503,
                "The host of the DID that signed it cannot be had now. Nothing was stored. Send it again in 5 s.",
                headers={"Retry-After": "5"},
            ) from error
        except UjuziError as error:
            raise ProblemError(422, str(error), title="Receipt cannot be relied on") from error

    return router
