import copy
import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vc.achievement import (
    ASSESSMENTS,
    CREDIT_FRAMEWORKS,
    LEARNING_ROUTES,
    PARTICIPATIONS,
    VERIFICATION_LEVELS,
    AchievementTemplate,
    BadElement,
    Edition,
    EditionMalformed,
    Grading,
    IncompleteTemplate,
    QualityAssurance,
    build,
    missing_elements,
    read,
)
from shared.vc.jcs import canonicalize
from tests.support.dids import NOW
from tests.support.programmes import programmes

DID = "did:webvh:QmX:issuer.ujuzi.test:orgs:school"
DATA = programmes()["data-analytics"]
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs"]), min_size=1, max_size=40)


def built(template: AchievementTemplate = DATA) -> dict[str, Any]:
    return build(template, issuer_did=DID, issuer_name="School", now=NOW)


def published(template: AchievementTemplate = DATA) -> Edition:
    return read(json.loads(canonicalize(built(template))))


@pytest.mark.parametrize("key", sorted(programmes()))
def test_the_example_programmes_lack_nothing_and_read_back(key: str) -> None:
    template = programmes()[key]
    assert missing_elements(template) == []
    edition = published(template)
    for name in (field.name for field in dataclasses.fields(template)):
        assert getattr(edition, name) == getattr(template, name), name
    assert (edition.issuer_did, edition.issuer_name, edition.published_at) == (DID, "School", NOW)


TEMPLATES = st.builds(
    AchievementTemplate,
    titles=st.fixed_dictionaries({"sw": TEXT}, optional={"fr": TEXT, "ar": TEXT}),
    language=st.just("sw"),
    country=st.sampled_from(["KE", "PT"]),
    awarding_body=TEXT,
    outcomes=st.lists(TEXT, min_size=1, max_size=4).map(tuple),
    skills=st.lists(st.uuids().map(lambda u: f"http://data.europa.eu/esco/skill/{u}"), max_size=3).map(tuple),
    workload_hours=st.integers(1, 3000),
    credits=st.integers(1, 600).map(lambda tenths: tenths / 10),
    credit_framework=st.sampled_from(CREDIT_FRAMEWORKS),
    levels=st.dictionaries(
        st.sampled_from(["eqf", "acqf", "sadcqf", "ke-nqf"]), st.integers(1, 8), min_size=1
    ),
    assessment=st.sampled_from(ASSESSMENTS),
    participation=st.sampled_from(PARTICIPATIONS),
    supervision=st.none() | st.integers(0, 3),
    quality_assurance=st.builds(QualityAssurance, st.just("programme"), st.none() | TEXT),
    verification_level=st.none() | st.sampled_from(VERIFICATION_LEVELS),
    learning_route=st.none() | st.sampled_from(LEARNING_ROUTES),
    grading=st.none() | st.builds(Grading, st.just("percentage"), st.none() | st.integers(0, 100)),
    valid_for_months=st.none() | st.integers(1, 120),
    stackable=st.none() | st.booleans(),
    prerequisites=st.lists(TEXT, max_size=2).map(tuple),
)


@given(TEMPLATES)
def test_any_complete_template_reads_back(template: AchievementTemplate) -> None:
    edition = published(template)
    assert all(getattr(edition, f.name) == getattr(template, f.name) for f in dataclasses.fields(template))


def test_the_document_is_an_open_badges_achievement_of_its_issuer() -> None:
    document = built()
    assert document["type"] == ["Achievement"]
    assert document["achievementType"] == "MicroCredential"
    assert document["issuerId"] == document["creator"]["id"] == DID
    assert document["creator"]["address"]["addressCountryCode"] == "KE"
    assert document["criteria"]["narrative"].startswith("- Prepare, clean and check")
    assert document["creditsAvailable"] == 4.0
    levels = [entry for entry in document["alignment"] if "targetCode" in entry]
    assert [(entry["targetType"], entry["targetCode"]) for entry in levels] == [
        ("ext:ACQF", "5"),
        ("ext:EQF", "4"),
        ("ext:KE-NQF", "5"),
    ]
    assert levels[1]["targetUrl"] == "http://data.europa.eu/snb/eqf/4"
    assert levels[0]["targetUrl"] == "https://data.acqf-qcp.africa/model/acqf-levels/resource/level-5"
    assert {entry["targetType"] for entry in document["alignment"]} >= {"ext:ESCO"}
    assert "id" not in document


def test_every_own_term_is_declared_in_the_documents_context() -> None:
    standard = {
        "@context", "type", "creator", "achievementType", "name", "description", "inLanguage", "criteria", "alignment",
        "creditsAvailable", "related",
    }  # fmt: skip
    named = {DATA.skills[0]: {"en": "perform data analysis"}}
    document = built(
        dataclasses.replace(
            DATA,
            prerequisites=("Numeracy",),
            valid_for_months=12,
            skill_names=named,
            descriptions={"fr": "Analyser des données."},
        )
    )
    assert set(document) - standard == set(document["@context"][2]) - {"ujuzi"}


def test_a_new_edition_names_the_one_before_it() -> None:
    earlier = "did:webvh:QmTest:issuer.example:orgs:umoja/resources/zFirst"
    issuer_did = earlier.partition("/")[0]
    document = build(DATA, issuer_did=issuer_did, issuer_name="Umoja", now=NOW, follows=earlier)
    assert document["related"] == [{"type": ["Related"], "id": earlier}]
    assert read(document).follows == earlier
    others = {"type": ["Related"], "id": "https://elsewhere.example/badge"}
    assert read({**document, "related": [others]}).follows is None, "what others publish it does not follow"
    with pytest.raises(EditionMalformed, match="misshapes"):
        read({**document, "related": [earlier]})


def test_descriptions_in_other_languages_are_published_and_read() -> None:
    told = dataclasses.replace(DATA, descriptions={"fr": "Analyser des données.", "ar": "تحليل"})
    assert read(built(told)).descriptions == told.descriptions
    assert "descriptions" not in built(DATA)
    with pytest.raises(BadElement, match="description in fr"):
        dataclasses.replace(DATA, descriptions={"fr": " "})
    with pytest.raises(BadElement, match="per language tag"):
        dataclasses.replace(DATA, descriptions={"French": "Analyser"})


def test_an_empty_template_lacks_every_mandatory_element_by_name() -> None:
    assert missing_elements(AchievementTemplate()) == [
        "title (in the programme's language)",
        "language",
        "country of the issuer",
        "awarding body",
        "learning outcomes",
        "notional workload (hours)",
        "level (for instance eqf)",
        "type of assessment",
        "form of participation",
        "type of quality assurance",
    ]


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"titles": {"fr": "x"}}, "title"),
        ({"language": None}, "language"),
        ({"country": None}, "country"),
        ({"awarding_body": None}, "awarding body"),
        ({"outcomes": ()}, "learning outcomes"),
        ({"workload_hours": None}, "notional workload"),
        ({"levels": {}}, "level"),
        ({"assessment": None}, "type of assessment"),
        ({"participation": None}, "form of participation"),
        ({"quality_assurance": None}, "type of quality assurance"),
    ],
)
def test_a_template_that_lacks_a_mandatory_element_cannot_be_built(
    change: dict[str, Any], missing: str
) -> None:
    with pytest.raises(IncompleteTemplate, match=missing):
        built(dataclasses.replace(DATA, **change))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"assessment": "essay"},
            "assessment: one of written, oral, portfolio, project, practical was expected, 'essay'",
        ),
        ({"participation": "by post"}, "participation: one of online"),
        ({"verification_level": "none"}, "verification level: one of self, peer, independent"),
        ({"learning_route": "school"}, "learning route: one of formal"),
        ({"credit_framework": "CATS"}, "credit framework: one of ECTS"),
        ({"supervision": 4}, "supervision: a whole number from 0 to 3"),
        ({"supervision": True}, "supervision: a whole number"),
        ({"workload_hours": 0}, "workload hours: a whole number from 1"),
        ({"workload_hours": "60"}, "workload hours: a whole number"),
        ({"valid_for_months": -1}, "valid for months"),
        ({"levels": {"eqf": 9}}, "level eqf: a whole number from 1 to 8"),
        ({"levels": {"acqf": 11}}, "level acqf: a whole number from 1 to 10"),
        ({"levels": {"sadcqf": 0}}, "level sadcqf: a whole number from 1 to 10"),
        ({"levels": {"hogwarts": 3}}, "level: a framework among eqf, .* 'hogwarts' was found"),
        ({"levels": [4]}, "level: a mapping was expected"),
        ({"country": "Kenya"}, "country: a two-letter country code"),
        ({"language": "English"}, "language: a language tag"),
        ({"titles": {"en": " "}}, "title in en: a text"),
        ({"titles": {"E!": "x"}}, "title: a title per language tag"),
        ({"outcomes": ("",)}, "learning outcome: a text"),
        ({"outcomes": "abc"}, "learning outcome: at most 100"),
        ({"skills": ("SQL",)}, "skill: a URI"),
        ({"credits": 0.25}, "credits: tenths of a credit"),
        ({"credits": -1}, "credits: a number up to"),
        ({"credits": float("nan")}, "credits: a number up to"),
        ({"credits": None}, "credits: credits and their framework are given together"),
        ({"stackable": "yes"}, "stackable: true or false"),
        ({"awarding_body": "x" * 5000}, "awarding body: a text of 1 to 4000"),
    ],
)
def test_a_wrong_value_is_refused_by_name(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadElement, match=reason):
        dataclasses.replace(DATA, **change)


def test_wrong_grading_and_quality_assurance_are_refused_by_name() -> None:
    with pytest.raises(BadElement, match="grading scale: one of pass, percentage"):
        Grading("stars")
    with pytest.raises(BadElement, match="grading pass mark: a whole number from 0 to 100"):
        Grading("percentage", 101)
    with pytest.raises(BadElement, match="type of quality assurance: one of institutional, programme"):
        QualityAssurance("none")


def test_titles_are_found_by_language_then_base_language_then_the_programmes_own() -> None:
    edition = published()
    assert edition.title("fr-CA") == "Fondements de l'analyse de données"
    assert edition.title("ar") == edition.title() == "Data Analytics Foundations"
    assert edition.eqf_level == 4


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("type",), ["Profile"], "type Achievement was expected"),
        (("creator", "id"), "did:webvh:other", "whose creator is its issuer"),
        (("creator",), None, "lacks or misshapes"),
        (("assessmentType",), "essay", "assessment: one of"),
        (("assessmentType",), None, "lacks type of assessment"),
        (("levels",), {"eqf": 8}, "alignment says something else"),
        (("levels",), {"eqf": "4"}, "level eqf: a whole number"),
        (("name",), "Astronaut", "name says something else"),
        (("criteria",), {"narrative": "Nothing"}, "criteria says something else"),
        (("alignment",), [], "alignment says something else"),
        (("alignment",), [{}], "lacks or misshapes 'targetType'"),
        (("learningOutcomes",), "abc", "lacks or misshapes a list"),
        (("titles",), {}, "lacks title"),
        (("publishedAt",), "once", "A time was expected"),
        (("issuerId",), 7, "whose creator is its issuer"),
    ],
)
def test_a_foreign_document_that_is_no_edition_is_refused(
    path: tuple[str, ...], value: object, reason: str
) -> None:
    document = copy.deepcopy(built())
    inner = document
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    with pytest.raises(EditionMalformed, match=reason):
        read(document)


@given(
    st.sampled_from(sorted(built())),
    st.none() | st.integers() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text()),
)
def test_any_mutilated_document_is_read_or_refused_never_a_crash(name: str, value: object) -> None:
    document = built() | {name: value}
    try:
        read(document)
    except EditionMalformed:
        return
    assert name in {
        "@context",
        "achievementType",
        "description",
        "prerequisites",
        "awardingBody",
        "validForMonths",
    } or (value is None or document[name] == value)


def test_unknown_additions_are_tolerated() -> None:
    assert read(built() | {"fieldOfStudy": "Statistics"}) == published()


SQL, TABLES = DATA.skills[1], DATA.skills[3]
NAMES = {
    SQL: {"en": "use query languages", "fr": "utiliser des langages de requête"},
    TABLES: {"fr": "tableur"},
}
NAMED = dataclasses.replace(DATA, skill_names=NAMES)


def test_an_edition_carries_the_names_of_its_skills_by_language() -> None:
    edition = published(NAMED)
    assert edition.skill_names == NAMES
    by_url = {entry["targetUrl"]: entry for entry in edition.content["alignment"]}
    assert by_url[SQL] == {
        "type": ["Alignment"],
        "targetType": "ext:ESCO",
        "targetName": "use query languages",
        "targetFramework": "ESCO",
        "targetUrl": SQL,
    }
    assert by_url[DATA.skills[0]]["targetName"] == DATA.skills[0]


@pytest.mark.parametrize(
    ("skill", "language", "said"),
    [
        (SQL, "fr", "utiliser des langages de requête"),
        (SQL, "fr-BE", "utiliser des langages de requête"),
        (SQL, "ar", "use query languages"),
        (TABLES, "fr", "tableur"),
        (TABLES, "ar", TABLES),
        (DATA.skills[0], "en", DATA.skills[0]),
    ],
)
def test_a_skill_is_named_in_the_readers_language_else_the_programmes_else_by_its_uri(
    skill: str, language: str, said: str
) -> None:
    assert published(NAMED).skill_name(skill, language) == said


def test_english_names_a_skill_where_its_register_has_no_word_in_the_programmes_language() -> None:
    swahili = dataclasses.replace(NAMED, language="sw")
    assert published(swahili).skill_name(SQL, "sw") == "use query languages"


def test_an_edition_from_before_skills_had_names_stays_as_it_was() -> None:
    content = copy.deepcopy(built(DATA))  # its context is everybody's
    assert "skillNames" not in content
    assert all(
        set(entry) >= {"targetUrl"} and "targetFramework" not in entry for entry in content["alignment"]
    )
    content["@context"][2].pop("skillNames")
    assert read(content).skill_names == {}


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ({"http://data.europa.eu/esco/skill/another": {"en": "x"}}, "a skill of the programme"),
        ({SQL: {}}, "names by language"),
        ({SQL: {"English": "x"}}, "a name per language tag"),
        ({SQL: {"en": " "}}, "a text of 1 to"),
        ([SQL], "a mapping from skills"),
    ],
)
def test_names_of_skills_that_cannot_be_are_refused(names: object, reason: str) -> None:
    with pytest.raises(BadElement, match=reason):
        dataclasses.replace(DATA, skill_names=names)  # type: ignore[arg-type]  # what JSON may hold


def test_a_name_that_differs_from_the_standard_part_is_refused() -> None:
    content = built(NAMED)
    content["skillNames"][SQL]["en"] = "lead a hospital"
    with pytest.raises(EditionMalformed, match="alignment says something else"):
        read(content)
