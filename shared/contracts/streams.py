"""The JetStream streams of every party's account, as plain data, and the names used on them."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

MIB = 1024 * 1024


@dataclass(frozen=True)
class Stream:
    """One stream and what bounds it.

    `per_subject` caps waiting messages per subject, `most` all of them, `max_bytes` their size. Whichever is reached
    first: newer messages are refused, so that their senders wait, or the oldest are dropped. Work is never dropped.
    """

    name: str
    subjects: tuple[str, ...]
    retention: Literal["limits", "work queue"]
    max_bytes: int
    when_full: Literal["refuse newer", "drop oldest"]
    max_age: timedelta | None = None
    per_subject: int | None = None
    most: int | None = None
    duplicate_window: timedelta = timedelta(minutes=2)


DIDCOMM_IN = Stream(
    "DIDCOMM_IN",
    ("didcomm.in.*", "didcomm.in.*.*"),
    "work queue",
    512 * MIB,
    "refuse newer",
    per_subject=1000,
    duplicate_window=timedelta(minutes=10),
)
"""No age: who sent an envelope was told that it is stored, and does not send it again."""
DIDCOMM_PARKED = Stream(
    "DIDCOMM_PARKED",
    ("didcomm.parked.*",),
    "limits",
    1024 * MIB,
    "refuse newer",
    max_age=timedelta(days=180),
    per_subject=200,
)
OUTBOUND = "didcomm.out.*"
OWNER = "didcomm.owner"
"""Subject of the claim of the agent that may send: in the stream it fences, which is the only place NATS compares."""
DIDCOMM_OUT = Stream(
    "DIDCOMM_OUT",
    (OUTBOUND, OWNER, f"{OWNER}.*"),
    "work queue",
    1024 * MIB,
    "refuse newer",
    max_age=timedelta(hours=72),
    most=100_000,
    duplicate_window=timedelta(minutes=10),
)
DIDCOMM_POISON = Stream(
    "DIDCOMM_POISON",
    ("didcomm.poison.*",),
    "limits",
    256 * MIB,
    "drop oldest",
    max_age=timedelta(days=30),
    most=10_000,
)
"""Strangers can fill it with envelopes that do not open: newer ones must not be kept out, nor anybody's work held up."""
AGENT_EVENTS = Stream(
    "AGENT_EVENTS", ("agent.events.>",), "limits", 128 * MIB, "drop oldest", max_age=timedelta(days=7)
)
"""Hints: services also ask the agent how far things are."""
WORK = Stream("WORK", ("work.>",), "work queue", 64 * MIB, "refuse newer")
"""No age: what is to be done is done, however late. Until there is room it waits in the outbox."""
WORK_POISON = Stream(
    "WORK_POISON", ("aside.>",), "limits", 64 * MIB, "drop oldest", max_age=timedelta(days=30), most=10_000
)
"""Work and events of our own that could not be handled, until an officer has them handled again."""
EVENTS = Stream("EVENTS", ("events.>",), "limits", 128 * MIB, "drop oldest", max_age=timedelta(days=30))

STREAMS = (DIDCOMM_IN, DIDCOMM_PARKED, DIDCOMM_OUT, DIDCOMM_POISON, AGENT_EVENTS, WORK, WORK_POISON, EVENTS)

MESSAGE_ID = "Nats-Msg-Id"
RECEIVED = "Ujuzi-Received"
ENDPOINT = "Ujuzi-Endpoint"
CONTENT_TYPE = "Content-Type"
REASON = "Ujuzi-Reason"
SHARD = "Ujuzi-Shard"
"""Which shard's envelope it is; without it, the main one's."""
TRUST_LISTS = "trust.lists"
"""Prefix of the core NATS subjects on which new trust lists are announced."""
TRUST_PINS = "trust.pins"
"""Core NATS subject on which a party's processes tell one another that lists were pinned or unpinned."""

BASE_WALLET = "base"
MAIN_SHARD = "main"
"""The agent's stores of a party that has one agent; wallets may be spread over further shards, each with an agent of its own."""
SHARD_NAME = r"[a-z0-9][a-z0-9-]{0,31}"
ASIDE = "aside."


def inbound_subject(wallet_id: str | None, shard: str = MAIN_SHARD) -> str:
    """Subject of envelopes for one wallet, or for the agent's own."""
    return f"didcomm.in.{_of(shard)}{wallet_id or BASE_WALLET}"


def inbound_of(shard: str) -> str:
    """Subject filter for all envelopes of one shard: of no other."""
    return f"didcomm.in.{_of(shard)}*"


def owner_subject(shard: str) -> str:
    """Subject of the claim of the agent that has a shard."""
    return OWNER if shard == MAIN_SHARD else f"{OWNER}.{shard}"


def _of(shard: str) -> str:
    return "" if shard == MAIN_SHARD else f"{shard}."


def parked_subject(wallet_id: str) -> str:
    """Subject of envelopes that wait for a locked wallet."""
    return f"didcomm.parked.{wallet_id}"


def poison_subject(token: str) -> str:
    """Subject of messages given up; `token` is the last token of the subject they came on."""
    return f"didcomm.poison.{token}"


def aside_subject(subject: str) -> str:
    """Subject of a message of our own given up; the rest of it is the subject it came on."""
    return f"{ASIDE}{subject}"


def outbound_subject(endpoint: str) -> str:
    """Subject of envelopes for one destination: all endpoints of one origin share it."""
    parts = urlsplit(endpoint)
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    return f"didcomm.out.{hashlib.sha256(origin.encode()).hexdigest()[:16]}"


def inbound_message_id(envelope: bytes) -> str:
    """Message id by which the same envelope received twice is recognised."""
    return hashlib.sha256(envelope).hexdigest()


def outbound_message_id(endpoint: str, payload: bytes) -> str:
    """Message id by which the same envelope sent twice to one endpoint is recognised."""
    return hashlib.sha256(endpoint.encode() + b"\0" + payload).hexdigest()
