"""Checks, and the one function that derives a verdict from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

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

    def without_claims(self) -> "Step":
        """The same outcome, with nothing left of what the learner showed."""
        return Step(self.number, self.name, self.outcome, self.lasting, self.lasting)


@dataclass(frozen=True)
class Verdict:
    """Every step and what follows from them."""

    result: Result
    steps: tuple[Step, ...]
    notes: Mapping[str, str] = field(default_factory=dict)
    """What is said beside the result, for programs, and holds nothing that was shown: `name`, `session`."""

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
        return Verdict(self.result, tuple(step.without_claims() for step in self.steps), self.notes)


def verdict(steps: Sequence[Step], notes: Mapping[str, str] | None = None) -> Verdict:
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
    return Verdict(result, tuple(steps), notes or {})
