"""How a wallet can be unlocked: what the server keeps of it is a wrapped key it cannot open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from wallet.errors import KeyUnsuitable, LastUnlockMethod, UnlockMethodUnknown

PASSKEY: Final = "passkey"
BY_WORDS: Final = frozenset({"passphrase", "recovery-kit"})
METHODS: Final = BY_WORDS | {PASSKEY}
MOST_PASSKEYS: Final = 8
_PRF: Final = "WebAuthn-PRF"


@dataclass(frozen=True)
class UnlockMethod:
    """One way to her key: the envelope is the wallet key, wrapped on her device."""

    id: str
    method: str
    envelope: Mapping[str, JsonValue]

    @property
    def made_at(self) -> datetime:
        """When it was added here, as its id (a UUIDv7) says."""
        return datetime.fromtimestamp((UUID(self.id).int >> 80) / 1000, UTC)


@dataclass(frozen=True)
class Way:
    """A way to unlock as its learner sees it; `used_at` is when it last opened the wallet, as far as her devices said."""

    method: UnlockMethod
    used_at: datetime | None


def check_method(method: UnlockMethod) -> None:
    """Raises KeyUnsuitable for a kind of method this service does not know, or a passkey nothing could be asked for."""
    if method.method not in METHODS:
        raise KeyUnsuitable(
            f"Unlock method {method.method!r} is not known here; expected {', '.join(sorted(METHODS))}."
        )
    if method.method == PASSKEY and _credential(method) is None:
        raise KeyUnsuitable(
            f"Expected a passkey's envelope with kdf name {_PRF}, credential_id and salt, found another one."
        )


def check_methods(methods: Sequence[UnlockMethod]) -> None:
    """Raises KeyUnsuitable unless these are known methods that a wallet can begin with."""
    for method in methods:
        check_method(method)
    if not any(method.method in BY_WORDS for method in methods):
        raise KeyUnsuitable(
            "Expected at least one unlock method of words: without one the wallet could never be opened again when a phone is lost."
        )


def replaced(held: Sequence[UnlockMethod], method: UnlockMethod) -> frozenset[str]:
    """Ids of the methods in whose place a new one comes: the one of its kind; of passkeys the same one. Raises KeyUnsuitable."""
    same = [one for one in held if one.method == method.method]
    if method.method != PASSKEY:
        return frozenset(one.id for one in same)
    again = frozenset(one.id for one in same if _credential(one) == _credential(method))
    if not again and len(same) >= MOST_PASSKEYS:
        raise KeyUnsuitable(
            f"Expected at most {MOST_PASSKEYS} passkeys, found as many already. Remove one first."
        )
    return again


def removed(held: Sequence[UnlockMethod], which: str) -> frozenset[str]:
    """Ids of the methods of this kind, or of the one with this id. Raises UnlockMethodUnknown, LastUnlockMethod.

    Words stay: a phone is lost, and what it holds with it.
    """
    gone = frozenset(one.id for one in held if which in {one.method, one.id})
    if not gone:
        raise UnlockMethodUnknown("This wallet has no unlock method of that kind or id.")
    if not any(one.method in BY_WORDS and one.id not in gone for one in held):
        raise LastUnlockMethod(
            "This is the wallet's only unlock method of words: without it nobody could open it again when a phone is lost. Add another first."
        )
    return gone


def _credential(method: UnlockMethod) -> str | None:
    """Which passkey opens it; None for an envelope that does not say."""
    match method.envelope.get("kdf"):
        case {"name": str(name), "credential_id": str(found), "salt": str(salt)} if (
            name == _PRF and found and salt
        ):
            return found
    return None
