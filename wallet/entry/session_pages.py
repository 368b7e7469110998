"""Opening and locking a wallet from a page: her device unwraps the key and sends it once; the browser keeps a cookie."""

from contextlib import suppress

from fastapi import APIRouter, BackgroundTasks, Request, Response
from fastapi.responses import JSONResponse

from wallet.domain.session import Session
from wallet.domain.unlock import UnlockMethod
from wallet.entry import shapes
from wallet.entry.api import InDoors, open_store, settle_if_possible
from wallet.entry.browser import InVisit, csrf_of
from wallet.entry.frame import Frame
from wallet.errors import AgentTrouble, WalletLocked
from wallet.use_cases.create_wallet import create_wallet
from wallet.use_cases.desk import OpenWallet
from wallet.use_cases.import_wallet import import_wallet
from wallet.use_cases.lock_wallet import lock_wallet
from wallet.use_cases.read_ways import note_use
from wallet.use_cases.unlock_wallet import unlock_wallet


def session_router(frame: Frame) -> APIRouter:
    """What the pages' scripts call; every answer sets or ends the cookie."""
    router = APIRouter(tags=["pages"], include_in_schema=False)
    browsers = frame.browsers

    @router.post("/session", status_code=201)
    async def create(
        request: Request,
        body: shapes.NewWallet,
        doors: InDoors,
    ) -> Response:
        """Create a wallet and open it here."""
        browsers.refuse_strangers(request)
        methods = [
            UnlockMethod(doors.desk.new_id(), each.method, each.envelope) for each in body.unlock_methods
        ]
        session, token = await create_wallet(shapes.key_bytes(body.wallet_key), methods, locks=doors.locks)
        return await opened(request, doors, session, token, status=201)

    @router.post("/session/import", status_code=201)
    async def take_in(
        request: Request,
        body: shapes.ImportWallet,
        doors: InDoors,
    ) -> Response:
        """Take in a wallet that was exported elsewhere and open it here."""
        browsers.refuse_strangers(request)
        methods = [
            UnlockMethod(doors.desk.new_id(), each.method, each.envelope)
            for each in body.archive.unlock_methods
        ]
        session, token = await import_wallet(
            shapes.key_bytes(body.wallet_key), methods, body.archive.store.content, locks=doors.locks
        )
        return await opened(request, doors, session, token, status=201)

    @router.post("/session/{wallet_id}")
    async def unlock(
        request: Request, wallet_id: str, body: shapes.Unlock, doors: InDoors, background: BackgroundTasks
    ) -> Response:
        """Open a wallet here; what waited for it is worked through now."""
        browsers.refuse_strangers(request)
        session, token = await unlock_wallet(wallet_id, shapes.key_bytes(body.wallet_key), locks=doors.locks)
        wallet = open_store(doors, session)
        if body.method_id:
            background.add_task(_note_if_possible, wallet, body.method_id, doors)
        background.add_task(settle_if_possible, wallet, doors.desk)
        return await opened(request, doors, session, token)

    @router.post("/lock")
    async def lock(visit: InVisit) -> Response:
        """Lock the wallet, wherever it is open, and forget it in this browser."""
        await lock_wallet(visit.session.wallet_id, locks=visit.doors.locks)
        answer = frame.back("/", "said_locked")
        browsers.forget(answer)
        return answer

    async def opened(
        request: Request, doors: InDoors, session: Session, token: str, *, status: int = 200
    ) -> Response:
        """Let the browser hold this session; the wallet that was open in it before, if it is another one, is locked."""
        with suppress(WalletLocked):
            before = await doors.locks.open_wallets.use(browsers.token(request), now=doors.locks.clock())
            if before.wallet_id != session.wallet_id:
                await lock_wallet(before.wallet_id, locks=doors.locks)
        told = shapes.OpenedOut(
            wallet_id=session.wallet_id, expires_at=session.expires_at(doors.idle), csrf=csrf_of(token)
        )
        answer = JSONResponse(told.model_dump(mode="json"), status)
        browsers.hold(answer, token)
        return answer

    return router


async def _note_if_possible(wallet: OpenWallet, method_id: str, doors: InDoors) -> None:
    """The wallet is open either way."""
    with suppress(AgentTrouble, WalletLocked):
        await note_use(wallet, method_id, locks=doors.locks)
