"""A national issuing day: everybody is told within hours, many claim the same day, and a queue smooths what the machines cannot do at once.

1. Messages leave one after the other, over as many connections as there are.
2. Of those told a part claims, some minutes, hours or days after the message; nobody at night. Two days are looked at.
3. A claim passes the issuer's agents and then the wallets' agents, each in the order of arrival.
4. Her phone's network takes its own time; it holds up nobody else.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final

from services.scale.domain.costs import Costs
from services.scale.domain.queueing import Away, percentile, serve_one_after_the_other, under_way

HOUR: Final = 3600.0
MORNING: Final = 6 * HOUR
NIGHT: Final = 22 * HOUR
MINUTE: Final = 60.0
LOOKED_AT: Final = 48 * HOUR
UNEVEN: Final = 0.3
"""Coefficient of variation of the work of a claim."""


@dataclass(frozen=True, slots=True)
class Day:
    """Who is told what and how, and what people do; the latter are assumptions. Times of day in seconds from midnight."""

    told: int = 500_000
    first_message_at: float = 8 * HOUR
    connections: int = 20
    claim: float = 0.7
    """Part of all who claim, sooner or later."""
    by_sms: float = 0.5
    sms_median: float = 20 * MINUTE
    mail_median: float = 3 * HOUR
    spread: float = 1.3
    """Standard deviation of the logarithm of the delay."""
    on_2g: float = 0.6
    bytes_a_second_2g: float = 5_000.0
    bytes_a_second_else: float = 250_000.0
    seed: int = 2026


@dataclass(frozen=True, slots=True)
class Machines:
    """Agents of each kind, a core each, and when the issuer's were all away."""

    issuer_agents: int
    wallet_agents: int
    away: tuple[Away, ...] = ()


@dataclass(frozen=True, slots=True)
class Hour:
    """Of those who begin in it: how many, and how long they wait, phones left out."""

    began: int
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Course:
    """How the day went. Waits in seconds from opening the link to the stored credential, phones left out."""

    machines: Machines
    claims: int
    p50: float
    p95: float
    longest: float
    most_waiting: int
    caught_up_at: float
    """The last minute in which more people were under way than agents can have in hand; 0 if there was none."""
    busy: float
    """Of the issuer's agents, over the first day."""
    hours: tuple[Hour, ...]
    backlog: tuple[int, ...]
    """People whose claim is under way, at every fifth minute."""


def arrivals(day: Day, mail_seconds: float) -> list[float]:
    """Return when each claims who does so within the two days, ascending; the same for the same seed."""
    drawn = random.Random(day.seed)  # noqa: S311 - to be had again, not to be secret
    came = []
    for number in range(day.told):
        told = day.first_message_at + number * mail_seconds / day.connections
        if drawn.random() >= day.claim:
            continue
        median = day.sms_median if drawn.random() < day.by_sms else day.mail_median
        at = _awake(told + drawn.lognormvariate(log(median), day.spread), drawn)
        if at < LOOKED_AT:
            came.append(at)
    return sorted(came)


def _awake(at: float, drawn: random.Random) -> float:
    """The same time by day; in the night, some time in the morning after."""
    days, time = divmod(at, 24 * HOUR)
    if MORNING <= time < NIGHT:
        return at
    begins = days * 24 * HOUR + MORNING + (24 * HOUR if time >= NIGHT else 0)
    return begins + drawn.expovariate(1 / HOUR) % (12 * HOUR)


def course(came: Sequence[float], costs: Costs, machines: Machines, seed: int) -> Course:
    """Let all of them claim. `came` in ascending order, at least one."""
    drawn = random.Random(f"{seed} work")  # noqa: S311
    uneven = [drawn.gammavariate(1 / UNEVEN**2, UNEVEN**2) for _ in came]
    by_issuer = [each * costs.claim_issuer_agent for each in uneven]
    by_wallet = [each * costs.claim_wallet_agent for each in uneven]
    done = serve_one_after_the_other(
        came,
        [(by_issuer, machines.issuer_agents), (by_wallet, machines.wallet_agents)],
        machines.away,
    )
    waits = [ended - began for began, ended in zip(came, done, strict=True)]
    moments = _every(MINUTE, LOOKED_AT + 24 * HOUR)
    waiting = under_way(came, done, moments)
    in_hand = machines.issuer_agents + machines.wallet_agents
    first_day = sum(work for work, at in zip(by_issuer, came, strict=True) if at < 24 * HOUR)
    return Course(
        machines=machines,
        claims=len(came),
        p50=percentile(waits, 0.5),
        p95=percentile(waits, 0.95),
        longest=max(waits),
        most_waiting=max(waiting),
        caught_up_at=max(
            (at for at, people in zip(moments, waiting, strict=True) if people > in_hand), default=0.0
        ),
        busy=first_day / (machines.issuer_agents * 24 * HOUR),
        hours=_by_hour(came, waits),
        backlog=tuple(waiting[::5]),
    )


def _every(seconds: float, until: float) -> list[float]:
    return [number * seconds for number in range(int(until / seconds) + 1)]


def _by_hour(came: Sequence[float], waits: Sequence[float]) -> tuple[Hour, ...]:
    by_hour: list[list[float]] = [[] for _ in range(int(LOOKED_AT / HOUR))]
    for at, wait in zip(came, waits, strict=True):
        by_hour[int(at / HOUR)].append(wait)
    return tuple(Hour(len(each), percentile(each, 0.5), percentile(each, 0.95)) for each in by_hour)


def phone_seconds(costs: Costs, day: Day) -> tuple[float, float]:
    """How long the bytes of a claim take on a phone with 2G, and on another."""
    return costs.phone_wire / day.bytes_a_second_2g, costs.phone_wire / day.bytes_a_second_else
