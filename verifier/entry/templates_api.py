"""The API of requirement templates, and what a learner will be shown, in words."""

import re
from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from shared.ports.clock import Clock
from shared.web.auth import require_scope
from shared.web.languages import days_in_words, direction_of, language_for
from shared.web.pagination import Page, PageQuery, page_of
from shared.web.problems import ProblemError
from verifier.domain.requirement import Requirement, askable
from verifier.domain.template import Ref, Template, UsedTemplate, fill, try_out
from verifier.entry.request_words import AskedOfOne, Condition, as_text, in_words
from verifier.entry.session_pages import naming
from verifier.entry.shapes import (
    TEMPLATE_REF,
    AskBody,
    Asking,
    FromTemplateBody,
    PreviewBody,
    PreviewNeedBody,
    read_requirement,
)
from verifier.entry.template_shapes import (
    ContentBody,
    NewTemplateBody,
    TemplateBody,
    read_ref,
    show_template,
)
from verifier.entry.words import WORDS
from verifier.errors import TemplateUnknown
from verifier.ports import KeepTemplates
from verifier.use_cases.advance_template import AdvanceTemplate
from verifier.use_cases.draft_template import DraftTemplate

READ, TEMPLATES = "requests:read", "templates:write"
type RefPath = Annotated[str, Path(max_length=100, description="As `junior-data-analyst@2`.")]


class Requirements:
    """What POST /v1/requests was given, as a requirement."""

    def __init__(self, templates: KeepTemplates, *, organisation: str, clock: Clock) -> None:
        """Templates are read from here; `organisation` is who asks, as the page names it."""
        self._templates = templates
        self._organisation = organisation
        self._clock = clock

    async def of(self, body: AskBody | FromTemplateBody) -> tuple[Requirement, UsedTemplate | None]:
        """The requirement as it stands, or as the template makes it. Raises TemplateUnknown, TemplateFixed, RequirementInvalid."""
        if isinstance(body, AskBody):
            return body.to_domain(), None
        filled, used = fill(await self.template(body.template), body.parameters)
        return read_requirement(filled), used

    def in_words(self, requirement: Requirement, language: str) -> PreviewBody:
        """What the learner reads on the request's page, by the same words. Raises RequirementInvalid."""
        askable(requirement, today=self._clock().astimezone(UTC).date())
        return self.told(requirement, language)

    def told(self, requirement: Requirement, language: str) -> PreviewBody:
        """The same of a requirement that was askable when it was made."""
        found, words = in_words(requirement, language), WORDS[language]
        kept = words["kept_days"].format(days=days_in_words(requirement.keep_days, language))
        name = naming(words["name_compared"], self._organisation) if requirement.name else None
        lines = (
            f"{words['why']}: {requirement.purpose_in(language)}",
            *as_text(found, language),
            *([name] if name else []),
            f"{words['kept']}: {kept}",
        )
        return PreviewBody(
            language=language,
            direction="rtl" if direction_of(language) == "rtl" else "ltr",
            purpose=requirement.purpose_in(language),
            needs=[_need(each) for each in found.needs],
            ways=[[_need(each) for each in way] for way in found.ways],
            shown=list(found.shown),
            proven=list(found.proven),
            name=name,
            kept=kept,
            lines=list(lines),
        )

    async def template(self, ref: str) -> Template:
        """One version. Raises TemplateUnknown."""
        found = await self._templates.find(_ref(ref))
        if found is None:
            raise TemplateUnknown(f"there is no template {ref}: see GET /v1/templates")
        return found


def _need(asked: AskedOfOne) -> PreviewNeedBody:
    def said(conditions: tuple[Condition, ...]) -> list[str]:
        return [f"{each.text} {each.shown or ''}".strip() for each in conditions]

    return PreviewNeedBody(one_of=[said(each) for each in asked.alternatives], and_also=said(asked.always))


def preview_router(requirements: Requirements) -> APIRouter:
    """What a learner would read; nothing is stored and nobody is asked."""
    router = APIRouter(prefix="/v1", tags=["requests"], dependencies=[Depends(require_scope(READ))])

    @router.post("/requests/preview")
    async def preview_request(request: Request, body: Asking) -> PreviewBody:
        """In words, in the language of `?lang=`: the text of the request's page."""
        requirement, _ = await requirements.of(body)
        return requirements.in_words(requirement, language_for(request))

    @router.get("/templates/{ref}/preview")
    async def preview_template(request: Request, ref: RefPath) -> PreviewBody:
        """The same of a template in any state, with its defaults, else with the lowest that may be."""
        filled = try_out(await requirements.template(ref), {})
        return requirements.in_words(read_requirement(filled), language_for(request))

    return router


def templates_router(
    templates: KeepTemplates, draft: DraftTemplate, advance: AdvanceTemplate, requirements: Requirements
) -> APIRouter:
    """Templates; one version is named `id@version`."""
    router = APIRouter(tags=["templates"])
    may_read, may_change = [Depends(require_scope(READ))], [Depends(require_scope(TEMPLATES))]

    @router.post("/v1/templates", status_code=201, dependencies=may_change)
    async def draft_template(body: NewTemplateBody) -> TemplateBody:
        """Draft a template, or the next version of one."""
        return show_template(await draft.new(body.id, body.to_domain()))

    @router.get("/v1/templates", dependencies=may_read)
    async def list_templates(asked: PageQuery) -> Page[TemplateBody]:
        """Every version, by id, of each the newest first."""
        after = None if asked.after is None else _cursor(asked.after)
        rows = await templates.page(after, asked.limit + 1)
        return page_of(rows, asked, key=lambda row: str(row.ref), show=show_template)

    @router.get("/v1/templates/{ref}", dependencies=may_read)
    async def read_template(ref: RefPath) -> TemplateBody:
        """One version."""
        return show_template(await requirements.template(ref))

    @router.put("/v1/templates/{ref}", dependencies=may_change)
    async def change_draft(ref: RefPath, body: ContentBody) -> TemplateBody:
        """Change a draft; a published version never changes."""
        return show_template(await draft.again(_ref(ref), body.to_domain()))

    @router.delete("/v1/templates/{ref}", status_code=204, dependencies=may_change)
    async def delete_draft(ref: RefPath) -> None:
        """Delete a draft."""
        await advance.delete(_ref(ref))

    @router.post("/v1/templates/{ref}/publish", dependencies=may_change)
    async def publish_template(ref: RefPath) -> TemplateBody:
        """From now on it never changes, and requests are made from it."""
        return show_template(await advance.publish(_ref(ref)))

    @router.post("/v1/templates/{ref}/retire", dependencies=may_change)
    async def retire_template(ref: RefPath) -> TemplateBody:
        """From now on no request is made from it."""
        return show_template(await advance.retire(_ref(ref)))

    router.include_router(preview_router(requirements))
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
