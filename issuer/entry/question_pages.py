"""The console's pages about learners' questions: what waits for an answer, and each thread."""

from dataclasses import dataclass
from typing import Annotated, Final, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from issuer.domain.award import Superseded
from issuer.entry.acting import Acting, acting
from issuer.entry.api import WRITE, Writer
from issuer.entry.areas import QUESTIONS
from issuer.entry.cursor import id_after
from issuer.entry.questions_api import Answer, Questions, StateName
from issuer.errors import QuestionRefusesAction
from shared.contracts.question_words import MOST_TEXT
from shared.web.actors import Actors
from shared.web.console import Console
from shared.web.forms import Filled
from shared.web.pagination import PageQuery, page_of

MOST_WAITING: Final = 200
"""Shown at once; there are more when these are answered."""
STATES: Final = get_args(StateName)
QuestionReader = Annotated[Acting, Depends(acting(QUESTIONS.scope))]


@dataclass(frozen=True, kw_only=True)
class QuestionPages:
    """What the pages show and do."""

    questions: Questions
    actors: Actors
    console: Console

    async def thread(
        self,
        request: Request,
        by: Acting,
        award_id: UUID,
        *,
        filled: Filled | None = None,
        refused: str | None = None,
    ) -> Response:
        """One thread, with the form for an answer."""
        seen = await self.questions.look_up.question(by.organisation, award_id)
        words, award = self.console.words(request), seen.award
        officers = {line.by for line in seen.question.lines if line.by}
        return self.console.show(
            request,
            "console/question.html",
            by.caller,
            status=422 if filled else 409 if refused else 200,
            wrong=words[refused or "question_wrong"] if filled or refused else None,
            filled=filled or Filled(FormData()),
            seen=seen,
            corrected=award.state.by if isinstance(award.state, Superseded) else None,
            may_write=by.caller.may(WRITE),
            may_correct=by.caller.may(WRITE) and award.state_name not in {"revoked", "superseded"},
            names={who: await self.actors.name(who, words, by.organisation) for who in officers},
            most=MOST_TEXT,
        )


def question_pages(pages: QuestionPages) -> APIRouter:
    """Pages under /console/questions."""
    router = APIRouter(prefix=QUESTIONS.path, include_in_schema=False)

    @router.get("")
    async def everything(
        request: Request,
        by: QuestionReader,
        asked: PageQuery,
        state: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        """What waits, the longest first; or what else was asked."""
        look_up = pages.questions.look_up
        following = None
        if state in {*STATES, "all"} - {"open"}:
            found = await look_up.questions(
                by.organisation,
                state=None if state == "all" else state,
                after=id_after(asked.after),
                limit=asked.limit + 1,
            )
            page = page_of(found, asked, key=lambda seen: str(seen.question.award_id), show=lambda seen: seen)
            shown, following = page.items, page.next
        else:
            shown = list(await look_up.waiting(by.organisation, limit=MOST_WAITING))
        return pages.console.show(
            request,
            "console/questions.html",
            by.caller,
            shown=shown,
            chosen=state,
            states=STATES[1:],
            following=following,
        )

    @router.get("/{award_id}")
    async def one(request: Request, by: QuestionReader, award_id: UUID) -> Response:
        """One thread."""
        return await pages.thread(request, by, award_id)

    @router.post("/{award_id}/answers")
    async def answer(request: Request, by: Writer, award_id: UUID) -> Response:
        """Answer, and close if that was the button."""
        filled = Filled(await request.form())
        try:
            body = Answer(text=filled.whole("text"), close=filled.text("close") == "yes")
        except ValidationError:
            filled.miss("text", "question_text_wrong")
            return await pages.thread(request, by, award_id, filled=filled)
        try:
            await pages.questions.answer(
                by.organisation, award_id, body.text, by=by.caller.who, closing=body.close
            )
        except QuestionRefusesAction:
            return await pages.thread(request, by, award_id, refused="question_full")
        return pages.console.back(f"{QUESTIONS.path}/{award_id}", "question_answered")

    @router.post("/{award_id}/close")
    async def close(request: Request, by: Writer, award_id: UUID) -> Response:
        """Settle it without another word."""
        try:
            await pages.questions.answer.close(by.organisation, award_id)
        except QuestionRefusesAction:
            return await pages.thread(request, by, award_id, refused="question_not_answered")
        return pages.console.back(f"{QUESTIONS.path}/{award_id}", "question_closed")

    return router
