"""The plugin's admin routes, and the rule that every admin route needs the agent's API key."""

import base64
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from typing import Any

from acapy_agent.admin.decorators.auth import tenant_authentication
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.multitenant.base import BaseMultitenantManager
from aiohttp import web
from pydantic import JsonValue, TypeAdapter, ValidationError

from services.agent import errors
from services.agent.domain.status import StatusNotice, Wanted
from services.agent.entry.traces import trace_calls
from services.agent.ports import LearnersWallets, Needs

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

NOTE_BYTES = 256 * 1024
NOTES_BYTES = 2 * NOTE_BYTES
"""Of notes that are kept together."""
STORE_BODY = 48 * 1024 * 1024
"""A store of 32 MiB in base64, and some room."""
_GROWING = "/out-of-band/receive-invitation"
"""Where a learner lets somebody new write into her store; what they write is refused at the edge."""
_OPEN_PATHS = frozenset({"/status/live", "/status/ready"})
_STATUS: dict[type[errors.AgentError], type[web.HTTPException]] = {
    errors.NotAWalletKey: web.HTTPBadRequest,
    errors.WrongWalletKey: web.HTTPForbidden,
    errors.WalletUnknown: web.HTTPNotFound,
    errors.NotAStore: web.HTTPBadRequest,
    errors.StoreFull: web.HTTPConflict,
    errors.DiskNearlyFull: web.HTTPConflict,
    errors.WalletLocked: web.HTTPUnauthorized,
    errors.LeaseLost: web.HTTPServiceUnavailable,
    errors.PresentationUnknown: web.HTTPNotFound,
    errors.NothingToClose: web.HTTPConflict,
    errors.RegistryUnknown: web.HTTPNotFound,
    errors.StatusBusy: web.HTTPServiceUnavailable,
    errors.IssuerAway: web.HTTPServiceUnavailable,
    errors.ServiceRefused: web.HTTPBadGateway,
}


@dataclass(frozen=True)
class _StatusAsked:
    rev_reg_id: str
    cred_rev_ids: list[int]
    state: Wanted


@dataclass(frozen=True)
class _Note:
    category: str
    id: str
    value: JsonValue


@dataclass(frozen=True)
class _Notes:
    notes: list[_Note]


@dataclass(frozen=True)
class _NoticeAsked:
    connection_id: str
    notice: StatusNotice


_STATUS_ASKED = TypeAdapter(_StatusAsked)
_NOTICE_ASKED = TypeAdapter(_NoticeAsked)
_NOTES = TypeAdapter(_Notes)


async def register(app: web.Application) -> None:
    """Add our routes and rules to the admin server, which ACA-Py is building."""
    app.middlewares.insert(0, require_api_key)
    app.middlewares.insert(1, trace_calls)
    app.middlewares.append(map_errors)
    app.middlewares.append(hold_lease)
    app.middlewares.append(keep_wallet_open)
    app.middlewares.append(keep_stores_small)
    app.add_routes(
        [
            web.get("/ujuzi/recipients/{verkey}", find_recipient, allow_head=False),
            web.post("/ujuzi/wallets", create_wallet),
            web.post("/ujuzi/wallets/import", import_wallet),
            web.get("/ujuzi/store", export_store, allow_head=False),
            web.get("/ujuzi/room", room, allow_head=False),
            web.get("/ujuzi/wallets/{wallet_id}", wallet_state, allow_head=False),
            web.post("/ujuzi/wallets/{wallet_id}/open", open_wallet),
            web.post("/ujuzi/wallets/{wallet_id}/close", close_wallet),
            web.delete("/ujuzi/wallets/{wallet_id}", delete_wallet),
            web.get("/ujuzi/wallets/{wallet_id}/keys", wallet_keys, allow_head=False),
            web.get("/ujuzi/notes", list_categories, allow_head=False),
            web.put("/ujuzi/notes", put_notes),
            web.get("/ujuzi/notes/{category}", list_notes, allow_head=False),
            web.get("/ujuzi/notes/{category}/{note_id}", get_note, allow_head=False),
            web.put("/ujuzi/notes/{category}/{note_id}", put_note),
            web.delete("/ujuzi/notes/{category}/{note_id}", delete_note),
            web.post("/ujuzi/presentations/{pres_ex_id}/close", post_verdict),
            web.post("/ujuzi/exchanges/{kind}/{record_id}/repeat", repeat),
            web.post("/ujuzi/messages", post_message),
            web.post("/ujuzi/status/republish", republish_status),
            web.post("/ujuzi/status", change_status),
            web.post("/ujuzi/status/notice", send_status_notice),
            web.post("/ujuzi/retention", delete_what_is_past),
        ]
    )


@web.middleware
async def require_api_key(request: web.Request, handler: Handler) -> web.StreamResponse:
    """ACA-Py lets a tenant's token stand in for the API key: here it never does."""
    expected = request.app["context"].inject(Needs).admin_key
    given = request.headers.get("x-api-key", "")
    if request.path not in _OPEN_PATHS and not hmac.compare_digest(given.encode(), expected.encode()):
        raise web.HTTPUnauthorized(reason="API Key invalid or missing")
    return await handler(request)


@web.middleware
async def hold_lease(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A process that was paused makes sure that the stores are still its own."""
    if request.path not in _OPEN_PATHS:
        await _needs(request).lease.still_held()
    return await handler(request)


@web.middleware
async def keep_wallet_open(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Closing a wallet waits for the requests that use it."""
    wallet_id = _profile(request).settings.get("wallet.id")
    async with _wallets(request).in_use(wallet_id) if wallet_id else nullcontext():
        return await handler(request)


@web.middleware
async def keep_stores_small(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A learner's store that is full takes up with nobody new."""
    if request.path == _GROWING and "wallet.id" in (settings := _profile(request).settings):
        await _needs(request).room.check_store(settings["wallet.name"])
    return await handler(request)


@web.middleware
async def map_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Our errors as HTTP statuses, with their message as the reason."""
    try:
        return await handler(request)
    except errors.AgentError as error:
        refusal = _STATUS.get(type(error))
        if refusal is None:
            raise
        raise refusal(reason=str(error)) from error


async def find_recipient(request: web.Request) -> web.Response:
    """Whose key this is."""
    owner = await _needs(request).find_owner(_root(request), request.match_info["verkey"])
    if owner is None:
        raise web.HTTPNotFound(reason="Nobody here owns this key")
    full = owner.wallet_id is not None and await _needs(request).room.is_full(
        await _wallets(request).store_of(owner.wallet_id)
    )
    return web.json_response({"wallet_id": owner.wallet_id, "full": full})


async def room(request: web.Request) -> web.Response:
    """How much room all learners' stores take and leave; nothing of a single one."""
    _wallets(request)
    own = _root(request).settings["wallet.name"]
    return web.json_response(asdict(await _needs(request).room(own)))


async def create_wallet(request: web.Request) -> web.Response:
    """Make a locked wallet."""
    await _needs(request).room.check_for_another()
    wallet_id = await _wallets(request).create(await _wallet_key(request))
    return web.json_response({"wallet_id": wallet_id}, status=201)


async def import_wallet(request: web.Request) -> web.Response:
    """Make a locked wallet of a store that was copied elsewhere; only its key opens it."""
    await _needs(request).room.check_for_another()
    body = await _large_json(request, STORE_BODY)
    encoded = body.get("store") if isinstance(body, dict) else None
    try:
        store = base64.b64decode(encoded if isinstance(encoded, str) else "?", validate=True)
    except ValueError as error:
        raise web.HTTPBadRequest(reason='Expected {"store": "…"} in base64') from error
    return web.json_response({"wallet_id": await _wallets(request).take_in(store)}, status=201)


@tenant_authentication  # type: ignore[untyped-decorator]
async def export_store(request: web.Request) -> web.Response:
    """The open wallet's store as it lies on disk: sealed with its key."""
    store = await _wallets(request).copy(str(_profile(request).settings["wallet.id"]))
    return web.json_response({"store": base64.b64encode(store).decode()})


async def open_wallet(request: web.Request) -> web.Response:
    """Open a wallet with its key; what waits for it is handled in the background."""
    wallets, wallet_id = _wallets(request), request.match_info["wallet_id"]
    token = await wallets.open(wallet_id, await _wallet_key(request))
    return web.json_response({"token": token, "state": await wallets.state(wallet_id)})


async def close_wallet(request: web.Request) -> web.Response:
    """Lock a wallet."""
    await _wallets(request).close(request.match_info["wallet_id"])
    return web.json_response({"state": "locked"})


async def wallet_state(request: web.Request) -> web.Response:
    """A wallet's state, and how many envelopes wait for it."""
    wallet_id = request.match_info["wallet_id"]
    state = await _wallets(request).state(wallet_id)
    count = await _needs(request).waiting.count(wallet_id)
    return web.json_response({"state": state, "waiting": count})


async def wallet_keys(request: web.Request) -> web.Response:
    """The keys of a wallet that others know; none of one that was never in touch with anybody."""
    keys = await _needs(request).find_keys(_root(request), request.match_info["wallet_id"])
    return web.json_response({"keys": keys})


async def delete_wallet(request: web.Request) -> web.Response:
    """Destroy a wallet and what waits for it."""
    wallet_id = request.match_info["wallet_id"]
    await _wallets(request).delete(wallet_id, _needs(request).waiting.forget)
    return web.Response(status=204)


@tenant_authentication  # type: ignore[untyped-decorator]  # ACA-Py ships no types
async def list_notes(request: web.Request) -> web.Response:
    """Every note of a category."""
    found = await _needs(request).notes.all_of(_profile(request), request.match_info["category"])
    return web.json_response({"notes": _listed(found)})


@tenant_authentication  # type: ignore[untyped-decorator]
async def list_categories(request: web.Request) -> web.Response:
    """Every note of each category that `of` names."""
    found = await _needs(request).notes.by_category(_profile(request), request.query.getall("of", []))
    return web.json_response({"notes": {category: _listed(notes) for category, notes in found.items()}})


@tenant_authentication  # type: ignore[untyped-decorator]
async def put_notes(request: web.Request) -> web.Response:
    """Keep several notes, all or none, replacing earlier ones."""
    _refuse_larger(request, NOTES_BYTES, "Notes kept together have at most 512 KiB")
    asked = await _read(request, _NOTES)
    await _needs(request).notes.put_together(
        _profile(request), {(note.category, note.id): note.value for note in asked.notes}
    )
    return web.Response(status=204)


@tenant_authentication  # type: ignore[untyped-decorator]
async def get_note(request: web.Request) -> web.Response:
    """One note."""
    try:
        note = await _needs(request).notes.get(
            _profile(request), request.match_info["category"], request.match_info["note_id"]
        )
    except KeyError as error:
        raise web.HTTPNotFound(reason="No note has this id") from error
    return web.json_response(note)


@tenant_authentication  # type: ignore[untyped-decorator]
async def put_note(request: web.Request) -> web.Response:
    """Keep a note, replacing an earlier one."""
    _refuse_larger(request, NOTE_BYTES, "A note has at most 256 KiB")
    await _needs(request).notes.put(
        _profile(request),
        request.match_info["category"],
        request.match_info["note_id"],
        await _json(request),
    )
    return web.Response(status=204)


@tenant_authentication  # type: ignore[untyped-decorator]
async def delete_note(request: web.Request) -> web.Response:
    """Forget a note."""
    await _needs(request).notes.remove(
        _profile(request), request.match_info["category"], request.match_info["note_id"]
    )
    return web.Response(status=204)


def _listed(notes: Mapping[str, JsonValue]) -> list[JsonValue]:
    return [{"id": key, "value": value} for key, value in notes.items()]


def _refuse_larger(request: web.Request, limit: int, reason: str) -> None:
    if request.content_length is None or request.content_length > limit:
        raise web.HTTPRequestEntityTooLarge(
            max_size=limit, actual_size=request.content_length or 0, reason=reason
        )


async def post_verdict(request: web.Request) -> web.Response:
    """Close a presentation with the service's verdict."""
    body = await _json(request)
    verified = body.get("verified") if isinstance(body, dict) else None
    if not isinstance(verified, bool):
        raise web.HTTPBadRequest(reason='Expected {"verified": true} or {"verified": false}')
    profile = _profile(request)
    responder = profile.inject(BaseResponder)
    await _needs(request).close_presentation(
        profile, responder, request.match_info["pres_ex_id"], verified=verified
    )
    return web.json_response({"state": "done"})


async def repeat(request: web.Request) -> web.Response:
    """Say again what we said last in an exchange of this kind, `connection`, `credential` or `presentation`; of the token's wallet, or our own."""
    profile = _profile(request)
    said = await _needs(request).say_again(
        profile, profile.inject(BaseResponder), request.match_info["kind"], request.match_info["record_id"]
    )
    return web.json_response({"said": said})


async def post_message(request: web.Request) -> web.Response:
    """Send a message of the token's wallet, or our own, over a connection that is ready."""
    body = await _json(request)
    names = ("connection_id", "message_id", "content")
    told = body if isinstance(body, dict) else {}
    given = [value for name in names if isinstance(value := told.get(name), str) and value]
    if len(given) != len(names):
        raise web.HTTPBadRequest(reason='Expected {"connection_id": "…", "message_id": "…", "content": "…"}')
    connection_id, message_id, content = given
    profile = _profile(request)
    if not await _needs(request).send_message(
        profile, profile.inject(BaseResponder), connection_id, message_id=message_id, content=content
    ):
        raise web.HTTPNotFound(reason="No connection of this id is ready")
    return web.json_response({"message_id": message_id})


async def republish_status(request: web.Request) -> web.Response:
    """Publish a registry's present status list again, under a new time."""
    body = await _json(request)
    rev_reg_id = body.get("rev_reg_id") if isinstance(body, dict) else None
    if not isinstance(rev_reg_id, str):
        raise web.HTTPBadRequest(reason='Expected {"rev_reg_id": "…"}')
    timestamp = await _needs(request).republish_status(_profile(request), rev_reg_id)
    return web.json_response({"timestamp": timestamp})


async def change_status(request: web.Request) -> web.Response:
    """Make credentials valid, suspended or revoked in our own status list; nothing is published."""
    asked = await _read(request, _STATUS_ASKED)
    outcome = await _needs(request).set_status(
        _profile(request), asked.rev_reg_id, asked.cred_rev_ids, asked.state
    )
    return web.json_response(asdict(outcome))


async def send_status_notice(request: web.Request) -> web.Response:
    """Tell the holder what became of her credential, over the connection it went; `told` false if that is no more."""
    asked = await _read(request, _NOTICE_ASKED)
    profile = _profile(request)
    told = await _needs(request).tell_status(
        profile, profile.inject(BaseResponder), asked.connection_id, asked.notice
    )
    return web.json_response({"told": told})


async def delete_what_is_past(request: web.Request) -> web.Response:
    """Delete what is past its time in the store of the token's wallet, or in the agent's own."""
    gone = await _needs(request).delete_what_is_past(_root(request), _profile(request))
    return web.json_response(dict(gone))


def _profile(request: web.Request) -> Profile:
    """The wallet of the bearer token, or the agent's own."""
    return request["context"].profile


def _root(request: web.Request) -> Profile:
    return request["context"].root_profile or request["context"].profile


def _needs(request: web.Request) -> Needs:
    needs: Needs = request.app["context"].inject(Needs)
    return needs


def _wallets(request: web.Request) -> LearnersWallets:
    if not _needs(request).keeps_wallets:
        raise web.HTTPNotFound(reason="This agent keeps no learners' wallets")
    wallets: LearnersWallets = _root(request).inject(BaseMultitenantManager)
    return wallets


async def _read[Asked](request: web.Request, shape: TypeAdapter[Asked]) -> Asked:
    try:
        return shape.validate_json(await request.read())
    except ValidationError as error:
        places = ", ".join(sorted({".".join(map(str, each["loc"])) or "body" for each in error.errors()}))
        raise web.HTTPBadRequest(reason=f"Expected other values in: {places}") from error


async def _wallet_key(request: web.Request) -> str:
    body = await _json(request)
    key = body.get("wallet_key") if isinstance(body, dict) else None
    if not isinstance(key, str):
        raise web.HTTPBadRequest(reason='Expected {"wallet_key": "…"}')
    return key


async def _large_json(request: web.Request, limit: int) -> Any:  # noqa: ANN401  any JSON
    """A body larger than ACA-Py's own limit for all routes."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=len(body))
    try:
        return json.loads(body)
    except ValueError as error:
        raise web.HTTPBadRequest(reason="Expected a JSON body") from error


async def _json(request: web.Request) -> Any:  # noqa: ANN401  any JSON
    try:
        return await request.json()
    except json.JSONDecodeError as error:
        raise web.HTTPBadRequest(reason="Expected a JSON body") from error
