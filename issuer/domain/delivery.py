"""How a batch's claim links reach their graduates: by which way the link, by which the code, until when, how often reminded."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final
from uuid import UUID

from issuer.domain.award import Award, Broken, Declined, Invited, Offered, Prepared
from issuer.domain.graduate import Graduate
from issuer.domain.message import Channel

LINK_DAYS: Final = 180
"""How long a link that was sent can be used, unless the officer says otherwise."""
REMIND_EVERY_DAYS: Final = 14
MOST_REMINDERS: Final = 2
_LAST_PLACE: Final = timezone(timedelta(hours=-12))
"""Where a day ends last: a link that names a day holds until that day is over everywhere."""


class OneWay(StrEnum):
    """What to do for a graduate whom only one way reaches, so that no second can carry a code."""

    HOLD = "hold"
    WITHOUT_CODE = "without_code"
    CODE_ON_SLIP = "code_on_slip"


@dataclass(frozen=True, slots=True)
class Reminders:
    """After each so many days without a claim, at most so often."""

    every_days: int
    most: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the officer chose for a batch. `codes` False sends no code at all, though there were two ways."""

    batch_id: UUID
    organisation: str
    link_by: Channel
    codes: bool
    one_way: OneWay
    link_days: int
    reminders: Reminders | None
    sent_at: datetime


def usual_delivery(organisation: str, batch_id: UUID, *, now: datetime) -> Delivery:
    """What holds where nobody chose."""
    return Delivery(
        batch_id=batch_id,
        organisation=organisation,
        link_by=Channel.EMAIL,
        codes=True,
        one_way=OneWay.HOLD,
        link_days=LINK_DAYS,
        reminders=None,
        sent_at=now,
    )


@dataclass(frozen=True, slots=True)
class ClaimLink:
    """An award's link as it was sent: short form, last day, ways. `code_by` None: whoever has the code hands it over, or there is none."""

    award_id: UUID
    organisation: str
    short_digest: str
    until: date
    link_by: Channel
    code_by: Channel | None


@dataclass(frozen=True, slots=True)
class Ways:
    """By which way the link goes, and by which a code, if one is made for it."""

    link_by: Channel
    code_by: Channel | None


@dataclass(frozen=True, slots=True)
class Held:
    """Not sent: only this way reaches her, and nobody chose what is to become of the code."""

    only: Channel


def ways(award: Award, delivery: Delivery, available: Collection[Channel]) -> Ways | Held:
    """Return how this award's link is to be sent.

    A code that the award already has was given to the officer (with a batch, a correction or a new issue) and is never
    sent: where a telephone was lost, its finder reads along.
    """
    graduate = award.graduate
    reached = [way for way in (Channel.EMAIL, Channel.SMS) if way in available and _address(graduate, way)]
    if not reached:
        return Ways(Channel.SHEET, None)
    link_by = delivery.link_by if delivery.link_by in reached else reached[0]
    if award.code_digest is not None or not delivery.codes:
        return Ways(link_by, None)
    others = [way for way in reached if way is not link_by]
    if others:
        return Ways(link_by, others[0])
    match delivery.one_way:
        case OneWay.HOLD:
            return Held(link_by)
        case OneWay.WITHOUT_CODE:
            return Ways(link_by, None)
        case OneWay.CODE_ON_SLIP:
            return Ways(link_by, Channel.SHEET)


def _address(graduate: Graduate, way: Channel) -> str:
    return graduate.email if way is Channel.EMAIL else graduate.phone


def waits(award: Award) -> bool:
    """Whether nobody has the award yet, nor is about to."""
    return isinstance(award.state, Prepared | Invited | Offered | Broken | Declined)


def last_day(now: datetime, days: int) -> date:
    """The last day of a link that is sent now."""
    return now.astimezone(UTC).date() + timedelta(days=days)


def is_over(until: date, *, now: datetime) -> bool:
    """Whether that day is over everywhere on Earth."""
    return last_places_day(now) > until


def last_places_day(now: datetime) -> date:
    """The day it is now where days end last: every day before it is over everywhere."""
    return now.astimezone(_LAST_PLACE).date()
