"""How a wallet can be unlocked: what the server keeps of it is a wrapped key it cannot open."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pydantic import JsonValue

from wallet.errors import KeyUnsuitable, LastUnlockMethod, UnlockMethodUnknown

METHODS = frozenset({"passphrase", "recovery-kit"})


@dataclass(frozen=True)
class UnlockMethod:
    """One way to her key: the envelope is the wallet key, wrapped on her device."""

    id: str
    method: str
    envelope: Mapping[str, JsonValue]


def check_method(method: UnlockMethod) -> None:
    """Raises KeyUnsuitable for a kind of method this service does not know."""
    if method.method not in METHODS:
        raise KeyUnsuitable(
            f"Unlock method {method.method!r} is not known here; expected {', '.join(sorted(METHODS))}."
        )


def check_removal(kinds: AbstractSet[str], method: str) -> None:
    """Whether a wallet with methods of these kinds can do without one. Raises UnlockMethodUnknown, LastUnlockMethod."""
    if method not in kinds:
        raise UnlockMethodUnknown("This wallet has no unlock method of that kind.")
    if kinds == {method}:
        raise LastUnlockMethod(
            "This is the wallet's only unlock method: without it nobody could ever open it again. Add another first."
        )
