"""Who did something, by name: for people who read; ids are what decides."""

from collections.abc import Mapping
from typing import Protocol

from shared.ports.api_keys import ApiKeyUnknown, KeptKey
from shared.ports.members import Member, MemberUnknown

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


class FindMembers(Protocol):
    """Looks members up."""

    async def find(self, member_id: str) -> Member:
        """One member. Raises MemberUnknown."""


class FindKeys(Protocol):
    """Looks keys up."""

    async def one(self, key_id: str, organisation: str | None = None) -> KeptKey:
        """One key. Raises ApiKeyUnknown."""


class Actors:
    """Names of members and keys."""

    def __init__(self, members: FindMembers, keys: FindKeys) -> None:
        """Both are of one service."""
        self._members = members
        self._keys = keys

    async def name(self, actor: str, words: Mapping[str, str], organisation: str | None = None) -> str:
        """The name of `member:ID`, or that of `key:ID` in a phrase; whoever is not known any more stays an id.

        So does a key of another organisation than this, or than none; a member in a record is its own or the operator.
        """
        kind, _, found = actor.partition(":")
        try:
            if kind == "member":
                return (await self._members.find(found)).name
            name = (await self._keys.one(found, organisation)).name
        except MemberUnknown:
            return actor
        except ApiKeyUnknown:
            name = found
        return words["by_key_named"].format(name=isolated(name))


def isolated(name: str) -> str:
    """A name within a sentence, whichever way it is written."""
    return f"{FIRST_STRONG_ISOLATE}{name}{POP_ISOLATE}"
