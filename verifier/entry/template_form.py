"""A template as a form and back. What the form cannot say is edited as JSON: `form_of` tells."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError
from starlette.datastructures import FormData

from shared.contracts.signed_request import MAX_KEEP_DAYS
from shared.web.forms import Filled
from shared.web.languages import LANGUAGES
from verifier.domain.requirement import ASKABLE, AWARDED, AWARDING_BODY, EXPIRY, MAX_WAYS
from verifier.domain.template import Json, Template
from verifier.entry.shapes import TEMPLATE_ID
from verifier.entry.template_shapes import ContentBody, NewTemplateBody, show_template
from verifier.errors import Fault

FRAMEWORKS: Final = ("eqf", "acqf", "sadcqf", "qf-ehea", "ke-nqf")
LEVELS: Final = range(1, 11)
GROUPS: Final = ("always", *(str(number) for number in range(1, MAX_WAYS + 1)))
"""A need is always asked, or belongs to one of the ways among which the learner chooses."""
MOST_SLOTS: Final = 12
DAY: Final = 86_400
LONGEST_HOURS: Final = 20_000
_OFTEN: Final = (
    "title",
    AWARDING_BODY,
    AWARDED,
    "grade",
    "grade_pct",
    "eqf_level",
    "workload_hours",
    "credits_x10",
    EXPIRY,
)
REVEALED: Final = (*_OFTEN, *sorted(ASKABLE.difference(_OFTEN)))
"""What may be shown, the most asked for first."""
_USUAL: Final[Mapping[str, Json]] = {
    "hide_programme": False,
    "renewals": 0,
    "status_required": True,
    "expires_in": 7 * DAY,
    "status_max_age": 7 * DAY,
    "name_match": None,
    "not_expired": False,
    "any_of": [],
    "need": [],
}
"""What a requirement need not say."""
_FIELDS: Final[Mapping[str, str]] = {
    "id": "id",
    "name": "name",
    "purpose": "purpose_en",
    "reveal": "reveal",
    "keep_days": "keep_days",
    "expires_in": "expires_days",
    "renewals": "renewals",
    "status_max_age": "status_days",
    "name_match": "name_match",
    "need": "whole",
    "any_of": "whole",
}
_PARTS: Final[Mapping[str, str]] = {
    "skill": "skills",
    "any_of": "skills",
    "level": "level",
    "workload_hours": "hours",
    "awarded_after": "after",
}
_PLACE: Final = re.compile(r"(?:need|any_of\.(?P<way>\d+)\.all_of)\.(?P<index>\d+)(?:\.(?P<part>[a-z_]+))?")


@dataclass
class _Reading:
    """A form on its way to a template; `slots` is where each parameter's field stands."""

    filled: Filled
    parameters: dict[str, dict[str, Json]] = field(default_factory=dict)
    slots: dict[str, str] = field(default_factory=dict)

    def hole(self, slot: str, usual: str, facts: Mapping[str, Json]) -> Json:
        """A parameter, and the hole it fills; its name stays what it was."""
        name = self.filled.text(f"n-{slot}") or usual
        self.parameters[name] = {key: value for key, value in facts.items() if value is not None}
        self.slots[name] = slot
        return {"parameter": name}

    def number(self, slot: str, usual: str, *, lowest: int, highest: int, wanted: bool = False) -> Json:
        """A number, or a hole for one within the bounds that are given."""
        low = self.filled.number(f"{slot}-low", lowest=lowest, highest=highest)
        high = self.filled.number(f"{slot}-high", lowest=lowest, highest=highest)
        fixed = low is None and high is None
        value = self.filled.number(slot, lowest=lowest, highest=highest, wanted=wanted and fixed)
        if fixed:
            return value
        bounds: dict[str, Json] = {"minimum": lowest if low is None else low}
        bounds["maximum"] = highest if high is None else high
        return self.hole(slot, usual, {"type": "integer", **bounds, "default": value})


@dataclass(frozen=True)
class ReadForm:
    """What a form says: the template, None with every mistake noted; and where each parameter and each need stands in it."""

    body: ContentBody | None
    slots: Mapping[str, str]
    places: Mapping[str, str]


def template_in(filled: Filled, template_id: str | None) -> ReadForm:
    """The template a form describes; with its id where it has none yet."""
    reading = _Reading(filled)
    needs, places = _needs(reading)
    requirement: dict[str, Json] = {
        "purpose": _purpose(reading),
        "reveal": list(filled.several("reveal")),
        **needs,
        "keep_days": reading.number("keep_days", "keep_days", lowest=1, highest=MAX_KEEP_DAYS, wanted=True),
        **_rules(filled),
    }
    if not filled.text("name"):
        filled.miss("name", "wrong_template_name")
    body: dict[str, object] = {
        "name": filled.text("name"),
        "parameters": reading.parameters,
        "requirement": requirement,
    }
    if template_id is None:
        body["id"] = filled.text("id")
        if not re.fullmatch(TEMPLATE_ID, filled.text("id")):
            filled.miss("id", "wrong_template_id")
    made = None
    if filled.is_sound:
        try:
            made = (NewTemplateBody if template_id is None else ContentBody).model_validate(body)
        except ValidationError as error:
            note_template_faults(filled, _faults(error), ReadForm(None, reading.slots, places))
    return ReadForm(made, reading.slots, places)


def _needs(reading: _Reading) -> tuple[dict[str, Json], dict[str, str]]:
    """`need` and `any_of`, and the field each need stands in."""
    filled = reading.filled
    groups: dict[str, list[Json]] = {group: [] for group in GROUPS}
    at: dict[str, list[str]] = {group: [] for group in GROUPS}
    for index in range(slots_in(filled)):
        if not _is_empty(filled, index):
            group = filled.text(f"need-{index}-group")
            group = group if group in GROUPS else GROUPS[0]
            groups[group].append(_need(reading, index))
            at[group].append(f"need-{index}")
    always, *ways = GROUPS
    used = [group for group in ways if groups[group]]
    if not groups[always] and not used:
        filled.miss("need-0-skills", "wrong_need_missing")
    found: dict[str, Json] = {"need": groups[always]} if groups[always] else {}
    if used:
        found["any_of"] = [{"all_of": groups[group]} for group in used]
    places = {f"need.{place}": field for place, field in enumerate(at[always])}
    for number, group in enumerate(used):
        places |= {f"any_of.{number}.all_of.{place}": field for place, field in enumerate(at[group])}
    return found, places


def note_template_faults(filled: Filled, faults: Iterable[Fault], read: ReadForm) -> None:
    """Put what the API found at the fields it is about; the rest at `whole`."""
    for fault in faults:
        where = fault.where.removeprefix("requirement.")
        at = _field(where, read)
        filled.fault(at, fault.what if at != "whole" else f"{fault.where} {fault.what}")


def form_of(template: Template) -> FormData | None:
    """The form that describes a template; None where no form does, and it is edited as JSON."""
    shown = show_template(template).model_dump(mode="json")
    try:
        values = list(_values(shown["name"], shown["requirement"], shown["parameters"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    form = FormData([("id", template.ref.id), *values])
    made = template_in(Filled(form), template.ref.id).body
    if made is None:
        return None
    again = made.model_dump(mode="json")
    same = _plain(again["requirement"]) == _plain(shown["requirement"])
    return form if same and again["parameters"] == shown["parameters"] else None


def slots_in(filled: Filled) -> int:
    """How many needs the form has room for."""
    found = filled.text("slots")
    return min(max(int(found), 1), MOST_SLOTS) if found.isascii() and found.isdigit() else 2


def _need(reading: _Reading, index: int) -> Json:
    filled, at = reading.filled, f"need-{index}"
    suffix = "" if index == 0 else f"_{index + 1}"
    kind: dict[str, Json] = {}
    if (level := _level(reading, at, f"level{suffix}")) is not None:
        kind["level"] = level
    hours = reading.number(f"{at}-hours", f"hours{suffix}", lowest=1, highest=LONGEST_HOURS)
    if isinstance(hours, int) or hours is not None:
        kind["workload_hours"] = {"at_least": hours}
    skills = filled.lines(f"{at}-skills")
    need: dict[str, Json] = dict(kind)
    if skills and filled.text(f"{at}-choose"):
        facts: dict[str, Json] = {"type": "skill", "allowed": list(skills), "default": skills[0]}
        need["skill"] = reading.hole(f"{at}-skills", f"skill{suffix}", facts)
    elif len(skills) == 1:
        need["skill"] = skills[0]
    elif skills:
        need = {"any_of": [{"skill": skill, **kind} for skill in skills]}
    if (after := _after(reading, at, f"awarded_after{suffix}")) is not None:
        need["awarded_after"] = after
    if filled.text(f"{at}-valid"):
        need["not_expired"] = True
    return need


def _is_empty(filled: Filled, index: int) -> bool:
    at = f"need-{index}"
    parts = ("skills", "level", "level-low", "level-high", "hours", "hours-low", "hours-high", "after")
    return not any(filled.text(f"{at}-{part}") for part in parts)


def _level(reading: _Reading, at: str, usual: str) -> Json:
    filled = reading.filled
    value, low, high = (
        filled.number(f"{at}-level{end}", lowest=LEVELS.start, highest=LEVELS.stop - 1)
        for end in ("", "-low", "-high")
    )
    if value is None and low is None and high is None:
        return None
    framework = filled.text(f"{at}-framework") or FRAMEWORKS[0]
    if low is None and high is None:
        return {"framework": framework, "at_least": value}
    if low is None or high is None:
        filled.miss(f"{at}-level-low", "wrong_bounds")
    facts: dict[str, Json] = {"type": "level", "framework": framework, "default": value}
    return reading.hole(f"{at}-level", usual, facts | {"minimum": low, "maximum": high})


def _after(reading: _Reading, at: str, usual: str) -> Json:
    filled = reading.filled
    said, earliest, latest = (
        None if day is None else day.isoformat()
        for day in (filled.day(f"{at}-after{end}") for end in ("", "-low", "-high"))
    )
    if not filled.text(f"{at}-after-ask"):
        return said
    return reading.hole(
        f"{at}-after", usual, {"type": "date", "earliest": earliest, "latest": latest, "default": said}
    )


def _purpose(reading: _Reading) -> Json:
    filled = reading.filled
    texts: dict[str, Json] = {
        tag: filled.whole(f"purpose_{tag}").strip() for tag in LANGUAGES if filled.text(f"purpose_{tag}")
    }
    if filled.text("purpose-ask"):
        return reading.hole("purpose_en", "purpose", {"type": "text", "default": texts or None})
    if not texts:
        filled.miss("purpose_en", "wrong_purpose_missing")
    return texts


def _rules(filled: Filled) -> dict[str, Json]:
    """What is said beside the needs, where it is not as usual."""
    expires = filled.number("expires_days", lowest=1, highest=30)
    renewals = filled.number("renewals", lowest=0, highest=3)
    status = filled.number("status_days", lowest=1, highest=1000)
    rules: dict[str, Json] = {
        "expires_in": None if expires is None else expires * DAY,
        "renewals": renewals,
        "status_max_age": None if status is None else status * DAY,
        "name_match": filled.text("name_match") or None,
        "hide_programme": bool(filled.text("hide_programme")),
        "status_required": not filled.text("status_optional"),
    }
    return {key: value for key, value in rules.items() if value is not None and value != _USUAL[key]}


def _field(where: str, read: ReadForm) -> str:
    if where.startswith("parameters."):
        return read.slots.get(where.split(".")[1], "whole")
    if (found := _PLACE.match(where)) is not None:
        way, index = found["way"], found["index"]
        place = f"need.{index}" if way is None else f"any_of.{way}.all_of.{index}"
        if place in read.places:
            return f"{read.places[place]}-{_PARTS.get(found['part'] or '', 'skills')}"
    return _FIELDS.get(where.split(".", 1)[0], "whole")


def _faults(error: ValidationError) -> Iterator[Fault]:
    for each in error.errors(include_input=False):
        yield Fault(".".join(str(part) for part in each["loc"]), str(each["msg"]))


# --- and back --------------------------------------------------------------------------------------------------------


def _values(
    name: str, body: Mapping[str, Json], parameters: Mapping[str, dict[str, Json]]
) -> Iterator[tuple[str, str]]:
    """Every field; raises where the form has none for something, or says nothing that is then found missing."""
    yield "name", name
    yield from _purpose_values(body["purpose"], parameters)
    yield from (("reveal", str(each)) for each in _sequence(body["reveal"]))
    yield from _number("keep_days", body["keep_days"], parameters)
    yield from _rule_values(body)
    index = 0
    ways = [("always", _sequence(body.get("need", [])))]
    for number, way in enumerate(_sequence(body.get("any_of", [])), start=1):
        ways.append((str(number), _sequence(_mapping(way)["all_of"])))
    for group, needs in ways:
        for need in needs:
            yield f"need-{index}-group", group
            yield from _need_values(f"need-{index}", _mapping(need), parameters)
            index += 1
    yield "slots", str(index + 1)


def _purpose_values(purpose: Json, parameters: Mapping[str, dict[str, Json]]) -> Iterator[tuple[str, str]]:
    if (hole := _hole(purpose)) is not None:
        yield "purpose-ask", "yes"
        yield "n-purpose_en", hole
        purpose = parameters[hole].get("default") or {}
    for tag, text in ({"en": purpose} if isinstance(purpose, str) else _mapping(purpose)).items():
        yield f"purpose_{tag}", str(text)


def _rule_values(body: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for key, at in (("expires_in", "expires_days"), ("status_max_age", "status_days")):
        if key in body:
            days, rest = divmod(_integer(body[key]), DAY)
            yield at, str(days) if not rest else "?"
    if "renewals" in body:
        yield "renewals", str(_integer(body["renewals"]))
    if body.get("name_match"):
        yield "name_match", str(body["name_match"])
    if body.get("hide_programme") is True:
        yield "hide_programme", "yes"
    if body.get("status_required") is False:
        yield "status_optional", "yes"


def _need_values(
    at: str, need: Mapping[str, Json], parameters: Mapping[str, dict[str, Json]]
) -> Iterator[tuple[str, str]]:
    kind, skills = need, [need["skill"]] if "skill" in need else []
    if alternatives := [_mapping(each) for each in _sequence(need.get("any_of", []))]:
        kind, skills = alternatives[0], [each["skill"] for each in alternatives]
    if skills and (hole := _hole(skills[0])) is not None:
        yield f"{at}-choose", "yes"
        yield f"n-{at}-skills", hole
        skills = list(_sequence(parameters[hole]["allowed"]))
    yield f"{at}-skills", "\n".join(str(each) for each in skills)
    if "level" in kind:
        yield from _level_values(f"{at}-level", kind["level"], parameters, f"{at}-framework")
    if "workload_hours" in kind:
        yield from _number(f"{at}-hours", _mapping(kind["workload_hours"])["at_least"], parameters)
    if "awarded_after" in need:
        yield from _after_values(f"{at}-after", need["awarded_after"], parameters)
    if need.get("not_expired") is True:
        yield f"{at}-valid", "yes"


def _after_values(
    at: str, after: Json, parameters: Mapping[str, dict[str, Json]]
) -> Iterator[tuple[str, str]]:
    if (hole := _hole(after)) is not None:
        yield f"{at}-ask", "yes"
        yield f"n-{at}", hole
        for end, bound in (("low", "earliest"), ("high", "latest")):
            if parameters[hole].get(bound) is not None:
                yield f"{at}-{end}", str(parameters[hole][bound])
        after = parameters[hole].get("default")
    if after is not None:
        yield at, str(after)


def _level_values(
    at: str, level: Json, parameters: Mapping[str, dict[str, Json]], framework: str
) -> Iterator[tuple[str, str]]:
    if (hole := _hole(level)) is not None:
        yield f"n-{at}", hole
        facts = parameters[hole]
        yield f"{at}-low", str(facts["minimum"])
        yield f"{at}-high", str(facts["maximum"])
        level = {"framework": facts["framework"], "at_least": facts.get("default")}
    stated = _mapping(level)
    yield framework, str(stated["framework"])
    if stated["at_least"] is not None:
        yield at, str(stated["at_least"])


def _number(slot: str, value: Json, parameters: Mapping[str, dict[str, Json]]) -> Iterator[tuple[str, str]]:
    if (hole := _hole(value)) is not None:
        yield f"n-{slot}", hole
        facts = parameters[hole]
        yield f"{slot}-low", str(facts["minimum"])
        yield f"{slot}-high", str(facts["maximum"])
        value = facts.get("default")
    if value is not None:
        yield slot, str(_integer(value))


def _hole(part: Json) -> str | None:
    match part:
        case {"parameter": str(name), **rest} if not rest:
            return name
        case _:
            return None


def _mapping(part: Json) -> Mapping[str, Json]:
    if not isinstance(part, dict):
        raise TypeError("no object")
    return part


def _sequence(part: Json) -> list[Json]:
    if not isinstance(part, list):
        raise TypeError("no list")
    return part


def _integer(part: Json) -> int:
    if type(part) is not int:
        raise TypeError("no whole number")
    return part


def _plain(part: Json) -> Json:
    """The same without what need not be said; a text in no language counts as English."""
    match part:
        case dict():
            kept = {
                key: _plain(each) for key, each in part.items() if key not in _USUAL or each != _USUAL[key]
            }
            if isinstance(kept.get("purpose"), str):
                kept["purpose"] = {"en": kept["purpose"]}
            if isinstance(reveal := kept.get("reveal"), list):
                kept["reveal"] = sorted(reveal, key=str)
            return kept
        case list():
            return [_plain(each) for each in part]
        case _:
            return part
