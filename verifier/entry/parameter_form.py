"""What goes into a template's holes, as fields of a form and back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from pydantic import ValidationError

from shared.web.forms import Filled
from verifier.domain.requirement import MAX_PURPOSE
from verifier.domain.template import (
    DateParameter,
    IntegerParameter,
    Json,
    LevelParameter,
    Parameter,
    SkillParameter,
    Template,
    TextParameter,
)
from verifier.entry.shapes import FromTemplateBody
from verifier.errors import Fault

KNOWN: Final = frozenset(
    {"purpose", "skill", "level", "workload_hours", "awarded_after", "keep_days", "expires_in", "renewals"}
)
"""Fields of a requirement that the console has words for: `field_…`."""
_AT: Final[Mapping[str, str]] = {
    "applicant": "given_name",
    "applicant.given_name": "given_name",
    "applicant.family_name": "family_name",
    "session": "return_url",
    "session.return_url": "return_url",
    "session.reference": "reference",
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field; `about` is the part of the requirement it fills, `language` that of its text."""

    name: str
    parameter: str
    kind: str
    about: str
    framework: str = ""
    language: str = ""
    lowest: str = ""
    highest: str = ""
    options: tuple[str, ...] = ()
    value: str = ""
    longest: int = MAX_PURPOSE


def fields_of(template: Template) -> list[Field]:
    """A field for each parameter, for each language of a text."""
    about = _places(template)
    return [
        field
        for name, parameter in template.content.parameters.items()
        for field in _fields(name, parameter, about.get(name, ""))
    ]


def asking_in(filled: Filled, template: Template, *, sessions: bool) -> FromTemplateBody | None:
    """What the API would be given; None with every mistake noted."""
    values: dict[str, Json] = {}
    for field in fields_of(template):
        given = filled.whole(field.name).strip()
        if not given:
            continue
        if field.language:
            texts = values.setdefault(field.parameter, {})
            assert isinstance(texts, dict)  # noqa: S101 - every field of this parameter has a language
            texts[field.language] = given
        elif field.kind in {"number", "level"}:
            values[field.parameter] = int(given) if given.lstrip("-").isdecimal() else given
        else:
            values[field.parameter] = given
    body: dict[str, object] = {"template": str(template.ref), "parameters": values}
    if template.content.body.get("name_match"):
        body["applicant"] = {
            "given_name": filled.text("given_name"),
            "family_name": filled.text("family_name"),
        }
    if sessions and (filled.text("return_url") or filled.text("reference")):
        body["session"] = {
            "return_url": filled.text("return_url"),
            "reference": filled.text("reference"),
            "must_be_bound": bool(filled.text("must_be_bound")),
        }
    try:
        return FromTemplateBody.model_validate(body)
    except ValidationError as error:
        for each in error.errors(include_input=False):
            where = ".".join(str(part) for part in each["loc"])
            filled.fault(_AT.get(where, "whole"), str(each["msg"]))
        return None


def note_faults(filled: Filled, template: Template, faults: tuple[Fault, ...]) -> None:
    """Put what the API found at the fields it is about; the rest at `whole`."""
    names = {f"parameters.{field.parameter}": field.name for field in reversed(fields_of(template))}
    for fault in faults:
        at = names.get(fault.where) or _AT.get(fault.where)
        filled.fault(at or "whole", fault.what if at else f"{fault.where}: {fault.what}")


def _fields(name: str, parameter: Parameter, about: str) -> Iterator[Field]:
    at = f"p-{name}"
    match parameter:
        case IntegerParameter(minimum, maximum, default):
            yield Field(
                name=at,
                parameter=name,
                kind="number",
                about=about,
                lowest=str(minimum),
                highest=str(maximum),
                value=_said(default),
            )
        case LevelParameter(framework, minimum, maximum, default):
            yield Field(
                name=at,
                parameter=name,
                kind="level",
                about=about,
                framework=framework.upper(),
                options=tuple(str(each) for each in range(minimum, maximum + 1)),
                value=_said(default),
            )
        case SkillParameter(allowed, default):
            yield Field(
                name=at, parameter=name, kind="skill", about=about, options=allowed, value=_said(default)
            )
        case DateParameter(earliest, latest, default):
            yield Field(
                name=at,
                parameter=name,
                kind="date",
                about=about,
                lowest=_said(earliest),
                highest=_said(latest),
                value=_said(default),
            )
        case TextParameter(longest, default):
            texts = default if isinstance(default, Mapping) else {"": default or ""}
            for language, text in texts.items():
                yield Field(
                    name=f"{at}-{language}" if language else at,
                    parameter=name,
                    kind="text",
                    about=about,
                    language=language,
                    longest=longest,
                    value=text,
                )
        case _:
            assert_never(parameter)


def _said(value: object) -> str:
    return "" if value is None else str(value)


def _places(template: Template) -> dict[str, str]:
    """Which part of the requirement each parameter fills; the first, where there are several."""
    found: dict[str, str] = {}

    def walk(part: Json, at: str) -> None:
        match part:
            case {"parameter": str(name), **rest} if not rest:
                found.setdefault(name, at)
            case dict():
                for key, each in part.items():
                    walk(each, at if key == "at_least" else key)
            case list():
                for each in part:
                    walk(each, at)
            case _:
                pass

    walk(dict(template.content.body), "")
    return {name: at for name, at in found.items() if at in KNOWN}
