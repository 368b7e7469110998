"""What the verifier needs from the outside, as protocols."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from shared.vc.trust_decision import Snapshot
from verifier.domain.facts import CredentialFacts, DoesNotHold, Holds, NotRun, ShownEdition, Unknown, Untrue
from verifier.domain.presentation import Identifier
from verifier.domain.question import KnownIssuer
from verifier.domain.request import Created, Exchange, Invitation, Judged, Request, Sought
from verifier.domain.requirement import Requirement
from verifier.domain.session import Bound, Held
from verifier.domain.standing import ListNews, Standing
from verifier.domain.template import Draft, Ref, Template
from verifier.domain.wish import Wish

EVERY_REQUEST: Final = Sought()


@dataclass(frozen=True)
class PublishedObjects:
    """The verified contents a proof is computed with, by id; nothing in here is unverified."""

    schemas: Mapping[str, Mapping[str, object]]
    definitions: Mapping[str, Mapping[str, object]]
    registries: Mapping[str, Mapping[str, object]]
    status_lists: tuple[Mapping[str, object], ...]


@dataclass(frozen=True)
class LookedUp:
    """What was found out about the credentials of a presentation, in their order."""

    credentials: tuple[CredentialFacts, ...]
    objects: PublishedObjects


@dataclass(frozen=True)
class AgentRecord:
    """The agent's record of one proof exchange, as it stands. `presentation` is as it arrived, unjudged."""

    exchange: Exchange
    state: str
    request: Mapping[str, object]
    presentation: object | None
    changed_at: datetime
    error: str


class KeepRequests(Protocol):
    """Stores requests. A save that finds another state than `expected` changes nothing and returns False."""

    async def add(self, request: Request) -> None:
        """Store a new request."""

    async def renew(self, request: Created) -> bool:
        """Store a new request in place of the one it renews; False, and nothing stored, if that one was renewed before."""

    async def find(self, request_id: str) -> Request | None:
        """The request with this id."""

    async def by_invitation(self, message_id: str) -> Request | None:
        """The request whose invitation this is."""

    async def by_exchange(self, exchange_id: str) -> Request | None:
        """The request asked in this exchange."""

    async def by_connection(self, connection_id: str) -> Request | None:
        """The request asked over this connection; of several the newest."""

    async def save(self, request: Request, *, expected: type[Request] | type[Judged]) -> bool:
        """Replace the stored request, if it is still in the expected state, and announce the change."""

    async def page(self, after: str | None, limit: int, sought: Sought = EVERY_REQUEST) -> Sequence[Request]:
        """Up to `limit` of those sought, newest first, those before the id `after`."""

    async def waiting(self) -> Sequence[Request]:
        """Every request that is created, asked or answered."""

    async def to_forget(self, now: datetime) -> Sequence[Judged]:
        """Judged requests whose disclosed values were to be deleted by now."""

    async def to_clear(self) -> Sequence[Request]:
        """Finished requests whose record the agent still keeps."""

    async def cleared(self, request_id: str) -> None:
        """The agent keeps nothing of this request any more."""

    async def drop(self, *, made_before: datetime) -> int:
        """Delete finished requests of which neither shown values nor the agent's records are left; returns how many."""

    async def seen_before(self, answer_digest: str, *, but_not: str) -> str | None:
        """Id of another request this very presentation was sent to."""

    def following(self, request_id: str) -> AbstractContextManager[Callable[[], Awaitable[None]]]:
        """Inside, awaiting the call waits until the request may have changed: at once when this process changed it."""


class KeepWishes(Protocol):
    """Stores what learners ask to have deleted: one wish a request."""

    async def add(self, wish: Wish) -> bool:
        """Store and announce a wish; False if there is one for this request."""

    async def find(self, request_id: str) -> Wish | None:
        """The wish for this request."""

    async def of(self, request_ids: Collection[str]) -> Mapping[str, Wish]:
        """The wishes for these requests, by request."""

    async def save(self, wish: Wish) -> bool:
        """Store what was answered, unless it was answered by deleting before; then False."""

    async def not_deleted(self) -> Sequence[Wish]:
        """Wishes for what was not deleted yet, refused ones included; the oldest first."""

    async def untold(self) -> Sequence[Wish]:
        """Wishes whose answer the agent has not taken yet, some at a time."""

    async def told(self, request_id: str, message_id: str, *, at: datetime | None) -> None:
        """The agent has taken this answer; None: it is to be told once more."""

    async def drop(self) -> int:
        """Delete those whose request is gone; returns how many."""


class KeepSessions(Protocol):
    """Stores the sessions of the job platform that requests are bound to. Every token is given as its digest."""

    async def add(self, held: Held) -> None:
        """Store a session nobody holds yet."""

    async def find(self, request_id: str) -> Held | None:
        """The session of this request."""

    async def hold(self, request_id: str, browser: str) -> bool:
        """Whether this browser is the first, and so holds the request from now on."""

    async def give_code(self, request_id: str, code: str, *, until: datetime) -> None:
        """The code that counts from now on, unless one was redeemed."""

    async def redeem(self, request_id: str, code: str, *, bound: Bound, now: datetime) -> bool:
        """Whether the code counted; it does so once."""

    async def drop(self) -> int:
        """Delete those whose request is gone; returns how many."""


class KeepTemplates(Protocol):
    """Stores requirement templates, one row a version."""

    async def add(self, draft: Draft) -> bool:
        """Store a new version; False if there is one with this id and version."""

    async def find(self, ref: Ref) -> Template | None:
        """One version."""

    async def newest(self, template_id: str) -> Template | None:
        """The highest version of this id, in whatever state."""

    async def page(self, after: Ref | None, limit: int) -> Sequence[Template]:
        """Up to `limit` versions by id, of each the newest first, those behind `after`."""

    async def save(self, template: Template, *, expected: type[Template]) -> bool:
        """Replace the stored version, if it is still in the expected state."""

    async def remove(self, ref: Ref) -> bool:
        """Delete a version, if it is a draft."""


class ReadRequirement(Protocol):
    """How the API reads a requirement."""

    def __call__(self, body: Mapping[str, object]) -> Requirement:
        """The requirement, not yet checked. Raises RequirementInvalid where the form is wrong."""


class AskLearners(Protocol):
    """The DIDComm agent. Every call raises AgentTrouble when it cannot be reached or refuses."""

    async def invite(self, request_id: str, purpose: str) -> Invitation:
        """Make a single-use invitation."""

    async def send(self, connection_id: str, request: Mapping[str, object], comment: str) -> AgentRecord:
        """Send a proof request over the connection; at most one exchange per connection is ever made. Returns it as it was sent."""

    async def say_again(self, exchange_id: str) -> None:
        """Send the request once more, if the wallet has not answered it."""

    async def connection_by(self, invitation_message_id: str) -> str | None:
        """Id of the completed connection that took up this invitation."""

    async def record(self, exchange_id: str) -> AgentRecord | None:
        """The exchange as the agent has it; None if it has it no more."""

    async def close(self, exchange_id: str, *, verified: bool) -> None:
        """Tell the learner's wallet that the answer was judged. Closing twice is no error."""

    async def remove(self, exchange_id: str) -> None:
        """Delete the exchange with everything presented in it. Deleting twice is no error."""

    async def keep_in_touch(self, connection_id: str, *, until: datetime) -> None:
        """Keep the connection for so long, though nothing goes over it; one that is gone is no error."""


@dataclass(frozen=True)
class Written:
    """What somebody wrote, as the agent keeps it. `message_id` is the sender's."""

    id: str
    connection_id: str
    message_id: str
    content: str


class Correspondence(Protocol):
    """Carries messages between the verifier and the wallets. Every call raises AgentTrouble."""

    async def arrived(self) -> Sequence[Written]:
        """The messages that lie there, in the order they came."""

    async def taken(self, written_id: str) -> None:
        """Delete one that is stored now, or refused."""

    async def write(self, connection_id: str, *, message_id: str, content: str) -> bool:
        """Send one; a second time changes nothing. False if the connection is gone."""


class LookUpObjects(Protocol):
    """Resolves and verifies what issuers published."""

    async def credentials(self, identifiers: Sequence[Identifier]) -> LookedUp:
        """Everything the credentials of a presentation refer to; registries are fetched anew."""

    async def edition(self, edition_id: str) -> ShownEdition | Untrue | Unknown:
        """One edition."""


class FollowRegistries(Protocol):
    """Knows by which revocation registries answers were judged."""

    async def registries(self, *, used_since: datetime, limit: int) -> Sequence[str]:
        """Their ids, those used last first."""


class ReadNewestStatus(Protocol):
    """Reads status lists."""

    async def newest_status_list(self, rev_reg_def_id: str, *, fresh: bool = False) -> object:
        """Fetch, verify and keep the newest of this registry. Raises UjuziError."""


class CheckProof(Protocol):
    """The AnonCreds arithmetic."""

    async def __call__(
        self, presentation: object, request: Mapping[str, object], objects: PublishedObjects
    ) -> Holds | DoesNotHold | NotRun:
        """Verify with restrictions stripped. `presentation` has passed `domain.presentation.read`."""


class KnowIssuers(Protocol):
    """The catalogue of what listed issuers published."""

    async def of(self, lists: Sequence[Snapshot], *, fresh: bool = False) -> Sequence[KnownIssuer]:
        """What is known of the issuers on these lists, looked up again where the knowledge is stale, or everywhere."""


class KnowTrust(Protocol):
    """The pinned trust lists as they were last verified. A list is named by its address."""

    def snapshots(self, urls: Iterable[str] | None = None) -> Sequence[Snapshot]:
        """The lists at these addresses, or all, without I/O; one that is not pinned (any more) says so in its snapshot."""

    async def looked_up(self, urls: Iterable[str] | None = None) -> Sequence[Snapshot]:
        """The same; where one is unknown here, after a look whether another process pinned it."""

    def snapshot(self, url: str) -> Snapshot | None:
        """One pinned list."""


class TellOfLists(Protocol):
    """Tells webhooks of pinned lists."""

    async def tell(self, snapshot: Snapshot, standing: Standing) -> Sequence[ListNews]:
        """Tell what is new of the list, once whoever asks, and return it."""

    async def keep_only(self, urls: Collection[str]) -> None:
        """Forget lists at other addresses."""


class SignAsVerifier(Protocol):
    """The verifier's own did:webvh key."""

    @property
    def did(self) -> str:
        """The verifier's DID."""

    async def sign(self, payload: Mapping[str, object], *, typ: str) -> str:
        """A compact JWS by the DID's current key."""
