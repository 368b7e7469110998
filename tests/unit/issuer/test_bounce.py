"""Reports of mail servers: read as they really look, refused when they are none, and never the cause of a crash."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.domain.bounce import (
    LARGEST_REPORT,
    envelope_address,
    message_id_of,
    read_report,
    without_addresses,
)
from issuer.errors import BounceUnreadable
from tests.support.smtp_server import report_about

ID = UUID("019a9f00-0000-7000-8000-000000000001")
OURS = message_id_of(ID, "ngo.example")
VERP = envelope_address("bounces@ngo.example", ID)
assert VERP is not None


@pytest.mark.parametrize(
    ("message_id", "to"),
    [(OURS, "awards@ngo.example"), ("<other@gateway>", VERP), (OURS.upper(), "awards@ngo.example")],
)
def test_a_report_is_known_by_its_address_or_by_the_mail_it_returns(message_id: str, to: str) -> None:
    report = read_report(report_about(message_id, to=to))
    assert (report.message_id, report.failed, report.hard) == (ID, True, True)
    assert "user unknown" in report.reason


def test_a_report_is_known_by_the_id_its_envelope_carried() -> None:
    content = report_about("<lost@gateway>", to="awards@ngo.example").replace(
        b"Reporting-MTA", f"Original-Envelope-Id: {ID}\r\nReporting-MTA".encode()
    )
    assert read_report(content).message_id == ID


@pytest.mark.parametrize(
    ("action", "status", "failed", "hard"),
    [
        ("failed", "5.1.1", True, True),
        ("failed", "4.4.7", True, False),
        ("failed", "5.2.2", True, False),
        ("delayed", "4.4.1", False, False),
        ("delivered", "2.0.0", False, False),
        ("failed", "nonsense", True, True),
    ],
)
def test_hard_failures_are_told_from_those_that_pass(
    action: str, status: str, *, failed: bool, hard: bool
) -> None:
    report = read_report(report_about(OURS, to="x@ngo.example", action=action, status=status))
    assert (report.failed, report.hard) == (failed, hard)


def test_the_reason_holds_no_address_and_no_line_break() -> None:
    said = "550 5.1.1 <amina@example.org>: Recipient amina@example.org\r\n rejected " + "x" * 999
    report = read_report(report_about(OURS, to="x@ngo.example", said=said))
    assert "example.org" not in report.reason
    assert "\n" not in report.reason
    assert len(report.reason) <= 200
    assert without_addresses("to +254700000001 x", "+254700000001") == "to … x"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"Subject: hello\r\n\r\nI am away until Monday.", "found text/plain"),
        (report_about("<other@gateway>", to="awards@ngo.example"), "name a message from here"),
        (report_about(OURS, to="x@ngo.example").replace(b"Action:", b"Deed:"), "Expected an Action"),
        (b"x" * (LARGEST_REPORT + 1), "at most"),
        (b"", "found text/plain"),
    ],
)
def test_what_is_no_report_about_our_mail_is_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(BounceUnreadable, match=why):
        read_report(content)


@given(st.binary(max_size=400), st.integers(min_value=0, max_value=900))
def test_whatever_comes_is_read_or_refused(junk: bytes, at: int) -> None:
    whole = report_about(OURS, to="x@ngo.example")
    for content in (junk, whole[:at] + junk, whole[:at] + junk + whole[at:]):
        try:
            read_report(content)
        except BounceUnreadable:
            continue


@pytest.mark.parametrize("part", ["multipart/mixed; boundary={0}\n\n--{0}", "message/rfc822\n"])
def test_hundreds_of_parts_within_one_another_are_refused(part: str) -> None:
    content = "".join(f"Content-Type: {part.format(number)}\n" for number in range(3000)).encode()
    with pytest.raises(BounceUnreadable, match="found hundreds within one another"):
        read_report(content)
