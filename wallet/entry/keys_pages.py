"""The pages that need no open wallet: the front door, a new wallet, and opening one.

Words and keys are in her browser alone (`static/keys.js`), and so are the names of the wallets it knows.
"""

import re
from contextlib import suppress
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from wallet.entry.api import InDoors
from wallet.entry.frame import Frame
from wallet.entry.keys_words import KEYS_SAYS
from wallet.errors import WalletLocked

HOME: Final = "/home"
LONGEST_BACK: Final = 10_000
_OURS: Final = re.compile(
    r"/(?:home|add|i|offers|credentials|requests|history|ways|leaving|take-in)(?:[/?][A-Za-z0-9/?&=._~%:@+,;!*'()$-]*)?"
)
MODULES: Final = ("keys.js",)


def keys_router(frame: Frame) -> APIRouter:
    """Pages that need no wallet."""
    router = APIRouter(tags=["pages"], include_in_schema=False)

    async def door(
        request: Request,
        doors: InDoors,
        template: str,
        back: str | None = None,
        modules: tuple[str, ...] = MODULES,
    ) -> Response:
        """A page that needs no wallet; whoever has one open is led on to `back`, if there is one."""
        if back is not None and await _is_open(frame, request, doors):
            return RedirectResponse(back, 303)
        asked = back_to(request.query_params.get("next", ""))
        return frame.show(request, template, modules=modules, next=asked, says=KEYS_SAYS)

    @router.get("/")
    async def front(request: Request, doors: InDoors) -> Response:
        """The wallets this phone knows, a new one, or one whose paper is here."""
        return await door(request, doors, "keys_front.html", HOME)

    @router.get("/new")
    async def new(request: Request, doors: InDoors) -> Response:
        """Make a wallet."""
        return await door(request, doors, "keys_new.html")

    @router.get("/unlock")
    async def unlock(request: Request, doors: InDoors) -> Response:
        """Open a wallet, and go on where it was needed."""
        asked = request.query_params.get("next", "")
        return await door(request, doors, "keys_unlock.html", back_to(asked) if asked else None)

    @router.get("/recover")
    async def recover(request: Request, doors: InDoors) -> Response:
        """Open a wallet with its recovery sheet."""
        return await door(request, doors, "keys_recover.html", modules=("scan.js", *MODULES))

    return router


def back_to(asked: str) -> str:
    """Where to go once a wallet is open: a page of this wallet, or home."""
    ours = len(asked) <= LONGEST_BACK and _OURS.fullmatch(asked) and ".." not in asked.partition("?")[0]
    return asked if ours else HOME


async def _is_open(frame: Frame, request: Request, doors: InDoors) -> bool:
    with suppress(WalletLocked):
        await doors.locks.open_wallets.use(frame.browsers.token(request), now=doors.locks.clock())
        return True
    return False
