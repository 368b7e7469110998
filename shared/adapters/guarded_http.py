"""The one HTTP client for URLs somebody else chose: DID logs, published objects, trust lists, DIDComm endpoints.

Only https, and only to public addresses: a name is resolved once, every address it has is checked, and one of those very
addresses is dialled, so that a second DNS answer cannot lead elsewhere. The certificate is checked against the name.
Answers are read up to a size and within a total time. Redirects are followed only within the same origin.

Development: `host_map` leads `https://HOST/…` to a base URL of one's own, and `allow_loopback` opens plain loopback URLs.

FetchError
├─ FetchRefused    the URL, the address behind it or a redirect is not one to be opened
├─ FetchFailed     no usable answer (`status` if there was one)
├─ FetchTooLarge   the answer is larger than allowed
└─ NotFound        the host says there is nothing there (404, 410)
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from types import TracebackType
from typing import Any, Self
from urllib.parse import SplitResult, urljoin, urlsplit

import anyio
import httpcore

from shared.contracts.errors import UjuziError

type Address = IPv4Address | IPv6Address
type Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_IPV4_COMPATIBLE = IPv6Network("::/96")
KEEP_IDLE_SECONDS = 30.0  # less than our servers keep an idle connection (shared.web.serve)
MOST_CONNECTIONS = 100
_MOST_REDIRECTS = 3
_LONGEST_URL = 2048
_PORTS = {"https": 443, "http": 80}
_NOT_FOUND = (404, 410)
_REDIRECTS = (301, 302, 303, 307, 308)
_NOT_NOW = frozenset({408, 425, 429, *range(500, 600)})


class FetchError(UjuziError):
    """A URL could not or may not be fetched."""


class FetchRefused(FetchError):
    """The URL leads where this client does not go."""


class FetchFailed(FetchError):
    """No usable answer came. `status` is the HTTP status, None if there was no answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status

    @property
    def passing(self) -> bool:
        """Whether it may go better in a moment: no answer at all, or one that says "not now"."""
        return self.status is None or self.status in _NOT_NOW


class FetchTooLarge(FetchError):
    """The answer exceeds the size limit."""


class NotFound(FetchError):
    """The host says that there is nothing at the URL."""


@dataclass(frozen=True)
class Fetched:
    """An answer: its status, its headers with names in small letters, its whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class _Target:
    """Where a request really goes and what it calls itself there."""

    url: str
    host_header: str


def is_public(address: Address) -> bool:
    """Whether an address is one on the open internet, also when an IPv4 address hides inside an IPv6 one."""
    if isinstance(address, IPv6Address):
        inner = _embedded_ipv4(address)
        if inner is not None:
            return is_public(inner)
        if address in _NAT64[1] or address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64[0] or address in _IPV4_COMPATIBLE:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


async def _system_resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Dials public addresses only, and exactly those it checked; `own` hosts and ports are exempt."""

    def __init__(self, own: frozenset[tuple[str, int]], *, allow_loopback: bool, resolve: Resolve) -> None:
        self._own = own
        self._allow_loopback = allow_loopback
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(  # httpcore's signature
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception | None = None
        for address in await self.checked_addresses(host, port):
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise FetchFailed(f"Nothing answers at {host}:{port}; try again later.") from failure

    async def checked_addresses(self, host: str, port: int) -> Sequence[str]:
        """All addresses of a host. Raises FetchRefused if one is not public, FetchFailed if there is none."""
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchFailed(f"The host {host} could not be resolved; try again later.") from error
        if not addresses:
            raise FetchFailed(f"The host {host} has no address.")
        if (host, port) not in self._own:
            for address in addresses:
                self._check(host, ip_address(address))
        return addresses

    def _check(self, host: str, address: Address) -> None:
        if self._allow_loopback and address.is_loopback and _names_loopback(host):
            return
        if not is_public(address):
            raise FetchRefused(f"{host} leads to {address}, which is not a public address: it is not opened.")


class GuardedClient:
    """An HTTP client for foreign URLs; close it, or use it as an async context.

    `timeout` is the total time in seconds per call, `max_bytes` the default size limit of an answer.
    """

    def __init__(
        self,
        host_map: Mapping[str, str],
        *,
        timeout: float = 10.0,
        max_bytes: int = 1024 * 1024,
        allow_loopback: bool = False,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = _system_resolve,
    ) -> None:
        self._bases = {host.lower(): _base(base) for host, base in host_map.items()}
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._allow_loopback = allow_loopback
        own = frozenset((base.hostname or "", _port(base)) for base in self._bases.values())
        self._network = _CheckedNetwork(own, allow_loopback=allow_loopback, resolve=resolve)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or ssl.create_default_context(),
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=20,
            keepalive_expiry=KEEP_IDLE_SECONDS,
            retries=0,
            network_backend=self._network,
        )
        self._under_way: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Give up what is under way and close every connection."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._pool.aclose()

    async def get(
        self, url: str, *, accept: str = "application/json", max_bytes: int | None = None, fresh: bool = False
    ) -> Fetched:
        """Return the answer of status 200. `fresh` asks caches on the way to stand aside. Raises FetchError."""
        headers = {"accept": accept} | ({"cache-control": "no-cache"} if fresh else {})
        answer = await self._in_time(url, lambda: self._follow(url, headers, max_bytes or self._max_bytes))
        if answer.status in _NOT_FOUND:
            raise NotFound(f"There is nothing at {url} (status {answer.status}).")
        if answer.status != 200:  # noqa: PLR2004  # nothing else carries the whole body asked for
            raise FetchFailed(f"Status 200 was expected from {url}, {answer.status} came.", answer.status)
        return answer

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Fetched:
        """Send a body once and return the answer, whatever its status; redirects are not followed. Raises FetchError."""
        return await self._in_time(url, lambda: self._once("POST", url, headers, content, self._max_bytes))

    async def examine(self, url: str) -> None:
        """Raise FetchRefused if this URL would not be opened; that a host does not resolve now is no reason."""
        parts = urlsplit(self._target(url).url)
        with suppress(FetchFailed):
            await self._in_time(
                url, lambda: self._network.checked_addresses(parts.hostname or "", _port(parts))
            )

    async def _in_time[T](self, url: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do it in a task of its own, which only anyio cuts off, when time is up or the caller is cancelled.

        httpcore puts what has to be done to the end beyond the reach of anyio's cancellation, not of asyncio's: cut off by
        that, a connection would count as in use for ever.
        """
        scope = anyio.CancelScope(deadline=anyio.current_time() + self._timeout)

        async def done() -> T:
            with scope:
                return await work()
            raise FetchFailed(f"{url} did not answer within {self._timeout:g} seconds; try again later.")

        task = asyncio.create_task(done())
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            scope.cancel()
            raise

    def _ended(self, task: asyncio.Task[Any]) -> None:
        """Let it go; what it raised after its caller left is nobody's, and no log is to tell it with its URL."""
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()

    async def _follow(self, url: str, headers: Mapping[str, str], limit: int) -> Fetched:
        current = url
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await self._get_once(current, headers, limit)
            if answer.status not in _REDIRECTS:
                return answer
            target = urljoin(current, answer.headers.get("location", ""))
            if _origin(target) != _origin(url):
                raise FetchRefused(
                    f"{url} redirects to another host; only redirects within one host are followed."
                )
            current = target
        raise FetchRefused(f"{url} redirects more than {_MOST_REDIRECTS} times.")

    async def _get_once(self, url: str, headers: Mapping[str, str], limit: int) -> Fetched:
        try:
            return await self._once("GET", url, headers, None, limit)
        except FetchFailed as error:
            if not isinstance(
                error.__cause__, httpcore.RemoteProtocolError | httpcore.ReadError | httpcore.WriteError
            ):
                raise
        return await self._once(
            "GET", url, headers, None, limit
        )  # a kept connection the host had closed meanwhile

    async def _once(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, limit: int
    ) -> Fetched:
        target = self._target(url)
        sent = {"host": target.host_header, "accept-encoding": "identity", "user-agent": "ujuzi", **headers}
        if content is not None:
            sent["content-length"] = str(len(content))
        encoded = [(name.encode("ascii"), value.encode("ascii")) for name, value in sent.items()]
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self._timeout)
        try:
            async with self._pool.stream(
                method, target.url, headers=encoded, content=content, extensions={"timeout": limits}
            ) as response:
                answered = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in response.headers
                }
                if answered.get("content-encoding", "identity").lower() != "identity":
                    raise FetchFailed(
                        f"{url} answers in an encoding that was not asked for.", response.status
                    )
                return Fetched(response.status, answered, await _read(response, url, limit, answered))
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise FetchFailed(
                f"{url} could not be fetched ({type(error).__name__}); try again later."
            ) from error
        except ssl.SSLError as error:
            raise FetchFailed(
                f"{url} could not be fetched: its TLS certificate or handshake is faulty."
            ) from error

    def _target(self, url: str) -> _Target:
        parts = _split(url)
        host = parts.hostname or ""
        mapped = self._bases.get(host)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if mapped is not None and parts.scheme == "https":
            return _Target(f"{mapped.scheme}://{mapped.netloc}{mapped.path.rstrip('/')}{path}", parts.netloc)
        if parts.scheme != "https" and not (self._allow_loopback and _names_loopback(host)):
            raise FetchRefused(f"Only https URLs are opened; {url[:200]!r} is none.")
        return _Target(f"{parts.scheme}://{parts.netloc}{path}", parts.netloc)


async def _read(response: httpcore.Response, url: str, limit: int, headers: Mapping[str, str]) -> bytes:
    too_large = FetchTooLarge(f"The answer of {url} is larger than the {limit} bytes allowed.")
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise too_large
    body = bytearray()
    try:
        async for chunk in response.aiter_stream():
            body += chunk
            if len(body) > limit:
                await (
                    response.aclose()
                )  # not left by raising: the next read then ends the stream's generators in order
    except (httpcore.NetworkError, httpcore.ProtocolError):
        if len(body) <= limit:
            raise
    if len(body) > limit:
        raise too_large
    return bytes(body)


def _split(url: str) -> SplitResult:
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise FetchRefused(
            f"{url[:200]!r} is no URL this client opens: at most {_LONGEST_URL} plain ASCII characters."
        )
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise FetchRefused(f"{url[:200]!r} is no URL.") from error
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise FetchRefused(
            f"A URL like https://host/path without user name was expected, {url[:200]!r} was found."
        )
    return parts


def _origin(url: str) -> tuple[str, str, int]:
    parts = _split(url)
    return parts.scheme, parts.hostname or "", _port(parts)


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def _base(url: str) -> SplitResult:
    parts = _split(url)
    if parts.query or parts.fragment:
        raise FetchRefused(
            f"A base URL like http://127.0.0.1:8400 was expected in the host map, {url[:200]!r} was found."
        )
    return parts


def _names_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
