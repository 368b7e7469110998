"""Have an award's link sent, and a code by another way: what sending a batch and sending one award share."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from issuer.domain.award import Award
from issuer.domain.claim import ClaimLinks, claim_code, claim_digest, code_digest, short_token
from issuer.domain.delivery import ClaimLink, Delivery, Held, Ways, last_day, ways
from issuer.domain.message import Channel, Kind, Message, Queued
from issuer.ports import NewId, Transaction


@dataclass(frozen=True)
class Deliver:
    """Writes the messages; the senders do the rest."""

    links: ClaimLinks
    new_id: NewId
    available: frozenset[Channel]
    """The ways that are set up; sheets always are."""

    async def __call__(
        self,
        tx: Transaction,
        award: Award,
        delivery: Delivery,
        *,
        known: ClaimLink | None,
        number: int,
        bounced: Collection[Channel],
        now: datetime,
        kind: Kind = Kind.CLAIM_LINK,
    ) -> Ways | Held:
        """Return the ways chosen. `known` is the link as it was sent before; it is asked for another day then.

        Raises AwardChanged.
        """
        secret = self.links.secret
        ours = known is not None and known.code_by is not None
        chosen = ways(
            replace(award, code_digest=None) if ours else award, delivery, self.available - set(bounced)
        )
        if isinstance(chosen, Held):
            return chosen
        digest = None if ours else award.code_digest
        if chosen.code_by is not None:
            digest = code_digest(secret, award.id, claim_code(secret, award.id))
        if digest != award.code_digest:
            await tx.save_award(replace(award, code_digest=digest))
        await tx.save_claim_link(
            ClaimLink(
                award_id=award.id,
                organisation=award.organisation,
                short_digest=claim_digest(short_token(secret, award.id)),
                until=last_day(now, delivery.link_days),
                link_by=chosen.link_by,
                code_by=chosen.code_by,
            )
        )
        await tx.add_message(self.message(award, kind, chosen.link_by, number, now))
        if chosen.code_by is not None:
            await tx.add_message(self.message(award, Kind.CODE, chosen.code_by, number, now))
        return chosen

    def message(self, award: Award, kind: Kind, channel: Channel, number: int, now: datetime) -> Message:
        """A new message to an award's graduate."""
        return Message(
            id=self.new_id(),
            organisation=award.organisation,
            batch_id=award.batch_id,
            award_id=award.id,
            kind=kind,
            number=number,
            channel=channel,
            language=award.graduate.language,
            state=Queued(now),
            attempts=0,
            segments=None,
            queued_at=now,
        )
