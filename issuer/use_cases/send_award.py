"""Send one award's link, for the first time or once more: to an address that works again, by another way, after its last day."""

from dataclasses import dataclass, replace
from uuid import UUID

from issuer.domain.claim import MAX_WRONG_CODES
from issuer.domain.delivery import Held, OneWay, usual_delivery, waits
from issuer.domain.message import Bounced, Channel, Kind, Message, Queued
from issuer.errors import AwardRefusesAction, AwardUnknown, SecondWayMissing
from issuer.ports import DeliveryRecords
from issuer.use_cases.deliver import Deliver
from shared.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Instead:
    """What differs this once from what was chosen for the batch."""

    link_by: Channel | None = None
    one_way: OneWay | None = None
    codes: bool | None = None


@dataclass(frozen=True)
class SendAward:
    """A link that still waits to be sent is not queued twice."""

    records: DeliveryRecords
    deliver: Deliver
    clock: Clock

    async def __call__(self, organisation: str, award_id: UUID, instead: Instead) -> list[Message]:
        """Return all messages to the award. Raises AwardUnknown, AwardRefusesAction, SecondWayMissing or AwardChanged."""
        now = self.clock()
        async with self.records.transaction() as tx:
            award = await tx.award(organisation, award_id)
            if award is None:
                raise AwardUnknown(f"There is no award {award_id}; GET /v1/awards lists all.")
            if not waits(award):
                raise AwardRefusesAction(
                    f"This award is {award.state_name}: there is nothing to claim, so no link is sent."
                )
            if award.wrong_codes >= MAX_WRONG_CODES:
                raise AwardRefusesAction(
                    "A wrong code was entered too often, so this award's link is closed. "
                    f"Give it a new link and code: POST /v1/awards/{award_id}/supersede without corrections."
                )
            chosen = await tx.delivery(organisation, award.batch_id)
            chosen = chosen or usual_delivery(organisation, award.batch_id, now=now)
            chosen = replace(
                chosen,
                link_by=instead.link_by or chosen.link_by,
                one_way=instead.one_way or chosen.one_way,
                codes=chosen.codes if instead.codes is None else instead.codes,
            )
            messages = await tx.messages_of([award_id])
            links = [message for message in messages if message.kind is Kind.CLAIM_LINK]
            if not any(isinstance(message.state, Queued) for message in links):
                outcome = await self.deliver(
                    tx,
                    award,
                    chosen,
                    known=await tx.claim_link(award_id),
                    number=max((message.number for message in links), default=-1) + 1,
                    bounced={message.channel for message in messages if isinstance(message.state, Bounced)},
                    now=now,
                )
                if isinstance(outcome, Held):
                    raise SecondWayMissing(
                        f"Only one way reaches this graduate ({outcome.only}), so that no second one can carry a code. "
                        "Choose one_way: without_code to send the link alone, or code_on_slip to print the code."
                    )
            return list(await tx.messages_of([award_id]))
