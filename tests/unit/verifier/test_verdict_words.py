"""Every reason has its words in every language, and no word stands for nothing."""

import re
from pathlib import Path

import pytest

from shared.contracts.verdict_words import LANGUAGES, OUTCOMES, REASONS, RESULTS, STEPS, reasons_said, said
from verifier.domain.judge import NAMES
from verifier.domain.names import Likeness
from verifier.domain.verdict import Outcome, Result

ROOT = Path(__file__).parents[3]
GIVEN = re.compile(r'(?:_failed|_unchecked|_passed|_Finding)\(\s*"([a-z-]+)"')
DECIDED = re.compile(r'code="([a-z-]+)"')
WORDS = [*REASONS.values(), *RESULTS.values(), *OUTCOMES.values(), *STEPS.values()]


def test_every_reason_the_judge_gives_has_words_and_every_word_is_given() -> None:
    judge = (ROOT / "verifier/domain/judge.py").read_text()
    trust = (ROOT / "shared/vc/trust_decision.py").read_text()
    given = {
        *GIVEN.findall(judge),
        *DECIDED.findall(trust),
        *(f"name-{each.value.replace('_', '-')}" for each in Likeness),
    }
    assert given == set(REASONS)
    assert set(RESULTS) == {each.value for each in Result}
    assert set(OUTCOMES) == {each.value for each in Outcome}
    assert set(STEPS) == set(NAMES)


@pytest.mark.parametrize("words", WORDS)
def test_each_language_has_words_of_its_own(words: tuple[str, str, str]) -> None:
    english, french, arabic = words
    assert len(words) == len(LANGUAGES)
    assert english != french
    assert re.search(r"[\u0600-\u06ff]", arabic)
    assert not re.search(r"[A-Za-z]", arabic)
    assert all(each.strip() == each and each for each in words)


def test_a_reason_of_a_later_version_stands_for_itself() -> None:
    assert said(REASONS, "brand-new", "fr") == "brand-new"
    assert reasons_said(("late", "replayed"), "en").startswith(
        "It came after the request had ended. The same"
    )
