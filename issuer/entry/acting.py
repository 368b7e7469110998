"""On whose behalf somebody acts: every route about programmes, cohorts and awards concerns one organisation."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from shared.ports.api_keys import Caller
from shared.web.auth import require_scope
from shared.web.problems import ProblemError


@dataclass(frozen=True)
class Acting:
    """Who asks, and for which organisation."""

    caller: Caller
    organisation: str


def acting(scope: str) -> Callable[..., Awaitable[Acting]]:
    """A dependency like `require_scope` that also refuses whoever belongs to no organisation, such as the operator."""

    async def checked(caller: Annotated[Caller, Depends(require_scope(scope))]) -> Acting:
        return Acting(caller, organisation_of(caller))

    return checked


def organisation_of(caller: Caller) -> str:
    """Whom the caller acts for. Raises ProblemError (403) for whoever belongs to no organisation."""
    if caller.organisation is None:
        raise ProblemError(
            403,
            "You belong to no organisation of this issuer: ask an administrator of the one you mean for a key.",
        )
    return caller.organisation
