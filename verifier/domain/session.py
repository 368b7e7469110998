"""How an answer is bound to the job platform's own session: whoever answers comes back to where she was asked.

(1) The platform opens the request for its signed-in applicant: an address to come back to, and a reference to the session.
(2) The first browser that says so on the request's page holds the request; any other is told that it is held already.
(3) After the answer that browser alone gets a code, counting once and for ten minutes, and takes it to the platform's address.
(4) The platform presents code and reference of the session in which the code arrived: the same session is bound, another a mismatch.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from verifier.errors import Fault

CODE_LASTS: Final = timedelta(minutes=10)
RETURN_WAITS: Final = timedelta(minutes=10)
"""How long the judgement waits for the learner to come back, where the answer must be bound."""
LONGEST_URL: Final = 500
_URL = re.compile(r"(https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?)(?:[/?][A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]*)?")

type Bound = Literal["unbound", "bound", "mismatch"]


@dataclass(frozen=True)
class SessionAsked:
    """Where the learner comes back to, and whether an answer by whoever does not is rejected."""

    return_url: str
    must_be_bound: bool = False


@dataclass(frozen=True)
class Held:
    """What is known of a request's session: who holds it, as the digest of a cookie, and what came of the return."""

    request_id: str
    reference: str
    """Digest of the reference that the platform gave to its session."""
    browser: str | None = None
    bound: Bound = "unbound"


def origin_of(url: str) -> str | None:
    """Scheme, host and port of a plain http(s) address, in lower case; None if it is none: user names, fragments, backslashes."""
    matched = _URL.fullmatch(url)
    return matched.group(1).lower() if matched and len(url) <= LONGEST_URL else None


def returnable(asked: SessionAsked, origins: Collection[str]) -> tuple[Fault, ...]:
    """What is wrong with the address: only origins that this verifier was told of are returned to."""
    origin = origin_of(asked.return_url)
    if origin is None:
        return (
            Fault(
                "session.return_url",
                f"is no plain https address of at most {LONGEST_URL} characters without user name and #fragment",
            ),
        )
    if origin not in origins:
        return (
            Fault(
                "session.return_url",
                "leads to an origin that this verifier does not return to: have it added to VERIFIER_RETURN_ORIGINS",
            ),
        )
    return ()


def way_back(asked: SessionAsked, request_id: str, code: str) -> str:
    """The platform's address with the request's id and the code for its session."""
    joint = "&" if "?" in asked.return_url else "?"
    return f"{asked.return_url}{joint}ujuzi_request={request_id}&ujuzi_code={code}"
