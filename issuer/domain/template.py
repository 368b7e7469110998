"""A programme as the organisation describes it, and the edition it becomes.

Draft → Approved → Published → Retired, and from Approved back to Draft. What is published never changes: another wording is a new
edition, which begins as a draft copied from the one it follows.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import JsonValue

from issuer.domain.graduate import GradingRule
from issuer.errors import (
    NoSecondPerson,
    TemplateAlreadyPublished,
    TemplateApproved,
    TemplateIncomplete,
    TemplateInvalid,
    TemplateNotPublished,
    TemplateRetired,
)
from shared.vc.achievement import AchievementTemplate, Edition, missing_elements, read

type StateName = Literal["draft", "approved", "published", "retired"]
STATES: Final[tuple[StateName, ...]] = ("draft", "approved", "published", "retired")
_LAYOUT: Final = "\n\t"
_DIRECTION_CHANGES: Final = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Embeddings, overrides and isolates: they reorder the text around them too."""


@dataclass(frozen=True, slots=True)
class Draft:
    """May lack elements and may be replaced."""


@dataclass(frozen=True, slots=True)
class Approved:
    """Complete, and approved by somebody; `by` as in the record of deeds."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Published:
    """Never changes again; `content` is the Achievement that `edition_id` names by its digest."""

    edition_id: str
    content: Mapping[str, JsonValue]
    at: datetime

    @property
    def edition(self) -> Edition:
        """The published facts."""
        return read(self.content)


@dataclass(frozen=True, slots=True)
class Retired:
    """Takes no new cohorts. Awards by it stay as they are, and those that still wait can be claimed."""

    published: Published
    at: datetime


@dataclass(frozen=True, slots=True)
class Template:
    """One edition of a programme, or what is to become one.

    `author` is who described it last, as in the record of deeds; `replaces` is the template of the edition it follows, and `root`
    that of the programme's first edition, None for that one itself.
    """

    id: UUID
    organisation: str
    description: AchievementTemplate
    state: Draft | Approved | Published | Retired
    created_at: datetime
    author: str = ""
    replaces: UUID | None = None
    root: UUID | None = None

    @property
    def programme(self) -> UUID:
        """What all editions of a programme have in common."""
        return self.root or self.id

    @property
    def state_name(self) -> StateName:
        """The state in one word."""
        match self.state:
            case Draft():
                return "draft"
            case Approved():
                return "approved"
            case Published():
                return "published"
            case Retired():
                return "retired"

    @property
    def published(self) -> Published | None:
        """The edition it became, retired or not."""
        return self.state.published if isinstance(self.state, Retired) else _published(self.state)

    @property
    def language(self) -> str:
        """The programme's own language; English where a draft does not say."""
        return self.description.language or "en"

    @property
    def title(self) -> str:
        """The title in the programme's language; empty for a draft without one."""
        return self.description.titles.get(self.language, "")

    @property
    def grading(self) -> GradingRule:
        """What the programme asks of a grade."""
        grading = self.description.grading
        return GradingRule("pass", None) if grading is None else GradingRule(grading.scale, grading.pass_mark)


def describe(template: Template, description: AchievementTemplate, *, by: str) -> Template:
    """Return the draft with new words. Raises TemplateApproved, TemplateAlreadyPublished or TemplateInvalid."""
    if isinstance(template.state, Approved):
        raise TemplateApproved(
            "The template is approved: take it back to draft first, then change it and have it approved again."
        )
    if not isinstance(template.state, Draft):
        raise TemplateAlreadyPublished(
            "A published edition never changes. Begin a new edition of it instead."
        )
    refuse_hidden_characters(description)
    return replace(template, description=description, author=by)


def approve(template: Template, *, by: str, second_person: bool, now: datetime) -> Template:
    """Return the template as approved; approving twice changes nothing.

    With `second_person` its author cannot. Raises TemplateIncomplete, NoSecondPerson or TemplateAlreadyPublished.
    """
    if isinstance(template.state, Approved):
        return template
    if not isinstance(template.state, Draft):
        raise TemplateAlreadyPublished("It is published already: there is nothing left to approve.")
    if missing := missing_elements(template.description):
        raise TemplateIncomplete(missing)
    if second_person and by == template.author:
        raise NoSecondPerson(
            "Your organisation asks for a second person: somebody else than who described the programme approves it."
        )
    return replace(template, state=Approved(by, now))


def take_back(template: Template) -> Template:
    """Return the template as a draft again. Raises TemplateAlreadyPublished."""
    if not isinstance(template.state, Draft | Approved):
        raise TemplateAlreadyPublished(
            "A published edition never changes. Begin a new edition of it instead."
        )
    return replace(template, state=Draft())


def publish(
    template: Template, edition_id: str, content: Mapping[str, JsonValue], *, now: datetime
) -> Template:
    """Return the template as published under this id. Raises TemplateAlreadyPublished."""
    if not isinstance(template.state, Draft | Approved):
        raise TemplateAlreadyPublished("A published edition never changes.")
    return replace(template, state=Published(edition_id, content, now))


def retire(template: Template, *, now: datetime) -> Template:
    """Return the template as retired; retiring twice changes nothing. Raises TemplateNotPublished."""
    if isinstance(template.state, Retired):
        return template
    if not isinstance(template.state, Published):
        raise TemplateNotPublished("Only a published edition can be retired; a draft can be changed instead.")
    return replace(template, state=Retired(template.state, now))


def next_edition(template: Template, template_id: UUID, *, by: str, now: datetime) -> Template:
    """Return a draft that says the same and, once published, follows this edition. Raises TemplateNotPublished."""
    if template.published is None:
        raise TemplateNotPublished(
            "It is no edition yet: change the draft instead of beginning a new edition."
        )
    return Template(
        template_id,
        template.organisation,
        template.description,
        Draft(),
        now,
        author=by,
        replaces=template.id,
        root=template.programme,
    )


def for_new_awards(template: Template) -> Published:
    """Return the edition that new awards are of. Raises TemplateNotPublished or TemplateRetired."""
    if isinstance(template.state, Retired):
        raise TemplateRetired(
            f"Template {template.id} is retired and takes no new cohorts. Use the programme's newest edition,"
            " or begin one with POST /v1/templates/ID/new-edition."
        )
    if not isinstance(template.state, Published):
        raise TemplateNotPublished(
            f"Template {template.id} is not published yet. POST /v1/templates/{template.id}/publish first."
        )
    return template.state


def refuse_hidden_characters(description: AchievementTemplate) -> None:
    """Raise TemplateInvalid, naming the element, where a text holds what is not seen but changes what is read."""
    for element, text in _texts(description):
        for each in text:
            if each in _DIRECTION_CHANGES or (unicodedata.category(each) == "Cc" and each not in _LAYOUT):
                raise TemplateInvalid(
                    f"{element}: text without hidden characters was expected, U+{ord(each):04X} was found."
                    " Remove it, for instance by typing the text anew.",
                    element=element,
                )


def _texts(description: AchievementTemplate) -> Iterator[tuple[str, str]]:
    """Every text that people write, by its element."""
    quality = description.quality_assurance
    yield "awarding body", description.awarding_body or ""
    yield "description", description.description or ""
    yield "quality assurance reference", (quality.reference if quality else None) or ""
    yield from ((f"title in {language}", text) for language, text in description.titles.items())
    yield from ((f"description in {language}", text) for language, text in description.descriptions.items())
    yield from (("learning outcome", text) for text in description.outcomes)
    yield from (("prerequisite", text) for text in description.prerequisites)
    for names in description.skill_names.values():
        yield from (("skill name", text) for text in names.values())


def _published(state: Draft | Approved | Published) -> Published | None:
    return state if isinstance(state, Published) else None
