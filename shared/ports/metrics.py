"""What a process counts, and what it measures when it is asked.

Labels are words of ours (a route's template, a state, a stream): never a path, an id or anything of a person. Alert rules
(`deploy/alerts/`) and docs/runbooks.md name these metrics: `tests/unit/docs/test_runbooks.py` holds the three together.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import Counter, Histogram

# --- counted as it happens

SECONDS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

HTTP_REQUESTS: Final = Counter(
    "ujuzi_http_requests_total", "Requests answered.", ("method", "route", "status")
)
HTTP_SECONDS: Final = Histogram(
    "ujuzi_http_request_seconds", "Until the answer was sent.", ("method", "route"), buckets=SECONDS
)
MESSAGES: Final = Counter(
    "ujuzi_messages_total",
    "Messages taken from JetStream, by what became of them: done, later, failed (comes again), given up.",
    ("consumer", "outcome"),
)
MESSAGE_SECONDS: Final = Histogram(
    "ujuzi_message_seconds", "Until a message was handled.", ("consumer",), buckets=SECONDS
)
EVENTS: Final = Counter(
    "ujuzi_events_total",
    "What this service did, by the subject of the event or order in its outbox.",
    ("event",),
)
VERDICTS: Final = Counter("ujuzi_verdicts_total", "Answers judged.", ("result",))
WEBHOOKS: Final = Counter(
    "ujuzi_webhook_deliveries_total",
    "Tries to tell a webhook: delivered, waiting (tried again), failed.",
    ("state",),
)
LOOP_LAG: Final = Histogram(
    "ujuzi_event_loop_lag_seconds",
    "How late the event loop came back to a task that slept: everything in the process was late by that.",
    buckets=(0.005, 0.02, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)


# --- measured when asked


@dataclass(frozen=True, slots=True)
class Gauge:
    """What can be measured; its readings have a value for each of `labels`."""

    name: str
    what: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A gauge's value at this moment."""

    gauge: Gauge
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


type Measure = Callable[[], Awaitable[Iterable[Reading]]]
"""Takes no longer the more there is: it asks indexes for few rows. What it raises is said as `ujuzi_measured` 0."""

MEASURED: Final = Gauge("ujuzi_measured", "1, or 0 where this could not be measured now.", ("measure",))
CHECK: Final = Gauge("ujuzi_check_ok", "1 where this check of /ready holds, else 0.", ("check",))

DB_IN_USE: Final = Gauge("ujuzi_db_connections_in_use", "Connections to the database in use.")
DB_MOST: Final = Gauge("ujuzi_db_connections_most", "How many there can be at a time.")

OUTBOX_WAITING: Final = Gauge(
    "ujuzi_outbox_waiting", "Events and orders not yet in JetStream; counted to 10,000."
)
OUTBOX_OLDEST: Final = Gauge("ujuzi_outbox_oldest_seconds", "Age of the oldest of them, 0 if there is none.")

STREAM_MESSAGES: Final = Gauge("ujuzi_stream_messages", "Messages a stream holds.", ("stream",))
STREAM_FULL: Final = Gauge(
    "ujuzi_stream_full_ratio", "How full it is, by bytes or messages, whichever is fuller.", ("stream",)
)
STREAM_OLDEST: Final = Gauge(
    "ujuzi_stream_oldest_seconds",
    "Age of the oldest message of a stream of work, 0 if it is empty.",
    ("stream",),
)
CONSUMER_PENDING: Final = Gauge(
    "ujuzi_consumer_pending", "Messages a consumer was not given yet.", ("stream", "consumer")
)
CONSUMER_ACK_PENDING: Final = Gauge(
    "ujuzi_consumer_ack_pending", "Messages it was given and has not acknowledged.", ("stream", "consumer")
)
CONSUMER_REDELIVERED: Final = Gauge(
    "ujuzi_consumer_redelivered", "Of these, those that came more than once.", ("stream", "consumer")
)

LIST_CHECKED: Final = Gauge(
    "ujuzi_trust_list_checked_seconds",
    "Since when this pinned list was last fetched and found valid; +Inf if never since the start.",
    ("list",),
)
LIST_EXPIRES: Final = Gauge(
    "ujuzi_trust_list_expires_seconds", "Until the newest valid number of this list expires.", ("list",)
)

WEBHOOKS_WAITING: Final = Gauge(
    "ujuzi_webhook_deliveries_waiting", "Deliveries not made yet; counted to 10,000."
)
WEBHOOKS_OVERDUE: Final = Gauge(
    "ujuzi_webhook_overdue_seconds", "How long the one due longest has been due, 0 if none is."
)
WEBHOOKS_FAILING: Final = Gauge(
    "ujuzi_webhooks_failing", "Webhooks of which every delivery has failed for an hour or longer."
)
AWARDS: Final = Gauge(
    "ujuzi_awards_in_hand", "Awards whose claim is under way, by state; counted to 10,000.", ("state",)
)
MAIL_WAITING: Final = Gauge(
    "ujuzi_mail_waiting", "Messages to graduates not sent yet; counted to 10,000.", ("channel",)
)
MAIL_OLDEST: Final = Gauge(
    "ujuzi_mail_oldest_seconds", "How long the one next in line has waited, 0 if there is none.", ("channel",)
)
REQUESTS: Final = Gauge(
    "ujuzi_requests_in_hand", "Requests not settled yet, by state; counted to 10,000.", ("state",)
)
WALLETS_OPEN: Final = Gauge("ujuzi_wallets_open", "Wallets open in this process.")
DISK_FREE: Final = Gauge("ujuzi_store_disk_free_bytes", "Free bytes of the disk that the stores are on.")
DISK_NEEDED: Final = Gauge(
    "ujuzi_store_disk_needed_bytes", "With fewer free bytes no wallet is made any more."
)

MOST_COUNTED: Final = 10_000
"""So far rows are counted: to know of more, nobody needs the number."""
