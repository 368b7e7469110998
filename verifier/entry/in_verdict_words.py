"""A verdict for people: what it says, what to do now, what it rests on."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from shared.contracts.verdict_words import OUTCOMES, RESULTS, STEPS, reasons_said, said
from shared.vc.dateint import DateMalformed, from_dateint
from shared.web.languages import day_in_words, days_in_words
from verifier.domain.request import Judged
from verifier.domain.verdict import Outcome, Result, Source, Verdict
from verifier.entry.words import WORDS as LEARNER

_TO_DO: Final[Mapping[Result, Mapping[str, frozenset[str]]]] = {
    Result.UNDECIDED: {
        "do_list": frozenset({"no-list", "list-not-checked", "list-stale"}),
        "do_status": frozenset({"status-unknown", "status-published-meanwhile", "status-too-old"}),
        "do_fetch": frozenset({"not-fetched", "proof-not-computed"}),
        "do_show_more": frozenset(
            {
                "programme-hidden",
                "country-hidden",
                "level-hidden",
                "level-not-stated",
                "award-day-hidden",
                "may-have-expired",
                "trust-untellable",
            }
        ),
        "do_suspended": frozenset({"suspended"}),
        "do_compare_name": frozenset({"name-cannot-tell"}),
    },
    Result.REJECTED: {
        "do_not_meant": frozenset(
            {"replayed", "other-exchange", "other-connection", "other-request", "other-session"}
        ),
        "do_late": frozenset({"late"}),
        "do_not_trusted": frozenset(
            {
                "not-listed",
                "not-this-action",
                "compromised",
                "not-begun",
                "withdrawn",
                "other-kind",
                "other-country",
                "above-level",
                "not-granted",
                "not-yet-trusted",
                "no-longer-trusted",
                "not-trusted-when-issued",
            }
        ),
        "do_old_status": frozenset({"status-replaced", "status-not-used", "proof-invalid"}),
        "do_another": frozenset({"programme-unfit", "award-too-old", "expired", "not-revocable"}),
        "do_show_all": frozenset({"hidden", "nothing-shown", "not-revealed", "not-proven", "less-proven"}),
        "do_name_differs": frozenset({"name-differs"}),
    },
}
"""Which advice belongs to which reasons."""
_DECISIVE: Final = {Result.REJECTED: Outcome.FAILED, Result.UNDECIDED: Outcome.UNCHECKED}
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


def verdict_in_words(judged: Judged, words: Mapping[str, str], language: str) -> Mapping[str, object]:
    """What the page of a request shows of its verdict."""
    verdict = judged.verdict
    return {
        "result": verdict.result.value,
        "said": said(RESULTS, verdict.result.value, language),
        "means": words[f"means_{verdict.result.value}"],
        "advice": [words[key] for key in advice(verdict)],
        "notes": [words[f"note_{kind}_{value}"] for kind, value in verdict.notes.items()],
        "steps": [
            {
                "number": step.number,
                "name": said(STEPS, step.number, language),
                "outcome": step.outcome.value,
                "said": said(OUTCOMES, step.outcome.value, language),
                "reason": reasons_said(step.codes, language) if step.codes else "",
                "exact": step.reason,
                "evidence": [
                    (words.get(f"evidence_{key}", key), value) for key, value in step.evidence.items()
                ],
            }
            for step in verdict.steps
        ],
        "knowledge": [_source(each, words, language) for each in verdict.knowledge],
        "disclosed": None
        if judged.disclosed is None
        else [_shown(each.values, language) for each in judged.disclosed],
    }


def advice(verdict: Verdict) -> Sequence[str]:
    """What to do now, as keys of sentences: by the reasons of the steps that decided it."""
    decisive = _DECISIVE.get(verdict.result)
    if decisive is None:
        return ("do_accepted",)
    codes = {code for step in verdict.steps if step.outcome is decisive for code in step.codes}
    found = [key for key, reasons in _TO_DO[verdict.result].items() if codes & reasons]
    return found or [f"do_{verdict.result.value}"]


def age_in_words(age: timedelta, words: Mapping[str, str], language: str) -> str:
    """How old something is, roughly."""
    if age >= 2 * _DAY:
        return days_in_words(age.days, language)
    if age >= 2 * _HOUR:
        return words["age_hours"].format(n=age // _HOUR)
    return words["age_minutes"].format(n=max(0, age // timedelta(minutes=1)))


def _source(source: Source, words: Mapping[str, str], language: str) -> Mapping[str, object]:
    return {
        "kind": words[f"source_{source.kind}"],
        "name": source.name,
        "version": None if source.kind == "status_list" else source.version,
        "issued": source.issued,
        "checked": source.checked,
        "age": None if source.age is None else age_in_words(source.age, words, language),
    }


def _shown(values: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    """Each value with the words for its attribute; days as days."""
    words = LEARNER[language]
    return [(words.get(name, name), _value(name, value, language)) for name, value in values.items()]


def _value(name: str, value: str, language: str) -> str:
    if not name.endswith("_dateint"):
        return value
    try:
        return day_in_words(from_dateint(value), language)
    except DateMalformed:
        return value
