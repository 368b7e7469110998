"""Proposals as the API reads and shows them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from services.trust_registry.domain.edits import (
    Changing,
    Edit,
    FourEyesSet,
    Granting,
    Registering,
    StatusChange,
    ValiditySet,
)
from services.trust_registry.domain.proposal import LONGEST_REASON, MOST_EDITS, Proposal, ProposalState
from services.trust_registry.domain.status import Change
from services.trust_registry.entry.shapes import EntityBody, GrantBody, Moment, Strict, Text, Uri
from services.trust_registry.errors import EntryRefused
from shared.ports.clock import NewId


class RegisterEdit(Strict):
    """Take up an organisation. `entity_id` is given by the register."""

    kind: Literal["register"]
    entity: EntityBody
    entity_id: str | None = None


class ChangeEdit(Strict):
    """Say something else of an organisation."""

    kind: Literal["change"]
    entity_id: Text
    entity: EntityBody


class GrantEdit(Strict):
    """Let an organisation do something: one that is there (`entity_id`), or one of this proposal (`entity_of`, its DID)."""

    kind: Literal["grant"]
    entity_id: Text | None = None
    entity_of: Uri | None = None
    authorization: GrantBody
    authorization_id: str | None = None


class StatusEdit(Strict):
    """Change what an authorization is worth."""

    kind: Literal["status"]
    authorization_id: Text
    change: Change
    reason: Text
    effective_at: Moment | None = None
    earlier_awards_stand: bool | None = None


class ValidityEdit(Strict):
    """How long lists are valid."""

    kind: Literal["validity"]
    validity_hours: float = Field(ge=0.01, le=24 * 180)


class FourEyesEdit(Strict):
    """Whether every change takes two people."""

    kind: Literal["four_eyes"]
    four_eyes: bool


type EditBody = Annotated[
    RegisterEdit | ChangeEdit | GrantEdit | StatusEdit | ValidityEdit | FourEyesEdit,
    Field(discriminator="kind"),
]


class ProposalBody(Strict):
    """Changes that are made all together or not at all, and why."""

    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
    edits: list[EditBody] = Field(min_length=1, max_length=MOST_EDITS)


class DecisionBody(Strict):
    """Why a proposal is rejected."""

    reason: Text


class ProposalShown(BaseModel):
    """A proposal. `stale`: what it changes was changed since, so it can no longer be approved. Actors are `key:ID` or `member:ID`."""

    id: str
    state: ProposalState
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    stale: bool
    edits: list[EditBody]

    @classmethod
    def of(cls, proposal: Proposal, *, stale: bool = False) -> Self:
        """As the API shows it."""
        return cls(
            id=proposal.id,
            state=proposal.state,
            reason=proposal.reason,
            proposed_by=proposal.proposed_by,
            proposed_at=proposal.proposed_at,
            decided_by=proposal.decided_by,
            decided_at=proposal.decided_at,
            decision_reason=proposal.decision_reason,
            stale=stale,
            edits=[_shown(edit) for edit in proposal.edits],
        )


def edits_of(bodies: Sequence[EditBody], new_id: NewId) -> tuple[Edit, ...]:
    """The same for the domain, with ids for what is new. Raises EntryRefused."""
    new: dict[str, str] = {}
    edits: list[Edit] = []
    for body in bodies:
        if isinstance(body, RegisterEdit):
            entity = body.entity.entity(new_id())
            new |= dict.fromkeys(entity.dids, entity.id)
            edits.append(Registering(entity=entity))
        else:
            edits.append(_edit(body, new, new_id))
    return tuple(edits)


def _edit(
    body: ChangeEdit | GrantEdit | StatusEdit | ValidityEdit | FourEyesEdit,
    new: Mapping[str, str],
    new_id: NewId,
) -> Edit:
    match body:
        case ChangeEdit():
            return Changing(entity=body.entity.entity(body.entity_id))
        case GrantEdit():
            return Granting(
                entity_id=_whose(body, new), authorization_id=new_id(), grant=body.authorization.grant()
            )
        case StatusEdit():
            return StatusChange(
                authorization_id=body.authorization_id,
                change=body.change,
                reason=body.reason,
                effective_at=body.effective_at,
                earlier_awards_stand=body.earlier_awards_stand,
            )
        case ValidityEdit():
            return ValiditySet(hours=body.validity_hours)
        case FourEyesEdit():
            return FourEyesSet(four_eyes=body.four_eyes)


def _whose(body: GrantEdit, new: Mapping[str, str]) -> str:
    if (body.entity_id is None) == (body.entity_of is None):
        raise EntryRefused(
            "expected either entity_id or entity_of, the DID of an organisation in this proposal"
        )
    if body.entity_id is not None:
        return body.entity_id
    found = new.get(body.entity_of or "")
    if found is None:
        raise EntryRefused(
            f"expected entity_of to be a DID of an organisation registered before it here, found {body.entity_of!r:.120}"
        )
    return found


def _shown(edit: Edit) -> EditBody:
    match edit:
        case Registering():
            return RegisterEdit(kind="register", entity=EntityBody.of(edit.entity), entity_id=edit.entity.id)
        case Changing():
            return ChangeEdit(kind="change", entity_id=edit.entity.id, entity=EntityBody.of(edit.entity))
        case Granting():
            return GrantEdit(
                kind="grant",
                entity_id=edit.entity_id,
                authorization=GrantBody.of(edit.grant),
                authorization_id=edit.authorization_id,
            )
        case StatusChange():
            return StatusEdit(
                kind="status",
                authorization_id=edit.authorization_id,
                change=edit.change,
                reason=edit.reason,
                effective_at=edit.effective_at,
                earlier_awards_stand=edit.earlier_awards_stand,
            )
        case ValiditySet():
            return ValidityEdit(kind="validity", validity_hours=edit.hours)
        case FourEyesSet():
            return FourEyesEdit(kind="four_eyes", four_eyes=edit.four_eyes)
