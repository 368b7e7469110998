"""Mail that comes back: ids by which a message is known again, and what a report of its delivery says (RFC 3464)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as MimePart
from email.parser import BytesParser
from email.policy import compat32
from typing import Final
from uuid import UUID

from issuer.errors import BounceUnreadable

LONGEST_REASON: Final = 200
LARGEST_REPORT: Final = 256 * 1024
"""Bytes; reports carry headers, or a mail of a few kilobytes."""
_OURS: Final = "ujuzi"
_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_MESSAGE_ID: Final = re.compile(rf"<{_OURS}\.({_UUID})@", re.IGNORECASE)
_VERP: Final = re.compile(rf"\+({_UUID})@", re.IGNORECASE)
_BARE: Final = re.compile(_UUID, re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
_MAILBOX_FULL: Final = re.compile(r"\b[45]\.2\.2\b")
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_MOST_PARTS: Final = 20


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one of our messages. `hard`: the address takes none, now or later."""

    message_id: UUID
    failed: bool
    hard: bool
    reason: str


def message_id_of(message: UUID, domain: str) -> str:
    """The Message-ID of every copy of a message."""
    return f"<{_OURS}.{message}@{domain}>"


def envelope_address(bounces: str | None, message: UUID) -> str | None:
    """The address bounces of this message go to: `bounces@ngo.example` becomes `bounces+ID@ngo.example`."""
    if bounces is None:
        return None
    local, _, domain = bounces.rpartition("@")
    return f"{local}+{message}@{domain}"


def without_addresses(text: str, *known: str) -> str:
    """A server's words on one line, without e-mail addresses: they stay with the award alone."""
    for one in known:
        text = text.replace(one, "…")
    plain = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(_ADDRESS.sub("…", plain).split())[:LONGEST_REASON]


def is_mailbox_full(text: str) -> bool:
    """Whether an enhanced status code says that there is no room now (RFC 3463, X.2.2): that passes."""
    return _MAILBOX_FULL.search(text) is not None


def read_report(content: bytes) -> Report:
    """Read a delivery status notification about one of our messages. Raises BounceUnreadable."""
    if len(content) > LARGEST_REPORT:
        raise BounceUnreadable(f"Expected at most {LARGEST_REPORT} bytes, found {len(content)}.")
    try:
        mail = BytesParser(policy=compat32).parsebytes(content)
        parts = list(_parts(mail))
    except RecursionError:
        raise BounceUnreadable(
            "Expected a report with a few parts, found hundreds within one another."
        ) from None
    fields = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    if fields is None:
        raise BounceUnreadable(
            "Expected a delivery status notification (multipart/report with a part message/delivery-status, RFC 3464), "
            f"found {mail.get_content_type()}."
        )
    groups = (
        [part for part in fields.get_payload() if isinstance(part, MimePart)] if fields.is_multipart() else []
    )
    message_id = _about(mail, groups, parts)
    if message_id is None:
        raise BounceUnreadable(
            "Expected the report to name a message from here: in its address (VERP), its Original-Envelope-Id or the "
            "Message-ID of the mail it returns. Found none."
        )
    recipient = next((group for group in groups if group.get("Action")), None)
    if recipient is None:
        raise BounceUnreadable("Expected an Action for a recipient (RFC 3464, 2.3.3), found none.")
    action = str(recipient["Action"]).strip().lower()
    found = _STATUS.search(str(recipient.get("Status", "")))
    status = found.group() if found else ""
    said = str(recipient.get("Diagnostic-Code", "")).partition(";")[2] or status
    return Report(
        message_id,
        failed=action == "failed",
        hard=action == "failed" and not status.startswith("4") and not is_mailbox_full(status),
        reason=without_addresses(f"{status} {said}" if status not in said else said),
    )


def _parts(mail: MimePart) -> Iterator[MimePart]:
    for number, part in enumerate(mail.walk()):
        if number >= _MOST_PARTS:
            return
        yield part


def _about(mail: MimePart, groups: list[MimePart], parts: list[MimePart]) -> UUID | None:
    """Which message it is about. Gateways rewrite headers of the mail they return; the address it came to stays."""
    for header in ("X-Original-To", "Delivered-To", "To"):
        for value in mail.get_all(header, []):
            if found := _VERP.search(str(value)):
                return UUID(found.group(1))
    for group in groups:
        if found := _BARE.fullmatch(str(group.get("Original-Envelope-Id", "")).strip()):
            return UUID(found.group())
    for part in parts[1:]:
        text = str(part.get("Message-ID", ""))
        if part.get_content_type() == "text/rfc822-headers":
            text = str(part.get_payload())
        if found := _MESSAGE_ID.search(text):
            return UUID(found.group(1))
    return None
