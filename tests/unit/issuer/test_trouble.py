"""Which message did not reach a graduate, and what an API user reads of it."""

from datetime import timedelta
from uuid import UUID

import pytest

from issuer.domain.award import Exchange, Issued, SentCredential, Suspension
from issuer.domain.message import Bounced, Channel, Failed, Kind, Message, Queued, Sent, State
from issuer.domain.suspension import StatusChange
from issuer.domain.trouble import trouble_of
from issuer.entry.shapes import AwardShape
from issuer.use_cases.find_awards import FindAwards, FoundAward
from tests.support.issuer import (
    ORG,
    START,
    MemoryRecords,
    batch_of,
    new_id,
    prepared_award,
    published_template,
)

BOUNCED = Bounced(START, "550 no such user")
FAILED = Failed(START, "the gateway refused")
SENT = SentCredential(Exchange("connection", "exchange"), "registry", "7")


def message(
    state: State, *, minutes: int = 0, kind: Kind = Kind.CLAIM_LINK, award_id: UUID | None = None
) -> Message:
    at = START + timedelta(minutes=minutes)
    which = award_id or new_id()
    return Message(new_id(), ORG, new_id(), which, kind, 0, Channel.EMAIL, "en", state, 1, None, at)


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([message(BOUNCED)], BOUNCED.reason),
        ([message(BOUNCED), message(FAILED, minutes=1, kind=Kind.REMINDER)], FAILED.reason),
        ([message(BOUNCED), message(Sent(START), minutes=1, kind=Kind.CODE)], BOUNCED.reason),
        ([message(FAILED), message(Queued(START), minutes=1)], FAILED.reason),
    ],
)
def test_the_last_message_that_did_not_arrive_is_told(messages: list[Message], reason: str) -> None:
    found = trouble_of(messages)
    assert found is not None
    assert found.reason == reason


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [message(Sent(START))],
        [message(Queued(START))],
        [message(BOUNCED), message(Sent(START), minutes=1)],
    ],
)
def test_what_was_made_up_for_is_no_trouble(messages: list[Message]) -> None:
    assert trouble_of(messages) is None


async def test_an_award_says_which_message_did_not_arrive_and_what_to_do() -> None:
    records, template = MemoryRecords(), published_template()
    batch = batch_of(template)
    award, other = prepared_award(template, batch), prepared_award(template, batch)
    async with records.transaction() as tx:
        await tx.add_batch(batch, [award, other])
        tx.all_messages.append(message(BOUNCED, award_id=award.id))
    find = FindAwards(records)
    shown = AwardShape.of(await find.one(ORG, award.id), "https://issuer.example/claim/x").delivery_trouble
    assert shown is not None
    assert (shown.state, shown.at, shown.reason) == ("bounced", START, BOUNCED.reason)
    assert "/supersede" in shown.remedy
    assert (await find.one(ORG, other.id)).trouble is None


def test_a_failure_asks_for_another_try() -> None:
    award = prepared_award(published_template(), batch_of(published_template()))
    shown = AwardShape.of(FoundAward(award, trouble=message(FAILED)), "url").delivery_trouble
    assert shown is not None
    assert shown.state == "failed"
    assert shown.remedy.startswith("Send it again")


def test_an_award_says_that_it_is_suspended_or_counts_again_and_since_when_that_is_published() -> None:
    template = published_template()
    award = prepared_award(
        template, batch_of(template), state=Issued(SENT), suspension=Suspension("A doubt.", START)
    )
    change = StatusChange(
        new_id(),
        ORG,
        award.id,
        SENT,
        suspended=True,
        reason="A doubt.",
        requested_at=START,
        published_at=START,
    )
    suspended = AwardShape.of(FoundAward(award, status_change=change), "url")
    assert suspended.state == "issued"
    assert suspended.suspension is not None
    assert (suspended.suspension.reason, suspended.suspension.published_at) == ("A doubt.", START)
    assert suspended.reinstatement is None

    award = prepared_award(template, batch_of(template), state=Issued(SENT))
    change = StatusChange(
        new_id(), ORG, award.id, SENT, suspended=False, reason="No doubt.", requested_at=START
    )
    again = AwardShape.of(FoundAward(award, status_change=change), "url")
    assert again.suspension is None
    assert again.reinstatement is not None
    assert (again.reinstatement.reason, again.reinstatement.published_at) == ("No doubt.", None)
