"""Trust Registry Query Protocol 2.0 (ToIP, public review 02): what a query asks of the list."""

from dataclasses import dataclass
from datetime import datetime

from shared.vc.trust_decision import AwardDate, EditionFacts, Snapshot, TrustDecision, TrustQuestion, decide
from shared.vc.trust_list import ACTIONS, ISCED_PREFIX, Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Who asks about whom; `time` None: now."""

    entity_id: str
    authority_id: str
    action: str
    resource: str
    time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Yes or no, when it was judged, and why."""

    holds: bool
    time_evaluated: datetime
    message: str


def answered(snapshot: Snapshot, query: Query, *, action: str, now: datetime) -> Answer:
    """Whether the list vouches for the query: as of a past day it asks whether an act of that day stands now."""
    known = next((candidate for candidate in ACTIONS if candidate == action), None)
    if known is None:
        return Answer(
            holds=False,
            time_evaluated=now,
            message=f"expected one of {', '.join(ACTIONS)} as action, found {action[:50]!r}",
        )
    decision = _decision(snapshot, query, known, now)
    return Answer(holds=decision.outcome == "passed", time_evaluated=now, message=decision.reason)


def _decision(snapshot: Snapshot, query: Query, action: Action, now: datetime) -> TrustDecision:
    is_field = query.resource.startswith(ISCED_PREFIX)
    listed = snapshot.trust_list.entity_of(query.entity_id) if snapshot.trust_list else None
    limits = [authorization.highest_level for authorization in listed.authorizations] if listed else []
    facts = EditionFacts(
        edition_id=None if is_field else query.resource,
        fields=frozenset({query.resource.removeprefix(ISCED_PREFIX)}) if is_field else frozenset(),
        country=listed.country if listed else None,
        levels={
            limit.framework: 0 for limit in limits if limit
        },  # a query names no level: ask for the lowest
    )
    awarded = AwardDate.on(query.time.date()) if query.time else None
    question = TrustQuestion(did=query.entity_id, action=action, edition=facts, awarded=awarded)
    return decide([snapshot], question, now=now)
