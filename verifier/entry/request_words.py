"""A requirement as a learner reads it before her wallet asks her."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.web.languages import day_in_words
from verifier.domain.requirement import ACHIEVEMENT, AWARDED, Alternative, Need, Requirement
from verifier.entry.words import WORDS


@dataclass(frozen=True)
class Condition:
    """One thing asked; `link` is where the public description of a skill stands, `shown` how it is written."""

    text: str
    link: str | None = None
    shown: str | None = None


@dataclass(frozen=True)
class AskedOfOne:
    """What one credential must meet: one of the alternatives, and all of `always`."""

    alternatives: tuple[tuple[Condition, ...], ...]
    always: tuple[Condition, ...]


@dataclass(frozen=True)
class InWords:
    """All of a requirement."""

    needs: tuple[AskedOfOne, ...]
    shown: tuple[str, ...]
    proven: tuple[str, ...]


def in_words(requirement: Requirement, language: str) -> InWords:
    """Return what is asked, what would be shown and what only proven."""
    words = WORDS[language]
    shown = dict.fromkeys(
        (
            *requirement.reveal,
            *(() if requirement.hide_programme else (ACHIEVEMENT,)),
            *(() if all(need.awarded_after for need in requirement.needs) else (AWARDED,)),
        )
    )
    proven: dict[str, None] = {}
    for need in requirement.needs:
        if requirement.hide_programme:
            for alternative in need.alternatives:
                proven |= dict.fromkeys(
                    each.text for each in _alternative(alternative, language) if not each.link
                )
        proven |= dict.fromkeys(each.text for each in _always(need, language))
    return InWords(
        needs=tuple(
            AskedOfOne(
                tuple(_alternative(alternative, language) for alternative in need.alternatives),
                _always(need, language),
            )
            for need in requirement.needs
        ),
        shown=tuple(words[name] for name in shown),
        proven=tuple(proven),
    )


def _alternative(alternative: Alternative, language: str) -> tuple[Condition, ...]:
    words, found = WORDS[language], []
    if alternative.skill is not None:
        found.append(_skill(alternative.skill, words["skill"]))
    if alternative.level is not None:
        level, framework = alternative.level.at_least, alternative.level.framework.upper()
        found.append(Condition(words["level"].format(level=level, framework=framework)))
    if alternative.hours is not None:
        found.append(Condition(words["hours"].format(hours=alternative.hours)))
    return tuple(found)


def _skill(uri: str, text: str) -> Condition:
    """A skill of a public register can be read there; any other is only named."""
    web = urlsplit(uri).scheme in {"http", "https"}
    return Condition(text, link=uri if web else None, shown=uri.partition("://")[2] if web else uri)


def _always(need: Need, language: str) -> tuple[Condition, ...]:
    words, found = WORDS[language], []
    if need.awarded_after is not None:
        found.append(Condition(words["awarded_after"].format(day=day_in_words(need.awarded_after, language))))
    if need.not_expired:
        found.append(Condition(words["not_expired"]))
    return tuple(found)
