"""A template as a form and back, and as JSON with faults at their lines."""

from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.datastructures import FormData

from shared.web.forms import Filled
from tests.support.anoncreds_world import DATA_ANALYSIS, FIRST_AID
from tests.unit.verifier.test_templates import TEMPLATE
from verifier.domain.template import Draft, Ref
from verifier.entry.template_form import form_of, note_template_faults, template_in
from verifier.entry.template_json import NotSuchJson, as_json, located, read_json
from verifier.entry.template_shapes import ContentBody
from verifier.errors import Fault

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NEED: dict[str, Any] = {"skill": DATA_ANALYSIS}
PLAIN: dict[str, Any] = {"purpose": {"en": "p"}, "need": [NEED], "reveal": ["title"], "keep_days": 30}


def draft(requirement: dict[str, Any], **parameters: Any) -> Draft:  # noqa: ANN401 - JSON
    body = ContentBody.model_validate({"name": "n", "parameters": parameters, "requirement": requirement})
    return Draft(Ref("n", 1), body.to_domain(), NOW)


def form(**fields: str) -> Filled:
    given = {"name": "n", "purpose_en": "p", "keep_days": "30"} | fields
    return Filled(FormData([(key.replace("__", "-"), value) for key, value in given.items()]))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"purpose": "in no language"},
        {"purpose": {"en": "p", "ar": "غرض"}},
        {"need": [{"any_of": [{"skill": DATA_ANALYSIS}, {"skill": FIRST_AID}]}]},
        {
            "need": [
                {
                    "skill": DATA_ANALYSIS,
                    "level": {"framework": "acqf", "at_least": 4},
                    "workload_hours": {"at_least": 100},
                    "awarded_after": "2024-01-01",
                    "not_expired": True,
                }
            ]
        },
        {"any_of": [{"all_of": [NEED]}, {"all_of": [{"skill": FIRST_AID}, {"level": {"framework": "eqf", "at_least": 6}}]}]},
        {"reveal": ["title", "awarding_body"], "name_match": "required", "renewals": 2, "expires_in": 86400},
        {"status_required": False, "status_max_age": 3 * 86400, "hide_programme": False},
    ],
    ids=["plain", "one purpose", "purposes", "one of two skills", "all of a need", "ways", "rules", "status"],
)  # fmt: skip
def test_what_a_form_can_say_comes_back_as_it_was(more: dict[str, Any]) -> None:
    assert form_of(draft(PLAIN | more)) is not None


def test_parameters_keep_their_names_and_bounds() -> None:
    requirement, parameters = TEMPLATE["requirement"], TEMPLATE["parameters"]
    found = form_of(draft(requirement, **parameters))
    assert found is not None
    read = template_in(Filled(found), "n").body
    assert read is not None
    assert set(read.parameters) == {"purpose", "skill", "level", "since", "days"}
    assert read.requirement == requirement


@pytest.mark.parametrize(
    "more",
    [
        {"trust_lists": ["https://list.test"]},
        {"expires_in": 3600},
        {"purpose": {"de": "Zweck"}},
        {"need": [{"any_of": [NEED, {"skill": FIRST_AID, "workload_hours": {"at_least": 5}}]}]},
        {"need": "not a list"},
        {"colour": "red"},
    ],
    ids=["lists", "an hour", "another language", "unlike alternatives", "no list", "unknown"],
)
def test_what_a_form_cannot_say_is_left_to_json(more: dict[str, Any]) -> None:
    assert form_of(draft(PLAIN | more)) is None


@pytest.mark.parametrize(
    ("fields", "at", "key"),
    [
        ({}, "need-0-skills", "wrong_need_missing"),
        ({"purpose_en": ""}, "purpose_en", "wrong_purpose_missing"),
        ({"name": ""}, "name", "wrong_template_name"),
        ({"keep_days": "0"}, "keep_days", "wrong_number"),
        ({"keep_days": ""}, "keep_days", "wrong_number"),
        ({"need-0-level": "11"}, "need-0-level", "wrong_number"),
        ({"need-0-level": "٤"}, "need-0-level", "wrong_number"),
        ({"need-0-level-low": "3"}, "need-0-level-low", "wrong_bounds"),
        ({"need-0-after": "yesterday"}, "need-0-after", "wrong_day"),
    ],
)
def test_a_mistake_is_named_at_its_field(fields: dict[str, str], at: str, key: str) -> None:
    filled = form(**fields)
    assert template_in(filled, "n").body is None
    assert filled.wrong[at] == key


def test_a_new_template_needs_a_name_for_programs() -> None:
    filled = form(id="Junior Analyst")
    template_in(filled, None)
    assert filled.wrong["id"] == "wrong_template_id"


def test_what_the_api_finds_stands_at_the_field_it_is_about() -> None:
    fields = {
        "slots": "4",
        "need-1-skills": DATA_ANALYSIS,
        "need-2-level": "4",
        "need-2-level-low": "3",
        "need-2-level-high": "6",
        "need-2-group": "1",
        "need-3-hours": "5",
        "need-3-group": "3",
    }
    filled = form(**fields)
    read = template_in(filled, "n")
    assert read.body is not None
    found = (
        Fault("requirement.need.0.skill", "a"),
        Fault("requirement.any_of.0.all_of.0.level.framework", "b"),
        Fault("requirement.any_of.1.all_of.0.workload_hours", "c"),
        Fault("parameters.level_3.default", "d"),
        Fault("requirement.reveal", "e"),
        Fault("requirement.any_of", "f"),
        Fault("elsewhere", "g"),
    )
    note_template_faults(filled, found, read)
    assert filled.faults == {
        "need-1-skills": "a",
        "need-2-level": "b; d",
        "need-3-hours": "c",
        "reveal": "e",
        "whole": "requirement.any_of f; elsewhere g",
    }


def test_a_version_is_written_as_json_and_read_again() -> None:
    template = draft(TEMPLATE["requirement"], **TEMPLATE["parameters"])
    assert read_json(as_json(template), "n").to_domain() == template.content


@pytest.mark.parametrize(
    ("text", "line", "where"),
    [
        ('{\n "name": "n",\n "requirement": {},\n "colour": 1\n}', 4, "colour"),
        ('{\n "name": "n",\n "parameters": {\n  "a": {"type": "date"},\n  "b": {"type": "no"}}, "requirement": {}}', 5, "parameters.b"),
        ('{"requirement": {}}', 1, "name"),
        ('{\n "name": "n",\n}', 2, "column 13:"),
        ("[" * 100_000, 1, ""),
        ("[]", 1, ""),
    ],
    ids=["unknown", "a parameter", "missing", "a comma", "too deep", "a list"],
)  # fmt: skip
def test_a_text_that_is_no_template_is_refused_with_its_line(text: str, line: int, where: str) -> None:
    with pytest.raises(NotSuchJson, match=f"line {line}: {where}") as refused:
        read_json(text, "n")
    assert refused.value.faults[0].line == line


def test_a_fault_stands_at_the_nearest_line_there_is() -> None:
    text = '{"name": "a \\" } ,",\n "requirement": {\n  "need": [\n   {"skill": "x"},\n   {"level": [1, {}]}\n  ]}\n}'
    found = located(
        text,
        (
            Fault("requirement.need.1.level.framework", "x"),
            Fault("requirement.need.1.level.1", "x"),
            Fault("requirement.purpose", "x"),
            Fault("parameters.a", "x"),
        ),
    )
    assert [each.line for each in found] == [1, 2, 5, 5]
