"""Verified snapshots of the pinned trust lists, kept up to date by polling; an announcement only makes the next look sooner.

A party's processes tell one another when a list was pinned or unpinned; one that was not reached sees it at its next look.

Judging reads `snapshots()`, which is immutable and does no I/O. A list that is refused (wrong key, rolled back, malformed)
or cannot be fetched leaves the last verified one in use until its own NextUpdate; the snapshot says what went wrong.

The pinned key is followed when its operator replaces it: the first list under it names the operator's did:webvh, and
every later one must be signed by a key that this DID's verified log authorises now.
"""

import asyncio
import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import nats.errors as nats_errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from shared.adapters.clock import new_id, utc_now
from shared.adapters.guarded_http import Fetched, FetchError
from shared.contracts.errors import UjuziError
from shared.contracts.streams import TRUST_LISTS, TRUST_PINS
from shared.ports.clock import Clock
from shared.ports.metrics import LIST_CHECKED, LIST_EXPIRES, Reading
from shared.ports.trust_pins import PinState, SeenList, TrustPin, TrustPins
from shared.vc.keys import multikey_of, public_from_multikey
from shared.vc.trust_decision import Refused, Snapshot, Unreachable
from shared.vc.trust_list import (
    ListForked,
    ListKeyNotFollowed,
    ListRolledBack,
    ListSignatureWrong,
    TrustList,
)
from shared.vc.trust_list_form import LIST_MEDIA_TYPE, LONGEST_LIST, open_list, replaces, signing_key
from shared.vc.webvh import DidHistory, IdentifierMalformed, KeyNotAuthorised, did_to_url

log = logging.getLogger(__name__)

POLL_SECONDS = 60.0
AWAY_SECONDS = 10.0
MAX_LIST_BYTES = LONGEST_LIST


class FetchPublic(Protocol):
    """The guarded client, as far as lists need it."""

    async def get(
        self, url: str, *, accept: str, max_bytes: int | None = None, fresh: bool = False
    ) -> Fetched:
        """The answer of status 200; raises a UjuziError for anything else."""


class ReadHistories(Protocol):
    """The resolver, as far as operators' DIDs need it."""

    async def history(self, did: str, *, fresh: bool = False) -> DidHistory:
        """The verified history of a DID; raises a UjuziError."""


class TrustSnapshots:
    """The pinned lists of one party: `start` them, keep `run` running, read `snapshots()`."""

    def __init__(
        self,
        client: FetchPublic,
        pins: TrustPins,
        histories: ReadHistories,
        *,
        clock: Clock = utc_now,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._client = client
        self._pins = pins
        self._histories = histories
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._snapshots: dict[str, Snapshot] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._sooner = asyncio.Event()
        self._announced: set[str] = set()
        self._nats: Client | None = None
        self._myself = new_id().encode()
        self._repinned = False

    # --- reading, without I/O

    def snapshots(self, urls: Iterable[str] | None = None) -> tuple[Snapshot, ...]:
        """All pinned lists, or those of `urls`; an address that is not pinned gives a snapshot that says so."""
        if urls is None:
            return tuple(self._snapshots.values())
        return tuple(self.snapshot(url) or _not_pinned(url, self._clock()) for url in urls)

    def snapshot(self, url: str) -> Snapshot | None:
        """One pinned list."""
        return self._snapshots.get(url)

    async def looked_up(self, urls: Iterable[str] | None = None) -> tuple[Snapshot, ...]:
        """As `snapshots`; but where one that is asked for, or any at all, is unknown here, after a look at what other processes pinned."""
        asked = None if urls is None else tuple(urls)
        if not self._snapshots or (asked and not self._snapshots.keys() >= set(asked)):
            await self.start()
        return self.snapshots(asked)

    async def measure(self) -> Sequence[Reading]:
        """The port Measure: how old what is known of each pinned list is."""
        now = self._clock()
        found: list[Reading] = []
        for url, each in self._snapshots.items():
            age = (now - each.checked_at).total_seconds() if each.checked_at else math.inf
            found.append(Reading(LIST_CHECKED, age, {"list": url}))
            if each.trust_list is not None:
                left = (each.trust_list.next_update - now).total_seconds()
                found.append(Reading(LIST_EXPIRES, left, {"list": url}))
        return found

    # --- keeping up to date

    async def start(self) -> None:
        """Take up the pins and the lists seen before the restart; fetches nothing."""
        for state in await self._pins.all():
            self._take_up(state)

    async def pin(self, pin: TrustPin) -> Snapshot:
        """Pin a list and fetch it at once. The pin stays even where the list cannot be fetched or is refused."""
        await self._pins.pin(pin)
        self._snapshots.pop(pin.url, None)
        found = await self.refresh(pin.url)
        await self._tell_others()
        self._sooner.set()  # `run` may have a long pause before it, and this list be away
        return found

    async def unpin(self, url: str) -> None:
        """Trust a list no longer."""
        await self._pins.unpin(url)
        self._snapshots.pop(url, None)
        await self._tell_others()

    async def refresh(self, url: str) -> Snapshot:
        """Look at one pinned list now."""
        async with self._locks.setdefault(url, asyncio.Lock()):
            state = await self._pins.find(url)
            if state is None:
                self._snapshots.pop(url, None)
                return _not_pinned(url, self._clock())
            kept = self._take_up(state)
            snapshot = await self._look(state, kept)
            self._snapshots[url] = snapshot
            return snapshot

    async def refresh_all(self) -> None:
        """Look at every pinned list now, also at those that another process pinned."""
        states = await self._pins.all()
        for gone in set(self._snapshots) - {state.pin.url for state in states}:
            self._snapshots.pop(gone, None)
        await asyncio.gather(*(self.refresh(state.pin.url) for state in states))

    async def run(self) -> None:
        """Poll for ever; announcements wake it."""
        await self.refresh_all()
        while True:
            try:
                await asyncio.wait_for(self._sooner.wait(), self._pause())
            except TimeoutError:
                await self.refresh_all()
                continue
            self._sooner.clear()
            names, self._announced = self._announced, set()
            if self._repinned:
                self._repinned = False
                await self.refresh_all()
                continue
            urls = [url for url, snapshot in self._snapshots.items() if snapshot.name in names]
            await asyncio.gather(*(self.refresh(url) for url in urls))

    def _pause(self) -> float:
        """A list that is away is looked for more often: verdicts may wait for it."""
        away = any(isinstance(each.problem, Unreachable) for each in self._snapshots.values())
        return min(self._poll_seconds, AWAY_SECONDS) if away else self._poll_seconds

    async def listen(self, nats: Client) -> None:
        """Look sooner when a list is announced on NATS, or another process changed the pins. What is told is not believed."""

        async def announced(message: Msg) -> None:
            self._announced.add(message.subject.removeprefix(f"{TRUST_LISTS}."))
            self._sooner.set()

        async def repinned(message: Msg) -> None:
            if message.data != self._myself:
                self._repinned = True
                self._sooner.set()

        await nats.subscribe(f"{TRUST_LISTS}.>", cb=announced)
        await nats.subscribe(TRUST_PINS, cb=repinned)
        self._nats = nats
        self._repinned = True  # perhaps a moment ago, and nobody listened
        self._sooner.set()

    async def _tell_others(self) -> None:
        if self._nats is None:
            return
        try:
            await self._nats.publish(TRUST_PINS, self._myself)
        except nats_errors.Error as error:  # they see it at their next look
            log.warning("other processes were not told of changed pins: %s", type(error).__name__)

    def _take_up(self, state: PinState) -> Snapshot:
        """The snapshot in memory, or the one made from what was stored if that is newer."""
        pin, seen = state.pin, state.seen
        kept = self._snapshots.get(pin.url) or Snapshot(name=pin.name, url=pin.url)
        if seen is not None and (kept.trust_list is None or kept.trust_list.sequence < seen.sequence):
            try:
                stored = open_list(
                    seen.compact, operator_key=state.trusted_key, name=pin.name, now=self._clock()
                )
                kept = replace(kept, trust_list=stored)
            except UjuziError as error:
                log.warning("stored trust list %s number %s is refused: %s", pin.name, seen.sequence, error)
                kept = replace(kept, problem=Refused(reason=f"the stored list is refused: {error}"))
        self._snapshots[pin.url] = kept
        return kept

    async def _look(self, state: PinState, kept: Snapshot) -> Snapshot:
        pin, now = state.pin, self._clock()
        try:
            answer = await self._client.get(
                pin.url, accept=LIST_MEDIA_TYPE, max_bytes=MAX_LIST_BYTES, fresh=True
            )
        except UjuziError as error:
            since = kept.problem.since if isinstance(kept.problem, Unreachable) else now
            if not isinstance(kept.problem, Unreachable):
                log.warning("trust list %s is unreachable: %s", pin.name, error)
            return replace(kept, problem=Unreachable(reason=str(error), since=since))
        compact = answer.body.decode("ascii", errors="replace").strip()
        try:
            found, news = await self._opened(compact, state, kept.trust_list)
        except FetchError as error:
            since = kept.problem.since if isinstance(kept.problem, Unreachable) else now
            if not isinstance(kept.problem, Unreachable):
                log.warning("the DID of the operator of %s is unreachable: %s", pin.name, error)
            return replace(
                kept, problem=Unreachable(reason=f"the operator's DID is unreachable: {error}", since=since)
            )
        except UjuziError as error:
            log.warning("trust list %s is refused: %s: %s", pin.name, type(error).__name__, error)
            return replace(kept, problem=Refused(reason=str(error)))
        if isinstance(kept.problem, Unreachable):
            log.warning("trust list %s is reachable again", pin.name)
        if news is not None:
            await self._pins.advance(pin.url, news)
            log.info("trust list %s: number %d taken", pin.name, found.sequence)
        return replace(kept, trust_list=found, problem=None, checked_at=now)

    async def _opened(
        self, compact: str, state: PinState, kept: TrustList | None
    ) -> tuple[TrustList, SeenList | None]:
        """The list and, if it is newer than what was seen, what to remember. Raises TrustListRefused, FetchError."""
        pin, seen, now = state.pin, state.seen, self._clock()
        kid = signing_key(compact)
        try:
            found = open_list(compact, operator_key=state.trusted_key, name=pin.name, now=now)
            if not _is_news(found, kept, seen):
                return found, None
        except ListSignatureWrong:
            if seen is None or seen.operator_did is None or not kid.startswith(f"{seen.operator_did}#"):
                raise
        if seen is None or seen.operator_did is None:
            news = SeenList(
                sequence=found.sequence, digest=found.digest, compact=compact, operator_did=_did_of(kid)
            )
            return found, news
        key, version = await self._authorised(kid, state, seen.operator_did)
        found = open_list(compact, operator_key=key, name=pin.name, now=now)
        if not _is_news(found, kept, seen):
            return found, None
        news = replace(
            seen,
            sequence=found.sequence,
            digest=found.digest,
            compact=compact,
            did_version=version,
            followed_key=None if key == pin.operator_key else key,
        )
        return found, news

    async def _authorised(self, kid: str, state: PinState, did: str) -> tuple[str, str]:
        """The key the operator's DID lists under this id now, and the version that says so. Raises ListKeyNotFollowed."""
        history = await self._histories.history(did, fresh=True)
        version = state.seen.did_version if state.seen else None
        if version is not None and version not in {known.version_id for known in history.versions}:
            raise ListKeyNotFollowed(
                f"the log of {did} no longer has version {version}, which was relied on before: it was rolled back"
            )
        if not history.has_had(public_from_multikey(state.trusted_key)):
            raise ListKeyNotFollowed(
                f"the log of {did} never had the key {state.trusted_key} that signed so far: pin the operator's key anew"
            )
        try:
            key = history.assertion_key(kid)
        except KeyNotAuthorised as error:
            raise ListKeyNotFollowed(
                f"the list is signed with {kid[:300]}, which is no present key of its operator's DID"
            ) from error
        return multikey_of(key), history.version_id


def _is_news(found: TrustList, kept: TrustList | None, seen: SeenList | None) -> bool:
    """Whether `found` is later than what was taken before. Raises TrustListRefused when it is earlier or contradicts."""
    if kept is not None:
        return replaces(kept, found)
    # A stored list that cannot be opened any more still says how far the numbers had come.
    if seen is not None and found.sequence < seen.sequence:
        raise ListRolledBack(
            f"number {found.sequence} is older than number {seen.sequence}, which was already seen: the list was rolled back"
        )
    if seen is not None and found.sequence == seen.sequence and found.digest != seen.digest:
        raise ListForked(f"number {found.sequence} now says something else than when it was first seen")
    return True


def _did_of(kid: str) -> str | None:
    """The did:webvh a key id belongs to, None for any other id: such an operator's key is not followed."""
    did = kid.partition("#")[0]
    try:
        did_to_url(did)
    except IdentifierMalformed:
        return None
    return did


def _not_pinned(url: str, now: datetime) -> Snapshot:
    return Snapshot(name=url, url=url, problem=Unreachable(reason="this list is not pinned", since=now))
