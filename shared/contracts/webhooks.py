"""Webhooks as the Standard Webhooks convention 1.0 has them: signature, body and the times of retries.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - how secrets begin
SECRET_BYTES: Final = 32
TEST_EVENT: Final = "webhook.test"
PAUSES: Final[Sequence[timedelta]] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Between the first try and the tenth, some three days later."""


def secret_text(key: bytes) -> str:
    """A secret as its owner is shown it: `whsec_` and base64."""
    return SECRET_PREFIX + base64.b64encode(key).decode()


def body_of(event_type: str, at: datetime, data: Mapping[str, object]) -> bytes:
    """The body that is signed and sent: `{"type", "timestamp", "data"}`."""
    whole = {"type": event_type, "timestamp": at.isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def signed_headers(keys: Sequence[bytes], message_id: str, body: bytes, *, now: datetime) -> dict[str, str]:
    """`webhook-id`, `webhook-timestamp` and `webhook-signature`; each key gives a signature, divided by spaces."""
    timestamp = str(int(now.timestamp()))
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = (
        "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode() for key in keys
    )
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def pause_after(tries: int, *, chance: float) -> timedelta | None:
    """How long to wait after so many tries, up to a fifth longer by `chance` (0 to 1); None when it was the last."""
    return None if tries > len(PAUSES) else PAUSES[tries - 1] * (1 + chance / 5)
