"""Programme editions: Open Badges 3.0 `Achievement` documents with every element of EU 2022/C 243/02, Annex I.

A template is a draft: elements may be missing (`missing_elements` names them) but none may be wrong (BadElement).
`build` makes the document that is published as a signed, content-addressed object; its id is that object's id, so the
document itself carries none. `read` turns a published document into the facts others judge by.

AchievementError ─ BadElement (of a template) · IncompleteTemplate · EditionMalformed (a foreign document)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shared.contracts.errors import UjuziError
from shared.vc.dateint import DateMalformed, from_rfc3339, rfc3339

ASSESSMENTS = ("written", "oral", "portfolio", "project", "practical")
PARTICIPATIONS = ("online", "presential", "blended", "work-based")
QUALITY_ASSURANCES = ("institutional", "programme")
VERIFICATION_LEVELS = ("self", "peer", "independent")
LEARNING_ROUTES = ("formal", "non-formal", "informal", "recognition of prior learning")
SUPERVISIONS = (
    "unsupervised",
    "supervised, no identity check",
    "online with identity check",
    "on site with identity check",
)
CREDIT_FRAMEWORKS = ("ECTS", "ACTS", "EACAT", "SADC-CATS", "10-notional-hours", "US-semester")
GRADING_SCALES = ("pass", "percentage")
MANDATORY: Mapping[str, str] = {
    "titles": "title (in the programme's language)",
    "language": "language",
    "country": "country of the issuer",
    "awarding_body": "awarding body",
    "outcomes": "learning outcomes",
    "workload_hours": "notional workload (hours)",
    "levels": "level (for instance eqf)",
    "assessment": "type of assessment",
    "participation": "form of participation",
    "quality_assurance": "type of quality assurance",
}
"""The template's fields without which nothing is published, in the words of Annex I."""
_LEVELS = {
    "eqf": (1, 8),
    "acqf": (1, 10),
    "sadcqf": (1, 10),
    "qf-ehea": (0, 3),
    "cv-nqf": (1, 8),
    "ma-nqf": (1, 8),
}
_NATIONAL_LEVELS = (1, 12)
_NATIONAL = re.compile(r"[a-z]{2}-nqf", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", re.ASCII)
_MOST_HOURS = 100_000
_MOST_CREDITS = 10_000
_MOST_MONTHS = 1_200
_PERCENT = 100
_LONGEST_TEXT = 4_000
_MOST_ITEMS = 100

CONTEXT: tuple[Any, ...] = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    {
        "ujuzi": "urn:ujuzi:terms:",
        **{
            name: {"@id": f"ujuzi:{name}", "@type": "@json"}
            for name in (
                "titles",
                "learningOutcomes",
                "levels",
                "qualityAssurance",
                "grading",
                "prerequisites",
                "skillNames",
                "descriptions",
            )
        },
        **{
            name: f"ujuzi:{name}"
            for name in (
                "assessmentType",
                "awardingBody",
                "creditFramework",
                "issuerId",
                "learningRoute",
                "participationType",
                "publishedAt",
                "stackable",
                "supervisionLevel",
                "validForMonths",
                "verificationLevel",
                "workloadHours",
            )
        },
    },
)
_SKILL_TYPES = {
    "data.europa.eu/esco/skill/": "ext:ESCO",
    "data.europa.eu/esco/isco/": "ext:ISCO08",
    "onetonline.org/": "ext:ONET",
    "": "ext:RSD",  # anything else is taken for a rich skill descriptor
}
_LEVEL_NAMES = {
    "eqf": ("ext:EQF", "EQF level {}", "http://data.europa.eu/snb/eqf/{}"),
    "acqf": ("ext:ACQF", "ACQF level {}", "https://data.acqf-qcp.africa/model/acqf-levels/resource/level-{}"),
}


_SKILL_FRAMEWORKS = {
    "ext:ESCO": "ESCO",
    "ext:ISCO08": "ISCO-08",
    "ext:ONET": "O*NET",
}
_FALLBACK_LANGUAGE = "en"


class AchievementError(UjuziError):
    """A programme description was refused."""


class BadElement(AchievementError):
    """An element has a value it cannot have; `element` names it."""

    def __init__(self, element: str, message: str) -> None:
        super().__init__(f"{element}: {message}")
        self.element = element


class IncompleteTemplate(AchievementError):
    """Mandatory elements are missing; `missing` names them."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"These elements of Annex I are missing: {', '.join(missing)}. Add them to publish.")
        self.missing = missing


class EditionMalformed(AchievementError):
    """A published document is no edition this version can read."""


@dataclass(frozen=True)
class Grading:
    """How results are stated; `pass_mark` is a percentage."""

    scale: str
    pass_mark: int | None = None

    def __post_init__(self) -> None:
        _one_of("grading scale", self.scale, GRADING_SCALES)
        _within("grading pass mark", self.pass_mark, (0, _PERCENT))


@dataclass(frozen=True)
class QualityAssurance:
    """What is quality-assured: the institution or the programme; `reference` says how, for a reader."""

    type: str
    reference: str | None = None

    def __post_init__(self) -> None:
        _one_of("type of quality assurance", self.type, QUALITY_ASSURANCES)
        _text("quality assurance reference", self.reference)


@dataclass(frozen=True)
class AchievementTemplate:
    """A programme as its provider describes it. None or empty means: not said yet. Raises BadElement.

    `supervision` 0 none, 1 supervised without identity check, 2 online with, 3 on site with identity check.
    `levels` maps framework names (eqf, acqf, sadcqf, qf-ehea, ke-nqf …) to levels.
    `skill_names` maps URIs among `skills` to names by language. `description` is in the programme's language, `descriptions` in
    others.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None
    country: str | None = None
    awarding_body: str | None = None
    outcomes: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    skill_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    workload_hours: int | None = None
    credits: float | None = None
    credit_framework: str | None = None
    levels: Mapping[str, int] = field(default_factory=dict)
    assessment: str | None = None
    participation: str | None = None
    supervision: int | None = None
    quality_assurance: QualityAssurance | None = None
    verification_level: str | None = None
    learning_route: str | None = None
    grading: Grading | None = None
    valid_for_months: int | None = None
    stackable: bool | None = None
    prerequisites: tuple[str, ...] = ()
    description: str | None = None
    descriptions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_texts(self)
        _one_of("assessment", self.assessment, ASSESSMENTS)
        _one_of("participation", self.participation, PARTICIPATIONS)
        _one_of("verification level", self.verification_level, VERIFICATION_LEVELS)
        _one_of("learning route", self.learning_route, LEARNING_ROUTES)
        _one_of("credit framework", self.credit_framework, CREDIT_FRAMEWORKS)
        _within("supervision", self.supervision, (0, len(SUPERVISIONS) - 1))
        _within("workload hours", self.workload_hours, (1, _MOST_HOURS))
        _within("valid for months", self.valid_for_months, (1, _MOST_MONTHS))
        if self.stackable not in {None, True, False}:
            raise BadElement("stackable", f"true or false was expected, {self.stackable!r} was found.")
        for framework, level in self.levels.items():
            _within(f"level {framework}", level, _levels_of(framework))
        _check_credits(self.credits, self.credit_framework)
        _check_skill_names(self)


@dataclass(frozen=True)
class Edition:
    """The facts of a published programme. `content` is the document they were read from.

    `follows` is the id of the issuer's edition that this one takes the place of.
    """

    issuer_did: str
    issuer_name: str
    titles: Mapping[str, str]
    language: str
    country: str
    awarding_body: str
    outcomes: tuple[str, ...]
    skills: tuple[str, ...]
    skill_names: Mapping[str, Mapping[str, str]]
    levels: Mapping[str, int]
    workload_hours: int | None
    credits: float | None
    credit_framework: str | None
    assessment: str
    participation: str
    supervision: int | None
    quality_assurance: QualityAssurance
    verification_level: str | None
    learning_route: str | None
    grading: Grading | None
    valid_for_months: int | None
    stackable: bool | None
    prerequisites: tuple[str, ...]
    description: str | None
    published_at: datetime
    content: Mapping[str, Any] = field(repr=False, compare=False)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    follows: str | None = None

    @property
    def eqf_level(self) -> int | None:
        """The level in the European Qualifications Framework, if stated."""
        return self.levels.get("eqf")

    def title(self, language: str | None = None) -> str:
        """Return the title in a language, else in its base language, else in the programme's own."""
        wanted = (language or self.language, (language or "").partition("-")[0], self.language)
        return next(self.titles[name] for name in wanted if name in self.titles)

    def skill_name(self, skill: str, language: str) -> str:
        """Return a skill's name in a language, else in the programme's, else in English, else its URI.

        English stands in because no register of skills speaks every language: ESCO has no Kiswahili.
        """
        return _skill_name(self.skill_names, skill, language, self.language)


def missing_elements(template: AchievementTemplate) -> list[str]:
    """Return, in plain words, each element that Annex I makes mandatory and the template lacks."""
    return [MANDATORY[name] for name in missing_fields(template)]


def missing_fields(template: AchievementTemplate) -> list[str]:
    """Return the same by their names among the template's fields, in the order of MANDATORY."""
    present = {
        "titles": template.language is not None and template.language in template.titles,
        "language": template.language,
        "country": template.country,
        "awarding_body": template.awarding_body,
        "outcomes": template.outcomes,
        "workload_hours": template.workload_hours,
        "levels": template.levels,
        "assessment": template.assessment,
        "participation": template.participation,
        "quality_assurance": template.quality_assurance,
    }
    return [name for name in MANDATORY if not present[name]]


def build(
    template: AchievementTemplate,
    *,
    issuer_did: str,
    issuer_name: str,
    now: datetime,
    follows: str | None = None,
) -> dict[str, Any]:
    """Return the Achievement document of a complete template. Raises IncompleteTemplate.

    `follows` is the id of the edition it takes the place of; Open Badges calls another version of an achievement `related`.
    """
    missing = missing_elements(template)
    if missing:
        raise IncompleteTemplate(missing)
    quality, grading = template.quality_assurance, template.grading
    title = template.titles[template.language or ""]
    document = {
        "@context": list(CONTEXT),
        "type": ["Achievement"],
        "issuerId": issuer_did,
        "creator": {
            "id": issuer_did,
            "type": ["Profile"],
            "name": issuer_name,
            "address": {"type": ["Address"], "addressCountryCode": template.country},
        },
        "achievementType": "MicroCredential",
        "name": title,
        "description": template.description or title,
        "inLanguage": template.language,
        "criteria": {"narrative": "\n".join(f"- {outcome}" for outcome in template.outcomes)},
        "alignment": _alignments(template),
        "creditsAvailable": template.credits,
        "titles": dict(template.titles),
        "skillNames": {skill: dict(names) for skill, names in template.skill_names.items()} or None,
        "learningOutcomes": list(template.outcomes),
        "awardingBody": template.awarding_body,
        "levels": dict(template.levels),
        "workloadHours": template.workload_hours,
        "creditFramework": template.credit_framework,
        "assessmentType": template.assessment,
        "participationType": template.participation,
        "supervisionLevel": template.supervision,
        "qualityAssurance": quality and _without_none({"type": quality.type, "reference": quality.reference}),
        "verificationLevel": template.verification_level,
        "learningRoute": template.learning_route,
        "grading": grading and _without_none({"scale": grading.scale, "pass": grading.pass_mark}),
        "validForMonths": template.valid_for_months,
        "stackable": template.stackable,
        "prerequisites": list(template.prerequisites) or None,
        "descriptions": dict(template.descriptions) or None,
        "related": follows and [{"type": ["Related"], "id": follows}],
        "publishedAt": rfc3339(now),
    }
    return _without_none(document)


def read(content: Mapping[str, Any]) -> Edition:
    """Return the facts of a published Achievement. Raises EditionMalformed with the reason."""
    try:
        template = _template(content)
        creator = content["creator"]
        issuer_did, issuer_name = content["issuerId"], creator["name"]
        published_at = from_rfc3339(content["publishedAt"])
        own = issuer_did == creator["id"] and isinstance(issuer_name, str) and isinstance(issuer_did, str)
        follows = _follows(content, issuer_did)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EditionMalformed(f"The programme description lacks or misshapes {error}.") from error
    except (BadElement, DateMalformed) as error:
        raise EditionMalformed(f"The programme description is faulty: {error}") from error
    if content.get("type") != ["Achievement"] or not own:
        raise EditionMalformed("A document of type Achievement was expected whose creator is its issuer.")
    if missing := missing_elements(template):
        raise EditionMalformed(f"The programme description lacks {', '.join(missing)}.")
    standard = build(template, issuer_did=issuer_did, issuer_name=issuer_name, now=published_at)
    for name in ("name", "criteria", "alignment"):
        if content.get(name) != standard[name]:
            raise EditionMalformed(
                f"{name} says something else than the elements it repeats: ask the issuer to correct it."
            )
    edition = _edition(template, content, issuer_did, issuer_name, published_at)
    return replace(edition, follows=follows)


def _follows(content: Mapping[str, Any], issuer_did: str) -> str | None:
    """The issuer's own edition before this one; what else is related, such as another's, is left out."""
    ids = [str(each["id"]) for each in content.get("related", [])]
    return next((each for each in ids if each.startswith(f"{issuer_did}/resources/")), None)


def _template(content: Mapping[str, Any]) -> AchievementTemplate:
    quality, grading = content.get("qualityAssurance"), content.get("grading")
    alignments = content.get("alignment", [])
    return AchievementTemplate(
        titles=content["titles"],
        language=content["inLanguage"],
        country=content["creator"]["address"]["addressCountryCode"],
        awarding_body=content["awardingBody"],
        outcomes=_items(content["learningOutcomes"]),
        skills=tuple(
            entry["targetUrl"] for entry in alignments if entry["targetType"] in _SKILL_TYPES.values()
        ),
        skill_names=content.get("skillNames", {}),
        workload_hours=content.get("workloadHours"),
        credits=content.get("creditsAvailable"),
        credit_framework=content.get("creditFramework"),
        levels=content["levels"],
        assessment=content["assessmentType"],
        participation=content["participationType"],
        supervision=content.get("supervisionLevel"),
        quality_assurance=quality and QualityAssurance(quality["type"], quality.get("reference")),
        verification_level=content.get("verificationLevel"),
        learning_route=content.get("learningRoute"),
        grading=grading and Grading(grading["scale"], grading.get("pass")),
        valid_for_months=content.get("validForMonths"),
        stackable=content.get("stackable"),
        prerequisites=_items(content.get("prerequisites", [])),
        description=None if content["description"] == content["name"] else content["description"],
        descriptions=content.get("descriptions", {}),
    )


def _edition(
    template: AchievementTemplate,
    content: Mapping[str, Any],
    issuer_did: str,
    issuer_name: str,
    published_at: datetime,
) -> Edition:
    if template.quality_assurance is None:
        raise EditionMalformed("The programme description lacks the type of quality assurance.")
    return Edition(
        issuer_did=issuer_did,
        issuer_name=issuer_name,
        titles=template.titles,
        language=template.language or "",
        country=template.country or "",
        awarding_body=template.awarding_body or "",
        outcomes=template.outcomes,
        skills=template.skills,
        skill_names=template.skill_names,
        levels=template.levels,
        workload_hours=template.workload_hours,
        credits=template.credits,
        credit_framework=template.credit_framework,
        assessment=template.assessment or "",
        participation=template.participation or "",
        supervision=template.supervision,
        quality_assurance=template.quality_assurance,
        verification_level=template.verification_level,
        learning_route=template.learning_route,
        grading=template.grading,
        valid_for_months=template.valid_for_months,
        stackable=template.stackable,
        prerequisites=template.prerequisites,
        description=template.description,
        published_at=published_at,
        content=content,
        descriptions=template.descriptions,
    )


def _alignments(template: AchievementTemplate) -> list[dict[str, Any]]:
    return [_skill_alignment(template, uri) for uri in template.skills] + [
        _level_alignment(framework, level) for framework, level in sorted(template.levels.items())
    ]


def _skill_alignment(template: AchievementTemplate, uri: str) -> dict[str, Any]:
    """A skill without a name has its URI for one, as in every edition published before skills had names."""
    kind, language = _skill_type(uri), template.language or _FALLBACK_LANGUAGE
    alignment = {
        "type": ["Alignment"],
        "targetType": kind,
        "targetName": _skill_name(template.skill_names, uri, language, language),
        "targetUrl": uri,
    }
    if uri in template.skill_names and kind in _SKILL_FRAMEWORKS:
        alignment["targetFramework"] = _SKILL_FRAMEWORKS[kind]
    return alignment


def _skill_name(
    known: Mapping[str, Mapping[str, str]], skill: str, language: str, programmes_language: str
) -> str:
    names = known.get(skill, {})
    wanted = (language, language.partition("-")[0], programmes_language, _FALLBACK_LANGUAGE)
    return next((names[each] for each in wanted if each in names), skill)


def _skill_type(uri: str) -> str:
    return next(kind for mark, kind in _SKILL_TYPES.items() if mark in uri)


def _level_alignment(framework: str, level: int) -> dict[str, Any]:
    fallback = (f"ext:{framework.upper()}", f"{framework} level {{}}", f"urn:ujuzi:level:{framework}:{{}}")
    kind, name, url = _LEVEL_NAMES.get(framework, fallback)
    return {
        "type": ["Alignment"],
        "targetType": kind,
        "targetName": name.format(level),
        "targetCode": str(level),
        "targetUrl": url.format(level),
    }


def _levels_of(framework: str) -> tuple[int, int]:
    if framework in _LEVELS:
        return _LEVELS[framework]
    if isinstance(framework, str) and _NATIONAL.fullmatch(framework):
        return _NATIONAL_LEVELS
    known = ", ".join(_LEVELS)
    raise BadElement(
        "level",
        f"a framework among {known} or a national one like ke-nqf was expected, {framework!r} was found.",
    )


def _check_texts(template: AchievementTemplate) -> None:
    _text("awarding body", template.awarding_body)
    _text("description", template.description)
    _shaped("language", template.language, _LANGUAGE, "a language tag like en or sw")
    _shaped("country", template.country, _COUNTRY, "a two-letter country code like KE")
    for name, mapping in (
        ("title", template.titles),
        ("level", template.levels),
        ("description", template.descriptions),
    ):
        if not isinstance(mapping, Mapping):
            raise BadElement(name, f"a mapping was expected, a {type(mapping).__name__} was found.")
    for language, title in template.titles.items():
        _shaped("title", language, _LANGUAGE, "a title per language tag, like en or sw")
        _text(f"title in {language}", title, required=True)
    for language, description in template.descriptions.items():
        _shaped("description", language, _LANGUAGE, "a description per language tag, like en or sw")
        _text(f"description in {language}", description, required=True)
    for name, items in (("learning outcome", template.outcomes), ("prerequisite", template.prerequisites)):
        for item in _few(name, items):
            _text(name, item, required=True)
    for skill in _few("skill", template.skills):
        _shaped("skill", skill, _URI, "a URI like http://data.europa.eu/esco/skill/…")


def _check_skill_names(template: AchievementTemplate) -> None:
    if not isinstance(template.skill_names, Mapping):
        raise BadElement("skill name", "a mapping from skills to their names was expected.")
    for skill, names in template.skill_names.items():
        if skill not in template.skills:
            raise BadElement(
                "skill name", f"a skill of the programme was expected, {str(skill)[:80]!r} was found."
            )
        if not isinstance(names, Mapping) or not names:
            raise BadElement("skill name", f"names by language were expected for {skill[:80]!r}.")
        for language, name in names.items():
            _shaped("skill name", language, _LANGUAGE, "a name per language tag, like en or sw")
            _text(f"skill name in {language}", name, required=True)


def _check_credits(amount: object, framework: str | None) -> None:
    if amount is None and framework is None:
        return
    if amount is None or framework is None:
        raise BadElement("credits", "credits and their framework are given together or not at all.")
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 < amount <= _MOST_CREDITS:
        raise BadElement("credits", f"a number up to {_MOST_CREDITS} was expected, {amount!r} was found.")
    if round(amount * 10) / 10 != amount:
        raise BadElement("credits", f"tenths of a credit were expected at most, {amount!r} was found.")


def _few(name: str, items: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(items, tuple) or len(items) > _MOST_ITEMS:
        raise BadElement(name, f"at most {_MOST_ITEMS} of them were expected, as a sequence.")
    return items


def _items(value: object) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise TypeError("a list where several things are expected")  # becomes EditionMalformed
    return tuple(value)


def _one_of(element: str, value: object, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        raise BadElement(element, f"one of {', '.join(allowed)} was expected, {str(value)[:80]!r} was found.")


def _within(element: str, value: object, bounds: tuple[int, int]) -> None:
    if value is not None and (type(value) is not int or not bounds[0] <= value <= bounds[1]):
        raise BadElement(
            element,
            f"a whole number from {bounds[0]} to {bounds[1]} was expected, {str(value)[:80]!r} was found.",
        )


def _shaped(element: str, value: object, shape: re.Pattern[str], wanted: str) -> None:
    if value is not None and not (
        isinstance(value, str) and len(value) <= _LONGEST_TEXT and shape.fullmatch(value)
    ):
        raise BadElement(element, f"{wanted} was expected, {str(value)[:80]!r} was found.")


def _text(element: str, value: object, *, required: bool = False) -> None:
    if value is None and not required:
        return
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_TEXT:
        raise BadElement(
            element, f"a text of 1 to {_LONGEST_TEXT} characters was expected, {str(value)[:80]!r} was found."
        )


def _without_none(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}
