"""Requests about somebody's data, and the copy of all that is held on her."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from issuer.domain.award import Award
from issuer.domain.delivery import ClaimLink
from issuer.domain.history import Event
from issuer.domain.message import Message
from issuer.domain.privacy_request import KeptRow, PrivacyRequest, require_check
from issuer.domain.question import Question
from issuer.domain.revocation import Revocation
from issuer.errors import PrivacyRequestUnknown
from issuer.ports import KeepPrivacyRequests, PrivacyRecords, PrivacyTransaction


@dataclass(frozen=True)
class Held:
    """All that is held on the graduate of one award; `title` is the programme's."""

    award: Award
    title: str
    events: Sequence[Event]
    link: ClaimLink | None
    messages: Sequence[Message]
    revocations: Sequence[Revocation]
    question: Question | None


@dataclass(frozen=True)
class Copy:
    """What is handed to whoever asked."""

    request: PrivacyRequest
    held: Sequence[Held]
    rows: Sequence[KeptRow]


@dataclass(frozen=True)
class LookUpPrivacyRequests:
    """Reads only."""

    requests: KeepPrivacyRequests
    records: PrivacyRecords

    async def all(self, organisation: str, *, after: UUID | None, limit: int) -> Sequence[PrivacyRequest]:
        """The newest first."""
        return await self.requests.requests(organisation, after=after, limit=limit)

    async def one(self, organisation: str, request_id: UUID) -> PrivacyRequest:
        """Raises PrivacyRequestUnknown."""
        return await known(self.requests, organisation, request_id)

    async def found(self, request: PrivacyRequest) -> Sequence[tuple[Award, str]]:
        """The awards of a request that are still there, with their programmes' titles."""
        async with self.records.reading() as tx:
            awards = [await tx.award(request.organisation, each) for each in request.awards]
            return [(award, await _title(tx, award)) for award in awards if award is not None]

    async def copy(self, organisation: str, request_id: UUID) -> Copy:
        """All that is held. Raises PrivacyRequestUnknown, and PrivacyRequestRefusesAction before the identity was checked."""
        request = await self.one(organisation, request_id)
        require_check(request)
        held = []
        async with self.records.reading() as tx:
            for award_id in request.awards:
                award = await tx.award(organisation, award_id)
                if award is None:
                    continue
                held.append(
                    Held(
                        award=award,
                        title=await _title(tx, award),
                        events=await tx.events_of(organisation, award_id),
                        link=await tx.claim_link(award_id),
                        messages=await tx.messages_of([award_id]),
                        revocations=await tx.revocations_of(organisation, award_id),
                        question=await tx.question(organisation, award_id),
                    )
                )
        return Copy(request, held, await self.requests.rows(organisation, request.awards))


async def _title(tx: PrivacyTransaction, award: Award) -> str:
    template = await tx.template(award.organisation, award.template_id)
    titles = template.description.titles if template else {}
    own = template.description.language if template else None
    return titles.get(award.graduate.language) or titles.get(own or "") or next(iter(titles.values()), "")


async def known(requests: KeepPrivacyRequests, organisation: str, request_id: UUID) -> PrivacyRequest:
    """The organisation's request. Raises PrivacyRequestUnknown."""
    request = await requests.request(organisation, request_id)
    if request is None:
        raise PrivacyRequestUnknown(f"There is no request {request_id}; GET /v1/privacy-requests lists all.")
    return request
