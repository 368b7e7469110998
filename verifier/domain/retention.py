"""How long the verifier keeps what it keeps, and why."""

from datetime import timedelta
from typing import Final

REQUESTS_KEPT: Final = timedelta(days=400)
"""A finished request, since it was made: as long as the audit log speaks of it, and longer than any answer may be kept.

What a learner showed goes with the days she was told (`keep_days`). A receipt is a signed file: whoever holds it has it
checked years later (`POST /v1/receipts/check`), without this row.
"""
COPIES_KEPT: Final = timedelta(days=400)
"""Of what issuers publish, since an answer was judged by it: credentials are shown seldom, and definitions are small."""
STATUS_LISTS_KEPT: Final = timedelta(days=30)
"""Since it was fetched or used: each is replaced within a day, and counts for the days a requirement allows."""
MOST_COPIED: Final = 256 * 1024 * 1024
"""Bytes of all copies together; the least used go first."""
