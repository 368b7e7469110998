"""How a wallet can be unlocked: what the server keeps of it is a wrapped key it cannot open."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

METHODS = frozenset({"passphrase"})


@dataclass(frozen=True)
class UnlockMethod:
    """One way to her key: the envelope is the wallet key, wrapped on her device."""

    id: str
    method: str
    envelope: Mapping[str, JsonValue]
