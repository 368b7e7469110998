"""A browser takes hold of a request that is bound to a session of the job platform."""

import hashlib
import secrets

from verifier.domain.request import Asked, Created, state_name
from verifier.errors import BoundElsewhere, RequestFinished, RequestUnknown, SessionUnknown
from verifier.ports import KeepRequests, KeepSessions

TOKEN_BYTES = 32


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class OpenInBrowser:
    """Raises RequestUnknown, RequestFinished, SessionUnknown, BoundElsewhere."""

    def __init__(self, requests: KeepRequests, sessions: KeepSessions) -> None:
        self._requests = requests
        self._sessions = sessions

    async def __call__(self, request_id: str) -> str:
        """The token for the browser's cookie. The first browser holds the request for good."""
        found = await self._requests.find(request_id)
        if found is None:
            raise RequestUnknown("no request has this address: ask whoever gave it to you for a new one")
        if found.stated.session is None:
            raise SessionUnknown("this request belongs to no session: open its page")
        if not isinstance(found, (Created, Asked)):
            raise RequestFinished(f"the request is {state_name(found)}: it can be answered no more")
        token = secrets.token_urlsafe(TOKEN_BYTES)
        if not await self._sessions.hold(request_id, digest(token)):
            raise BoundElsewhere(
                "This request was opened in another browser already, and can be answered there only."
                " If that was not you, ask the organisation for a new request."
            )
        return token
