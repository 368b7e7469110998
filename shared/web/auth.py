"""Who may: an API key as `Authorization: Bearer`, or a member who is signed in. 401 without either, 403 without the scope."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.ports.api_keys import Caller, FindApiKey
from shared.ports.audit import done_by
from shared.ports.members import SignedIn
from shared.web.problems import ProblemError
from shared.web.sessions import CONSOLE, Sessions, SignInFirst

BEARER = HTTPBearer(auto_error=False, scheme_name="ApiKey", description="An API key of this service.")
LONGEST_KEY = 200


def require_scope(scope: str, *instead: str) -> Callable[..., Awaitable[Caller]]:
    """A dependency that returns who asks if the key, or the member's roles, include the scope, or one of those `instead`.

    Use it as `caller: Annotated[Caller, Depends(require_scope("awards:write"))]`, or in `dependencies=[…]`; for the
    API and for pages of the console alike. A session's changes are refused unless its own pages ask for them.
    """

    async def checked(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
    ) -> Caller:
        caller = await _with_key(request, credentials) if credentials else await _signed_in(request)
        if caller is None:
            raise _unknown(request)
        done_by(caller.who, caller.organisation)
        if not any(map(caller.may, (scope, *instead))):
            raise ProblemError(
                403,
                f"This API key lacks the scope {scope!r}: ask for a key that has it."
                if credentials
                else f"Your roles do not include {scope!r}: ask an administrator of this console.",
            )
        return caller

    return checked


async def require_member(request: Request) -> SignedIn:
    """A dependency that returns who is signed in, whatever the roles: `member: Annotated[SignedIn, Depends(require_member)]`."""
    member = await _signed_in(request)
    if member is None:
        raise _unknown(request)
    done_by(member.who, member.organisation)
    return member


async def _with_key(request: Request, credentials: HTTPAuthorizationCredentials) -> Caller | None:
    find: FindApiKey = request.app.state.find_api_key
    return await find(credentials.credentials) if len(credentials.credentials) <= LONGEST_KEY else None


async def _signed_in(request: Request) -> SignedIn | None:
    sessions: Sessions | None = request.app.state.sessions
    found = await sessions.find(request) if sessions else None
    if sessions and found:
        await sessions.refuse_forgery(request)
    return found


def _unknown(request: Request) -> ProblemError:
    if request.url.path.startswith(CONSOLE):
        query = f"?{request.url.query}" if request.url.query else ""
        return SignInFirst(f"{request.url.path}{query}" if request.method == "GET" else CONSOLE)
    return ProblemError(
        401,
        "Expected a valid API key as 'Authorization: Bearer KEY'.",
        headers={"WWW-Authenticate": "Bearer"},
    )
