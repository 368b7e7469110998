"""Leaving: take everything along, have an award given again elsewhere, delete; and take in what came from elsewhere."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from itertools import takewhile
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response

from shared.contracts.question_words import Matter
from wallet.domain.proof_request import issuer_of
from wallet.domain.question import Thread
from wallet.entry import shapes
from wallet.entry.award_said import Line, title_said
from wallet.entry.browser import InVisit, Visit
from wallet.entry.credential_pages import ASK_REFUSALS, ASK_REFUSED
from wallet.entry.frame import Frame
from wallet.entry.leaving_api import Leaving, file_answer, readable_copy
from wallet.entry.leaving_words import LEAVING_SAYS
from wallet.entry.statement import signed_form, statement_said, stays_said
from wallet.errors import AgentTrouble
from wallet.use_cases.ask_issuer import ask_issuer, read_thread
from wallet.use_cases.delete_wallet import delete_wallet, look_at_what_stays
from wallet.use_cases.export_wallet import export_wallet
from wallet.use_cases.find_edition import find_edition

LEAVING: Final = "/leaving"
MODULES: Final = ("leaving.js",)


@dataclass(frozen=True)
class Askable:
    """An award that may be asked for in another wallet; `asked_at`: when she did so last."""

    id: str
    title: Line
    can_ask: bool
    asked_at: datetime | None


def leaving_router(frame: Frame, leaving: Leaving) -> APIRouter:
    """Pages under /leaving, and /take-in."""
    router = APIRouter(tags=["pages"], include_in_schema=False)
    for part in (_along(frame, leaving), _another(frame), _erase(frame, leaving), _take_in(frame)):
        router.include_router(part)
    return router


def _along(frame: Frame, leaving: Leaving) -> APIRouter:
    """What can be done, and the files she takes along."""
    router = APIRouter()

    @router.get(LEAVING)
    async def ways_out(request: Request, visit: InVisit) -> Response:
        """Say what can be done."""
        return frame.show(request, "leaving.html", visit)

    @router.get(f"{LEAVING}/ujuzi-wallet.json")
    async def sealed_file(request: Request, visit: InVisit) -> Response:
        """Her whole wallet, sealed as it lies on disk."""
        archive = shapes.ArchiveShape.of(await export_wallet(visit.wallet, locks=visit.doors.locks))
        name = f"ujuzi-wallet-{archive.exported_at:%Y-%m-%d}.json"
        return file_answer(request, archive.model_dump_json(), name, "application/json")

    @router.get(f"{LEAVING}/copy")
    async def copy(request: Request, visit: InVisit) -> Response:
        """Everything in words, as a file."""
        text, name = await readable_copy(
            visit.wallet, frame.language(request), desk=visit.doors.desk, documents=leaving.documents
        )
        return file_answer(request, text, name, "text/html")

    return router


def _another(frame: Frame) -> APIRouter:
    """Awards in a wallet of her own choice."""
    router = APIRouter()

    @router.get(f"{LEAVING}/another")
    async def another(request: Request, visit: InVisit) -> Response:
        """Her awards, each to be asked for in another wallet."""
        found = await _askable(visit, frame.language(request))
        return frame.show(request, "leaving_another.html", visit, awards=found)

    @router.post(f"{LEAVING}/another")
    async def ask(
        request: Request, visit: InVisit, credential: Annotated[str, Form(max_length=100)]
    ) -> Response:
        """Ask whoever gave it; asking again while there is no answer is asking once."""
        here, language = f"{LEAVING}/another", frame.language(request)
        try:
            if _asked(await read_thread(visit.wallet, credential)) is None:
                await ask_issuer(
                    visit.wallet,
                    credential,
                    Matter.OTHER_WALLET,
                    "",
                    language=language,
                    desk=visit.doors.desk,
                )
        except AgentTrouble:
            return frame.back(here, "wrong_not_now")
        except ASK_REFUSED as error:
            return frame.back(here, ASK_REFUSALS[type(error)])
        return frame.back(here, "said_asked")

    return router


def _erase(frame: Frame, leaving: Leaving) -> APIRouter:
    """The end of a wallet."""
    router = APIRouter()

    @router.get(f"{LEAVING}/erase")
    async def consider(request: Request, visit: InVisit) -> Response:
        """Say what goes and what remains, and ask."""
        return await _consider(frame, request, visit, leaving)

    @router.post(f"{LEAVING}/erase")
    async def erase(
        request: Request, visit: InVisit, word: Annotated[str, Form(max_length=200)] = ""
    ) -> Response:
        """Delete the wallet; the answer is the statement, which is kept nowhere."""
        language, words = frame.language(request), frame.words(request)
        if word.strip().casefold() != words["leaving_erase_word"].casefold():
            return await _consider(frame, request, visit, leaving, wrong="wrong_leaving_word")
        erasure, statement = await delete_wallet(
            visit.wallet,
            locks=visit.doors.locks,
            desk=visit.doors.desk,
            registrar=leaving.registrar,
            word=partial(signed_form, place=leaving.place, language=language),
        )
        document = leaving.documents.statement(erasure, statement, language)
        answer = frame.show(
            request,
            "leaving_erased.html",
            modules=MODULES,
            told=statement_said(erasure, place=leaving.place, language=language),
            erasure=erasure,
            document=base64.b64encode(document.encode()).decode("ascii"),
            says=(),
        )
        frame.browsers.forget(answer)
        return answer

    return router


def _take_in(frame: Frame) -> APIRouter:
    """A wallet from elsewhere."""
    router = APIRouter()

    @router.get("/take-in")
    async def take_in(request: Request) -> Response:
        """Take in a locked file; her device opens it."""
        return frame.show(request, "leaving_take_in.html", modules=("scan.js", *MODULES), says=LEAVING_SAYS)

    @router.get("/take-in/done")
    async def taken_in(request: Request, visit: InVisit) -> Response:
        """Say what came along and what did not."""
        held = await visit.wallet.store.credentials()
        return frame.show(request, "leaving_taken_in.html", visit, count=len(held))

    return router


async def _consider(
    frame: Frame, request: Request, visit: Visit, leaving: Leaving, *, wrong: str | None = None
) -> Response:
    desk, language, kept = visit.doors.desk, frame.language(request), leaving.registrar.backups_kept
    stays = await look_at_what_stays(visit.wallet, desk=desk)
    until = (desk.clock() + kept).date() if kept is not None else None
    return frame.show(
        request,
        "leaving_erase.html",
        visit,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        wrong=wrong,
        inside=stays.inside,
        stays=list(stays_said(stays.elsewhere, until, language)),
    )


async def _askable(visit: Visit, language: str) -> Sequence[Askable]:
    store, facts = visit.wallet.store, visit.doors.desk.facts
    found = []
    for held in await store.credentials():
        thread = await read_thread(visit.wallet, held.id)
        edition = await find_edition(store, facts, held.attributes, issuer_of(held.cred_def_id))
        asked = _asked(thread)
        title = title_said(held.attributes, edition, language)
        found.append(Askable(held.id, title, thread.can_write and asked is None, asked))
    return found


def _asked(thread: Thread) -> datetime | None:
    """When she asked for it in another wallet and has no answer yet."""
    unanswered = takewhile(lambda line: line.mine, reversed(thread.lines))
    return next((line.at for line in unanswered if line.matter is Matter.OTHER_WALLET), None)
