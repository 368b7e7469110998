"""A template as JSON, with each fault at the line it stands in."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from typing import Final

from pydantic import ValidationError

from shared.contracts.errors import UjuziError
from verifier.domain.template import Template
from verifier.entry.template_shapes import ContentBody, NewTemplateBody, show_template
from verifier.errors import Fault

KEPT = ("name", "parameters", "requirement")
_SPACE = " \t\r\n"
_DECODER: Final = JSONDecoder()


@dataclass(frozen=True)
class At:
    """A fault and its line, counted from 1."""

    line: int
    where: str
    what: str


class NotSuchJson(UjuziError):
    """The text is no JSON of a template's form."""

    def __init__(self, faults: tuple[At, ...]) -> None:
        """`faults` is not empty."""
        super().__init__("; ".join(f"line {each.line}: {each.where} {each.what}" for each in faults))
        self.faults = faults


def as_json(template: Template) -> str:
    """What a version says, to be edited."""
    shown = show_template(template).model_dump(mode="json")
    for parameter in shown["parameters"].values():
        for key in [key for key, value in parameter.items() if value is None]:
            del parameter[key]
    return json.dumps({key: shown[key] for key in KEPT}, ensure_ascii=False, indent=2)


def read_json(text: str, template_id: str | None) -> ContentBody:
    """The template a text describes; with its id where it has none yet. Raises NotSuchJson."""
    kind = NewTemplateBody if template_id is None else ContentBody
    try:
        found = json.loads(text)
    except JSONDecodeError as error:
        raise NotSuchJson((At(error.lineno, f"column {error.colno}:", error.msg),)) from error
    except RecursionError as error:
        raise NotSuchJson((At(1, "", "is nested too deeply"),)) from error
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        raise NotSuchJson(
            located(
                text,
                [
                    Fault(".".join(str(part) for part in each["loc"]), str(each["msg"]))
                    for each in error.errors(include_input=False)
                ],
            )
        ) from error


def located(text: str, faults: list[Fault] | tuple[Fault, ...]) -> tuple[At, ...]:
    """Each fault with the line of the nearest part of the text that it names."""
    lines = dict(_lines(text))
    found = []
    for fault in faults:
        parts = fault.where.split(".")
        known = (".".join(parts[:length]) for length in range(len(parts), -1, -1))
        found.append(At(next(lines[each] for each in known if each in lines), fault.where, fault.what))
    return tuple(sorted(found, key=lambda each: each.line))


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """The path of every part of sound JSON and its line; the whole is the empty path."""
    yield "", 1
    yield from _part(text, _skip(text, 0), ())[0]


def _part(text: str, at: int, path: tuple[str, ...]) -> tuple[list[tuple[str, int]], int]:
    """The parts from here on, and where they end."""
    found: list[tuple[str, int]] = []
    if text[at] not in "{[":
        if text[at] == '"':
            return found, _DECODER.raw_decode(text, at)[1]
        while at < len(text) and text[at] not in f",]}}{_SPACE}":
            at += 1
        return found, at
    closing, number = "}" if text[at] == "{" else "]", 0
    at = _skip(text, at + 1)
    while text[at] != closing:
        key, start = str(number), at
        if closing == "}":
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)  # the colon
        here = (*path, key)
        found.append((".".join(here), text.count("\n", 0, start) + 1))
        inner, at = _part(text, at, here)
        found += inner
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
        number += 1
    return found, at + 1


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at
