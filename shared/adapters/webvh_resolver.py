"""Fetches and verifies did:webvh histories and the objects under them (STANDARDS.md §3).

Caches hold only what was verified. Immutable objects stay, as long as the DID has the version they were verified
under; histories and registry definitions stay for seconds. Nothing is ever rolled back: a log that lost an entry it
had, or a registry definition that lost its newest status list, is refused. A failed check on anything that came from a
cache is repeated once with everything fetched anew.

With `copies`, what was found in order is kept beside the memory as it was served, over restarts. `seen` judges by it when a
host does not answer, and says how old it is; every check is made again, under the newest log known.

Errors besides those of shared.vc and of the client: RolledBack · StatusListMissing · AnswerMalformed
"""

import asyncio
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, cast

from shared.adapters.clock import utc_now
from shared.adapters.guarded_http import FetchFailed, GuardedClient
from shared.contracts.errors import UjuziError
from shared.ports.clock import Clock
from shared.vc import attested_resource
from shared.vc.attested_resource import REV_REG_DEF, STATUS_LIST, ResourceInvalid, VerifiedResource
from shared.vc.webvh import DidHistory, did_to_url, resource_to_url, split_resource_id, verify_log

TRY_SECONDS: Final = 3.0
"""How long a host is waited for where there is a copy to judge by."""
AWAY_SECONDS: Final = 5.0
"""How long a host that did not answer is not asked again where there is a copy to judge by."""
DID_LOG: Final = "didLog"
"""The kind of a copy that is no attested resource."""


class RolledBack(UjuziError):
    """A host serves an older state than it served before."""


class StatusListMissing(UjuziError):
    """A registry definition names no status list for the time asked for."""


class AnswerMalformed(UjuziError):
    """What a host serves is not JSON text."""


@dataclass(frozen=True)
class Copy:
    """What a host served, found in order then; `fetched_at` is when it was last served so."""

    body: bytes
    fetched_at: datetime


class KeepCopies(Protocol):
    """Keeps what was served and found in order. The key is a DID, for its log, or an object's id."""

    async def keep(self, key: str, kind: str, copy: Copy) -> None:
        """Keep it, or not; an older one of this key gives way. Raises nothing."""

    async def find(self, key: str) -> Copy | None:
        """The newest that was kept."""

    async def used(self, key: str) -> None:
        """Something was judged by what this key names. Raises nothing."""


@dataclass(frozen=True)
class Seen:
    """A verified object, and when its issuer's log and it itself were last fetched.

    `away` says why the host could not be asked now, so that all of it rests on copies; empty when it was asked.
    """

    resource: VerifiedResource
    log_at: datetime
    at: datetime
    away: str = ""


@dataclass(frozen=True)
class _Kept[T]:
    value: T
    until: float


class _Cache[T]:
    """The most recently used values, each until its time."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[str, _Kept[T]] = OrderedDict()

    def get(self, key: str) -> T | None:
        kept = self._kept.get(key)
        if kept is None or kept.until < time.monotonic():
            return None
        self._kept.move_to_end(key)
        return kept.value

    def drop(self, key: str) -> None:
        self._kept.pop(key, None)

    def put(self, key: str, value: T, seconds: float = float("inf")) -> None:
        self._kept[key] = _Kept(value, time.monotonic() + seconds)
        self._kept.move_to_end(key)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)


class WebvhResolver:
    """Resolves DIDs and objects through the guarded client.

    `history_seconds` and `status_seconds` say how long a DID log and a registry definition may be answered from memory.
    """

    def __init__(
        self,
        client: GuardedClient,
        *,
        history_seconds: float = 60.0,
        status_seconds: float = 2.0,
        max_objects: int = 512,
        max_dids: int = 4096,
        max_entries: int = 200,
        max_bytes: int = 4 * 1024 * 1024,
        now: Clock = utc_now,
        copies: KeepCopies | None = None,
        try_seconds: float = TRY_SECONDS,
        away_seconds: float = AWAY_SECONDS,
    ) -> None:
        self._client = client
        self._copies = copies
        self._try_seconds = try_seconds
        self._away_seconds = away_seconds
        self._history_seconds = history_seconds
        self._status_seconds = status_seconds
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._now = now
        self._histories: _Cache[DidHistory] = _Cache(max_dids)
        self._objects: _Cache[tuple[str, VerifiedResource]] = _Cache(max_objects)
        self._longest: _Cache[tuple[int, str]] = _Cache(max_dids * 4)
        self._newest: _Cache[int] = _Cache(max_dids * 4)
        self._looked: _Cache[float] = _Cache(max_dids * 4)
        self._read_before: _Cache[tuple[datetime, DidHistory]] = _Cache(max_dids)
        self._verified_before: _Cache[VerifiedResource] = _Cache(max_objects)
        self._fetched: _Cache[datetime] = _Cache(max_objects + max_dids * 4)
        self._away: _Cache[str] = _Cache(max_dids)
        self._under_way: dict[tuple[str, ...], asyncio.Task[Any]] = {}

    async def history(self, did: str, *, fresh: bool = False) -> DidHistory:
        """Return the verified history of a DID. Raises DidLogInvalid, RolledBack, FetchError."""
        kept = None if fresh else self._histories.get(did)
        if kept is not None:
            return kept
        return await self._once(("history", did, str(fresh)), lambda: self._fetch_history(did, fresh=fresh))

    async def resource(
        self, resource_id: str, resource_type: str, *, fresh: bool = False
    ) -> VerifiedResource:
        """Return a verified object. Raises ResourceInvalid, DidLogInvalid, RolledBack, FetchError."""
        did, _ = split_resource_id(resource_id)
        if not fresh:
            history = await self.history(did)
            kept = self._objects.get(resource_id)
            if kept is not None and kept[0] == history.version_id and kept[1].type == resource_type:
                return kept[1]
        return await self._once(
            ("resource", resource_id, resource_type, str(fresh)),
            lambda: self._fetch_resource(resource_id, resource_type, fresh=fresh),
        )

    async def seen(self, resource_id: str, resource_type: str, *, fresh: bool = False) -> Seen:
        """Return a verified object, by copies where its host does not answer. Raises what `resource` raises.

        Where there are copies the host is waited for a moment only.
        """
        did, _ = split_resource_id(resource_id)
        away = self._away.get(did)
        if away is None:
            try:
                return await self._seen_soon(resource_id, resource_type, fresh=fresh)
            except FetchFailed as error:
                if self._copies is None or not error.passing:
                    raise
                away = str(error)
        known = await self._by_copies(resource_id, resource_type, away)
        if known is None:
            found = await self.resource(resource_id, resource_type, fresh=fresh)
            return await self._seen_now(found)
        self._away.put(did, away, self._away_seconds)
        await self._used(resource_id)
        return known

    async def _seen_soon(self, resource_id: str, resource_type: str, *, fresh: bool) -> Seen:
        """Ask the host; where there are copies for a moment only. What was asked goes on and is remembered."""
        asking = asyncio.ensure_future(self.resource(resource_id, resource_type, fresh=fresh))
        asking.add_done_callback(_taken_note_of)
        try:
            async with asyncio.timeout(None if self._copies is None else self._try_seconds):
                return await self._seen_now(await asyncio.shield(asking))
        except TimeoutError as error:
            raise FetchFailed(
                f"the host of {resource_id[:200]} did not answer within {self._try_seconds:g} seconds"
            ) from error

    async def _seen_now(self, found: VerifiedResource) -> Seen:
        now, did = self._now(), split_resource_id(found.id)[0]
        await self._used(found.id)
        return Seen(found, self._fetched.get(did) or now, self._fetched.get(found.id) or now)

    async def _used(self, key: str) -> None:
        if self._copies is not None:
            await self._copies.used(key)

    async def _by_copies(self, resource_id: str, resource_type: str, away: str) -> Seen | None:
        """The object by copies of it and of its issuer's log; None where they are missing or do not agree any more."""
        did, _ = split_resource_id(resource_id)
        log, copy = await self._copy(did), await self._copy(resource_id)
        if log is None or copy is None:
            return None
        try:
            found = self._read_resource(resource_id, resource_type, copy.body, self._read_log(did, log.body))
        except UjuziError:
            return None  # such as signed with a key that was replaced since
        return Seen(found, log.fetched_at, copy.fetched_at, away)

    async def _copy(self, key: str) -> Copy | None:
        return None if self._copies is None else await self._copies.find(key)

    async def _keep(self, key: str, kind: str, body: bytes) -> None:
        now = self._now()
        self._fetched.put(key, now)
        if self._copies is not None:
            await self._copies.keep(key, kind, Copy(body, now))

    def _read_log(self, did: str, body: bytes) -> DidHistory:
        """Every check of the log; of the very bytes that passed them before, none: they would pass again, time only helps."""
        now, key = self._now(), f"{did} {_digest(body)}"
        known = self._read_before.get(key)
        if known is not None and known[0] <= now:
            return known[1]
        history = verify_log(did, _text(body, did), max_entries=self._max_entries, now=now)
        self._read_before.put(key, (now, history))
        return history

    def _read_resource(
        self, resource_id: str, resource_type: str, body: bytes, history: DidHistory
    ) -> VerifiedResource:
        """Every check of an object; of the very bytes that passed them under this very log before, none."""
        key = f"{resource_type} {resource_id} {history.version_id} {_digest(body)}"
        found = self._verified_before.get(key)
        if found is None:
            found = attested_resource.verify(
                _json(body, resource_id),
                expected_id=resource_id,
                expected_type=resource_type,
                history=history,
            )
            self._verified_before.put(key, found)
        return found

    async def newest_status_list(self, rev_reg_def_id: str, *, fresh: bool = False) -> VerifiedResource:
        """Return the newest status list that the signed registry definition links. Raises StatusListMissing."""
        return await self._status_list(rev_reg_def_id, None, fresh=fresh)

    async def status_list_at(self, rev_reg_def_id: str, timestamp: int) -> VerifiedResource:
        """Return the newest status list not later than a Unix time. Raises StatusListMissing.

        Looks again unless it has looked after that time: a verifier compares with the newest list of the time it asked.
        """
        if (self._looked.get(rev_reg_def_id) or 0.0) < timestamp + 1:
            self._objects.drop(rev_reg_def_id)
        return await self._status_list(rev_reg_def_id, timestamp, fresh=False)

    async def _status_list(self, rev_reg_def_id: str, latest: int | None, *, fresh: bool) -> VerifiedResource:
        registry = await self.resource(rev_reg_def_id, REV_REG_DEF, fresh=fresh)
        links = [link for link in status_links(registry) if latest is None or link["timestamp"] <= latest]
        if not links:
            raise StatusListMissing(
                f"{rev_reg_def_id} links no status list{'' if latest is None else f' up to {latest}'}: "
                "its issuer has to publish one."
            )
        link = max(links, key=lambda found: int(found["timestamp"]))
        listed = await self.resource(link["id"], STATUS_LIST)
        expected = {"revRegDefId": rev_reg_def_id, "timestamp": link["timestamp"]}
        for name, value in expected.items():
            if listed.content.get(name) != value:
                raise ResourceInvalid(
                    f"{name} of the status list {link['id']} must be {value!r} as its registry definition says, "
                    f"{str(listed.content.get(name))[:200]!r} was found."
                )
        return listed

    async def _fetch_history(self, did: str, *, fresh: bool) -> DidHistory:
        try:
            return await self._verified_history(did, fresh=fresh)
        except RolledBack:
            if fresh:
                raise
        return await self._verified_history(did, fresh=True)

    async def _verified_history(self, did: str, *, fresh: bool) -> DidHistory:
        answer = await self._client.get(
            did_to_url(did),
            accept="text/jsonl, application/jsonl, */*;q=0.5",
            max_bytes=self._max_bytes,
            fresh=fresh,
        )
        history = self._read_log(did, answer.body)
        seen = self._longest.get(did) or await self._longest_copy(did)
        versions = history.versions
        if seen is not None and (len(versions) < seen[0] or versions[seen[0] - 1].version_id != seen[1]):
            raise RolledBack(
                f"The log of {did} had version {seen[0]} ({seen[1]}) before; the host now serves "
                f"{len(versions)} versions without it. Ask the DID's owner."
            )
        self._longest.put(did, (len(versions), history.version_id))
        self._histories.put(did, history, self._history_seconds)
        await self._keep(did, DID_LOG, answer.body)
        return history

    async def _longest_copy(self, did: str) -> tuple[int, str] | None:
        """How long the log was before this process began."""
        copy = await self._copy(did)
        if copy is None:
            return None
        try:
            kept = self._read_log(did, copy.body)
        except UjuziError:
            return None
        return len(kept.versions), kept.version_id

    async def _fetch_resource(self, resource_id: str, resource_type: str, *, fresh: bool) -> VerifiedResource:
        try:
            return await self._verified(resource_id, resource_type, fresh=fresh)
        except (ResourceInvalid, RolledBack, AnswerMalformed):
            if fresh:
                raise
        return await self._verified(resource_id, resource_type, fresh=True)

    async def _verified(self, resource_id: str, resource_type: str, *, fresh: bool) -> VerifiedResource:
        did, _ = split_resource_id(resource_id)
        began = self._now().timestamp()
        if resource_type != REV_REG_DEF and not fresh:
            kept = await self._kept_for_good(resource_id, resource_type)
            if kept is not None:
                return kept
        answer = await self._client.get(resource_to_url(resource_id), max_bytes=self._max_bytes, fresh=fresh)
        history = await self.history(did, fresh=fresh)
        found = self._read_resource(resource_id, resource_type, answer.body, history)
        if resource_type == REV_REG_DEF:
            await self._refuse_older_status(found)
            self._looked.put(resource_id, began)
        await self._keep(resource_id, resource_type, answer.body)
        seconds = self._status_seconds if resource_type == REV_REG_DEF else float("inf")
        self._objects.put(resource_id, (history.version_id, found), seconds)
        return found

    async def _kept_for_good(self, resource_id: str, resource_type: str) -> VerifiedResource | None:
        """An object that never changes, by its copy under the present log; its issuer need not serve it again."""
        did, _ = split_resource_id(resource_id)
        copy = await self._copy(resource_id)
        if copy is None:
            return None
        history = await self.history(did)
        try:
            found = self._read_resource(resource_id, resource_type, copy.body, history)
        except UjuziError:
            return None  # it may have been signed anew
        self._objects.put(resource_id, (history.version_id, found))
        self._fetched.put(resource_id, copy.fetched_at)
        return found

    async def _newest_copy(self, registry: VerifiedResource) -> int:
        """The newest status list that was linked before this process began."""
        copy = await self._copy(registry.id)
        log = None if copy is None else await self._copy(split_resource_id(registry.id)[0])
        if copy is None or log is None:
            return 0
        known = await self._by_copies(registry.id, REV_REG_DEF, "")
        return 0 if known is None else _newest_of(known.resource)

    async def _refuse_older_status(self, registry: VerifiedResource) -> None:
        newest = _newest_of(registry)
        seen = self._newest.get(registry.id) or await self._newest_copy(registry)
        if newest < seen:
            raise RolledBack(
                f"{registry.id} linked a status list of {seen} before; the newest it links now is of {newest}."
            )
        self._newest.put(registry.id, newest)

    async def _once[T](self, key: tuple[str, ...], make: Callable[[], Awaitable[T]]) -> T:
        """Share one fetch among all who ask for the same thing at the same time."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.ensure_future(make())
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        return cast("T", await asyncio.shield(task))

    def _finished(self, key: tuple[str, ...], task: asyncio.Task[Any]) -> None:
        self._under_way.pop(key, None)
        if not task.cancelled():
            task.exception()  # those who still wait get it; if nobody does, it is no news


def _taken_note_of(task: "asyncio.Future[Any]") -> None:
    """Whoever still waits gets its error; if nobody does, it is no news."""
    if not task.cancelled():
        task.exception()


def _newest_of(registry: VerifiedResource) -> int:
    return max((int(link["timestamp"]) for link in status_links(registry)), default=0)


def status_links(registry: VerifiedResource) -> list[Mapping[str, Any]]:
    """Return the links of a registry definition to its own DID's status lists. Raises ResourceInvalid."""
    links = [link for link in registry.links if link.get("type") == STATUS_LIST]
    did, _ = split_resource_id(registry.id)
    for link in links:
        timestamp = link.get("timestamp")
        linked_did, digest = split_resource_id(str(link.get("id")))
        if linked_did != did or link.get("digestMultibase", digest) != digest:
            raise ResourceInvalid(
                f"{registry.id} links {str(link.get('id'))[:200]!r} under another DID or digest."
            )
        if not isinstance(timestamp, int) or isinstance(timestamp, bool):
            raise ResourceInvalid(
                f"{registry.id} links a status list without a whole number as its timestamp."
            )
    return links


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _text(body: bytes, what: str) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise AnswerMalformed(f"What is served for {what} is not UTF-8 text.") from error


def _json(body: bytes, what: str) -> object:
    try:
        return json.loads(_text(body, what))
    except (ValueError, RecursionError) as error:
        raise AnswerMalformed(f"What is served for {what} is not JSON.") from error
