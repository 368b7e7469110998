"""Checks, and the one function that derives a verdict from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from verifier.errors import NoChecks

PROOF_STEP = 3


class Outcome(StrEnum):
    """What became of one step."""

    PASSED = "passed"
    FAILED = "failed"
    UNCHECKED = "unchecked"


class Result(StrEnum):
    """What the steps together say."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Step:
    """One numbered step. `reason` and `evidence` may hold what was shown; `lasting` never does and outlives them."""

    number: int
    name: str
    outcome: Outcome
    reason: str
    lasting: str
    evidence: Mapping[str, str] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    """The reason for programs, and the key of its words in every language; never anything that was shown."""

    def without_claims(self) -> "Step":
        """The same outcome, with nothing left of what the learner showed."""
        return Step(self.number, self.name, self.outcome, self.lasting, self.lasting, codes=self.codes)


@dataclass(frozen=True)
class Source:
    """One thing the verdict rests on. `version` of a status list is its Unix time, of a trust list its number.

    `checked` is when it was last fetched; `age` is counted from then, or where that is unknown from `issued`.
    """

    kind: Literal["trust_list", "status_list", "did_log"]
    name: str = ""
    version: str = ""
    digest: str = ""
    issued: datetime | None = None
    checked: datetime | None = None
    age: timedelta | None = None


@dataclass(frozen=True)
class Verdict:
    """Every step and what follows from them."""

    result: Result
    steps: tuple[Step, ...]
    notes: Mapping[str, str] = field(default_factory=dict)
    """What is said beside the result, for programs, and holds nothing that was shown: `name`, `session`."""
    knowledge: tuple[Source, ...] = ()

    @property
    def summary(self) -> str:
        """The first reason that decided it, in a sentence."""
        decisive = {Result.REJECTED: Outcome.FAILED, Result.UNDECIDED: Outcome.UNCHECKED}.get(self.result)
        if decisive is None:
            return "Every step passed."
        return next(step.reason for step in self.steps if step.outcome is decisive)

    @property
    def is_proven(self) -> bool:
        """Whether the values shown are an issuer's word, given to this request: steps 1 to 3 passed."""
        return all(step.outcome is Outcome.PASSED for step in self.steps if step.number <= PROOF_STEP)

    def without_claims(self) -> "Verdict":
        """The verdict as it is kept after the learner's data are deleted."""
        return Verdict(
            self.result, tuple(step.without_claims() for step in self.steps), self.notes, self.knowledge
        )


def verdict(
    steps: Sequence[Step], notes: Mapping[str, str] | None = None, knowledge: Sequence[Source] = ()
) -> Verdict:
    """Rejected if a step failed, else undecided if one could not be checked, else accepted. Raises NoChecks on none."""
    if not steps:
        raise NoChecks("a verdict was asked for without a single check: judge the presentation first")
    outcomes = {step.outcome for step in steps}
    if Outcome.FAILED in outcomes:
        result = Result.REJECTED
    elif Outcome.UNCHECKED in outcomes:
        result = Result.UNDECIDED
    else:
        result = Result.ACCEPTED
    return Verdict(result, tuple(steps), notes or {}, tuple(knowledge))
