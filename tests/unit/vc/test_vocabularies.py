"""What may be chosen for a programme is what a programme may say, and is there in every language."""

import pytest

from shared.contracts.level_words import EQF_WORDS, level_words
from shared.vc import achievement
from shared.vc.achievement import AchievementTemplate
from shared.vc.frameworks import (
    CORRESPONDENCES,
    CREDIT_SYSTEMS,
    FRAMEWORKS,
    beyond,
    credits_doubtful,
)
from shared.vc.vocabularies import HELP_IN, LABELS_IN, VOCABULARIES
from shared.web.countries import countries
from shared.web.languages import LANGUAGES
from tests.support.programmes import programmes


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("assessment", achievement.ASSESSMENTS),
        ("participation", achievement.PARTICIPATIONS),
        ("supervision", tuple(range(len(achievement.SUPERVISIONS)))),
        ("quality_assurance", achievement.QUALITY_ASSURANCES),
        ("verification_level", achievement.VERIFICATION_LEVELS),
        ("learning_route", achievement.LEARNING_ROUTES),
    ],
)
def test_what_may_be_chosen_is_what_a_programme_may_say(field: str, values: tuple[object, ...]) -> None:
    assert tuple(term.value for term in VOCABULARIES[field].terms) == values


def test_every_word_is_there_in_every_language() -> None:
    assert set(LABELS_IN) == set(LANGUAGES) == set(EQF_WORDS)
    terms = [term for vocabulary in VOCABULARIES.values() for term in vocabulary.terms]
    assert terms
    for term in terms:
        assert set(term.labels) == set(LABELS_IN)
        assert set(term.help) == set(HELP_IN)
        assert all(text.strip() for text in (*term.labels.values(), *term.help.values()))
    for language in LABELS_IN:
        labels = [(field, term.labels[language]) for field, v in VOCABULARIES.items() for term in v.terms]
        assert len(set(labels)) == len(labels), language


def test_every_level_of_the_eqf_has_a_sentence_of_its_own_and_other_frameworks_have_none() -> None:
    for sentences in EQF_WORDS.values():
        assert len(set(sentences)) == FRAMEWORKS["eqf"].highest
    assert level_words("eqf", 4)["en"].startswith("You know your field broadly")
    assert level_words("eqf", 9) == level_words("eqf", 0) == level_words("acqf", 4) == {}


def test_every_framework_is_one_a_programme_may_name_and_countries_exist() -> None:
    for code, framework in FRAMEWORKS.items():
        AchievementTemplate(levels={code: framework.lowest})
        AchievementTemplate(levels={code: framework.highest})
        assert framework.source
        assert framework.country is None or framework.country in countries("en")
        assert code == "qf-ehea" or framework.lowest == 1


def test_levels_correspond_only_where_a_source_says_so_and_within_both_frameworks() -> None:
    for each in CORRESPONDENCES:
        assert each.source
        assert not any(beyond(each.of, level) for level in each.levels)
        assert not any(beyond(each.to, level) for level in each.levels.values())
    assert {(each.of, each.to) for each in CORRESPONDENCES} == {("qf-ehea", "eqf"), ("pt-nqf", "eqf")}


@pytest.mark.parametrize(
    ("framework", "level", "is_beyond"),
    [
        ("ke-nqf", 10, False),
        ("ke-nqf", 11, True),
        ("cv-nqf", 8, False),
        ("xx-nqf", 12, False),
        ("eqf", 0, True),
    ],
)
def test_a_level_beyond_a_known_framework_is_noticed(framework: str, level: int, *, is_beyond: bool) -> None:
    assert (beyond(framework, level) is not None) is is_beyond


def test_credit_systems_are_those_a_programme_may_name() -> None:
    assert tuple(CREDIT_SYSTEMS) == achievement.CREDIT_FRAMEWORKS


@pytest.mark.parametrize("key", sorted(programmes()))
def test_the_example_programmes_count_as_their_systems_do(key: str) -> None:
    each = programmes()[key]
    assert credits_doubtful(each.workload_hours, each.credits, each.credit_framework) is None


@pytest.mark.parametrize(
    ("hours", "amount", "system", "doubtful"),
    [
        (120, 4.0, "ECTS", False),
        (100, 10.0, "ECTS", True),
        (100, 10.0, "SADC-CATS", False),
        (100, 4.0, "SADC-CATS", True),
        (250, 10.0, "ACTS", False),
        (250, 25.0, "ACTS", True),
        (48, 1.0, "US-semester", False),
        (48, 5.0, "US-semester", True),
        (10, 0.4, "ECTS", False),
        (10, 3.0, "ECTS", True),
        (None, 3.0, "ECTS", False),
        (10, None, None, False),
    ],
)
def test_credits_that_do_not_go_with_the_hours_are_doubted(
    hours: int | None, amount: float | None, system: str | None, *, doubtful: bool
) -> None:
    assert (credits_doubtful(hours, amount, system) is not None) is doubtful


def test_the_doubt_says_what_was_expected_and_what_to_do() -> None:
    assert str(credits_doubtful(100, 10.0, "ECTS")) == (
        "10 credits of ECTS were found for 100 hours; 3.3 to 4 are expected. Correct the hours or the credits,"
        " or leave them if your institution counts differently and can say how."
    )
