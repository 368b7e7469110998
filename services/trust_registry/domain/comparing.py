"""What changed between two lists, and whether lists follow one another."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from services.trust_registry.domain.issuing import Issue
from shared.vc.trust_list import Authorization, DidPeriod, StatusPeriod, TrustedEntity, TrustList

type What = Literal[
    "organisation_added",
    "organisation_removed",
    "names",
    "country",
    "external_ids",
    "did_days",
    "authorization_added",
    "authorization_removed",
    "authorization_changed",
    "status",
    "rule",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is otherwise in the later list. `before` and `after` are short texts, empty for what was not there.

    `authorization`, and for a status its new `period`, are there for pages that put it in words.
    """

    what: What
    entity: TrustedEntity | None = None
    authorization: Authorization | None = None
    period: StatusPeriod | None = None
    before: str = ""
    after: str = ""


def differences(before: TrustList, after: TrustList) -> tuple[Difference, ...]:
    """What is otherwise in `after`, organisation by organisation; the first list holds nothing that changed by itself.

    An `authorization_removed`, `authorization_changed` or `organisation_removed` never comes of this registry's own doing.
    """
    old = {entity.id: entity for entity in before.entities}
    new = {entity.id: entity for entity in after.entities}
    found: list[Difference] = []
    if before.four_eyes != after.four_eyes:
        found.append(Difference(what="rule", before=_rule(before), after=_rule(after)))
    for entity in after.entities:
        known = old.get(entity.id)
        if known is None:
            found.append(Difference(what="organisation_added", entity=entity, after=entity.name()))
        found.extend(_of_entity(known, entity))
    found.extend(
        Difference(what="organisation_removed", entity=entity, before=entity.name())
        for entity in before.entities
        if entity.id not in new
    )
    return tuple(found)


def _of_entity(before: TrustedEntity | None, after: TrustedEntity) -> Iterator[Difference]:
    if before is not None:
        pairs: tuple[tuple[What, str, str], ...] = (
            ("names", _names(before), _names(after)),
            ("country", before.country, after.country),
            ("external_ids", " ".join(before.external_ids), " ".join(after.external_ids)),
            ("did_days", _days(before), _days(after)),
        )
        for what, was, is_now in pairs:
            if was != is_now:
                yield Difference(what=what, entity=after, before=was, after=is_now)
    known = {found.id: found for found in before.authorizations} if before else {}
    for authorization in after.authorizations:
        yield from _of_authorization(after, known.pop(authorization.id, None), authorization)
    for gone in known.values():
        yield Difference(
            what="authorization_removed", entity=after, authorization=gone, before=authorization_text(gone)
        )


def _of_authorization(
    entity: TrustedEntity, before: Authorization | None, after: Authorization
) -> Iterator[Difference]:
    was = authorization_text(before) if before else ""
    if was != authorization_text(after):
        what: What = "authorization_changed" if before else "authorization_added"
        yield Difference(
            what=what, entity=entity, authorization=after, before=was, after=authorization_text(after)
        )
    said = len(before.periods) if before else 1
    last = before.periods[-1].status if before else after.periods[0].status
    for period in after.periods[said:]:
        yield Difference(
            what="status",
            entity=entity,
            authorization=after,
            period=period,
            before=last,
            after=period.status,
        )
        last = period.status


def authorization_text(authorization: Authorization) -> str:
    """What never changes of it, on one line."""
    parts = [
        authorization.action,
        " ".join(authorization.resources),
        f"by {' '.join(authorization.dids)}",
        f"in {' '.join(authorization.jurisdictions)}" if authorization.jurisdictions else "",
        f"up to {authorization.highest_level}" if authorization.highest_level else "",
        f"to see {' '.join(authorization.attributes)}" if authorization.attributes else "",
        f"from {authorization.valid_from}",
        f"to {authorization.valid_to}" if authorization.valid_to else "",
        f"evidence {authorization.evidence_url}" if authorization.evidence_url else "",
        f"digest {authorization.evidence_digest}" if authorization.evidence_digest else "",
        f"delegated by {authorization.delegated_by}" if authorization.delegated_by else "",
    ]
    return ", ".join(part for part in parts if part)


def _names(entity: TrustedEntity) -> str:
    return "; ".join(f"{language}: {name}" for language, name in sorted(entity.names.items()))


def _days(entity: TrustedEntity) -> str:
    return "; ".join(f"{did} {_period(period)}" for did, period in sorted(entity.did_periods.items()))


def _period(period: DidPeriod) -> str:
    return f"{period.since or '…'} to {period.until or '…'}"


def _rule(trust_list: TrustList) -> str:
    return {None: "", True: "two-persons", False: "one-person"}[trust_list.four_eyes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One list of the chain, and whether it follows the one before it. `why` says why not, or where it begins anew."""

    issue: Issue
    holds: bool
    why: str = ""


def chained(issues: Iterable[Issue], *, before: Issue | None) -> Sequence[Link]:
    """The issues in order, each held against the one before; `before` is the one before the first, None for the first ever."""
    links: list[Link] = []
    for issue in issues:
        links.append(_link(issue, before))
        before = issue
    return links


def _link(issue: Issue, before: Issue | None) -> Link:
    if before is None:
        holds = issue.previous is None
        return Link(
            issue=issue, holds=holds, why="" if holds else "it names a list before it that is not kept here"
        )
    if issue.number != before.number + 1:
        holds = issue.previous is None
        why = (
            f"numbers {before.number + 1} to {issue.number - 1} were left out, after a restore from a backup"
        )
        return Link(issue=issue, holds=holds, why=why if holds else "it follows a list that is not kept here")
    if issue.previous != before.digest:
        return Link(
            issue=issue, holds=False, why=f"it follows another number {before.number} than the one kept here"
        )
    return Link(issue=issue, holds=True)
