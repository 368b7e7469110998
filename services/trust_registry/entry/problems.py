"""Which refusal is which HTTP status."""

from services.trust_registry.errors import (
    ApplicationRefusesAction,
    ApplicationsFull,
    ChangedMeanwhile,
    ChangeRefused,
    ControlUnproven,
    DidLogUnchecked,
    DidTaken,
    EntryRefused,
    EvidenceRefused,
    FourEyesRequired,
    NotTheProposer,
    NotThere,
    ProofNotAsked,
    ProposalDecided,
    ProposalStale,
    SelfApproval,
)
from shared.vc.did_control import ControlNotProven
from shared.web.problems import ProblemMap

PROBLEMS: ProblemMap = {
    NotThere: 404,
    DidTaken: 409,
    ChangeRefused: 409,
    ChangedMeanwhile: 409,
    FourEyesRequired: 409,
    ProposalDecided: 409,
    ProposalStale: 409,
    SelfApproval: 403,
    NotTheProposer: 403,
    EntryRefused: 422,
    ApplicationRefusesAction: 409,
    ControlUnproven: 409,
    ProofNotAsked: 409,
    ControlNotProven: 422,
    DidLogUnchecked: 422,
    EvidenceRefused: 422,
    ApplicationsFull: 503,
}
