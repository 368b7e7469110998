"""Requirement templates over the API: drafted, checked, published, filled, retired."""

from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.anoncreds_world import DATA_ANALYSIS, FIRST_AID
from tests.unit.verifier.test_api import NOW, Api
from tests.unit.verifier.test_api import api as api  # noqa: PLC0414 - the fixture
from tests.unit.verifier.test_requirement import BODY
from verifier.domain.requirement import askable
from verifier.domain.template import Published, Ref, fill
from verifier.entry.shapes import RequirementBody, read_requirement
from verifier.entry.template_shapes import NewTemplateBody
from verifier.errors import RequirementInvalid

PARAMETERS: dict[str, Any] = {
    "purpose": {"type": "text", "default": {"en": "Application: analyst", "fr": "Candidature\u00a0: analyste"}},
    "skill": {"type": "skill", "allowed": [DATA_ANALYSIS, FIRST_AID], "default": DATA_ANALYSIS},
    "level": {"type": "level", "framework": "eqf", "minimum": 3, "maximum": 6, "default": 4},
    "since": {"type": "date", "earliest": "2020-01-01", "default": "2024-01-01"},
    "days": {"type": "integer", "minimum": 1, "maximum": 90},
}  # fmt: skip
TEMPLATE: dict[str, Any] = {
    "id": "junior-data-analyst",
    "name": "Junior data analyst",
    "parameters": PARAMETERS,
    "requirement": {
        "purpose": {"parameter": "purpose"},
        "need": [
            {
                "skill": {"parameter": "skill"},
                "level": {"parameter": "level"},
                "awarded_after": {"parameter": "since"},
            }
        ],
        "reveal": ["title"],
        "keep_days": {"parameter": "days"},
    },
}
REF = "junior-data-analyst@1"


async def published(api: Api, template: dict[str, Any] = TEMPLATE) -> str:
    ref = str((await api.client.post("/v1/templates", json=template)).json()["ref"])
    assert (await api.client.post(f"/v1/templates/{ref}/publish")).status_code == 200
    return ref


def errors(refused: httpx.Response) -> dict[str, str]:
    assert refused.status_code == 422, refused.text
    return {each["where"]: each["what"] for each in refused.json()["errors"]}


async def test_a_template_with_its_parameters_makes_exactly_the_requirement(api: Api) -> None:
    ref = await published(api)
    asked = {"template": ref, "parameters": {"days": 30, "level": 5}}
    made = await api.client.post("/v1/requests", json=asked)
    assert made.status_code == 201, made.text
    body = made.json()
    assert (body["template"], body["purpose"]) == (REF, "Application: analyst")
    assert body["parameters"] == {
        "purpose": {"en": "Application: analyst", "fr": "Candidature\u00a0: analyste"},
        "skill": DATA_ANALYSIS,
        "level": 5,
        "since": "2024-01-01",
        "days": 30,
    }
    plain = {
        "purpose": {"en": "Application: analyst", "fr": "Candidature\u00a0: analyste"},
        "need": [
            {
                "skill": DATA_ANALYSIS,
                "level": {"framework": "eqf", "at_least": 5},
                "awarded_after": "2024-01-01",
            }
        ],
        "reveal": ["title"],
        "keep_days": 30,
    }
    stored = api.requests.stored[body["id"]].stated
    assert stored.requirement == RequirementBody.model_validate(plain).to_domain()
    assert stored.template is not None
    assert stored.template.ref == Ref("junior-data-analyst", 1)
    without = (await api.client.post("/v1/requests", json=BODY)).json()
    assert "template" not in without


@pytest.mark.parametrize(
    ("parameters", "where", "what"),
    [
        ({"days": 30, "colour": "red"}, "parameters.colour", "is no parameter of junior-data-analyst@1; it has: days"),
        ({}, "parameters.days", "is missing: give a whole number from 1 to 90"),
        ({"days": 91}, "parameters.days", "is not a whole number from 1 to 90"),
        ({"days": True}, "parameters.days", "is not a whole number"),
        ({"days": "30"}, "parameters.days", "is not a whole number"),
        ({"days": 30, "level": 7}, "parameters.level", "is not a level of eqf from 3 to 6"),
        ({"days": 30, "skill": "urn:other"}, "parameters.skill", f"is not one of {DATA_ANALYSIS}, {FIRST_AID}"),
        ({"days": 30, "since": "2019-12-31"}, "parameters.since", "is not a day as 2026-01-31, 2020-01-01 or later"),
        ({"days": 30, "since": "soon"}, "parameters.since", "is not a day"),
        ({"days": 30, "purpose": ""}, "parameters.purpose", "is not a text of at most 400 characters"),
        ({"days": 30, "purpose": {"english": "x"}}, "parameters.purpose", "one for each language"),
        ({"days": 30, "purpose": "two\nlines"}, "purpose", "line break"),
        ({"days": 30, "since": "2999-01-01"}, "need.0.awarded_after", "lies in the future"),
    ],
)  # fmt: skip
async def test_parameters_that_do_not_fit_are_refused_with_what_to_do(
    api: Api, parameters: dict[str, Any], where: str, what: str
) -> None:
    ref = await published(api)
    found = errors(await api.client.post("/v1/requests", json={"template": ref, "parameters": parameters}))
    assert what in found[where]
    assert api.requests.stored == {}


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        ({"parameters": {}}, "requirement", "has a hole for 'skill', which is no parameter"),
        ({"parameters": PARAMETERS | {"hours": {"type": "integer", "minimum": 1, "maximum": 2}}}, "parameters.hours", "fills no hole"),
        ({"parameters": PARAMETERS | {"days": {"type": "integer", "minimum": 9, "maximum": 2}}}, "parameters.days", "a minimum of 9 above"),
        ({"parameters": PARAMETERS | {"days": {"type": "integer", "minimum": 1, "maximum": 2, "default": 3}}}, "parameters.days.default", "from 1 to 2"),
        ({"parameters": PARAMETERS | {"days": {"type": "integer", "minimum": 0, "maximum": 90}}}, "requirement.keep_days", "is 0"),
        ({"parameters": PARAMETERS | {"days": {"type": "integer", "minimum": 1, "maximum": 400}}}, "requirement.keep_days", "is 400"),
        ({"parameters": PARAMETERS | {"since": {"type": "date", "earliest": "2024-01-02", "latest": "2024-01-01"}}}, "parameters.since", "begins after it ends"),
        ({"requirement": TEMPLATE["requirement"] | {"reveal": ["twin_digest"]}}, "requirement.reveal", "never asked"),
        ({"requirement": TEMPLATE["requirement"] | {"colour": "red"}}, "requirement.colour", "Extra inputs"),
    ],
)  # fmt: skip
async def test_a_template_no_requirement_can_be_made_of_is_refused_when_it_is_drafted(
    api: Api, change: dict[str, Any], where: str, what: str
) -> None:
    assert what in errors(await api.client.post("/v1/templates", json=TEMPLATE | change))[where]
    assert (await api.client.get("/v1/templates")).json()["items"] == []


async def test_a_published_version_never_changes_and_a_new_one_is_linked_to_it(api: Api) -> None:
    ref = await published(api)
    before = (await api.client.get(f"/v1/templates/{ref}")).json()
    content = {name: value for name, value in TEMPLATE.items() if name != "id"} | {"name": "Other"}
    for refused in (
        await api.client.put(f"/v1/templates/{ref}", json=content),
        await api.client.delete(f"/v1/templates/{ref}"),
    ):
        assert (refused.status_code, "Make a new version" in refused.json()["detail"]) == (409, True)
    assert (await api.client.get(f"/v1/templates/{ref}")).json() == before
    second = (await api.client.post("/v1/templates", json=TEMPLATE | {"name": "Other"})).json()
    assert (second["ref"], second["previous"], second["state"]) == ("junior-data-analyst@2", REF, "draft")
    shown = (await api.client.get("/v1/templates", params={"limit": 1})).json()
    assert [each["ref"] for each in shown["items"]] == ["junior-data-analyst@2"]
    rest = (await api.client.get("/v1/templates", params={"limit": 1, "after": shown["next"]})).json()
    assert ([each["ref"] for each in rest["items"]], rest["next"]) == ([REF], None)


async def test_a_draft_is_changed_or_deleted_and_not_asked(api: Api) -> None:
    assert (await api.client.post("/v1/templates", json=TEMPLATE)).status_code == 201
    asked = {"template": REF, "parameters": {"days": 30}}
    refused = await api.client.post("/v1/requests", json=asked)
    assert (refused.status_code, "is draft" in refused.json()["detail"]) == (409, True)
    again = await api.client.post("/v1/templates", json=TEMPLATE)
    assert (again.status_code, "is a draft already" in again.json()["detail"]) == (409, True)
    content = {name: value for name, value in TEMPLATE.items() if name != "id"} | {"name": "Other"}
    assert (await api.client.put(f"/v1/templates/{REF}", json=content)).json()["name"] == "Other"
    refused = await api.client.post(f"/v1/templates/{REF}/retire")
    assert (refused.status_code, "nothing to retire" in refused.json()["detail"]) == (409, True)
    assert (await api.client.delete(f"/v1/templates/{REF}")).status_code == 204
    assert (await api.client.get(f"/v1/templates/{REF}")).status_code == 404


async def test_a_retired_template_is_asked_no_more(api: Api) -> None:
    ref = await published(api)
    for _ in range(2):
        retired = await api.client.post(f"/v1/templates/{ref}/retire")
        assert (retired.status_code, retired.json()["state"]) == (200, "retired")
    refused = await api.client.post("/v1/requests", json={"template": ref, "parameters": {"days": 1}})
    assert (refused.status_code, "is retired" in refused.json()["detail"]) == (409, True)
    refused = await api.client.post(f"/v1/templates/{ref}/publish")
    assert refused.status_code == 409


@pytest.mark.parametrize("ref", ["junior-data-analyst", "nobody@1", "Junior@1", "junior-data-analyst@0"])
async def test_a_template_nobody_made_is_a_404_problem(api: Api, ref: str) -> None:
    missing = await api.client.get(f"/v1/templates/{ref}")
    assert (missing.status_code, "template" in missing.json()["detail"]) == (404, True)


async def test_templates_are_written_by_those_who_may(api: Api) -> None:
    reading = {"Authorization": "Bearer reading-key"}
    assert (await api.client.get("/v1/templates", headers=reading)).status_code == 200
    assert (await api.client.post("/v1/templates", headers=reading, json=TEMPLATE)).status_code == 403


async def test_a_requirement_in_several_ways_is_asked(api: Api) -> None:
    degree = {"all_of": [{"level": {"framework": "eqf", "at_least": 6}}]}
    two = {"all_of": [{"skill": DATA_ANALYSIS}, {"skill": FIRST_AID}]}
    body = {name: value for name, value in BODY.items() if name != "need"} | {"any_of": [degree, two]}
    made = (await api.client.post("/v1/requests", json=body)).json()
    assert made["way"] == 0
    assert [warning[:6] for warning in made["warnings"]] == ["way 0:", "way 1:", "way 1:"]


async def test_a_name_is_taken_only_to_be_compared_and_never_shown_again(api: Api) -> None:
    applicant = {"given_name": "Amina", "family_name": "Otieno"}
    made = await api.client.post(
        "/v1/requests", json=BODY | {"name_match": "required", "applicant": applicant}
    )
    assert made.status_code == 201
    assert "Otieno" not in made.text
    assert (
        "is missing"
        in errors(await api.client.post("/v1/requests", json=BODY | {"name_match": "shown"}))["applicant"]
    )
    refused = await api.client.post("/v1/requests", json=BODY | {"applicant": applicant})
    assert "not taken" in errors(refused)["applicant"]
    assert "Otieno" not in refused.text


@settings(max_examples=200, deadline=None)
@given(
    given_values=st.dictionaries(
        st.sampled_from(["days", "level", "skill", "since", "purpose", "colour"]),
        st.one_of(
            st.integers(-5, 200),
            st.sampled_from([DATA_ANALYSIS, FIRST_AID, "2024-05-06", "2019-01-01", "", "two\nlines"]),
            st.booleans(),
            st.none(),
            st.dictionaries(st.sampled_from(["en", "fr", "english"]), st.sampled_from(["", "Purpose"])),
            st.just({"parameter": "days"}),
        ),
    )
)
def test_whatever_is_given_is_refused_by_name_or_makes_a_requirement_that_can_be_asked(
    given_values: dict[str, Any],
) -> None:
    content = NewTemplateBody.model_validate(TEMPLATE).to_domain()
    template = Published(Ref("junior-data-analyst", 1), content, NOW, NOW)
    try:
        filled, used = fill(template, given_values)
        asked = askable(read_requirement(filled), today=NOW.date())
    except RequirementInvalid:
        return
    assert isinstance(used.parameters["days"], int)
    assert 1 <= asked.keep_days <= 90
    level = asked.needs[0].alternatives[0].level
    assert level is not None
    assert 3 <= level.at_least <= 6
    assert asked.needs[0].alternatives[0].skill in {DATA_ANALYSIS, FIRST_AID}
    assert "parameter" not in str(filled)
