"""What a learner's wallet presented, read strictly: a wrong type in the wrong place can crash the AnonCreds library."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from verifier.errors import NotAPresentation

MAX_CREDENTIALS = 20
_OBJECT_ID = re.compile(r"did:webvh:[\x21-\x7e]{1,500}/resources/[1-9A-HJ-NP-Za-km-z]{20,100}")
_INT32 = range(-(2**31), 2**31)
_INTEGER = re.compile(r"[+-]?[0-9]{1,10}", re.ASCII)
_ENCODED = re.compile(r"-?[0-9]{1,80}", re.ASCII)
_LONGEST_VALUE = 10_000
_LONGEST_NAME = 200
"""Names are repeated in verdicts, which are stored, signed and shown."""
_LAST_TIMESTAMP = 2**53
_DEEPEST = 24


@dataclass(frozen=True)
class Identifier:
    """Which published objects one credential in the presentation refers to; `timestamp` is of its status list."""

    schema_id: str
    cred_def_id: str
    rev_reg_id: str | None
    timestamp: int | None


@dataclass(frozen=True)
class Revealed:
    """A value as text and as the integer that was signed."""

    raw: str
    encoded: str

    @property
    def is_what_was_signed(self) -> bool:
        """Whether the text is the signed one; the library compares only the integer."""
        return encode(self.raw) == self.encoded


@dataclass(frozen=True)
class RevealedGroup:
    """Values shown for one referent, from the credential at `credential`."""

    credential: int
    values: Mapping[str, Revealed]


@dataclass(frozen=True)
class Presentation:
    """One presentation; `hidden` and `predicates` say which credential answers a referent.

    `bounds` says what is proven of which credential's attributes: that they are at least so much.
    """

    identifiers: tuple[Identifier, ...]
    revealed: Mapping[str, RevealedGroup]
    hidden: Mapping[str, int]
    predicates: Mapping[str, int]
    self_attested: tuple[str, ...]
    bounds: Mapping[tuple[int, str], int] = field(default_factory=dict)


def encode(raw: str) -> str:
    """The integer AnonCreds signs for a text: itself where it is a 32-bit integer, else its SHA-256."""
    if _INTEGER.fullmatch(raw) and int(raw) in _INT32:
        return str(int(raw))
    return str(int.from_bytes(hashlib.sha256(raw.encode()).digest(), "big"))


def read(presented: object) -> Presentation:
    """Check every part the judgement and the library rely on. Raises NotAPresentation naming the part."""
    _check_depth(presented, 0)
    whole = _object(presented, "presentation")
    proof = _object(whole.get("proof"), "proof")
    proofs = _array(proof.get("proofs"), "proof.proofs")
    _object(proof.get("aggregated_proof"), "proof.aggregated_proof")
    identifiers = tuple(
        _identifier(item, f"identifiers[{index}]")
        for index, item in enumerate(_array(whole.get("identifiers"), "identifiers"))
    )
    if not 1 <= len(identifiers) <= MAX_CREDENTIALS or len(proofs) != len(identifiers):
        raise NotAPresentation(
            f"expected 1 to {MAX_CREDENTIALS} credentials with a proof each,"
            f" found {len(identifiers)} identifiers and {len(proofs)} proofs"
        )
    bounds: dict[tuple[int, str], int] = {}
    for index, item in enumerate(proofs):
        for name, least in _bounds(_object(item, f"proof.proofs[{index}]"), f"proof.proofs[{index}]"):
            bounds[index, name] = max(least, bounds.get((index, name), least))
    requested = _object(whole.get("requested_proof"), "requested_proof")
    count = len(identifiers)
    single = {
        name: RevealedGroup(
            _credential(_object(item, name), count, name), {"": _revealed(_object(item, name), name)}
        )
        for name, item in _part(requested, "revealed_attrs").items()
    }
    groups = {
        name: RevealedGroup(
            _credential(_object(item, name), count, name),
            {
                key: _revealed(_object(value, key), key)
                for key, value in _object(_object(item, name).get("values"), f"{name}.values").items()
            },
        )
        for name, item in _part(requested, "revealed_attr_groups").items()
    }
    return Presentation(
        identifiers=identifiers,
        revealed={**single, **groups},
        hidden=_indexes(requested, "unrevealed_attrs", count),
        predicates=_indexes(requested, "predicates", count),
        self_attested=tuple(_part(requested, "self_attested_attrs")),
        bounds=bounds,
    )


def _bounds(proof: Mapping[str, object], where: str) -> Iterator[tuple[str, int]]:
    """What the proof itself says it proves, attribute ≥ value.

    The library checks that this is proven, not that it is what was asked: whoever asks for more has to compare.
    """
    primary = _object(proof.get("primary_proof", {}), f"{where}.primary_proof")
    for position, item in enumerate(_array(primary.get("ge_proofs", []), f"{where}.ge_proofs")):
        here = f"{where}.ge_proofs[{position}]"
        predicate = _object(_object(item, here).get("predicate"), f"{here}.predicate")
        name, least = predicate.get("attr_name"), predicate.get("value")
        if not isinstance(name, str) or type(least) is not int or least not in _INT32:
            raise NotAPresentation(f"{here}.predicate: expected a name and a 32-bit integer")
        if predicate.get("p_type") == "GE":
            yield name, least


def _part(requested: Mapping[str, object], name: str) -> Mapping[str, object]:
    return _object(requested.get(name) or {}, f"requested_proof.{name}")


def _indexes(requested: Mapping[str, object], name: str, count: int) -> dict[str, int]:
    return {key: _credential(_object(item, key), count, key) for key, item in _part(requested, name).items()}


def _credential(item: Mapping[str, object], count: int, where: str) -> int:
    index = item.get("sub_proof_index")
    if type(index) is not int or not 0 <= index < count:
        raise NotAPresentation(f"{where}: sub_proof_index names no credential of this presentation")
    return index


def _revealed(item: Mapping[str, object], where: str) -> Revealed:
    raw, encoded = item.get("raw"), item.get("encoded")
    if not isinstance(raw, str) or len(raw) > _LONGEST_VALUE:
        raise NotAPresentation(f"{where}: raw is not a text of at most {_LONGEST_VALUE} characters")
    if not isinstance(encoded, str) or not _ENCODED.fullmatch(encoded):
        raise NotAPresentation(f"{where}: encoded is not an integer written as text")
    try:
        raw.encode()
    except UnicodeEncodeError as error:
        raise NotAPresentation(f"{where}: raw is not well-formed Unicode") from error
    return Revealed(raw, encoded)


def _identifier(item: object, where: str) -> Identifier:
    found = _object(item, where)
    timestamp = found.get("timestamp")
    if timestamp is not None and (type(timestamp) is not int or not 0 <= timestamp < _LAST_TIMESTAMP):
        raise NotAPresentation(f"{where}.timestamp: expected seconds since 1970")
    registry = found.get("rev_reg_id")
    return Identifier(
        schema_id=_object_id(found.get("schema_id"), f"{where}.schema_id"),
        cred_def_id=_object_id(found.get("cred_def_id"), f"{where}.cred_def_id"),
        rev_reg_id=None if registry is None else _object_id(registry, f"{where}.rev_reg_id"),
        timestamp=timestamp,
    )


def _object_id(value: object, where: str) -> str:
    if not isinstance(value, str) or not _OBJECT_ID.fullmatch(value):
        raise NotAPresentation(f"{where}: expected the id of a did:webvh resource")
    return value


def _object(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise NotAPresentation(f"{where}: expected an object, found {type(value).__name__}")
    if not all(isinstance(key, str) and len(key) <= _LONGEST_NAME and key.isprintable() for key in value):
        raise NotAPresentation(
            f"{where}: a name in it is no printable text of at most {_LONGEST_NAME} characters"
        )
    return value


def _array(value: object, where: str) -> Sequence[object]:
    if not isinstance(value, list):
        raise NotAPresentation(f"{where}: expected an array, found {type(value).__name__}")
    return value


def _check_depth(value: object, depth: int) -> None:
    if depth > _DEEPEST:
        raise NotAPresentation(f"nested more than {_DEEPEST} levels deep")
    if isinstance(value, Mapping):
        for item in value.values():
            _check_depth(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check_depth(item, depth + 1)
