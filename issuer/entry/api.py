"""The officer's API: templates and batches of the organisation she acts for."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from issuer.entry.acting import Acting, acting
from issuer.entry.shapes import (
    BatchShape,
    ComplaintShape,
    DryRunShape,
    OrganisationShape,
    TemplateShape,
)
from issuer.entry.template_json import TemplateJson
from issuer.use_cases.draft_template import DraftTemplate
from issuer.use_cases.import_batch import ImportBatch
from issuer.use_cases.look_up import LookUp
from issuer.use_cases.publish_template import PublishTemplate
from shared.web.pagination import Page, PageQuery, page_of
from shared.web.problems import ProblemError

READ, WRITE = "awards:read", "awards:write"
WRITE_TEMPLATES, PUBLISH_TEMPLATES = "templates:write", "templates:publish"
Reader = Annotated[Acting, Depends(acting(READ))]
Writer = Annotated[Acting, Depends(acting(WRITE))]
TemplateWriter = Annotated[Acting, Depends(acting(WRITE_TEMPLATES))]
TemplatePublisher = Annotated[Acting, Depends(acting(PUBLISH_TEMPLATES))]


@dataclass(frozen=True)
class Officer:
    """What an officer can do."""

    look_up: LookUp
    draft_template: DraftTemplate
    publish_template: PublishTemplate
    import_batch: ImportBatch


def officer_router(officer: Officer) -> APIRouter:
    """Routes under /v1."""
    router = APIRouter(prefix="/v1")
    _organisation_routes(router, officer)
    _template_routes(router, officer)
    _batch_routes(router, officer)
    return router


def _organisation_routes(router: APIRouter, officer: Officer) -> None:
    @router.get("/organisation", tags=["organisation"])
    async def organisation(by: Reader) -> OrganisationShape:
        """Who awards, and whether credentials can be issued yet."""
        return OrganisationShape.of(*await officer.look_up.organisation(by.organisation))


def _template_routes(router: APIRouter, officer: Officer) -> None:
    @router.post("/templates", status_code=201, tags=["templates"])
    async def draft(template: TemplateJson, by: TemplateWriter) -> TemplateShape:
        """Describe a programme; elements may be added until it is published."""
        return TemplateShape.of(await officer.draft_template(by.organisation, template.to_domain()))

    @router.put("/templates/{template_id}", tags=["templates"])
    async def redraft(template_id: UUID, template: TemplateJson, by: TemplateWriter) -> TemplateShape:
        """Replace a draft."""
        return TemplateShape.of(
            await officer.draft_template(by.organisation, template.to_domain(), template_id=template_id)
        )

    @router.post("/templates/{template_id}/publish", tags=["templates"])
    async def publish(template_id: UUID, by: TemplatePublisher) -> TemplateShape:
        """Publish it as a signed edition that never changes."""
        return TemplateShape.of(await officer.publish_template(by.organisation, template_id))

    @router.get("/templates", tags=["templates"])
    async def templates(asked: PageQuery, by: Reader) -> Page[TemplateShape]:
        """All programmes."""
        found = await officer.look_up.templates(
            by.organisation, after=_after(asked.after), limit=asked.limit + 1
        )
        return page_of(found, asked, key=lambda t: str(t.id), show=TemplateShape.of)

    @router.get("/templates/{template_id}", tags=["templates"])
    async def template(template_id: UUID, by: Reader) -> TemplateShape:
        """One programme."""
        return TemplateShape.of(await officer.look_up.template(by.organisation, template_id))


def _batch_routes(router: APIRouter, officer: Officer) -> None:
    @router.post(
        "/batches",
        status_code=201,
        tags=["batches"],
        responses={200: {"model": DryRunShape, "description": "What a dry run found"}},
        openapi_extra={
            "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}
        },
    )
    async def import_batch(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        response: Response,
        by: Writer,
        template: Annotated[UUID, Query(description="a published template")],
        dry_run: Annotated[bool, Query(description="check only")] = False,
        accept_good_rows: Annotated[
            bool, Query(description="go ahead although other rows have faults")
        ] = False,
        codes: Annotated[bool, Query(description="protect each claim link by a one-time code")] = False,
    ) -> BatchShape | DryRunShape:
        """Turn a CSV file into awards; every fault is named by row and column."""
        media_type = request.headers.get("content-type", "text/csv").partition(";")[0].strip().lower()
        if media_type not in {"text/csv", "application/csv", "text/plain", "application/octet-stream"}:
            raise ProblemError(415, f"Expected a body of type text/csv, found {media_type[:80]}.")
        done = await officer.import_batch(
            by.organisation,
            template,
            await request.body(),
            dry_run=dry_run,
            accept_good_rows=accept_good_rows,
            codes=codes,
        )
        if done.batch is None:
            response.status_code = HTTPStatus.OK
            return DryRunShape(
                would_award=len(done.sheet.graduates),
                encoding=done.sheet.encoding,
                separator=done.sheet.separator,
                complaints=ComplaintShape.all_of(done.sheet.complaints),
            )
        return BatchShape.of(done.batch, {"prepared": done.batch.awards}, done.codes)

    @router.get("/batches/{batch_id}", tags=["batches"])
    async def batch(batch_id: UUID, by: Reader) -> BatchShape:
        """A batch, with how many of its awards are in each state."""
        return BatchShape.of(*await officer.look_up.batch(by.organisation, batch_id))


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(cursor)
    except ValueError as error:
        raise ProblemError(400, "Expected `after` to be the `next` of an earlier page.") from error
