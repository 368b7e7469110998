"""What the API takes and gives."""

import base64
import binascii
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from shared.contracts.level_words import level_words
from shared.contracts.question_words import MOST_TEXT, Matter, is_plain, without_controls
from shared.vc.trust_decision import Snapshot
from shared.web.languages import LANGUAGES
from wallet.domain.answer import Candidate, NeedView
from wallet.domain.archive import Archive
from wallet.domain.capacity import Capacity, limits_of
from wallet.domain.credential import EditionFound, EditionResult, StatusState
from wallet.domain.crowd import Known, People, Why
from wallet.domain.history import Entry, listing_told, name_of, purpose_of
from wallet.domain.listing import Allowed, Listing, ListingState, ListUsed
from wallet.domain.offer import OfferState, OfferView
from wallet.domain.question import Thread
from wallet.domain.request import RequestState, RequestView
from wallet.domain.requester import Proven, Unproven
from wallet.domain.trust import Standing, Trust
from wallet.domain.warning import Warned, WarningCode
from wallet.domain.wish import Deletion, NotAsked
from wallet.domain.words import Claim, label
from wallet.entry.people_words import people_said
from wallet.entry.warning_words import listing_said, proof_said, standing_said, warning_said
from wallet.use_cases.read_credentials import Shown

LONGEST_ENVELOPE = 20
LONGEST_REASON = 500
_WARNED = TypeAdapter(Warned)


def _is_base64url(text: str) -> str:
    try:
        base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("expected base64url") from error
    return text


Method = Literal["passphrase", "recovery-kit", "passkey"]
WhichMethod = Annotated[str, Field(min_length=1, max_length=40)]
Tongue = Literal["en", "fr", "pt", "sw", "ar"]
Envelope = Annotated[dict[str, JsonValue], Field(min_length=1, max_length=LONGEST_ENVELOPE)]
Key = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_is_base64url)]


def key_bytes(text: str) -> bytes:
    """The wallet key as bytes."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class UnlockMethodIn(_In):
    """The wallet key, wrapped on the learner's device (see the documentation of the envelope)."""

    method: Method
    envelope: Envelope


class WrappedKey(_In):
    """A new wrapped form of the wallet key. The server cannot check it: open it on the device before sending it."""

    envelope: Envelope


class NewWallet(_In):
    """A new wallet: 32 random bytes as base64url, and at least one wrapped form of them."""

    wallet_key: Key
    unlock_methods: Annotated[list[UnlockMethodIn], Field(min_length=1, max_length=5)]


class StoreShape(_In):
    """The learner's store: an Askar SQLite file, everything in it encrypted under her wallet key."""

    kind: Literal["askar-sqlite"]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    data: Annotated[str, Field(max_length=44 * 1024 * 1024, description="base64url without padding")]

    @classmethod
    def of(cls, store: bytes) -> "StoreShape":
        """Map."""
        data = base64.urlsafe_b64encode(store).rstrip(b"=").decode("ascii")
        return cls(kind="askar-sqlite", sha256=sha256(store).hexdigest(), data=data)

    @property
    def content(self) -> bytes:
        """The file."""
        return key_bytes(self.data)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sha256(key_bytes(_is_base64url(self.data))).hexdigest() != self.sha256:
            raise ValueError("expected data whose SHA-256 is the one given: the archive is damaged")
        return self


class ArchiveShape(_In):
    """A whole wallet, sealed. Nobody reads anything of it without one of its unlock methods."""

    format: Literal["ujuzi-wallet/1"]
    exported_at: AwareDatetime
    unlock_methods: Annotated[list[UnlockMethodIn], Field(min_length=1, max_length=5)]
    store: StoreShape

    @classmethod
    def of(cls, archive: Archive) -> "ArchiveShape":
        """Map."""
        methods = [
            UnlockMethodIn.model_validate({"method": one.method, "envelope": dict(one.envelope)})
            for one in archive.methods
        ]
        return cls(
            format="ujuzi-wallet/1",
            exported_at=archive.exported_at,
            unlock_methods=methods,
            store=StoreShape.of(archive.store),
        )


class ImportWallet(_In):
    """An archive and the key of its wallet, as the learner's device has unwrapped it."""

    wallet_key: Key
    archive: ArchiveShape


class Unlock(_In):
    """The wallet key as the learner's device has unwrapped it, and the id of the method it used, if it says so."""

    wallet_key: Key
    method_id: WhichMethod | None = None


class Link(_In):
    """An invitation link."""

    url: Annotated[str, Field(min_length=1, max_length=20_000)]


class Reason(_In):
    """Why it is declined; the other side reads it."""

    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)] = "The learner declined."


class Question(_In):
    """What is wrong with a credential. `language` is that of the line which names the matter; `text` says more."""

    matter: Matter
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_TEXT)] = ""
    language: Literal["en", "fr", "pt", "sw", "ar"] = "en"

    @field_validator("text")
    @classmethod
    def plain(cls, text: str) -> str:
        """Text is text: no control characters but the ends of lines."""
        if not is_plain(text):
            raise ValueError("expected text without control characters")
        return without_controls(text)


class LineOut(BaseModel):
    """One message. `matter` stands where the message names it; `sent` false: it has not left the wallet yet."""

    id: str
    by: Literal["me", "issuer"]
    at: datetime
    matter: Matter | None
    text: str
    sent: bool


class ThreadOut(BaseModel):
    """Messages about one credential, by time. `waits`: its issuer is to answer."""

    items: list[LineOut]
    waits: bool
    can_write: bool

    @classmethod
    def of(cls, thread: Thread) -> "ThreadOut":
        """Map."""
        items = [
            LineOut(
                id=line.id,
                by="me" if line.mine else "issuer",
                at=line.at,
                matter=line.matter,
                text=line.text,
                sent=line.sent,
            )
            for line in thread.lines
        ]
        return cls(items=items, waits=thread.waits, can_write=thread.can_write)


class Consent(_In):
    """One credential for each need. `acknowledged`: codes of the warnings she saw, of the request and of the credentials chosen."""

    choices: dict[str, str]
    acknowledged: Annotated[list[WarningCode], Field(max_length=len(WarningCode))] = Field(
        default_factory=list
    )


class NewTrustList(_In):
    """A list every wallet of this installation judges by."""

    url: Annotated[str, Field(min_length=1, max_length=2048)]
    operator_key: Annotated[str, Field(min_length=1, max_length=200)]
    name: Annotated[str, Field(min_length=1, max_length=200)]


class SessionOut(BaseModel):
    """An open wallet; send the token as `Authorization: Bearer`."""

    wallet_id: str
    session_token: str
    expires_at: datetime


class OpenedOut(BaseModel):
    """A wallet that is open in this browser now; its token is in a cookie, and `csrf` is what changes to it carry."""

    wallet_id: str
    expires_at: datetime
    csrf: str


class WalletsHeld(BaseModel):
    """Wallets of this installation."""

    held: int
    open: int
    locked: int
    made_last_day: int
    made_last_30_days: int


class EnvelopesWaiting(BaseModel):
    """Envelopes of locked wallets, sealed to them; `most_for_one` does not say for whom."""

    envelopes: int
    bytes: int
    most_for_one: int


class StoresKept(BaseModel):
    """Learners' stores on the agent's disk, in bytes; `largest_bytes` does not say whose."""

    bytes: int
    largest_bytes: int


class DiskOut(BaseModel):
    """The disk that the stores are on, in bytes."""

    free_bytes: int
    total_bytes: int


class LimitOut(BaseModel):
    """A limit, and how far it is used; `free_disk` is one that must not be fallen below."""

    name: str
    used: int
    limit: int
    percent: int | None
    set_by: str | None


class ShardOut(BaseModel):
    """One shard: how many wallets are in it; sizes only while its agent answers."""

    shard: str
    wallets: int
    answers: bool
    stores_bytes: int | None
    free_bytes: int | None


class CapacityOut(BaseModel):
    """How full an installation is: of all wallets together, never of one."""

    at: datetime
    wallets: WalletsHeld
    waiting: EnvelopesWaiting
    stores: StoresKept
    disk: DiskOut
    limits: list[LimitOut]
    shards: list[ShardOut]

    @classmethod
    def of(cls, found: Capacity, *, at: datetime) -> Self:
        """As `GET /v1/capacity` shows it."""
        held, room = found.held, found.room
        return cls(
            at=at,
            wallets=WalletsHeld(
                held=held.wallets,
                open=found.open,
                locked=max(held.wallets - found.open, 0),
                made_last_day=held.made_last_day,
                made_last_30_days=held.made_last_month,
            ),
            waiting=EnvelopesWaiting(
                envelopes=room.waiting, bytes=room.waiting_bytes, most_for_one=room.most_waiting
            ),
            stores=StoresKept(bytes=room.stores, largest_bytes=room.largest_store),
            disk=DiskOut(free_bytes=room.free, total_bytes=room.disk),
            shards=[
                ShardOut(
                    shard=name,
                    wallets=one.wallets,
                    answers=one.room is not None,
                    stores_bytes=one.room.stores if one.room else None,
                    free_bytes=one.room.free if one.room else None,
                )
                for name, one in found.shards.items()
            ],
            limits=[
                LimitOut(
                    name=one.name, used=one.used, limit=one.limit, percent=one.percent, set_by=one.set_by
                )
                for one in limits_of(found)
            ],
        )


class ErasureOut(BaseModel):
    """A wallet that is deleted. Keep the statement: it is not kept here, and nobody can give it to you again.

    `finished` false: the wallet is closed for ever, and its sealed file goes as soon as the agent is back.
    """

    wallet_id: str
    finished: bool
    statement: str = Field(description="A compact JWS, signed with a key of `/.well-known/jwks.json`.")
    words: list[str] = Field(description="The same in sentences; they are signed with it.")


class WalletOut(BaseModel):
    """A wallet from outside: locked or open, and how many messages wait for it."""

    wallet_id: str
    state: Literal["locked", "opening", "open"]
    waiting: int


class UnlockMethodOut(BaseModel):
    """One wrapped form of the wallet key."""

    id: str
    method: str
    envelope: dict[str, JsonValue]


class Items[T](BaseModel):
    """Everything there is."""

    items: list[T]


class ConnectionOut(BaseModel):
    """A link followed; `goal` is what its sender says, which proves nothing."""

    id: str
    goal_code: str
    goal: str
    already_known: bool


class InboxOut(BaseModel):
    """How much waits, and how much is held."""

    offers: int
    requests: int
    credentials: int
    waiting: int


class StandingOut(BaseModel):
    """A party as trust lists show it; `name` is null where no list knows it."""

    did: str | None
    name: str | None
    trust: Trust
    reason: str
    words: dict[str, str] = Field(description="By language: en, fr, pt, sw, ar.")
    list_name: str | None
    list_issued: datetime | None
    others: list[str]
    warnings: list[str]

    @classmethod
    def of(cls, standing: Standing) -> "StandingOut":
        """Map."""
        return cls(
            did=standing.did,
            name=standing.name,
            trust=standing.outcome,
            reason=standing.reason,
            words=standing_said(standing),
            list_name=standing.list_name,
            list_issued=standing.list_issued,
            others=list(standing.others),
            warnings=list(standing.warnings),
        )


class ClaimOut(BaseModel):
    """One attribute in words, with its name and raw value."""

    name: str
    label: str
    value: str
    raw: str

    @classmethod
    def of(cls, claim: Claim) -> "ClaimOut":
        """Map."""
        return cls(name=claim.name, label=claim.label, value=claim.value, raw=claim.raw)


class EditionOut(BaseModel):
    """The programme as its issuer published it. `awarding_body` is the issuer's own word: see `issuer` for who is proven."""

    id: str
    title: str
    titles: dict[str, str]
    outcomes: list[str]
    skills: list[str]
    skill_names: dict[str, dict[str, str]] = Field(
        description="By skill, then by language: in that language, else the programme's, else English, else the URI."
    )
    levels: dict[str, int]
    level_words: dict[str, dict[str, str]] = Field(
        description="What a level means, by framework and language; only frameworks with such words (eqf)."
    )
    workload_hours: int | None
    credits: float | None
    credit_framework: str | None
    assessment: str
    participation: str
    quality_assurance: str
    awarding_body: str
    country: str
    valid_for_months: int | None
    published_at: datetime

    @classmethod
    def of(cls, found: EditionResult) -> "EditionOut | None":
        """Map; None where there is none to rely on."""
        if not isinstance(found, EditionFound):
            return None
        edition = found.edition
        assured = edition.quality_assurance
        return cls(
            id=found.id,
            title=edition.title(),
            titles=dict(edition.titles),
            outcomes=list(edition.outcomes),
            skills=list(edition.skills),
            skill_names={
                skill: {language: edition.skill_name(skill, language) for language in LANGUAGES}
                for skill in edition.skills
            },
            levels=dict(edition.levels),
            level_words={
                framework: dict(said)
                for framework, level in edition.levels.items()
                if (said := level_words(framework, level))
            },
            workload_hours=edition.workload_hours,
            credits=edition.credits,
            credit_framework=edition.credit_framework,
            assessment=edition.assessment,
            participation=edition.participation,
            quality_assurance=f"{assured.type}: {assured.reference}" if assured.reference else assured.type,
            awarding_body=edition.awarding_body,
            country=edition.country,
            valid_for_months=edition.valid_for_months,
            published_at=edition.published_at,
        )


def _problem(found: EditionResult) -> str | None:
    return None if isinstance(found, EditionFound) else found.why


class OfferOut(BaseModel):
    """An offer in plain terms. Its signature is checked against the issuer's published key when the credential arrives."""

    id: str
    state: OfferState
    connection_id: str | None
    credential_id: str | None
    received_at: datetime | None
    issuer: StandingOut
    claims: list[ClaimOut]
    edition: EditionOut | None
    edition_problem: str | None
    replaces: list[str]
    warnings: list[str]

    @classmethod
    def of(cls, view: OfferView) -> "OfferOut":
        """Map."""
        return cls(
            id=view.offer.id,
            state=view.offer.state,
            connection_id=view.offer.connection_id,
            credential_id=view.offer.credential_id,
            received_at=view.offer.received_at,
            issuer=StandingOut.of(view.issuer),
            claims=[ClaimOut.of(claim) for claim in view.claims],
            edition=EditionOut.of(view.edition),
            edition_problem=_problem(view.edition),
            replaces=list(view.replaces),
            warnings=list(view.warnings),
        )


class OfferStateOut(BaseModel):
    """Where the offer is now."""

    id: str
    state: OfferState


class StatusOut(BaseModel):
    """What a credential is worth now."""

    state: StatusState
    reason: str
    list_published_at: datetime | None
    why: str | None = Field(description="What the issuer said of a revocation, a suspension or its end.")
    since: datetime | None = Field(
        description="Since when it is suspended or valid again, by the issuer's word."
    )


class CredentialOut(BaseModel):
    """A credential in plain terms."""

    id: str
    title: str
    issuer: StandingOut
    claims: list[ClaimOut]
    edition: EditionOut | None
    edition_problem: str | None
    status: StatusOut

    @classmethod
    def of(cls, shown: Shown) -> "CredentialOut":
        """Map."""
        holding = shown.holding
        return cls(
            id=holding.credential.id,
            title=holding.title,
            issuer=StandingOut.of(shown.issuer),
            claims=[ClaimOut.of(claim) for claim in shown.claims],
            edition=EditionOut.of(holding.edition),
            edition_problem=_problem(holding.edition),
            status=StatusOut(
                state=holding.status.state,
                reason=holding.status.reason,
                list_published_at=holding.status.published_at,
                why=holding.status.why,
                since=holding.status.since,
            ),
        )


class WarningOut(BaseModel):
    """What to ask about before answering. `about`: the attributes it is about, or why nobody proved who asks."""

    code: WarningCode
    about: list[str]
    words: dict[str, str] = Field(description="By language: en, fr, pt, sw, ar.")

    @classmethod
    def of(cls, warned: Warned, listing: Listing | None) -> "WarningOut":
        """Map."""
        return cls(code=warned.code, about=list(warned.about), words=warning_said(warned, listing))


class ListUsedOut(BaseModel):
    """The copy of a list that was judged by; `checked_at`: when it was last seen to be the newest."""

    name: str
    url: str
    authority: dict[str, str]
    number: int
    issued: datetime
    next_update: datetime
    checked_at: datetime | None

    @classmethod
    def of(cls, used: ListUsed) -> "ListUsedOut":
        """Map."""
        return cls(
            name=used.name,
            url=used.url,
            authority=dict(used.authority),
            number=used.number,
            issued=used.issued,
            next_update=used.next_update,
            checked_at=used.checked_at,
        )


class LevelOut(BaseModel):
    """A level in a framework."""

    framework: str
    level: int


class AllowedOut(BaseModel):
    """What a listing in force lets it ask for; empty or null: not limited."""

    resources: list[str]
    jurisdictions: list[str]
    highest_level: LevelOut | None
    attributes: list[str]
    since: date
    until: date | None

    @classmethod
    def of(cls, allowed: Allowed) -> "AllowedOut":
        """Map."""
        level = allowed.highest_level
        return cls(
            resources=list(allowed.resources),
            jurisdictions=list(allowed.jurisdictions),
            highest_level=LevelOut(framework=level.framework, level=level.level) if level else None,
            attributes=list(allowed.attributes),
            since=allowed.since,
            until=allowed.until,
        )


class AccreditationOut(BaseModel):
    """How an organisation is listed now. Only `listed` means that it may ask; `reason` has the particulars, in English."""

    state: ListingState
    since: date | None
    trust_list: ListUsedOut | None
    authority_says: str | None = Field(
        description="The authority's own word for this state, as the list has it."
    )
    allows: list[AllowedOut]
    words: dict[str, str]
    reason: str

    @classmethod
    def of(cls, listing: Listing) -> "AccreditationOut":
        """Map."""
        return cls(
            state=listing.state,
            since=listing.since,
            trust_list=ListUsedOut.of(listing.by) if listing.by else None,
            authority_says=listing.authority_says,
            allows=[AllowedOut.of(each) for each in listing.allows],
            words=listing_said(listing),
            reason=listing.reason,
        )


class VerifierOut(BaseModel):
    """Who asks. `proven` false: nobody proved it, and nothing is said of anybody. Names are the lists' alone."""

    proven: bool
    did: str | None
    name: str | None
    names: dict[str, str]
    why: str
    words: dict[str, str]
    accreditation: AccreditationOut | None

    @classmethod
    def of(cls, view: RequestView) -> "VerifierOut":
        """Map."""
        words = proof_said(view.who)
        if isinstance(view.who, Unproven):
            return cls(
                proven=False, did=None, name=None, names={}, why=view.who.why, words=words, accreditation=None
            )
        return cls(
            proven=True,
            did=view.who.did,
            name=name_of(view),
            names=dict(view.listing.names) if view.listing else {},
            why=words["en"],
            words=words,
            accreditation=AccreditationOut.of(view.listing) if view.listing else None,
        )


class AttributeOut(BaseModel):
    """An attribute by name and in words."""

    name: str
    label: str


class PredicateOut(BaseModel):
    """A comparison that is proven without showing the value."""

    attribute: str
    operator: str
    value: int
    text: str


class PeopleOut(BaseModel):
    """How many people could have given the same answer. `few`: the warning `few-people` says so."""

    known: Known
    at_least: int | None = Field(description="Where they are enough.")
    why: Why | None = Field(description="Why it is not known.")
    about: list[str] = Field(description="What narrows it without figures.")
    counted: date | None = Field(description="From when the issuer's figures are.")
    words: dict[str, str] = Field(description="By language: en, fr, pt, sw, ar; empty where they are few.")

    @classmethod
    def of(cls, people: People) -> "PeopleOut":
        """Map."""
        return cls(
            known=people.known,
            at_least=people.at_least or None,
            why=people.why,
            about=list(people.about),
            counted=people.counted,
            words=people_said(people),
        )


class CandidateOut(BaseModel):
    """One of her credentials for this need. `can_present`: a proof can be made; `meets_need`: it would then satisfy what is asked."""

    credential_id: str
    title: str
    can_present: bool
    meets_need: bool
    missing: list[str]
    hides: list[AttributeOut]
    warnings: list[WarningOut] = Field(description="What to ask about before answering with this one.")
    people: PeopleOut | None = Field(
        description="How many could have given the same answer; null where it shows her name, or cannot be given."
    )

    @classmethod
    def of(cls, candidate: Candidate, hidden: tuple[str, ...], listing: Listing | None) -> "CandidateOut":
        """Map."""
        return cls(
            credential_id=candidate.credential_id,
            title=candidate.title,
            can_present=candidate.can_present,
            meets_need=candidate.meets_need,
            missing=[each.english for each in candidate.missing],
            hides=[AttributeOut(name=name, label=label(name)) for name in hidden],
            warnings=[WarningOut.of(each, listing) for each in candidate.warnings],
            people=PeopleOut.of(candidate.people) if candidate.people else None,
        )


class NeedOut(BaseModel):
    """What one credential is asked for: shown, only proven, and everything else hidden."""

    id: str
    reveals: list[AttributeOut]
    proves: list[PredicateOut]
    shows_programme: bool
    candidates: list[CandidateOut]
    missing: list[str]

    @classmethod
    def of(cls, view: NeedView, listing: Listing | None) -> "NeedOut":
        """Map."""
        return cls(
            id=view.need.id,
            reveals=[AttributeOut(name=name, label=label(name)) for name in view.need.revealed],
            proves=[
                PredicateOut(attribute=part.attribute, operator=part.operator, value=part.value, text=words)
                for part, words in view.proves
            ],
            shows_programme=view.need.shows_programme,
            candidates=[
                CandidateOut.of(candidate, view.hidden_of(candidate), listing)
                for candidate in view.candidates
            ],
            missing=[each.english for each in view.missing],
        )


class NamedListOut(BaseModel):
    """A trust list the requester says it judges by."""

    name: str
    url: str


class RequestOut(BaseModel):
    """A request in plain terms. Purpose and keeping time are null where nobody signed them."""

    id: str
    state: RequestState
    connection_id: str | None
    verifier: VerifierOut
    purpose: str | None
    name_compared: bool = Field(
        description="Her name is asked to be compared with the one this organisation knows, which keeps only the result."
    )
    keep_days: int | None
    expires_at: datetime | None
    trust_lists: list[NamedListOut]
    needs: list[NeedOut]
    can_answer: bool
    unreadable: str | None = Field(description="Why it cannot be explained, and therefore not answered.")
    warnings: list[WarningOut] = Field(description="Each must be acknowledged by whoever answers.")

    @classmethod
    def of(cls, view: RequestView) -> "RequestOut":
        """Map."""
        proven = view.who if isinstance(view.who, Proven) else None
        return cls(
            id=view.exchange.id,
            state=view.exchange.state,
            connection_id=view.exchange.connection_id,
            verifier=VerifierOut.of(view),
            purpose=purpose_of(view),
            name_compared=proven is not None and proven.request.name_compared,
            keep_days=proven.request.keep_days if proven else None,
            expires_at=proven.expires_at if proven else None,
            trust_lists=[NamedListOut(name=one.name, url=one.url) for one in proven.request.trust_lists]
            if proven
            else [],
            needs=[NeedOut.of(need, view.listing) for need in view.needs],
            can_answer=view.can_answer,
            unreadable=view.unreadable,
            warnings=[WarningOut.of(each, view.listing) for each in view.warnings],
        )


class RequestStateOut(BaseModel):
    """Where the request is now."""

    id: str
    state: RequestState


class PleaseDelete(BaseModel):
    """The language the verifier is asked in, and answers in."""

    language: Literal["en", "fr", "pt", "sw", "ar"] = "en"


class DeletionOut(BaseModel):
    """Her wish that what she showed be deleted. `can_ask`: she has not asked, and the verifier can be reached."""

    state: Literal["not_asked", "asked", "deleted", "refused"]
    can_ask: bool
    asked_at: datetime | None = None
    sent: bool = Field(default=False, description="It has left the wallet.")
    answered_at: datetime | None = None
    because: str | None = Field(default=None, description="Why not, in the verifier's own words.")

    @classmethod
    def of(cls, deletion: Deletion) -> "DeletionOut":
        """Map."""
        if isinstance(deletion, NotAsked):
            return cls(state="not_asked", can_ask=deletion.reachable)
        answer = deletion.answer
        state: Literal["asked", "deleted", "refused"] = "asked"
        if answer is not None:
            state = "deleted" if answer.deleted else "refused"
        return cls(
            state=state,
            can_ask=False,
            asked_at=deletion.at,
            sent=deletion.sent,
            answered_at=deletion.answered_at,
            because=answer.because if answer is not None and not answer.deleted else None,
        )


class EntryOut(BaseModel):
    """One line of her history; what was warned of is said in every language as it stood then."""

    id: str
    at: datetime
    kind: str
    subject: str
    who: str | None
    who_did: str | None
    said: dict[str, JsonValue]
    outcome: str | None
    deletion: DeletionOut | None = Field(description="Null where nothing was shown to anybody.")

    @classmethod
    def of(cls, entry: Entry, deletion: Deletion | None = None) -> "EntryOut":
        """Map."""
        return cls(
            id=entry.id,
            at=entry.at,
            kind=entry.kind,
            subject=entry.subject,
            who=entry.who,
            who_did=entry.who_did,
            said=_in_words(entry),
            outcome=entry.outcome,
            deletion=None if deletion is None else DeletionOut.of(deletion),
        )


def _in_words(entry: Entry) -> dict[str, JsonValue]:
    """What was said, with words for what was warned of."""
    said, listing = dict(entry.said), listing_told(entry)
    if listing is not None:
        words: JsonValue = dict(listing_said(listing))
        said["listing"] = {"state": listing.state.value, "reason": listing.reason, "words": words}
    warned = said.get("warned")
    if isinstance(warned, list):
        said["warned"] = [_warned_in_words(each, listing) for each in warned]
    return said


def _warned_in_words(note: JsonValue, listing: Listing | None) -> JsonValue:
    try:
        warned = _WARNED.validate_python(note)
    except ValidationError:  # written by a later version
        return note
    words: JsonValue = dict(warning_said(warned, listing))
    about: list[JsonValue] = list(warned.about)
    return {"code": warned.code.value, "about": about, "words": words}


class TrustListOut(BaseModel):
    """A pinned list and how it was found at the last look."""

    url: str
    name: str
    state: Literal["fresh", "stale", "unreachable", "refused"]
    sequence: int | None
    issued: datetime | None
    next_update: datetime | None
    checked_at: datetime | None = Field(description="When this copy was last seen to be the newest.")
    problem: str | None

    @classmethod
    def of(cls, snapshot: Snapshot, *, now: datetime) -> "TrustListOut":
        """Map."""
        found = snapshot.trust_list
        return cls(
            url=snapshot.url,
            name=snapshot.name,
            state=snapshot.state(now),
            sequence=found.sequence if found else None,
            issued=found.issued if found else None,
            next_update=found.next_update if found else None,
            checked_at=snapshot.checked_at,
            problem=snapshot.problem.reason if snapshot.problem else None,
        )
