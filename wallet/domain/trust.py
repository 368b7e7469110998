"""Who says so: names and trust come from trust lists alone, never from a credential, an invitation or a label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.vc.trust_decision import AwardDate, EditionFacts, Snapshot, TrustQuestion, decide
from wallet.domain.credential import EditionFound, EditionResult

_DATEINT_DIGITS = 8


class Trust(StrEnum):
    """What the lists this wallet uses say, all together."""

    TRUSTED = "trusted"
    NOT_TRUSTED = "not_trusted"
    NOT_LISTED = "not_listed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Standing:
    """A party as the lists show it. `did` None: not identified at all; `name` None: no list knows it."""

    did: str | None
    name: str | None
    outcome: Trust
    reason: str
    list_name: str | None = None
    list_issued: datetime | None = None
    others: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    code: str = ""
    """Of the decision by the lists; empty where none was made."""


def issuer_standing(
    snapshots: Sequence[Snapshot],
    did: str | None,
    attributes: Mapping[str, str],
    edition: EditionResult,
    *,
    now: datetime,
) -> Standing:
    """Whether the lists trust this DID to issue this programme on the day of the award."""
    if did is None:
        return _unidentified()
    awarded = attributes.get("awarded_dateint", "")
    on_a_day = len(awarded) == _DATEINT_DIGITS and awarded.isdecimal()
    question = TrustQuestion(
        did=did,
        action="issue",
        edition=edition_facts(edition) if isinstance(edition, EditionFound) else None,
        awarded=AwardDate.on(int(awarded)) if on_a_day else None,
    )
    return _standing(snapshots, question, now)


def _standing(snapshots: Sequence[Snapshot], question: TrustQuestion, now: datetime) -> Standing:
    name = _name(snapshots, question.did)
    if not snapshots:
        return Standing(
            question.did,
            None,
            Trust.NOT_LISTED,
            "This wallet uses no trust list yet, so nobody vouches for this organisation.",
        )
    decision = decide(snapshots, question, now=now)
    evidence = decision.evidence
    outcome = {"passed": Trust.TRUSTED, "failed": Trust.NOT_TRUSTED, "unknown": Trust.UNKNOWN}[
        decision.outcome
    ]
    reason = decision.reason
    if outcome is Trust.NOT_TRUSTED and name is None:
        outcome, reason = Trust.NOT_LISTED, "This organisation is not on any list you use."
    return Standing(
        did=question.did,
        name=name,
        outcome=outcome,
        reason=reason,
        list_name=evidence.list_name if evidence else None,
        list_issued=evidence.issued if evidence else None,
        others=decision.others,
        warnings=decision.warnings,
        code=decision.code,
    )


def _name(snapshots: Sequence[Snapshot], did: str) -> str | None:
    lists = (snapshot.trust_list for snapshot in snapshots if snapshot.trust_list is not None)
    return next((entity.name() for trust_list in lists if (entity := trust_list.entity_of(did))), None)


def listed_names(snapshots: Sequence[Snapshot], did: str) -> Mapping[str, str]:
    """What the first list that has a DID calls it, by language; empty where none has it."""
    lists = (snapshot.trust_list for snapshot in snapshots if snapshot.trust_list is not None)
    return next((entity.names for one in lists if (entity := one.entity_of(did))), {})


def edition_facts(found: EditionFound) -> EditionFacts:
    """What trust depends on of a programme."""
    edition = found.edition
    return EditionFacts(
        edition_id=found.id,
        country=edition.country,
        skills=frozenset(edition.skills),
        levels=edition.levels,
    )


def _unidentified() -> Standing:
    return Standing(
        None, None, Trust.NOT_LISTED, "Its issuer is not identified in a way this wallet can check."
    )
