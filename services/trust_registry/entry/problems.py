"""Which refusal is which HTTP status."""

from services.trust_registry.errors import ChangedMeanwhile, ChangeRefused, DidTaken, EntryRefused, NotThere
from shared.web.problems import ProblemMap

PROBLEMS: ProblemMap = {
    NotThere: 404,
    DidTaken: 409,
    ChangeRefused: 409,
    ChangedMeanwhile: 409,
    EntryRefused: 422,
}
