"""Write to a graduate what became of her award: that it was revoked, or that another took its place, with the new link."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from issuer.domain.award import Award
from issuer.domain.delivery import Held, usual_delivery
from issuer.domain.message import Bounced, Channel, Kind, Message
from issuer.ports import Transaction
from issuer.use_cases.deliver import Deliver


@dataclass(frozen=True)
class TellGraduate:
    """Only to addresses that are still kept and from which nothing came back."""

    deliver: Deliver

    async def revoked(self, tx: Transaction, award: Award, *, now: datetime) -> bool:
        """Queue the notice, in the transaction that revokes; False where nothing reaches her."""
        bounced = _bounced(await tx.messages_of([award.id]))
        ways = {Channel.EMAIL: award.graduate.email, Channel.SMS: award.graduate.phone}
        for way, address in ways.items():
            if address and way in self.deliver.available and way not in bounced:
                return await tx.add_message(self.deliver.message(award, Kind.REVOKED, way, 0, now))
        return False

    async def replaced(self, tx: Transaction, old: Award, new: Award, kind: Kind, *, now: datetime) -> bool:
        """Queue the new link, as was chosen for the cohort; False where none can be sent. A code goes only to whom two ways reach."""
        chosen = await tx.delivery(new.organisation, new.batch_id)
        same_address = (old.graduate.email, old.graduate.phone) == (new.graduate.email, new.graduate.phone)
        bounced = _bounced(await tx.messages_of([old.id])) if same_address else frozenset()
        outcome = await self.deliver(
            tx,
            new,
            chosen or usual_delivery(new.organisation, new.batch_id, now=now),
            known=None,
            number=0,
            bounced=bounced,
            now=now,
            kind=kind,
        )
        return not isinstance(outcome, Held) and outcome.link_by is not Channel.SHEET


def _bounced(messages: Collection[Message]) -> frozenset[Channel]:
    return frozenset(each.channel for each in messages if isinstance(each.state, Bounced))
