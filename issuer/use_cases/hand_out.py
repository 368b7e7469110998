"""What an officer hands out herself: slips to print, and the links as a list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from issuer.domain import message as states
from issuer.domain.award import Award
from issuer.domain.claim import ClaimLinks, claim_digest, short_token
from issuer.domain.delivery import LINK_DAYS, ClaimLink, last_day, waits
from issuer.domain.history import What, stages_before
from issuer.domain.message import Channel, Kind, Queued
from issuer.errors import BatchUnknown
from issuer.ports import DeliveryRecords, DeliveryTransaction, Facts
from issuer.use_cases.send_message import facts_of, logo_of
from shared.ports.clock import Clock

LIST: Final = "list"
"""How a link was delivered that went out in a list, for a system of the officer's own to send."""
_NOT_DELIVERED: Final = stages_before(What.DELIVERED)
MOST_SLIPS: Final = 400
"""In one file: fifty sheets, some fifteen seconds of work."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What a slip tells. `code` is filled where the code goes on paper: then the link does not."""

    facts: Facts
    link_by: Channel
    code_by_hand: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """An award with its link; `until` None: the link was never sent, and has no day of its own."""

    award: Award
    link: ClaimLink | None
    url: str


@dataclass(frozen=True)
class HandOut:
    """Of a batch, those awards that still wait."""

    records: DeliveryRecords
    links: ClaimLinks
    clock: Clock

    async def slips(
        self, organisation: str, batch_id: UUID, *, after: UUID | None, limit: int
    ) -> tuple[Sequence[Slip], UUID | None]:
        """Return slips, and the award to go on after, None at the end. Raises BatchUnknown.

        A link that was never sent gets its last day now; what waited to be printed counts as sent.
        """
        now = self.clock()
        slips: list[Slip] = []
        async with self.records.transaction() as tx:
            await self._check(tx, organisation, batch_id)
            maker = await tx.organisation(organisation)
            logo = await logo_of(tx, maker)
            delivery = await tx.delivery(organisation, batch_id)
            awards = await tx.awards(organisation, batch_id=batch_id, after=after, limit=limit + 1)
            known = await tx.claim_links([award.id for award in awards[:limit]])
            for award in awards[:limit]:
                template = await tx.template(organisation, award.template_id)
                if not waits(award) or maker is None or template is None:
                    continue
                link = known.get(award.id)
                if link is None:
                    until = last_day(now, delivery.link_days if delivery else LINK_DAYS)
                    digest = claim_digest(short_token(self.links.secret, award.id))
                    link = ClaimLink(award.id, organisation, digest, until, Channel.SHEET, None)
                    await tx.save_claim_link(link)
                on_paper = link.code_by is Channel.SHEET
                kind = Kind.CODE if on_paper else Kind.CLAIM_LINK
                facts = facts_of(kind, award, template, maker, link=link, links=self.links)
                by_hand = award.code_digest is not None and link.code_by is None
                slips.append(Slip(replace(facts, logo=logo), link.link_by, by_hand))
                await tx.note(award, What.DELIVERED, at=now, reason=Channel.SHEET)
            for message in await tx.messages_of([award.id for award in awards[:limit]]):
                if message.channel is Channel.SHEET and isinstance(message.state, Queued):
                    await tx.save_message(states.sent(message, segments=None, now=now))
        return slips, awards[limit - 1].id if len(awards) > limit else None

    async def list_links(self, organisation: str, batch_id: UUID) -> Sequence[Listed]:
        """Return every award that waits; from now on its link counts as delivered. Raises BatchUnknown."""
        found: list[Listed] = []
        after: UUID | None = None
        while True:
            async with self.records.reading() as tx:
                if after is None:
                    await self._check(tx, organisation, batch_id)
                awards = await tx.awards(organisation, batch_id=batch_id, after=after, limit=MOST_SLIPS)
                known = await tx.claim_links([award.id for award in awards])
                stages = await tx.stages([award.id for award in awards])
            if not awards:
                return found
            await self._note([award for award in awards if stages[award.id] in _NOT_DELIVERED])
            found += [
                Listed(award, known.get(award.id), self.links.long(award.id))
                for award in awards
                if waits(award)
            ]
            after = awards[-1].id

    async def _note(self, awards: Sequence[Award]) -> None:
        async with self.records.transaction() as tx:
            for award in awards:
                await tx.note(award, What.DELIVERED, at=self.clock(), reason=LIST)

    async def _check(self, tx: DeliveryTransaction, organisation: str, batch_id: UUID) -> None:
        if await tx.batch(organisation, batch_id) is None:
            raise BatchUnknown(f"There is no batch {batch_id}; each award of GET /v1/awards names its own.")
