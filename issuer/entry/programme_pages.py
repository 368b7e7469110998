"""Programmes in the console: all of them, one edition with its history, its editor, and what learners read."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import FormData

from issuer.domain.programme_languages import PROGRAMME_LANGUAGES
from issuer.domain.skill import ATTRIBUTION
from issuer.domain.template import STATES, Draft, StateName, Template
from issuer.entry.acting import Acting
from issuer.entry.api import (
    PUBLISH_TEMPLATES,
    WRITE,
    WRITE_TEMPLATES,
    Reader,
    TemplatePublisher,
    TemplateWriter,
)
from issuer.entry.areas import PROGRAMMES
from issuer.entry.framework_words import framework_name
from issuer.entry.programme_form import (
    description_in,
    fingerprint,
    form_of,
    frameworks_for,
    languages_in,
    levels_of,
)
from issuer.entry.programme_shown import shown
from issuer.errors import (
    Conflict,
    NewerEditionExists,
    NoSecondPerson,
    TemplateApproved,
    TemplateChanged,
    TemplateIncomplete,
)
from issuer.use_cases.advance_template import AdvanceTemplate
from issuer.use_cases.draft_template import DraftTemplate
from issuer.use_cases.find_skills import FindSkills
from issuer.use_cases.look_up import LookUp
from issuer.use_cases.publish_template import PublishTemplate
from shared.vc.achievement import CREDIT_FRAMEWORKS, AchievementTemplate, missing_fields
from shared.vc.frameworks import CreditsDoubtful, credits_doubtful
from shared.vc.vocabularies import HELP_IN, VOCABULARIES
from shared.web.actors import Actors
from shared.web.console import Console
from shared.web.countries import countries
from shared.web.forms import Filled
from shared.web.languages import ENGLISH, LANGUAGES, direction_of

SHOWN: Final = 25
FOUND: Final = 12
LONGEST_SEARCH: Final = 200
COMFORT: Final = ("finder.js",)
"""Looks skills up while somebody types; without it a button does."""
type Language = Annotated[str, Query(alias="in", max_length=20)]


@dataclass(frozen=True, kw_only=True)
class ProgrammePages:
    """What the pages show and do."""

    look_up: LookUp
    draft: DraftTemplate
    advance: AdvanceTemplate
    publish: PublishTemplate
    find_skills: FindSkills
    actors: Actors
    console: Console

    def show(
        self,
        request: Request,
        page: str,
        by: Acting,
        *,
        filled: Filled | None = None,
        wrong: str | None = None,
        scripts: Sequence[str] = (),
        **facts: object,
    ) -> Response:
        """A page; with mistakes or a refusal its status is 422."""
        if filled is not None and not filled.is_sound:
            wrong = self.console.words(request)["programme_wrong_form"]
        return self.console.show(
            request,
            f"console/{page}.html",
            by.caller,
            status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
            wrong=wrong,
            scripts=scripts,
            filled=filled or Filled(FormData()),
            may_write=by.caller.may(WRITE_TEMPLATES),
            may_award=by.caller.may(WRITE),
            may_publish=by.caller.may(PUBLISH_TEMPLATES),
            own_names=PROGRAMME_LANGUAGES,
            direction_of=direction_of,
            **facts,
        )


def programme_pages(pages: ProgrammePages) -> list[APIRouter]:
    """Every page about programmes."""
    return [_reading(pages), _writing(pages), _one(pages), _life(pages), _afterwards(pages)]


def _reading(pages: ProgrammePages) -> APIRouter:
    router = APIRouter(prefix=PROGRAMMES.path, include_in_schema=False)

    @router.get("")
    async def everything(
        request: Request, by: Reader, state: str = "", after: UUID | None = None
    ) -> Response:
        """The newest first."""
        chosen: StateName | None = next((each for each in STATES if each == state), None)
        rows = await pages.look_up.newest_templates(
            by.organisation, before=after, limit=SHOWN + 1, state=chosen
        )
        return pages.show(
            request,
            "programmes",
            by,
            templates=rows[:SHOWN],
            following=rows[SHOWN - 1].id if len(rows) > SHOWN else None,
            chosen=chosen,
            states=STATES,
            missing={each.id: len(missing_fields(each.description)) for each in rows},
        )

    @router.get("/skills")
    async def skills(
        request: Request,
        by: Reader,
        q: Annotated[str, Query(max_length=LONGEST_SEARCH)] = "",
    ) -> Response:
        """What a search finds, for the script of the editor."""
        return pages.show(request, "programme_skills", by, search=await _found(pages, request, q))

    return router


def _writing(pages: ProgrammePages) -> APIRouter:
    router = APIRouter(prefix=f"{PROGRAMMES.path}/new", include_in_schema=False)

    @router.get("")
    async def form(request: Request, by: TemplateWriter) -> Response:
        organisation, _ = await pages.look_up.organisation(by.organisation)
        language = pages.console.language(request)
        begun = FormData(
            [("language", language), ("country", organisation.country), ("awarding_body", organisation.name)]
        )
        return await _editor(pages, request, by, None, Filled(begun))

    @router.post("")
    async def make(request: Request, by: TemplateWriter) -> Response:
        return await _write(pages, request, by, None)

    return router


def _one(pages: ProgrammePages) -> APIRouter:
    router = APIRouter(prefix=f"{PROGRAMMES.path}/{{template_id}}", include_in_schema=False)

    @router.get("")
    async def page(request: Request, by: Reader, template_id: UUID, spoken: Language = "") -> Response:
        template = await pages.look_up.template(by.organisation, template_id)
        return await _page(pages, request, by, template, spoken=spoken)

    @router.get("/edit")
    async def form(request: Request, by: TemplateWriter, template_id: UUID) -> Response:
        template = await pages.look_up.template(by.organisation, template_id)
        if not isinstance(template.state, Draft):
            return pages.console.back(f"{PROGRAMMES.path}/{template_id}")
        filled = Filled(form_of(template.description, by.organisation))
        return await _editor(pages, request, by, template, filled)

    @router.post("/edit")
    async def change(request: Request, by: TemplateWriter, template_id: UUID) -> Response:
        return await _write(pages, request, by, await pages.look_up.template(by.organisation, template_id))

    return router


def _life(pages: ProgrammePages) -> APIRouter:
    router = APIRouter(prefix=f"{PROGRAMMES.path}/{{template_id}}", include_in_schema=False)

    @router.post("/approve")
    async def approve(request: Request, by: TemplatePublisher, template_id: UUID) -> Response:
        deed = pages.advance.approve(by.organisation, template_id, by=by.caller.who)
        return await _done(pages, request, by, template_id, deed, said="programme_approved")

    @router.post("/back-to-draft")
    async def take_back(request: Request, by: TemplateWriter, template_id: UUID) -> Response:
        deed = pages.advance.take_back(by.organisation, template_id)
        return await _done(pages, request, by, template_id, deed, said="programme_taken_back")

    @router.post("/publish")
    async def publish(request: Request, by: TemplatePublisher, template_id: UUID) -> Response:
        deed = pages.publish(by.organisation, template_id, by=by.caller.who)
        return await _done(pages, request, by, template_id, deed, said="programme_published")

    return router


def _afterwards(pages: ProgrammePages) -> APIRouter:
    router = APIRouter(prefix=f"{PROGRAMMES.path}/{{template_id}}", include_in_schema=False)

    @router.get("/retire")
    async def ask(request: Request, by: TemplatePublisher, template_id: UUID) -> Response:
        template = await pages.look_up.template(by.organisation, template_id)
        return pages.show(request, "programme_retire", by, programme=template)

    @router.post("/retire")
    async def retire(request: Request, by: TemplatePublisher, template_id: UUID) -> Response:
        deed = pages.advance.retire(by.organisation, template_id)
        return await _done(pages, request, by, template_id, deed, said="programme_retired")

    @router.get("/delete")
    async def ask_to_delete(request: Request, by: TemplateWriter, template_id: UUID) -> Response:
        template = await pages.look_up.template(by.organisation, template_id)
        return pages.show(request, "programme_delete", by, programme=template)

    @router.post("/delete")
    async def delete(request: Request, by: TemplateWriter, template_id: UUID) -> Response:
        try:
            await pages.advance.delete(by.organisation, template_id)
        except Conflict as error:
            return await _refused(pages, request, by, template_id, error)
        return pages.console.back(PROGRAMMES.path, "programme_deleted")

    @router.post("/new-edition")
    async def new_edition(request: Request, by: TemplateWriter, template_id: UUID) -> Response:
        try:
            draft = await pages.advance.next_edition(by.organisation, template_id, by=by.caller.who)
        except Conflict as error:
            return await _refused(pages, request, by, template_id, error)
        return pages.console.back(f"{PROGRAMMES.path}/{draft.id}", "programme_begun")

    return router


async def _done(
    pages: ProgrammePages,
    request: Request,
    by: Acting,
    template_id: UUID,
    deed: Awaitable[object],
    *,
    said: str,
) -> Response:
    """Do it and go back to the edition; a refusal is said on its page."""
    try:
        await deed
    except (TemplateIncomplete, Conflict) as error:
        return await _refused(pages, request, by, template_id, error)
    return pages.console.back(f"{PROGRAMMES.path}/{template_id}", said)


async def _refused(
    pages: ProgrammePages, request: Request, by: Acting, template_id: UUID, error: Exception
) -> Response:
    template = await pages.look_up.template(by.organisation, template_id)
    return await _page(pages, request, by, template, wrong=_refusal(pages.console.words(request), error))


async def _page(
    pages: ProgrammePages,
    request: Request,
    by: Acting,
    template: Template,
    *,
    spoken: str = "",
    wrong: str | None = None,
) -> Response:
    """One edition, or a draft of one."""
    words, description = pages.console.words(request), template.description
    editions = await pages.look_up.editions(by.organisation, template.id)
    organisation, _ = await pages.look_up.organisation(by.organisation)
    learners = spoken if spoken in LANGUAGES else pages.console.language(request)
    names = await pages.find_skills.names(description.skills)
    missing = missing_fields(description) if isinstance(template.state, Draft) else []
    return pages.show(
        request,
        "programme",
        by,
        wrong=wrong,
        programme=template,
        state=template.state_name,
        missing=[(each, _field_of(each, description)) for each in missing],
        doubt=None if template.published else _doubt(description),
        editions=editions,
        number={each.id: number for number, each in enumerate(editions, 1)},
        newer=next((each for each in editions if each.replaces == template.id), None),
        needs_another=organisation.second_person and template.author == by.caller.who,
        author=await pages.actors.name(template.author, words, by.organisation) if template.author else None,
        shown=shown(description, names, learners, organisation=organisation.name),
        learners=learners,
        learners_languages=LANGUAGES,
    )


async def _editor(
    pages: ProgrammePages,
    request: Request,
    by: Acting,
    template: Template | None,
    filled: Filled,
    *,
    wrong: str | None = None,
) -> Response:
    language = pages.console.language(request)
    stored = template.description if template else AchievementTemplate(country=filled.text("country") or None)
    first, more = frameworks_for(stored)
    said = pages.console.words(request)
    chosen = await _chosen(pages, filled, stored, language)
    tags = languages_in(filled)
    return pages.show(
        request,
        "programme_form",
        by,
        filled=filled,
        wrong=wrong,
        scripts=COMFORT,
        programme=template,
        seen=fingerprint(stored) if template else "",
        missing=missing_fields(stored) if template else [],
        doubt=_doubt(stored),
        tags=tags,
        languages_left=[each for each in PROGRAMME_LANGUAGES.items() if each[0] not in tags],
        all_languages=_with(PROGRAMME_LANGUAGES, stored.language),
        all_countries=list(countries(language).items()),
        terms={field: _terms(field, language) for field in VOCABULARIES},
        first_frameworks=[_framework(each, said, language) for each in first],
        more_frameworks=[_framework(each, said, language) for each in more],
        credit_systems=[(each, each) for each in CREDIT_FRAMEWORKS],
        chosen=chosen,
        search=await _found(pages, request, filled.text("q") if filled.text("do") == "find" else ""),
    )


async def _write(pages: ProgrammePages, request: Request, by: Acting, template: Template | None) -> Response:
    """Keep what a form says, or show it again with one thing more: a language, or what a search found."""
    filled = Filled(await request.form())
    words = pages.console.words(request)
    if filled.text("do") == "language":
        return await _editor(pages, request, by, template, _with_language(filled))
    if filled.text("do") == "find":
        return await _editor(pages, request, by, template, filled)
    before = template.description if template else AchievementTemplate()
    description = description_in(filled, before, by.organisation)
    if description is None:
        return await _editor(pages, request, by, template, filled)
    try:
        if template is not None and filled.text("seen") != fingerprint(before):
            raise TemplateChanged("The draft was changed by someone else since the form was opened.")
        saved = await pages.draft(
            by.organisation,
            description,
            by=by.caller.who,
            template_id=template.id if template else None,
            instead_of=before if template else None,
        )
    except Conflict as error:
        return await _editor(pages, request, by, template, filled, wrong=_refusal(words, error))
    return pages.console.back(f"{PROGRAMMES.path}/{saved.id}", "programme_saved")


async def _found(pages: ProgrammePages, request: Request, text: str) -> Mapping[str, object]:
    text, language = text[:LONGEST_SEARCH].strip(), pages.console.language(request)
    found, _ = await pages.find_skills(text, language=None, limit=FOUND) if text else ((), ())
    return {
        "q": text,
        "found": [(each.uri, each.names.get(language) or each.names[each.found_in]) for each in found],
        "attribution": ATTRIBUTION,
    }


async def _chosen(
    pages: ProgrammePages, filled: Filled, stored: AchievementTemplate, language: str
) -> list[tuple[str, str]]:
    """The skills that are ticked, by name."""
    uris = tuple(dict.fromkeys(filled.several("skills")))
    names = {**stored.skill_names, **await pages.find_skills.names(uris)}
    return [
        (
            uri,
            next((names[uri][each] for each in (language, ENGLISH, *names[uri]) if each in names[uri]), uri),
        )
        if uri in names
        else (uri, uri)
        for uri in uris
    ]


def _with_language(filled: Filled) -> Filled:
    """The form with fields for one language more."""
    return Filled(FormData([*filled.form.multi_items(), ("languages", filled.text("another"))]))


def _with(names: Mapping[str, str], also: str | None) -> list[tuple[str, str]]:
    extra = [(also, also)] if also and also not in names else []
    return [*names.items(), *extra]


def _terms(field: str, language: str) -> list[tuple[str, str]]:
    """Each value with its label and, where the language has one, a word of help."""
    helped = language if language in HELP_IN else ENGLISH
    return [
        (str(term.value), f"{term.labels[language]} ({term.help[helped].rstrip('.')})")
        for term in VOCABULARIES[field].terms
    ]


def _framework(code: str, words: Mapping[str, str], language: str) -> tuple[str, str, list[tuple[str, str]]]:
    levels = [(str(level), words["programme_level"].format(n=level)) for level in levels_of(code)]
    return code, framework_name(code, language), levels


def _field_of(element: str, description: AchievementTemplate) -> str:
    """Where the editor has it."""
    if element == "titles":
        return f"title_{description.language}" if description.language else "language"
    return "level_eqf" if element == "levels" else element


def _doubt(description: AchievementTemplate) -> CreditsDoubtful | None:
    return credits_doubtful(description.workload_hours, description.credits, description.credit_framework)


def _refusal(words: Mapping[str, str], error: Exception) -> str:
    """A refusal for people."""
    kinds = {
        TemplateIncomplete: "programme_wrong_incomplete",
        NoSecondPerson: "programme_wrong_second",
        NewerEditionExists: "programme_wrong_newer",
        TemplateChanged: "programme_wrong_meanwhile",
        TemplateApproved: "programme_wrong_meanwhile",
    }
    return words[kinds.get(type(error), "programme_wrong_state")]
