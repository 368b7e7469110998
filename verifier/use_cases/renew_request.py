"""Try again: a fresh link for a learner whose request ended without an answer, as often as the job platform allowed."""

from dataclasses import replace

from shared.ports.turns import OneAtATime
from verifier.domain.request import Declined, Expired, renewable
from verifier.errors import NotRenewable, RequestUnknown
from verifier.ports import KeepRequests
from verifier.use_cases.make_request import MakeRequest


class RenewRequest:
    """Raises RequestUnknown, NotRenewable, and what MakeRequest raises."""

    def __init__(self, requests: KeepRequests, make: MakeRequest) -> None:
        self._requests = requests
        self._make = make
        self._one_at_a_time = OneAtATime()

    async def __call__(self, request_id: str) -> str:
        """Return the new request's id; asked twice, the same one."""
        async with self._one_at_a_time(request_id):
            found = await self._requests.find(request_id)
            if found is None:
                raise RequestUnknown("no request has this address: ask whoever gave it to you for a new one")
            if isinstance(found, Expired | Declined) and found.renewed_by is not None:
                return found.renewed_by
            if not renewable(found) or not isinstance(found, Expired | Declined):
                raise NotRenewable("this request cannot be renewed here: ask whoever sent it for a new one")
            stated = found.stated
            fewer = replace(stated.requirement, renewals=stated.requirement.renewals - 1)
            await self._make(fewer, template=stated.template, renews=request_id)
            after = await self._requests.find(request_id)  # another process may have been the first
            if not isinstance(after, Expired | Declined) or after.renewed_by is None:
                raise RequestUnknown("this request is gone: ask whoever gave it to you for a new one")
            return after.renewed_by
