"""Find awards among many, and show one with all that happened to it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from issuer.domain.award import Award, Revoked, Superseded
from issuer.domain.delivery import ClaimLink, waits
from issuer.domain.finding import Wanted
from issuer.domain.history import AwardStage, Event
from issuer.domain.message import Message
from issuer.domain.revocation import Revocation
from issuer.domain.suspension import StatusChange
from issuer.domain.trouble import trouble_of
from issuer.errors import AwardUnknown, BatchUnknown, TemplateUnknown
from issuer.ports import Records, Transaction

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class FoundAward:
    """An award as it stands. `link` is None where none was sent or handed out; `events` are looked up for one award alone."""

    award: Award
    stage: AwardStage = AwardStage.PREPARED
    link: ClaimLink | None = None
    revocations: Sequence[Revocation] = ()
    status_change: StatusChange | None = None
    trouble: Message | None = None
    """The last message that did not reach the graduate, until that was made up for."""
    events: Sequence[Event] = ()

    @property
    def published_at(self) -> datetime | None:
        """Since when the status lists that anyone can fetch show that it ended; at once where no wallet had it."""
        if not isinstance(self.award.state, Revoked | Superseded):
            return None
        times = [each.published_at for each in self.revocations]
        return max((t for t in times if t), default=self.award.state.at) if all(times) else None


@dataclass(frozen=True)
class FindAwards:
    """Reads only."""

    records: Records

    async def __call__(
        self,
        organisation: str,
        wanted: Wanted,
        *,
        after: UUID | None,
        limit: int,
        newest_first: bool = False,
    ) -> Sequence[FoundAward]:
        """In the order they were made, or the other way round. Raises BatchUnknown or TemplateUnknown."""
        async with self.records.reading() as tx:
            if wanted.batch_id is not None and await tx.batch(organisation, wanted.batch_id) is None:
                raise BatchUnknown(
                    f"There is no batch {wanted.batch_id}; each award of GET /v1/awards names its own."
                )
            if wanted.template_id is not None and await tx.template(organisation, wanted.template_id) is None:
                raise TemplateUnknown(
                    f"There is no template {wanted.template_id}; GET /v1/templates lists all."
                )
            found = await tx.find_awards(
                organisation, wanted, after=after, limit=limit, newest_first=newest_first
            )
            return await _look_at(tx, organisation, found)

    async def all(self, organisation: str, wanted: Wanted) -> AsyncIterator[FoundAward]:
        """Every one, some at a time: what changes meanwhile may be told as it was or as it is."""
        after: UUID | None = None
        while found := await self(organisation, wanted, after=after, limit=_AT_ONCE):
            for each in found:
                yield each
            after = found[-1].award.id

    async def one(self, organisation: str, award_id: UUID) -> FoundAward:
        """With what happened to it. Raises AwardUnknown."""
        async with self.records.reading() as tx:
            found = await _look_at(tx, organisation, [award_id])
            events = await tx.events_of(organisation, award_id)
        if not found:
            raise AwardUnknown(f"There is no award {award_id}; GET /v1/awards lists all.")
        (one,) = found
        return replace(one, events=events)


async def _look_at(tx: Transaction, organisation: str, award_ids: Sequence[UUID]) -> Sequence[FoundAward]:
    awards = await tx.awards_of(organisation, award_ids)
    stages, links = await tx.stages(award_ids), await tx.claim_links(award_ids)
    changes, messages = await tx.status_changes_of(award_ids), await tx.messages_of(award_ids)
    return [
        FoundAward(
            award,
            stages[award.id],
            links.get(award.id),
            await tx.revocations_of(organisation, award.id)
            if isinstance(award.state, Revoked | Superseded)
            else (),
            changes.get(award.id),
            trouble_of([one for one in messages if one.award_id == award.id]) if waits(award) else None,
        )
        for award in awards
    ]
