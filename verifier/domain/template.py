"""Requirement templates: a requirement with holes, its parameters, and its life.

draft ── published ── retired

A draft may be changed or deleted. A published version never changes: what is asked differently is a new version. A retired one
is asked no more, and stays for the requests that name it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, assert_never

from shared.contracts.signed_request import MAX_ALTERNATIVES
from verifier.errors import Fault, RequirementInvalid, TemplateFixed

HOLE = "parameter"
"""`{"parameter": "hours"}` stands where the value of that parameter goes."""
MAX_PARAMETERS = 20
MAX_TEXT = 400
_LANGUAGE = re.compile(r"[a-z]{2,3}")

type Json = str | int | float | bool | list["Json"] | dict[str, "Json"] | None
type Body = Mapping[str, Json]
"""A requirement as the API takes it, with holes."""


@dataclass(frozen=True)
class IntegerParameter:
    """A whole number within bounds, such as hours or `keep_days`."""

    minimum: int
    maximum: int
    default: int | None = None
    kind: Literal["integer"] = "integer"


@dataclass(frozen=True)
class LevelParameter:
    """A level of one framework; fills a `level` as a whole."""

    framework: str
    minimum: int
    maximum: int
    default: int | None = None
    kind: Literal["level"] = "level"


@dataclass(frozen=True)
class SkillParameter:
    """A skill out of an allowed set of URIs."""

    allowed: tuple[str, ...]
    default: str | None = None
    kind: Literal["skill"] = "skill"


@dataclass(frozen=True)
class DateParameter:
    """A day within bounds."""

    earliest: date | None = None
    latest: date | None = None
    default: date | None = None
    kind: Literal["date"] = "date"


@dataclass(frozen=True)
class TextParameter:
    """The words of the purpose, in one language or, by language, in several."""

    longest: int = MAX_TEXT
    default: str | Mapping[str, str] | None = None
    kind: Literal["text"] = "text"


type Parameter = IntegerParameter | LevelParameter | SkillParameter | DateParameter | TextParameter


@dataclass(frozen=True)
class Ref:
    """`junior-data-analyst@2`."""

    id: str
    version: int

    def __str__(self) -> str:
        return f"{self.id}@{self.version}"


@dataclass(frozen=True)
class UsedTemplate:
    """What a request was made from: the version and every value that went in, defaults included."""

    ref: Ref
    parameters: Mapping[str, Json]


@dataclass(frozen=True)
class Content:
    """What a version says; `body` is a requirement with holes."""

    name: str
    parameters: Mapping[str, Parameter]
    body: Body


@dataclass(frozen=True)
class Draft:
    """May be changed; is not asked."""

    ref: Ref
    content: Content
    created_at: datetime


@dataclass(frozen=True)
class Published:
    """Never changes; requests are made from it."""

    ref: Ref
    content: Content
    created_at: datetime
    published_at: datetime


@dataclass(frozen=True)
class Retired:
    """Asked no more."""

    ref: Ref
    content: Content
    created_at: datetime
    published_at: datetime
    retired_at: datetime


type Template = Draft | Published | Retired
type TemplateState = Literal["draft", "published", "retired"]
TEMPLATE_STATES: Mapping[type, TemplateState] = {Draft: "draft", Published: "published", Retired: "retired"}


def template_state(template: Template) -> TemplateState:
    """The state as the API says it."""
    return TEMPLATE_STATES[type(template)]


def change(template: Template, content: Content) -> Draft:
    """The draft with other content. Raises TemplateFixed for what is published."""
    return replace(_draft(template, "changed"), content=content)


def discard(template: Template) -> Draft:
    """The draft that is deleted. Raises TemplateFixed for what is published."""
    return _draft(template, "deleted")


def publish(template: Template, *, now: datetime) -> Published:
    """The draft becomes a version that requests are made from. Publishing twice is no error; raises TemplateFixed for a retired one."""
    if isinstance(template, Published):
        return template
    draft = _draft(template, "published")
    return Published(draft.ref, draft.content, draft.created_at, now)


def retire(template: Template, *, now: datetime) -> Retired:
    """Nobody is asked by it any more. Retiring twice is no error; raises TemplateFixed for a draft."""
    match template:
        case Retired():
            return template
        case Published(ref, content, created_at, published_at):
            return Retired(ref, content, created_at, published_at, now)
        case Draft():
            raise TemplateFixed(f"{template.ref} is a draft: delete it, there is nothing to retire")
        case _:
            assert_never(template)


def _draft(template: Template, what: str) -> Draft:
    if not isinstance(template, Draft):
        raise TemplateFixed(
            f"{template.ref} is {template_state(template)} and cannot be {what}: requests name it."
            " Make a new version with POST /v1/templates"
        )
    return template


# --- parameters and holes --------------------------------------------------------------------------------------------


def fill(template: Template, given: Mapping[str, Json]) -> tuple[dict[str, Json], UsedTemplate]:
    """The requirement with every hole filled, and what went in. Raises TemplateFixed, RequirementInvalid."""
    if not isinstance(template, Published):
        raise TemplateFixed(
            f"{template.ref} is {template_state(template)}: requests are made from a published version;"
            " see GET /v1/templates"
        )
    return _fill(template, given)


def try_out(template: Template, given: Mapping[str, Json]) -> dict[str, Json]:
    """The same of a template in any state, for a preview: what is not given and has no default is the lowest that may be."""
    lowest = {name: lowest_of(each) for name, each in template.content.parameters.items()}
    defaults = {
        name: usual
        for name, each in template.content.parameters.items()
        if (usual := _default(each)) is not None
    }
    return _fill(template, {**lowest, **defaults, **given})[0]


def _fill(template: Template, given: Mapping[str, Json]) -> tuple[dict[str, Json], UsedTemplate]:
    parameters = template.content.parameters
    faults = [
        Fault(
            f"parameters.{name}",
            f"is no parameter of {template.ref}; it has: {', '.join(sorted(parameters)) or 'none'}",
        )
        for name in given
        if name not in parameters
    ]
    values: dict[str, Json] = {}
    for name, parameter in parameters.items():
        value = given.get(name, _default(parameter))
        if value is None:
            faults.append(Fault(f"parameters.{name}", f"is missing: give {expected(parameter)}"))
        elif (wrong := _wrong(parameter, value)) is not None:
            faults.append(Fault(f"parameters.{name}", wrong))
        else:
            values[name] = value
    if faults:
        raise RequirementInvalid(tuple(faults))
    filled = _filled(dict(template.content.body), lambda name: _put(parameters[name], values[name]))
    assert isinstance(filled, dict)  # noqa: S101 - an object stays one
    return filled, UsedTemplate(template.ref, values)


def check_content(content: Content) -> Iterator[Fault]:
    """What is wrong with the parameters and holes of a template; whether the requirement can be asked is seen by filling it."""
    if len(content.parameters) > MAX_PARAMETERS:
        yield Fault("parameters", f"are {len(content.parameters)}; the most is {MAX_PARAMETERS}")
    holes = set(_holes(dict(content.body)))
    for name in sorted(holes - content.parameters.keys()):
        yield Fault("requirement", f"has a hole for {name!r}, which is no parameter: add it to parameters")
    for name, parameter in content.parameters.items():
        where = f"parameters.{name}"
        if name not in holes:
            yield Fault(
                where,
                'fills no hole: write {"parameter": "' + name + '"} where its value goes, or leave it out',
            )
        yield from (Fault(where, what) for what in _unsound(parameter))
        default = _default(parameter)
        if default is not None and (wrong := _wrong(parameter, default)) is not None:
            yield Fault(f"{where}.default", wrong)


def extremes(content: Content) -> Iterator[dict[str, Json]]:
    """Values that a sound template must make a requirement of: the lowest of every parameter, then the highest."""
    yield {name: lowest_of(parameter) for name, parameter in content.parameters.items()}
    yield {name: _highest(parameter) for name, parameter in content.parameters.items()}


def expected(parameter: Parameter) -> str:
    """What a value must be, in words."""
    match parameter:
        case IntegerParameter(minimum, maximum):
            return f"a whole number from {minimum} to {maximum}"
        case LevelParameter(framework, minimum, maximum):
            return f"a level of {framework} from {minimum} to {maximum}, as a whole number"
        case SkillParameter(allowed):
            return f"one of {', '.join(allowed)}"
        case DateParameter(earliest, latest):
            since = f", {earliest} or later" if earliest else ""
            until = f", {latest} or earlier" if latest else ""
            return f"a day as 2026-01-31{since}{until}"
        case TextParameter(longest):
            return f'a text of at most {longest} characters, or one for each language as {{"en": …}}'
        case _:
            assert_never(parameter)


def _wrong(parameter: Parameter, value: Json) -> str | None:
    """Why the value will not do. It is not repeated: a purpose may name somebody."""
    good: bool
    match parameter:
        case IntegerParameter(minimum, maximum) | LevelParameter(_, minimum, maximum):
            good = type(value) is int and minimum <= value <= maximum
        case SkillParameter(allowed):
            good = value in allowed
        case DateParameter(earliest, latest):
            day = _day(value)
            good = day is not None and (earliest or date.min) <= day <= (latest or date.max)
        case TextParameter(longest):
            texts = value if isinstance(value, dict) else {"en": value}
            good = bool(texts) and all(
                isinstance(text, str) and 0 < len(text) <= longest and _LANGUAGE.fullmatch(language)
                for language, text in texts.items()
            )
        case _:
            assert_never(parameter)
    return None if good else f"is not {expected(parameter)}"


def _unsound(parameter: Parameter) -> Iterator[str]:
    match parameter:
        case IntegerParameter(minimum, maximum) | LevelParameter(_, minimum, maximum):
            if minimum > maximum:
                yield f"has a minimum of {minimum} above its maximum of {maximum}"
        case SkillParameter(allowed):
            if not 1 <= len(allowed) <= 10 * MAX_ALTERNATIVES:
                yield f"allows {len(allowed)} skills; it must be from 1 to {10 * MAX_ALTERNATIVES}"
        case DateParameter(earliest, latest):
            if earliest is not None and latest is not None and earliest > latest:
                yield "begins after it ends"
        case TextParameter(longest):
            if not 1 <= longest <= MAX_TEXT:
                yield f"may be {longest} characters long; it must be from 1 to {MAX_TEXT}"
        case _:
            assert_never(parameter)


def _default(parameter: Parameter) -> Json:
    default = parameter.default
    if isinstance(default, date):
        return default.isoformat()
    return dict(default) if isinstance(default, Mapping) else default


def lowest_of(parameter: Parameter) -> Json:
    """The lowest value that may be."""
    match parameter:
        case IntegerParameter(minimum) | LevelParameter(_, minimum):
            return minimum
        case SkillParameter(allowed):
            return allowed[0] if allowed else None
        case DateParameter(earliest, latest):
            return (earliest or min(date(2000, 1, 1), latest or date.max)).isoformat()
        case TextParameter():
            return _default(parameter) or "…"
        case _:
            assert_never(parameter)


def _highest(parameter: Parameter) -> Json:
    match parameter:
        case IntegerParameter(_, maximum) | LevelParameter(_, _, maximum):
            return maximum
        case SkillParameter(allowed):
            return allowed[-1] if allowed else None
        case _:
            return lowest_of(parameter)


def _put(parameter: Parameter, value: Json) -> Json:
    """What stands in the hole."""
    if isinstance(parameter, LevelParameter):
        return {"framework": parameter.framework, "at_least": value}
    return value


def _filled(part: Json, value_of: Callable[[str], Json]) -> Json:
    match part:
        case {"parameter": str(name), **rest} if not rest:
            return value_of(name)
        case dict():
            return {key: _filled(each, value_of) for key, each in part.items()}
        case list():
            return [_filled(each, value_of) for each in part]
        case _:
            return part


def _holes(part: Json) -> Iterator[str]:
    match part:
        case {"parameter": str(name), **rest} if not rest:
            yield name
        case dict():
            for each in part.values():
                yield from _holes(each)
        case list():
            for each in part:
                yield from _holes(each)
        case _:
            return


def _day(value: Json) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
