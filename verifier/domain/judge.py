"""How a presentation is judged.

Each step is passed, failed or could not be checked, with a reason a person can read:

(1) it answers this request, in time, on this connection, and from the session it must be bound to, if any;
(2) the issuer's DID history, schema, definition, status list and edition resolve, verify and belong to that DID;
(3) the proof holds, verified with the request's restrictions stripped, and every value shown is the one that was signed;
(4) every attribute asked for is really revealed, and all that answers one need comes from one credential;
(5) the status list used is the newest the issuer published, and no older than the policy;
(6) the issuer was trusted for this kind of credential when it was awarded, by a list that is itself valid and fresh;
(7) the requirement is met in the way that was asked, nothing has expired, and the name is the applicant's where that is required.

Every step is a function of what was asked, the facts, the trust lists and the time; none looks anything up.
`verdict` derives the result. The numbers are cited below, in tests, in the API and in the documents.

An issuer's host that does not answer leaves what it was last seen to say: steps 2 and 5 take it for `kept_for`, and say so.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, timedelta

from shared.contracts.attributes import ATTRIBUTES, SCHEMA_NAME, SCHEMA_VERSION
from shared.vc.attested_resource import LINKED
from shared.vc.dateint import DateMalformed, from_dateint
from shared.vc.trust_decision import AwardDate, Snapshot, TrustDecision, TrustQuestion, decide
from verifier.domain.facts import (
    CredentialFacts,
    Definition,
    DoesNotHold,
    Facts,
    Holds,
    NotRun,
    Registry,
    ShownEdition,
    StatusList,
    Unknown,
    Untrue,
)
from verifier.domain.levels import level_in
from verifier.domain.names import Applicant, Compared, Likeness, compare
from verifier.domain.presentation import Presentation
from verifier.domain.question import (
    AskedOfOneCredential,
    Question,
    facts_for_trust,
    fits,
    predicate_referent,
    referent,
)
from verifier.domain.requirement import (
    ACHIEVEMENT,
    AWARDED,
    EXPIRY,
    NAME,
    Alternative,
    NameRule,
    Need,
    Policy,
)
from verifier.domain.session import SessionAsked
from verifier.domain.verdict import Outcome, Source, Step, Verdict, verdict

NAMES = {
    1: "answers this request",
    2: "issuer's objects verify",
    3: "proof holds",
    4: "everything asked is shown",
    5: "status list is the newest",
    6: "issuer was trusted",
    7: "requirement is met",
}


@dataclass(frozen=True)
class AskedFor:
    """What was asked, of whom and until when; `exchange_id`, `connection_id` and `thread_id` are where the answer must come."""

    question: Question
    policy: Policy
    request_digest: str
    exchange_id: str
    connection_id: str
    thread_id: str
    asked_at: datetime
    expires_at: datetime
    ways: tuple[tuple[Need, ...], ...] = ()
    """Every way the requirement allows; the question must ask one of them. Empty where it leaves no choice."""
    name: NameRule | None = None
    applicant: Applicant | None = None
    session: SessionAsked | None = None


def judge(
    asked: AskedFor,
    facts: Facts,
    lists: Sequence[Snapshot],
    *,
    now: datetime,
    kept_for: timedelta = timedelta(0),
) -> Verdict:
    """Take the seven steps and derive the verdict. `kept_for`: how long what was last seen of a host that is away counts."""
    return verdict(
        [
            _step(1, _answers_this_request(asked, facts)),
            _step(2, _objects_verify(asked, facts, now, kept_for)),
            _step(3, _proof_holds(facts)),
            _step(4, _everything_is_shown(asked, facts)),
            _step(5, _status_is_newest(asked, facts, now, kept_for)),
            _step(6, _issuer_was_trusted(asked, facts, lists, now)),
            _step(7, _requirement_is_met(asked, facts, now)),
        ],
        notes=_notes(asked, facts),
        knowledge=_knowledge(facts, lists, now),
    )


def _knowledge(facts: Facts, lists: Sequence[Snapshot], now: datetime) -> tuple[Source, ...]:
    """What the verdict rests on, and how old that was. Objects of an issuer are named by digest and version alone."""
    pinned = [
        Source(
            kind="trust_list",
            name=found.name,
            version=str(found.sequence),
            digest=found.digest,
            issued=found.issued,
            checked=each.checked_at,
            age=now - (each.checked_at or found.issued),
        )
        for each in lists
        if (found := each.trust_list) is not None
    ]
    used = []
    for credential in facts.credentials:
        listed, definition = credential.status_list, credential.definition
        if isinstance(listed, StatusList):
            issued = datetime.fromtimestamp(listed.timestamp, UTC)
            seen = credential.registry.seen if isinstance(credential.registry, Registry) else None
            used.append(
                Source(
                    "status_list",
                    version=str(listed.timestamp),
                    digest=listed.digest,
                    issued=issued,
                    checked=None if seen is None else seen.at,
                    age=now - (issued if seen is None else seen.at),
                )
            )
        if isinstance(definition, Definition) and definition.did_version:
            seen = definition.seen
            used.append(
                Source(
                    "did_log",
                    version=definition.did_version,
                    checked=None if seen is None else seen.at,
                    age=None if seen is None else seen.age(now),
                )
            )
    return tuple(dict.fromkeys((*pinned, *used)))


# --- findings -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Finding:
    """What one look of a step found. `code` is of shared/contracts/verdict_words.py; `lasting` is the reason without any value the learner showed."""

    outcome: Outcome
    code: str
    reason: str
    lasting: str = ""
    evidence: tuple[tuple[str, str], ...] = ()


def _failed(code: str, reason: str, lasting: str = "") -> _Finding:
    return _Finding(Outcome.FAILED, code, reason, lasting)


def _unchecked(code: str, reason: str, lasting: str = "") -> _Finding:
    return _Finding(Outcome.UNCHECKED, code, reason, lasting)


def _passed(
    code: str, reason: str, lasting: str = "", evidence: tuple[tuple[str, str], ...] = ()
) -> _Finding:
    return _Finding(Outcome.PASSED, code, reason, lasting, evidence)


_WORST_FIRST = (Outcome.FAILED, Outcome.UNCHECKED, Outcome.PASSED)


def _step(number: int, findings: Iterator[_Finding]) -> Step:
    """The step's outcome is the worst of its findings; a step that found nothing at all could not be checked."""
    found = list(findings) or [_unchecked("nothing-to-look-at", "there was nothing to look at")]
    outcome = next(worst for worst in _WORST_FIRST if any(each.outcome is worst for each in found))
    decisive = [each for each in found if each.outcome is outcome]
    return Step(
        number=number,
        name=NAMES[number],
        outcome=outcome,
        reason="; ".join(dict.fromkeys(each.reason for each in decisive)),
        lasting="; ".join(dict.fromkeys(each.lasting or each.reason for each in decisive)),
        evidence=dict(pair for each in found for pair in each.evidence),
        codes=tuple(dict.fromkeys(each.code for each in decisive)),
    )


_NO_PRESENTATION = _unchecked("unreadable", "what arrived cannot be read as a presentation")


# --- the steps ------------------------------------------------------------------------------------------------------


def _answers_this_request(asked: AskedFor, facts: Facts) -> Iterator[_Finding]:
    """Step 1. That the proof itself was made for this request's nonce is part of step 3."""
    arrival = facts.arrival
    if (arrival.exchange_id, arrival.thread_id) != (asked.exchange_id, asked.thread_id):
        yield _failed("other-exchange", "it came in the exchange of another request")
    if arrival.connection_id != asked.connection_id:
        yield _failed("other-connection", "it came over another connection than the one that was asked")
    if arrival.request_digest != asked.request_digest:
        yield _failed("other-request", "the exchange holds another proof request than the one that was sent")
    if arrival.received_at > asked.expires_at:
        yield _failed(
            "late",
            f"it came at {arrival.received_at:%Y-%m-%d %H:%M} UTC, after the request expired at"
            f" {asked.expires_at:%Y-%m-%d %H:%M} UTC",
        )
    if arrival.seen_in is not None:
        yield _failed(
            "replayed", "this very presentation was sent before, to another request: it is replayed"
        )
    if asked.session is not None and asked.session.must_be_bound and facts.bound != "bound":
        yield _failed(
            "other-session",
            "whoever answered came back to another session of the job platform than the one it was asked for"
            if facts.bound == "mismatch"
            else "whoever answered did not come back in time to the job platform's session it was asked for",
        )
    yield _passed("answers", "it answers this request, in time, on this connection")


def _objects_verify(asked: AskedFor, facts: Facts, now: datetime, kept_for: timedelta) -> Iterator[_Finding]:
    """Step 2."""
    if isinstance(facts.presentation, Untrue):
        yield _NO_PRESENTATION
        return
    for credential in facts.credentials:
        yield from _definition_verifies(credential)
        yield from _status_objects_verify(credential)
    for index, asked_one in enumerate(asked.question.needs):
        if ACHIEVEMENT in asked_one.reveal:
            yield from _edition_verifies(index, asked_one, facts)
        yield from _body_is_the_issuer(index, asked_one, facts)
    yield _as_last_seen(facts, now, kept_for)


def _as_last_seen(facts: Facts, now: datetime, kept_for: timedelta) -> _Finding:
    """What verifies, verifies under the issuer's keys as they were last seen."""
    held = "every published object the presentation relies on verifies and belongs to its issuer"
    away = [each.at for each in facts.last_seen() if each.away]
    if not away:
        return _passed("objects-verify", held)
    oldest = min(away)
    if now - oldest > kept_for:
        return _unchecked(
            "last-seen-too-long-ago",
            f"could not be checked: the issuer's host does not answer, and was last heard on {oldest:%Y-%m-%d %H:%M} UTC,"
            f" longer ago than answers are judged by what was seen then ({kept_for})",
        )
    return _passed(
        "objects-verify-as-last-seen",
        f"{held}, as its host, which does not answer now, was last heard on {oldest:%Y-%m-%d %H:%M} UTC",
    )


def _definition_verifies(credential: CredentialFacts) -> Iterator[_Finding]:
    definition, schema = credential.definition, credential.schema
    yield from _looked("the credential definition", definition)
    yield from _looked("the schema", schema)
    if isinstance(definition, (Untrue, Unknown)) or isinstance(schema, (Untrue, Unknown)):
        return
    if definition.schema_id != credential.identifier.schema_id:
        yield _failed("other-schema", "the presentation names another schema than its credential definition")
    if schema.issuer_did != definition.issuer_did:
        yield _failed("foreign-schema", "the schema belongs to another DID than the credential definition")
    if (schema.name, schema.version) != (SCHEMA_NAME, SCHEMA_VERSION) or schema.attributes != set(ATTRIBUTES):
        yield _failed(
            "other-format", f"the credential is no {SCHEMA_NAME} {SCHEMA_VERSION}: its schema is another one"
        )


def _status_objects_verify(credential: CredentialFacts) -> Iterator[_Finding]:
    definition, registry, status = credential.definition, credential.registry, credential.status_list
    yield from _looked("the revocation registry", registry)
    yield from _looked("the status list", status)
    if registry is None or isinstance(registry, (Untrue, Unknown)):
        return
    if registry.cred_def_id != credential.identifier.cred_def_id:
        yield _failed("other-registry", "the revocation registry is of another credential definition")
    if not isinstance(definition, (Untrue, Unknown)) and registry.issuer_did != definition.issuer_did:
        yield _failed(
            "foreign-registry",
            "the revocation registry belongs to another DID than the credential definition",
        )
    if isinstance(status, StatusList):
        if status.registry_id != credential.identifier.rev_reg_id or status.issuer_did != registry.issuer_did:
            yield _failed("foreign-status-list", "the status list is of another revocation registry or DID")
        if status.timestamp != credential.identifier.timestamp:
            yield _failed("other-status-time", "the status list says another time than the presentation")


def _edition_verifies(index: int, asked_one: AskedOfOneCredential, facts: Facts) -> Iterator[_Finding]:
    """The edition belongs to the very issuer of the credential, and what the credential says agrees with it."""
    answer = _answer(index, asked_one, facts)
    if answer is None:
        yield _unchecked("programme-not-shown", "no programme is shown, so no edition can be looked at")
        return
    edition = answer.edition
    if edition is None:
        yield _unchecked("programme-not-shown", "no programme is shown, so no edition can be looked at")
        return
    yield from _looked("the edition of the programme", edition)
    if isinstance(edition, (Untrue, Unknown)):
        return
    issuer = answer.issuer_did
    if issuer is not None and edition.issuer_did != issuer:
        yield _failed(
            "foreign-edition",
            "the programme shown is an edition of another DID than the one that issued the credential",
        )
    if edition.edition.issuer_did != edition.issuer_did:
        yield _failed(
            "edition-names-another", "the edition names another issuer than the DID that published it"
        )
    for name, stated in _stated_by(edition).items():
        shown = answer.values.get(name)
        if shown is not None and shown not in stated:
            yield _failed("not-as-edition", f"the credential's {name} is not what the edition it names says")


def _body_is_the_issuer(index: int, asked_one: AskedOfOneCredential, facts: Facts) -> Iterator[_Finding]:
    answer = _answer(index, asked_one, facts)
    shown = None if answer is None else answer.values.get("awarding_body_id")
    if answer is not None and None not in (shown, answer.issuer_did) and shown != answer.issuer_did:
        yield _failed("other-body", "the awarding body the credential names is not the DID that issued it")


def _proof_holds(facts: Facts) -> Iterator[_Finding]:
    """Step 3."""
    if isinstance(facts.presentation, Untrue):
        yield _failed(
            "no-presentation",
            f"what arrived is no presentation: {facts.presentation.reason}",
            "it is no presentation",
        )
        return
    match facts.proof:
        case DoesNotHold(said):
            yield _failed(
                "proof-invalid",
                f"the proof is invalid, or a credential is revoked or suspended, or it was made for another request ({said})",
            )
        case NotRun(reason):
            yield _unchecked("proof-not-computed", f"the proof could not be computed: {reason}")
        case Holds():
            yield _passed("proof-holds", "the proof holds")
    for group in facts.presentation.revealed.values():
        for name, value in group.values.items():
            if not value.is_what_was_signed:
                yield _failed("text-not-signed", f"the text shown as {name} is not the one the issuer signed")


def _everything_is_shown(asked: AskedFor, facts: Facts) -> Iterator[_Finding]:
    """Step 4."""
    presentation = facts.presentation
    if isinstance(presentation, Untrue):
        yield _NO_PRESENTATION
        return
    if presentation.self_attested:
        yield _failed("self-attested", "an attribute is stated by the learner alone, not by an issuer")
    for index, asked_one in enumerate(asked.question.needs):
        yield from _need_is_shown(index, asked_one, presentation)
    yield _passed(
        "all-shown", "every attribute asked for is revealed or proven, each need from one credential"
    )


def _need_is_shown(
    index: int, asked_one: AskedOfOneCredential, presentation: Presentation
) -> Iterator[_Finding]:
    used: set[int] = set()
    if asked_one.reveal:
        group = presentation.revealed.get(referent(index))
        if group is None and referent(index) in presentation.hidden:
            yield _failed(
                "hidden",
                f"need {index}: {', '.join(asked_one.reveal)} stay hidden, though revealing them was asked",
            )
        elif group is None:
            yield _failed("nothing-shown", f"need {index}: nothing is shown of {', '.join(asked_one.reveal)}")
        else:
            used.add(group.credential)
            missing = [name for name in asked_one.reveal if name not in group.values]
            if missing:
                yield _failed("not-revealed", f"need {index}: {', '.join(missing)} not revealed")
            if extra := sorted(set(group.values) - set(asked_one.reveal)):
                yield _failed("unasked-shown", f"need {index}: {', '.join(extra)} shown without being asked")
    for predicate in asked_one.predicates:
        proven_by = presentation.predicates.get(predicate_referent(index, predicate.attribute))
        if proven_by is None:
            yield _failed(
                "not-proven", f"need {index}: {predicate.attribute} ≥ {predicate.value} is not proven"
            )
            continue
        used.add(proven_by)
        least = presentation.bounds.get((proven_by, predicate.attribute))
        if least is None or least < predicate.value:
            proven = "nothing" if least is None else f"only {predicate.attribute} ≥ {least}"
            yield _failed(
                "less-proven",
                f"need {index}: {predicate.attribute} ≥ {predicate.value} was asked, {proven} is proven",
            )
    if len(used) > 1:
        yield _failed(
            "mixed", f"need {index} is answered from different credentials, which may be of different awards"
        )


def _status_is_newest(
    asked: AskedFor, facts: Facts, now: datetime, kept_for: timedelta
) -> Iterator[_Finding]:
    """Step 5. An old list lets a revoked learner pass, and the proof over it holds."""
    if isinstance(facts.presentation, Untrue):
        yield _NO_PRESENTATION
        return
    for credential in facts.credentials:
        yield _status_of(credential, asked, now, kept_for)


def _status_of(credential: CredentialFacts, asked: AskedFor, now: datetime, kept_for: timedelta) -> _Finding:
    definition, registry = credential.definition, credential.registry
    used = credential.identifier.timestamp
    match definition:
        case Definition(revocable=True):
            if registry is None or used is None:
                return _failed(
                    "status-not-used", "no status list was used, though the credential can be revoked"
                )
            if isinstance(registry, Registry):
                return _list_used(used, registry, asked, now, kept_for)
            return _unchecked(
                "status-unknown", "the newest status list is unknown: the revocation registry does not verify"
            )
        case Definition():
            if asked.policy.status_required:
                return _failed(
                    "not-revocable",
                    "the credential cannot be revoked, and the policy accepts only credentials that can",
                )
            return _passed(
                "not-revocable-allowed", "the credential cannot be revoked, which the policy accepts"
            )
        case _:
            return _unchecked(
                "status-unknown",
                "whether the credential can be revoked is unknown: its definition does not verify",
            )


def _list_used(
    used: int, registry: Registry, asked: AskedFor, now: datetime, kept_for: timedelta
) -> _Finding:
    """What the list used at `used` is worth, among all that are known to be published (seconds since 1970)."""
    published = registry.published
    if registry.away and used > max(published, default=0):
        return _unchecked(
            "status-unseen",
            f"could not be checked: the status list used, of {_moment(used)}, is newer than any this verifier has seen,"
            " and the issuer's host does not answer",
        )
    if used not in published and used < max(published, default=0) - LINKED.total_seconds():
        return _failed(
            "status-replaced",
            f"the status list used, of {_moment(used)}, is so old that its registry does not name it any more, if it ever"
            " did: newer ones have replaced it, and a revocation since then would not show",
        )
    if used not in published:
        return _failed("status-never-published", "the status list used is none the issuer published")
    later = [moment for moment in published if moment > used]
    if later:
        return _replaced(used, min(later), asked)
    return _newest(used, registry, asked, now, kept_for)


def _newest(used: int, registry: Registry, asked: AskedFor, now: datetime, kept_for: timedelta) -> _Finding:
    """What the newest list is worth, by its age and by what its issuer says of it."""
    if registry.last == used:
        return _passed(
            "status-last",
            f"the status list used, of {_moment(used)}, is the last one: its issuer has closed and said so under its"
            " signature; it revokes nothing any more",
            evidence=(("status_list", f"{datetime.fromtimestamp(used, UTC):%Y-%m-%dT%H:%M:%SZ}"),),
        )
    if registry.away and registry.seen is not None:
        return _newest_known(used, registry.seen.at, asked, now, kept_for)
    if now - datetime.fromtimestamp(used, UTC) > asked.policy.status_max_age:
        return _unchecked(
            "status-too-old",
            f"the issuer's newest status list is of {_moment(used)}, older than the policy allows"
            f" ({asked.policy.status_max_age}): ask again when the issuer has published one",
        )
    return _passed(
        "status-newest",
        "the status list used is the newest the issuer published",
        evidence=(("status_list", f"{datetime.fromtimestamp(used, UTC):%Y-%m-%dT%H:%M:%SZ}"),),
    )


def _replaced(used: int, later: int, asked: AskedFor) -> _Finding:
    """What a list is worth that another, of `later`, has replaced."""
    if datetime.fromtimestamp(later, UTC) <= asked.asked_at:
        return _failed(
            "status-replaced",
            f"the status list used, of {_moment(used)}, had been replaced before the request was"
            " made: a revocation since then would not show",
        )
    return _unchecked(
        "status-published-meanwhile",
        "the issuer published a newer status list while the learner answered: ask again",
    )


def _newest_known(
    used: int, seen_at: datetime, asked: AskedFor, now: datetime, kept_for: timedelta
) -> _Finding:
    """The list used is the newest known, and its issuer's host does not answer: a revocation since `seen_at` would not show."""
    known = (
        f"the newest status list known is of {_moment(used)}, and the issuer's host, which does not answer now,"
        f" was last heard on {seen_at:%Y-%m-%d %H:%M} UTC"
    )
    used_at = datetime.fromtimestamp(used, UTC)
    if now - used_at > asked.policy.status_max_age or now - seen_at > kept_for:
        return _unchecked(
            "status-known-too-old",
            f"could not be checked: {known}: longer ago than allowed"
            f" ({asked.policy.status_max_age} for the list, {kept_for} for the host)",
        )
    return _passed(
        "status-newest-known",
        f"the status list used is the newest known: {known}; a revocation since then is not known",
        evidence=(
            ("status_list", f"{used_at:%Y-%m-%dT%H:%M:%SZ}"),
            ("status_list_known_until", f"{seen_at:%Y-%m-%dT%H:%M:%SZ}"),
        ),
    )


def _moment(timestamp: int) -> str:
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d %H:%M} UTC"


def _issuer_was_trusted(
    asked: AskedFor, facts: Facts, lists: Sequence[Snapshot], now: datetime
) -> Iterator[_Finding]:
    """Step 6. `decide` judges by the lists as they were last verified, never by a live call."""
    if isinstance(facts.presentation, Untrue):
        yield _NO_PRESENTATION
        return
    for index, asked_one in enumerate(asked.question.needs):
        answer = _answer(index, asked_one, facts)
        if answer is None or answer.issuer_did is None:
            yield _unchecked("issuer-unknown", "who issued the credential is unknown")
            continue
        edition = None
        if isinstance(answer.edition, ShownEdition):
            edition = facts_for_trust(asked_one.need, answer.values[ACHIEVEMENT], answer.edition.edition)
        elif ACHIEVEMENT in asked_one.reveal:
            yield _unchecked("programme-unknown", "which programme the issuer must be trusted for is unknown")
        decision = decide(
            lists,
            TrustQuestion(
                did=answer.issuer_did,
                action="issue",
                edition=edition,
                awarded=_award_date(asked_one, answer, now),
            ),
            now=now,
        )
        yield _trust_finding(decision)


def _trust_finding(decision: TrustDecision) -> _Finding:
    outcome = {"passed": Outcome.PASSED, "failed": Outcome.FAILED, "unknown": Outcome.UNCHECKED}[
        decision.outcome
    ]
    found = decision.evidence
    lasting = {
        Outcome.PASSED: "a trust list vouches for the issuer",
        Outcome.FAILED: "no trust list vouches for the issuer, for this credential on the day of the award",
        Outcome.UNCHECKED: "whether a trust list vouches for the issuer could not be checked",
    }[outcome]
    evidence: tuple[tuple[str, str], ...] = ()
    if found is not None:
        lasting = f"{lasting} ({found.list_name}, number {found.sequence})"
        evidence = (
            ("trust_list", found.list_name),
            ("trust_list_number", str(found.sequence)),
            ("issuer", found.entity_name or "not on the list"),
        )
    reason = "; ".join((decision.reason, *(f"but: {warning}" for warning in decision.warnings)))
    return _Finding(outcome, decision.code, reason, lasting, evidence)


def _requirement_is_met(asked: AskedFor, facts: Facts, now: datetime) -> Iterator[_Finding]:
    """Step 7."""
    if isinstance(facts.presentation, Untrue):
        yield _NO_PRESENTATION
        return
    if asked.ways and tuple(each.need for each in asked.question.needs) not in asked.ways:
        yield _failed("not-a-way", "what was asked is none of the ways in which the requirement can be met")
    for index, asked_one in enumerate(asked.question.needs):
        answer = _answer(index, asked_one, facts)
        if answer is None:
            yield _unchecked("nothing-to-judge", f"need {index}: nothing was shown to judge by")
            continue
        if ACHIEVEMENT in asked_one.reveal:
            yield _programme_fits(index, asked_one, answer)
        else:
            yield _passed(
                "proven-hidden", f"need {index}: level and hours are proven without showing the programme"
            )
        yield from _award_is_recent(index, asked_one, answer)
        yield from _nothing_expired(index, asked_one, answer, now)
    if asked.name is not None:
        yield _name_is_the_applicants(asked, facts)


def _notes(asked: AskedFor, facts: Facts) -> dict[str, str]:
    """What a job platform's program acts on beside the result."""
    notes = {}
    if asked.name is not None and not isinstance(facts.presentation, Untrue):
        notes["name"] = _names_compared(asked, facts).likeness.value
    if asked.session is not None:
        notes["session"] = facts.bound
    return notes


def _name_is_the_applicants(asked: AskedFor, facts: Facts) -> _Finding:
    """Of several credentials the worst comparison counts: one that is lent is enough."""
    compared = _names_compared(asked, facts)
    outcome = {
        Likeness.MATCH: Outcome.PASSED,
        Likeness.DIFFERS: Outcome.FAILED,
        Likeness.CANNOT_TELL: Outcome.UNCHECKED,
    }[compared.likeness]
    if asked.name == "shown":
        outcome = Outcome.PASSED
    return _Finding(outcome, f"name-{compared.likeness.value.replace('_', '-')}", compared.reason)


def _names_compared(asked: AskedFor, facts: Facts) -> Compared:
    if asked.applicant is None:
        return Compared(Likeness.CANNOT_TELL, "no name of the applicant was given to compare with")
    found = []
    for index, asked_one in enumerate(asked.question.needs):
        answer = _answer(index, asked_one, facts)
        values = {} if answer is None else answer.values
        if set(NAME) <= values.keys():
            found.append(compare(asked.applicant, Applicant(values[NAME[0]], values[NAME[1]])))
        else:
            found.append(Compared(Likeness.CANNOT_TELL, "no name is shown"))
    return max(
        found, key=lambda each: (Likeness.MATCH, Likeness.CANNOT_TELL, Likeness.DIFFERS).index(each.likeness)
    )


def _programme_fits(index: int, asked_one: AskedOfOneCredential, answer: "_Answer") -> _Finding:
    shown = answer.edition
    if not isinstance(shown, ShownEdition):
        return _unchecked("programme-unknown", f"need {index}: the programme shown could not be read")
    reasons = [_misfit(alternative, shown) for alternative in asked_one.need.alternatives]
    if any(reason is None for reason in reasons):
        return _passed("programme-fits", f"need {index}: the programme shown is of the kind asked for")
    said = ", or ".join(dict.fromkeys(reason for reason in reasons if reason))
    return _failed(
        "programme-unfit",
        f"need {index}: requirement not met: {said}",
        f"need {index}: the programme shown does not meet the requirement",
    )


def _misfit(wanted: Alternative, shown: ShownEdition) -> str | None:
    """Why the programme is not of this kind; None if it is."""
    edition = shown.edition
    if fits(wanted, edition):
        return None
    if wanted.skill is not None and wanted.skill not in edition.skills:
        return f"the programme does not teach {wanted.skill}"
    if wanted.level is not None:
        found = level_in(wanted.level.framework, edition.levels)
        if found is None:
            return (
                f"level {wanted.level.framework} {wanted.level.at_least} was asked, and the programme states"
                " no level that a published table compares with it"
            )
        if found < wanted.level.at_least:
            return (
                f"level {wanted.level.framework} {wanted.level.at_least} or above was asked,"
                f" the programme is at {wanted.level.framework} {found}"
            )
    hours = "no workload" if edition.workload_hours is None else f"{edition.workload_hours} hours"
    return f"{wanted.hours} hours or more were asked, the programme states {hours}"


def _award_is_recent(index: int, asked_one: AskedOfOneCredential, answer: "_Answer") -> Iterator[_Finding]:
    after = asked_one.need.awarded_after
    if after is None or _proves(asked_one, AWARDED):
        return
    awarded = answer.day(AWARDED)
    if awarded is None:
        yield _unchecked("award-day-hidden", f"need {index}: the day of the award is not shown")
    elif awarded < after:
        yield _failed(
            "award-too-old",
            f"need {index}: requirement not met: awarded {awarded}, {after} or later was asked",
            f"need {index}: the award is older than asked",
        )


def _nothing_expired(
    index: int, asked_one: AskedOfOneCredential, answer: "_Answer", now: datetime
) -> Iterator[_Finding]:
    """By the expiry proven or shown, else by how long the edition says an award is good for."""
    if _proves(asked_one, EXPIRY):
        return
    today = now.astimezone(UTC).date()
    expires = answer.day(EXPIRY)
    months = answer.edition.edition.valid_for_months if isinstance(answer.edition, ShownEdition) else None
    if expires is None and months is not None:
        awarded = _award_date(asked_one, answer, now)
        if awarded is None or awarded.earliest is None:
            yield _unchecked(
                "may-have-expired", f"need {index}: the award may have expired: its day is not shown"
            )
            return
        expires = months_after(awarded.earliest, months)
        if expires < today and not awarded.revealed:
            yield _unchecked(
                "may-have-expired", f"need {index}: the award may have expired: its day is not shown"
            )
            return
    if expires is not None and expires < today:
        yield _failed(
            "expired",
            f"need {index}: the credential expired on {expires}",
            f"need {index}: the credential is expired",
        )


# --- what the presentation says -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Answer:
    """One need as answered: the values shown, by which issuer, of which edition (None: the programme stays hidden)."""

    values: dict[str, str]
    issuer_did: str | None
    edition: ShownEdition | Untrue | Unknown | None

    def day(self, attribute: str) -> date | None:
        """A date that is shown; None if it is not, or is none."""
        shown = self.values.get(attribute)
        if shown is None:
            return None
        try:
            return from_dateint(shown)
        except DateMalformed:
            return None


def _answer(index: int, asked_one: AskedOfOneCredential, facts: Facts) -> _Answer | None:
    presentation = facts.presentation
    if isinstance(presentation, Untrue):
        return None
    group = presentation.revealed.get(referent(index))
    if group is not None:
        used = group.credential
        values = {name: value.raw for name, value in group.values.items()}
    else:
        values = {}
        proven = [
            presentation.predicates[name]
            for predicate in asked_one.predicates
            if (name := predicate_referent(index, predicate.attribute)) in presentation.predicates
        ]
        if not proven:
            return None
        used = proven[0]
    definition = facts.credentials[used].definition
    achievement = values.get(ACHIEVEMENT)
    return _Answer(
        values=values,
        issuer_did=None if isinstance(definition, (Untrue, Unknown)) else definition.issuer_did,
        edition=None
        if achievement is None
        else facts.editions.get(achievement, Unknown("it was not looked at")),
    )


def _award_date(asked_one: AskedOfOneCredential, answer: _Answer, now: datetime) -> AwardDate | None:
    """The day shown, else the days between which it is proven to lie, else a day that may be any."""
    shown = answer.day(AWARDED)
    if shown is not None:
        return AwardDate.on(shown)
    today = now.astimezone(UTC).date()
    proven = next((each for each in asked_one.predicates if each.attribute == AWARDED), None)
    return AwardDate.between(None if proven is None else proven.value, today)


def _proves(asked_one: AskedOfOneCredential, attribute: str) -> bool:
    return any(predicate.attribute == attribute for predicate in asked_one.predicates)


def _stated_by(shown: ShownEdition) -> dict[str, frozenset[str]]:
    """What a credential of this edition may say of the programme."""
    edition = shown.edition
    return {
        "title": frozenset(edition.titles.values()),
        "issuer_country": frozenset({edition.country}),
        "eqf_level": frozenset({str(edition.eqf_level or 0)}),
        "workload_hours": frozenset({str(edition.workload_hours or 0)}),
        "profile_version": frozenset({SCHEMA_VERSION}),
    }


def _looked(what: str, found: object) -> Iterator[_Finding]:
    if isinstance(found, Untrue):
        yield _failed("does-not-verify", f"{what} does not verify: {found.reason}", f"{what} does not verify")
    elif isinstance(found, Unknown):
        yield _unchecked(
            "not-fetched", f"{what} could not be fetched: {found.reason}", f"{what} could not be fetched"
        )


MONTHS = 12


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the month's last day where it has no such day."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
