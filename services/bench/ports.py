"""What the benchmark needs from the outside."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from services.bench.domain.figures import Arithmetic, Figures, Part, Usage
from services.bench.domain.plan import Deed, Issue, Plan

type Say = Callable[[str], None]
"""Tells whoever watches what goes on, a line at a time."""


type Keep = Callable[[Figures], None]
"""Keeps what was measured so far, in case the run is ended."""

type MayBegin = Callable[[], bool]
"""Whether there is time left to begin something."""


class Learner(Protocol):
    """A learner with a wallet of her own, at one of the sides."""

    holds: bool
    """Whether she got her credential."""

    async def enter(self) -> None:
        """Open her wallet, if it is locked."""

    async def do(self, deed: Deed) -> None:
        """Get a credential, or prove something, from beginning to end; raises whatever keeps her from it."""

    async def doubled(self) -> int:
        """How many more credentials she holds than were issued to her, and records than she had exchanges."""

    async def leave(self) -> None:
        """Lock her wallet."""


class Perform(Protocol):
    """One side: issuer, wallets and verifier that run."""

    async def learners(self, issue: Issue, number: int) -> Sequence[Learner]:
        """So many with new wallets, for whom a credential of this kind waits."""

    def usage(self) -> Mapping[str, Usage]:
        """What each of its processes has used so far."""


class DoArithmetic(Protocol):
    """The anoncreds library and nothing else."""

    async def __call__(self, deeds: Sequence[Deed], times: int) -> Sequence[Arithmetic]:
        """The median of so many times, for each deed."""


class MeasureParts(Protocol):
    """Whatever else is measured."""

    async def __call__(self, plan: Plan) -> Sequence[Part]:
        """The figures."""
