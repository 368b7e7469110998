"""Ready-made facts about what is sent to graduates."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from issuer.domain.award import Award
from issuer.domain.claim import claim_digest, short_token
from issuer.domain.delivery import ClaimLink, Delivery, usual_delivery
from issuer.domain.message import Channel, Kind, Message, Queued
from tests.support.issuer import ORG, SECRET, START, new_id


def delivery_of(batch_id: UUID, **changes: Any) -> Delivery:  # noqa: ANN401 - any field
    """What an officer chooses who chooses nothing."""
    return replace(usual_delivery(ORG, batch_id, now=START), **changes)


def claim_link_of(award: Award, **changes: Any) -> ClaimLink:  # noqa: ANN401 - any field
    """A link sent by e-mail without a code."""
    digest = claim_digest(short_token(SECRET, award.id))
    until = START.date() + timedelta(days=180)
    return replace(ClaimLink(award.id, ORG, digest, until, Channel.EMAIL, None), **changes)


def message_to(award: Award, **changes: Any) -> Message:  # noqa: ANN401 - any field
    """A claim link that waits to be mailed."""
    message = Message(
        id=new_id(),
        organisation=ORG,
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
