"""The demonstration's story: who appears in it, what must come out, and what came out. No I/O."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from io import StringIO
from typing import Literal

type Result = Literal["accepted", "rejected", "undecided"]

LEARNERS = range(4, 25)
"""How many learners may take part: four have a role of their own, the cohort has 24."""

ACCREDITED_FROM = date(2026, 2, 1)
"""The demonstration's issuer is trusted from this day on; the cohort's awards begin a month earlier."""

BEFORE_ACCREDITATION, IN_GOOD_ORDER, STILL_VALID, CHEATING = 0, 1, 2, 3
"""Rows of the cohort with a role: awarded in January; awarded in February, later revoked; awarded in March; awarded in
April, later revoked, and kept in a wallet that hides it."""

DATA_ANALYSIS = "http://data.europa.eu/esco/skill/2b92a5b2-6758-4ee3-9fb4-b6387a55cc8f"
PROGRAMME = "data-analytics"


@dataclass(frozen=True, slots=True)
class Graduate:
    """One row of the cohort; only what the story tells."""

    given_name: str
    family_name: str
    awarded_on: date


def cohort_of(text: str) -> tuple[Graduate, ...]:
    """Return the graduates of a spreadsheet, in its order."""
    return tuple(
        Graduate(row["given_name"], row["family_name"], date.fromisoformat(row["awarded_on"]))
        for row in csv.DictReader(StringIO(text))
    )


@dataclass(frozen=True, slots=True)
class ClaimableAward:
    """An award that waits for its learner."""

    id: str
    claim_url: str


def template_of(programme: Mapping[str, object]) -> dict[str, object]:
    """Return the issuer API's template for a programme as its provider wrote it down."""
    renamed = {"verification": "verification_level", "learning": "learning_route"}
    return {renamed.get(name, name): value for name, value in programme.items() if name != "key"}


@dataclass(frozen=True, slots=True)
class Requirement:
    """What the job platform of the story asks for."""

    purpose: str
    eqf_at_least: int
    workload_hours_at_least: int = 100
    reveal: tuple[str, ...] = ("title", "awarding_body")
    keep_days: int = 30

    def body(self) -> dict[str, object]:
        """Return the verifier API's form of it."""
        return {
            "purpose": self.purpose,
            "need": [
                {
                    "skill": DATA_ANALYSIS,
                    "level": {"framework": "eqf", "at_least": self.eqf_at_least},
                    "workload_hours": {"at_least": self.workload_hours_at_least},
                }
            ],
            "reveal": list(self.reveal),
            "keep_days": self.keep_days,
        }


JUNIOR = Requirement("Application: junior data analyst", eqf_at_least=4)
SENIOR = Requirement("Application: senior data analyst", eqf_at_least=6)


@dataclass(frozen=True, slots=True)
class Step:
    """One of the seven steps of a verdict."""

    number: int
    name: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier said."""

    result: str
    summary: str
    steps: tuple[Step, ...]

    @property
    def deciding(self) -> tuple[Step, ...]:
        """The steps that kept it from being accepted."""
        wanted = {"rejected": "failed", "undecided": "unchecked"}.get(self.result)
        return tuple(step for step in self.steps if step.outcome == wanted)


@dataclass(frozen=True, slots=True)
class Scene:
    """One proof, the verdict it must get, and the step that must decide it (none if accepted)."""

    title: str
    learner: int
    requirement: Requirement
    expected: Result
    decided_by: int | None
    how: str = ""
    """What the learner does that others do not."""


ACCEPTED = Scene("A proof that holds", IN_GOOD_ORDER, JUNIOR, "accepted", None)
BELOW_THE_LEVEL = Scene("The requirement is not met", IN_GOOD_ORDER, SENIOR, "rejected", 7)
NOT_YET_TRUSTED = Scene(
    "The issuer was not trusted when it was issued", BEFORE_ACCREDITATION, JUNIOR, "rejected", 6
)
AFTER_REVOCATION = Scene("After revocation", IN_GOOD_ORDER, JUNIOR, "rejected", 3)
OLD_STATUS_LIST = Scene(
    "A tampered wallet proves over an old status list",
    CHEATING,
    JUNIOR,
    "rejected",
    5,
    "Revoked too, but kept in a wallet of somebody else's make, which never looks at a newer status list: it proves "
    "over the one from before, in which the award still stands. The proof holds (step 3); the verifier knows of the "
    "newer list.",
)
LIST_WENT_STALE = Scene("The trust list went stale", STILL_VALID, JUNIOR, "undecided", 6)
KEY_COMPROMISED = Scene("The issuer's key was stolen", STILL_VALID, JUNIOR, "rejected", 6)


@dataclass(frozen=True, slots=True)
class Told:
    """A scene as it was played."""

    title: str
    learner: str
    purpose: str
    expected: str
    expected_step: int | None
    result: str
    deciding_steps: tuple[int, ...]
    reasons: tuple[str, ...]
    seconds: float

    @property
    def as_expected(self) -> bool:
        """Whether both the verdict and the step that decided it are the expected ones."""
        steps = () if self.expected_step is None else (self.expected_step,)
        return self.result == self.expected and self.deciding_steps == steps


def told(scene: Scene, learner: str, verdict: Verdict, seconds: float) -> Told:
    """Return the scene with what came of it."""
    return Told(
        title=scene.title,
        learner=learner,
        purpose=scene.requirement.purpose,
        expected=scene.expected,
        expected_step=scene.decided_by,
        result=verdict.result,
        deciding_steps=tuple(step.number for step in verdict.deciding),
        reasons=tuple(step.reason for step in verdict.deciding),
        seconds=round(seconds, 2),
    )


@dataclass(frozen=True, slots=True)
class Account:
    """The whole story, for a reader or a script."""

    learners: int
    claimed: int
    start_seconds: float
    claim_seconds: float
    total_seconds: float
    scenes: Sequence[Told] = field(default_factory=tuple)

    @property
    def as_expected(self) -> bool:
        """Whether everyone claimed and every scene ended as it must; a story without scenes did not."""
        return (
            bool(self.scenes)
            and self.claimed == self.learners
            and all(scene.as_expected for scene in self.scenes)
        )

    def to_json(self) -> str:
        """Return the account as a JSON document."""
        scenes = [{**asdict(scene), "as_expected": scene.as_expected} for scene in self.scenes]
        return json.dumps(
            {**asdict(self), "scenes": scenes, "as_expected": self.as_expected}, indent=2, ensure_ascii=False
        )
