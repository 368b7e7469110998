"""Ready-made facts about what is sent to graduates."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from issuer.domain.award import Award
from issuer.domain.claim import claim_digest, short_token
from issuer.domain.delivery import ClaimLink, Delivery, OneWay
from issuer.domain.message import Channel, Kind, Message, Queued
from tests.support.issuer import SECRET, START, new_id


def delivery_of(batch_id: UUID, **changes: Any) -> Delivery:  # noqa: ANN401 - any field
    """What an officer chooses who chooses nothing."""
    delivery = Delivery(batch_id, "test", Channel.EMAIL, True, OneWay.HOLD, 180, None, START)  # noqa: FBT003
    return replace(delivery, **changes)


def claim_link_of(award: Award, **changes: Any) -> ClaimLink:  # noqa: ANN401 - any field
    """A link sent by e-mail without a code."""
    digest = claim_digest(short_token(SECRET, award.id))
    until = START.date() + timedelta(days=180)
    return replace(ClaimLink(award.id, "test", digest, until, Channel.EMAIL, None), **changes)


def message_to(award: Award, **changes: Any) -> Message:  # noqa: ANN401 - any field
    """A claim link that waits to be mailed."""
    message = Message(
        id=new_id(),
        organisation="test",
        batch_id=award.batch_id,
        award_id=award.id,
        kind=Kind.CLAIM_LINK,
        number=0,
        channel=Channel.EMAIL,
        language="en",
        state=Queued(START),
        attempts=0,
        segments=None,
        queued_at=START,
    )
    return replace(message, **changes)
