"""An award on its way to a learner's wallet: its states and the only moves between them.

prepared → invited → offered → accepted → issued. A learner may decline and an exchange may break; the claim link then
invites anew. An officer may revoke an award or supersede it with a corrected one at any time, and issue an issued one
again to a learner who lost it; an issued one can be suspended for a while (suspension.py). One award is one credential: a credential that was sent but never acknowledged, and then replaced, is a *leftover* and gets revoked.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from issuer.domain.graduate import Graduate
from issuer.domain.reissue import MOST_REISSUES, Reissue
from issuer.errors import AwardRefusesAction, ClaimAlreadyUsed, ReissueLimitReached


@dataclass(frozen=True, slots=True)
class Exchange:
    """One credential exchange between the agent and a wallet."""

    connection_id: str
    cred_ex_id: str


@dataclass(frozen=True, slots=True)
class SentCredential:
    """A credential that left the house, and its place in a status list."""

    exchange: Exchange
    rev_reg_id: str
    cred_rev_id: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """Waits for the learner to open her claim link."""


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation was handed out. `connection_id` from the moment an offer is made to who connected with it: there a crash may have left it."""

    invitation_msg_id: str
    connection_id: str | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """The wallet connected and has the offer before it."""

    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Accepted:
    """The learner asked for the credential; `credential` is what was sent, not yet acknowledged."""

    exchange: Exchange
    credential: SentCredential | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """The wallet acknowledged the credential."""

    credential: SentCredential


@dataclass(frozen=True, slots=True)
class Declined:
    """The learner said no to the offer; she may still change her mind."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The exchange ended before the credential arrived."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """Taken back by an officer."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Superseded:
    """Replaced by another award: corrected, or issued again."""

    by: UUID
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Suspension:
    """An issued award that does not count for a while."""

    reason: str
    at: datetime


State = Prepared | Invited | Offered | Accepted | Issued | Declined | Broken | Revoked | Superseded

NAMES: Final[dict[type[State], str]] = {
    Prepared: "prepared",
    Invited: "invited",
    Offered: "offered",
    Accepted: "accepted",
    Issued: "issued",
    Declined: "declined",
    Broken: "broken",
    Revoked: "revoked",
    Superseded: "superseded",
}

TRANSITIONS: Final[dict[type[State], frozenset[type[State]]]] = {
    Prepared: frozenset({Invited, Revoked, Superseded}),
    Invited: frozenset({Invited, Offered, Revoked, Superseded}),
    Offered: frozenset({Invited, Accepted, Declined, Broken, Revoked, Superseded}),
    Accepted: frozenset({Invited, Accepted, Issued, Broken, Revoked, Superseded}),
    Issued: frozenset({Revoked, Superseded}),
    Declined: frozenset({Invited, Revoked, Superseded}),
    Broken: frozenset({Invited, Revoked, Superseded}),
    Revoked: frozenset(),
    Superseded: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Award:
    """One edition given to one graduate. `version` counts stored changes, so that none is overwritten unseen.

    `origin` is the first award that said the very same: an award issued again keeps its name in the open form, by which
    wallets know it. Since `contact_deleted_at` her e-mail address and telephone are gone. `reissues` counts how often this award and those it replaces were issued again; `reissue` says why
    this one was.
    """

    id: UUID
    organisation: str
    batch_id: UUID
    template_id: UUID
    edition_id: str
    row: int
    graduate: Graduate
    identity_salt: str
    claim_digest: str
    code_digest: str | None
    wrong_codes: int
    state: State
    leftovers: tuple[SentCredential, ...]
    replaces: UUID | None
    origin: UUID
    reissues: int
    reissue: Reissue | None
    version: int
    created_at: datetime
    updated_at: datetime
    contact_deleted_at: datetime | None = None
    suspension: Suspension | None = None
    trace: str | None = None
    """The trace in which it was made, as `traceparent`: what becomes of it goes on in that one."""

    @property
    def state_name(self) -> str:
        """The state as the API and the screens call it."""
        return NAMES[type(self.state)]

    @property
    def exchange(self) -> Exchange | None:
        """The exchange that may end in this award's credential; any other is a stray."""
        match self.state:
            case Offered(exchange) | Accepted(exchange, _):
                return exchange
            case Issued(credential):
                return credential.exchange
            case _:
                return None


def prepare(
    award_id: UUID,
    *,
    organisation: str,
    batch_id: UUID,
    template_id: UUID,
    edition_id: str,
    row: int,
    graduate: Graduate,
    identity_salt: str,
    claim_digest: str,
    code_digest: str | None,
    now: datetime,
    replaces: UUID | None = None,
    origin: UUID | None = None,
    reissues: int = 0,
    reissue: Reissue | None = None,
) -> Award:
    """Return a new award that waits for its learner."""
    return Award(
        id=award_id,
        organisation=organisation,
        batch_id=batch_id,
        template_id=template_id,
        edition_id=edition_id,
        row=row,
        graduate=graduate,
        identity_salt=identity_salt,
        claim_digest=claim_digest,
        code_digest=code_digest,
        wrong_codes=0,
        state=Prepared(),
        leftovers=(),
        replaces=replaces,
        origin=origin or award_id,
        reissues=reissues,
        reissue=reissue,
        version=1,
        created_at=now,
        updated_at=now,
    )


def invite(award: Award, invitation_msg_id: str, *, now: datetime) -> Award:
    """Start anew with this invitation. An unacknowledged credential becomes a leftover.

    Raises ClaimAlreadyUsed, worded for the learner.
    """
    match award.state:
        case Issued():
            raise ClaimAlreadyUsed(
                "This award was claimed already and its credential is in a wallet. If that was not you, or the wallet "
                "is lost, ask the organisation that sent you this link: it can issue the award again."
            )
        case Revoked() | Superseded():
            raise ClaimAlreadyUsed(
                "This award is no longer given under this link. "
                "Ask the organisation that sent it: it may have a corrected one for you."
            )
        case Accepted(_, credential) if credential is not None:
            award = replace(award, leftovers=(*award.leftovers, credential))
        case _:
            pass
    return _move(award, Invited(invitation_msg_id), now)


def begin_offer(award: Award, connection_id: str) -> Award:
    """A wallet connected and gets its offer now. That is no move: she keeps her place among those who wait."""
    match award.state:
        case Invited(invitation_msg_id):
            return replace(award, state=Invited(invitation_msg_id, connection_id))
        case _:
            raise AwardRefusesAction(f"The award is {award.state_name}: nobody is invited to it.")


def offer(award: Award, exchange: Exchange, *, now: datetime) -> Award:
    """The offer went out over the invited connection."""
    return _move(award, Offered(exchange), now)


def accept(award: Award, exchange: Exchange, *, now: datetime) -> Award:
    """The learner asked for the credential in this exchange, which must be the current one."""
    if award.exchange != exchange:
        raise AwardRefusesAction("The request came in an exchange that is not the award's current one.")
    return _move(award, Accepted(exchange), now)


def send(award: Award, credential: SentCredential, *, now: datetime) -> Award:
    """The credential was sent; what earlier exchanges may have delivered is for the caller to revoke."""
    if award.exchange != credential.exchange:
        raise AwardRefusesAction(
            "The credential was sent in an exchange that is not the award's current one."
        )
    return replace(_move(award, Accepted(credential.exchange, credential), now), leftovers=())


def acknowledge(award: Award, *, now: datetime) -> Award:
    """The wallet has it."""
    match award.state:
        case Accepted(_, credential) if credential is not None:
            return _move(award, Issued(credential), now)
        case _:
            raise AwardRefusesAction("An award can be acknowledged only after its credential was sent.")


def end_exchange(award: Award, *, now: datetime) -> Award:
    """The exchange ended without an acknowledged credential: declined before acceptance, broken after."""
    match award.state:
        case Offered():
            return _move(award, Declined(), now)
        case Accepted(_, credential):
            leftovers = award.leftovers if credential is None else (*award.leftovers, credential)
            return replace(_move(award, Broken(), now), leftovers=leftovers)
        case _:
            raise AwardRefusesAction("There is no exchange to end.")


def revoke(award: Award, reason: str, *, now: datetime) -> tuple[Award, tuple[SentCredential, ...]]:
    """Take the award back; returns it and the credentials whose status must be published."""
    ended = replace(_move(award, Revoked(reason, now), now), leftovers=(), suspension=None)
    return ended, credentials_out(award)


def supersede(
    award: Award, by: UUID, reason: str, *, now: datetime
) -> tuple[Award, tuple[SentCredential, ...]]:
    """Replace the award by another; returns it and the credentials whose status must be published."""
    ended = replace(_move(award, Superseded(by, reason, now), now), leftovers=(), suspension=None)
    return ended, credentials_out(award)


def issue_again(
    award: Award,
    new_id: UUID,
    *,
    claim_digest: str,
    code_digest: str,
    reissue: Reissue,
    beyond_limit: bool,
    now: datetime,
) -> tuple[Award, Award, tuple[SentCredential, ...]]:
    """Return a new award that says the very same, the old one as it ends, and the credentials to be revoked.

    Raises AwardRefusesAction unless the award is issued, ReissueLimitReached unless `beyond_limit`.
    """
    match award.state:
        case Issued() if award.suspension is not None:
            raise AwardRefusesAction(
                "This award is suspended, and what does not count is not issued again. Reinstate it first."
            )
        case Issued():
            pass
        case Superseded(by):
            raise AwardRefusesAction(
                f"This award was replaced by the award {by}. Issue that one again, if it is lost too."
            )
        case Revoked():
            raise AwardRefusesAction(
                "This award was revoked, and what was taken back is not issued again. "
                "If that was a mistake, award it anew with a batch."
            )
        case _:
            raise AwardRefusesAction(
                f"This award is {award.state_name}: it is in no wallet yet, so nothing of it can be lost. Give the "
                "learner its claim link again (claim_url of the award), or supersede it for a new link and code."
            )
    if not award.graduate.given_name:
        raise AwardRefusesAction(
            "The name of this award's graduate was deleted when its years were over. Award it anew with a batch, and "
            "revoke this one."
        )
    if award.reissues >= MOST_REISSUES and not beyond_limit:
        raise ReissueLimitReached(
            f"This award was issued again {award.reissues} times already; {MOST_REISSUES} is the most an officer may. "
            "Find out what becomes of its credentials. If it is right all the same, somebody with a key of scope "
            "admin repeats the request with beyond_limit: true."
        )
    new = prepare(
        new_id,
        organisation=award.organisation,
        batch_id=award.batch_id,
        template_id=award.template_id,
        edition_id=award.edition_id,
        row=award.row,
        graduate=award.graduate,
        identity_salt=award.identity_salt,
        claim_digest=claim_digest,
        code_digest=code_digest,
        now=now,
        replaces=award.id,
        origin=award.origin,
        reissues=award.reissues + 1,
        reissue=reissue,
    )
    return new, *supersede(award, new.id, reissue.told, now=now)


def credentials_out(award: Award) -> tuple[SentCredential, ...]:
    """Return every credential of this award that a wallet may hold."""
    match award.state:
        case Issued(credential):
            return (*award.leftovers, credential)
        case Accepted(_, credential) if credential is not None:
            return (*award.leftovers, credential)
        case _:
            return award.leftovers


def _move(award: Award, state: State, now: datetime) -> Award:
    if type(state) not in TRANSITIONS[type(award.state)]:
        raise AwardRefusesAction(
            f"The award is {award.state_name}; from there it cannot become {NAMES[type(state)]}."
        )
    return replace(award, state=state, updated_at=now)
