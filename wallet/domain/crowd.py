"""How many people could have given an answer: worked out from what it would tell, and from what issuers tell of their holders.

Only for an answer that shows no name. A credential names its issuer in every proof, so the others who could have given it hold a
credential of the same issuer, of a programme that fits what is shown and proven. Of those programmes the one held by most counts:
one person may hold several, so numbers are not added up. What differs between the holders of one programme narrows further:

- the day of award, and the last day of validity that follows from it: by the issuer's figures of days;
- a grade or percentage: nobody tells figures of those, so it is not known.

See docs/decisions/0017.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from shared.contracts.attributes import NO_EXPIRY
from shared.vc.achievement import Edition
from shared.vc.award import AwardFacts, attributes, last_day
from shared.vc.dateint import to_dateint
from shared.vc.holders import FEW, Holders, OfEdition
from wallet.domain.credential import HeldCredential
from wallet.domain.proof_request import Need, Predicate, accepts, learned
from wallet.domain.words import AT_LEAST, MORE_THAN

NAMES: Final = frozenset({"given_name", "family_name"})
_DAYS: Final = frozenset({"awarded_dateint", "expiry_dateint"})
_DIFFERS: Final = _DAYS | NAMES | {"grade", "grade_pct", "twin_digest"}
"""What differs between the holders of one programme."""


class Known(StrEnum):
    """What is known of the number."""

    FEW = "few"
    """No programme that fits is held by twenty, as far as its figures reach."""
    ENOUGH = "enough"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Why it is not known."""

    NO_FIGURES = "no-figures"
    NARROWED = "narrowed"
    TOGETHER = "together"


@dataclass(frozen=True)
class People:
    """How many could have given this answer. `about`: what narrows without figures; `counted`: from when the figures are."""

    known: Known
    at_least: int = 0
    why: Why | None = None
    about: tuple[str, ...] = ()
    counted: date | None = None


_FEW: Final = People(Known.FEW)


def names_her(needs: Iterable[Need]) -> bool:
    """Whether the answer as a whole shows a name, or a part of one."""
    return any(not NAMES.isdisjoint(told) for told in learned(tuple(needs)).values())


def worth_reading(need: Need, holder: HeldCredential, holders: Holders) -> tuple[str, ...]:
    """Ids of the editions whose description decides: those held by many that could fit."""
    many = (name for name, of in holders.editions.items() if of.at_least >= FEW)
    return tuple(name for name in many if name == holder.edition_id or "achievement_id" not in _told(need))


def people_of(
    need: Need,
    holder: HeldCredential,
    holders: Holders | None,
    editions: Mapping[str, Edition],
    *,
    today: date,
) -> People:
    """How many could have answered this need; `editions` are those worth reading that could be read."""
    if holders is None:
        return People(Known.UNKNOWN, why=Why.NO_FIGURES)
    wanted = worth_reading(need, holder, holders)
    found = [
        _in_edition(need, holder, (name, editions[name]), holders, today=today)
        for name in wanted
        if name in editions
    ]
    best = max(found, key=lambda people: people.at_least, default=_FEW)
    if best.at_least >= FEW:
        return replace(best, counted=holders.counted)
    if holder.edition_id not in holders.editions or any(name not in editions for name in wanted):
        return People(Known.UNKNOWN, why=Why.NO_FIGURES, counted=holders.counted)
    unknown = (people for people in found if people.known is Known.UNKNOWN)
    return replace(next(unknown, _FEW), counted=holders.counted)


def together(people: People, needs: Sequence[Need]) -> People:
    """Of an answer to several needs: how many could have given all of it nobody tells; few stay few."""
    if people.known is Known.ENOUGH and len(needs) > 1:
        return People(Known.UNKNOWN, why=Why.TOGETHER, counted=people.counted)
    return people


def _in_edition(
    need: Need, holder: HeldCredential, named: tuple[str, Edition], holders: Holders, *, today: date
) -> People:
    """How many holders of this edition fit; few where it does not fit at all."""
    name, edition = named
    constant = {one: value for one, value in _constant(name, edition).items() if one not in _DIFFERS}
    told, compared = _told(need), [part for part in need.predicates if not _always(part, edition, today)]
    if edition.valid_for_months is None:
        told -= {"expiry_dateint"}
    if name != holder.edition_id and not _fits(need, holder, constant, told, compared):
        return _FEW
    by_day = {part.attribute for part in compared} | told
    beyond = ((by_day | _restricted(need)) - _DAYS - constant.keys()) | (_restricted(need) & _DAYS - told)
    at_least = holders.editions[name].at_least
    if by_day & _DAYS:
        at_least = _sharing_a_day(told, compared, holder, edition, holders.editions[name])
        if at_least < FEW and told & _DAYS and not _is_newer(holder, holders):
            return _FEW
    if at_least < FEW or beyond:
        return People(Known.UNKNOWN, why=Why.NARROWED, about=tuple(sorted(beyond | (by_day & _DAYS))))
    return People(Known.ENOUGH, at_least)


def _fits(
    need: Need,
    holder: HeldCredential,
    constant: Mapping[str, str],
    told: Collection[str],
    compared: Sequence[Predicate],
) -> bool:
    """Whether holders of an edition with these attributes could have shown and proven the same."""
    other = replace(holder, attributes={**holder.attributes, **constant})
    return (
        all(value == holder.attributes.get(one) for one, value in constant.items() if one in told)
        and all(part.holds_for(constant[part.attribute]) for part in compared if part.attribute in constant)
        and all(accepts(part.restrictions, other) for part in need.parts)
    )


def _sharing_a_day(
    told: Collection[str],
    compared: Sequence[Predicate],
    holder: HeldCredential,
    edition: Edition,
    figures: OfEdition,
) -> int:
    """Held by at least so many with one day of award that fits; 0 where no day of twenty does."""
    most = 0
    for day, at_least in figures.days.items():
        ends = last_day(edition, day)
        there = {
            "awarded_dateint": str(to_dateint(day)),
            "expiry_dateint": str(NO_EXPIRY if ends is None else to_dateint(ends)),
        }
        same = all(value == holder.attributes.get(one) for one, value in there.items() if one in told)
        proven = all(part.holds_for(there[part.attribute]) for part in compared if part.attribute in there)
        most = max(most, at_least if same and proven else 0)
    return most


def _is_newer(holder: HeldCredential, holders: Holders) -> bool:
    """Whether it was awarded since the figures were made, so that its day is not in them."""
    awarded = holder.attributes.get("awarded_dateint", "")
    return not awarded.isdecimal() or int(awarded) >= to_dateint(holders.counted)


def _told(need: Need) -> frozenset[str]:
    """Attributes whose values this need alone would tell."""
    return learned((need,))[need.id]


def _restricted(need: Need) -> frozenset[str]:
    """What differs between holders and is restricted to certain values."""
    keys = (key for part in need.parts for restriction in part.restrictions for key in restriction)
    return frozenset(
        name for key in keys if key.endswith("::value") for name in _DIFFERS if key == f"attr::{name}::value"
    )


def _always(part: Predicate, edition: Edition, today: date) -> bool:
    """Whether every holder who is counted can prove it: those whose credential has expired are not counted."""
    if part.attribute != "expiry_dateint" or part.operator not in {AT_LEAST, MORE_THAN}:
        return False
    return edition.valid_for_months is None or part.value <= to_dateint(today)


def _constant(name: str, edition: Edition) -> Mapping[str, str]:
    """What every holder of this edition has; what differs is made up."""
    somebody = AwardFacts(
        award_id="00000000-0000-7000-8000-000000000000",
        given_name="-",
        family_name=None,
        awarded_on=date(2000, 1, 1),
        salt="-" * 16,
    )
    return attributes(name, edition, somebody)
