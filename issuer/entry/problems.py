"""Which refusal is which HTTP status."""

from collections.abc import Sequence
from typing import Final

from issuer import errors
from issuer.errors import Complaint
from shared.contracts.problem import FieldError
from shared.web.problems import ProblemError, ProblemMap, unavailable

RETRY_SECONDS: Final = "5"


def _incomplete(error: errors.TemplateIncomplete) -> ProblemError:
    return ProblemError(
        422,
        str(error),
        errors=[FieldError(where="template", what=f"missing: {element}") for element in error.missing],
    )


def _batch_refused(error: errors.BatchRefused) -> ProblemError:
    return ProblemError(
        422, str(error), errors=_field_errors(error.complaints), complaints=_shown(error.complaints)
    )


def _values_refused(error: errors.AwardValuesRefused) -> ProblemError:
    return ProblemError(422, str(error), errors=_field_errors(error.complaints))


def _at_fields(error: errors.ProfileRefused | errors.WordingRefused) -> ProblemError:
    return ProblemError(
        422, str(error), errors=[FieldError(where=fault.where, what=fault.what) for fault in error.faults]
    )


def _later(error: Exception) -> ProblemError:
    return ProblemError(503, str(error), headers={"Retry-After": RETRY_SECONDS})


def _agent(error: errors.AgentTrouble) -> ProblemError:
    del error  # its words are the agent's, for the log
    return ProblemError(
        503,
        "The exchange with wallets does not work at the moment. Try again in a minute.",
        headers={"Retry-After": RETRY_SECONDS},
    )


PROBLEMS: Final[ProblemMap] = {
    errors.NotThere: 404,
    errors.Conflict: 409,
    errors.ClaimLinkOver: 410,
    errors.TemplateInvalid: 422,
    errors.TemplateIncomplete: _incomplete,
    errors.BatchRefused: _batch_refused,
    errors.AwardValuesRefused: _values_refused,
    errors.MonthsRefused: 422,
    errors.ClaimCodeWrong: 403,
    errors.BounceUnreadable: 422,
    errors.ProfileRefused: _at_fields,
    errors.WordingRefused: _at_fields,
    errors.LogoRefused: 422,
    errors.NotReady: _later,
    errors.OrganisationSuspended: 403,
    errors.AgentTrouble: _agent,
    errors.AgentSilent: unavailable,
}


def _field_errors(complaints: Sequence[Complaint]) -> list[FieldError]:
    return [
        FieldError(
            where=f"row {c.row}, {c.column}" if c.column else f"row {c.row}" if c.row else "file",
            what=f"{c.problem} {c.remedy}",
        )
        for c in complaints
    ]


def _shown(complaints: Sequence[Complaint]) -> list[dict[str, str | int]]:
    return [
        {"row": c.row, "column": c.column, "found": c.found, "problem": c.problem, "remedy": c.remedy}
        for c in complaints
    ]
