"""Which credentials answer a need, and what is missing where none does, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from shared.contracts.signed_request import AskedAlternative, AskedNeed
from shared.vc.achievement import Edition
from shared.vc.dateint import to_dateint
from wallet.domain.credential import EditionFound, EditionResult, HeldCredential, Status, StatusState
from wallet.domain.crowd import People
from wallet.domain.lack import Lack, LackCode
from wallet.domain.proof_request import Need, Predicate, accepts
from wallet.domain.warning import Warned
from wallet.domain.words import day_in_words, label, predicate_in_words, value_in_words


@dataclass(frozen=True)
class Holding:
    """A credential with what is known about it."""

    credential: HeldCredential
    edition: EditionResult
    status: Status

    @property
    def title(self) -> str:
        """What the learner calls it."""
        return self.credential.attributes.get("title") or "Untitled credential"


@dataclass(frozen=True)
class Candidate:
    """Whether a proof can be made with this credential, and whether it would then meet the need; `missing` says what is not."""

    credential_id: str
    title: str
    can_present: bool
    meets_need: bool
    missing: tuple[Lack, ...]
    has: tuple[str, ...] = ()
    """Names of all its attributes."""
    warnings: tuple[Warned, ...] = ()
    """What to ask about before she answers with this credential."""
    people: People | None = None
    """How many could have given the same answer; None where it shows her name, or cannot be given."""


@dataclass(frozen=True)
class NeedView:
    """One need beside what the learner has for it."""

    need: Need
    candidates: tuple[Candidate, ...]
    missing: tuple[Lack, ...]
    asked: AskedNeed | None = None
    """The need in the requester's own terms, where it signed them."""

    @property
    def proves(self) -> tuple[tuple[Predicate, str], ...]:
        """The comparisons, each with its words."""
        return tuple(
            (part, predicate_in_words(part.attribute, part.operator, part.value))
            for part in self.need.predicates
        )

    def hidden_of(self, candidate: Candidate) -> tuple[str, ...]:
        """Attributes of the credential that stay hidden: neither shown nor compared."""
        told = {*self.need.revealed, *(part.attribute for part in self.need.predicates)}
        return tuple(name for name in candidate.has if name not in told)

    @property
    def can_answer(self) -> bool:
        """Whether some credential can be presented for it."""
        return any(candidate.can_present for candidate in self.candidates)


def view_need(need: Need, plain: AskedNeed | None, holdings: Sequence[Holding]) -> NeedView:
    """Judges every credential for one need, the fitting ones first; says what is missing if none can be presented."""
    judged = sorted(
        (judge(need, plain, holding) for holding in holdings),
        key=lambda found: (not found.meets_need, not found.can_present, len(found.missing)),
    )
    if any(candidate.can_present for candidate in judged):
        missing: tuple[Lack, ...] = ()
    elif not judged:
        missing = (Lack(LackCode.NOTHING_HELD, "You hold no credential yet."), *_wishes(plain))
    else:
        missing = (Lack(LackCode.NONE_FITS, "None of your credentials fits."), *_wishes(plain))
    return NeedView(need, tuple(judged), missing, plain)


def judge(need: Need, plain: AskedNeed | None, holding: Holding) -> Candidate:
    """Judges one credential for one need.

    A credential can be presented if it has every attribute asked for, is among those the request admits, and its values satisfy every
    comparison: a comparison that does not hold cannot be proven at all.
    """
    held = holding.credential
    blocking = [
        Lack(LackCode.NO_ATTRIBUTE, f"It has no attribute '{label(name)}'.", attribute=name)
        for name in dict.fromkeys((*need.revealed, *(part.attribute for part in need.predicates)))
        if name not in held.attributes
    ]
    blocking.extend(
        Lack(
            LackCode.COMPARISON,
            f"Asked: {predicate_in_words(part.attribute, part.operator, part.value)}; "
            f"yours: {value_in_words(part.attribute, held.attributes[part.attribute])}.",
            has=held.attributes[part.attribute],
            compared=replace(part, restrictions=()),
        )
        for part in need.predicates
        if part.attribute in held.attributes and not part.holds_for(held.attributes[part.attribute])
    )
    lacking = _lacking(plain, holding)
    admitted = all(accepts(part.restrictions, held) for part in need.parts)
    if not admitted:
        blocking.extend(lacking or [_NOT_ADMITTED])
        lacking = []
    if holding.status.state in _NOT_WORTH_IT:
        lacking.append(_NOT_WORTH_IT[holding.status.state])
    return Candidate(
        credential_id=held.id,
        title=holding.title,
        can_present=not blocking,
        meets_need=not blocking and not lacking,
        missing=tuple(dict.fromkeys((*blocking, *lacking))),
        has=tuple(held.attributes),
    )


_NOT_ADMITTED = Lack(
    LackCode.NOT_ADMITTED, "Its issuer or programme is not among those this organisation accepts."
)
_NOT_DESCRIBED = Lack(
    LackCode.NOT_DESCRIBED,
    "Its programme's description is not at hand, so it cannot be compared with what is asked.",
)
_NOT_WORTH_IT: Mapping[StatusState, Lack] = MappingProxyType(
    {
        StatusState.REVOKED: Lack(
            LackCode.REVOKED, "It has been revoked: an answer with it will be rejected."
        ),
        StatusState.SUSPENDED: Lack(
            LackCode.SUSPENDED,
            "It is suspended: an answer with it will be rejected until its issuer reinstates it.",
        ),
        StatusState.EXPIRED: Lack(LackCode.EXPIRED, "It has expired."),
    }
)


def _lacking(plain: AskedNeed | None, holding: Holding) -> list[Lack]:
    """What the need asks of a programme that this credential's programme does not give."""
    if plain is None:
        return []
    if not isinstance(holding.edition, EditionFound):
        return [_NOT_DESCRIBED]
    edition = holding.edition.edition
    best = min((_lacking_in(wanted, edition) for wanted in _alternatives(plain)), key=len)
    return [*best, *_too_early(plain, holding.credential)]


def _alternatives(plain: AskedNeed) -> tuple[AskedAlternative, ...]:
    return plain.any_of or (plain,)


def _lacking_in(wanted: AskedAlternative, edition: Edition) -> list[Lack]:
    found = []
    if wanted.skill is not None and wanted.skill not in edition.skills:
        found.append(
            Lack(
                LackCode.SKILL, f"Its programme does not list the skill {wanted.skill}.",
                asked=AskedAlternative(skill=wanted.skill),
            )
        )  # fmt: skip
    if wanted.level is not None:
        framework, level = wanted.level.framework.upper(), edition.levels.get(wanted.level.framework)
        if level is None:
            said = f"Its programme states no level in {framework}; asked: {wanted.level.at_least} or higher."
        else:
            said = f"Its level is {framework} {level}; asked: {wanted.level.at_least} or higher."
        if (level or 0) < wanted.level.at_least:
            asked = AskedAlternative(level=wanted.level)
            found.append(Lack(LackCode.LEVEL, said, has=None if level is None else str(level), asked=asked))
    hours = wanted.workload_hours
    if hours is not None and (edition.workload_hours or 0) < hours.at_least:
        stated = (
            f"{edition.workload_hours} hours" if edition.workload_hours else "an unstated number of hours"
        )
        found.append(
            Lack(
                LackCode.HOURS, f"Its programme took {stated}; asked: at least {hours.at_least}.",
                has=str(edition.workload_hours) if edition.workload_hours else None,
                asked=AskedAlternative(workload_hours=hours),
            )
        )  # fmt: skip
    return found


def _too_early(plain: AskedNeed, held: HeldCredential) -> list[Lack]:
    awarded = held.attributes.get("awarded_dateint", "")
    if (
        plain.awarded_after is None
        or not awarded.isdecimal()
        or int(awarded) >= to_dateint(plain.awarded_after)
    ):
        return []
    said = (
        f"It was awarded on {value_in_words('awarded_dateint', awarded)}; "
        f"asked: on or after {day_in_words(plain.awarded_after)}."
    )
    return [Lack(LackCode.TOO_EARLY, said, has=awarded, after=plain.awarded_after)]


def _wishes(plain: AskedNeed | None) -> tuple[Lack, ...]:
    """What would fit, for a learner who has nothing that does."""
    wanted = _alternatives(plain) if plain else ()
    said = ((one, ", ".join(_wish(one))) for one in wanted)
    return tuple(Lack(LackCode.WANTED, f"Asked for: {wish}.", asked=one) for one, wish in said if wish)


def _wish(wanted: AskedAlternative) -> list[str]:
    parts = []
    if wanted.skill is not None:
        parts.append(f"the skill {wanted.skill}")
    if wanted.level is not None:
        parts.append(f"{wanted.level.framework.upper()} level {wanted.level.at_least} or higher")
    if wanted.workload_hours is not None:
        parts.append(f"at least {wanted.workload_hours.at_least} hours of learning")
    return parts
