"""Templates in the console: read in words, written as a form, or as JSON where no form says it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import FormData

from shared.ports.api_keys import Caller
from shared.web.console_words import WORDS
from shared.web.forms import Filled
from shared.web.languages import LANGUAGES
from verifier.domain.template import Draft, Ref, Template, check_content, template_state, try_out
from verifier.entry.areas import TEMPLATES
from verifier.entry.console_pages import MOST_TEMPLATES, Reader, TemplateEditor, VerifierPages
from verifier.entry.parameter_form import fields_of
from verifier.entry.shapes import PreviewBody, read_requirement
from verifier.entry.template_form import (
    FRAMEWORKS,
    GROUPS,
    MOST_SLOTS,
    REVEALED,
    form_of,
    note_template_faults,
    slots_in,
    template_in,
)
from verifier.entry.template_json import At, NotSuchJson, as_json, located, read_json
from verifier.entry.template_shapes import ContentBody, NewTemplateBody
from verifier.errors import RequirementInvalid, TemplateFixed, VerifierError

type How = Annotated[Literal["form", "json"], Query()]
EXAMPLE = """{
  "id": "",
  "name": "",
  "parameters": {},
  "requirement": {
    "purpose": {"en": ""},
    "need": [{"skill": ""}],
    "reveal": ["title"],
    "keep_days": 30
  }
}"""


def template_pages(pages: VerifierPages) -> list[APIRouter]:
    """Every page about templates."""
    return [_reading(pages), _writing(pages), _one(pages), _life(pages)]


def _reading(pages: VerifierPages) -> APIRouter:
    router = APIRouter(prefix=TEMPLATES.path, include_in_schema=False)

    @router.get("")
    async def everything(request: Request, caller: Reader) -> Response:
        found: dict[str, list[Template]] = {}
        for each in await pages.templates.page(None, MOST_TEMPLATES):
            found.setdefault(each.ref.id, []).append(each)
        return pages.show(request, "templates", caller, templates=found, state_of=template_state)

    return router


def _writing(pages: VerifierPages) -> APIRouter:
    router = APIRouter(prefix=f"{TEMPLATES.path}/new", include_in_schema=False)

    @router.get("")
    async def form(request: Request, caller: TemplateEditor, how: How = "form") -> Response:
        return _editor(pages, request, caller, None, Filled(FormData()), how=how)

    @router.post("")
    async def make(request: Request, caller: TemplateEditor) -> Response:
        return await _write(pages, request, caller, None)

    return router


def _one(pages: VerifierPages) -> APIRouter:
    router = APIRouter(prefix=f"{TEMPLATES.path}/{{ref}}", include_in_schema=False)

    @router.get("")
    async def page(request: Request, caller: Reader, ref: str) -> Response:
        return await _page(pages, request, caller, await pages.requirements.template(ref))

    @router.get("/edit")
    async def form(request: Request, caller: TemplateEditor, ref: str, how: How = "form") -> Response:
        template = await pages.requirements.template(ref)
        found = form_of(template)
        return _editor(
            pages,
            request,
            caller,
            template,
            Filled(found or FormData()),
            how=how if found else "json",
            inexpressible=found is None,
        )

    @router.post("/edit")
    async def change(request: Request, caller: TemplateEditor, ref: str) -> Response:
        return await _write(pages, request, caller, await pages.requirements.template(ref))

    return router


def _life(pages: VerifierPages) -> APIRouter:
    router = APIRouter(prefix=f"{TEMPLATES.path}/{{ref}}", include_in_schema=False)

    async def refused(request: Request, caller: Caller, ref: str, error: TemplateFixed) -> Response:
        template = await pages.requirements.template(ref)
        return await _page(pages, request, caller, template, error=error)

    @router.post("/publish")
    async def publish(request: Request, caller: TemplateEditor, ref: str) -> Response:
        template = await pages.requirements.template(ref)
        try:
            await pages.advance.publish(template.ref)
        except TemplateFixed as error:
            return await refused(request, caller, ref, error)
        return pages.console.back(f"{TEMPLATES.path}/{ref}", "template_published")

    @router.post("/retire")
    async def retire(request: Request, caller: TemplateEditor, ref: str) -> Response:
        template = await pages.requirements.template(ref)
        try:
            await pages.advance.retire(template.ref)
        except TemplateFixed as error:
            return await refused(request, caller, ref, error)
        return pages.console.back(f"{TEMPLATES.path}/{ref}", "template_retired")

    @router.post("/delete")
    async def delete(request: Request, caller: TemplateEditor, ref: str) -> Response:
        template = await pages.requirements.template(ref)
        try:
            await pages.advance.delete(template.ref)
        except TemplateFixed as error:
            return await refused(request, caller, ref, error)
        return pages.console.back(TEMPLATES.path, "template_deleted")

    return router


async def _page(
    pages: VerifierPages,
    request: Request,
    caller: Caller,
    template: Template,
    *,
    error: VerifierError | None = None,
) -> Response:
    versions = [
        each for each in await pages.templates.page(None, MOST_TEMPLATES) if each.ref.id == template.ref.id
    ]
    return pages.show(
        request,
        "template",
        caller,
        error=error,
        version=template,
        state=template_state(template),
        state_of=template_state,
        versions=versions,
        drafted=any(isinstance(each, Draft) for each in versions),
        fields=fields_of(template),
        asked=_told(pages, request, template),
        json=as_json(template),
    )


def _told(pages: VerifierPages, request: Request, template: Template) -> PreviewBody:
    """What a learner would read, with the defaults, else the lowest values."""
    requirement = read_requirement(try_out(template, {}))
    return pages.requirements.told(requirement, pages.console.language(request))


def _editor(
    pages: VerifierPages,
    request: Request,
    caller: Caller,
    template: Template | None,
    filled: Filled,
    *,
    how: str = "form",
    text: str | None = None,
    at: Sequence[At] = (),
    preview: PreviewBody | None = None,
    inexpressible: bool = False,
    error: VerifierError | None = None,
) -> Response:
    as_text, words = how == "json", pages.console.words(request)
    return pages.show(
        request,
        "template_json" if as_text else "template_form",
        caller,
        filled=filled,
        error=error,
        known=template,
        draft=isinstance(template, Draft),
        text=text if text is not None else as_json(template) if template else EXAMPLE,
        at=at,
        inexpressible=inexpressible,
        preview=preview,
        slots=slots_in(filled),
        most=MOST_SLOTS,
        revealed=REVEALED,
        first_languages=[tag for tag in LANGUAGES if tag in WORDS or filled.text(f"purpose_{tag}")],
        named_groups=[(group, _group(group, words)) for group in GROUPS],
        named_frameworks=[(each, each.upper()) for each in FRAMEWORKS],
    )


def _group(group: str, words: Mapping[str, str]) -> str:
    return words["group_always"] if group == GROUPS[0] else words["group_way"].format(number=group)


async def _write(
    pages: VerifierPages, request: Request, caller: Caller, template: Template | None
) -> Response:
    """Change a draft, or draft a new version, as the form or the text says."""
    filled = Filled(await request.form())
    if "json" in filled.form:
        return await _write_json(pages, request, caller, template, filled)
    do = filled.text("do")
    if do == "more":
        return _editor(pages, request, caller, template, _with_slot(filled))
    read, error = template_in(filled, template.ref.id if template else None), None
    try:
        if do == "preview" and read.body is not None:
            told = _told(pages, request, _tried(pages, template, read.body))
            return _editor(pages, request, caller, template, filled, preview=told)
        if read.body is not None:
            saved = await _save(pages, template, read.body)
            return pages.console.back(f"{TEMPLATES.path}/{saved}", "template_saved")
    except RequirementInvalid as invalid:
        note_template_faults(filled, invalid.faults, read)
    except TemplateFixed as fixed:
        error = fixed
    return _editor(pages, request, caller, template, filled, error=error)


async def _write_json(
    pages: VerifierPages, request: Request, caller: Caller, template: Template | None, filled: Filled
) -> Response:
    text = filled.whole("json")

    def again(at: Sequence[At], error: VerifierError | None = None) -> Response:
        if at:
            filled.miss("json", "wrong_json")
        return _editor(pages, request, caller, template, filled, how="json", text=text, at=at, error=error)

    try:
        saved = await _save(pages, template, read_json(text, template.ref.id if template else None))
    except NotSuchJson as error:
        return again(error.faults)
    except RequirementInvalid as error:
        return again(located(text, error.faults))
    except TemplateFixed as error:
        return again((), error)
    return pages.console.back(f"{TEMPLATES.path}/{saved}", "template_saved")


async def _save(pages: VerifierPages, template: Template | None, body: ContentBody) -> Ref:
    """The version that was written."""
    if isinstance(template, Draft):
        return (await pages.draft.again(template.ref, body.to_domain())).ref
    template_id = body.id if isinstance(body, NewTemplateBody) else template.ref.id if template else ""
    return (await pages.draft.new(template_id, body.to_domain())).ref


def _tried(pages: VerifierPages, template: Template | None, body: ContentBody) -> Draft:
    """What would be saved. Raises RequirementInvalid."""
    content = body.to_domain()
    if faults := tuple(check_content(content)):
        raise RequirementInvalid(faults)
    return Draft(template.ref if template else Ref("new", 1), content, pages.clock())


def _with_slot(filled: Filled) -> Filled:
    """The form with room for one need more."""
    others = [(name, value) for name, value in filled.form.multi_items() if name != "slots"]
    return Filled(FormData([*others, ("slots", str(min(slots_in(filled) + 1, MOST_SLOTS)))]))
