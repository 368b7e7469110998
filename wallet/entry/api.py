"""The wallet's HTTP API: parse, call one verb, map the result."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.ports.audit import done_by
from shared.ports.trust_pins import TrustPin
from shared.web.auth import require_scope
from shared.web.pagination import Page, PageAsked, PageQuery, page_of
from wallet.domain.inbox import Change
from wallet.domain.offer import OfferState
from wallet.domain.part import Part
from wallet.domain.request import RequestState
from wallet.domain.session import Session
from wallet.domain.unlock import UnlockMethod
from wallet.entry import shapes
from wallet.errors import AgentTrouble, NotSignedIn, WalletLocked
from wallet.ports import PinnedLists
from wallet.use_cases.accept_offer import accept_offer
from wallet.use_cases.ask_issuer import ask_issuer, read_thread
from wallet.use_cases.change_unlock_methods import put_unlock_method, remove_unlock_method
from wallet.use_cases.consent_to_request import consent_to_request
from wallet.use_cases.count_inbox import count_inbox
from wallet.use_cases.create_wallet import create_wallet
from wallet.use_cases.decline_offer import decline_offer
from wallet.use_cases.decline_request import decline_request
from wallet.use_cases.desk import Desk, Locks, OpenWallet
from wallet.use_cases.export_wallet import export_wallet
from wallet.use_cases.import_wallet import import_wallet
from wallet.use_cases.lock_wallet import lock_wallet
from wallet.use_cases.look_at_wallet import read_state, read_unlock_methods
from wallet.use_cases.measure_capacity import measure_capacity
from wallet.use_cases.please_delete import please_delete, read_deletions
from wallet.use_cases.read_credentials import read_credential, read_credentials
from wallet.use_cases.read_offer import read_offer, read_offers
from wallet.use_cases.read_request import read_request, read_requests
from wallet.use_cases.receive_invitation import receive_invitation
from wallet.use_cases.settle_exchanges import settle_exchanges
from wallet.use_cases.unlock_wallet import unlock_wallet
from wallet.use_cases.write_history import read_entry, read_history

SESSION = HTTPBearer(
    auto_error=False, scheme_name="WalletSession", description="The session token of an open wallet."
)


@dataclass(frozen=True)
class Doors:
    """What the routes call upon."""

    locks: Locks
    desk: Desk
    lists: PinnedLists
    idle: timedelta


def _doors(request: Request) -> Doors:
    doors: Doors = request.app.state.doors
    return doors


async def _session(
    doors: Annotated[Doors, Depends(_doors)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(SESSION)],
) -> Session:
    if credentials is None:
        raise NotSignedIn(
            "Expected the session token of an open wallet as 'Authorization: Bearer TOKEN'. Unlock the wallet to get one."
        )
    session = await doors.locks.open_wallets.use(credentials.credentials, now=doors.locks.clock())
    done_by(f"wallet:{session.wallet_id}")
    return session


def open_store(
    doors: Annotated[Doors, Depends(_doors)], session: Annotated[Session, Depends(_session)]
) -> OpenWallet:
    """The wallet that a session opened."""
    store = doors.locks.sealed.opened(session.agent_token)
    return OpenWallet(session.wallet_id, store, doors.locks.open_wallets.turn(session.wallet_id))


async def _session_if_any(
    doors: Annotated[Doors, Depends(_doors)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(SESSION)],
) -> Session | None:
    """One that is over asks as nobody does: it may be her device, which has not noticed yet."""
    if credentials is not None:
        with suppress(WalletLocked):
            return await _session(doors, credentials)
    return None


InDoors = Annotated[Doors, Depends(_doors)]
InSessionIfAny = Annotated[Session | None, Depends(_session_if_any)]
InSession = Annotated[Session, Depends(_session)]
InWallet = Annotated[OpenWallet, Depends(open_store)]

wallets = APIRouter(prefix="/v1", tags=["wallet"])
learner = APIRouter(prefix="/v1", tags=["learner"])
trust = APIRouter(prefix="/v1", tags=["trust lists"], dependencies=[Depends(require_scope("admin"))])
operation = APIRouter(prefix="/v1", tags=["operation"], dependencies=[Depends(require_scope("admin"))])


# --- lock and key


@wallets.post("/wallets", status_code=201)
async def create(body: shapes.NewWallet, doors: InDoors) -> shapes.SessionOut:
    """Create a sealed wallet. The key is held in memory while the wallet is open and written nowhere."""
    methods = [
        UnlockMethod(doors.desk.new_id(), method.method, method.envelope) for method in body.unlock_methods
    ]
    session, token = await create_wallet(shapes.key_bytes(body.wallet_key), methods, locks=doors.locks)
    return _session_out(session, token, doors.idle)


@wallets.post("/wallets/import", status_code=201)
async def take_in(body: shapes.ImportWallet, doors: InDoors) -> shapes.SessionOut:
    """Take in a wallet that was exported elsewhere; it gets an id of its own here and is open."""
    methods = [
        UnlockMethod(doors.desk.new_id(), method.method, method.envelope)
        for method in body.archive.unlock_methods
    ]
    session, token = await import_wallet(
        shapes.key_bytes(body.wallet_key), methods, body.archive.store.content, locks=doors.locks
    )
    return _session_out(session, token, doors.idle)


@wallets.get("/wallet/export")
async def export(wallet: InWallet, doors: InDoors, response: Response) -> shapes.ArchiveShape:
    """Give out the whole open wallet as an archive, sealed as it lies on disk; the wallet stays."""
    response.headers["Content-Disposition"] = 'attachment; filename="ujuzi-wallet.json"'
    return shapes.ArchiveShape.of(await export_wallet(wallet, locks=doors.locks))


@wallets.get("/wallets/{wallet_id}")
async def state(wallet_id: str, asking: InSessionIfAny, doors: InDoors) -> shapes.WalletOut:
    """Say whether a wallet is locked, and how many messages wait for it; of one that does not live here: locked, none."""
    found, waiting = await read_state(wallet_id, asking, locks=doors.locks)
    return shapes.WalletOut.model_validate({"wallet_id": wallet_id, "state": found, "waiting": waiting})


@wallets.get("/wallets/{wallet_id}/unlock-methods")
async def unlock_methods(
    wallet_id: str, asking: InSessionIfAny, doors: InDoors
) -> shapes.Items[shapes.UnlockMethodOut]:
    """Give out the wrapped forms of the wallet's key: only the learner's device can unwrap one.

    Of a wallet that does not live here: decoys that nothing opens, the same each time.
    """
    methods = await read_unlock_methods(wallet_id, asking, locks=doors.locks)
    return shapes.Items(
        items=[
            shapes.UnlockMethodOut(id=method.id, method=method.method, envelope=dict(method.envelope))
            for method in methods
        ]
    )


@wallets.post("/wallets/{wallet_id}/unlock")
async def unlock(
    wallet_id: str, body: shapes.Unlock, doors: InDoors, background: BackgroundTasks
) -> shapes.SessionOut:
    """Open a wallet; what waited for it is worked through now."""
    session, token = await unlock_wallet(wallet_id, shapes.key_bytes(body.wallet_key), locks=doors.locks)
    background.add_task(settle_if_possible, open_store(doors, session), doors.desk)
    return _session_out(session, token, doors.idle)


@wallets.post("/lock", status_code=204)
async def lock(session: InSession, doors: InDoors) -> None:
    """Lock the wallet, for every session of it."""
    await lock_wallet(session.wallet_id, locks=doors.locks)


@wallets.put("/wallet/unlock-methods/{method}")
async def put_method(
    method: shapes.Method, body: shapes.WrappedKey, session: InSession, doors: InDoors
) -> shapes.UnlockMethodOut:
    """Add a way to unlock the open wallet, or replace the one of this kind (a new passphrase). A passkey comes beside others."""
    kept = UnlockMethod(doors.desk.new_id(), method, body.envelope)
    await put_unlock_method(session, kept, locks=doors.locks)
    return shapes.UnlockMethodOut(id=kept.id, method=kept.method, envelope=dict(kept.envelope))


@wallets.delete("/wallet/unlock-methods/{method}", status_code=204)
async def delete_method(method: shapes.WhichMethod, session: InSession, doors: InDoors) -> None:
    """Remove a way to unlock the open wallet, by its kind or id; never the last one of words (409)."""
    await remove_unlock_method(session, method, locks=doors.locks)


async def settle_if_possible(wallet: OpenWallet, desk: Desk) -> None:
    """The wallet is open either way, and the timer settles what could not be settled now."""
    with suppress(AgentTrouble, WalletLocked):
        await settle_exchanges(wallet, desk=desk)


def _session_out(session: Session, token: str, idle: timedelta) -> shapes.SessionOut:
    return shapes.SessionOut(
        wallet_id=session.wallet_id, session_token=token, expires_at=session.expires_at(idle)
    )


# --- what comes in


@learner.post("/invitations", status_code=201)
async def follow_link(
    body: shapes.Link, wallet: InWallet, doors: InDoors, response: Response
) -> shapes.ConnectionOut:
    """Follow an invitation link; 200 if it was followed before."""
    received = await receive_invitation(wallet, body.url, facts=doors.desk.facts)
    if received.already_known:
        response.status_code = 200
    return shapes.ConnectionOut(
        id=received.connection_id,
        goal_code=received.invitation.goal_code,
        goal=received.invitation.goal,
        already_known=received.already_known,
    )


@learner.get("/inbox")
async def inbox(wallet: InWallet, doors: InDoors) -> shapes.InboxOut:
    """Count what waits for a decision and what is held."""
    counted = await count_inbox(wallet, sealed=doors.locks.sealed)
    return shapes.InboxOut(
        offers=counted.offers,
        requests=counted.requests,
        credentials=counted.credentials,
        waiting=counted.waiting,
    )


@learner.get("/events", response_class=StreamingResponse)
async def events(wallet: InWallet, doors: InDoors) -> StreamingResponse:
    """Tell of changes as server-sent events (kinds and ids only) until the wallet is locked."""
    changes = doors.desk.changes.follow(wallet.id)
    return StreamingResponse(_server_sent(changes), media_type="text/event-stream")


async def _server_sent(changes: AsyncIterator[Change]) -> AsyncIterator[str]:
    yield ": following\n\n"
    async for change in changes:
        yield f"event: {change.kind}\ndata: {json.dumps({'kind': change.kind, 'id': change.id})}\n\n"


# --- offers and credentials


@learner.get("/offers")
async def offers(
    wallet: InWallet, doors: InDoors, asked: PageQuery, state: OfferState | None = None
) -> Page[shapes.OfferOut]:
    """List offers in plain terms."""
    found = await read_offers(wallet, state=state, part=_part(asked), desk=doors.desk)
    return page_of(found, asked, key=lambda view: view.offer.id, show=shapes.OfferOut.of)


@learner.get("/offers/{offer_id}")
async def offer(offer_id: str, wallet: InWallet, doors: InDoors) -> shapes.OfferOut:
    """Read one offer in plain terms."""
    return shapes.OfferOut.of(await read_offer(wallet, offer_id, desk=doors.desk))


@learner.post("/offers/{offer_id}/accept", status_code=202)
async def accept(offer_id: str, wallet: InWallet, doors: InDoors) -> shapes.OfferStateOut:
    """Accept an offer; the credential arrives a little later."""
    return shapes.OfferStateOut(id=offer_id, state=await accept_offer(wallet, offer_id, desk=doors.desk))


@learner.post("/offers/{offer_id}/decline")
async def decline(
    offer_id: str, body: shapes.Reason, wallet: InWallet, doors: InDoors
) -> shapes.OfferStateOut:
    """Decline an offer and tell its issuer why."""
    state = await decline_offer(wallet, offer_id, body.reason, desk=doors.desk)
    return shapes.OfferStateOut(id=offer_id, state=state)


@learner.get("/credentials")
async def credentials(wallet: InWallet, doors: InDoors, asked: PageQuery) -> Page[shapes.CredentialOut]:
    """List the credentials held, each with what it is worth now."""
    await settle_exchanges(wallet, desk=doors.desk)
    found = await read_credentials(wallet, part=_part(asked), desk=doors.desk)
    return page_of(found, asked, key=lambda shown: shown.holding.credential.id, show=shapes.CredentialOut.of)


@learner.get("/credentials/{credential_id}")
async def credential(credential_id: str, wallet: InWallet, doors: InDoors) -> shapes.CredentialOut:
    """Read one credential with its programme."""
    return shapes.CredentialOut.of(await read_credential(wallet, credential_id, desk=doors.desk))


@learner.get("/credentials/{credential_id}/questions")
async def thread(credential_id: str, wallet: InWallet) -> shapes.ThreadOut:
    """Read what was written to and fro about a credential: what she says is wrong, and what its issuer answers."""
    return shapes.ThreadOut.of(await read_thread(wallet, credential_id))


@learner.post("/credentials/{credential_id}/questions", status_code=201)
async def ask(
    credential_id: str, body: shapes.Question, wallet: InWallet, doors: InDoors
) -> shapes.ThreadOut:
    """Say what is wrong with a credential; it goes to its issuer, who answers into this thread."""
    return shapes.ThreadOut.of(
        await ask_issuer(
            wallet, credential_id, body.matter, body.text, language=body.language, desk=doors.desk
        )
    )


# --- requests


@learner.get("/requests")
async def requests(
    wallet: InWallet, doors: InDoors, asked: PageQuery, state: RequestState | None = None
) -> Page[shapes.RequestOut]:
    """List requests in plain terms."""
    found = await read_requests(wallet, state=state, part=_part(asked), desk=doors.desk)
    return page_of(found, asked, key=lambda view: view.exchange.id, show=shapes.RequestOut.of)


@learner.get("/requests/{request_id}")
async def request(request_id: str, wallet: InWallet, doors: InDoors) -> shapes.RequestOut:
    """Read one request: who asks, why, what is shown, proven, hidden, missing."""
    return shapes.RequestOut.of(await read_request(wallet, request_id, desk=doors.desk))


@learner.post("/requests/{request_id}/consent", status_code=202)
async def consent(
    request_id: str, body: shapes.Consent, wallet: InWallet, doors: InDoors
) -> shapes.RequestStateOut:
    """Answer a request with one credential for each need."""
    state = await consent_to_request(
        wallet, request_id, body.choices, acknowledged=body.acknowledged, desk=doors.desk
    )
    return shapes.RequestStateOut(id=request_id, state=state)


@learner.post("/requests/{request_id}/decline")
async def refuse(
    request_id: str, body: shapes.Reason, wallet: InWallet, doors: InDoors
) -> shapes.RequestStateOut:
    """Decline a request, or say that nothing in the wallet satisfies it."""
    state = await decline_request(wallet, request_id, body.reason, desk=doors.desk)
    return shapes.RequestStateOut(id=request_id, state=state)


@learner.get("/history")
async def history(wallet: InWallet, asked: PageQuery) -> Page[shapes.EntryOut]:
    """List what was accepted, declined and shared, newest first."""
    found = await read_history(wallet, part=_part(asked))
    deletions = await read_deletions(wallet, found)
    return page_of(
        found,
        asked,
        key=lambda entry: entry.id,
        show=lambda entry: shapes.EntryOut.of(entry, deletions.get(entry.id)),
    )


@learner.post("/history/{entry_id}/please-delete")
async def ask_for_deletion(
    entry_id: str, body: shapes.PleaseDelete, wallet: InWallet, doors: InDoors
) -> shapes.EntryOut:
    """Ask whoever was shown something to delete it; once, however often this is called."""
    wish = await please_delete(wallet, entry_id, language=body.language, desk=doors.desk)
    return shapes.EntryOut.of(await read_entry(wallet.store, entry_id), wish)


def _part(asked: PageAsked) -> Part:
    """One entry more than the page holds, to know whether another page follows."""
    return Part(asked.after, asked.limit + 1)


# --- trust lists


@trust.post("/trust-lists", status_code=201)
async def pin(body: shapes.NewTrustList, doors: InDoors) -> shapes.TrustListOut:
    """Pin a list for every wallet of this installation; it is looked at at once."""
    snapshot = await doors.lists.pin(TrustPin(url=body.url, name=body.name, operator_key=body.operator_key))
    return shapes.TrustListOut.of(snapshot, now=doors.desk.clock())


@trust.get("/trust-lists")
async def pinned(doors: InDoors) -> shapes.Items[shapes.TrustListOut]:
    """List the pinned lists and how each was found at the last look."""
    return _lists_out(doors)


@trust.delete("/trust-lists", status_code=204)
async def unpin(url: str, doors: InDoors) -> None:
    """Use a list no longer; one that is not pinned is no error."""
    await doors.lists.unpin(url)


@trust.post("/trust-lists/refresh")
async def refresh(doors: InDoors) -> shapes.Items[shapes.TrustListOut]:
    """Look at every pinned list now."""
    await doors.lists.refresh_all()
    return _lists_out(doors)


def _lists_out(doors: Doors) -> shapes.Items[shapes.TrustListOut]:
    now = doors.desk.clock()
    return shapes.Items(items=[shapes.TrustListOut.of(found, now=now) for found in doors.lists.snapshots()])


# --- operation


@operation.get("/capacity")
async def capacity(doors: InDoors) -> shapes.CapacityOut:
    """Say how full the installation is: of all wallets together, never of one."""
    return shapes.CapacityOut.of(await measure_capacity(locks=doors.locks), at=doors.locks.clock())


ROUTERS = (wallets, learner, trust, operation)
