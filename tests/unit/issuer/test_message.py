"""What becomes of a message, how long a text message is, and which way a link and its code go."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from issuer.domain.award import Award
from issuer.domain.claim import ClaimLinks, claim_code, code_digest
from issuer.domain.delivery import Held, OneWay, Ways, is_over, ways
from issuer.domain.message import (
    AWAY_PAUSE,
    KEPT_TRYING,
    PAUSES,
    Bounced,
    Channel,
    Failed,
    Message,
    Queued,
    Sent,
    bounce,
    sent,
    try_later,
    wait_for_channel,
)
from issuer.domain.sms import SmsSize, sms_size
from tests.support.issuer import SECRET, START, batch_of, graduate, prepared_award, published_template
from tests.support.messages import delivery_of, message_to

BOTH = frozenset({Channel.EMAIL, Channel.SMS})


def award(**changes: str) -> Award:
    template = published_template()
    return prepared_award(template, batch_of(template), graduate=graduate(**changes))


def message(**changes: object) -> Message:
    return message_to(award(), **changes)


class TestStates:
    def test_what_is_refused_for_now_is_tried_later_and_later_and_then_given_up(self) -> None:
        now, one = START, message()
        for pause in PAUSES:
            one = try_later(one, "full", now=now)
            assert one.state == Queued(now + pause, "full")
            now += pause
        assert try_later(one, "full", now=now).state == Failed(now, "full")
        assert timedelta(days=2) < now - START < timedelta(days=4)

    def test_a_server_that_is_away_costs_a_message_no_try_until_nobody_wants_it_any_more(self) -> None:
        one = wait_for_channel(message(attempts=2), "away", now=START)
        assert (one.state, one.attempts) == (Queued(START + AWAY_PAUSE, "away"), 2)
        late = START + KEPT_TRYING + timedelta(seconds=1)
        assert wait_for_channel(one, "away", now=late).state == Failed(late, "away")

    def test_what_was_sent_may_come_back_for_good_or_for_now(self) -> None:
        out = sent(message(), segments=2, now=START)
        assert (out.state, out.attempts, out.segments) == (Sent(START), 1, 2)
        assert bounce(out, "unknown", now=START).state == Bounced(START, "unknown")
        again = try_later(out, "full", now=START)
        assert (again.state, again.attempts) == (Queued(START + PAUSES[0], "full"), 1)

    def test_what_bounced_stays_as_it_first_did(self) -> None:
        first = bounce(message(), "unknown", now=START)
        assert bounce(first, "again", now=START + timedelta(days=1)) == first


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("a" * 160, SmsSize("GSM-7", 160, 1)),
        ("a" * 161, SmsSize("GSM-7", 161, 2)),
        ("é" * 307, SmsSize("GSM-7", 307, 3)),
        ("€" * 80, SmsSize("GSM-7", 160, 1)),
        ("a" * 152 + "€" + "a" * 10, SmsSize("GSM-7", 164, 2)),
        ("ش" * 70, SmsSize("UCS-2", 70, 1)),
        ("ش" * 71, SmsSize("UCS-2", 71, 2)),
        ("ã" + "a" * 70, SmsSize("UCS-2", 71, 2)),
        ("😀" * 36, SmsSize("UCS-2", 72, 2)),
        ("😀" * 67, SmsSize("UCS-2", 134, 3)),
        ("", SmsSize("GSM-7", 0, 1)),
    ],
)
def test_segments_are_counted_as_telephones_do(text: str, size: SmsSize) -> None:
    assert sms_size(text) == size


PHONE = "+254700000001"


class TestWays:
    def test_the_code_goes_the_other_way_than_the_link(self) -> None:
        reached = award(phone=PHONE)
        delivery = delivery_of(reached.batch_id)
        assert ways(reached, delivery, BOTH) == Ways(Channel.EMAIL, Channel.SMS)
        assert ways(reached, replace(delivery, link_by=Channel.SMS), BOTH) == Ways(Channel.SMS, Channel.EMAIL)
        assert ways(reached, replace(delivery, codes=False), BOTH) == Ways(Channel.EMAIL, None)

    @pytest.mark.parametrize(
        ("one_way", "expected"),
        [
            (OneWay.HOLD, Held(Channel.EMAIL)),
            (OneWay.WITHOUT_CODE, Ways(Channel.EMAIL, None)),
            (OneWay.CODE_ON_SLIP, Ways(Channel.EMAIL, Channel.SHEET)),
        ],
    )
    def test_with_one_way_only_nothing_is_sent_before_somebody_chose(
        self, one_way: OneWay, expected: Ways | Held
    ) -> None:
        reached = award()
        assert ways(reached, delivery_of(reached.batch_id, one_way=one_way), BOTH) == expected

    def test_a_way_that_is_not_set_up_is_none(self) -> None:
        reached = award(phone=PHONE)
        assert ways(reached, delivery_of(reached.batch_id), {Channel.SMS}) == Held(Channel.SMS)

    def test_whom_no_way_reaches_gets_a_slip(self) -> None:
        reached = award(email="")
        assert ways(reached, delivery_of(reached.batch_id), BOTH) == Ways(Channel.SHEET, None)

    def test_a_code_the_officer_was_given_is_never_sent(self) -> None:
        reached = replace(award(phone=PHONE), code_digest="her own")
        assert ways(reached, delivery_of(reached.batch_id), BOTH) == Ways(Channel.EMAIL, None)
        alone = replace(award(), code_digest="her own")
        assert ways(alone, delivery_of(alone.batch_id), BOTH) == Ways(Channel.EMAIL, None)


def test_a_link_holds_until_its_day_is_over_everywhere() -> None:
    day = date(2026, 11, 30)
    assert not is_over(day, now=datetime(2026, 12, 1, 11, 59, tzinfo=UTC))
    assert is_over(day, now=datetime(2026, 12, 1, 12, 0, tzinfo=UTC))


def test_links_and_codes_are_derived_and_a_foreign_code_is_not_taken_for_them() -> None:
    links, one = ClaimLinks("https://issuer.example", SECRET), award()
    assert links.short(one.id) != ClaimLinks("https://issuer.example", bytes(32)).short(one.id)
    assert len(links.short(one.id)) < len(links.long(one.id)) - 20
    assert links.code(one) is None
    code = claim_code(SECRET, one.id)
    assert links.code(replace(one, code_digest=code_digest(SECRET, one.id, code))) == code
    assert links.code(replace(one, code_digest=code_digest(SECRET, one.id, "ABCD2345"))) is None
