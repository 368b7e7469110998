"""Answer what somebody asked about her data; if she asked for that, erase what may be erased."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from issuer.domain.privacy_request import Outcome, PrivacyRequest, answered
from issuer.errors import AwardRefusesAction, AwardUnknown
from issuer.ports import KeepPrivacyRequests
from issuer.use_cases.look_up_privacy_requests import known
from issuer.use_cases.revoke_award import RevokeAward
from shared.ports.clock import Clock

ERASED: Final = "Taken back before it was claimed: its data were erased on request."


@dataclass(frozen=True)
class AnswerPrivacyRequest:
    """With outcome erased, an award of hers that nobody has claimed is taken back: it exists nowhere but here."""

    requests: KeepPrivacyRequests
    revoke: RevokeAward
    clock: Clock

    async def __call__(
        self, organisation: str, request_id: UUID, outcome: Outcome, *, reason: str, by: str
    ) -> PrivacyRequest:
        """Return the request as it ended.

        Raises PrivacyRequestUnknown, PrivacyRequestRefusesAction, and AwardChanged if she claims at this very moment.
        """
        request = await known(self.requests, organisation, request_id)
        after = answered(request, outcome, reason=reason, by=by, now=self.clock())
        if outcome is Outcome.ERASED:
            removed = await self._erase(organisation, request)
            after = answered(request, outcome, reason=reason, removed=removed, by=by, now=self.clock())
        await self.requests.save(after)
        return after

    async def _erase(self, organisation: str, request: PrivacyRequest) -> Mapping[str, int]:
        taken_back = 0
        for award_id in request.awards:
            if await self.requests.is_unclaimed(organisation, award_id):
                try:
                    await self.revoke(organisation, award_id, ERASED)
                except (AwardRefusesAction, AwardUnknown):
                    continue
                taken_back += 1
        erased = await self.requests.erase(organisation, request.awards, now=self.clock())
        return {**({"awards_taken_back": taken_back} if taken_back else {}), **erased}
