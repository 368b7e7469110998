"""A programme as the organisation describes it, and the edition it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from issuer.domain.graduate import GradingRule
from issuer.errors import TemplateAlreadyPublished
from shared.vc.achievement import AchievementTemplate, Edition, read


@dataclass(frozen=True, slots=True)
class Draft:
    """May lack elements and may be replaced."""


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
class Template:
    """One programme."""

    id: UUID
    organisation: str
    description: AchievementTemplate
    state: Draft | Published
    created_at: datetime

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


def publish(
    template: Template, edition_id: str, content: Mapping[str, JsonValue], *, now: datetime
) -> Template:
    """Return the template as published under this id. Raises TemplateAlreadyPublished."""
    if isinstance(template.state, Published):
        raise TemplateAlreadyPublished("A published edition never changes.")
    return replace(template, state=Published(edition_id, content, now))
