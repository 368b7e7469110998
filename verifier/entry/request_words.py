"""A requirement as a learner reads it before her wallet asks her."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.web.languages import day_in_words
from verifier.domain.requirement import ACHIEVEMENT, AWARDED, NAME, Alternative, Need, Requirement
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
    ways: tuple[tuple[AskedOfOne, ...], ...]
    """Of which one is met beside `needs`."""
    shown: tuple[str, ...]
    proven: tuple[str, ...]


type NameSkill = Callable[[str, str], str | None]
"""The name of a skill in a language, as listed issuers call it; None where none of them names it."""


def in_words(requirement: Requirement, language: str, name_skill: NameSkill | None = None) -> InWords:
    """Return what is asked, what would be shown and what only proven; skills by name where `name_skill` has one."""
    words = WORDS[language]
    every = [*requirement.needs, *(need for way in requirement.ways for need in way)]
    shown = dict.fromkeys(
        (
            *requirement.reveal,
            *(NAME if requirement.name else ()),
            *(() if requirement.hide_programme else (ACHIEVEMENT,)),
            *(() if all(need.awarded_after for need in every) else (AWARDED,)),
        )
    )
    proven: dict[str, None] = {}
    for need in every:
        if requirement.hide_programme:
            for alternative in need.alternatives:
                proven |= dict.fromkeys(
                    each.text for each in _alternative(alternative, language) if not each.link
                )
        proven |= dict.fromkeys(each.text for each in _always(need, language))
    return InWords(
        needs=tuple(_of_one(need, language, name_skill) for need in requirement.needs),
        ways=tuple(tuple(_of_one(need, language, name_skill) for need in way) for way in requirement.ways),
        shown=tuple(words[name] for name in shown),
        proven=tuple(proven),
    )


def _of_one(need: Need, language: str, name_skill: NameSkill | None) -> AskedOfOne:
    return AskedOfOne(
        tuple(_alternative(alternative, language, name_skill) for alternative in need.alternatives),
        _always(need, language),
    )


def as_text(found: InWords, language: str) -> tuple[str, ...]:
    """The same line by line, for whoever writes or checks a requirement."""
    words = WORDS[language]
    lines = [words["asked"], *_lines(found.needs, language)]
    if found.ways:
        lines += [words["choose"]]
        for number, way in enumerate(found.ways, start=1):
            lines += [f"{number}.", *_lines(way, language)]
    lines += [
        words["shown"],
        *(f"• {each}" for each in found.shown or (words["nothing_shown"],)),
        words["trace"],
    ]
    if found.proven:
        lines += [words["proven"], *(f"• {each}" for each in found.proven)]
    return tuple(lines)


def _lines(needs: tuple[AskedOfOne, ...], language: str) -> Iterator[str]:
    words = WORDS[language]
    for need in needs:
        yield words["one"] if len(need.alternatives) == 1 else words["any"]
        for alternative in need.alternatives:
            yield "• " + " · ".join(f"{each.text} {each.shown or ''}".strip() for each in alternative)
        yield from (f"• {each.text}" for each in need.always)


def _alternative(
    alternative: Alternative, language: str, name_skill: NameSkill | None = None
) -> tuple[Condition, ...]:
    words, found = WORDS[language], []
    if alternative.skill is not None:
        name = name_skill(alternative.skill, language) if name_skill else None
        found.append(_skill(alternative.skill, words["skill"], name))
    if alternative.level is not None:
        level, framework = alternative.level.at_least, alternative.level.framework.upper()
        found.append(Condition(words["level"].format(level=level, framework=framework)))
    if alternative.hours is not None:
        found.append(Condition(words["hours"].format(hours=alternative.hours)))
    return tuple(found)


def _skill(uri: str, text: str, name: str | None) -> Condition:
    """A skill of a public register can be read there; any other is only named."""
    web = urlsplit(uri).scheme in {"http", "https"}
    return Condition(text, link=uri if web else None, shown=name or (uri.partition("://")[2] if web else uri))


def _always(need: Need, language: str) -> tuple[Condition, ...]:
    words, found = WORDS[language], []
    if need.awarded_after is not None:
        found.append(Condition(words["awarded_after"].format(day=day_in_words(need.awarded_after, language))))
    if need.not_expired:
        found.append(Condition(words["not_expired"]))
    return tuple(found)
