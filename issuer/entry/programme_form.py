"""A programme's description as a form and back, with every mistake named at its field."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from starlette.datastructures import FormData

from issuer.domain.programme_languages import PROGRAMME_LANGUAGES
from issuer.domain.template import refuse_hidden_characters
from issuer.errors import TemplateInvalid
from shared.vc.achievement import (
    ASSESSMENTS,
    CREDIT_FRAMEWORKS,
    GRADING_SCALES,
    LEARNING_ROUTES,
    PARTICIPATIONS,
    QUALITY_ASSURANCES,
    SUPERVISIONS,
    VERIFICATION_LEVELS,
    AchievementTemplate,
    BadElement,
    Grading,
    QualityAssurance,
)
from shared.vc.frameworks import FRAMEWORKS
from shared.web.countries import countries
from shared.web.forms import Filled
from shared.web.languages import ENGLISH

LONGEST: Final = 4_000
MOST_ITEMS: Final = 100
MOST_LANGUAGES: Final = 20
MOST_CREDITS: Final = 10_000
NATIONAL_LEVELS: Final = range(1, 13)
"""Of a national framework that is not among FRAMEWORKS."""
_ESCO: Final = "data.europa.eu/esco/"
_CREDITS: Final = re.compile(r"\d{1,5}([.,]\d)?", re.ASCII)
_OWN_SKILL: Final = re.compile(r"(?P<name>.*\S)\s+(?P<uri>[A-Za-z][A-Za-z0-9+.-]*:\S+)")
_FIELDS: Final = {
    "awarding body": "awarding_body",
    "learning outcome": "outcomes",
    "prerequisite": "prerequisites",
    "quality assurance reference": "quality_reference",
    "skill": "own_skills",
    "skill name": "own_skills",
    "workload hours": "workload_hours",
    "credits": "credits",
    "valid for months": "valid_for_months",
}


def description_in(
    filled: Filled, before: AchievementTemplate, organisation: str
) -> AchievementTemplate | None:
    """What a form says, or None with each mistake noted. `before` is what the draft says so far, `organisation` a slug.

    What no form shows, such as an own skill's name in other languages, stays as it was.
    """
    language = _choice(filled, "language", PROGRAMME_LANGUAGES, also=before.language)
    tags = languages_in(filled)
    own = _own_skills(filled, organisation)
    skills = tuple(dict.fromkeys((*filled.several("skills"), *own)))
    quality, scale = _choice(filled, "quality_assurance", QUALITY_ASSURANCES), _grading(filled)
    amount, system = _credits(filled)
    supervision = _choice(filled, "supervision", tuple(map(str, range(len(SUPERVISIONS)))))
    told = {tag: _long(filled, f"description_{tag}") for tag in tags}
    values: dict[str, Any] = {
        "titles": {tag: title for tag in tags if (title := _line(filled, f"title_{tag}"))},
        "language": language,
        "country": _choice(filled, "country", countries(ENGLISH), also=before.country),
        "awarding_body": _line(filled, "awarding_body") or None,
        "outcomes": _lines(filled, "outcomes"),
        "skills": skills,
        "skill_names": _names(before, skills, own, language),
        "workload_hours": filled.number("workload_hours", lowest=1, highest=100_000),
        "credits": amount,
        "credit_framework": system,
        "levels": _levels(filled),
        "assessment": _choice(filled, "assessment", ASSESSMENTS),
        "participation": _choice(filled, "participation", PARTICIPATIONS),
        "supervision": None if supervision is None else int(supervision),
        "quality_assurance": _quality(filled, quality),
        "verification_level": _choice(filled, "verification_level", VERIFICATION_LEVELS),
        "learning_route": _choice(filled, "learning_route", LEARNING_ROUTES),
        "grading": scale,
        "valid_for_months": filled.number("valid_for_months", lowest=1, highest=1_200),
        "stackable": _STACKABLE.get(filled.text("stackable")),
        "prerequisites": _lines(filled, "prerequisites"),
        "description": told.get(language or "") or None,
        "descriptions": {tag: text for tag, text in told.items() if text and tag != language},
    }
    if not filled.is_sound:
        return None
    try:
        description = AchievementTemplate(**values)
        refuse_hidden_characters(description)
    except BadElement as error:
        filled.fault(_field_of(error.element, language), str(error))
    except TemplateInvalid as error:
        filled.miss(_field_of(error.element, language), "programme_wrong_hidden")
    else:
        return description
    return None


def form_of(description: AchievementTemplate, organisation: str) -> FormData:
    """The form that says what a description says."""
    return FormData(list(_values(description, organisation)))


def languages_in(filled: Filled) -> tuple[str, ...]:
    """The languages a form has fields for: the programme's own first."""
    asked = (filled.text("language"), *filled.several("languages"))
    known = (tag for tag in asked if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag, re.ASCII))
    return tuple(dict.fromkeys(known))[:MOST_LANGUAGES]


def fingerprint(description: AchievementTemplate) -> str:
    """What tells that somebody else changed a draft while a form about it was open."""
    return hashlib.sha256(json.dumps(asdict(description), sort_keys=True).encode()).hexdigest()[:32]


def frameworks_for(description: AchievementTemplate) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The frameworks of levels to show at once, and those to show on demand."""
    near = {code for code, each in FRAMEWORKS.items() if each.country in {None, description.country}}
    first = (*(code for code in FRAMEWORKS if code in near or code in description.levels),)
    own = tuple(code for code in description.levels if code not in FRAMEWORKS)
    return (*first, *own), tuple(code for code in FRAMEWORKS if code not in first)


def levels_of(framework: str) -> range:
    """The levels to choose from."""
    known = FRAMEWORKS.get(framework)
    return range(known.lowest, known.highest + 1) if known else NATIONAL_LEVELS


_STACKABLE: Final = {"yes": True, "no": False}


def _values(description: AchievementTemplate, organisation: str) -> Iterator[tuple[str, str]]:
    language = description.language or ""
    yield "language", language
    tags = dict.fromkeys((*description.titles, *description.descriptions))
    yield from (("languages", tag) for tag in tags)
    yield from ((f"title_{tag}", title) for tag, title in description.titles.items())
    yield from ((f"description_{tag}", text) for tag, text in description.descriptions.items())
    yield f"description_{language}", description.description or ""
    for name in ("country", "awarding_body", "credit_framework", "assessment", "participation"):
        yield name, getattr(description, name) or ""
    for name in ("workload_hours", "supervision", "valid_for_months", "credits"):
        value = getattr(description, name)
        yield name, "" if value is None else f"{value:g}" if name == "credits" else str(value)
    for name in ("verification_level", "learning_route"):
        yield name, getattr(description, name) or ""
    yield "outcomes", "\n".join(description.outcomes)
    yield "prerequisites", "\n".join(description.prerequisites)
    yield from ((f"level_{code}", str(level)) for code, level in description.levels.items())
    quality, grading = description.quality_assurance, description.grading
    yield "quality_assurance", quality.type if quality else ""
    yield "quality_reference", (quality.reference if quality else None) or ""
    yield "grading", grading.scale if grading else ""
    yield "pass_mark", str(grading.pass_mark) if grading and grading.pass_mark is not None else ""
    yield "stackable", {True: "yes", False: "no"}.get(description.stackable, "")  # type: ignore[arg-type]  # None has none
    yield from (("skills", uri) for uri in description.skills if _ESCO in uri)
    own = [uri for uri in description.skills if _ESCO not in uri]
    yield "own_skills", "\n".join(_own_line(description, uri, organisation) for uri in own)


def _own_line(description: AchievementTemplate, uri: str, organisation: str) -> str:
    names = description.skill_names.get(uri, {})
    name = names.get(description.language or "") or next(iter(names.values()), "")
    if not name:
        return uri
    return name if uri == _made_up(name, organisation) else f"{name} {uri}"


def _own_skills(filled: Filled, organisation: str) -> dict[str, str]:
    """URI → name, empty for a bare URI. A skill without an address gets one, the same for the same name."""
    found: dict[str, str] = {}
    for line in _lines(filled, "own_skills"):
        if match := _OWN_SKILL.fullmatch(line):
            found[match["uri"]] = match["name"]
        elif re.match(r"(https?|urn):\S+$", line):
            found[line] = ""
        else:
            found[_made_up(line, organisation)] = line
    return found


def _made_up(name: str, organisation: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'urn:ujuzi:skill:{organisation}:{name}')}"


def _names(
    before: AchievementTemplate, skills: tuple[str, ...], own: Mapping[str, str], language: str | None
) -> dict[str, dict[str, str]]:
    names = {uri: dict(each) for uri, each in before.skill_names.items() if uri in skills}
    for uri, name in own.items():
        if name:
            names.setdefault(uri, {})[language or ENGLISH] = name
    return names


def _line(filled: Filled, name: str) -> str:
    return _short_enough(filled, name, filled.text(name))


def _long(filled: Filled, name: str) -> str:
    return _short_enough(filled, name, filled.whole(name).replace("\r\n", "\n").replace("\r", "\n").strip())


def _short_enough(filled: Filled, name: str, text: str) -> str:
    if len(text) > LONGEST:
        filled.miss(name, "programme_wrong_long")
    return text


def _lines(filled: Filled, name: str) -> tuple[str, ...]:
    lines = filled.lines(name)
    if len(lines) > MOST_ITEMS:
        filled.miss(name, "programme_wrong_many")
    for each in lines:
        _short_enough(filled, name, each)
    return lines


def _choice(
    filled: Filled, name: str, among: Mapping[str, str] | tuple[str, ...], *, also: str | None = None
) -> str | None:
    chosen = filled.text(name)
    if chosen and chosen not in among and chosen != also:
        filled.miss(name, "programme_wrong_choice")
    return chosen or None


def _levels(filled: Filled) -> dict[str, int]:
    found = {}
    for name in filled.form:
        if name.startswith("level_") and filled.text(name):
            code = name.removeprefix("level_")
            levels = levels_of(code)
            if (level := filled.number(name, lowest=levels[0], highest=levels[-1])) is not None:
                found[code] = level
    return found


def _credits(filled: Filled) -> tuple[float | None, str | None]:
    given, system = filled.text("credits"), _choice(filled, "credit_framework", CREDIT_FRAMEWORKS)
    if given and (not _CREDITS.fullmatch(given) or not 0 < float(given.replace(",", ".")) <= MOST_CREDITS):
        filled.miss("credits", "programme_wrong_credits")
        return None, system
    if bool(given) != bool(system):
        filled.miss("credit_framework" if given else "credits", "programme_wrong_pair")
    return float(given.replace(",", ".")) if given else None, system


def _quality(filled: Filled, kind: str | None) -> QualityAssurance | None:
    reference = _line(filled, "quality_reference") or None
    if reference and not kind:
        filled.miss("quality_assurance", "programme_wrong_quality")
    return _made(lambda: QualityAssurance(kind, reference)) if kind else None


def _grading(filled: Filled) -> Grading | None:
    scale = _choice(filled, "grading", GRADING_SCALES)
    mark = filled.number("pass_mark", lowest=0, highest=100)
    if mark is not None and scale != "percentage":
        filled.miss("pass_mark", "programme_wrong_mark")
    return _made(lambda: Grading(scale, mark)) if scale else None


def _made[Part](make: Callable[[], Part]) -> Part | None:
    """None for a part whose mistake is noted already."""
    try:
        return make()
    except BadElement:
        return None


def _field_of(element: str, language: str | None) -> str:
    for kind in ("title", "description"):
        if element.startswith(f"{kind} in "):
            return f"{kind}_{element.removeprefix(f'{kind} in ')}"
    if element == "description":
        return f"description_{language}"
    return _FIELDS.get(element, element)
