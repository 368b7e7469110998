"""What a run measures: how many at once, how many in all, and what is asked. No I/O."""

from dataclasses import dataclass, replace
from typing import Final, Literal

type Side = Literal["ujuzi", "stock"]

DRIVER: Final = "driver"
"""The benchmark itself, which plays learners, job platforms and, for stock agents, their controllers."""


@dataclass(frozen=True, slots=True)
class Level:
    """So many exchanges, `in_flight` of them at a time, each by another learner."""

    in_flight: int
    exchanges: int


@dataclass(frozen=True, slots=True)
class Issue:
    """One learner gets her first credential."""

    revocable: bool = True

    @property
    def name(self) -> str:
        """How figures of it are found."""
        return "issue" if self.revocable else "issue, not revocable"


@dataclass(frozen=True, slots=True)
class Present:
    """One learner proves so many predicates, with or without that her credential stands."""

    predicates: Literal[0, 1, 3]
    not_revoked: bool = True

    @property
    def name(self) -> str:
        """How figures of it are found."""
        asked = f"{self.predicates} predicate{'s' * (self.predicates != 1)}"
        return f"present, {asked}{'' if self.not_revoked else ', status not asked'}"


type Deed = Issue | Present


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole run, the most telling deeds first. What Ujuzi does not offer (credentials without status) only stock agents do."""

    name: str
    deeds: tuple[Deed, ...]
    """In this order; a revocable credential is issued before one is presented."""
    issuing: tuple[Level, ...]
    presenting: tuple[Level, ...]
    stall_seconds: float
    """Whatever has not finished when nothing finished for so long is lost."""
    rows: int
    """Of the spreadsheet whose preparation is measured."""
    wallets: int
    """How many are opened one after the other."""
    arithmetic: int
    """How often each step is repeated."""
    envelopes: int
    """How many are sent to the public edge."""
    organisations: int
    """On the trust list that is loaded and asked."""
    idle_seconds: float = 20
    """How long it is watched doing nothing."""

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What is issued."""
        return tuple(one for one in self.deeds if isinstance(one, Issue))

    @property
    def courses(self) -> int:
        """How many there are, of both sides together."""
        return sum(len(self.levels(deed)) * len(sides_of(deed)) for deed in self.deeds)

    def levels(self, deed: Deed) -> tuple[Level, ...]:
        """How many at a time and in all."""
        return self.issuing if isinstance(deed, Issue) else self.presenting

    def of_size(self, learners: int) -> "Plan":
        """The same with one level of so many, two at a time, and nothing done often: to try the command."""
        level = (Level(min(2, learners), learners),)
        return replace(
            self, name="trial", deeds=(Issue(), Present(1)), issuing=level, presenting=level,
            stall_seconds=120, idle_seconds=1,
            rows=20, wallets=2, arithmetic=1, envelopes=20, organisations=100,
        )  # fmt: skip


QUICK: Final = Plan(
    name="quick",
    deeds=(Issue(), Present(1)),
    issuing=(Level(1, 5), Level(10, 30)),
    presenting=(Level(1, 5), Level(10, 30)),
    stall_seconds=25,
    rows=500,
    wallets=10,
    arithmetic=5,
    envelopes=500,
    organisations=10_000,
)

FULL: Final = Plan(
    name="full",
    deeds=(
        Issue(),
        Present(1),
        Present(0),
        Present(3),
        Issue(revocable=False),
        Present(1, not_revoked=False),
    ),
    issuing=(Level(1, 10), Level(10, 30), Level(50, 50), Level(200, 200)),
    presenting=(Level(1, 10), Level(10, 30), Level(50, 50), Level(200, 200)),
    stall_seconds=60,
    rows=2_000,
    wallets=50,
    arithmetic=20,
    envelopes=2_000,
    organisations=10_000,
)


def sides_of(deed: Deed) -> tuple[Side, ...]:
    """Who does it: what Ujuzi issues always has a status, and its verifier always asks for it."""
    whole = deed.revocable if isinstance(deed, Issue) else deed.not_revoked
    return ("stock", "ujuzi") if whole else ("stock",)
