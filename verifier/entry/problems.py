"""Which answer each of the verifier's errors gets."""

from typing import cast

from shared.contracts.problem import FieldError
from shared.web.problems import ProblemError, ProblemMap
from verifier.errors import (
    BoundElsewhere,
    NotRenewable,
    NoWish,
    RequestFinished,
    RequestUnknown,
    RequirementInvalid,
    ReturnCodeWrong,
    SessionUnknown,
    TemplateFixed,
    TemplateUnknown,
    TrustListUnknown,
    WayUnknown,
)


def _requirement_invalid(error: Exception) -> ProblemError:
    faults = cast("RequirementInvalid", error).faults
    return ProblemError(
        422,
        "The requirement cannot be asked as stated; see errors.",
        title="Requirement cannot be asked",
        errors=[FieldError(where=fault.where, what=fault.what) for fault in faults],
    )


PROBLEMS: ProblemMap = {
    RequirementInvalid: _requirement_invalid,
    RequestUnknown: 404,
    BoundElsewhere: 403,
    ReturnCodeWrong: 403,
    SessionUnknown: 404,
    TemplateUnknown: 404,
    TrustListUnknown: 404,
    WayUnknown: 404,
    NoWish: 409,
    TemplateFixed: 409,
    RequestFinished: 409,
    NotRenewable: 409,
}
