"""Ask a Ujuzi verifier for proofs of learning, follow what becomes of them, and verify its webhooks.

VerifierError
├── Unreachable          nothing usable came, however often it was asked
├── Refused              the verifier says no; `status`, `title`, `detail` and `faults` are its words
│   ├── NotAllowed       the API key is not valid, or lacks a scope
│   └── Unknown          there is no such request
├── StillWaiting         the time given to `wait` is over, and the request is not
└── WebhookNotGenuine    a webhook was not signed with this secret, was changed, or is too old
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Final, Literal, Self, cast

import httpx

State = Literal["created", "asked", "answered", "judged", "declined", "expired", "withdrawn"]
Result = Literal["accepted", "rejected", "undecided"]
Outcome = Literal["passed", "failed", "unchecked"]

FINAL: Final = frozenset({"judged", "declined", "expired", "withdrawn"})
ASK_AGAIN: Final = frozenset({429, 502, 503, 504})
NOT_ALLOWED: Final = frozenset({401, 403})
NOT_FOUND: Final = 404
CONFLICT: Final = 409
REFUSED: Final = 400
LONGEST_PAUSE: Final = 60.0
STREAM_QUIET_SECONDS: Final = 60.0
"""A verifier says at least every 15 seconds that a stream lives."""
TOLERANCE: Final = timedelta(minutes=5)


class VerifierError(Exception):
    """Base class of this module's errors."""


class Unreachable(VerifierError):
    """Nothing usable came, however often it was asked."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong in what was sent."""

    where: str
    what: str


class Refused(VerifierError):
    """The verifier says no."""

    def __init__(self, status: int, title: str, detail: str, faults: Sequence[Fault] = ()) -> None:
        words = "; ".join(f"{fault.where}: {fault.what}" for fault in faults)
        super().__init__(f"{status} {title}: {detail}" + (f" ({words})" if words else ""))
        self.status, self.title, self.detail, self.faults = status, title, detail, tuple(faults)


class NotAllowed(Refused):
    """The API key is not valid, or lacks a scope."""


class Unknown(Refused):
    """There is no such request."""


class StillWaiting(VerifierError):
    """The time given is over, and the request is not."""


class WebhookNotGenuine(VerifierError):
    """A webhook was not signed with this secret, was changed, or is too old."""


@dataclass(frozen=True)
class Step:
    """One of the seven steps of a verdict."""

    number: int
    name: str
    outcome: Outcome
    reason: str


@dataclass(frozen=True)
class Verdict:
    """Rejected if a step failed, else undecided if one could not be checked, else accepted."""

    result: Result
    summary: str
    steps: tuple[Step, ...]
    judged_at: datetime


@dataclass(frozen=True)
class Disclosure:
    """What was shown for one need."""

    need: int
    values: Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """A request as it stands. `raw` is all that the verifier said, also what later versions add."""

    id: str
    state: State
    request_url: str
    invitation_url: str
    expires_at: datetime
    warnings: tuple[str, ...]
    verdict: Verdict | None
    disclosed: tuple[Disclosure, ...] | None
    receipt: str | None
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def is_final(self) -> bool:
        """Whether nothing more will come."""
        return self.state in FINAL

    @property
    def accepted(self) -> bool:
        """Whether there is a verdict, and it is "accepted"; undecided is not."""
        return self.verdict is not None and self.verdict.result == "accepted"


@dataclass(frozen=True)
class WebhookEvent:
    """What a webhook tells. `id` is the same when it is sent again: handle each once."""

    id: str
    type: str
    timestamp: datetime
    data: Mapping[str, Any]


class Verifier:
    """A verifier, by its address and an API key; close it, or use it in a `with` block."""

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        timeout: float = 10.0,
        tries: int = 5,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`timeout` is in seconds, `tries` how often one call is made while the verifier is away or busy."""
        self._client = httpx.Client(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {api_key}", "Accept": "application/json"},
            timeout=timeout,
            transport=transport,
        )
        self._tries = tries
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def ask(
        self,
        requirement: Mapping[str, Any] | None = None,
        *,
        template: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        **more: Any,  # noqa: ANN401 - whatever else the API takes
    ) -> Request:
        """Make a request out of a requirement, or of a template and its parameters; `more` are other fields of the body.

        Raises Refused, Unreachable. The same `idempotency_key` never makes a second request, also after a crash of yours.
        """
        body: dict[str, Any] = {**(requirement or {}), **more}
        if template is not None:
            body |= {"template": template, "parameters": dict(parameters or {})}
        return _request(self._post("/v1/requests", body, idempotency_key))

    def find(self, request_id: str) -> Request:
        """One request as it stands. Raises Unknown, Refused, Unreachable."""
        return _request(self._call("GET", f"/v1/requests/{request_id}"))

    def withdraw(self, request_id: str) -> Request:
        """Take a request back that nobody has answered. Raises Unknown, Refused, Unreachable."""
        return _request(self._post(f"/v1/requests/{request_id}/withdraw", None, None))

    def check_receipt(self, receipt: str) -> Mapping[str, Any]:
        """What a verifier's receipt says, once its signature was checked. Raises Refused, Unreachable."""
        answer = self._post("/v1/receipts/check", {"receipt": receipt}, None)
        return cast("Mapping[str, Any]", answer["receipt"])

    def follow(self, request_id: str) -> Iterator[Request]:
        """The request as it stands and after each change, until it is final; a broken stream is taken up again.

        Where server-sent events do not come through, it is asked for now and then. Raises Unknown, Refused, Unreachable.
        """
        last: Request | None = None
        pause = 1.0
        while last is None or not last.is_final:
            for found in self._stream_or_look(request_id):
                if last is None or found.raw != last.raw:
                    last, pause = found, 1.0
                    yield found
            if not last or not last.is_final:
                self._sleep(pause)
                pause = min(pause * 1.5, 15.0)

    def wait(self, request_id: str, *, seconds: float) -> Request:
        """The request once it is final. Raises StillWaiting when the time is over, and what `find` raises."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.find(request_id)
            if found.is_final:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise StillWaiting(
                    f"request {request_id} is {found.state} after {seconds:g} s: ask again later"
                )
            self._sleep(min(1.0, left))

    def _stream_or_look(self, request_id: str) -> Iterator[Request]:
        """What the stream says while it lasts; without one, how the request stands."""
        found: Request | None = None
        timeout = httpx.Timeout(self._client.timeout.connect, read=STREAM_QUIET_SECONDS)
        headers = {"Accept": "text/event-stream"}
        try:
            with self._client.stream(
                "GET", f"/v1/requests/{request_id}/events", headers=headers, timeout=timeout
            ) as answer:
                if answer.headers.get("content-type", "").startswith("text/event-stream"):
                    for line in answer.iter_lines():
                        if line.startswith("data: "):
                            found = _request(json.loads(line.removeprefix("data: ")))
                            yield found
        except (httpx.TransportError, ValueError):
            pass
        if found is None or not found.is_final:
            yield self.find(request_id)

    def _post(self, path: str, body: Mapping[str, Any] | None, key: str | None) -> dict[str, Any]:
        return self._call("POST", path, body, {"Idempotency-Key": key or str(uuid.uuid4())})

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """One call, made again while the verifier is away or busy: a GET, or a POST that it knows again by its key."""
        problem = "no answer"
        for number in range(1, self._tries + 1):
            asked_to_wait: float | None = None
            try:
                answer = self._client.request(method, path, json=body, headers=headers)
            except httpx.TransportError as error:
                problem = f"no answer ({type(error).__name__})"
            else:
                asked_to_wait = _seconds(answer.headers.get("Retry-After"))
                busy = answer.status_code == CONFLICT and asked_to_wait is not None
                if answer.status_code not in ASK_AGAIN and not busy:
                    return _content(answer)
                problem = str(_refusal(answer))
            if number < self._tries:
                pause = 0.5 * 2.0 ** (number - 1) if asked_to_wait is None else asked_to_wait
                self._sleep(min(pause, LONGEST_PAUSE))
        raise Unreachable(f"{method} {path} failed {self._tries} times, last: {problem}")


def verify_webhook(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime | None = None,
    tolerance: timedelta = TOLERANCE,
) -> WebhookEvent:
    """The event, once its signature by `secret` (`whsec_…`) and its time were checked (Standard Webhooks 1.0).

    `body` is what arrived, byte by byte. Raises WebhookNotGenuine.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not message_id or not timestamp.isdecimal():
        raise WebhookNotGenuine("expected the headers webhook-id, webhook-timestamp and webhook-signature")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise WebhookNotGenuine("expected a secret like whsec_ and base64") from error
    content = f"{message_id}.{timestamp}.".encode() + body
    mine = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    signatures = given.get("webhook-signature", "").encode("latin-1", "replace").split()
    if not key or not any(hmac.compare_digest(mine.encode(), each) for each in signatures):
        raise WebhookNotGenuine("no signature is by this secret over this id, time and body")
    age = (now or datetime.now(UTC)).timestamp() - int(timestamp)
    if abs(age) > tolerance.total_seconds():
        raise WebhookNotGenuine("it was signed too long ago or ahead of time: is this machine's clock right?")
    told = json.loads(body)
    return WebhookEvent(message_id, told["type"], _moment(told["timestamp"]), told["data"])


def _content(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code >= REFUSED:
        raise _refusal(answer)
    try:
        return cast("dict[str, Any]", answer.json())
    except ValueError as error:
        raise Unreachable(
            f"expected JSON from {answer.url}, found something else: is this the verifier's address?"
        ) from error


def _refusal(answer: httpx.Response) -> Refused:
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    told: dict[str, Any] = problem if isinstance(problem, dict) else {}
    faults = [Fault(each["where"], each["what"]) for each in told.get("errors") or ()]
    status = answer.status_code
    kind = NotAllowed if status in NOT_ALLOWED else Unknown if status == NOT_FOUND else Refused
    return kind(status, told.get("title", answer.reason_phrase), told.get("detail", ""), faults)


def _request(told: Mapping[str, Any]) -> Request:
    verdict, disclosed = told.get("verdict"), told.get("disclosed")
    return Request(
        id=told["id"],
        state=told["state"],
        request_url=told["request_url"],
        invitation_url=told["invitation_url"],
        expires_at=_moment(told["expires_at"]),
        warnings=tuple(told.get("warnings", ())),
        verdict=None if verdict is None else _verdict(verdict),
        disclosed=None
        if disclosed is None
        else tuple(Disclosure(each["need"], each["values"]) for each in disclosed),
        receipt=told.get("receipt"),
        raw=told,
    )


def _verdict(told: Mapping[str, Any]) -> Verdict:
    steps = tuple(
        Step(each["number"], each["name"], each["outcome"], each["reason"]) for each in told["steps"]
    )
    return Verdict(told["result"], told["summary"], steps, _moment(told["judged_at"]))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isdecimal() else None
