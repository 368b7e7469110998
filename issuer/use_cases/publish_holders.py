"""Tell how many hold each programme, in coarse steps and once a week: docs/decisions/0017."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from issuer.domain.organisation import Organisation
from issuer.ports import CountHolders, PublishedHolders, Records
from shared.ports.clock import Clock
from shared.vc.achievement import AchievementError, read
from shared.vc.award import last_day
from shared.vc.holders import holders_content, week_of

log = logging.getLogger(__name__)

AT_ONCE = 100


@dataclass(frozen=True)
class PublishHolders:
    """Run on a timer; does something once a week for each organisation. A closed one tells nothing new."""

    records: Records
    count: CountHolders
    publications: PublishedHolders
    clock: Clock

    async def __call__(self) -> None:
        """Return when every organisation has told the figures of this week."""
        week, after = week_of(self.clock()), None
        while organisations := await self._organisations(after):
            for organisation in organisations:
                if organisation.closed_at is None:
                    await self._tell(organisation, week)
            after = organisations[-1].slug

    async def _tell(self, organisation: Organisation, week: date) -> None:
        counted = await self.publications.counted(organisation.did)
        if counted is not None and counted >= week:
            return
        editions = await self.publications.editions(organisation.did, before=week)
        awards = await self.count.holders(organisation.slug)
        standing = {
            (edition, day): number
            for (edition, day), number in awards.items()
            if edition in editions and not _is_over(editions[edition], day, week)
        }
        content = holders_content(organisation.did, week, editions, standing)
        await self.publications.publish_holders(organisation.did, content)
        log.info("told in steps how many hold the programmes of %s", organisation.slug)

    async def _organisations(self, after: str | None) -> Sequence[Organisation]:
        async with self.records.reading() as tx:
            return await tx.organisations(after=after, limit=AT_ONCE)


def _is_over(edition: Mapping[str, object], day: date, now: date) -> bool:
    """Whether awards made on this day have expired; by the programme, as a learner's wallet reads it too."""
    try:
        ends = last_day(read(edition), day)
    except AchievementError:
        return False
    return ends is not None and ends < now
