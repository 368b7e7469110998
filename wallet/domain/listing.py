"""What the pinned lists say now of an organisation that asks: each way not to be accredited told apart.

Judged by the last good copy of each list (`shared/vc/trust_decision.py`), never by a live call. Whatever is not known to be
in force is not shown as in force.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType

from shared.vc.trust_decision import EditionFacts, Refused, Snapshot, TrustDecision, TrustQuestion, decide
from shared.vc.trust_list import Authorization, DidPeriod, Level, StatusPeriod, TrustedEntity, TrustList
from wallet.domain.credential import EditionFound, EditionResult
from wallet.domain.trust import edition_facts, listed_names
from wallet.domain.warning import Warned, WarningCode


class ListingState(StrEnum):
    """Whether an organisation is listed to ask for proofs."""

    LISTED = "listed"
    NOT_LISTED = "not_listed"
    NOT_FOR_THIS = "not_for_this"
    """On a list, but not to ask for proofs."""
    NOT_YET = "not_yet"
    SUSPENDED = "suspended"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    COMPROMISED = "compromised"
    UNCHECKED = "unchecked"
    """No list, or one that might have it is out of date or was never had."""


@dataclass(frozen=True)
class ListUsed:
    """The copy of a list that was judged by. `checked_at`: when it was last seen to be the newest."""

    name: str
    url: str
    authority: Mapping[str, str]
    number: int
    issued: datetime
    next_update: datetime
    checked_at: datetime | None


@dataclass(frozen=True)
class Allowed:
    """What one authorization that is in force lets it ask for; empty or None: not limited."""

    resources: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    highest_level: Level | None
    attributes: tuple[str, ...]
    since: date
    until: date | None


@dataclass(frozen=True)
class Listing:
    """How a DID stands. `code` says of UNCHECKED why; `reason` has the particulars; `authority_says` is the authority's own word."""

    state: ListingState
    code: str
    reason: str
    names: Mapping[str, str]
    since: date | None = None
    authority_says: str | None = None
    by: ListUsed | None = None
    allows: tuple[Allowed, ...] = ()
    doubts: tuple[Warned, ...] = ()
    """What other lists say against it, and lists that were refused."""

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """Everything to be asked about; none where it is listed and nothing speaks against it."""
        if self.state is ListingState.LISTED:
            return self.doubts
        return (Warned(WarningCode(self.code)), *self.doubts)


_STATES: Mapping[str, tuple[ListingState, WarningCode]] = MappingProxyType(
    {
        "not-listed": (ListingState.NOT_LISTED, WarningCode.NOT_LISTED),
        "not-this-action": (ListingState.NOT_FOR_THIS, WarningCode.NOT_FOR_THIS),
        "not-begun": (ListingState.NOT_YET, WarningCode.NOT_YET),
        "not-yet-trusted": (ListingState.NOT_YET, WarningCode.NOT_YET),
        "suspended": (ListingState.SUSPENDED, WarningCode.SUSPENDED),
        "no-longer-trusted": (ListingState.LAPSED, WarningCode.LAPSED),
        "withdrawn": (ListingState.WITHDRAWN, WarningCode.WITHDRAWN),
        "compromised": (ListingState.COMPROMISED, WarningCode.COMPROMISED),
        "no-list": (ListingState.UNCHECKED, WarningCode.NO_LIST),
        "list-stale": (ListingState.UNCHECKED, WarningCode.LIST_STALE),
    }
)
_NOT_CHECKED = (ListingState.UNCHECKED, WarningCode.LIST_NOT_CHECKED)
"""Also for a decision this wallet does not know: never shown as listed."""

_BEYOND: Mapping[str, WarningCode] = MappingProxyType(
    {
        "other-attributes": WarningCode.MORE_ATTRIBUTES,
        "other-kind": WarningCode.OTHER_KIND,
        "other-country": WarningCode.OTHER_COUNTRY,
        "above-level": WarningCode.ABOVE_LEVEL,
    }
)


def verifier_listing(snapshots: Sequence[Snapshot], did: str, *, now: datetime) -> Listing:
    """Whether the lists let this DID ask learners for proofs now, by which list, since when and for what."""
    decision = decide(snapshots, _question(did), now=now)
    used = _used(snapshots, decision)
    entity = used.trust_list.entity_of(did) if used and used.trust_list else None
    authorization = _authorization(entity, decision)
    names = entity.names if entity else listed_names(snapshots, did)
    state, code = _state(decision, authorization, now)
    period = authorization.status_at(now) if authorization else None
    days = entity.did_periods.get(did) if entity else None
    return Listing(
        state=state,
        code=code,
        reason=decision.reason,
        names=names,
        since=_since(state, authorization, period, days),
        authority_says=period.reason if period and period.reason else None,
        by=_list_used(used, used.trust_list) if used and used.trust_list else None,
        allows=_allowed(entity, did, now) if entity and state is ListingState.LISTED else (),
        doubts=_doubts(snapshots, decision),
    )


def beyond_listing(
    snapshots: Sequence[Snapshot],
    did: str,
    *,
    learned: frozenset[str],
    edition: EditionResult | None,
    now: datetime,
) -> Warned | None:
    """What of this a DID that is listed may not ask for, by those lists that have it; None if it may ask for all of it.

    `learned`: the attributes whose values it would learn. `edition`: the programme of the credential they are of; None asks
    about the attributes alone.
    """
    vouching = [
        _only_in_force(one, did, now)
        for one in snapshots
        if decide([one], _question(did), now=now).outcome == "passed"
    ]
    facts = None if edition is None else EditionFacts()
    if isinstance(edition, EditionFound):
        facts = edition_facts(edition)
    question = TrustQuestion(did=did, action="verify", edition=facts, shown=learned)
    decision = decide(vouching, question, now=now)
    if decision.outcome == "passed":
        return None
    unread = edition is not None and not isinstance(edition, EditionFound)
    code = _BEYOND.get(decision.code, WarningCode.LIMITS_NOT_COMPARED)
    if code is WarningCode.MORE_ATTRIBUTES:
        used = _used(vouching, decision)
        entity = used.trust_list.entity_of(did) if used and used.trust_list else None
        authorization = _authorization(entity, decision)
        may_see = authorization.attributes if authorization else ()
        return Warned(code, tuple(sorted(learned.difference(may_see))))
    return Warned(WarningCode.LIMITS_NOT_COMPARED if unread else code)


def _only_in_force(snapshot: Snapshot, did: str, now: datetime) -> Snapshot:
    """The list with what vouches for this DID alone: a suspended authorization beside it says nothing of its limits."""
    trust_list = snapshot.trust_list
    entity = trust_list.entity_of(did) if trust_list else None
    if trust_list is None or entity is None:
        return snapshot
    alone = replace(entity, authorizations=_in_force(entity, did, now))
    return replace(snapshot, trust_list=replace(trust_list, entities=(alone,)))


def _question(did: str) -> TrustQuestion:
    return TrustQuestion(did=did, action="verify")


def _used(snapshots: Sequence[Snapshot], decision: TrustDecision) -> Snapshot | None:
    evidence = decision.evidence
    if evidence is None:
        return None
    return next((one for one in snapshots if one.trust_list and one.url == evidence.list_url), None)


def _authorization(entity: TrustedEntity | None, decision: TrustDecision) -> Authorization | None:
    wanted = decision.evidence.authorization_id if decision.evidence else None
    found = entity.authorizations if entity else ()
    return next((one for one in found if wanted is not None and one.id == wanted), None)


def _state(
    decision: TrustDecision, authorization: Authorization | None, now: datetime
) -> tuple[ListingState, str]:
    if decision.outcome == "passed":
        return ListingState.LISTED, decision.code
    if decision.code == "not-granted" and authorization is not None:
        period = authorization.status_at(now)
        if period is not None and period.status == "lapsed":
            return ListingState.LAPSED, WarningCode.LAPSED
        if period is not None and period.status == "withdrawn":
            return ListingState.WITHDRAWN, WarningCode.WITHDRAWN
    return _STATES.get(decision.code, _NOT_CHECKED)


def _since(
    state: ListingState,
    authorization: Authorization | None,
    period: StatusPeriod | None,
    days: DidPeriod | None,
) -> date | None:
    """The day from which it is, or is not, as the state says."""
    if authorization is None:
        return None
    first = max(authorization.valid_from, days.since if days and days.since else date.min)
    if state is ListingState.LISTED:
        return first
    if state is ListingState.NOT_YET:
        return max(first, authorization.periods[0].since.astimezone(UTC).date())
    if state is ListingState.LAPSED and period is not None and period.status == "granted":
        ends = (authorization.valid_to, days.until if days else None)
        return min((day for day in ends if day is not None), default=None)
    return period.since.astimezone(UTC).date() if period else None


def _allowed(entity: TrustedEntity, did: str, now: datetime) -> tuple[Allowed, ...]:
    """All that is in force for this DID."""
    return tuple(
        Allowed(
            one.resources, one.jurisdictions, one.highest_level, one.attributes, one.valid_from, one.valid_to
        )
        for one in _in_force(entity, did, now)
    )


def _in_force(entity: TrustedEntity, did: str, now: datetime) -> tuple[Authorization, ...]:
    """Its authorizations to verify that are granted now, on a day they are valid."""
    today = now.astimezone(UTC).date()
    return tuple(
        one
        for one in entity.authorizations
        if one.action == "verify"
        and did in one.dids
        and (period := one.status_at(now)) is not None
        and period.status == "granted"
        and one.valid_from <= today <= (one.valid_to or date.max)
    )


def _list_used(snapshot: Snapshot, trust_list: TrustList) -> ListUsed:
    return ListUsed(
        name=trust_list.name,
        url=snapshot.url,
        authority=trust_list.operator_names,
        number=trust_list.sequence,
        issued=trust_list.issued,
        next_update=trust_list.next_update,
        checked_at=snapshot.checked_at,
    )


def _doubts(snapshots: Sequence[Snapshot], decision: TrustDecision) -> tuple[Warned, ...]:
    refused = [one for one in snapshots if isinstance(one.problem, Refused) and one.trust_list is not None]
    disowned = len(decision.warnings) > len(refused)
    return (
        *((Warned(WarningCode.DISOWNED_ELSEWHERE),) if disowned else ()),
        *((Warned(WarningCode.LIST_REFUSED),) if refused else ()),
    )
