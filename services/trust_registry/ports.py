"""What the trust registry needs from the outside."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.trust_registry.domain.application import Application, ApplicationEntry, StateName
from services.trust_registry.domain.issuing import Issue, Register, Rules
from services.trust_registry.domain.proposal import Proposal, ProposalState
from services.trust_registry.domain.register import Entity, HistoryEntry
from shared.vc.trust_list import Authorization, StatusPeriod
from shared.vc.webvh import DidHistory


class ReadRegister(Protocol):
    """What the register says."""

    async def whole(self) -> Register:
        """The register and the newest issue."""

    async def rules(self) -> Rules:
        """What the authority set for itself."""

    async def entity(self, entity_id: str) -> Entity:
        """One organisation. Raises EntityUnknown."""

    async def entities_named(self, ids: Iterable[str]) -> Sequence[Entity]:
        """These organisations, in a few queries however many they are. Raises EntityUnknown."""

    async def proposal(self, proposal_id: str) -> Proposal:
        """One proposal. Raises ProposalUnknown."""

    async def authorization(self, authorization_id: str) -> tuple[Entity, Authorization]:
        """An authorization and whose it is. Raises AuthorizationUnknown."""


class ChangeRegister(ReadRegister, Protocol):
    """One transaction: what is changed here, with its history entry, is kept as a whole or not at all."""

    async def add_entity(self, entity: Entity, entry: HistoryEntry) -> None:
        """Take up an organisation. Raises DidTaken, at `flush` at the latest."""

    async def replace_entity(self, entity: Entity, entry: HistoryEntry) -> None:
        """Change an organisation; its authorizations stay. Raises EntityUnknown; DidTaken at `flush` at the latest."""

    async def add_authorization(
        self, entity_id: str, authorization: Authorization, entry: HistoryEntry
    ) -> None:
        """Take up an authorization."""

    async def add_period(
        self, authorization: Authorization, period: StatusPeriod, entry: HistoryEntry
    ) -> None:
        """Append to the periods `authorization` has. Raises ChangedMeanwhile if there are others by now."""

    async def set_validity(self, validity: timedelta, entry: HistoryEntry) -> None:
        """How long lists are valid from now on."""

    async def set_four_eyes(self, four_eyes: bool, entry: HistoryEntry) -> None:
        """Whether every change takes two people from now on."""

    async def flush(self) -> None:
        """Write what waits to be written together; the end of the transaction does it too. Raises DidTaken."""

    async def add_proposal(self, proposal: Proposal) -> None:
        """Keep a proposal; the register is as it was."""

    async def keep_decision(self, proposal: Proposal) -> None:
        """Keep what became of a proposal."""

    async def keep_issue(self, issue: Issue) -> bool:
        """Keep a list for ever; False if its number is taken."""


class KeepRegister(ReadRegister, Protocol):
    """Remembers the register, its history and every list issued."""

    def changing(self) -> AbstractAsyncContextManager[ChangeRegister]:
        """Begin a transaction; others, in other processes too, wait until it ends. Forgets everything on an exception."""

    async def entities(self, *, after: str | None, limit: int) -> Sequence[Entity]:
        """Organisations by id, those after `after`."""

    async def history(
        self, *, after: str | None, limit: int, entity_id: str | None, newest_first: bool = False
    ) -> Sequence[HistoryEntry]:
        """What was done, oldest first unless said; `after` is the entry before in that order."""

    async def proposals(
        self, *, after: str | None, limit: int, state: ProposalState | None, newest_first: bool = False
    ) -> Sequence[Proposal]:
        """Proposals by id, which is the order they were made in, or the other way round."""

    async def issues(self, *, after: int, limit: int) -> Sequence[Issue]:
        """Lists by number, those after `after`, without their text."""

    async def newest_digest(self) -> str | None:
        """The digest of the newest list, without reading its text; None before the first."""

    async def issue(self, number: int | None = None) -> Issue | None:
        """The list with this number, or the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who signs the lists: what others pin is `multikey`."""

    did: str
    kid: str
    multikey: str


class SignLists(Protocol):
    """The authority's own key."""

    async def operator(self) -> Operator:
        """Who signs."""

    async def had_key(self, kid: str, moment: datetime) -> bool:
        """Whether the authority's DID had this key then, by its log."""

    async def rotate(self) -> str:
        """Replace the key that signs; return the new one's id."""

    async def sign(self, payload: dict[str, object]) -> str:
        """The payload as the compact JWS of a list."""


class AnnounceList(Protocol):
    """Tells whoever listens that there is a newer list; nobody depends on it."""

    async def __call__(self, *, name: str, url: str, number: int) -> None:
        """Announce; a failure is logged, never raised."""


class ReadDidLog(Protocol):
    """Other organisations' DIDs."""

    async def __call__(self, did: str) -> DidHistory:
        """The DID's log, fetched now and verified entry by entry. Raises DidLogUnchecked."""


class ChangeApplications(Protocol):
    """One transaction; an application read in it waits for others who change the same."""

    async def application(self, application_id: str) -> Application:
        """One application as it stands. Raises ApplicationUnknown."""

    async def waiting(self) -> int:
        """How many nobody took up yet."""

    async def add(
        self, application: Application, entry: ApplicationEntry, *, link_digest: str, file: bytes | None
    ) -> None:
        """Keep a new one."""

    async def keep(self, application: Application, entry: ApplicationEntry) -> None:
        """Keep what became of one, and who did it."""

    async def drop_personal(self, application_id: str) -> None:
        """Delete its file, and the words of its applicant's answers."""


class KeepApplications(Protocol):
    """Remembers applications and their histories."""

    def changing(self) -> AbstractAsyncContextManager[ChangeApplications]:
        """Begin a transaction. Forgets everything on an exception."""

    def beside(self, register: ChangeRegister) -> ChangeApplications:
        """The same, inside a transaction of the register."""

    async def application(self, application_id: str) -> Application:
        """One application as it stands. Raises ApplicationUnknown."""

    async def behind(self, link_digest: str) -> Application:
        """The one whose applicant has the link of this digest. Raises ApplicationUnknown."""

    async def applications(
        self, *, after: str | None, limit: int, state: StateName | None
    ) -> Sequence[Application]:
        """Applications by id, which is the order they came in."""

    async def entries(self, application_id: str) -> Sequence[ApplicationEntry]:
        """Its history, oldest first."""

    async def file(self, application_id: str) -> bytes:
        """The file its applicant brought. Raises ApplicationUnknown: there is none, or not any more."""

    async def is_listed(self, did: str) -> bool:
        """Whether the register has an organisation with this DID."""

    async def idle(self, *, before: datetime) -> Sequence[str]:
        """Ids of those not decided whose last move was before then."""

    async def over(self, *, before: datetime) -> Sequence[str]:
        """Ids of those decided before then whose contact is still known."""

    async def drop_unproven(self, *, before: datetime) -> int:
        """Delete those that nobody took up and whose DID nobody proved, since before then; how many."""
