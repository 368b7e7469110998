"""An award she holds: what it says, what it is worth now, who vouches for it, and what to do when something is wrong."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response

from shared.contracts.question_words import MOST_TEXT, WORDS, Matter, is_plain, without_controls
from wallet.domain.question import MOST_UNANSWERED, unanswered
from wallet.entry.award_said import (
    about_her,
    changes_said,
    giver_said,
    name_said,
    programme_said,
    skills_said,
    title_said,
    worth_said,
)
from wallet.entry.browser import InVisit, Visit
from wallet.entry.frame import Frame
from wallet.entry.value_words import attribute_said
from wallet.errors import AgentTrouble, CredentialUnknown, IssuerOutOfReach, NotThere, TooManyQuestions
from wallet.use_cases.ask_issuer import ask_issuer, read_thread
from wallet.use_cases.read_credentials import read_credential
from wallet.use_cases.read_home import earlier_of, note_news, read_news

_TAKEN: Final = 4 * MOST_TEXT
"""Characters of a form; what is longer than a message may be is refused in her words, not by a bare number."""

ASK_REFUSALS: Final = {
    IssuerOutOfReach: "wrong_asked_out_of_reach",
    TooManyQuestions: "wrong_asked_too_much",
    CredentialUnknown: None,
}
"""Why she cannot write to whoever gave a credential, as a key of the words."""
ASK_REFUSED: Final = tuple(ASK_REFUSALS)


def credential_router(frame: Frame) -> APIRouter:
    """Pages of what she holds."""
    router = APIRouter(prefix="/credentials/{credential_id}", tags=["pages"], include_in_schema=False)

    @router.get("")
    async def credential(request: Request, visit: InVisit, credential_id: str) -> Response:
        """Show one credential."""
        return await _page(frame, request, visit, credential_id)

    @router.post("/seen")
    async def seen(visit: InVisit, credential_id: str) -> Response:
        """She has seen what is new of it."""
        try:
            await note_news(visit.wallet, credential_id, desk=visit.doors.desk)
        except AgentTrouble:
            return frame.back(f"/credentials/{credential_id}", "wrong_not_now")
        except NotThere:
            return frame.back("/home")
        return frame.back("/home")

    @router.post("/questions")
    async def ask(
        request: Request,
        visit: InVisit,
        credential_id: str,
        matter: Annotated[Matter, Form()] = Matter.OTHER,
        text: Annotated[str, Form(max_length=_TAKEN)] = "",
    ) -> Response:
        """Write to whoever gave it; the same words sent again after a lost connection are one message."""
        here = f"/credentials/{credential_id}"
        plain = without_controls(text).strip()
        if not is_plain(text) or len(plain) > MOST_TEXT:
            return await _page(frame, request, visit, credential_id, wrong="wrong_asked", text=plain)
        language = frame.language(request)
        try:
            await ask_issuer(
                visit.wallet, credential_id, matter, plain, language=language, desk=visit.doors.desk
            )
        except AgentTrouble:
            return await _page(frame, request, visit, credential_id, wrong="wrong_not_now", text=plain)
        except ASK_REFUSED as error:
            return frame.back(here, ASK_REFUSALS[type(error)])
        return frame.back(f"{here}#thread", "said_asked")

    return router


async def _page(
    frame: Frame,
    request: Request,
    visit: Visit,
    credential_id: str,
    *,
    wrong: str | None = None,
    text: str = "",
) -> Response:
    desk, language, words = visit.doors.desk, frame.language(request), frame.words(request)
    try:
        shown = await read_credential(visit.wallet, credential_id, desk=desk)
    except NotThere:
        return frame.show(request, "gone.html", visit, status=HTTPStatus.NOT_FOUND)
    now = desk.clock()
    holding, thread = shown.holding, await read_thread(visit.wallet, credential_id)
    held = holding.credential
    return frame.show(
        request,
        "credential.html",
        visit,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong == "wrong_asked" else HTTPStatus.OK,
        wrong=wrong,
        modules=["home.js"],
        path=f"/credentials/{credential_id}",
        title=title_said(held.attributes, holding.edition, language),
        person=name_said(held.attributes, language),
        worth=worth_said(holding.status, words, language, now=now),
        giver=giver_said(shown.issuer, holding.edition, desk.trust.snapshots(), words, language, now=now),
        about=about_her(shown.claims, holding.edition, language),
        skills=skills_said(holding.edition, language),
        programme=programme_said(holding.edition, language),
        news=await read_news(visit.wallet, shown, desk=desk),
        earlier=[
            (offer.id, changes_said(offer.attributes, held.attributes, language))
            for offer in await earlier_of(visit.wallet, held)
        ],
        raw=[(attribute_said(claim.name, language), claim.name, claim.raw) for claim in shown.claims],
        held=held,
        standing=shown.issuer,
        thread=thread,
        too_much=unanswered(thread.lines) >= MOST_UNANSWERED,
        matters=WORDS[language],
        longest=MOST_TEXT,
        written=text,
    )
