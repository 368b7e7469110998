"""Hand the next message that is due to its carrier, and note what became of it.

Steps: 1. take it, so that nobody else sends it for the time of a lease; 2. find the words; 3. hand it over; 4. note it. A
process that dies between 3 and 4 sends the same message again when the lease is over: one message at most for each way, as
each way has one at a time in hand. The copy has the same Message-ID, by which mail programs know it.
"""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from issuer.domain import message as states
from issuer.domain.award import Award, Revoked
from issuer.domain.claim import ClaimLinks
from issuer.domain.delivery import ClaimLink, is_over, waits
from issuer.domain.history import What
from issuer.domain.message import LINKS, Channel, Kind, Message, Sent
from issuer.domain.organisation import Organisation
from issuer.domain.profile import Logo
from issuer.domain.template import Template
from issuer.errors import AddressRefused, ChannelAway, MessageRefused, NotNow
from issuer.ports import Carrier, ComposeLetter, DeliveryRecords, Facts, ProfileTransaction
from shared.ports.clock import Clock

log = logging.getLogger(__name__)

_BRINGS_LINK: Final = LINKS | {Kind.REMINDER}
LEASE: Final = timedelta(minutes=5)
"""Longer than a mail server may take over one message."""


@dataclass(frozen=True)
class SendMessage:
    """For one way."""

    records: DeliveryRecords
    channel: Channel
    carrier: Carrier
    compose: ComposeLetter
    links: ClaimLinks
    clock: Clock

    async def __call__(self) -> bool:
        """Send one; False if none is due. Raises ChannelAway: then none can be sent for now."""
        now = self.clock()
        async with self.records.reading() as tx:
            message = await tx.due_message(self.channel, now=now)
        if message is None:
            return False
        async with self.records.transaction() as tx:
            if not await tx.take_message(message, until=now + LEASE):
                return True
            award = await tx.award(message.organisation, message.award_id)
            link = await tx.claim_link(message.award_id)
            organisation = await tx.organisation(message.organisation)
            template = await tx.template(message.organisation, award.template_id) if award else None
            own = await tx.wordings(message.organisation)
            logo = await logo_of(tx, organisation)
        needless = message.kind is Kind.REVOKED
        if award is None or (link is None and not needless) or organisation is None or template is None:
            await self._note(states.fail(message, "The award is no longer there.", now=now))
            return True
        stale = self._not_worth_sending(message, award, link, organisation)
        if stale:
            await self._note(states.fail(message, stale, now=now))
            return True
        facts = replace(
            facts_of(message.kind, award, template, organisation, link=link, links=self.links),
            own=own,
            logo=logo,
        )
        await self._send(message, award, facts)
        return True

    def _not_worth_sending(
        self, message: Message, award: Award, link: ClaimLink | None, organisation: Organisation
    ) -> str | None:
        """Why what was right when it was queued is not any more."""
        if organisation.suspended_at is not None:
            return "Not sent: the organisation is suspended."
        if not self._address(award):
            return "Not sent: the award has no address for this way any more."
        return None if message.kind is Kind.REVOKED else self._no_use(message, award, link)

    def _no_use(self, message: Message, award: Award, link: ClaimLink | None) -> str | None:
        """Why the link is of no use to her any more."""
        if not waits(award):
            return f"Not sent: the award is {award.state_name} by now."
        if link is None or is_over(link.until, now=self.clock()):
            return "Not sent: the link's last day is over. Send the award's link again."
        if message.kind is Kind.CODE and self.links.code(award) is None:
            return "Not sent: the award has another code by now, or none."
        return None

    def _address(self, award: Award) -> str:
        return award.graduate.email if self.channel is Channel.EMAIL else award.graduate.phone

    async def _send(self, message: Message, award: Award, facts: Facts) -> None:
        letter = self.compose(facts)
        try:
            segments = await self.carrier.send(
                message, to=self._address(award), sender=facts.organisation, letter=letter
            )
        except ChannelAway as error:
            await self._note(states.wait_for_channel(message, str(error), now=self.clock()))
            raise
        except NotNow as error:
            after = states.try_later(message, str(error), now=self.clock())
        except AddressRefused as error:
            after = states.bounce(message, str(error), now=self.clock())
        except MessageRefused as error:
            after = states.fail(message, str(error), now=self.clock())
        else:
            after = states.sent(message, segments=segments, now=self.clock())
        await self._note(after, award)

    async def _note(self, message: Message, award: Award | None = None) -> None:
        async with self.records.transaction() as tx:
            await tx.save_message(message)
            if award is not None and isinstance(message.state, Sent) and message.kind in _BRINGS_LINK:
                await tx.note(award, What.DELIVERED, at=message.state.at, reason=message.channel)
        log.info(
            "message %s of award %s by %s: %s",
            message.id,
            message.award_id,
            message.channel,
            message.state_name,
        )


def facts_of(
    kind: Kind,
    award: Award,
    template: Template,
    organisation: Organisation,
    *,
    link: ClaimLink | None,
    links: ClaimLinks,
) -> Facts:
    """What a message of this kind tells; the code only where it is what the message is for."""
    titles, language = template.description.titles, award.graduate.language
    graduate = award.graduate
    return Facts(
        kind=kind,
        language=language,
        organisation=organisation.name_in(language),
        programme=titles.get(language) or titles.get(language.partition("-")[0]) or template.title,
        given_name=graduate.given_name,
        full_name=f"{graduate.given_name} {graduate.family_name}".strip(),
        link=links.long(award.id),
        short_link=links.short(award.id),
        code=(links.code(award) or "") if kind is Kind.CODE else "",
        code_by=link.code_by if link else None,
        needs_code=award.code_digest is not None,
        until=link.until if link else award.updated_at.date(),
        reason=award.state.reason if isinstance(award.state, Revoked) else "",
        colour=organisation.profile.colour,
    )


async def logo_of(tx: ProfileTransaction, organisation: Organisation | None) -> Logo | None:
    """The organisation's picture, if it has one."""
    return await tx.logo(organisation.profile.logo) if organisation and organisation.profile.logo else None
