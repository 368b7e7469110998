"""API keys as `Authorization: Bearer`: 401 without a valid key, 403 without the scope."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.ports.api_keys import ApiKey, FindApiKey
from shared.ports.audit import done_by
from shared.web.problems import ProblemError

BEARER = HTTPBearer(auto_error=False, scheme_name="ApiKey", description="An API key of this service.")
LONGEST_KEY = 200


def require_scope(scope: str) -> Callable[..., Awaitable[ApiKey]]:
    """A dependency that returns the caller's key if it includes the scope.

    Use it as `caller: Annotated[ApiKey, Depends(require_scope("awards:write"))]`, or in `dependencies=[…]`.
    """

    async def checked(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
    ) -> ApiKey:
        find: FindApiKey = request.app.state.find_api_key
        key = None
        if credentials is not None and len(credentials.credentials) <= LONGEST_KEY:
            key = await find(credentials.credentials)
        if key is None:
            raise ProblemError(
                401,
                "Expected a valid API key as 'Authorization: Bearer KEY'.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if not key.may(scope):
            raise ProblemError(403, f"This API key lacks the scope {scope!r}: ask for a key that has it.")
        done_by(f"key:{key.id}")
        return key

    return checked
