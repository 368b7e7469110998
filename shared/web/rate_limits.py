"""How often one address, one key or one wallet may ask: 429 with Retry-After beyond that.

Counted in this process, in token buckets: a limit of N a minute lets N pass at once and then one every 60/N
seconds, one of N a day one every 86,400/N. Nobody is locked out: whoever waits as long as Retry-After says is heard again.
"""

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from math import ceil
from typing import Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.problems import ProblemError, problem_response
from shared.web.settings import CommonSettings

MOST_BUCKETS = 100_000
"""Beyond this the bucket that was used longest ago is forgotten."""
UNAUTHENTICATED = 401
FORBIDDEN = 403
A_MINUTE = 60
NEIGHBOURS = 64
"""Bits of an IPv6 address that one customer usually gets whole."""

type Per = Literal["address", "address and path", "key"]


@dataclass(frozen=True)
class RateLimit:
    """A limit on requests whose "METHOD /path" begins so; every limit that fits a request counts it."""

    begins: re.Pattern[str]
    per: Per
    many: int
    only_unauthenticated: bool = False
    """Count a request only when it was answered 401."""
    only_forbidden: bool = False
    """Count a request only when it is answered 403, and beyond the limit answer 429 instead of that: a stranger who tries
    wrong keys is slowed down, and whoever has the right one is heard however many wrong ones came before."""
    seconds: int = A_MINUTE
    """In which `many` pass."""


def usual_limits(settings: CommonSettings, *, public_posts: Sequence[str] = ()) -> list[RateLimit]:
    """The limits of every service; `public_posts` are beginnings of paths that anybody may POST to."""
    signing_in = re.compile(r"POST /(sign-in|join)|GET /sign-in/elsewhere")
    reads = re.compile(r"(GET|HEAD) /(?!health$|ready$)|POST /didcomm$")
    limits = [
        RateLimit(reads, "address", settings.public_reads_a_minute),
        RateLimit(re.compile(r"[A-Z]+ /(v1/|console)"), "key", settings.key_requests_a_minute),
        RateLimit(
            re.compile(r"[A-Z]+ /v1/"), "address", settings.wrong_keys_a_minute, only_unauthenticated=True
        ),
        RateLimit(signing_in, "address", settings.sign_ins_a_minute),
    ]
    if public_posts:
        paths = "|".join(re.escape(path) for path in public_posts)
        limits.append(RateLimit(re.compile(f"POST ({paths})"), "address", settings.public_posts_a_minute))
    return limits


class TooManyRequests(ProblemError):
    """429."""

    def __init__(self, seconds: int) -> None:
        """`seconds` until the next request is heard."""
        super().__init__(
            429,
            f"Expected fewer requests in so short a time. Try again in {seconds} s.",
            headers={"Retry-After": str(seconds)},
        )


class Buckets:
    """Token buckets by name, full at first; the names used longest ago are forgotten."""

    def __init__(self, clock: Callable[[], float], most: int = MOST_BUCKETS) -> None:
        """`clock` counts seconds."""
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def missing(self, name: str, many: int, seconds: int = A_MINUTE) -> float:
        """Seconds until a token is there; 0 if one is."""
        return max(0.0, (1.0 - self._filled(name, many, seconds)) * seconds / many)

    def take(self, name: str, many: int, seconds: int = A_MINUTE) -> None:
        """Take a token, if there is one."""
        self._kept[name] = (max(0.0, self._filled(name, many, seconds) - 1.0), self._clock())
        self._kept.move_to_end(name)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def _filled(self, name: str, many: int, seconds: int) -> float:
        if name not in self._kept:
            return float(many)
        tokens, at = self._kept[name]
        return min(float(many), tokens + (self._clock() - at) * many / seconds)


class LimitRate:
    """ASGI layer that answers 429 to whoever asks more often than a limit allows."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limits: Sequence[RateLimit],
        trusted_proxies: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`X-Forwarded-For` is believed only from the addresses and networks in `trusted_proxies`."""
        self._app = app
        self._limits = limits
        self._proxies = tuple(map(ip_network, trusted_proxies))
        self._buckets = Buckets(clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = f"{scope['method']} {scope['path']}"
        fitting = [
            (limit, name)
            for number, limit in enumerate(self._limits)
            if limit.begins.match(asked) and (name := self._name(number, limit, scope))
        ]
        wait = self._wait([one for one in fitting if not one[0].only_forbidden])
        if wait > 0:
            await problem_response(TooManyRequests(ceil(wait)))(scope, receive, send)
            return
        self._take([one for one in fitting if not (one[0].only_unauthenticated or one[0].only_forbidden)])
        instead = False

        async def count(message: Message) -> None:
            nonlocal instead
            if message["type"] == "http.response.start":
                if message["status"] == UNAUTHENTICATED:
                    self._take([one for one in fitting if one[0].only_unauthenticated])
                elif message["status"] == FORBIDDEN:
                    wrong = [one for one in fitting if one[0].only_forbidden]
                    if (wait := self._wait(wrong)) > 0:
                        instead = True
                        await problem_response(TooManyRequests(ceil(wait)))(scope, receive, send)
                    else:
                        self._take(wrong)
            if not instead:
                await send(message)

        await self._app(scope, receive, count)

    def _wait(self, counted: Sequence[tuple[RateLimit, str]]) -> float:
        """Seconds until none of these limits holds it up."""
        return max(
            (self._buckets.missing(name, limit.many, limit.seconds) for limit, name in counted), default=0.0
        )

    def _take(self, counted: Sequence[tuple[RateLimit, str]]) -> None:
        for limit, name in counted:
            self._buckets.take(name, limit.many, limit.seconds)

    def _name(self, number: int, limit: RateLimit, scope: Scope) -> str | None:
        """What the limit counts by; None if the request has no such thing."""
        if limit.per == "key":
            headers = dict(scope["headers"])
            key = headers.get(b"authorization") or headers.get(b"cookie")
            return None if key is None else f"{number} {hashlib.sha256(key).hexdigest()}"
        address = client_address(scope, self._proxies)
        return (
            f"{number} {address} {scope['path']}"
            if limit.per == "address and path"
            else f"{number} {address}"
        )


def client_address(scope: Scope, trusted_proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """Who asks: the peer, or whom a trusted proxy names; IPv6 neighbours count as one."""
    found = scope["client"][0] if scope.get("client") else "unknown"
    if _is_within(found, trusted_proxies):
        forwarded = ",".join(
            value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"
        )
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        found = next((hop for hop in reversed(hops) if not _is_within(hop, trusted_proxies)), found)
    try:
        address = ip_address(found)
    except ValueError:
        return str(found)[:80]
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or int(address) >> NEIGHBOURS)


def _is_within(found: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        address = ip_address(found)
    except ValueError:
        return False
    return any(address in network for network in networks)
