"""What a job platform asks for, in its own terms, and what makes it askable."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from shared.contracts.attributes import ATTRIBUTES, NEVER_ASKED
from shared.contracts.signed_request import MAX_ALTERNATIVES, MAX_KEEP_DAYS, MAX_NEEDS
from verifier.domain.levels import LevelAsked
from verifier.errors import Fault, RequirementInvalid

ACHIEVEMENT = "achievement_id"
AWARDED = "awarded_dateint"
EXPIRY = "expiry_dateint"
AWARDING_BODY = "awarding_body"
"""May be asked by this name: `awarding_body_id` is revealed and the name is read from the edition."""

ASKABLE = frozenset(ATTRIBUTES) - NEVER_ASKED | {AWARDING_BODY}
NAMES_THE_PROGRAMME = frozenset({ACHIEVEMENT, "title"})
MAX_PURPOSE = 400
MAX_WAYS = 4
NAME = ("given_name", "family_name")
"""What is revealed where the applicant's name is compared."""
DEFAULT_EXPIRY = timedelta(days=7)
SHORTEST_EXPIRY = timedelta(seconds=60)
LONGEST_EXPIRY = timedelta(days=30)
DEFAULT_STATUS_AGE = timedelta(days=7)


@dataclass(frozen=True)
class Alternative:
    """One kind of programme that would do; every part that is given must hold."""

    skill: str | None = None
    level: LevelAsked | None = None
    hours: int | None = None


@dataclass(frozen=True)
class Need:
    """Met by one credential for a programme that fits any of the alternatives."""

    alternatives: tuple[Alternative, ...]
    awarded_after: date | None = None
    not_expired: bool = False


type NameRule = Literal["required", "shown"]
"""Whether a name that differs from the applicant's rejects the answer, or is only said in the verdict."""


@dataclass(frozen=True)
class Policy:
    """How strictly an answer is judged."""

    status_max_age: timedelta = DEFAULT_STATUS_AGE
    status_required: bool = True


@dataclass(frozen=True)
class Requirement:
    """A requirement that can be asked; made by `askable` only."""

    purpose: str
    needs: tuple[Need, ...]
    reveal: tuple[str, ...]
    keep_days: int
    hide_programme: bool = False
    expires_in: timedelta = DEFAULT_EXPIRY
    trust_lists: tuple[str, ...] | None = None
    """Ids of the pinned lists to judge by; None for all."""
    policy: Policy = field(default_factory=Policy)
    ways: tuple[tuple[Need, ...], ...] = ()
    """Groups of needs of which one is to be met, beside `needs`: the learner chooses which."""
    purposes: tuple[tuple[str, str], ...] = ()
    """The purpose in other languages: (language, text)."""
    name: NameRule | None = None
    """Whether the name in the credentials is compared with the applicant's."""
    digest: str = field(default="", compare=False)
    """Of the requirement as it was sent (JCS, SHA-256, multibase), so that a receipt shows to which one it belongs."""
    renewals: int = 0
    """How often a learner may ask for a fresh link herself when nobody answered."""

    def purpose_in(self, language: str) -> str:
        """The purpose in this language, else as it was first given."""
        return dict(self.purposes).get(language, self.purpose)


def ways_of(requirement: Requirement) -> tuple[tuple[Need, ...], ...]:
    """Every way to meet it: all needs of one of them must be met."""
    return tuple((*requirement.needs, *way) for way in requirement.ways) or (requirement.needs,)


def along(requirement: Requirement, way: int) -> Requirement:
    """The requirement as it is put to a learner who chose this way: all of its needs, nothing left to choose."""
    return replace(requirement, needs=ways_of(requirement)[way], ways=())


def askable(requirement: Requirement, *, today: date) -> Requirement:
    """The requirement unchanged. Raises RequirementInvalid with every fault found, named by field."""
    faults = tuple(fault for check in _CHECKS for fault in check(requirement, today))
    if faults:
        raise RequirementInvalid(faults)
    return requirement


def _purpose(requirement: Requirement, _: date) -> Iterator[Fault]:
    for purpose in dict.fromkeys((requirement.purpose, *(text for _, text in requirement.purposes))):
        if not purpose.strip():
            yield Fault("purpose", "is empty: say in a sentence what the answer is for; the learner reads it")
        elif len(purpose) > MAX_PURPOSE:
            yield Fault("purpose", f"has {len(purpose)} characters; at most {MAX_PURPOSE} are shown")
        elif any(ord(character) < ord(" ") for character in purpose):
            yield Fault("purpose", "holds a line break or control character: write it as one line of text")


def _needs(requirement: Requirement, today: date) -> Iterator[Fault]:
    if not requirement.needs and not requirement.ways:
        yield Fault("need", "is empty: state at least one need")
    if len(requirement.ways) == 1 or len(requirement.ways) > MAX_WAYS:
        yield Fault(
            "any_of",
            f"offers {len(requirement.ways)} ways; a learner chooses among 2 to {MAX_WAYS}: write a single one as need",
        )
    if len(set(requirement.ways)) != len(requirement.ways):
        yield Fault("any_of", "offers the same way twice")
    for index, way in enumerate(requirement.ways):
        if not way:
            yield Fault(f"any_of.{index}.all_of", "is empty: state at least one need")
    if (most := max(map(len, ways_of(requirement)))) > MAX_NEEDS:
        yield Fault("need", f"states {most} needs; at most {MAX_NEEDS} can be asked at once")
    for where, need in _placed(requirement):
        yield from _need(where, need, today)


def _placed(requirement: Requirement) -> Iterator[tuple[str, Need]]:
    """Every need with the place it stands at."""
    for index, need in enumerate(requirement.needs):
        yield f"need.{index}", need
    for number, way in enumerate(requirement.ways):
        for index, need in enumerate(way):
            yield f"any_of.{number}.all_of.{index}", need


def _need(where: str, need: Need, today: date) -> Iterator[Fault]:
    if len(need.alternatives) > MAX_ALTERNATIVES:
        yield Fault(
            f"{where}.any_of",
            f"has {len(need.alternatives)} alternatives; the most is {MAX_ALTERNATIVES}",
        )
    if not need.alternatives or any(each == Alternative() for each in need.alternatives):
        yield Fault(where, "asks nothing of the programme: give a skill, a level or workload_hours")
    if need.awarded_after is not None and need.awarded_after > today:
        yield Fault(f"{where}.awarded_after", "lies in the future: no award can meet it")
    for alternative in need.alternatives:
        if alternative.skill is not None and not alternative.skill.startswith(
            ("http://", "https://", "urn:")
        ):
            yield Fault(f"{where}.skill", "is not a URI such as http://data.europa.eu/esco/skill/…")


def _reveal(requirement: Requirement, _: date) -> Iterator[Fault]:
    for name in requirement.reveal:
        if name in NEVER_ASKED:
            yield Fault(
                "reveal", f"{name} is unique to one award and would trace the learner: it is never asked"
            )
        elif name not in ASKABLE:
            yield Fault(
                "reveal", f"{name!r} is no attribute of the profile; known: {', '.join(sorted(ASKABLE))}"
            )
    if requirement.name is not None and set(NAME) & set(requirement.reveal):
        yield Fault(
            "reveal",
            "keeps a name that name_match promises only to compare: leave the name out, or drop name_match",
        )
    if len(set(requirement.reveal)) != len(requirement.reveal):
        yield Fault("reveal", "names an attribute twice")


def _keep(requirement: Requirement, _: date) -> Iterator[Fault]:
    if not 1 <= requirement.keep_days <= MAX_KEEP_DAYS:
        yield Fault("keep_days", f"is {requirement.keep_days}; it must be from 1 to {MAX_KEEP_DAYS} days")


def _expiry(requirement: Requirement, _: date) -> Iterator[Fault]:
    if not SHORTEST_EXPIRY <= requirement.expires_in <= LONGEST_EXPIRY:
        yield Fault(
            "expires_in",
            f"is {int(requirement.expires_in.total_seconds())} seconds; it must be from"
            f" {int(SHORTEST_EXPIRY.total_seconds())} to {int(LONGEST_EXPIRY.total_seconds())}",
        )


def _hidden_programme(requirement: Requirement, _: date) -> Iterator[Fault]:
    """What is asked of a programme that stays hidden must be an attribute that predicates can compare."""
    if not requirement.hide_programme:
        return
    for name in requirement.reveal:
        if name in NAMES_THE_PROGRAMME:
            yield Fault("reveal", f"{name} names the programme, which hide_programme promises to keep hidden")
    for where, need in _placed(requirement):
        if len(need.alternatives) > 1:
            yield Fault(f"{where}.any_of", "cannot be proven while the programme stays hidden")
        for alternative in need.alternatives:
            if alternative.skill is not None:
                yield Fault(f"{where}.skill", "can be judged only from the programme: drop hide_programme")
            if alternative.level is not None and alternative.level.framework != "eqf":
                yield Fault(f"{where}.level.framework", "must be eqf while the programme stays hidden")


_CHECKS: tuple[Callable[[Requirement, date], Iterator[Fault]], ...] = (
    _purpose,
    _needs,
    _reveal,
    _keep,
    _expiry,
    _hidden_programme,
)
