"""What the wallet needs from the outside."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from pydantic import JsonValue

from shared.contracts.streams import MAIN_SHARD
from shared.ports.trust_pins import TrustPin
from shared.vc.holders import Holders
from shared.vc.trust_decision import Snapshot
from wallet.domain.capacity import Held, Room
from wallet.domain.credential import (
    EditionFound,
    EditionResult,
    HeldCredential,
    StatusListFact,
    StatusListMissing,
)
from wallet.domain.erasure import Outside
from wallet.domain.inbox import Change
from wallet.domain.invitation import Invitation
from wallet.domain.offer import OfferExchange
from wallet.domain.request import RequestExchange
from wallet.domain.requester import Unproven
from wallet.domain.session import KeptSession, Session
from wallet.domain.shard import Placed
from wallet.domain.unlock import UnlockMethod


class Note(NamedTuple):
    """A note to be kept."""

    category: str
    id: str
    value: Mapping[str, JsonValue]


class LearnerStore(Protocol):
    """One learner's open store. Every call raises WalletLocked once the store is closed, AgentSilent, or AgentRefuses."""

    async def connection_from(self, invitation_id: str) -> str | None:
        """The connection made from an invitation; None if there is none."""

    async def connect(self, invitation: Invitation) -> str:
        """Answer an invitation; returns the connection's id. Raises StoreFull."""

    async def unanswered_connections(self) -> Sequence[str]:
        """Connections whose other side has not answered us."""

    async def connect_again(self, connection_id: str) -> None:
        """Send the same answer to the invitation once more, if the other side has not answered it."""

    async def offers(self) -> Sequence[OfferExchange]:
        """Every offer ever received and not forgotten."""

    async def offer(self, offer_id: str) -> OfferExchange:
        """One offer; raises OfferUnknown."""

    async def request_credential(self, offer_id: str) -> None:
        """Tell the issuer that the offer is accepted."""

    async def request_credential_again(self, offer_id: str) -> None:
        """Send the same request once more, if the issuer has not answered it."""

    async def refuse_offer(self, offer_id: str, reason: str) -> None:
        """Tell the issuer that it is not, or that what arrived is not what was offered."""

    async def store_credential(self, offer_id: str) -> str:
        """Check the signature of what arrived and keep it; returns the credential's id."""

    async def credentials(self) -> Sequence[HeldCredential]:
        """Every credential in the store."""

    async def credential(self, credential_id: str) -> HeldCredential:
        """One credential; raises CredentialUnknown."""

    async def remove_credential(self, credential_id: str) -> None:
        """Remove one; removing one that is gone is fine."""

    async def requests(self) -> Sequence[RequestExchange]:
        """Every request ever received and not forgotten."""

    async def request(self, request_id: str) -> RequestExchange:
        """One request; raises RequestUnknown."""

    async def present(self, request_id: str, presentation: Mapping[str, JsonValue]) -> None:
        """Make the proof and send it."""

    async def present_again(self, request_id: str) -> None:
        """Send the same proof once more, if the verifier has not told its verdict."""

    async def refuse_request(self, request_id: str, reason: str) -> None:
        """Tell the verifier that there will be no proof."""

    async def send_message(self, connection_id: str, *, message_id: str, content: str) -> None:
        """Write to the other side of a connection; a second time under the same id changes nothing."""

    async def keep_in_touch(self, connection_id: str, *, until: datetime) -> None:
        """Keep the connection for so long, though nothing goes over it; one that is gone is no error."""

    async def note(self, category: str, note_id: str) -> JsonValue:
        """A note kept inside the store; None if there is none."""

    async def notes(self, category: str) -> Mapping[str, JsonValue]:
        """All notes of a category, by id."""

    async def notes_of(self, *categories: str) -> Sequence[Mapping[str, JsonValue]]:
        """The same of several categories, in their order, at one look."""

    async def sealed_copy(self) -> bytes:
        """The whole store as it lies on disk, sealed with the learner's key."""

    async def write_note(self, category: str, note_id: str, value: Mapping[str, JsonValue]) -> None:
        """Keep a note, replacing one of the same id."""

    async def write_notes(self, notes: Sequence[Note]) -> None:
        """Keep several, all or none."""

    async def has_connections(self) -> bool:
        """Whether it is, or tried to be, in touch with anybody."""

    async def delete_past(self) -> int:
        """Delete exchanges and connections that are past their time; returns how many. Credentials and notes stay."""


class SealedWallets(Protocol):
    """Stores that only a learner's key opens. Raises AgentSilent or AgentRefuses."""

    async def create(self, wallet_key: bytes) -> Placed:
        """Make a locked store where there is room. Raises InstallationFull when the disk is nearly full."""

    async def take_in(self, store: bytes) -> Placed:
        """Make a locked store of a sealed copy. Raises ArchiveRefused, InstallationFull."""

    async def open(self, wallet_id: str, wallet_key: bytes) -> str:
        """Open a store; returns the token that works while it is open. Raises WrongKey or WalletUnknown."""

    async def close(self, wallet_id: str) -> None:
        """Lock a store; a locked or unknown one stays as it is."""

    async def state(self, wallet_id: str) -> tuple[str, int]:
        """`locked`, `opening` or `open`, and how many messages wait. Raises WalletUnknown."""

    async def delete(self, wallet_id: str, *, shard: str | None = None) -> None:
        """Remove a store for ever; removing one that is gone is fine. `shard` is needed for one that is not in the book."""

    async def has_keys_out(self, wallet_id: str) -> bool:
        """Whether others may know a key of this wallet; an unknown wallet has none."""

    async def rooms(self) -> Mapping[str, Room | None]:
        """How much room each shard's stores, and the envelopes that wait, take and leave; None of a shard that is away."""

    def opened(self, agent_token: str) -> LearnerStore:
        """The store that this token opens."""


class PublicFacts(Protocol):
    """Published objects, verified. Kept in memory only: what was looked up tells what somebody holds."""

    async def edition(self, edition_id: str | None, issuer_did: str | None) -> EditionResult:
        """The programme's description, if it resolves, verifies and is published by the issuer itself."""

    def copied_edition(self, edition_id: str) -> EditionFound | None:
        """One that was told by `remember_copy`, as long as it is remembered."""

    def remember_copy(self, edition: EditionFound) -> None:
        """Remember a learner's own copy that proved itself, so that it need not be read and checked each time."""

    async def schema(self, schema_id: str) -> tuple[str, str] | None:
        """Name and version of an AnonCreds schema; None if it does not resolve or verify."""

    async def look_up_sender(self, did: str) -> None:
        """Return if a did:webvh's document says where to answer. Raises InvitationRefused, SenderUnreachable."""

    async def newest_status(self, rev_reg_id: str) -> StatusListFact | StatusListMissing:
        """The newest status list the issuer published."""

    async def holders(self, issuer_did: str) -> Holders | None:
        """What an issuer tells of how many hold its programmes; None if it tells nothing that can be had or relied on."""

    async def signed_request(self, jws: str) -> tuple[str, Mapping[str, JsonValue]] | Unproven:
        """The DID that signed a request and the payload, or why the signature could not be relied on."""


class TrustLists(Protocol):
    """The verified snapshots of the lists this installation uses."""

    def snapshots(self) -> Sequence[Snapshot]:
        """One per pinned list."""


class PinnedLists(TrustLists, Protocol):
    """Which lists this installation uses."""

    async def pin(self, pin: TrustPin) -> Snapshot:
        """Pin a list and look at it at once; the pin stays even where that fails."""

    async def unpin(self, url: str) -> None:
        """Use a list no longer."""

    async def refresh_all(self) -> None:
        """Look at every pinned list now."""


class WalletPlaces(Protocol):
    """In which shard each wallet's store is."""

    async def shard_of(self, wallet_id: str) -> str:
        """Raises WalletUnknown."""

    async def by_shard(self) -> Mapping[str, int]:
        """How many wallets each shard has; one without any may be missing."""


class SessionBook(Protocol):
    """What replicas share of sessions. One without a sealed token is being begun, or has ended and its store is to be closed."""

    async def keep_session(self, token_hash: str, sealed_token: bytes) -> None:
        """It is open from now on."""

    async def session(self, token_hash: str) -> KeptSession | None:
        """An open one."""

    async def session_used(self, token_hash: str, *, now: datetime) -> None:
        """Note its use."""

    async def still_open(self, token_hashes: Sequence[str]) -> Collection[str]:
        """Those of these that are open."""

    async def wallets_unused(self, *, before: datetime) -> Sequence[str]:
        """Wallets with open sessions, all of which were used last before then."""

    async def void_sessions(self, wallet_id: str) -> None:
        """Nobody gets in by one of the wallet's sessions from now on; its store is still to be closed."""

    async def wallets_to_close(self) -> Sequence[str]:
        """Wallets with sessions, none of which is open."""


class WalletBook(WalletPlaces, SessionBook, Protocol):
    """What is kept outside the stores: opaque ids, wrapped keys, hashes of session tokens."""

    async def add(
        self, wallet_id: str, methods: Sequence[UnlockMethod], *, now: datetime, shard: str = MAIN_SHARD
    ) -> None:
        """Remember a new wallet, and where its store is."""

    async def unlock_methods(self, wallet_id: str) -> Sequence[UnlockMethod]:
        """How it can be unlocked; raises WalletUnknown."""

    async def put_unlock_method(self, wallet_id: str, method: UnlockMethod, *, now: datetime) -> None:
        """Add a method, in the place of the one of its kind; a passkey beside others. Raises WalletUnknown, KeyUnsuitable."""

    async def remove_unlock_method(self, wallet_id: str, which: str) -> None:
        """Remove the methods of a kind, or the one of an id. Raises WalletUnknown, UnlockMethodUnknown, LastUnlockMethod."""

    async def begin_erasure(self, wallet_id: str, *, now: datetime) -> Outside:
        """Close a wallet for ever, at once and whatever follows; returns what of it went. Raises WalletUnknown."""

    async def being_erased(self) -> Sequence[str]:
        """Wallets that are closed for ever and not forgotten yet."""

    async def remove(self, wallet_id: str) -> None:
        """Forget a wallet and its sessions."""

    async def add_session(self, wallet_id: str, token_hash: str, *, now: datetime) -> None:
        """Remember that a wallet is open, so that it is locked after a restart. Raises WalletUnknown."""

    async def end_session(self, token_hash: str) -> None:
        """Forget one session."""

    async def end_sessions(self, wallet_id: str) -> None:
        """Forget the sessions of a wallet."""

    async def wallets_with_sessions(self) -> Sequence[str]:
        """Wallets that were open when this service stopped."""

    async def held(self, *, now: datetime) -> Held:
        """How many wallets live here, and how many of them are new."""

    async def used(self, wallet_id: str) -> None:
        """Never take this wallet for unused again: it is in touch with somebody, or came from elsewhere."""

    async def never_used(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Wallets that were never used and not opened since then, the oldest first."""


class SignStatement(Protocol):
    """Signs as this installation."""

    def __call__(self, payload: Mapping[str, JsonValue]) -> str:
        """The statement as a compact JWS."""


class StatementKeys(Protocol):
    """The installation's own keys for what it states."""

    async def signer(self) -> SignStatement:
        """Whatever signs now; it needs nothing more from outside."""

    async def public(self) -> Sequence[bytes]:
        """Every key that statements were ever signed with, the newest first."""


class OpenWallets(Protocol):
    """The sessions of the wallets that are open now: begun by any replica, met by this process or not."""

    async def add(self, session: Session, token: str) -> None:
        """Remember a session."""

    async def use(self, token: str, *, now: datetime) -> Session:
        """The session of this token, used now. Raises WalletLocked if it is over."""

    async def see(self, token: str, *, now: datetime) -> Session:
        """The same without using it: what a page does by itself keeps no wallet open. Raises WalletLocked."""

    def of(self, wallet_id: str) -> Session | None:
        """The session of an open wallet that was begun last."""

    def last_used(self, wallet_id: str) -> datetime | None:
        """When an open wallet was used last, as far as this process knows."""

    def all(self) -> Sequence[str]:
        """The open wallets that this process has met."""

    def end(self, wallet_id: str) -> None:
        """End every session of a wallet in this process."""

    async def forget_ended(self, *, now: datetime) -> None:
        """Know no more of sessions that ended elsewhere, or are not used here."""

    def turn(self, wallet_id: str) -> AbstractAsyncContextManager[None]:
        """Lets one decision at a time through: two taps on one button must not become two answers."""

    async def idle(self, *, now: datetime) -> Sequence[str]:
        """Wallets nobody used for as long as a wallet stays open."""


class Changes(Protocol):
    """Tells those who wait that something changed in an open wallet."""

    def announce(self, wallet_id: str, change: Change) -> None:
        """Wake everybody who waits for this wallet."""

    def follow(self, wallet_id: str) -> AsyncIterator[Change]:
        """Changes from now on, until the wallet is locked."""
