"""What a mail server brings back: any bytes are a report about one of our messages, or refused as unreadable."""

from contextlib import suppress
from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from issuer.domain.bounce import LARGEST_REPORT, LONGEST_REASON, read_report
from issuer.errors import BounceUnreadable
from tests.fuzz.hostile import damaged

MESSAGE = UUID("01a20190-ed24-769b-bfb9-ac9fb82d9749")
GOOD = f"""To: bounces+{MESSAGE}@ngo.example
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; amina@example.test
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 amina@example.test is unknown

--b--
""".encode()


def nested(deep: int) -> bytes:
    """Parts within parts."""
    parts = "".join(
        f"Content-Type: multipart/mixed; boundary={number}\n\n--{number}\n" for number in range(deep)
    )
    return parts.encode()[:LARGEST_REPORT]


def test_the_report_that_is_damaged_below_is_read() -> None:
    assert read_report(GOOD).message_id == MESSAGE


@given(st.binary(max_size=400) | damaged(GOOD))
@example(nested(5000))
@example(b"Content-Type: message/rfc822\n\n" * 5000)
def test_any_bytes_are_a_report_or_refused(content: bytes) -> None:
    with suppress(BounceUnreadable):
        found = read_report(content)
        assert len(found.reason) <= LONGEST_REASON
        assert "@example.test" not in found.reason
