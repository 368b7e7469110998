"""A learner reads what her programme teaches by name, and what its level means."""

from dataclasses import replace

from shared.vc.achievement import AchievementTemplate, build, read
from shared.web.languages import LANGUAGES
from tests.support.dids import NOW
from tests.support.programmes import programmes
from wallet.domain.credential import EditionFound
from wallet.entry.shapes import EditionOut

DATA = programmes()["data-analytics"]
SQL, UNNAMED = DATA.skills[1], DATA.skills[0]


def shown(template: AchievementTemplate) -> EditionOut:
    content = build(template, issuer_did="did:webvh:QmX:issuer.test", issuer_name="School", now=NOW)
    out = EditionOut.of(EditionFound("did:webvh:QmX:issuer.test/resources/zE", read(content), content))
    assert out is not None
    return out


def test_skills_are_named_in_her_language_else_the_programmes_else_by_uri() -> None:
    french = replace(
        DATA, language="fr", skill_names={SQL: {"fr": "langages de requête", "ar": "لغات الاستعلام"}}
    )
    names = shown(french).skill_names
    assert names[SQL] == {
        "en": "langages de requête",
        "fr": "langages de requête",
        "pt": "langages de requête",
        "sw": "langages de requête",
        "ar": "لغات الاستعلام",
    }
    assert set(names[UNNAMED].values()) == {UNNAMED}


def test_a_level_of_the_eqf_is_explained_in_every_language_and_others_are_left_as_they_are() -> None:
    said = shown(DATA)
    assert said.levels == {"eqf": 4, "acqf": 5, "ke-nqf": 5}
    assert set(said.level_words) == {"eqf"}
    assert set(said.level_words["eqf"]) == set(LANGUAGES)
    assert said.level_words["eqf"]["en"].startswith("You know your field broadly")
