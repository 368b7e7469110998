"""How a wallet can be opened: its page, and the pages that change a way or remove it.

Her device wraps the key anew, in the browser alone (`static/keys.js`); what comes here is an envelope.
"""

from contextlib import suppress
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from wallet.domain.unlock import PASSKEY, UnlockMethod
from wallet.entry import shapes
from wallet.entry.browser import InVisit
from wallet.entry.frame import Frame
from wallet.entry.keys_pages import MODULES
from wallet.entry.keys_words import KEYS_SAYS
from wallet.errors import LastUnlockMethod, UnlockMethodUnknown
from wallet.use_cases.change_unlock_methods import put_unlock_method, remove_unlock_method
from wallet.use_cases.read_ways import read_ways

WAYS: Final = "/ways"


def ways_router(frame: Frame) -> APIRouter:
    """Pages of an open wallet."""
    router = APIRouter(tags=["pages"], include_in_schema=False)

    @router.get(WAYS)
    async def ways(request: Request, visit: InVisit) -> Response:
        """Every way to open this wallet."""
        found = await read_ways(visit.wallet, locks=visit.doors.locks)
        by_kind = {
            kind: [way for way in found if way.method.method == kind]
            for kind in ("passphrase", "recovery-kit", PASSKEY)
        }
        return frame.show(
            request,
            "keys_ways.html",
            visit,
            modules=MODULES,
            phrases=by_kind["passphrase"],
            kits=by_kind["recovery-kit"],
            phones=by_kind[PASSKEY],
        )

    @router.get("/ways/{what}")
    async def change(request: Request, what: str, visit: InVisit) -> Response:
        """Change one: new words, a new sheet, or the lock of this phone."""
        if what not in {"words", "paper", "phone"}:
            return RedirectResponse(WAYS, 303)
        methods = await visit.doors.locks.book.unlock_methods(visit.session.wallet_id)
        held = any(method.method == "recovery-kit" for method in methods)
        return frame.show(
            request, "keys_change.html", visit, modules=MODULES, what=what, held=held, says=KEYS_SAYS
        )

    @router.put("/ways/{method}")
    async def put(method: shapes.Method, body: shapes.WrappedKey, visit: InVisit) -> shapes.UnlockMethodOut:
        """Keep what her device has wrapped."""
        kept = UnlockMethod(visit.doors.desk.new_id(), method, body.envelope)
        await put_unlock_method(visit.session, kept, locks=visit.doors.locks)
        return shapes.UnlockMethodOut(id=kept.id, method=kept.method, envelope=dict(kept.envelope))

    @router.get("/ways/{method_id}/remove")
    async def ask_to_remove(request: Request, method_id: str, visit: InVisit) -> Response:
        """Say what removing one means."""
        methods = await visit.doors.locks.book.unlock_methods(visit.session.wallet_id)
        found = next((one for one in methods if one.id == method_id and one.method != "passphrase"), None)
        if found is None:
            return RedirectResponse(WAYS, 303)
        return frame.show(request, "keys_remove.html", visit, method=found, kind=found.method)

    @router.post("/ways/{method_id}/remove")
    async def remove(method_id: str, visit: InVisit) -> Response:
        """Remove it; it may be gone already, and the last one with words stays."""
        try:
            with suppress(UnlockMethodUnknown):
                await remove_unlock_method(visit.session, method_id, locks=visit.doors.locks)
        except LastUnlockMethod:
            return frame.back(WAYS, "wrong_keys_last")
        return frame.back(WAYS, "said_keys_removed")

    return router
