"""An award as a learner reads it: what it says about her, its programme, who gives it and what it is worth now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from shared.contracts.attributes import NOT_STATED
from shared.contracts.level_words import level_words
from shared.contracts.programme_words import PROGRAMME_WORDS
from shared.vc.achievement import Edition
from shared.vc.frameworks import FRAMEWORKS
from shared.vc.trust_decision import Refused, Snapshot
from shared.vc.vocabularies import VOCABULARIES
from shared.web.actors import isolated
from shared.web.countries import country_name
from shared.web.languages import age_in_words
from wallet.domain.credential import SOON_STALE_DAYS, EditionFound, EditionResult, Status, StatusState
from wallet.domain.trust import Standing, Trust, listed_names
from wallet.domain.warning import WarningCode
from wallet.domain.words import Claim
from wallet.entry.value_words import NUMBERS, attribute_said, value_said
from wallet.entry.warning_words import WARNINGS, named, standing_said

_ABOUT_HER: Final = ("given_name", "family_name", "awarded_dateint", "expiry_dateint", "grade", "grade_pct")
_OF_PROGRAMME: Final = ("eqf_level", "workload_hours", "credits_x10")
_ELSEWHERE: Final = frozenset(
    {"title", "achievement_id", "awarding_body_id", "issuer_country", "profile_version", "twin_digest"}
)
"""Said in other places of the page, or in the small print alone."""
_CHOSEN: Final = ("assessment", "supervision", "participation", "learning_route", "verification_level")
_TOLD_WHY: Final = frozenset(
    {
        "compromised",
        "withdrawn",
        "suspended",
        "other-kind",
        "other-country",
        "above-level",
        "not-trusted-when-issued",
        "list-stale",
    }
)


@dataclass(frozen=True)
class Line:
    """A text; `lang` where it is not the reader's."""

    text: str
    lang: str | None = None


@dataclass(frozen=True)
class Row:
    """One thing that is said."""

    label: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Giver:
    """Who gives it. `name` is the lists', `own_name` what it calls itself where that is another; `why` says more of no trust."""

    name: str | None
    trusted: bool
    badge: str
    said: str
    why: str | None
    own_name: str | None
    list_name: str | None
    list_age: str | None
    cautions: Sequence[str]
    """What another list says against it, or what is wrong with a list."""


@dataclass(frozen=True)
class Worth:
    """What it is worth now. `counts` None: could not be checked."""

    state: StatusState
    counts: bool | None
    said: str
    more: str
    age: str | None
    old: bool
    why: str | None
    since: datetime | None


def title_said(attributes: Mapping[str, str], edition: EditionResult, language: str) -> Line:
    """Its title in her language where its programme has one; else as it stands in the award."""
    signed = attributes.get("title", "")
    if not isinstance(edition, EditionFound):
        return Line(signed)
    titles, own = edition.edition.titles, edition.edition.language
    tag = next((each for each in (language, own) if each in titles), own)
    return Line(titles.get(tag) or signed, tag)


def name_said(attributes: Mapping[str, str], language: str) -> str:
    """Whose award it says it is."""
    return " ".join(
        value_said(name, raw, language)
        for name in ("given_name", "family_name")
        if (raw := attributes.get(name)) and not (name == "family_name" and raw.startswith("("))
    )


def about_her(claims: Sequence[Claim], edition: EditionResult, language: str) -> Sequence[Row]:
    """What it says about her, names first; where no programme can be read, its level and hours too."""
    by_name = {claim.name: claim for claim in claims}
    wanted = list(_ABOUT_HER) + ([] if isinstance(edition, EditionFound) else list(_OF_PROGRAMME))
    more = [name for name in by_name if name not in {*_ABOUT_HER, *_OF_PROGRAMME, *_ELSEWHERE}]
    return [
        Row(attribute_said(name, language), [Line(value_said(name, by_name[name].raw, language))])
        for name in (*wanted, *more)
        if name in by_name and not (name in NUMBERS and by_name[name].raw == NOT_STATED)
    ]


def skills_said(edition: EditionResult, language: str) -> Sequence[Line]:
    """Its skills by name; one that its issuer named in no language is left to the small print."""
    if not isinstance(edition, EditionFound):
        return ()
    found = edition.edition
    named_ones = (
        _skill(found.skill_names.get(skill, {}), found.language, language) for skill in found.skills
    )
    return [line for line in named_ones if line is not None]


def programme_said(edition: EditionResult, language: str) -> Sequence[Row]:
    """The programme, one row for each thing its issuer states; its own texts in its own language."""
    if not isinstance(edition, EditionFound):
        return ()
    found, words = edition.edition, PROGRAMME_WORDS[language]
    rows = [
        Row(words["outcomes"], [Line(each, found.language) for each in found.outcomes]),
        Row(words["levels"], [Line(_level(*each, language)) for each in _eqf_first(found.levels)]),
        *(Row(words[key], [Line(said)] if said else []) for key, said in _facts(found, language)),
        Row(words["prerequisites"], [Line(each, found.language) for each in found.prerequisites]),
    ]
    return [row for row in rows if row.lines]


def giver_said(
    standing: Standing,
    edition: EditionResult,
    snapshots: Sequence[Snapshot],
    words: Mapping[str, str],
    language: str,
    *,
    now: datetime,
) -> Giver:
    """Who gives it, in words, by the lists alone."""
    name = named(listed_names(snapshots, standing.did), language) if standing.did else None
    own = edition.edition.awarding_body if isinstance(edition, EditionFound) else None
    told = standing.outcome is not Trust.TRUSTED and standing.code in _TOLD_WHY
    return Giver(
        name=name,
        trusted=standing.outcome is Trust.TRUSTED,
        badge=words[f"trust_{standing.outcome.value}"],
        said=standing_said(replace(standing, name=name or standing.name))[language],
        why=words[f"trust_why_{standing.code.replace('-', '_')}"] if told else None,
        own_name=own if own and own != name else None,
        list_name=standing.list_name,
        list_age=age_in_words(now - standing.list_issued, language) if standing.list_issued else None,
        cautions=[WARNINGS[language][code] for code in _cautions(standing, snapshots)],
    )


def changes_said(
    before: Mapping[str, str], now: Mapping[str, str], language: str
) -> Sequence[tuple[str, str, str]]:
    """What a corrected award says otherwise: what it is about, what it said and what it says."""
    names = [name for name in (*_ABOUT_HER, *_OF_PROGRAMME, "title") if before.get(name) != now.get(name)]
    return [
        (
            attribute_said(name, language),
            value_said(name, before.get(name, ""), language),
            value_said(name, now.get(name, ""), language),
        )
        for name in names
    ]


def worth_said(status: Status, words: Mapping[str, str], language: str, *, now: datetime) -> Worth:
    """What it is worth, and how old that knowledge is."""
    state, at = status.state, status.published_at
    counts = {StatusState.VALID: True, StatusState.UNKNOWN: None}.get(state, False)
    more = "valid_always" if state is StatusState.VALID and at is None else state.value
    return Worth(
        state=state,
        counts=counts,
        said=words[f"worth_{state.value}"],
        more=words[f"worth_{more}_more"],
        age=age_in_words(now - at, language) if at else None,
        old=bool(at and (now - at).days >= SOON_STALE_DAYS),
        why=status.why,
        since=status.since,
    )


def _cautions(standing: Standing, snapshots: Sequence[Snapshot]) -> Sequence[WarningCode]:
    """By their codes: a list that was refused is one of the standing's warnings, any other is a list that speaks against it."""
    refused = [one for one in snapshots if isinstance(one.problem, Refused) and one.trust_list is not None]
    against = [WarningCode.DISOWNED_ELSEWHERE] if len(standing.warnings) > len(refused) else []
    return [*against, *([WarningCode.LIST_REFUSED] if refused and standing.warnings else [])]


def _facts(found: Edition, language: str) -> Sequence[tuple[str, str | None]]:
    words, quality, grading = PROGRAMME_WORDS[language], found.quality_assurance, found.grading
    hours = found.workload_hours
    assured = _term("quality_assurance", quality.type, language)
    if assured and quality.reference:
        assured = f"{assured} · {isolated(quality.reference)}"
    marks = None
    if grading is not None and grading.scale == "percentage":
        key = "grade_percentage" if grading.pass_mark is not None else "grade_percentage_only"
        marks = words[key].format(n=grading.pass_mark)
    return (
        ("hours", words["hours_number"].format(n=hours) if hours else None),
        ("credits", f"{found.credits:g} {found.credit_framework or ''}".strip() if found.credits else None),
        *((field, _term(field, getattr(found, field), language)) for field in _CHOSEN),
        ("quality_assurance", assured),
        ("grade", marks),
        ("further", words["stackable"] if found.stackable else None),
        ("country", country_name(found.country, language)),
    )


def _level(framework: str, level: int, language: str) -> str:
    known = FRAMEWORKS.get(framework)
    name = isolated(known.name if known else framework.upper())
    said = PROGRAMME_WORDS[language]["level_of"].format(framework=name, n=level)
    meaning = level_words(framework, level).get(language)
    return f"{meaning} ({said})" if meaning else said


def _eqf_first(levels: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    """The one that is explained in a sentence comes first."""
    return sorted(levels.items(), key=lambda each: (each[0] != "eqf", each[0]))


def _term(field: str, value: object, language: str) -> str | None:
    return next((term.labels[language] for term in VOCABULARIES[field].terms if term.value == value), None)


def _skill(names: Mapping[str, str], own: str, language: str) -> Line | None:
    tag = next((each for each in (language, own, "en", *names) if each in names), None)
    return Line(names[tag], tag) if tag else None
