"""The officer's API: templates, batches, awards of the organisation she acts for."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from issuer.domain.award import Award
from issuer.domain.claim import claim_token
from issuer.entry.acting import Acting, acting
from issuer.entry.shapes import (
    AwardShape,
    BatchShape,
    ComplaintShape,
    DryRunShape,
    OrganisationShape,
    Reissue,
    Revoke,
    Supersede,
    TemplateShape,
)
from issuer.entry.template_json import TemplateJson
from issuer.use_cases.draft_template import DraftTemplate
from issuer.use_cases.import_batch import ImportBatch
from issuer.use_cases.look_up import LookUp
from issuer.use_cases.publish_template import PublishTemplate
from issuer.use_cases.reissue_award import ReissueAward
from issuer.use_cases.revoke_award import RevokeAward
from issuer.use_cases.supersede_award import SupersedeAward
from shared.ports.api_keys import ADMIN, Caller
from shared.ports.clock import Clock
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
    revoke_award: RevokeAward
    supersede_award: SupersedeAward
    reissue_award: ReissueAward
    clock: Clock
    base_url: str
    secret: bytes

    def claim_url(self, award: Award) -> str:
        """Return the link the learner gets."""
        return f"{self.base_url}/claim/{claim_token(self.secret, award.id)}"


def officer_router(officer: Officer) -> APIRouter:
    """Routes under /v1."""
    router = APIRouter(prefix="/v1")
    _organisation_routes(router, officer)
    _template_routes(router, officer)
    _batch_routes(router, officer)
    _award_routes(router, officer)
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


def _award_routes(router: APIRouter, officer: Officer) -> None:
    @router.get("/awards", tags=["awards"])
    async def awards(asked: PageQuery, by: Reader, batch: UUID | None = None) -> Page[AwardShape]:
        """All awards, or those of a batch."""
        found = await officer.look_up.awards(
            by.organisation, batch_id=batch, after=_after(asked.after), limit=asked.limit + 1
        )
        return page_of(
            found,
            asked,
            key=lambda pair: str(pair[0].id),
            show=lambda pair: AwardShape.of(pair[0], officer.claim_url(pair[0]), pair[1]),
        )

    @router.get("/awards/{award_id}", tags=["awards"])
    async def award(award_id: UUID, by: Reader) -> AwardShape:
        """One award."""
        return await shown(by, award_id)

    @router.post("/awards/{award_id}/revoke", tags=["awards"])
    async def revoke(award_id: UUID, asked: Revoke, by: Writer) -> AwardShape:
        """Take an award back; its status list follows within seconds (`revocation.published_at`)."""
        await officer.revoke_award(by.organisation, award_id, asked.reason)
        return await shown(by, award_id)

    @router.post("/awards/{award_id}/supersede", status_code=201, tags=["awards"])
    async def supersede(award_id: UUID, asked: Supersede, by: Writer) -> AwardShape:
        """Replace an award by a corrected one with a claim link of its own."""
        new, code = await officer.supersede_award(
            by.organisation, award_id, asked.corrections(), reason=asked.reason
        )
        return AwardShape.of(new, officer.claim_url(new), code=code)

    @router.post("/awards/{award_id}/reissue", status_code=201, tags=["awards"])
    async def reissue(award_id: UUID, asked: Reissue, by: Writer) -> AwardShape:
        """Issue an award again to a learner who lost it and whose identity was checked; the old one is revoked at once."""
        new, code = await officer.reissue_award(
            by.organisation,
            award_id,
            asked.to_domain(by=by.caller.who, at=officer.clock()),
            beyond_limit=_may_go_beyond(asked, by.caller),
        )
        return AwardShape.of(new, officer.claim_url(new), code=code)

    async def shown(by: Acting, award_id: UUID) -> AwardShape:
        found, revocations = await officer.look_up.award(by.organisation, award_id)
        return AwardShape.of(found, officer.claim_url(found), revocations)


def _may_go_beyond(asked: Reissue, caller: Caller) -> bool:
    if asked.beyond_limit and not caller.may(ADMIN):
        raise ProblemError(
            403,
            f"Only a key of scope {ADMIN!r} may go beyond the limit: leave beyond_limit out, or ask for one.",
        )
    return asked.beyond_limit


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(cursor)
    except ValueError as error:
        raise ProblemError(400, "Expected `after` to be the `next` of an earlier page.") from error
