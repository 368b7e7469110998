"""The API behind the template editor: what may be chosen, what may be found, what is doubted."""

from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import replace

import httpx
import pytest

from issuer.adapters import esco_starter
from issuer.domain.doubts import doubts
from issuer.domain.template import Draft, Template
from issuer.entry.shapes import TemplateShape
from issuer.entry.skills_api import skills_router
from issuer.entry.vocabularies_api import vocabularies_router
from issuer.use_cases.begin_with_skills import BeginWithSkills
from issuer.use_cases.find_skills import FindSkills
from issuer.use_cases.import_skills import ImportSkills
from shared.web.app import create_app
from tests.support.fakes import MemoryApiKeys
from tests.support.issuer import ORG, START, FakeClock, new_id
from tests.support.programmes import programmes
from tests.support.skills import MemorySkills

SQL = "http://data.europa.eu/esco/skill/75f839c2-fd9a-4ad3-8921-6e734608568d"


@pytest.fixture
async def api() -> AsyncIterator[httpx.AsyncClient]:
    skills = MemorySkills()
    await BeginWithSkills(skills, ImportSkills(skills, FakeClock()))(
        esco_starter.VERSION, esco_starter.starter()
    )
    app = create_app(
        "Issuer",
        lifespan=lambda _: nullcontext(),  # nothing to start
        routers=[skills_router(FindSkills(skills)), vocabularies_router()],
        ready_checks={},
        find_api_key=MemoryApiKeys({"officer": {"awards:read"}}, ORG).find,
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="https://issuer.example",
        headers={"Authorization": "Bearer officer"},
    ) as http:
        yield http


async def test_a_skill_is_found_by_the_beginnings_of_its_words(api: httpx.AsyncClient) -> None:
    found = (await api.get("/v1/skills", params={"q": "Query lang", "language": "en"})).json()
    assert found["items"] == [
        {
            "uri": SQL,
            "kind": "skill/competence",
            "name": "use query languages",
            "language": "en",
            "names": {"en": "use query languages"},
            "description": "",
        }
    ]
    assert found["imported"] == [{"language": "en", "version": "1.1", "skills": 40}]
    assert "ESCO classification of the European Commission" in found["attribution"]
    assert (await api.get("/v1/skills", params={"q": "query", "language": "fr"})).json()["items"] == []


@pytest.mark.parametrize("asked", [{}, {"q": ""}, {"q": "x" * 201}, {"q": "x", "language": "English"}])
async def test_a_search_that_cannot_be_is_refused(api: httpx.AsyncClient, asked: dict[str, str]) -> None:
    assert (await api.get("/v1/skills", params=asked)).status_code == 422


@pytest.mark.parametrize("path", ["/v1/skills?q=a", "/v1/vocabularies"])
async def test_strangers_are_not_answered(api: httpx.AsyncClient, path: str) -> None:
    assert (await api.get(path, headers={"Authorization": "Bearer nobody"})).status_code == 401


@pytest.mark.parametrize(
    ("asked", "spoken", "label", "helped"),
    [
        ("fr", "fr", "Examen écrit", "Sur papier ou écran, noté."),
        ("sw-KE", "sw", "Mtihani wa maandishi", "On paper or screen, marked."),
        ("de", "en", "Written examination", "On paper or screen, marked."),
    ],
)
async def test_what_may_be_chosen_is_said_in_the_language_asked_for(
    api: httpx.AsyncClient, asked: str, spoken: str, label: str, helped: str
) -> None:
    said = (await api.get("/v1/vocabularies", params={"language": asked})).json()
    assert said["language"] == spoken
    assert said["fields"]["assessment"]["terms"][0] == {
        "value": "written",
        "label": label,
        "help": helped,
        "concept": "http://data.europa.eu/snb/assessment/6e6cb2cc78",
    }


async def test_levels_credits_and_countries_are_there_to_choose(api: httpx.AsyncClient) -> None:
    said = (await api.get("/v1/vocabularies")).json()
    frameworks = {each["code"]: each for each in said["frameworks"]}
    assert [each["level"] for each in frameworks["ke-nqf"]["levels"]] == list(range(1, 11))
    assert frameworks["ke-nqf"]["corresponds"] == {}
    assert frameworks["pt-nqf"]["corresponds"]["eqf"]["4"] == 4
    assert frameworks["eqf"]["levels"][0]["meaning"].startswith("You know the basics")
    assert {"code": "KE", "name": "Kenya"} in said["countries"]
    assert said["credit_systems"][0]["fewest_hours"] == 25


def test_a_template_is_doubted_where_hours_and_credits_or_levels_do_not_go_together() -> None:
    odd = replace(programmes()["data-analytics"], credits=40.0, levels={"eqf": 4, "ke-nqf": 12})
    shown = TemplateShape.of(Template(new_id(), ORG, odd, Draft(), START))
    assert len(shown.warnings) == 2
    assert "40 credits of ECTS were found for 120 hours; 4 to 4.8 are expected" in shown.warnings[0]
    assert "has levels 1 to 10; ke-nqf 12 was found" in shown.warnings[1]


@pytest.mark.parametrize("key", sorted(programmes()))
def test_the_example_programmes_are_not_doubted(key: str) -> None:
    assert doubts(programmes()[key]) == []
