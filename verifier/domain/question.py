"""The question put to a learner: what is revealed and what is only proven, by which programmes it can be answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from shared.contracts.attributes import NO_EXPIRY, SCHEMA_NAME, SCHEMA_VERSION
from shared.vc.achievement import Edition
from shared.vc.dateint import to_dateint
from shared.vc.trust_decision import AwardDate, EditionFacts, Snapshot, TrustQuestion, decide
from verifier.domain.levels import level_in
from verifier.domain.requirement import (
    ACHIEVEMENT,
    AWARDED,
    AWARDING_BODY,
    EXPIRY,
    NAME,
    Alternative,
    Need,
    Requirement,
)

NOBODY_MEETS_IT = "no programme of an issuer on the lists is known to meet it; a learner may answer, and will be told what is not met"


@dataclass(frozen=True)
class KnownEdition:
    """An edition the verifier resolved and verified, with its id."""

    id: str
    edition: Edition


@dataclass(frozen=True)
class KnownIssuer:
    """An issuer on a pinned list and what it published; every object was resolved and verified."""

    did: str
    editions: tuple[KnownEdition, ...]
    credential_definitions: tuple[str, ...]


@dataclass(frozen=True)
class Predicate:
    """An attribute that must be at least `value`, proven without being shown."""

    attribute: str
    value: int


@dataclass(frozen=True)
class Restriction:
    """A credential that would do; None leaves that part open."""

    cred_def_id: str | None
    achievement_id: str | None


@dataclass(frozen=True)
class AskedOfOneCredential:
    """One need as asked; all its referents must be answered from one credential."""

    need: Need
    reveal: tuple[str, ...]
    predicates: tuple[Predicate, ...]
    restrictions: tuple[Restriction, ...]


@dataclass(frozen=True)
class Question:
    """A requirement compiled; `warnings` are for the job platform."""

    needs: tuple[AskedOfOneCredential, ...]
    warnings: tuple[str, ...]


def compile_question(
    requirement: Requirement, issuers: Sequence[KnownIssuer], lists: Sequence[Snapshot], *, now: datetime
) -> Question:
    """Turn skills, levels, hours and any-of into acceptable editions of trusted issuers, and ask for no more than that.

    Only `needs` are asked: of a requirement with several ways ask `along` one of them.
    """
    listed = _issuers_on(lists, issuers)
    compiled = [
        _compile_need(index, need, requirement=requirement, listed=listed, lists=lists, now=now)
        for index, need in enumerate(requirement.needs)
    ]
    warnings = [] if lists else ["no trust list is pinned: every answer will be undecided; pin a list first"]
    return Question(
        needs=tuple(asked for asked, _ in compiled),
        warnings=(*warnings, *(warning for _, found in compiled for warning in found)),
    )


def fits(alternative: Alternative, edition: Edition) -> bool:
    """Whether a programme is of the kind that is asked for."""
    if alternative.skill is not None and alternative.skill not in edition.skills:
        return False
    if alternative.hours is not None and (edition.workload_hours or 0) < alternative.hours:
        return False
    if alternative.level is None:
        return True
    found = level_in(alternative.level.framework, edition.levels)
    return found is not None and found >= alternative.level.at_least


def referent(index: int) -> str:
    """Name of the requested attributes of the need at this index."""
    return f"need_{index}"


def predicate_referent(index: int, attribute: str) -> str:
    """Name of a requested predicate of the need at this index."""
    return f"need_{index}_{attribute}"


def anoncreds_request(question: Question, *, request_id: str, nonce: str, now: datetime) -> dict[str, object]:
    """The AnonCreds proof request. `non_revoked` has no `from`: some wallets refuse an interval, and list age is ours to judge."""
    interval = {"to": int(now.timestamp())}
    attributes: dict[str, object] = {}
    predicates: dict[str, object] = {}
    for index, asked in enumerate(question.needs):
        restrictions = [_restriction_json(restriction) for restriction in asked.restrictions]
        if asked.reveal:
            attributes[referent(index)] = {
                "names": list(asked.reveal),
                "restrictions": restrictions,
                "non_revoked": interval,
            }
        for predicate in asked.predicates:
            predicates[predicate_referent(index, predicate.attribute)] = {
                "name": predicate.attribute,
                "p_type": ">=",
                "p_value": predicate.value,
                "restrictions": restrictions,
                "non_revoked": interval,
            }
    return {
        "name": f"ujuzi:{request_id}",
        "version": "1.0",
        "nonce": nonce,
        "requested_attributes": attributes,
        "requested_predicates": predicates,
        "non_revoked": interval,
    }


def as_sent(question: Question, request: Mapping[str, object]) -> Question:
    """The question with what the proof request really asks.

    They differ where a process died between sending and storing: what was sent on one day is taken up on another.
    """
    attributes, predicates = request.get("requested_attributes"), request.get("requested_predicates")
    if not isinstance(attributes, Mapping) or not isinstance(predicates, Mapping):
        return question
    needs = []
    for index, asked in enumerate(question.needs):
        names = attributes.get(referent(index), {}).get("names", ())
        proven = [each for name, each in predicates.items() if name.startswith(predicate_referent(index, ""))]
        needs.append(
            replace(
                asked,
                reveal=tuple(names),
                predicates=tuple(Predicate(each["name"], each["p_value"]) for each in proven),
            )
        )
    return replace(question, needs=tuple(needs))


def facts_for_trust(need: Need, edition_id: str, edition: Edition) -> EditionFacts:
    """What trust in this edition depends on: of its skills only those the need relies on, where it names any."""
    relied_on = frozenset(each.skill for each in need.alternatives if each.skill and fits(each, edition))
    return EditionFacts(
        edition_id=edition_id,
        country=edition.country,
        skills=relied_on or frozenset(edition.skills),
        levels=dict(edition.levels),
    )


def _compile_need(
    index: int,
    need: Need,
    *,
    requirement: Requirement,
    listed: Sequence[KnownIssuer],
    lists: Sequence[Snapshot],
    now: datetime,
) -> tuple[AskedOfOneCredential, tuple[str, ...]]:
    if requirement.hide_programme:
        return _compile_hidden(need, requirement, listed, lists, now), ()
    acceptable = [
        (issuer, known)
        for issuer in listed
        for known in issuer.editions
        if any(fits(alternative, known.edition) for alternative in need.alternatives)
    ]
    restrictions = tuple(
        Restriction(definition, known.id)
        for issuer, known in acceptable
        for definition in issuer.credential_definitions
    )
    warnings: tuple[str, ...] = ()
    if not restrictions:
        warnings = (f"need {index}: {NOBODY_MEETS_IT}",)
        restrictions = _any_listed(listed)
    today = now.astimezone(UTC).date()
    hidden_date = need.awarded_after is not None and _trusted_throughout(need, acceptable, lists, now)
    reveal = (ACHIEVEMENT, *_asked_names(requirement), *(() if hidden_date else (AWARDED,)))
    predicates = _dates(need.awarded_after if hidden_date else None, today if need.not_expired else None)
    return AskedOfOneCredential(need, tuple(dict.fromkeys(reveal)), predicates, restrictions), warnings


def _compile_hidden(
    need: Need,
    requirement: Requirement,
    listed: Sequence[KnownIssuer],
    lists: Sequence[Snapshot],
    now: datetime,
) -> AskedOfOneCredential:
    """Nothing of the programme is shown, so level and hours are proven, and an award date inside the trusted days."""
    wanted = need.alternatives[0]
    starts = [
        authorization.valid_from
        for snapshot in lists
        if snapshot.trust_list is not None
        for issuer in listed
        if (entity := snapshot.trust_list.entity_of(issuer.did)) is not None
        for authorization in entity.authorizations
        if authorization.action == "issue" and issuer.did in authorization.dids
    ]
    earliest = max((*starts, *([need.awarded_after] if need.awarded_after else [])), default=None)
    shows_date = AWARDED in requirement.reveal
    predicates = _dates(None if shows_date else earliest, now.astimezone(UTC).date())
    if wanted.level is not None:
        predicates = (*predicates, Predicate("eqf_level", wanted.level.at_least))
    if wanted.hours is not None:
        predicates = (*predicates, Predicate("workload_hours", wanted.hours))
    return AskedOfOneCredential(
        need, tuple(dict.fromkeys(_asked_names(requirement))), predicates, _any_listed(listed)
    )


def _asked_names(requirement: Requirement) -> tuple[str, ...]:
    names = (*requirement.reveal, *(NAME if requirement.name else ()))
    return tuple("awarding_body_id" if name == AWARDING_BODY else name for name in names)


def _dates(awarded_from: date | None, expires_from: date | None) -> tuple[Predicate, ...]:
    awarded = (Predicate(AWARDED, to_dateint(awarded_from)),) if awarded_from else ()
    expires = (Predicate(EXPIRY, min(to_dateint(expires_from), NO_EXPIRY)),) if expires_from else ()
    return awarded + expires


def _trusted_throughout(
    need: Need,
    acceptable: Iterable[tuple[KnownIssuer, KnownEdition]],
    lists: Sequence[Snapshot],
    now: datetime,
) -> bool:
    """Whether any award after the asked day is inside the trusted days, so that the day itself need not be shown."""
    if need.awarded_after is None:
        return False
    window = AwardDate.between(need.awarded_after, now.astimezone(UTC).date())
    decisions = [
        decide(
            lists,
            TrustQuestion(
                did=issuer.did,
                action="issue",
                edition=facts_for_trust(need, known.id, known.edition),
                awarded=window,
            ),
            now=now,
        )
        for issuer, known in acceptable
    ]
    return bool(decisions) and all(decision.outcome == "passed" for decision in decisions)


def _issuers_on(lists: Sequence[Snapshot], issuers: Iterable[KnownIssuer]) -> tuple[KnownIssuer, ...]:
    return tuple(
        issuer
        for issuer in issuers
        if any(
            snapshot.trust_list is not None and snapshot.trust_list.entity_of(issuer.did)
            for snapshot in lists
        )
    )


def _any_listed(listed: Iterable[KnownIssuer]) -> tuple[Restriction, ...]:
    known = tuple(
        Restriction(definition, None) for issuer in listed for definition in issuer.credential_definitions
    )
    return known or (Restriction(None, None),)


def _restriction_json(restriction: Restriction) -> Mapping[str, str]:
    if restriction.cred_def_id is None:
        return {"schema_name": SCHEMA_NAME, "schema_version": SCHEMA_VERSION}
    if restriction.achievement_id is None:
        return {"cred_def_id": restriction.cred_def_id}
    return {"cred_def_id": restriction.cred_def_id, "attr::achievement_id::value": restriction.achievement_id}
