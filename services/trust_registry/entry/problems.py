"""Which refusal is which HTTP status."""

from services.trust_registry.errors import (
    ChangedMeanwhile,
    ChangeRefused,
    DidTaken,
    EntryRefused,
    FourEyesRequired,
    NotTheProposer,
    NotThere,
    ProposalDecided,
    ProposalStale,
    SelfApproval,
)
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
}
