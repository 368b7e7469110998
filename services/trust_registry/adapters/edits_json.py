"""Edits of a proposal as the JSON they are kept as."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from services.trust_registry.domain.edits import (
    Changing,
    Edit,
    FourEyesSet,
    Granting,
    Registering,
    StatusChange,
    ValiditySet,
)

type _Kept = Annotated[
    Registering | Changing | Granting | StatusChange | ValiditySet | FourEyesSet, Field(discriminator="kind")
]
_EDITS: TypeAdapter[tuple[Edit, ...]] = TypeAdapter(tuple[_Kept, ...])


def edits_json(edits: Sequence[Edit]) -> list[Any]:
    """As JSON."""
    made: list[Any] = _EDITS.dump_python(tuple(edits), mode="json")
    return made


def edits_from(kept: list[Any]) -> tuple[Edit, ...]:
    """As they were."""
    return _EDITS.validate_python(kept)
