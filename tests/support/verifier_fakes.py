"""Hand-written stand-ins for the verifier's ports."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from shared.adapters.bells import Bells, Wait
from shared.vc import jws
from shared.vc.keys import SigningKey
from shared.vc.trust_decision import Snapshot
from shared.vc.trust_list import Authorization, Level, StatusPeriod, TrustedEntity, TrustList
from verifier.domain.question import KnownIssuer
from verifier.domain.request import (
    Answered,
    Asked,
    Created,
    Declined,
    Exchange,
    Expired,
    Invitation,
    Judged,
    Request,
    Sought,
    exchange_of,
    fits,
    renewed,
)
from verifier.domain.session import Bound, Held
from verifier.domain.template import Draft, Ref, Template
from verifier.domain.wish import Deleted, Wish
from verifier.errors import AgentTrouble
from verifier.ports import EVERY_REQUEST, AgentRecord, Written

LIST_URL = "https://registry.ujuzi.test/lists/pilot"


class MemoryRequests:
    """KeepRequests in memory."""

    def __init__(self) -> None:
        self.stored: dict[str, Request] = {}
        self.agent_keeps: set[str] = set()
        self._bells = Bells(look_seconds=0.05)

    async def add(self, request: Request) -> None:
        self.stored[request.stated.id] = request

    async def renew(self, request: Created) -> bool:
        old = self.stored.get(request.stated.renews or "")
        if not isinstance(old, Expired | Declined) or old.renewed_by is not None:
            return False
        self.stored[old.stated.id] = renewed(old, request.stated.id)
        self.stored[request.stated.id] = request
        return True

    async def find(self, request_id: str) -> Request | None:
        return self.stored.get(request_id)

    async def by_invitation(self, message_id: str) -> Request | None:
        return next((r for r in self.stored.values() if r.stated.invitation.message_id == message_id), None)

    async def by_exchange(self, exchange_id: str) -> Request | None:
        return next((r for r in self.stored.values() if _exchange_id(r) == exchange_id), None)

    async def by_connection(self, connection_id: str) -> Request | None:
        found = [
            request
            for _, request in sorted(self.stored.items())
            if (exchange := exchange_of(request)) is not None and exchange.connection_id == connection_id
        ]
        return found[-1] if found else None

    async def save(self, request: Request, *, expected: type[Request] | type[Judged]) -> bool:
        await asyncio.sleep(0)
        if type(self.stored.get(request.stated.id)) is not expected:
            return False
        self.stored[request.stated.id] = request
        if exchange_of(request) is not None and not (
            isinstance(request, Judged) and request.disclosed is None
        ):
            self.agent_keeps.add(request.stated.id)
        self._bells.ring(request.stated.id)
        return True

    async def page(self, after: str | None, limit: int, sought: Sought = EVERY_REQUEST) -> Sequence[Request]:
        ids = sorted((each for each in self.stored if after is None or each < after), reverse=True)
        return [self.stored[each] for each in ids if fits(self.stored[each], sought)][:limit]

    async def waiting(self) -> Sequence[Request]:
        return [r for _, r in sorted(self.stored.items()) if isinstance(r, (Created, Asked, Answered))]

    async def to_forget(self, now: datetime) -> Sequence[Judged]:
        return [
            r
            for r in self.stored.values()
            if isinstance(r, Judged) and r.disclosed is not None and r.keep_until <= now
        ]

    async def to_clear(self) -> Sequence[Request]:
        return [
            r
            for r in self.stored.values()
            if r.stated.id in self.agent_keeps and not isinstance(r, (Created, Asked, Answered))
        ]

    async def cleared(self, request_id: str) -> None:
        self.agent_keeps.discard(request_id)

    async def drop(self, *, made_before: datetime) -> int:
        old = [
            r.stated.id
            for r in self.stored.values()
            if r.stated.created_at < made_before
            and not isinstance(r, (Created, Asked, Answered))
            and not (isinstance(r, Judged) and r.disclosed is not None)
            and r.stated.id not in self.agent_keeps
        ]
        for request_id in old:
            del self.stored[request_id]
        return len(old)

    async def seen_before(self, answer_digest: str, *, but_not: str) -> str | None:
        for request in self.stored.values():
            answered = request.answered if isinstance(request, Judged) else request
            same = isinstance(answered, Answered) and answered.answer_digest == answer_digest
            if same and request.stated.id != but_not:
                return request.stated.id
        return None

    def following(self, request_id: str) -> AbstractContextManager[Wait]:
        return self._bells.listening(request_id)


def _exchange_id(request: Request) -> str | None:
    exchange = exchange_of(request)
    return None if exchange is None else exchange.id


class MemoryWishes:
    """KeepWishes in memory."""

    def __init__(self, requests: MemoryRequests) -> None:
        self.requests = requests
        self.stored: dict[str, Wish] = {}

    async def add(self, wish: Wish) -> bool:
        return self.stored.setdefault(wish.request_id, wish) is wish

    async def find(self, request_id: str) -> Wish | None:
        return self.stored.get(request_id)

    async def of(self, request_ids: Collection[str]) -> Mapping[str, Wish]:
        return {each: self.stored[each] for each in request_ids if each in self.stored}

    async def save(self, wish: Wish) -> bool:
        known = self.stored.get(wish.request_id)
        if known is None or isinstance(known.answer, Deleted):
            return False
        self.stored[wish.request_id] = wish
        return True

    async def not_deleted(self) -> Sequence[Wish]:
        return self._all(lambda wish: not isinstance(wish.answer, Deleted))

    async def untold(self) -> Sequence[Wish]:
        return self._all(lambda wish: wish.message_id is not None and wish.told_at is None)

    async def told(self, request_id: str, message_id: str, *, at: datetime | None) -> None:
        known = self.stored[request_id]
        if known.message_id == message_id:
            self.stored[request_id] = replace(known, told_at=at)

    async def drop(self) -> int:
        gone = [each for each in self.stored if each not in self.requests.stored]
        for each in gone:
            del self.stored[each]
        return len(gone)

    def _all(self, fits: Callable[[Wish], bool]) -> list[Wish]:
        return sorted((wish for wish in self.stored.values() if fits(wish)), key=lambda wish: wish.asked_at)


class MemoryLetters:
    """Correspondence in memory: connections that are gone take nothing."""

    def __init__(self) -> None:
        self.lying: list[Written] = []
        self.sent: list[tuple[str, str, str]] = []
        """Connection, message and content."""
        self.gone: set[str] = set()

    def arrives(self, content: str, *, connection: str, message: str = "hers") -> None:
        self.lying.append(Written(f"note-{len(self.lying)}", connection, message, content))

    async def arrived(self) -> Sequence[Written]:
        return list(self.lying)

    async def taken(self, written_id: str) -> None:
        self.lying = [each for each in self.lying if each.id != written_id]

    async def write(self, connection_id: str, *, message_id: str, content: str) -> bool:
        if connection_id in self.gone:
            return False
        self.sent.append((connection_id, message_id, content))
        return True


class MemorySessions:
    """KeepSessions in memory."""

    def __init__(self, requests: MemoryRequests) -> None:
        self.requests = requests
        self.stored: dict[str, Held] = {}
        self.codes: dict[str, tuple[str, datetime]] = {}

    async def add(self, held: Held) -> None:
        self.stored[held.request_id] = held

    async def find(self, request_id: str) -> Held | None:
        return self.stored.get(request_id)

    async def hold(self, request_id: str, browser: str) -> bool:
        held = self.stored.get(request_id)
        if held is None or held.browser is not None:
            return False
        self.stored[request_id] = replace(held, browser=browser)
        return True

    async def give_code(self, request_id: str, code: str, *, until: datetime) -> None:
        held = self.stored.get(request_id)
        if held is not None and held.bound == "unbound":
            self.codes[request_id] = (code, until)

    async def redeem(self, request_id: str, code: str, *, bound: Bound, now: datetime) -> bool:
        given, until = self.codes.get(request_id, ("", now))
        if given != code or until <= now:
            return False
        del self.codes[request_id]
        self.stored[request_id] = replace(self.stored[request_id], bound=bound)
        return True

    async def drop(self) -> int:
        gone = [each for each in self.stored if each not in self.requests.stored]
        for each in gone:
            del self.stored[each]
        return len(gone)


class MemoryTemplates:
    """KeepTemplates in memory."""

    def __init__(self) -> None:
        self.stored: dict[Ref, Template] = {}

    async def add(self, draft: Draft) -> bool:
        return self.stored.setdefault(draft.ref, draft) is draft

    async def find(self, ref: Ref) -> Template | None:
        return self.stored.get(ref)

    async def newest(self, template_id: str) -> Template | None:
        mine = [each for each in self.stored.values() if each.ref.id == template_id]
        return max(mine, key=lambda each: each.ref.version, default=None)

    async def page(self, after: Ref | None, limit: int) -> Sequence[Template]:
        def place(ref: Ref) -> tuple[str, int]:
            return ref.id, -ref.version

        refs = sorted(self.stored, key=place)
        return [self.stored[each] for each in refs if after is None or place(each) > place(after)][:limit]

    async def save(self, template: Template, *, expected: type[Template]) -> bool:
        if type(self.stored.get(template.ref)) is not expected:
            return False
        self.stored[template.ref] = template
        return True

    async def remove(self, ref: Ref) -> bool:
        return isinstance(self.stored.get(ref), Draft) and self.stored.pop(ref) is not None


@dataclass
class MemoryAgent:
    """AskLearners in memory: `present` and `decline` do what a wallet would."""

    clock: "Clock"
    records: dict[str, AgentRecord] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    closed: dict[str, bool] = field(default_factory=dict)
    said_again: list[str] = field(default_factory=list)
    connections: dict[str, str] = field(default_factory=dict)
    in_touch: dict[str, datetime] = field(default_factory=dict)
    away: bool = False

    async def invite(self, request_id: str, purpose: str) -> Invitation:  # noqa: ARG002 - the port's signature
        self._reachable()
        return Invitation(
            f"https://verifier.ujuzi.test/i?oob={request_id}", f"invitation-{request_id}", "did:key:z6Mk"
        )

    async def send(self, connection_id: str, request: Mapping[str, object], comment: str) -> AgentRecord:
        self._reachable()
        for record in self.records.values():
            if record.exchange.connection_id == connection_id:
                return record
        number = len(self.comments) + 1
        exchange = Exchange(f"exchange-{number}", connection_id, f"thread-{number}")
        self.records[exchange.id] = AgentRecord(exchange, "request-sent", request, None, self.clock(), "")
        self.comments[exchange.id] = comment
        return self.records[exchange.id]

    async def connection_by(self, invitation_message_id: str) -> str | None:
        return self.connections.get(invitation_message_id)

    async def record(self, exchange_id: str) -> AgentRecord | None:
        self._reachable()
        return self.records.get(exchange_id)

    async def close(self, exchange_id: str, *, verified: bool) -> None:
        self._reachable()
        self.closed.setdefault(exchange_id, verified)

    async def say_again(self, exchange_id: str) -> None:
        self._reachable()
        self.said_again.append(exchange_id)

    async def remove(self, exchange_id: str) -> None:
        self._reachable()
        self.records.pop(exchange_id, None)

    async def keep_in_touch(self, connection_id: str, *, until: datetime) -> None:
        self._reachable()
        self.in_touch[connection_id] = until

    def present(self, exchange_id: str, presentation: object) -> None:
        """A presentation arrives."""
        self._become(exchange_id, "presentation-received", presentation, "")

    def decline(self, exchange_id: str, word: str) -> None:
        """A problem report arrives."""
        self._become(exchange_id, "abandoned", None, word)

    def _become(self, exchange_id: str, state: str, presentation: object, error: str) -> None:
        was = self.records[exchange_id]
        self.records[exchange_id] = AgentRecord(
            was.exchange, state, was.request, presentation, self.clock(), error
        )

    def _reachable(self) -> None:
        if self.away:
            raise AgentTrouble("the agent is away")


@dataclass
class Clock:
    """A clock that a test moves."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        """Move it on."""
        self.at += timedelta(**by)


@dataclass
class PinnedSnapshots:
    """KnowTrust with the snapshots it was given."""

    lists: tuple[Snapshot, ...] = ()

    def snapshots(self, urls: Iterable[str] | None = None) -> Sequence[Snapshot]:
        wanted = None if urls is None else set(urls)
        return [each for each in self.lists if wanted is None or each.url in wanted]

    async def looked_up(self, urls: Iterable[str] | None = None) -> Sequence[Snapshot]:
        return self.snapshots(urls)

    def snapshot(self, url: str) -> Snapshot | None:
        return next((each for each in self.lists if each.url == url), None)


@dataclass
class KnownIssuers:
    """KnowIssuers with the issuers it was given."""

    issuers: tuple[KnownIssuer, ...] = ()

    async def of(self, lists: Sequence[Snapshot], *, fresh: bool = False) -> Sequence[KnownIssuer]:  # noqa: ARG002 - the port's signature
        return self.issuers


@dataclass
class SigningVerifier:
    """SignAsVerifier with a key in memory."""

    key: SigningKey = field(default_factory=SigningKey.generate)
    did: str = "did:webvh:QmVerifier:verifier.ujuzi.test:orgs:jobs"

    async def sign(self, payload: Mapping[str, object], *, typ: str) -> str:
        return jws.sign(payload, key=self.key, kid=f"{self.did}#key", typ=typ)


def trusting(
    *dids: str,
    since: date = date(2024, 1, 1),
    until: date | None = None,
    resources: tuple[str, ...] = ("*",),
    periods: tuple[StatusPeriod, ...] | None = None,
    highest: Level | None = None,
    issued: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    next_update: datetime = datetime(2030, 1, 1, tzinfo=UTC),
) -> Snapshot:
    """A verified snapshot of a list that authorizes these DIDs to issue."""
    begun = datetime(since.year, since.month, since.day, tzinfo=UTC)
    entities = tuple(
        TrustedEntity(
            id=f"entity-{number}",
            names={"en": f"Organisation {number}"},
            country="KE",
            authorizations=(
                Authorization(
                    id=f"authorization-{number}",
                    action="issue",
                    dids=(did,),
                    resources=resources,
                    valid_from=since,
                    valid_to=until,
                    highest_level=highest,
                    periods=periods or (StatusPeriod(status="granted", since=begun),),
                ),
            ),
        )
        for number, did in enumerate(dids, start=1)
    )
    return Snapshot(
        name="pilot",
        url=LIST_URL,
        trust_list=TrustList(
            name="pilot",
            operator_names={"en": "Qualifications Authority"},
            territory="KE",
            sequence=7,
            issued=issued,
            next_update=next_update,
            entities=entities,
        ),
        checked_at=issued,
    )
