"""Whoever answered goes back to the job platform, with a code that shows it."""

import secrets
from collections.abc import Collection

from shared.ports.clock import Clock
from verifier.domain.request import Asked, Created
from verifier.domain.session import CODE_LASTS, returnable, way_back
from verifier.errors import BoundElsewhere, RequestUnknown, SessionUnknown
from verifier.ports import KeepRequests, KeepSessions
from verifier.use_cases.open_in_browser import TOKEN_BYTES, digest


class ReturnToPlatform:
    """Raises RequestUnknown, SessionUnknown, BoundElsewhere."""

    def __init__(
        self, requests: KeepRequests, sessions: KeepSessions, *, origins: Collection[str], clock: Clock
    ) -> None:
        """`origins` are those that are returned to, also where the address was allowed once."""
        self._requests = requests
        self._sessions = sessions
        self._origins = origins
        self._clock = clock

    async def __call__(self, request_id: str, token: str) -> str:
        """The address to go to. A new code replaces one that was not used."""
        found = await self._requests.find(request_id)
        if found is None:
            raise RequestUnknown("no request has this address: ask whoever gave it to you for a new one")
        asked = found.stated.session
        if asked is None or returnable(asked, self._origins) or isinstance(found, (Created, Asked)):
            raise SessionUnknown("there is nowhere to return to from this request now: open its page")
        held = await self._sessions.find(request_id)
        if held is None or held.browser is None or not secrets.compare_digest(held.browser, digest(token)):
            raise BoundElsewhere("This request was opened in another browser: go back there.")
        code = secrets.token_urlsafe(TOKEN_BYTES)
        await self._sessions.give_code(request_id, digest(code), until=self._clock() + CODE_LASTS)
        return way_back(asked, request_id, code)
