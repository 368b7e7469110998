"""What the pinned trust lists say about one DID: trusted for this, at the time of the award and now?

Pure: judged against snapshots, never by a live call. DESIGN.md, "A proof's way", step 6.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Literal

from shared.vc.dateint import from_dateint, rfc3339
from shared.vc.trust_list import (
    EVERYTHING,
    ISCED_PREFIX,
    Action,
    Authorization,
    DidPeriod,
    StatusPeriod,
    TrustedEntity,
    TrustList,
)

type Outcome = Literal["passed", "failed", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """The list could not be fetched; `since` is when that began."""

    reason: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What was fetched must not be used."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One pinned list as this party last verified it. `problem` says what went wrong at the latest look, if anything."""

    name: str
    url: str
    trust_list: TrustList | None = None
    problem: Unreachable | Refused | None = None
    checked_at: datetime | None = None

    def state(self, now: datetime) -> Literal["fresh", "stale", "unreachable", "refused"]:
        """For screens and readiness; `decide` judges by the list itself."""
        if isinstance(self.problem, Refused):
            return "refused"
        if self.problem is not None or self.trust_list is None:
            return "unreachable"
        return "stale" if self.trust_list.is_stale(now) else "fresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionFacts:
    """What trust in an award depends on.

    `skills`: the skills somebody relies on (all of the edition's, unless a requirement names fewer); every one must be
    covered. `fields`: ISCED-F codes. `None` for `edition_id` or `country` means it was not revealed.
    """

    edition_id: str | None = None
    country: str | None = None
    skills: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    levels: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardDate:
    """The day of an award, or the days between which it was proven to lie (None: not bounded). Both ends included."""

    earliest: date | None
    latest: date | None

    @classmethod
    def on(cls, day: date | int) -> "AwardDate":
        """A revealed day, also as YYYYMMDD."""
        return cls(earliest=_day(day), latest=_day(day))

    @classmethod
    def between(cls, earliest: date | int | None, latest: date | int | None) -> "AwardDate":
        """A hidden day proven by predicates, also as YYYYMMDD."""
        return cls(
            earliest=None if earliest is None else _day(earliest),
            latest=None if latest is None else _day(latest),
        )

    @property
    def revealed(self) -> bool:
        """Whether it is one known day."""
        return self.earliest is not None and self.earliest == self.latest

    def __str__(self) -> str:
        if self.revealed:
            return f"{self.earliest}"
        if self.earliest is None and self.latest is None:
            return "on a hidden day"
        if self.latest is None:
            return f"on a hidden day, {self.earliest} or later"
        if self.earliest is None:
            return f"on a hidden day, {self.latest} or earlier"
        return f"on a hidden day between {self.earliest} and {self.latest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustQuestion:
    """Was `did` trusted for `action`? `edition` None: the programme is hidden. `awarded` None: ask about now only.

    `shown`: the attributes whose values whoever verifies would learn.
    """

    did: str
    action: Action
    edition: EditionFacts | None = None
    awarded: AwardDate | None = None
    shown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustEvidence:
    """By which list, and which line of it, a decision was made."""

    list_name: str
    list_url: str
    operator: str
    sequence: int
    issued: datetime
    next_update: datetime
    entity_id: str | None = None
    entity_name: str | None = None
    authorization_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustDecision:
    """The answer, why (`code` is of shared/contracts/verdict_words.py), by which evidence; `others` keeps what the remaining lists and authorizations said.

    `warnings` are for a person to see even when the answer is passed: another list withdrew or knows of a compromise.
    """

    outcome: Outcome
    code: str
    reason: str
    evidence: TrustEvidence | None = None
    others: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """One list's or authorization's answer. `disowned`: the authority says that no award by this DID counts."""

    outcome: Outcome
    code: str
    reason: str
    evidence: TrustEvidence | None = None
    disowned: bool = False
    others: tuple[str, ...] = ()


def decide(snapshots: Sequence[Snapshot], question: TrustQuestion, *, now: datetime) -> TrustDecision:
    """Whether one of the lists vouches for what is asked, at the time of the award and now.

    One list that does is enough. Otherwise it failed if an authority disowned the DID, unknown if a list that might have
    vouched could not be checked, else failed. Every reason is kept.
    """
    if not snapshots:
        return TrustDecision(
            code="no-list",
            outcome="unknown",
            reason="could not be checked: no trust list is pinned; pin one to judge issuers by",
        )
    findings = [_by_list(snapshot, question, now) for snapshot in snapshots]
    best = min(findings, key=_rank)
    others = best.others + tuple(
        reason for finding in findings if finding is not best for reason in (finding.reason, *finding.others)
    )
    warnings = tuple(
        finding.reason for finding in findings if finding.disowned and finding is not best
    ) + tuple(
        f"{snapshot.name}: {snapshot.problem.reason}"
        for snapshot in snapshots
        if isinstance(snapshot.problem, Refused) and snapshot.trust_list is not None
    )
    return TrustDecision(
        outcome=best.outcome,
        code=best.code,
        reason=best.reason,
        evidence=best.evidence,
        others=others,
        warnings=warnings,
    )


def _rank(finding: _Finding) -> int:
    if finding.outcome == "passed":
        return 0
    if finding.disowned:
        return 1
    if finding.outcome == "unknown":
        return 2
    # "not on the list" says less than "on the list, but …"
    return 3 if finding.evidence is not None and finding.evidence.entity_id is not None else 4


def _by_list(snapshot: Snapshot, question: TrustQuestion, now: datetime) -> _Finding:
    trust_list = snapshot.trust_list
    if trust_list is None:
        why = snapshot.problem.reason if snapshot.problem else "it was never fetched"
        return _Finding(
            code="list-not-checked",
            outcome="unknown",
            reason=f"the trust list {snapshot.name} could not be checked: {why}",
        )
    evidence = TrustEvidence(
        list_name=trust_list.name,
        list_url=snapshot.url,
        operator=trust_list.operator(),
        sequence=trust_list.sequence,
        issued=trust_list.issued,
        next_update=trust_list.next_update,
    )
    if trust_list.is_stale(now):
        why = f"; the latest look failed: {snapshot.problem.reason}" if snapshot.problem else ""
        return _Finding(
            code="list-stale",
            outcome="unknown",
            reason=f"the trust list {trust_list.name} is stale: number {trust_list.sequence} was to be renewed by "
            f"{rfc3339(trust_list.next_update)}{why}",
            evidence=evidence,
        )
    entity = trust_list.entity_of(question.did)
    if entity is None:
        return _Finding(
            code="not-listed",
            outcome="failed",
            reason=f"not on the list {trust_list.name}, number {trust_list.sequence}",
            evidence=evidence,
        )
    evidence = replace(evidence, entity_id=entity.id, entity_name=entity.name())
    return _by_entity(trust_list, entity, evidence, question, now)


def _by_entity(
    trust_list: TrustList,
    entity: TrustedEntity,
    evidence: TrustEvidence,
    question: TrustQuestion,
    now: datetime,
) -> _Finding:
    here = f"{entity.name()} is on the list {trust_list.name}, but"
    period = entity.did_periods.get(question.did)
    mine = [
        authorization if period is None else _within(authorization, period)
        for authorization in entity.authorizations
        if question.did in authorization.dids and authorization.action == question.action
    ]
    for authorization in entity.authorizations:
        # Dates under a compromised key are whatever its thief writes: no other authorization of this DID can help, whatever
        # it is for.
        compromise = _compromise(authorization, now) if question.did in authorization.dids else None
        if compromise:
            return _Finding(
                code="compromised",
                outcome="failed",
                reason=f"{here} its key is compromised, reported {rfc3339(compromise.since)}: nothing signed with it stands,"
                f" whatever its date{_because(compromise)}",
                evidence=replace(evidence, authorization_id=authorization.id),
                disowned=True,
            )
    if not mine:
        return _Finding(
            code="not-this-action",
            outcome="failed",
            reason=f"{here} not to {question.action}",
            evidence=evidence,
        )
    findings = [
        replace(
            _by_authorization(authorization, question, now, here),
            evidence=replace(evidence, authorization_id=authorization.id),
        )
        for authorization in mine
    ]
    best = min(findings, key=_best_authorization)
    return replace(best, others=tuple(finding.reason for finding in findings if finding is not best))


def _within(authorization: Authorization, period: DidPeriod) -> Authorization:
    """The authorization on those of its days on which the DID was the organisation's."""
    since = max(authorization.valid_from, period.since or date.min)
    until = min(authorization.valid_to or date.max, period.until or date.max)
    return replace(authorization, valid_from=since, valid_to=None if until == date.max else until)


def _best_authorization(finding: _Finding) -> int:
    return 1 if finding.disowned else {"passed": 0, "unknown": 2, "failed": 3}[finding.outcome]


def _compromise(authorization: Authorization, now: datetime) -> StatusPeriod | None:
    return next((p for p in authorization.periods if p.status == "compromised" and p.since <= now), None)


def _by_authorization(
    authorization: Authorization, question: TrustQuestion, now: datetime, here: str
) -> _Finding:
    current = authorization.status_at(now)
    if current is None:
        return _Finding(
            code="not-begun",
            outcome="failed",
            reason=f"{here} its authorization begins {rfc3339(authorization.periods[0].since)}",
        )
    uncovered = _uncovered(authorization, question.edition, here) or _too_much(authorization, question, here)
    if uncovered is not None:
        return uncovered
    if current.status == "withdrawn" and not current.earlier_awards_stand:
        return _Finding(
            code="withdrawn",
            outcome="failed",
            reason=f"{here} its authorization was withdrawn {rfc3339(current.since)} and earlier awards do not stand"
            f"{_because(current)}",
            disowned=True,
        )
    if question.awarded is None:
        return _judged_now(authorization, current, now, here)
    return _judged_at_award(authorization, question.awarded, now, here)


def _uncovered(authorization: Authorization, edition: EditionFacts | None, here: str) -> _Finding | None:
    """Why the authorization does not reach this edition, or None if it does."""
    if authorization.action != "issue" and edition is None:
        return None
    facts = edition or EditionFacts()
    hurdles = (
        _other_kind(authorization, facts, here, hidden=edition is None),
        _other_country(authorization, facts, here),
        _too_high(authorization, facts, here, hidden=edition is None),
    )
    return next((finding for finding in hurdles if finding is not None), None)


def _other_kind(
    authorization: Authorization, facts: EditionFacts, here: str, *, hidden: bool
) -> _Finding | None:
    if covers(authorization.resources, facts):
        return None
    if hidden:
        return _Finding(
            code="programme-hidden",
            outcome="unknown",
            reason=f"{here} only for some programmes, and which one this is stays hidden: ask for achievement_id",
        )
    return _Finding(
        code="other-kind",
        outcome="failed",
        reason=f"{here} not for this kind of credential: it may {authorization.action} {', '.join(authorization.resources)}",
    )


def _other_country(authorization: Authorization, facts: EditionFacts, here: str) -> _Finding | None:
    if not authorization.jurisdictions or facts.country in authorization.jurisdictions:
        return None
    if facts.country is None:
        return _Finding(
            code="country-hidden",
            outcome="unknown",
            reason=f"{here} only for some countries, and the issuer's country stays hidden",
        )
    return _Finding(
        code="other-country",
        outcome="failed",
        reason=f"{here} not for {facts.country}: its authorization covers {', '.join(authorization.jurisdictions)}",
    )


def _too_high(
    authorization: Authorization, facts: EditionFacts, here: str, *, hidden: bool
) -> _Finding | None:
    limit = authorization.highest_level
    if limit is None:
        return None
    found = facts.levels.get(limit.framework)
    if found is None and hidden:
        return _Finding(
            code="level-hidden",
            outcome="unknown",
            reason=f"{here} only up to {limit}, and the programme stays hidden",
        )
    if found is None:
        return _Finding(
            code="level-not-stated",
            outcome="failed",
            reason=f"{here} only up to {limit}, and the edition states no {limit.framework} level",
        )
    if found > limit.level:
        return _Finding(
            code="above-level",
            outcome="failed",
            reason=f"{here} only up to {limit}, and the edition is {limit.framework} {found}",
        )
    return None


def _too_much(authorization: Authorization, question: TrustQuestion, here: str) -> _Finding | None:
    """Why the authorization does not reach these attributes, or None if it does."""
    more = question.shown.difference(authorization.attributes) if authorization.attributes else ()
    if not more:
        return None
    return _Finding(
        code="other-attributes",
        outcome="failed",
        reason=f"{here} not to see {', '.join(sorted(more))}: it may see {', '.join(authorization.attributes)}",
    )


def covers(resources: Iterable[str], edition: EditionFacts) -> bool:
    """Whether one authorization's resources reach this edition: by its id, by its field, or by every skill relied on."""
    patterns = tuple(resources)
    if EVERYTHING in patterns:
        return True
    if edition.edition_id is not None and any(_matches(pattern, edition.edition_id) for pattern in patterns):
        return True
    if any(_matches(pattern, ISCED_PREFIX + code) for pattern in patterns for code in edition.fields):
        return True
    return bool(edition.skills) and all(
        any(_matches(pattern, skill) for pattern in patterns) for skill in edition.skills
    )


def _matches(pattern: str, resource: str) -> bool:
    if pattern.startswith(ISCED_PREFIX):
        return resource.startswith(pattern.removesuffix("*"))  # 061 is the field above 0613
    if pattern.endswith("*"):
        return resource.startswith(pattern[:-1])
    return resource == pattern


def _judged_now(authorization: Authorization, current: StatusPeriod, now: datetime, here: str) -> _Finding:
    today = now.astimezone(UTC).date()
    if current.status == "suspended":
        return _pending(current, here)
    if current.status != "granted":
        return _Finding(
            code="not-granted",
            outcome="failed",
            reason=f"{here} {current.status} since {rfc3339(current.since)}{_because(current)}",
        )
    if today < authorization.valid_from:
        return _Finding(
            code="not-yet-trusted",
            outcome="failed",
            reason=f"{here} not yet: trusted since {authorization.valid_from}, today is {today}",
        )
    if authorization.valid_to is not None and today > authorization.valid_to:
        return _Finding(
            code="no-longer-trusted",
            outcome="failed",
            reason=f"{here} no longer: trusted until {authorization.valid_to}, today is {today}",
        )
    return _Finding(code="trusted", outcome="passed", reason=_granted(authorization, here))


def _judged_at_award(authorization: Authorization, awarded: AwardDate, now: datetime, here: str) -> _Finding:
    """The award's days must lie wholly inside the trusted ones. Statuses count by the day: an award says no hour."""
    begun = [period for period in authorization.periods if period.since <= now]
    ends = [later.since.astimezone(UTC).date() for later in begun[1:]]
    hurdles = [
        _outside_validity(authorization, awarded, here),
        *(_spoilt_by(period, end, awarded, here) for period, end in zip(begun, [*ends, None], strict=True)),
    ]
    spoilt = [finding for finding in hurdles if finding is not None]
    if spoilt:
        return min(spoilt, key=lambda finding: finding.outcome != "failed")
    current = begun[-1]
    standing = "" if current.status == "granted" else f"; {_since(current)}, and earlier awards stand"
    return _Finding(
        code="trusted",
        outcome="passed",
        reason=f"{_granted(authorization, here)}, awarded {awarded}{standing}",
    )


def _outside_validity(authorization: Authorization, awarded: AwardDate, here: str) -> _Finding | None:
    since, until = authorization.valid_from, authorization.valid_to
    trusted = f"trusted since {since}" if until is None else f"trusted from {since} to {until}"
    earliest, latest = awarded.earliest or date.min, awarded.latest or date.max
    if since <= earliest and latest <= (until or date.max):
        return None
    if latest < since or earliest > (until or date.max):
        return _Finding(
            code="not-trusted-when-issued",
            outcome="failed",
            reason=f"{here} not trusted when issued: {trusted}, awarded {awarded}",
        )
    return _untellable(
        f"{trusted}, awarded {awarded}; ask for awarded_dateint, or a proof that it lies inside", here
    )


def _spoilt_by(period: StatusPeriod, end: date | None, awarded: AwardDate, here: str) -> _Finding | None:
    """What a period in which nothing was granted means for the award; `end` is the day the next period began."""
    if period.status == "granted":
        return None
    start = period.since.astimezone(UTC).date()
    earliest, latest = awarded.earliest or date.min, awarded.latest or date.max
    if latest < start:
        return _pending(period, here) if period.status == "suspended" and end is None else None
    if end is not None and earliest > end:
        return None
    said = _since(period) + (f" until {end}" if end else "")
    if start < earliest and (end is None or latest < end):
        return _Finding(
            code="not-trusted-when-issued",
            outcome="failed",
            reason=f"{here} not trusted when issued: {said}, awarded {awarded}",
        )
    return _untellable(f"{said}, awarded {awarded}", here)


def _untellable(facts: str, here: str) -> _Finding:
    return _Finding(
        code="trust-untellable",
        outcome="unknown",
        reason=f"{here} it cannot be told whether it was trusted when issued: {facts}",
    )


def _pending(period: StatusPeriod, here: str) -> _Finding:
    return _Finding(
        code="suspended", outcome="unknown", reason=f"{here} {_since(period)}, until its authority decides"
    )


def _since(period: StatusPeriod) -> str:
    return f"{period.status} {period.since.astimezone(UTC).date()}{_because(period)}"


def _granted(authorization: Authorization, here: str) -> str:
    return f"{here.removesuffix(', but')}: trusted to {authorization.action} since {authorization.valid_from}"


def _because(period: StatusPeriod) -> str:
    return f" ({period.reason})" if period.reason else ""


def _day(value: date | int) -> date:
    return from_dateint(value) if isinstance(value, int) else value
