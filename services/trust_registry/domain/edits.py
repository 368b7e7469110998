"""What may be changed in the register, as plain data: proposed by one person, approved by another, or made at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.trust_registry.domain.register import Entity, Grant
from services.trust_registry.domain.status import EMERGENCY, Change
from shared.vc import jcs


@dataclass(frozen=True, slots=True, kw_only=True)
class Registering:
    """Take up an organisation; its id is given already."""

    entity: Entity
    kind: Literal["register"] = "register"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """Say something else of an organisation; its authorizations stay."""

    entity: Entity
    kind: Literal["change"] = "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Granting:
    """Let an organisation do something."""

    entity_id: str
    authorization_id: str
    grant: Grant
    kind: Literal["grant"] = "grant"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """Suspend, reinstate, lapse, withdraw, or report a compromise. `effective_at` None: when it is made."""

    authorization_id: str
    change: Change
    reason: str
    effective_at: datetime | None = None
    earlier_awards_stand: bool | None = None
    kind: Literal["status"] = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValiditySet:
    """How long lists are valid."""

    hours: float
    kind: Literal["validity"] = "validity"


@dataclass(frozen=True, slots=True, kw_only=True)
class FourEyesSet:
    """Whether every change needs a second person."""

    four_eyes: bool
    kind: Literal["four_eyes"] = "four_eyes"


type Edit = Registering | Changing | Granting | StatusChange | ValiditySet | FourEyesSet


def may_be_made_alone(edit: Edit) -> bool:
    """Whether one person may make it where two are asked for: it takes trust away, or asks for the second person."""
    match edit:
        case StatusChange():
            return edit.change in EMERGENCY
        case FourEyesSet():
            return edit.four_eyes
        case _:
            return False


def entities_of(edits: Iterable[Edit]) -> set[str]:
    """Ids of the organisations that must be there already, where an edit names them."""
    edits = tuple(edits)
    new = {edit.entity.id for edit in edits if isinstance(edit, Registering)}
    named = {edit.entity.id for edit in edits if isinstance(edit, Changing)}
    return (named | {edit.entity_id for edit in edits if isinstance(edit, Granting)}) - new


def standing_of(entity: Entity) -> str:
    """A digest of all that may change in an organisation: another one means that somebody changed it."""
    return jcs.digest_multibase(
        {
            "names": dict(entity.names),
            "country": entity.country,
            "dids": list(entity.dids),
            "did_periods": {
                did: [str(period.since), str(period.until)] for did, period in entity.did_periods.items()
            },
            "external_ids": list(entity.external_ids),
            "periods": {found.id: len(found.periods) for found in entity.authorizations},
        }
    )
