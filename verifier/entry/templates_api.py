"""The API of requirement templates, and what a learner will be shown, in words."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from shared.web.auth import require_scope
from shared.web.pagination import Page, PageQuery, page_of
from shared.web.problems import ProblemError
from verifier.domain.requirement import Requirement
from verifier.domain.template import Ref, Template, UsedTemplate, fill
from verifier.entry.shapes import TEMPLATE_REF, AskBody, FromTemplateBody, read_requirement
from verifier.entry.template_shapes import (
    ContentBody,
    NewTemplateBody,
    TemplateBody,
    read_ref,
    show_template,
)
from verifier.errors import TemplateUnknown
from verifier.ports import KeepTemplates
from verifier.use_cases.advance_template import AdvanceTemplate
from verifier.use_cases.draft_template import DraftTemplate

READ, TEMPLATES = "requests:read", "templates:write"
type RefPath = Annotated[str, Path(max_length=100, description="As `junior-data-analyst@2`.")]


class Requirements:
    """What POST /v1/requests was given, as a requirement."""

    def __init__(self, templates: KeepTemplates) -> None:
        """Templates are read from here."""
        self._templates = templates

    async def of(self, body: AskBody | FromTemplateBody) -> tuple[Requirement, UsedTemplate | None]:
        """The requirement as it stands, or as the template makes it. Raises TemplateUnknown, TemplateFixed, RequirementInvalid."""
        if isinstance(body, AskBody):
            return body.to_domain(), None
        filled, used = fill(await self.template(body.template), body.parameters)
        return read_requirement(filled), used

    async def template(self, ref: str) -> Template:
        """One version. Raises TemplateUnknown."""
        found = await self._templates.find(_ref(ref))
        if found is None:
            raise TemplateUnknown(f"there is no template {ref}: see GET /v1/templates")
        return found


def templates_router(templates: KeepTemplates, draft: DraftTemplate, advance: AdvanceTemplate) -> APIRouter:
    """Templates; one version is named `id@version`."""
    router = APIRouter(prefix="/v1/templates", tags=["templates"])
    requirements = Requirements(templates)
    may_read, may_change = [Depends(require_scope(READ))], [Depends(require_scope(TEMPLATES))]

    @router.post("", status_code=201, dependencies=may_change)
    async def draft_template(body: NewTemplateBody) -> TemplateBody:
        """Draft a template, or the next version of one."""
        return show_template(await draft.new(body.id, body.to_domain()))

    @router.get("", dependencies=may_read)
    async def list_templates(asked: PageQuery) -> Page[TemplateBody]:
        """Every version, by id, of each the newest first."""
        after = None if asked.after is None else _cursor(asked.after)
        rows = await templates.page(after, asked.limit + 1)
        return page_of(rows, asked, key=lambda row: str(row.ref), show=show_template)

    @router.get("/{ref}", dependencies=may_read)
    async def read_template(ref: RefPath) -> TemplateBody:
        """One version."""
        return show_template(await requirements.template(ref))

    @router.put("/{ref}", dependencies=may_change)
    async def change_draft(ref: RefPath, body: ContentBody) -> TemplateBody:
        """Change a draft; a published version never changes."""
        return show_template(await draft.again(_ref(ref), body.to_domain()))

    @router.delete("/{ref}", status_code=204, dependencies=may_change)
    async def delete_draft(ref: RefPath) -> None:
        """Delete a draft."""
        await advance.delete(_ref(ref))

    @router.post("/{ref}/publish", dependencies=may_change)
    async def publish_template(ref: RefPath) -> TemplateBody:
        """From now on it never changes, and requests are made from it."""
        return show_template(await advance.publish(_ref(ref)))

    @router.post("/{ref}/retire", dependencies=may_change)
    async def retire_template(ref: RefPath) -> TemplateBody:
        """From now on no request is made from it."""
        return show_template(await advance.retire(_ref(ref)))

    return router


_REF = re.compile(TEMPLATE_REF)


def _ref(text: str) -> Ref:
    if not _REF.fullmatch(text):
        raise TemplateUnknown("a template is named with its version, as junior-data-analyst@2")
    return read_ref(text)


def _cursor(text: str) -> Ref:
    if not _REF.fullmatch(text):
        raise ProblemError(400, "Expected `after` to be the `next` of an earlier page.")
    return read_ref(text)
