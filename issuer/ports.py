"""What issuing needs from the outside, named by the need."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from pydantic import JsonValue

from issuer.domain.award import Award, Exchange, SentCredential
from issuer.domain.batch import Batch, CohortRow, EarlierAward, RowState
from issuer.domain.delivery import ClaimLink, Delivery
from issuer.domain.figures import Month, Tally
from issuer.domain.finding import Wanted
from issuer.domain.history import AwardStage, Event, What
from issuer.domain.message import Channel, Kind, Message
from issuer.domain.organisation import Definition, Organisation
from issuer.domain.privacy_request import KeptRow, PrivacyRequest, Sought
from issuer.domain.profile import Logo
from issuer.domain.question import Question
from issuer.domain.revocation import Revocation
from issuer.domain.revocation_order import RevocationOrder
from issuer.domain.same_person import Keys
from issuer.domain.skill import FoundSkill, SkillFile, SkillRow
from issuer.domain.suspension import Status, StatusChange, StatusNotice
from issuer.domain.template import StateName, Template
from issuer.domain.wording import Wording


class Skills(Protocol):
    """ESCO's skills as they were imported; the same for every organisation."""

    async def files(self) -> Sequence[SkillFile]:
        """Return which version is here in which language."""

    async def put(self, language: str, version: str, rows: Sequence[SkillRow]) -> None:
        """Store these skills, in place of what earlier versions said of them in this language."""

    async def read(self, file: SkillFile, now: datetime, *, whole: bool) -> int:
        """Note that a file was read; where it was `whole`, what it lacks is withdrawn. Returns how many were."""

    async def names(self, uris: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """Return names by skill and language, of those known; also of skills that were withdrawn."""

    async def search(self, words: Sequence[str], language: str | None, limit: int) -> Sequence[FoundSkill]:
        """Return skills in use of which every one of these folded words begins a word, the likeliest first."""


class NewId(Protocol):
    """Makes identifiers."""

    def __call__(self) -> UUID:
        """Return a UUIDv7 never returned before."""


class Transaction(Protocol):
    """Everything read and written here is committed together, or not at all.

    What people ask for is asked of one organisation; what another has is not there. Only what a learner or the agent
    proves to know (a claim link, an invitation, an exchange) is found wherever it is, and says whose it is.
    """

    async def organisation(self, slug: str) -> Organisation | None:
        """Return the organisation, or None."""

    async def organisations(self, *, after: str | None, limit: int) -> Sequence[Organisation]:
        """Return organisations by their slugs, from behind `after`."""

    async def add_organisation(self, organisation: Organisation) -> bool:
        """Store a new organisation; False, and nothing changes, if there is one of this slug."""

    async def save_organisation(self, organisation: Organisation) -> None:
        """Store whether and why it is suspended; what it shows of itself stays as it is by now."""

    async def definition(self, organisation: str) -> Definition | None:
        """Return the state of an organisation's credential definition, or None if it was never asked for."""

    async def unfinished_definitions(self) -> Sequence[Definition]:
        """Return the definitions, of all organisations, that are still being made."""

    async def save_definition(self, definition: Definition) -> None:
        """Store it, replacing the earlier state."""

    async def template(self, organisation: str, template_id: UUID, *, lock: bool = False) -> Template | None:
        """Return the organisation's template, or None; with `lock` nobody else changes it until this is over."""

    async def templates(
        self, organisation: str, *, after: UUID | None, limit: int, state: StateName | None = None
    ) -> Sequence[Template]:
        """Return the organisation's templates, or those in this state, in the order they were made."""

    async def newest_templates(
        self, organisation: str, *, before: UUID | None, limit: int, state: StateName | None
    ) -> Sequence[Template]:
        """Return the same from the newest to the oldest."""

    async def editions(self, organisation: str, programme: UUID) -> Sequence[Template]:
        """Return the organisation's templates of one programme, published or not, in the order they were made."""

    async def delete_template(self, template: Template) -> None:
        """Delete what was never published."""

    async def save_template(self, template: Template) -> None:
        """Store it, new or changed."""

    async def batch(self, organisation: str, batch_id: UUID) -> Batch | None:
        """Return the organisation's batch, or None."""

    async def add_batch(self, batch: Batch, awards: Sequence[Award]) -> None:
        """Store a batch with all its awards."""

    async def count_states(self, organisation: str, batch_id: UUID) -> Mapping[str, int]:
        """Return how many awards of the organisation's batch are in each state."""

    async def award(self, organisation: str, award_id: UUID) -> Award | None:
        """Return the organisation's award, or None."""

    async def award_by_claim(self, digest: str) -> Award | None:
        """Return the award behind a claim link, whoever gives it."""

    async def award_by_invitation(self, invitation_msg_id: str) -> Award | None:
        """Return the award whose current invitation this is."""

    async def award_by_exchange(self, cred_ex_id: str) -> Award | None:
        """Return the award whose current exchange this is."""

    async def awards(
        self, organisation: str, *, batch_id: UUID | None, after: UUID | None, limit: int
    ) -> Sequence[Award]:
        """Return the organisation's awards in the order they were made."""

    async def awards_of(self, organisation: str, award_ids: Sequence[UUID]) -> Sequence[Award]:
        """Return those of these awards that are the organisation's, in this order."""

    async def awards_in_exchange(self, *, since: datetime | None) -> Sequence[Award]:
        """Return the awards, of all organisations, that are invited, offered or accepted, and came there since then."""

    async def add_award(self, award: Award) -> None:
        """Store a new award."""

    async def save_award(self, award: Award) -> None:
        """Store a changed award. Raises AwardChanged if another change was stored since it was read."""

    async def revocation(self, revocation_id: UUID) -> Revocation | None:
        """Return the revocation, or None."""

    async def revocations_of(self, organisation: str, award_id: UUID) -> Sequence[Revocation]:
        """Return the revocations of the organisation's award, oldest first."""

    async def unpublished_revocations(self) -> Sequence[Revocation]:
        """Return the revocations, of all organisations, that no published list shows yet."""

    async def waiting_revocations(self, rev_reg_id: str, *, limit: int) -> Sequence[Revocation]:
        """Return the first revocations in this registry that no published list shows yet."""

    async def save_revocation(self, revocation: Revocation) -> None:
        """Store it, new or changed; a credential has at most one."""

    async def status_change(self, change_id: UUID) -> StatusChange | None:
        """Return the order, or None if it was overtaken by another."""

    async def status_changes_of(self, award_ids: Sequence[UUID]) -> Mapping[UUID, StatusChange]:
        """Return the latest orders about the credentials of these awards, by award."""

    async def unpublished_status_changes(self) -> Sequence[StatusChange]:
        """Return the orders, of all organisations, that no published list shows yet."""

    async def save_status_change(self, change: StatusChange) -> None:
        """Store it in place of an earlier one for the same credential."""

    async def publish_status_change(self, change_id: UUID, *, at: datetime) -> None:
        """Note that the published list shows it; nothing changes if it was overtaken."""

    async def drop_status_change(self, credential: SentCredential) -> None:
        """Forget what was ordered for this credential: it is revoked, and that is final."""

    async def claim_link(self, award_id: UUID) -> ClaimLink | None:
        """Return the award's link as it was sent, or None if it never was."""

    async def claim_links(self, award_ids: Sequence[UUID]) -> Mapping[UUID, ClaimLink]:
        """Return the links that were sent, by award."""

    async def delivery(self, organisation: str, batch_id: UUID) -> Delivery | None:
        """Return what was chosen for the organisation's batch, or None if its links were never sent."""

    async def save_claim_link(self, link: ClaimLink) -> None:
        """Store it, new or changed."""

    async def add_message(self, message: Message) -> bool:
        """Store a new message, unless the award has one of this kind and number; True if it was stored."""

    async def messages_of(self, award_ids: Sequence[UUID]) -> Sequence[Message]:
        """Return the messages to these awards, oldest first."""

    async def note(self, award: Award, what: What, *, at: datetime, reason: str = "") -> bool:
        """Add to the award's history what is no change of state; those write their own events.

        False, and nothing is noted, where it leads no further: a link that was opened before, or is past its end already.
        """

    async def events_of(self, organisation: str, award_id: UUID) -> Sequence[Event]:
        """Return what happened to the organisation's award, in that order."""

    async def stages(self, award_ids: Sequence[UUID]) -> Mapping[UUID, AwardStage]:
        """Return how far awards have come, by award."""

    async def find_awards(
        self, organisation: str, wanted: Wanted, *, after: UUID | None, limit: int, newest_first: bool
    ) -> Sequence[UUID]:
        """Return the organisation's awards that are wanted, by the time they were made, from behind `after`."""

    async def tell(self, subject: str, facts: Mapping[str, str]) -> None:
        """Say in the party's own streams, once this is committed, that something happened or is to be done."""


class Records(Protocol):
    """The issuer's memory."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin; commits when left normally, forgets everything on an exception. Await nothing else inside."""

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction that only reads."""


class BatchTransaction(Transaction, Protocol):
    """A transaction that also knows the rows that batches keep."""

    async def hold_batch(self, organisation: str, batch_id: UUID) -> Batch | None:
        """Return the organisation's batch, or None; nobody else changes it before this transaction ends."""

    async def batches(self, organisation: str, *, before: UUID | None, limit: int) -> Sequence[Batch]:
        """Return the organisation's batches that were checked, the newest first, from before this one."""

    async def batches_preparing(self) -> Sequence[Batch]:
        """Return the batches, of all organisations, whose rows become awards, the first asked for first."""

    async def unchecked_batches(self, *, before: datetime) -> Sequence[Batch]:
        """Return the batches, of all organisations, whose checking began before then and never ended."""

    async def save_batch(self, batch: Batch) -> None:
        """Store it, new or changed."""

    async def drop_batch(self, batch: Batch) -> None:
        """Delete it with its rows; it must have no award."""

    async def add_awards(self, awards: Sequence[Award]) -> None:
        """Store new ones of a batch that is there. A row never gets a second one."""

    async def add_rows(self, rows: Sequence[CohortRow]) -> None:
        """Store new rows."""

    async def save_rows(self, rows: Sequence[CohortRow]) -> None:
        """Store changed rows."""

    async def row(self, organisation: str, batch_id: UUID, row: int) -> CohortRow | None:
        """Return a row of the organisation's batch, or None."""

    async def rows(
        self, organisation: str, batch_id: UUID, *, states: Collection[RowState], after: int, limit: int
    ) -> Sequence[CohortRow]:
        """Return rows of the organisation's batch that are in one of these states, in the order of the file."""

    async def count_rows(self, organisation: str, batch_id: UUID) -> Mapping[RowState, int]:
        """Return how many rows of the organisation's batch are in each state."""

    async def rows_alike(self, batch_id: UUID, keys: Sequence[Keys]) -> Sequence[tuple[int, Keys]]:
        """Return the batch's rows that share a key with one of these and are not left out."""

    async def earlier_awards(
        self, batch: Batch, template_ids: Sequence[UUID], *, after: UUID | None, limit: int
    ) -> Sequence[EarlierAward]:
        """Return awards by these templates, of other batches and still standing, in the order they were made."""


class BatchRecords(Protocol):
    """The issuer's memory, with the rows that batches keep."""

    def transaction(self) -> AbstractAsyncContextManager[BatchTransaction]:
        """Begin; commits when left normally, forgets everything on an exception. Await nothing else inside."""

    def reading(self) -> AbstractAsyncContextManager[BatchTransaction]:
        """Begin a transaction that only reads."""


class PastAwards(Protocol):
    """What is past its time. Each call may be repeated; the counts are of rows that were not concerned before."""

    async def unclaimed(self, *, before: datetime, limit: int) -> Sequence[tuple[str, UUID]]:
        """Return awards, with their organisations, of which no credential left the house and whose last move was before then."""

    async def forget_contacts(self, *, before: datetime, now: datetime) -> int:
        """Blank e-mail address and telephone of awards that moved last before then; `now` is noted on the award.

        Concerned are those that are claimed or ended, or whose link's last day was before then.
        """

    async def forget_messages(self, *, before: datetime) -> int:
        """Delete what is known of messages to the same awards."""

    async def forget_names(self, *, before: datetime, ended_because: str | None) -> int:
        """Blank all that tells of the graduate: of claimed awards, or of those that ended for this reason."""

    async def drop_ended(self, *, before: datetime) -> int:
        """Delete awards that ended before then, with their published revocations, and batches none is left of."""

    async def forget_complaints(self, *, before: datetime) -> int:
        """Blank what batches made before then complain of."""

    async def forget_rows(self, *, before: datetime) -> int:
        """Delete the rows of spreadsheets uploaded before then."""


class Stage(StrEnum):
    """How far a credential exchange has come, as the agent knows it."""

    OFFERED = "offered"
    REQUESTED = "requested"
    SENT = "sent"
    DONE = "done"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ExchangeReport:
    """What the agent knows of an exchange; `credential` once one was sent."""

    exchange: Exchange
    stage: Stage
    credential: SentCredential | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A single-use out-of-band 1.1 invitation; `url` works with any AIP 2.0 wallet."""

    msg_id: str
    url: str


class CredentialAgent(Protocol):
    """Speaks DIDComm and AnonCreds. Every method raises AgentSilent or AgentRefuses."""

    async def invite(self, *, award_id: UUID, organisation: str) -> Invitation:
        """Make a pairwise, single-use invitation."""

    async def connection_for(self, invitation_msg_id: str) -> str | None:
        """Return the completed connection made with this invitation, if there is one."""

    async def invitation_of(self, connection_id: str) -> str | None:
        """Return the invitation a connection came by, or None."""

    async def exchanges_on(self, connection_id: str) -> Sequence[ExchangeReport]:
        """Return the exchanges offered on this connection."""

    async def offer(
        self,
        *,
        connection_id: str,
        credential_definition_id: str,
        attributes: Mapping[str, str],
        comment: str,
    ) -> Exchange:
        """Send an offer that is not issued on its own when accepted."""

    async def exchange(self, cred_ex_id: str) -> ExchangeReport | None:
        """Return what is known of the exchange, or None if it is gone."""

    async def issue(self, cred_ex_id: str) -> SentCredential:
        """Send the credential the wallet asked for."""

    async def say_again(self, cred_ex_id: str) -> None:
        """Send the last message of an exchange once more, if the wallet has not answered it."""

    async def abandon(self, cred_ex_id: str, reason: str) -> None:
        """Tell the wallet that this exchange is over; no matter if it is gone."""

    async def make_schema(self, issuer_did: str) -> str:
        """Return the id of the profile's schema, making it if it is not there yet."""

    async def make_definition(self, issuer_did: str, schema_id: str) -> str:
        """Return the id of the revocable definition for the schema, making it if it is not there yet (seconds)."""

    async def set_status(
        self, rev_reg_id: str, cred_rev_ids: Collection[str], status: Status
    ) -> Mapping[str, str]:
        """Make these credentials this in the agent's own status list, which is not published by that.

        Returns those it refuses and why: unknown to it, or revoked and to be anything else.
        """

    async def tell_status(self, credential: SentCredential, notice: StatusNotice) -> None:
        """Tell the holder over the connection the credential went; no matter if that is gone."""

    async def republish_status(self, rev_reg_id: str) -> None:
        """Publish the agent's own status list anew."""


class SayStatus(Protocol):
    """Finds the words for a suspension and its end."""

    def __call__(self, status: Status, *, language: str, organisation: str, reason: str, at: datetime) -> str:
        """Return them in this language, or the nearest there is."""


class Publications(Protocol):
    """What the organisation has put where anyone can fetch it."""

    async def ensure_did(self, slug: str) -> str:
        """Return the organisation's DID, making it and its log if it is not there yet."""

    async def publish_edition(self, did: str, name: str, content: Mapping[str, JsonValue]) -> str:
        """Sign and serve an Achievement for ever; returns its id. The same content has the same id."""

    async def aging_registries(self, did: str, *, before: datetime) -> Sequence[str]:
        """Return the status registries whose newest published list is older than this."""

    async def listed(self, rev_reg_id: str) -> AbstractSet[str]:
        """Return the numbers that the newest published status list excludes: revoked or suspended, which look the same."""


class PublishedHolders(Protocol):
    """What the organisation tells of how many hold its programmes."""

    async def editions(self, did: str, *, before: date) -> Mapping[str, Mapping[str, object]]:
        """Return the Achievement of every edition it had published when this day began (UTC), by id."""

    async def counted(self, did: str) -> date | None:
        """Return from which week the newest figures are; None if none were told."""

    async def publish_holders(self, did: str, content: Mapping[str, JsonValue]) -> None:
        """Sign and serve figures."""


class CountHolders(Protocol):
    """Counts credentials that stand."""

    async def holders(self, organisation: str) -> Mapping[tuple[str, date], int]:
        """Return the true numbers by edition and day of award; nobody but `holders_content` is to see them."""


class ProfileTransaction(Transaction, Protocol):
    """A transaction that also knows how organisations show themselves and speak."""

    async def save_profile(self, organisation: Organisation) -> None:
        """Store its profile and whether it asks for a second person; its standing stays as it is by now."""

    async def logo(self, digest: str) -> Logo | None:
        """Return the picture of this content, or None."""

    async def save_logo(self, organisation: str, logo: Logo | None) -> None:
        """Store the organisation's picture in place of the one there was."""

    async def wording(self, organisation: str, kind: Kind, language: str) -> Wording | None:
        """Return the organisation's own words, or None where it has none."""

    async def wordings(self, organisation: str) -> Mapping[tuple[Kind, str], Wording]:
        """Return all of the organisation's own words."""

    async def save_wording(
        self, organisation: str, kind: Kind, language: str, wording: Wording | None
    ) -> None:
        """Store the organisation's own words, or forget them."""


class ProfileRecords(Protocol):
    """The issuer's memory, with how organisations show themselves."""

    def transaction(self) -> AbstractAsyncContextManager[ProfileTransaction]:
        """Begin; commits when left normally, forgets everything on an exception. Await nothing else inside."""

    def reading(self) -> AbstractAsyncContextManager[ProfileTransaction]:
        """Begin a transaction that only reads."""


class ReadLogo(Protocol):
    """Makes of a file that somebody brought a picture that is safe to show."""

    async def __call__(self, content: bytes) -> Logo:
        """Return the picture written anew, without anything the file held beside it. Raises LogoRefused."""


class DeliveryTransaction(ProfileTransaction, Protocol):
    """A transaction that also knows what was sent to graduates."""

    async def save_delivery(self, delivery: Delivery) -> None:
        """Store it, new or changed."""

    async def save_message(self, message: Message) -> None:
        """Store a changed message, if it still is there."""

    async def message(self, organisation: str, message_id: UUID) -> Message | None:
        """Return the organisation's message, or None."""

    async def undelivered(
        self, organisation: str, batch_id: UUID, *, after: UUID | None, limit: int
    ) -> Sequence[Message]:
        """Return the last message of each kind to awards of the organisation's batch that wait, where it did not arrive."""

    async def awards_without_link(self, organisation: str, batch_id: UUID, *, limit: int) -> Sequence[UUID]:
        """Return awards of the organisation's batch that wait and whose link was never sent, in the order they were made."""

    async def count_messages(
        self, organisation: str, batch_id: UUID
    ) -> Mapping[tuple[Kind, Channel, str], int]:
        """Return how many messages of the organisation's batch there are, by kind, channel and name of the state."""

    async def due_message(self, channel: Channel, *, now: datetime) -> Message | None:
        """Return the message that has been due for longest."""

    async def take_message(self, message: Message, *, until: datetime) -> bool:
        """Keep a due message from everybody else until then; False if somebody was quicker."""

    async def awards_to_remind(
        self, delivery: Delivery, *, asked_before: datetime, usable_on: date, limit: int
    ) -> Sequence[tuple[UUID, int]]:
        """Return ids of unclaimed awards of a batch, and how many reminders each has had.

        Their links can be used on that day, their last message was taken before then, none bounced or failed, and they
        were reminded less than the most.
        """

    async def expired_links(self, *, before: date, limit: int) -> Sequence[tuple[str, UUID]]:
        """Return awards, with their organisations, whose link's last day lies before that day and is not noted as over."""

    async def deliveries_with_reminders(self) -> Sequence[Delivery]:
        """Return the batches whose graduates are to be reminded."""


class OrderTransaction(Transaction, Protocol):
    """A transaction that also knows the orders to revoke many awards."""

    async def count_revocable(
        self, organisation: str, *, batch_id: UUID | None, award_ids: Collection[UUID]
    ) -> int:
        """Return how many of the organisation's awards of this batch, or among these, have not ended."""

    async def add_order(self, order: RevocationOrder) -> None:
        """Store a new one; those done more than ORDERS_KEPT before go."""

    async def save_order(self, order: RevocationOrder) -> None:
        """Store a changed one."""

    async def order(self, organisation: str, order_id: UUID) -> RevocationOrder | None:
        """Return the organisation's order, or None."""

    async def open_order(self) -> RevocationOrder | None:
        """Return the first, of all organisations, that is not done; in a transaction that writes, nobody else gets it meanwhile."""

    async def ordered_awards(self, order: RevocationOrder, *, limit: int) -> Sequence[UUID]:
        """Return the next awards the order concerns, behind its position."""

    async def count_unpublished(self, order: RevocationOrder) -> int:
        """Return how many credentials of the order's awards no published status list shows as revoked yet."""


class OrderRecords(Protocol):
    """The issuer's memory, with orders to revoke many awards."""

    def transaction(self) -> AbstractAsyncContextManager[OrderTransaction]:
        """Begin; commits when left normally, forgets everything on an exception. Await nothing else inside."""

    def reading(self) -> AbstractAsyncContextManager[OrderTransaction]:
        """Begin a transaction that only reads."""


class DeliveryRecords(Protocol):
    """The issuer's memory, with what was sent."""

    def transaction(self) -> AbstractAsyncContextManager[DeliveryTransaction]:
        """Begin; commits when left normally, forgets everything on an exception. Await nothing else inside."""

    def reading(self) -> AbstractAsyncContextManager[DeliveryTransaction]:
        """Begin a transaction that only reads."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a message says. `html` says the same as `text`; `short` is for a telephone.

    `picture` goes along with `html`, which names it by `cid:` and `picture_id`.
    """

    subject: str
    text: str
    html: str
    short: str
    picture: Logo | None = None

    @property
    def picture_id(self) -> str:
        """RFC 2392's Content-ID of the picture, without brackets."""
        return f"{self.picture.digest[:16]}@logo.invalid" if self.picture else ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message tells. `code` only in one that carries it; `code_by` is how the code comes, if there is one.

    `own` are the organisation's own words, by kind and language; `colour` (#rrggbb) and `logo` how it shows itself.
    """

    kind: Kind
    language: str
    organisation: str
    programme: str
    given_name: str
    full_name: str
    link: str
    short_link: str
    code: str
    code_by: Channel | None
    needs_code: bool
    until: date
    reason: str = ""
    """Why it was revoked, in a message that tells so."""
    own: Mapping[tuple[Kind, str], Wording] = field(default_factory=dict)
    colour: str = ""
    logo: Logo | None = None


@dataclass(frozen=True, slots=True)
class SlipText:
    """What stands on a slip; a line that is empty is left out. `link` is drawn as a QR code as well."""

    right_to_left: bool
    name: str
    programme: str
    organisation: str
    instruction: str
    link: str
    until: str
    code_label: str
    code: str
    """Empty with a label: room to write it by hand."""
    note: str
    logo: Logo | None = None


class PrintSlips(Protocol):
    """Puts slips on sheets of paper."""

    def __call__(self, slips: Sequence[SlipText]) -> bytes:
        """Return a PDF; it takes some milliseconds a slip."""


class ComposeLetter(Protocol):
    """Finds the words for a message."""

    def __call__(self, facts: Facts) -> Letter:
        """Return it in the language of `facts`, or the nearest there is."""


class Carrier(Protocol):
    """A mail server or an SMS gateway."""

    async def send(self, message: Message, *, to: str, sender: str, letter: Letter) -> int | None:
        """Hand it over once; returns how many segments it took, where they are counted.

        `sender` is the organisation's name. Raises ChannelAway, NotNow, AddressRefused or MessageRefused. The message's
        id goes along, so that a second copy can be told.
        """

    async def rest(self) -> None:
        """Nothing more is to be sent for now: close what is open."""


class QuestionTransaction(Transaction, Protocol):
    """A transaction that also knows what learners ask."""

    async def question(self, organisation: str, award_id: UUID) -> Question | None:
        """Return the thread of the organisation's award, or None if nobody asked."""

    async def questions(
        self, organisation: str, *, state: str | None, after: UUID | None, limit: int
    ) -> Sequence[Question]:
        """Return threads in the order of their awards, or those in a state."""

    async def open_questions(self, organisation: str, *, limit: int) -> Sequence[Question]:
        """Return threads that wait for an answer, the one that has waited longest first."""

    async def save_question(self, question: Question) -> None:
        """Store a thread with its new lines; a line that is stored never changes, but for `sent_at`."""

    async def has_line(self, award_id: UUID, message_id: str) -> bool:
        """Say whether this message is in the award's thread already."""

    async def award_of_connection(self, connection_id: str) -> Award | None:
        """Return the award whose credential went, or is to go, over this connection, whoever gives it."""

    async def unsent_answers(self, *, limit: int) -> Sequence[Question]:
        """Return threads, of all organisations, with answers the agent has not taken yet."""


class QuestionRecords(Protocol):
    """The issuer's memory, with what learners ask."""

    def transaction(self) -> AbstractAsyncContextManager[QuestionTransaction]:
        """Begin; commits when left normally, forgets everything on an exception. Await nothing else inside."""

    def reading(self) -> AbstractAsyncContextManager[QuestionTransaction]:
        """Begin a transaction that only reads."""


@dataclass(frozen=True, slots=True)
class Written:
    """A message as it lies at the agent: `id` is the agent's own, `message_id` the sender's."""

    id: str
    connection_id: str
    message_id: str
    content: str


class Correspondence(Protocol):
    """Carries messages between the issuer and the wallets. Every method raises AgentSilent or AgentRefuses."""

    async def arrived(self) -> Sequence[Written]:
        """Return the messages that lie there."""

    async def taken(self, written_id: str) -> None:
        """Delete one that is stored now."""

    async def send(self, connection_id: str, *, message_id: str, content: str) -> bool:
        """Send one; a second time changes nothing. False if the connection is gone."""


class CountFigures(Protocol):
    """Counts what happened to awards."""

    async def tally(self, organisation: str, months: Sequence[Month]) -> Tally:
        """Return the true numbers of these months, which follow one another; awards that are gone are counted too."""

    async def programmes(self, organisation: str) -> Mapping[str, Mapping[str, str]]:
        """Return the titles of programmes, in their languages, by the id of the first edition."""


class KeepPrivacyRequests(Protocol):
    """What people asked about their data, and what is held on them."""

    async def find(self, organisation: str, sought: Sought) -> Sequence[UUID]:
        """Return the organisation's awards of whoever is sought, in the order they were made."""

    async def rows(self, organisation: str, awards: Sequence[UUID]) -> Sequence[KeptRow]:
        """Return the rows of spreadsheets that are still kept of these awards' graduates."""

    async def add(self, request: PrivacyRequest) -> PrivacyRequest:
        """Store a new one; returns it with its number."""

    async def request(self, organisation: str, request_id: UUID) -> PrivacyRequest | None:
        """Return the organisation's request, or None."""

    async def requests(
        self, organisation: str, *, after: UUID | None, limit: int
    ) -> Sequence[PrivacyRequest]:
        """Return the organisation's requests, the newest first."""

    async def save(self, request: PrivacyRequest) -> None:
        """Store a changed one."""

    async def is_unclaimed(self, organisation: str, award_id: UUID) -> bool:
        """Say whether the organisation's award has not ended and no credential of it left the house."""

    async def erase(self, organisation: str, awards: Sequence[UUID], *, now: datetime) -> Mapping[str, int]:
        """Erase what may be of these awards; returns how many of what went.

        E-mail addresses and telephones, messages, kept rows and questions of all of them; and the names of those that ended
        without any credential having left the house.
        """

    async def forget(self, *, before: datetime) -> int:
        """Delete requests that were asked before then."""


class PrivacyTransaction(DeliveryTransaction, QuestionTransaction, Protocol):
    """A transaction that knows all that is held on a graduate."""


class PrivacyRecords(Protocol):
    """The issuer's memory, read for a copy of it."""

    def reading(self) -> AbstractAsyncContextManager[PrivacyTransaction]:
        """Begin a transaction that only reads."""


class ClosePublications(Protocol):
    """Says for good what an organisation has published."""

    async def close(self, did: str) -> int:
        """Say under the DID's signature that each status list is the last; returns how many. May be repeated."""
