"""What the console advises after a verdict, and the words its pages need."""

from datetime import timedelta

import pytest

from shared.contracts.verdict_words import REASONS
from verifier.adapters.request_webhooks import EVENTS
from verifier.adapters.sql_wishes import WISH_EVENTS
from verifier.domain.requirement import ASKABLE
from verifier.domain.verdict import Outcome, Step, verdict
from verifier.entry.console_words import WORDS
from verifier.entry.in_verdict_words import _TO_DO, advice, age_in_words
from verifier.entry.template_form import REVEALED

PASSED, FAILED, UNCHECKED = Outcome.PASSED, Outcome.FAILED, Outcome.UNCHECKED


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([(PASSED, "trusted")], ["do_accepted"]),
        ([(UNCHECKED, "list-stale")], ["do_list"]),
        ([(UNCHECKED, "list-stale"), (UNCHECKED, "not-fetched")], ["do_list", "do_fetch"]),
        ([(UNCHECKED, "a-later-reason")], ["do_undecided"]),
        ([(FAILED, "not-listed"), (UNCHECKED, "list-stale")], ["do_not_trusted"]),
        ([(FAILED, "replayed")], ["do_not_meant"]),
        ([(FAILED, "a-later-reason")], ["do_rejected"]),
    ],
    ids=["accepted", "a list", "two reasons", "later", "rejected before undecided", "replayed", "later failure"],
)  # fmt: skip
def test_the_reasons_that_decided_say_what_to_do(steps: list[tuple[Outcome, str]], said: list[str]) -> None:
    made = [
        Step(number, "s", outcome, "r", "r", codes=(code,)) for number, (outcome, code) in enumerate(steps)
    ]
    assert list(advice(verdict(made))) == said


def test_advice_is_for_reasons_that_there_are_and_has_words() -> None:
    for kinds in _TO_DO.values():
        assert kinds.keys() <= WORDS["en"].keys()
        assert frozenset[str]().union(*kinds.values()) <= REASONS.keys()


def test_every_event_of_webhooks_has_words() -> None:
    assert {f"event_{name.replace('.', '_')}" for name in EVENTS | WISH_EVENTS} <= WORDS["en"].keys()


def test_the_form_offers_every_value_that_may_be_asked_once() -> None:
    assert sorted(REVEALED) == sorted(ASKABLE)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_an_age_is_told_roughly(age: timedelta, said: str) -> None:
    assert age_in_words(age, WORDS["en"], "en") == said
