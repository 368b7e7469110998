"""A cohort on its way from a spreadsheet to prepared awards: its states, and what becomes of each row.

checking → draft → (waiting) → preparing → prepared. Rows with faults may stay behind: they are mended later, and the batch
is prepared once more for them. A batch waits only where the organisation asks for a second person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from issuer.domain.same_person import Keys
from issuer.errors import BatchCause, BatchRefusesAction, Complaint, NoSecondPerson


@dataclass(frozen=True, slots=True)
class Checking:
    """Its rows are being read; nobody sees it yet."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Checked and open: rows can be mended. `sent_back` is why it was not approved, empty if nobody was asked."""

    sent_back: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """For a second person."""

    asked_by: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Preparing:
    """Its good rows become awards; `approved_by` is empty where one person decides."""

    asked_by: str
    asked_at: datetime
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Its good rows are awards; what was left behind can still be mended."""

    asked_by: str = ""
    approved_by: str = ""


BatchState = Checking | Draft | Waiting | Preparing | Prepared

NAMES: Final[dict[type[BatchState], str]] = {
    Checking: "checking",
    Draft: "draft",
    Waiting: "waiting",
    Preparing: "preparing",
    Prepared: "prepared",
}


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one file and the awards of one edition that they become.

    `rows` counts those with something in them, `awards` those that are awards. `complaints` are those of an import in one
    call; where rows are kept, each has its own. `uploaded_by` is `key:ID` or `member:ID`.
    """

    id: UUID
    organisation: str
    template_id: UUID
    edition_id: str
    rows: int
    awards: int
    encoding: str
    separator: str
    complaints: tuple[Complaint, ...]
    created_at: datetime
    file_name: str = ""
    uploaded_by: str = ""
    state: BatchState = field(default_factory=Prepared)
    trace: str | None = None
    """The trace in which the file came, as `traceparent`."""

    @property
    def state_name(self) -> str:
        """The state as the API and the screens call it."""
        return NAMES[type(self.state)]

    @property
    def is_open(self) -> bool:
        """Whether its rows can be changed."""
        return isinstance(self.state, Draft | Prepared)


def ask(batch: Batch, *, by: str, good: int, second_person: bool, now: datetime) -> Batch:
    """Somebody wants the good rows prepared. Raises BatchRefusesAction."""
    if isinstance(batch.state, Waiting):
        raise BatchRefusesAction(BatchCause.WAITS_ALREADY, "This batch waits for approval already.")
    _must_be_open(batch)
    if not good:
        raise BatchRefusesAction(
            BatchCause.NO_GOOD_ROW,
            "No row can be awarded: mend those with faults, or take in those that were left out.",
        )
    return replace(batch, state=Waiting(by, now) if second_person else Preparing(by, now))


def approve(batch: Batch, *, by: str, asked_at: datetime) -> Batch:
    """A second person agrees to what she saw: the request of `asked_at`. Raises BatchRefusesAction or NoSecondPerson."""
    waiting = _waiting(batch, asked_at)
    if by in {batch.uploaded_by, waiting.asked_by}:
        raise NoSecondPerson(
            "You uploaded this batch or asked for its approval: somebody else has to approve it."
        )
    return replace(batch, state=Preparing(waiting.asked_by, waiting.asked_at, by))


def send_back(batch: Batch, reason: str, *, asked_at: datetime) -> Batch:
    """It is not approved, or whoever asked thinks better of it. Raises BatchRefusesAction."""
    _waiting(batch, asked_at)
    return replace(batch, state=Draft(reason))


def finish(batch: Batch, *, awards: int) -> Batch:
    """All good rows are awards."""
    match batch.state:
        case Preparing(asked_by, _, approved_by):
            return replace(batch, awards=awards, state=Prepared(asked_by, approved_by))
        case _:
            raise BatchRefusesAction(BatchCause.CHANGED, f"This batch is {batch.state_name}, not preparing.")


def _waiting(batch: Batch, asked_at: datetime) -> Waiting:
    if not isinstance(batch.state, Waiting):
        raise BatchRefusesAction(
            BatchCause.NOBODY_WAITS, f"This batch is {batch.state_name}: nobody waits for an approval."
        )
    if batch.state.asked_at != asked_at:
        raise BatchRefusesAction(
            BatchCause.CHANGED,
            "This batch was changed since you looked at it. Look at it again, then decide.",
        )
    return batch.state


def _must_be_open(batch: Batch) -> None:
    if not batch.is_open:
        raise BatchRefusesAction(
            BatchCause.CLOSED,
            f"This batch is {batch.state_name}: its rows can be changed before it is prepared, or once that is done.",
        )


class RowState(StrEnum):
    """What becomes of a row; `good` rows are awarded when the batch is prepared."""

    GOOD = "good"
    FAULTY = "faulty"
    DUPLICATE = "duplicate"
    LEFT_OUT = "left_out"
    AWARDED = "awarded"


@dataclass(frozen=True, slots=True)
class SameRow:
    """The same person stands in an earlier row of this file."""

    row: int


@dataclass(frozen=True, slots=True)
class SameAward:
    """The same person has an award of this programme from an earlier batch."""

    award_id: UUID


@dataclass(frozen=True, slots=True)
class CohortRow:
    """A row of the spreadsheet as it was found or mended. `all_the_same`: she is to be awarded though she is a duplicate."""

    batch_id: UUID
    organisation: str
    row: int
    cells: Mapping[str, str]
    complaints: tuple[Complaint, ...]
    keys: Keys
    same: SameRow | SameAward | None = None
    all_the_same: bool = False
    left_out: bool = False
    award_id: UUID | None = None

    @property
    def state(self) -> RowState:
        """What becomes of it."""
        if self.award_id is not None:
            return RowState.AWARDED
        if self.left_out:
            return RowState.LEFT_OUT
        if self.complaints:
            return RowState.FAULTY
        return RowState.DUPLICATE if self.same and not self.all_the_same else RowState.GOOD


@dataclass(frozen=True, slots=True)
class EarlierAward:
    """An award of the same programme, as far as a row is compared with it."""

    award_id: UUID
    batch_id: UUID
    keys: Keys


def check_change(batch: Batch, row: CohortRow) -> None:
    """Raises BatchRefusesAction where this row cannot be changed."""
    _must_be_open(batch)
    if row.award_id is not None:
        raise BatchRefusesAction(
            BatchCause.AWARDED,
            f"Row {row.row} is an award already: correct the award (POST /v1/awards/{row.award_id}/supersede).",
        )
