"""The console's pages about batches: a spreadsheet uploaded, its rows mended, approved, and turned into awards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Annotated, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import FormData, UploadFile

from issuer.domain.batch import Batch, Draft, Prepared, Preparing, RowState, Waiting
from issuer.domain.graduate import OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from issuer.domain.spreadsheet import MAX_BYTES, MAX_ROWS
from issuer.domain.template import Template
from issuer.entry.acting import Acting, acting
from issuer.entry.api import WRITE, Writer
from issuer.entry.areas import BATCHES
from issuer.entry.batches_api import APPROVE, Approver, Batches
from issuer.entry.complaint_words import in_words
from issuer.entry.cursor import id_after
from issuer.errors import (
    BatchRefused,
    BatchRefusesAction,
    IssuerError,
    NoSecondPerson,
    TemplateNotPublished,
    TemplateRetired,
    TemplateUnknown,
)
from issuer.use_cases.change_row import Change, LeaveOut, Mend, TakeIn
from issuer.use_cases.decide_batch import Approve, Ask, SendBack
from issuer.use_cases.look_up import LookUp
from shared.web.actors import Actors
from shared.web.console import Console
from shared.web.forms import Filled
from shared.web.pagination import PageQuery
from shared.web.problems import ProblemError

MOST_SENT: Final = MAX_BYTES + 64 * 1024
"""The file and the rest of its form."""
MOST_PROGRAMMES: Final = 500
A_PAGE: Final = 50
MOST_COMPLAINTS: Final = 100
COLUMNS: Final = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)
LONGEST_REASON: Final = 500
SHORTEST_REASON: Final = 3
BatchReader = Annotated[Acting, Depends(acting(BATCHES.scope))]
_WRONG: Final[Mapping[type[IssuerError], str]] = {
    NoSecondPerson: "batch_wrong_second",
    TemplateRetired: "batch_wrong_retired",
    TemplateNotPublished: "batch_wrong_retired",
}
_MENDED: Final[Mapping[RowState, str]] = {
    RowState.GOOD: "batch_row_good",
    RowState.LEFT_OUT: "batch_row_left_out",
    RowState.DUPLICATE: "batch_row_duplicate",
}


@dataclass(frozen=True, kw_only=True)
class BatchPages:
    """What the pages show and do."""

    batches: Batches
    look_up: LookUp
    actors: Actors
    console: Console

    async def title(self, by: Acting, batch: Batch) -> str:
        """The programme's."""
        return (await self.look_up.template(by.organisation, batch.template_id)).title

    async def everything(
        self,
        request: Request,
        by: Acting,
        *,
        before: UUID | None = None,
        limit: int = A_PAGE,
        filled: Filled | None = None,
        refused: BatchRefused | None = None,
        template: str = "",
    ) -> Response:
        """All batches, and the form for another; `template` is the programme chosen in it."""
        programmes: list[Template] = []
        if by.caller.may(WRITE):
            programmes += await self.look_up.newest_templates(
                by.organisation, before=None, limit=MOST_PROGRAMMES, state="published"
            )
        found = await self.batches.look_up.batches(by.organisation, before=before, limit=limit + 1)
        shown = found[:limit]
        titles = {batch.template_id: await self.title(by, batch) for batch in shown}
        words, language = self.console.words(request), self.console.language(request)
        complaints = refused.complaints if refused else ()
        return self.console.show(
            request,
            "console/batches.html",
            by.caller,
            status=422 if refused or filled else 200,
            wrong=words["batch_file_refused"] if refused else None,
            filled=filled or Filled(FormData()),
            chosen=filled.text("template") if filled else template,
            complaints=[(each, *in_words(each, language)) for each in complaints[:MOST_COMPLAINTS]],
            may_write=by.caller.may(WRITE),
            programmes=[(str(each.id), each.title) for each in programmes],
            shown=shown,
            titles=titles,
            following=shown[-1].id if len(found) > limit else None,
            columns=COLUMNS,
            most_rows=MAX_ROWS,
            most_megabytes=MAX_BYTES // 1024 // 1024,
        )

    async def one(
        self,
        request: Request,
        by: Acting,
        batch_id: UUID,
        *,
        show: str = "",
        after: int = 0,
        wrong: str | None = None,
    ) -> Response:
        """One batch: what can be done next, and its rows."""
        seen = await self.batches.look_up.one(by.organisation, batch_id)
        batch, counts = seen.batch, seen.rows
        chosen = _chosen(show, counts)
        rows = await self.batches.look_up.rows(
            by.organisation, batch_id, states=chosen, after=after, limit=A_PAGE + 1
        )
        words, language = self.console.words(request), self.console.language(request)
        state = batch.state
        people = {batch.uploaded_by}
        if isinstance(state, Waiting | Preparing | Prepared):
            people |= {state.asked_by}
        if isinstance(state, Preparing | Prepared):
            people |= {state.approved_by}
        preparing = isinstance(state, Preparing)
        return self.console.show(
            request,
            "console/batch.html",
            by.caller,
            status=409 if wrong else 200,
            wrong=words[wrong] if wrong else None,
            scripts=("live.js",) if preparing else (),
            batch=batch,
            title=await self.title(by, batch),
            counts={each.value: counts.get(each, 0) for each in RowState},
            awards=seen.awards,
            rows=[
                (each, [(complaint, *in_words(complaint, language)) for complaint in each.row.complaints])
                for each in rows[:A_PAGE]
            ],
            following=rows[A_PAGE - 1].row.row if len(rows) > A_PAGE else None,
            chosen=[each.value for each in chosen],
            show=show,
            sent_back=state.sent_back if isinstance(state, Draft) else "",
            asked_at=state.asked_at.isoformat() if isinstance(state, Waiting | Preparing) else "",
            asked_by=state.asked_by if isinstance(state, Waiting | Preparing | Prepared) else "",
            approved_by=state.approved_by if isinstance(state, Preparing | Prepared) else "",
            names={who: await self.actors.name(who, words, by.organisation) for who in people if who},
            tag=f"{batch.state_name}-{counts.get(RowState.AWARDED, 0)}",
            final=not preparing,
            may_write=by.caller.may(WRITE),
            may_change=by.caller.may(WRITE) and batch.is_open,
            may_approve=by.caller.may(APPROVE) and by.caller.who not in {batch.uploaded_by, _asker(batch)},
            second_person=(await self.look_up.organisation(by.organisation))[0].second_person,
        )

    async def row(
        self,
        request: Request,
        by: Acting,
        batch_id: UUID,
        number: int,
        *,
        written: Mapping[str, str] | None = None,
        wrong: str | None = None,
    ) -> Response:
        """One row, with the form that mends it."""
        batch, seen = await self.batches.look_up.row(by.organisation, batch_id, number)
        words, language = self.console.words(request), self.console.language(request)
        complaints = [(each, *in_words(each, language)) for each in seen.row.complaints]
        return self.console.show(
            request,
            "console/batch_row.html",
            by.caller,
            status=409 if wrong else 200,
            wrong=words[wrong] if wrong else None,
            batch=batch,
            title=await self.title(by, batch),
            seen=seen,
            cells={**seen.row.cells, **(written or {})},
            columns=[name for name in COLUMNS if name in seen.row.cells or name in REQUIRED_COLUMNS],
            complaints=complaints,
            by_column={
                name: [told for told in complaints if told[0].column == name]
                for name in {each.column for each, _, _ in complaints}
            },
            may_change=by.caller.may(WRITE) and batch.is_open and seen.row.award_id is None,
        )


def batch_pages(pages: BatchPages) -> APIRouter:
    """Pages under /console/batches."""
    router = APIRouter(prefix=BATCHES.path, include_in_schema=False)
    _list_pages(router, pages)
    _row_pages(router, pages)
    _decision_pages(router, pages)
    return router


def _list_pages(router: APIRouter, pages: BatchPages) -> None:
    @router.get("")
    async def everything(
        request: Request,
        by: BatchReader,
        asked: PageQuery,
        template: Annotated[str, Query(max_length=36)] = "",
    ) -> Response:
        """The newest first."""
        before = id_after(request.query_params.get("before"))
        return await pages.everything(request, by, before=before, limit=asked.limit, template=template)

    @router.post("")
    async def upload(request: Request, by: Writer) -> Response:
        """Check a file and show what was found."""
        form = await request.form()
        filled = Filled(form)
        file, template_id = _file_in(form, filled), _template_in(filled)
        if file is None or template_id is None:
            return await pages.everything(request, by, filled=filled)
        try:
            batch = await pages.batches.check(
                by.organisation,
                template_id,
                cast("IO[bytes]", file.file),
                name=file.filename or "",
                by=by.caller.who,
            )
        except BatchRefused as refused:
            return await pages.everything(request, by, filled=filled, refused=refused)
        except (TemplateUnknown, TemplateNotPublished, TemplateRetired):
            filled.miss("template", "batch_programme_wrong")
            return await pages.everything(request, by, filled=filled)
        return pages.console.back(f"{BATCHES.path}/{batch.id}", "batch_checked")

    @router.get("/{batch_id}")
    async def one(
        request: Request,
        by: BatchReader,
        batch_id: UUID,
        show: Annotated[str, Query(max_length=20)] = "",
        after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    ) -> Response:
        """One batch."""
        return await pages.one(request, by, batch_id, show=show, after=after)

    @router.post("/{batch_id}/discard")
    async def discard(request: Request, by: Writer, batch_id: UUID) -> Response:
        """Throw it away."""
        try:
            await pages.batches.discard(by.organisation, batch_id)
        except BatchRefusesAction as error:
            return await pages.one(request, by, batch_id, wrong=_wrong(error))
        return pages.console.back(BATCHES.path, "batch_discarded")


def _row_pages(router: APIRouter, pages: BatchPages) -> None:
    @router.get("/{batch_id}/rows/{row}")
    async def one(request: Request, by: BatchReader, batch_id: UUID, row: int) -> Response:
        """One row."""
        return await pages.row(request, by, batch_id, row)

    @router.post("/{batch_id}/rows/{row}")
    async def change(request: Request, by: Writer, batch_id: UUID, row: int) -> Response:
        """Mend it, leave it out or take it in; then the next with a fault, if there is one."""
        filled = Filled(await request.form())
        cells = {name: filled.whole(name) for name in COLUMNS if name in filled.form}
        others: Mapping[str, Change] = {"leave_out": LeaveOut(), "take_in": TakeIn()}
        what = others.get(filled.text("do")) or Mend(cells)
        try:
            changed = await pages.batches.change_row(by.organisation, batch_id, row, what)
        except BatchRefusesAction as error:
            return await pages.row(request, by, batch_id, row, written=cells, wrong=_wrong(error))
        here = f"{BATCHES.path}/{batch_id}"
        if changed.state in {RowState.GOOD, RowState.LEFT_OUT}:
            return pages.console.back(here, _MENDED[changed.state])
        return pages.console.back(f"{here}/rows/{row}", _MENDED.get(changed.state, "batch_row_faulty"))


def _decision_pages(router: APIRouter, pages: BatchPages) -> None:
    @router.post("/{batch_id}/prepare")
    async def prepare(request: Request, by: Writer, batch_id: UUID) -> Response:
        """Ask for the awards."""
        return await decided(request, by, batch_id, Ask())

    @router.post("/{batch_id}/approve")
    async def approve(request: Request, by: Approver, batch_id: UUID) -> Response:
        """Approve them."""
        return await decided(request, by, batch_id, Approve(_asked_at(Filled(await request.form()))))

    @router.post("/{batch_id}/send-back")
    async def send_back(request: Request, by: BatchReader, batch_id: UUID) -> Response:
        """Do not."""
        if not (by.caller.may(APPROVE) or by.caller.may(WRITE)):
            raise ProblemError(403, f"Your roles include neither {APPROVE!r} nor {WRITE!r}.")
        filled = Filled(await request.form())
        reason = filled.text("reason")[:LONGEST_REASON]
        if len(reason) < SHORTEST_REASON:
            return await pages.one(request, by, batch_id, wrong="batch_reason_missing")
        return await decided(request, by, batch_id, SendBack(_asked_at(filled), reason))

    async def decided(
        request: Request, by: Acting, batch_id: UUID, decision: Ask | Approve | SendBack
    ) -> Response:
        try:
            batch = await pages.batches.decide(by.organisation, batch_id, decision, by=by.caller.who)
        except (BatchRefusesAction, NoSecondPerson, TemplateRetired, TemplateNotPublished) as error:
            return await pages.one(request, by, batch_id, wrong=_wrong(error))
        return pages.console.back(f"{BATCHES.path}/{batch_id}", f"batch_{batch.state_name}")


def _file_in(form: FormData, filled: Filled) -> UploadFile | None:
    sent = form.get("file")
    if not isinstance(sent, UploadFile) or not sent.size:
        filled.miss("file", "batch_file_missing")
        return None
    if sent.size > MAX_BYTES:
        filled.miss("file", "batch_file_long")
        return None
    return sent


def _template_in(filled: Filled) -> UUID | None:
    try:
        return UUID(filled.text("template"))
    except ValueError:
        filled.miss("template", "batch_programme_missing")
        return None


def _asked_at(filled: Filled) -> datetime:
    try:
        asked_at = datetime.fromisoformat(filled.text("asked_at"))
    except ValueError as error:
        raise ProblemError(422, "Expected the time of the request, as the page has it.") from error
    if asked_at.tzinfo is None:
        raise ProblemError(422, "Expected the time of the request with its time zone.")
    return asked_at


def _chosen(show: str, counts: Mapping[RowState, int]) -> list[RowState]:
    """What was asked for; else what has to be looked at, or everything where nothing has."""
    if show in set(RowState):
        return [RowState(show)]
    if show != "all":
        pending = [each for each in (RowState.FAULTY, RowState.DUPLICATE) if counts.get(each)]
        if pending:
            return pending
    return list(RowState)


def _asker(batch: Batch) -> str:
    return batch.state.asked_by if isinstance(batch.state, Waiting) else ""


def _wrong(error: IssuerError) -> str:
    if isinstance(error, BatchRefusesAction):
        return f"batch_wrong_{error.cause}"
    return next((key for kind, key in _WRONG.items() if isinstance(error, kind)), "batch_wrong_changed")
