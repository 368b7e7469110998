"""A programme as a learner reads it, in her language: a draft with gaps, or the edition in her wallet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from issuer.entry.framework_words import framework_name
from shared.contracts.level_words import level_words
from shared.contracts.programme_words import PROGRAMME_WORDS
from shared.vc.achievement import AchievementTemplate
from shared.vc.vocabularies import VOCABULARIES
from shared.web.actors import isolated
from shared.web.countries import country_name

_CHOSEN = ("assessment", "supervision", "participation", "learning_route", "verification_level")


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the language it is written in."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is said; `lines` in the reader's language unless they say otherwise."""

    label: str
    lines: Sequence[Text]


@dataclass(frozen=True, slots=True)
class Shown:
    """All that is said; `rows` leave out what nobody stated."""

    title: Text | None
    sender: str
    about: Text | None
    rows: Sequence[Row]


def shown(
    programme: AchievementTemplate,
    skill_names: Mapping[str, Mapping[str, str]],
    language: str,
    *,
    organisation: str,
) -> Shown:
    """Return what a learner of this language reads; `skill_names` go before those of the programme."""
    words, own = PROGRAMME_WORDS[language], programme.language or language
    sender = programme.awarding_body or organisation
    told = dict(programme.descriptions)
    if programme.description:
        told[own] = programme.description
    names = {**programme.skill_names, **skill_names}
    rows = [
        Row(words["outcomes"], [Text(each, own) for each in programme.outcomes]),
        Row(
            words["skills"],
            [_best(names.get(each, {}), language, own) or Text(each, "") for each in programme.skills],
        ),
        Row(words["levels"], [Text(_level(*each, language), language) for each in programme.levels.items()]),
        *(
            Row(words[key], [Text(said, language)] if said else [])
            for key, said in _facts(programme, language)
        ),
        Row(words["prerequisites"], [Text(each, own) for each in programme.prerequisites]),
    ]
    return Shown(
        _best(programme.titles, language, own),
        sender,
        _best(told, language, own),
        [row for row in rows if row.lines],
    )


def _facts(programme: AchievementTemplate, language: str) -> Sequence[tuple[str, str | None]]:
    words, quality, grading = PROGRAMME_WORDS[language], programme.quality_assurance, programme.grading
    hours = programme.workload_hours
    chosen = {field: getattr(programme, field) for field in _CHOSEN}
    result = None
    if grading is not None:
        key = "grade_pass" if grading.scale == "pass" else "grade_percentage"
        key = "grade_percentage_only" if key == "grade_percentage" and grading.pass_mark is None else key
        result = words[key].format(n=grading.pass_mark)
    months = programme.valid_for_months
    assured = None
    if quality is not None:
        assured = _label("quality_assurance", quality.type, language)
        assured = f"{assured} · {isolated(quality.reference)}" if quality.reference else assured
    return (
        ("hours", words["hours_number"].format(n=hours) if hours else None),
        ("credits", f"{programme.credits:g} {programme.credit_framework}" if programme.credits else None),
        *((field, _label(field, value, language)) for field, value in chosen.items()),
        ("quality_assurance", assured),
        ("grade", result),
        ("valid", words["valid_months"].format(n=months) if months else words["valid_always"]),
        ("further", words["stackable"] if programme.stackable else None),
        ("country", country_name(programme.country, language) if programme.country else None),
    )


def _level(code: str, level: int, language: str) -> str:
    said = PROGRAMME_WORDS[language]["level_of"].format(
        framework=isolated(framework_name(code, language)), n=level
    )
    meaning = level_words(code, level).get(language)
    return f"{said}. {meaning}" if meaning else said


def _label(field: str, value: object, language: str) -> str | None:
    return next((term.labels[language] for term in VOCABULARIES[field].terms if term.value == value), None)


def _best(texts: Mapping[str, str], language: str, own: str) -> Text | None:
    """In the reader's language, else in the programme's, else in English, else in any."""
    return next((Text(texts[each], each) for each in (language, own, "en", *texts) if each in texts), None)
