"""Take down what somebody asks about her data, and find what is held on her."""

from dataclasses import dataclass

from issuer.domain.privacy_request import PrivacyRequest, RequestKind, Sought
from issuer.ports import KeepPrivacyRequests, NewId
from shared.ports.clock import Clock


@dataclass(frozen=True)
class TakePrivacyRequest:
    """What she is found by is not kept."""

    requests: KeepPrivacyRequests
    new_id: NewId
    clock: Clock

    async def __call__(
        self, organisation: str, kind: RequestKind, sought: Sought, *, by: str
    ) -> PrivacyRequest:
        """Return the request with its number and the awards that were found; there may be none."""
        found = await self.requests.find(organisation, sought)
        return await self.requests.add(
            PrivacyRequest(self.new_id(), organisation, 0, kind, tuple(found), self.clock(), by)
        )
