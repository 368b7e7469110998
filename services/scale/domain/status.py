"""What telling whether credentials still stand costs: registries, their lists, their definitions, and who reads them."""

from dataclasses import dataclass
from math import ceil, exp
from typing import Final

from services.scale.domain.costs import Costs

DAYS_A_YEAR: Final = 365
DAY: Final = 86_400.0
KEPT_UP_SECONDS: Final = 300.0
KEPT_UP_DAYS: Final = 30
MOST_KEPT_UP: Final = 500
"""So often a verifier looks at registries it saw in so many days, at so many at most."""


@dataclass(frozen=True, slots=True)
class Status:
    """How an issuer tells it. Links are those of the definition to lists: of every list of the last days, then one a month."""

    registry_size: int = 1024
    lists_a_day: float = 2.0
    linked_days: int | None = 30
    """None: the definition names every list there ever was."""


def registries(credentials: float, status: Status) -> int:
    """How many it takes; one of each definition more is kept ready."""
    return ceil(credentials / status.registry_size) + 1


def links(years: float, status: Status) -> float:
    """How many lists a definition names that is so old."""
    days = years * DAYS_A_YEAR
    if status.linked_days is None or days <= status.linked_days:
        return days * status.lists_a_day
    return status.linked_days * status.lists_a_day + (days - status.linked_days) / DAYS_A_YEAR * 12


def list_size(costs: Costs, status: Status) -> float:
    """Bytes of one list."""
    return costs.list_bytes + status.registry_size * costs.list_place_bytes


def definition_size(costs: Costs, status: Status, years: float) -> float:
    """Bytes of a definition that is so old."""
    return costs.definition_bytes + links(years, status) * costs.link_bytes


@dataclass(frozen=True, slots=True)
class StatusNeeds:
    """Of one issuer's credentials, with registries that are so many years old."""

    registries: int
    lists_a_day: float
    list_bytes_a_year: float
    tails_bytes: float
    definition_bytes: float
    heartbeat_cores: float
    made_seconds: float
    """Processor time to make all registries, once."""


def status_needs(costs: Costs, status: Status, credentials: float, years: float) -> StatusNeeds:
    """What the issuer needs for it."""
    number = registries(credentials, status)
    lists = number * status.lists_a_day
    published = costs.list_published + links(years, status) * costs.link_signed
    return StatusNeeds(
        registries=number,
        lists_a_day=lists,
        list_bytes_a_year=lists * DAYS_A_YEAR * list_size(costs, status),
        tails_bytes=number * status.registry_size * costs.tails_place_bytes,
        definition_bytes=definition_size(costs, status, years),
        heartbeat_cores=lists * published / DAY,
        made_seconds=number * status.registry_size * costs.registry_place,
    )


def distinct(drawn: float, among: float) -> float:
    """How many different ones are expected among so many draws with replacement, each of `among` as likely."""
    return among * (1 - exp(-drawn / among)) if among else 0.0


@dataclass(frozen=True, slots=True)
class ReadNeeds:
    """Of all verifiers together, a day."""

    keeping_up_bytes: float
    proof_bytes: float
    cores: float
    """Of all verifiers, for the links of definitions."""

    @property
    def bytes_a_second(self) -> float:
        """What the issuer's host serves, on average."""
        return (self.keeping_up_bytes + self.proof_bytes) / DAY


def read_needs(
    costs: Costs,
    status: Status,
    *,
    credentials: float,
    years: float,
    verifiers: int,
    proofs_a_day: float,
) -> ReadNeeds:
    """What verifiers and wallets read: a definition anew with each proof at both ends, each list once where it is proven.

    A verifier keeps up with registries it saw lately: their definitions every five minutes, their lists when new.
    """
    number, each = registries(credentials, status), proofs_a_day / verifiers
    definition, one_list = definition_size(costs, status, years), list_size(costs, status)
    followed = min(MOST_KEPT_UP, distinct(each * KEPT_UP_DAYS, number))
    looks = followed * DAY / KEPT_UP_SECONDS
    besides = max(0.0, distinct(each, number) - followed)
    by_wallets = distinct(proofs_a_day, number * status.lists_a_day)
    return ReadNeeds(
        keeping_up_bytes=verifiers * (looks * definition + followed * status.lists_a_day * one_list),
        proof_bytes=proofs_a_day * 2 * definition + (verifiers * besides + by_wallets) * one_list,
        cores=(verifiers * looks + 2 * proofs_a_day) * links(years, status) * costs.link_read / DAY,
    )
