"""Schemas that are used again, and messages read when somebody looks at them.

ACA-Py makes a new marshmallow schema, a deep copy of every field, for each model it reads or writes, and again for all that is
nested in it; and whoever reads an exchange reads all four of its messages. That was a third of an issuer's time.

A schema is lent to one reader at a time: it remembers the decorators of the message in hand.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from acapy_agent.messaging.agent_message import AgentMessageSchema
from acapy_agent.messaging.decorators.default import DecoratorSet
from acapy_agent.messaging.models.base import (
    BaseModel,
    BaseModelError,
    BaseModelSchema,
    SerDe,
    resolve_meta_property,
)
from marshmallow import EXCLUDE, ValidationError

LOGGER = logging.getLogger(__name__)

type Kind = tuple[type[BaseModelSchema], str]
type Extract = Callable[..., Mapping[str, Any]]

_IDLE: defaultdict[Kind, list[BaseModelSchema]] = defaultdict(list)


def deserialize(
    cls: type[BaseModel],
    obj: Any,  # noqa: ANN401  a JSON object, or the text of one
    *,
    unknown: str | None = None,
    none2none: bool = False,
) -> BaseModel | None:
    """As ACA-Py's own, with a schema that was used before."""
    if obj is None and none2none:
        return None
    kind = _kind(cls, unknown)
    schema = _borrowed(kind)
    try:
        loaded: BaseModel = schema.loads(obj) if isinstance(obj, str) else schema.load(obj)
    except (AttributeError, ValidationError) as error:
        LOGGER.exception("%s message validation error:", cls.__name__)
        raise BaseModelError(f"{cls.__name__} schema validation failed") from error
    finally:
        _IDLE[kind].append(schema)
    return loaded


def serialize(self: BaseModel, *, as_string: bool = False, unknown: str | None = None) -> Any:  # noqa: ANN401  JSON
    """As ACA-Py's own, with a schema that was used before."""
    kind = _kind(type(self), unknown)
    schema = _borrowed(kind)
    try:
        return schema.dumps(self, separators=(",", ":")) if as_string else schema.dump(self)
    except (AttributeError, ValidationError, TypeError) as error:
        LOGGER.exception("%s message serialization error:", type(self).__name__)
        raise BaseModelError(f"{type(self).__name__} schema validation failed") from error
    finally:
        _IDLE[kind].append(schema)


class ReadLater:
    """A message as it is kept, and as a model once somebody asks for it."""

    def __init__(self, kept: Mapping[str, Any], kind: type[BaseModel]) -> None:
        self.ser = kept
        self._kind = kind
        self._read: BaseModel | None = None

    @property
    def de(self) -> BaseModel:
        """The model. Raises BaseModelError."""
        if self._read is None:
            self._read = self._kind.deserialize(self.ser)
        return self._read


def serde(cls: type[BaseModel], obj: BaseModel | Mapping[str, Any] | None) -> SerDe | ReadLater | None:
    """As ACA-Py's own; what is kept is read when somebody asks for it."""
    if obj is None:
        return None
    if isinstance(obj, BaseModel):
        return SerDe(obj.serialize(), obj)
    return ReadLater(obj, cls)


def forgetting_the_last(extract: Extract) -> Extract:
    """What takes the decorators out of a message; those of the message before are forgotten."""

    def forget_and_extract(
        self: AgentMessageSchema, data: Mapping[str, Any], **more: object
    ) -> Mapping[str, Any]:
        self._decorators = DecoratorSet()
        return extract(self, data, **more)

    forget_and_extract.__dict__.update(extract.__dict__)  # marks it as marshmallow's hook
    return forget_and_extract


def _kind(cls: type[BaseModel], unknown: str | None) -> Kind:
    schema = cls._get_schema_class()
    return schema, unknown or resolve_meta_property(schema, "unknown", EXCLUDE)


def _borrowed(kind: Kind) -> BaseModelSchema:
    idle = _IDLE[kind]
    if idle:
        return idle.pop()
    schema, unknown = kind
    return schema(unknown=unknown)
