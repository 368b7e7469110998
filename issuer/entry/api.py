"""The officer's API: templates and batches of the organisation she acts for."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from issuer.domain.template import StateName
from issuer.entry.acting import Acting, acting
from issuer.entry.cursor import id_after
from issuer.entry.shapes import (
    OrganisationShape,
    TemplateShape,
)
from issuer.entry.template_json import TemplateJson
from issuer.use_cases.advance_template import AdvanceTemplate
from issuer.use_cases.draft_template import DraftTemplate
from issuer.use_cases.look_up import LookUp
from issuer.use_cases.publish_template import PublishTemplate
from shared.web.pagination import Page, PageQuery, page_of

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
    advance_template: AdvanceTemplate


def officer_router(officer: Officer) -> APIRouter:
    """Routes under /v1."""
    router = APIRouter(prefix="/v1")
    _organisation_routes(router, officer)
    _template_routes(router, officer)
    _template_moves(router, officer)
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
        return TemplateShape.of(
            await officer.draft_template(by.organisation, template.to_domain(), by=by.caller.who)
        )

    @router.put("/templates/{template_id}", tags=["templates"])
    async def redraft(template_id: UUID, template: TemplateJson, by: TemplateWriter) -> TemplateShape:
        """Replace a draft."""
        return TemplateShape.of(
            await officer.draft_template(
                by.organisation, template.to_domain(), by=by.caller.who, template_id=template_id
            )
        )

    @router.post("/templates/{template_id}/publish", tags=["templates"])
    async def publish(template_id: UUID, by: TemplatePublisher) -> TemplateShape:
        """Publish it as a signed edition that never changes; a draft is approved at the same time."""
        return TemplateShape.of(
            await officer.publish_template(by.organisation, template_id, by=by.caller.who)
        )

    @router.get("/templates", tags=["templates"])
    async def templates(
        asked: PageQuery, by: Reader, state: Annotated[StateName | None, Query()] = None
    ) -> Page[TemplateShape]:
        """All programmes, or those in a state."""
        found = await officer.look_up.templates(
            by.organisation, after=id_after(asked.after), limit=asked.limit + 1, state=state
        )
        return page_of(found, asked, key=lambda t: str(t.id), show=TemplateShape.of)

    @router.get("/templates/{template_id}", tags=["templates"])
    async def template(template_id: UUID, by: Reader) -> TemplateShape:
        """One programme."""
        return TemplateShape.of(await officer.look_up.template(by.organisation, template_id))


def _template_moves(router: APIRouter, officer: Officer) -> None:
    @router.post("/templates/{template_id}/approve", tags=["templates"])
    async def approve(template_id: UUID, by: TemplatePublisher) -> TemplateShape:
        """Approve a complete draft, so that it can be published; it is not changed any more."""
        return TemplateShape.of(
            await officer.advance_template.approve(by.organisation, template_id, by=by.caller.who)
        )

    @router.post("/templates/{template_id}/back-to-draft", tags=["templates"])
    async def back_to_draft(template_id: UUID, by: TemplateWriter) -> TemplateShape:
        """Take an approved template back, to change it."""
        return TemplateShape.of(await officer.advance_template.take_back(by.organisation, template_id))

    @router.delete("/templates/{template_id}", status_code=204, tags=["templates"])
    async def delete(template_id: UUID, by: TemplateWriter) -> None:
        """Delete a template that was never published."""
        await officer.advance_template.delete(by.organisation, template_id)

    @router.post("/templates/{template_id}/retire", tags=["templates"])
    async def retire(template_id: UUID, by: TemplatePublisher) -> TemplateShape:
        """Take no new cohorts; awards by this edition stay as they are, and waiting ones can be claimed."""
        return TemplateShape.of(await officer.advance_template.retire(by.organisation, template_id))

    @router.post("/templates/{template_id}/new-edition", status_code=201, tags=["templates"])
    async def new_edition(template_id: UUID, by: TemplateWriter) -> TemplateShape:
        """Begin the edition that follows this one: a draft that says the same; the one begun before, if there is one."""
        return TemplateShape.of(
            await officer.advance_template.next_edition(by.organisation, template_id, by=by.caller.who)
        )

    @router.get("/templates/{template_id}/editions", tags=["templates"])
    async def editions(template_id: UUID, by: Reader) -> list[TemplateShape]:
        """Every edition of the same programme, and a draft of the next, oldest first."""
        return [
            TemplateShape.of(each) for each in await officer.look_up.editions(by.organisation, template_id)
        ]
