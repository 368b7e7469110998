"""The editor's form: what it says comes back as it was, and what cannot be is named at its field; and what learners read."""

from dataclasses import replace

import pytest
from starlette.datastructures import FormData

from issuer.domain.programme_languages import PROGRAMME_LANGUAGES
from issuer.entry.programme_form import description_in, fingerprint, form_of, frameworks_for, languages_in
from issuer.entry.programme_shown import Row, Text, shown
from issuer.entry.programme_words import WORDS
from shared.contracts.programme_words import PROGRAMME_WORDS
from shared.vc.achievement import MANDATORY, AchievementTemplate, Grading
from shared.web.forms import Filled
from shared.web.languages import LANGUAGES
from tests.support.issuer import ORG, description

OWN = "https://skills.example/solder"
SQL = "http://data.europa.eu/esco/skill/75f839c2-fd9a-4ad3-8921-6e734608568d"


def read(
    form: FormData, before: AchievementTemplate | None = None
) -> tuple[AchievementTemplate | None, Filled]:
    filled = Filled(form)
    return description_in(filled, before or AchievementTemplate(), ORG), filled


def changed(**fields: str) -> FormData:
    """The form of an example with other values in some fields."""
    kept = [(name, value) for name, value in form_of(description(), ORG).multi_items() if name not in fields]
    return FormData([*kept, *fields.items()])


@pytest.mark.parametrize("key", ["data-analytics", "engaged-citizens", "first-aid"])
def test_a_programme_comes_back_from_its_form_as_it_was(key: str) -> None:
    programme = replace(
        description(key),
        skills=(*description(key).skills, OWN),
        skill_names={OWN: {description(key).language or "en": "solder", "xh": "ukunyibilikisa"}},
        descriptions={"ar": "وصف\nنص"},
        prerequisites=("Reads.",),
        valid_for_months=24,
    )
    assert read(form_of(programme, ORG), programme)[0] == programme


def test_an_empty_form_is_an_empty_draft() -> None:
    assert read(FormData([]))[0] == AchievementTemplate()
    assert read(form_of(AchievementTemplate(), ORG))[0] == AchievementTemplate()


def test_an_own_skill_without_an_address_gets_one_that_stays() -> None:
    once, _ = read(changed(own_skills="tie knots"))
    again, _ = read(changed(own_skills="tie knots\nsplice ropes urn:rope:2"))
    assert once
    assert again
    (uri,) = [each for each in once.skills if each.startswith("urn:uuid:")]
    assert uri in again.skills
    assert again.skill_names[uri] == {"en": "tie knots"}
    assert again.skill_names["urn:rope:2"] == {"en": "splice ropes"}
    assert "tie knots\nsplice ropes urn:rope:2" in [value for _, value in form_of(again, ORG).multi_items()]


@pytest.mark.parametrize(
    ("fields", "where", "key"),
    [
        ({"country": "Kenya"}, "country", "programme_wrong_choice"),
        ({"language": "xx"}, "language", "programme_wrong_choice"),
        ({"assessment": "guess"}, "assessment", "programme_wrong_choice"),
        ({"supervision": "9"}, "supervision", "programme_wrong_choice"),
        ({"workload_hours": "many"}, "workload_hours", "wrong_number"),
        ({"level_eqf": "9"}, "level_eqf", "wrong_number"),
        ({"credits": "1.25"}, "credits", "programme_wrong_credits"),
        ({"credits": "0"}, "credits", "programme_wrong_credits"),
        ({"credit_framework": ""}, "credit_framework", "programme_wrong_pair"),
        ({"credits": ""}, "credits", "programme_wrong_pair"),
        ({"quality_assurance": ""}, "quality_assurance", "programme_wrong_quality"),
        ({"grading": "pass"}, "pass_mark", "programme_wrong_mark"),
        ({"title_en": "a" * 4_001}, "title_en", "programme_wrong_long"),
        ({"outcomes": "\n".join(map(str, range(101)))}, "outcomes", "programme_wrong_many"),
        ({"title_en": "Data\u202e"}, "title_en", "programme_wrong_hidden"),
        ({"description_en": "One\x07two"}, "description_en", "programme_wrong_hidden"),
        ({"awarding_body": "Umoja\u2066"}, "awarding_body", "programme_wrong_hidden"),
        ({"own_skills": "Sew\x02s"}, "own_skills", "programme_wrong_hidden"),
    ],
)
def test_a_mistake_is_named_at_its_field_in_every_language(
    fields: dict[str, str], where: str, key: str
) -> None:
    made, filled = read(changed(**fields))
    assert made is None
    assert filled.wrong == {where: key}
    if key.startswith("programme"):
        assert all(key in words for words in WORDS.values())


def test_what_only_the_profile_refuses_is_named_at_its_field_too() -> None:
    made, filled = read(changed(skills="no address"))
    assert made is None
    assert "URI" in filled.faults["own_skills"]


def test_credits_may_have_a_decimal_comma_and_a_language_of_their_own_stays() -> None:
    made, _ = read(changed(credits="2,5"))
    assert made
    assert made.credits == 2.5
    rare = replace(description(), language="nso", titles={"nso": "Tshekatsheko"})
    assert read(form_of(rare, ORG), rare)[0] == rare


def test_a_language_without_words_is_dropped_and_no_tag_breaks_a_page() -> None:
    form = FormData([("language", "en"), ("languages", "fr"), ("languages", '"><b>'), ("title_fr", " ")])
    assert languages_in(Filled(form)) == ("en", "fr")
    made, _ = read(form)
    assert made
    assert made.titles == {}


def test_the_frameworks_of_the_country_come_first_and_none_is_left_out() -> None:
    first, more = frameworks_for(replace(description(), country="KE", levels={"ug-nqf": 4}))
    assert {"eqf", "acqf", "sadcqf", "ke-nqf", "ug-nqf"} <= set(first)
    assert "bw-nqf" in more
    assert not set(first) & set(more)


def test_drafts_that_differ_have_fingerprints_that_differ() -> None:
    assert fingerprint(description()) == fingerprint(description())
    assert fingerprint(description()) != fingerprint(replace(description(), workload_hours=7))


def rows(programme: AchievementTemplate, language: str) -> dict[str, list[Text]]:
    told = shown(programme, {SQL: {"en": "use query languages"}}, language, organisation="Umoja")
    return {row.label: list(row.lines) for row in told.rows}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_learner_reads_everything_in_her_language_where_there_is_one(language: str) -> None:
    programme = replace(description(), titles={"en": "Data", "ar": "بيانات"}, description="About data.")
    told = shown(programme, {}, language, organisation="Umoja")
    assert told.title == (Text("بيانات", "ar") if language == "ar" else Text("Data", "en"))
    assert told.about == Text("About data.", "en")
    words = PROGRAMME_WORDS[language]
    for key in ("outcomes", "hours", "credits", "levels", "assessment", "participation", "quality_assurance"):
        assert words[key] in rows(programme, language), key


def test_what_nobody_stated_is_left_out_and_never_made_up() -> None:
    told = shown(AchievementTemplate(), {}, "en", organisation="Umoja")
    assert (told.title, told.sender, told.about) == (None, "Umoja", None)
    assert told.rows == [Row("Valid for", [Text("It does not expire", "en")])]
    nameless = replace(AchievementTemplate(), skills=(OWN,), grading=Grading("percentage"))
    assert rows(nameless, "en")["Skills"] == [Text(OWN, "")]
    assert rows(nameless, "en")["Result"] == [Text("Your result in percent", "en")]


def test_every_mandatory_element_has_a_name_and_a_reason_for_officers() -> None:
    for words in WORDS.values():
        for field in MANDATORY:
            assert words[f"programme_{field}"]
            assert words[f"programme_why_{field}"]
    assert set(LANGUAGES) <= set(PROGRAMME_LANGUAGES)
