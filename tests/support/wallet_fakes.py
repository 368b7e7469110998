"""The wallet's ports in memory, for tests of its verbs."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from pydantic import JsonValue

from shared.contracts.streams import MAIN_SHARD
from shared.vc import achievement
from shared.vc.holders import Holders
from shared.vc.jcs import digest_multibase
from shared.vc.trust_decision import Snapshot
from tests.support.programmes import programmes
from wallet.domain.capacity import DAY, MONTH, Held, Room
from wallet.domain.credential import (
    EditionFound,
    EditionMissing,
    EditionResult,
    HeldCredential,
    StatusListFact,
    StatusListMissing,
)
from wallet.domain.erasure import Outside
from wallet.domain.inbox import Change
from wallet.domain.invitation import Invitation
from wallet.domain.offer import OfferExchange, OfferState
from wallet.domain.request import RequestExchange, RequestState
from wallet.domain.requester import Doubt, Unproven
from wallet.domain.session import KeptSession
from wallet.domain.shard import Placed
from wallet.domain.unlock import UnlockMethod, removed, replaced
from wallet.errors import (
    WRONG_KEY,
    AgentSilent,
    ArchiveRefused,
    CredentialUnknown,
    OfferUnknown,
    RequestUnknown,
    SenderUnreachable,
    WalletLocked,
    WalletUnknown,
    WrongKey,
)
from wallet.ports import Note
from wallet.use_cases.desk import Desk, OpenWallet

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ISSUER = "did:webvh:QmIssuer:issuer.ujuzi.test:orgs:trust"
VERIFIER = "did:webvh:QmVerifier:verifier.ujuzi.test:orgs:kazi"
CRED_DEF = f"{ISSUER}/resources/zCredDef"
SCHEMA = f"{ISSUER}/resources/zSchema"
REGISTRY = f"{ISSUER}/resources/zRegistry"
CONTENT: dict[str, Any] = achievement.build(
    programmes()["data-analytics"], issuer_did=ISSUER, issuer_name="Its own choice", now=NOW
)
EDITION_ID = f"{ISSUER}/resources/{digest_multibase(CONTENT)}"
EDITION = EditionFound(EDITION_ID, achievement.read(CONTENT), CONTENT)
SKILL = EDITION.edition.skills[0]


ROOM = Room(
    stores=300_000,
    largest_store=200_000,
    free=9_000_000_000,
    disk=10_000_000_000,
    waiting=5,
    waiting_bytes=40_000,
    most_waiting=3,
    store_limit=24 * 1024 * 1024,
    free_limit=512 * 1024 * 1024,
    waiting_limit=200,
    waiting_bytes_limit=1024 * 1024 * 1024,
)


def award(**changes: str) -> dict[str, str]:
    """The attributes of one award."""
    return {
        "given_name": "Amina",
        "family_name": "Wanjiru",
        "awarded_dateint": "20260314",
        "expiry_dateint": "99991231",
        "grade": "pass",
        "grade_pct": "0",
        "eqf_level": "4",
        "workload_hours": "120",
        "credits_x10": "40",
        "achievement_id": EDITION_ID,
        "awarding_body_id": ISSUER,
        "issuer_country": "KE",
        "title": "Data Analytics Foundations",
        "profile_version": "1.0",
        "twin_digest": "zTwin1",
    } | changes


def an_offer(offer_id: str = "offer-1", /, **changes: object) -> OfferExchange:
    values: dict[str, Any] = {
        "id": offer_id,
        "connection_id": "connection-1",
        "state": OfferState.OPEN,
        "cred_def_id": CRED_DEF,
        "schema_id": SCHEMA,
        "attributes": award(),
    }
    return OfferExchange(**(values | changes))


def a_credential(credential_id: str = "credential-1", **changes: str) -> HeldCredential:
    return HeldCredential(credential_id, SCHEMA, CRED_DEF, award(**changes))


@dataclass
class MemoryStore:
    """`LearnerStore`; `sent` says what the other side was told."""

    held: dict[str, HeldCredential] = field(default_factory=dict)
    offered: dict[str, OfferExchange] = field(default_factory=dict)
    asked: dict[str, RequestExchange] = field(default_factory=dict)
    kept: dict[str, dict[str, JsonValue]] = field(default_factory=dict)
    connections: dict[str, str] = field(default_factory=dict)
    answered_connections: set[str] = field(default_factory=set)
    sent: list[tuple[str, str]] = field(default_factory=list)
    written: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What she wrote: connection and content, by message."""
    in_touch: dict[str, datetime] = field(default_factory=dict)
    """Until when which connection is wanted."""
    silent: bool = False
    """The agent takes no message now."""
    sealed: bytes = b""

    past: int = 0
    """Records whose time is over."""

    async def sealed_copy(self) -> bytes:
        return self.sealed

    async def has_connections(self) -> bool:
        return bool(self.connections)

    async def delete_past(self) -> int:
        gone, self.past = self.past, 0
        return gone

    async def connection_from(self, invitation_id: str) -> str | None:
        return self.connections.get(invitation_id)

    async def connect(self, invitation: Invitation) -> str:
        self.connections[invitation.id] = f"connection-{len(self.connections) + 1}"
        return self.connections[invitation.id]

    async def unanswered_connections(self) -> Sequence[str]:
        return [one for one in self.connections.values() if one not in self.answered_connections]

    async def connect_again(self, connection_id: str) -> None:
        self.sent.append(("connect again", connection_id))

    async def offers(self) -> Sequence[OfferExchange]:
        return list(self.offered.values())

    async def offer(self, offer_id: str) -> OfferExchange:
        if offer_id not in self.offered:
            raise OfferUnknown("none")
        return self.offered[offer_id]

    async def request_credential(self, offer_id: str) -> None:
        await asyncio.sleep(0)
        self.sent.append(("request", offer_id))
        self.offered[offer_id] = replace(self.offered[offer_id], state=OfferState.ACCEPTED)

    async def request_credential_again(self, offer_id: str) -> None:
        if self.silent:
            raise AgentSilent("The agent did not answer in time.")
        self.sent.append(("request again", offer_id))

    async def refuse_offer(self, offer_id: str, reason: str) -> None:
        self.sent.append(("refuse", reason))
        self.offered[offer_id] = replace(self.offered[offer_id], state=OfferState.DECLINED)

    async def store_credential(self, offer_id: str) -> str:
        offer = self.offered[offer_id]
        self.sent.append(("stored", offer_id))
        self.held[offer_id] = HeldCredential(
            offer_id, offer.schema_id, offer.issued_cred_def_id or "", offer.issued or {}
        )
        self.offered[offer_id] = replace(offer, state=OfferState.STORED, credential_id=offer_id)
        return offer_id

    async def credentials(self) -> Sequence[HeldCredential]:
        return list(self.held.values())

    async def credential(self, credential_id: str) -> HeldCredential:
        if credential_id not in self.held:
            raise CredentialUnknown("none")
        return self.held[credential_id]

    async def remove_credential(self, credential_id: str) -> None:
        self.held.pop(credential_id, None)

    async def requests(self) -> Sequence[RequestExchange]:
        return list(self.asked.values())

    async def request(self, request_id: str) -> RequestExchange:
        if request_id not in self.asked:
            raise RequestUnknown("none")
        return self.asked[request_id]

    async def present(self, request_id: str, presentation: Mapping[str, JsonValue]) -> None:
        await asyncio.sleep(0)
        self.sent.append(("proof", str(presentation)))
        self.asked[request_id] = replace(self.asked[request_id], state=RequestState.ANSWERED)

    async def present_again(self, request_id: str) -> None:
        self.sent.append(("present again", request_id))

    async def refuse_request(self, request_id: str, reason: str) -> None:
        self.sent.append(("refuse", reason))
        self.asked[request_id] = replace(self.asked[request_id], state=RequestState.DECLINED)

    async def send_message(self, connection_id: str, *, message_id: str, content: str) -> None:
        if self.silent:
            raise AgentSilent("The agent did not answer in time.")
        self.written[message_id] = (connection_id, content)

    async def keep_in_touch(self, connection_id: str, *, until: datetime) -> None:
        self.in_touch[connection_id] = until

    async def note(self, category: str, note_id: str) -> JsonValue:
        return self.kept.get(category, {}).get(note_id)

    async def notes(self, category: str) -> Mapping[str, JsonValue]:
        return self.kept.get(category, {})

    async def write_note(self, category: str, note_id: str, value: Mapping[str, JsonValue]) -> None:
        self.kept.setdefault(category, {})[note_id] = dict(value)

    async def notes_of(self, *categories: str) -> Sequence[Mapping[str, JsonValue]]:
        return [self.kept.get(category, {}) for category in categories]

    async def write_notes(self, notes: Sequence[Note]) -> None:
        for note in notes:
            await self.write_note(*note)

    def arrive(self, offer_id: str, **changes: str) -> None:
        """The issuer sends the credential, with these attributes changed."""
        offer = self.offered[offer_id]
        self.offered[offer_id] = replace(
            offer,
            state=OfferState.ARRIVED,
            issued=dict(offer.attributes) | changes,
            issued_cred_def_id=offer.cred_def_id,
        )


@dataclass
class MemorySealed:
    """`SealedWallets`: keys are compared, and tokens die with the lock."""

    keys: dict[str, bytes] = field(default_factory=dict)
    open_ones: set[str] = field(default_factory=set)
    stores: dict[str, MemoryStore] = field(default_factory=dict)

    async def create(self, wallet_key: bytes) -> Placed:
        wallet_id = f"wallet-{len(self.keys) + 1}"
        self.keys[wallet_id] = wallet_key
        self.stores[wallet_id] = MemoryStore(sealed=wallet_key)
        return Placed(wallet_id, MAIN_SHARD)

    async def take_in(self, store: bytes) -> Placed:
        """A fake store is its key."""
        if not store:
            raise ArchiveRefused("empty")
        return await self.create(store)

    async def open(self, wallet_id: str, wallet_key: bytes) -> str:
        if wallet_id not in self.keys:
            raise WalletUnknown("none")
        if self.keys[wallet_id] != wallet_key:
            raise WrongKey(WRONG_KEY)
        self.open_ones.add(wallet_id)
        return wallet_id

    async def close(self, wallet_id: str) -> None:
        self.open_ones.discard(wallet_id)

    async def state(self, wallet_id: str) -> tuple[str, int]:
        if wallet_id not in self.keys:
            raise WalletUnknown("none")
        return ("open" if wallet_id in self.open_ones else "locked", 0)

    async def delete(self, wallet_id: str, *, shard: str | None = None) -> None:
        del shard
        self.keys.pop(wallet_id, None)
        self.open_ones.discard(wallet_id)

    async def rooms(self) -> Mapping[str, Room | None]:
        return {MAIN_SHARD: ROOM}

    async def has_keys_out(self, wallet_id: str) -> bool:
        return wallet_id in self.stores and await self.stores[wallet_id].has_connections()

    def opened(self, agent_token: str) -> MemoryStore:
        """The token is the wallet's id."""
        if agent_token not in self.open_ones:
            raise WalletLocked("locked")
        return self.stores[agent_token]


@dataclass
class MemoryBook:
    """`WalletBook`."""

    methods: dict[str, list[UnlockMethod]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, bytes] = field(default_factory=dict)
    """Sealed, of open sessions."""
    last_used: dict[str, datetime] = field(default_factory=dict)
    never_used_since: dict[str, datetime] = field(default_factory=dict)
    made: dict[str, datetime] = field(default_factory=dict)
    shards: dict[str, str] = field(default_factory=dict)
    erasing: list[str] = field(default_factory=list)

    async def add(
        self, wallet_id: str, methods: Sequence[UnlockMethod], *, now: datetime, shard: str = MAIN_SHARD
    ) -> None:
        self.methods[wallet_id] = list(methods)
        self.shards[wallet_id] = shard
        self.never_used_since[wallet_id] = self.made[wallet_id] = now

    async def unlock_methods(self, wallet_id: str) -> Sequence[UnlockMethod]:
        if wallet_id not in self.methods or wallet_id in self.erasing:
            raise WalletUnknown("none")
        return self.methods[wallet_id]

    async def put_unlock_method(self, wallet_id: str, method: UnlockMethod, *, now: datetime) -> None:
        del now
        held = await self.unlock_methods(wallet_id)
        gone = replaced(held, method)
        self.methods[wallet_id] = [*(one for one in held if one.id not in gone), method]

    async def remove_unlock_method(self, wallet_id: str, which: str) -> None:
        held = await self.unlock_methods(wallet_id)
        gone = removed(held, which)
        self.methods[wallet_id] = [one for one in held if one.id not in gone]

    async def begin_erasure(self, wallet_id: str, *, now: datetime) -> Outside:
        del now
        gone = Outside(
            len(await self.unlock_methods(wallet_id)), list(self.sessions.values()).count(wallet_id)
        )
        self.methods[wallet_id] = []
        await self.end_sessions(wallet_id)
        self.erasing.append(wallet_id)
        return gone

    async def being_erased(self) -> Sequence[str]:
        return self.erasing

    async def remove(self, wallet_id: str) -> None:
        self.erasing = [one for one in self.erasing if one != wallet_id]
        self.methods.pop(wallet_id, None)
        self.never_used_since.pop(wallet_id, None)
        self.made.pop(wallet_id, None)
        self.shards.pop(wallet_id, None)
        await self.end_sessions(wallet_id)

    async def add_session(self, wallet_id: str, token_hash: str, *, now: datetime) -> None:
        await self.unlock_methods(wallet_id)
        self.sessions[token_hash] = wallet_id
        self.last_used[token_hash] = now
        if wallet_id in self.never_used_since:
            self.never_used_since[wallet_id] = now

    async def end_session(self, token_hash: str) -> None:
        self.sessions.pop(token_hash, None)

    async def end_sessions(self, wallet_id: str) -> None:
        self.sessions = {token: one for token, one in self.sessions.items() if one != wallet_id}

    async def keep_session(self, token_hash: str, sealed_token: bytes) -> None:
        self.tokens[token_hash] = sealed_token

    async def session(self, token_hash: str) -> KeptSession | None:
        if token_hash not in self.sessions or token_hash not in self.tokens:
            return None
        return KeptSession(self.sessions[token_hash], self.tokens[token_hash], self.last_used[token_hash])

    async def session_used(self, token_hash: str, *, now: datetime) -> None:
        self.last_used[token_hash] = now

    async def still_open(self, token_hashes: Sequence[str]) -> Collection[str]:
        return self.sessions.keys() & self.tokens.keys() & set(token_hashes)

    async def wallets_unused(self, *, before: datetime) -> Sequence[str]:
        latest: dict[str, datetime] = {}
        for token_hash in await self.still_open(list(self.sessions)):
            wallet_id, used = self.sessions[token_hash], self.last_used[token_hash]
            latest[wallet_id] = max(used, latest.get(wallet_id, used))
        return sorted(wallet_id for wallet_id, used in latest.items() if used <= before)

    async def void_sessions(self, wallet_id: str) -> None:
        for token_hash, one in self.sessions.items():
            if one == wallet_id:
                self.tokens.pop(token_hash, None)

    async def wallets_to_close(self) -> Sequence[str]:
        still_open = {self.sessions[one] for one in await self.still_open(list(self.sessions))}
        return sorted(set(self.sessions.values()) - still_open)

    async def wallets_with_sessions(self) -> Sequence[str]:
        return sorted(set(self.sessions.values()))

    async def held(self, *, now: datetime) -> Held:
        ages = [now - at for at in self.made.values()]
        return Held(len(ages), sum(age < DAY for age in ages), sum(age < MONTH for age in ages))

    async def shard_of(self, wallet_id: str) -> str:
        if wallet_id not in self.shards:
            raise WalletUnknown("none")
        return self.shards[wallet_id]

    async def by_shard(self) -> Mapping[str, int]:
        return Counter(self.shards.values())

    async def used(self, wallet_id: str) -> None:
        self.never_used_since.pop(wallet_id, None)

    async def never_used(self, *, before: datetime, limit: int) -> Sequence[str]:
        past = [(at, one) for one, at in self.never_used_since.items() if at < before]
        return [one for _, one in sorted(past)[:limit]]


@dataclass
class MemoryFacts:
    """`PublicFacts`: what is published, and how often it was asked for."""

    editions: dict[str, EditionFound] = field(default_factory=lambda: {EDITION_ID: EDITION})
    statuses: dict[str, StatusListFact] = field(default_factory=dict)
    signed: dict[str, tuple[str, Mapping[str, JsonValue]]] = field(default_factory=dict)
    told: dict[str, Holders] = field(default_factory=dict)
    """What issuers tell of their holders."""
    schemas: dict[str, tuple[str, str]] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)
    copies: dict[str, EditionFound] = field(default_factory=dict)
    unreachable: set[str] = field(default_factory=set)

    async def edition(self, edition_id: str | None, issuer_did: str | None) -> EditionResult:
        self.looked_up.append(str(edition_id))
        found = self.editions.get(edition_id or "")
        if found is None or issuer_did != ISSUER:
            return EditionMissing(edition_id, "nothing is published there.")
        return found

    def copied_edition(self, edition_id: str) -> EditionFound | None:
        return self.copies.get(edition_id)

    def remember_copy(self, edition: EditionFound) -> None:
        self.copies[edition.id] = edition

    async def schema(self, schema_id: str) -> tuple[str, str] | None:
        self.looked_up.append(schema_id)
        return self.schemas.get(schema_id)

    async def look_up_sender(self, did: str) -> None:
        self.looked_up.append(did)
        if did in self.unreachable:
            raise SenderUnreachable(f"{did} is away", retry_after=60)

    async def newest_status(self, rev_reg_id: str) -> StatusListFact | StatusListMissing:
        return self.statuses.get(rev_reg_id) or StatusListMissing("the issuer's site is away.")

    async def holders(self, issuer_did: str) -> Holders | None:
        return self.told.get(issuer_did)

    async def signed_request(self, jws: str) -> tuple[str, Mapping[str, JsonValue]] | Unproven:
        return self.signed.get(jws) or Unproven(Doubt.NOT_ITS_SIGNATURE, "The signature does not hold.")


@dataclass
class FixedLists:
    """`TrustLists`."""

    given: Sequence[Snapshot] = ()

    def snapshots(self) -> Sequence[Snapshot]:
        return self.given


@dataclass
class MemoryChanges:
    """`Changes`, remembered."""

    announced: list[tuple[str, Change]] = field(default_factory=list)

    def announce(self, wallet_id: str, change: Change) -> None:
        self.announced.append((wallet_id, change))

    async def follow(self, wallet_id: str) -> AsyncIterator[Change]:
        for found, change in self.announced:
            if found == wallet_id:
                yield change


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


def a_desk(
    *, facts: MemoryFacts | None = None, lists: Sequence[Snapshot] = (), changes: MemoryChanges | None = None
) -> Desk:
    numbers = count(1)
    return Desk(
        facts=facts or MemoryFacts(),
        trust=FixedLists(lists),
        changes=changes or MemoryChanges(),
        clock=Clock(),
        new_id=lambda: f"id-{next(numbers)}",
    )


def a_wallet(store: MemoryStore | None = None) -> OpenWallet:
    turn: AbstractAsyncContextManager[None] = asyncio.Lock()
    return OpenWallet("wallet-1", store or MemoryStore(), turn)
