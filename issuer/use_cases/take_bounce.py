"""Take in what a mail server reports of a message's delivery."""

from dataclasses import dataclass

from issuer.domain import message as states
from issuer.domain.bounce import read_report
from issuer.domain.message import Message, Sent
from issuer.errors import MessageUnknown
from issuer.ports import DeliveryRecords
from shared.ports.clock import Clock


@dataclass(frozen=True)
class TakeBounce:
    """A report taken in twice changes nothing more."""

    records: DeliveryRecords
    clock: Clock

    async def __call__(self, organisation: str, content: bytes) -> Message:
        """Return the message as it stands now. Raises BounceUnreadable or MessageUnknown.

        A hard failure ends it; what failed for now and is no longer tried by mail servers is sent anew; the rest of what
        they tell (delayed, relayed, delivered) changes nothing.
        """
        report = read_report(content)
        now = self.clock()
        async with self.records.transaction() as tx:
            message = await tx.message(organisation, report.message_id)
            if message is None:
                raise MessageUnknown(
                    "No message of your organisation has the id this report names; it may be deleted since."
                )
            after = message
            if report.hard:
                after = states.bounce(message, report.reason, now=now)
            elif report.failed and isinstance(message.state, Sent):
                after = states.try_later(message, report.reason, now=now)
            if after != message:
                await tx.save_message(after)
        return after
