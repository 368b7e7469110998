"""An AnonCreds proof request, taken apart into needs a learner can answer one by one.

One need is what a single credential answers. Our verifiers name its parts `need_<i>` and `need_<i>_<attribute>`; in a request by others every
referent is a need of its own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from wallet.domain.credential import HeldCredential
from wallet.domain.words import AT_LEAST, AT_MOST, LESS_THAN, MORE_THAN
from wallet.errors import RequestUnreadable

_NEED = re.compile(r"(need_\d{1,3})(?:_.*)?")
_OPERATORS = (AT_LEAST, MORE_THAN, AT_MOST, LESS_THAN)
MAX_REFERENTS = 100
_VALUE_OF = "attr::"
_EDITION_WANTED = "attr::achievement_id::value"
_BY_ISSUER = frozenset({"cred_def_id", "issuer_did", "issuer_id", "schema_issuer_did", "schema_issuer_id"})

Restriction = Mapping[str, str]


@dataclass(frozen=True)
class Reveal:
    """Attributes to be shown with their values."""

    referent: str
    names: tuple[str, ...]
    restrictions: tuple[Restriction, ...]


@dataclass(frozen=True)
class Predicate:
    """A comparison to be proven without showing the value."""

    referent: str
    attribute: str
    operator: str
    value: int
    restrictions: tuple[Restriction, ...]

    def holds_for(self, raw: str) -> bool:
        """Whether a credential with this attribute value can prove it."""
        try:
            number = int(raw)
        except ValueError:
            return False
        return {
            AT_LEAST: number >= self.value,
            MORE_THAN: number > self.value,
            AT_MOST: number <= self.value,
            LESS_THAN: number < self.value,
        }[self.operator]


@dataclass(frozen=True)
class Need:
    """What one credential is asked for."""

    id: str
    reveals: tuple[Reveal, ...]
    predicates: tuple[Predicate, ...]

    @property
    def parts(self) -> tuple[Reveal | Predicate, ...]:
        """Everything asked of the one credential."""
        return (*self.reveals, *self.predicates)

    @property
    def revealed(self) -> tuple[str, ...]:
        """Names of the attributes whose values are shown, each once."""
        return tuple(dict.fromkeys(name for reveal in self.reveals for name in reveal.names))

    @property
    def shows_programme(self) -> bool:
        """Whether the answer tells which programme was completed."""
        return bool({"achievement_id", "title"} & set(self.revealed))

    @property
    def position(self) -> int | None:
        """The number in `need_<i>`; None in other parties' requests."""
        return int(self.id.removeprefix("need_")) if _NEED.fullmatch(self.id) else None


def read_needs(proof_request: Mapping[str, JsonValue]) -> tuple[Need, ...]:
    """Takes a proof request apart, needs in their order.

    Raises:
        RequestUnreadable: it is not written as AnonCreds says, or asks with queries this wallet cannot put in words.
    """
    asked = _mapping(proof_request.get("requested_attributes"), "requested_attributes")
    compared = _mapping(proof_request.get("requested_predicates"), "requested_predicates")
    if not asked and not compared:
        raise RequestUnreadable("The request asks for nothing.")
    if len(asked) + len(compared) > MAX_REFERENTS:
        raise RequestUnreadable(
            f"The request has more than {MAX_REFERENTS} parts: too many to be read with care."
        )
    reveals = [_reveal(referent, value) for referent, value in asked.items()]
    predicates = [_predicate(referent, value) for referent, value in compared.items()]
    parts: list[Reveal | Predicate] = [*reveals, *predicates]
    groups = dict.fromkeys(_group(part.referent) for part in parts)
    needs = [
        Need(
            id=group,
            reveals=tuple(part for part in reveals if _group(part.referent) == group),
            predicates=tuple(part for part in predicates if _group(part.referent) == group),
        )
        for group in groups
    ]
    return tuple(sorted(needs, key=lambda need: (need.position is None, need.position or 0)))


def learned(needs: Sequence[Need]) -> Mapping[str, frozenset[str]]:
    """By need: the attributes whose values whoever asks would learn.

    That is what is to be revealed, what is compared from above and from below (two bounds can meet, also over several needs:
    one credential may answer them all), and what only one value is admitted of.
    """
    bounds = [part for need in needs for part in need.predicates]
    above = {part.attribute for part in bounds if part.operator in {AT_LEAST, MORE_THAN}}
    below = {part.attribute for part in bounds if part.operator in {AT_MOST, LESS_THAN}}
    return {
        need.id: frozenset(
            {
                *need.revealed,
                *(part.attribute for part in need.predicates if part.attribute in above & below),
                *(name for part in need.parts for name in _admitted_once(part.restrictions)),
            }
        )
        for need in needs
    }


def _admitted_once(restrictions: Sequence[Restriction]) -> set[str]:
    """Attributes of which every alternative demands one and the same value."""
    demanded = [
        {
            (name, wanted)
            for key, wanted in restriction.items()
            if key.startswith(_VALUE_OF)
            for name, _, kind in [key.removeprefix(_VALUE_OF).rpartition("::")]
            if kind == "value"
        }
        for restriction in restrictions
    ]
    return {name for name, _ in set.intersection(*demanded)} if demanded else set()


def accepts(restrictions: Sequence[Restriction], held: HeldCredential) -> bool:
    """Whether the credential meets at least one restriction in every part; no restriction accepts everything."""
    return not restrictions or any(
        all(_meets(key, wanted, held) for key, wanted in restriction.items()) for restriction in restrictions
    )


def editions_admitted(need: Need) -> tuple[str, ...]:
    """The programmes a need names as those it accepts, each once; empty where it names none."""
    named = (restriction.get(_EDITION_WANTED) for part in need.parts for restriction in part.restrictions)
    return tuple(dict.fromkeys(edition for edition in named if edition))


def issuers_admitted(need: Need) -> tuple[str, ...]:
    """The DIDs of those whose credentials a need accepts, each once; empty where it names none."""
    named = (
        issuer_of(wanted)
        for part in need.parts
        for restriction in part.restrictions
        for key, wanted in restriction.items()
        if key in _BY_ISSUER
    )
    return tuple(dict.fromkeys(did for did in named if did))


def names_schema(need: Need) -> bool:
    """Whether it depends on a schema's name or version, which a credential does not hold itself."""
    return any(
        key in {"schema_name", "schema_version"}
        for part in need.parts
        for restriction in part.restrictions
        for key in restriction
    )


def issuer_of(object_id: str) -> str | None:
    """The DID that owns an object id (`DID/resources/HASH`); None when the id names no DID."""
    did = object_id.partition("/")[0]
    return did if did.startswith("did:") else None


def presentation(needs: Sequence[Need], choices: Mapping[str, str]) -> dict[str, JsonValue]:
    """The agent's presentation specification for one chosen credential per need."""
    return {
        "requested_attributes": {
            reveal.referent: {"cred_id": choices[need.id], "revealed": True}
            for need in needs
            for reveal in need.reveals
        },
        "requested_predicates": {
            predicate.referent: {"cred_id": choices[need.id]}
            for need in needs
            for predicate in need.predicates
        },
        "self_attested_attributes": {},
    }


def _group(referent: str) -> str:
    matched = _NEED.fullmatch(referent)
    return matched.group(1) if matched else referent


def _reveal(referent: str, value: JsonValue) -> Reveal:
    part = _mapping(value, referent)
    names = part.get("names", [part["name"]] if "name" in part else None)
    if not (isinstance(names, list) and names and all(isinstance(name, str) for name in names)):
        raise RequestUnreadable(f"The request does not say which attributes it wants under {referent!r}.")
    return Reveal(
        referent, tuple(str(name) for name in names), _restrictions(part.get("restrictions"), referent)
    )


def _predicate(referent: str, value: JsonValue) -> Predicate:
    part = _mapping(value, referent)
    name, operator, bound = part.get("name"), part.get("p_type"), part.get("p_value")
    if not (isinstance(name, str) and operator in _OPERATORS and isinstance(bound, int)):
        raise RequestUnreadable(
            f"The request's comparison {referent!r} is not of the form attribute, >= > <= or <, number."
        )
    return Predicate(referent, name, str(operator), bound, _restrictions(part.get("restrictions"), referent))


def _restrictions(value: JsonValue, referent: str) -> tuple[Restriction, ...]:
    alternatives = [value] if isinstance(value, dict) and value else value or []
    if not isinstance(alternatives, list):
        raise RequestUnreadable(f"The request's restrictions under {referent!r} are not a list.")
    found: list[Restriction] = []
    for alternative in alternatives:
        restriction = _mapping(alternative, referent)
        if not all(isinstance(wanted, str) for wanted in restriction.values()):
            raise RequestUnreadable(
                f"The request's restrictions under {referent!r} use queries this wallet cannot explain."
            )
        found.append({key: str(wanted) for key, wanted in restriction.items()})
    return tuple(found)


def _meets(key: str, wanted: str, held: HeldCredential) -> bool:
    if key.startswith(_VALUE_OF):
        _, _, rest = key.partition("::")
        name, _, kind = rest.rpartition("::")
        return name in held.attributes and (kind == "marker" or held.attributes[name] == wanted)
    known = {
        "cred_def_id": held.cred_def_id,
        "schema_id": held.schema_id,
        "schema_name": held.schema and held.schema[0],
        "schema_version": held.schema and held.schema[1],
        "issuer_did": issuer_of(held.cred_def_id),
        "issuer_id": issuer_of(held.cred_def_id),
        "schema_issuer_did": issuer_of(held.schema_id),
        "schema_issuer_id": issuer_of(held.schema_id),
        "rev_reg_id": held.rev_reg_id,
    }
    return known.get(key) == wanted


def _mapping(value: JsonValue, where: str) -> Mapping[str, JsonValue]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RequestUnreadable(f"The request is damaged: {where!r} is not an object.")
    return value
