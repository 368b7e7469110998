"""What the next issue of the list is, and when it is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.trust_registry.domain.register import Entity
from shared.vc.trust_list import TrustList
from shared.vc.trust_list_form import signing_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """The authority and its list."""

    name: str
    authority: str
    territory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A signed list as it was published. `revision` is the register's at that time; `renew` False lets it go stale.

    `previous` is the digest of the list it follows, as it says itself.
    """

    number: int
    revision: int
    issued: datetime
    next_update: datetime
    digest: str
    compact: str
    renew: bool = True
    previous: str | None = None

    def renewal_due(self) -> datetime | None:
        """Half-way to NextUpdate, so that a failed renewal leaves time to notice; None for never."""
        return self.issued + (self.next_update - self.issued) / 2 if self.renew else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the authority set for itself: how long lists are valid, and whether every change takes two people."""

    validity: timedelta
    four_eyes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """All of the register at one revision, with the newest issue of its list."""

    revision: int
    validity: timedelta
    entities: Sequence[Entity]
    newest: Issue | None
    four_eyes: bool = False

    def needs_issue(self, now: datetime) -> bool:
        """Whether the published list misses a change, or it is time to renew it."""
        if self.newest is None or self.newest.revision != self.revision:
            return True
        due = self.newest.renewal_due()
        return due is not None and now >= due


def next_list(
    scheme: Scheme, register: Register, *, validity: timedelta, now: datetime, number_at_least: int = 1
) -> TrustList:
    """The list that follows the newest one; after a gap in the numbers it names none that it follows."""
    issued = now.replace(microsecond=0)
    follows = register.newest.number + 1 if register.newest else 1
    number = max(follows, number_at_least)
    return TrustList(
        name=scheme.name,
        operator_names={"en": scheme.authority},
        territory=scheme.territory,
        sequence=number,
        issued=issued,
        next_update=issued + validity,
        entities=tuple(entity.as_listed() for entity in register.entities),
        previous=register.newest.digest if register.newest and number == follows else None,
        four_eyes=register.four_eyes,
    )


def own_key(compact: str) -> str:
    """The key one of this registry's own lists is signed with: their key ids end in it. It may be replaced by now."""
    return signing_key(compact).rpartition("#")[2]
