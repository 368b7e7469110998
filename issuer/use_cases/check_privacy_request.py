"""Record that an officer made sure who asks, and which of the awards that were found are hers."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from issuer.domain.privacy_request import PrivacyRequest, checked
from issuer.domain.reissue import IdentityCheck
from issuer.ports import KeepPrivacyRequests
from issuer.use_cases.look_up_privacy_requests import known


@dataclass(frozen=True)
class CheckPrivacyRequest:
    """Until it is answered it may be recorded anew."""

    requests: KeepPrivacyRequests

    async def __call__(
        self, organisation: str, request_id: UUID, awards: Sequence[UUID], check: IdentityCheck
    ) -> PrivacyRequest:
        """Return the request. Raises PrivacyRequestUnknown, PrivacyRequestRefusesAction."""
        request = checked(await known(self.requests, organisation, request_id), awards, check)
        await self.requests.save(request)
        return request
