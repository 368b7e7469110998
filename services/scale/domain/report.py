"""What docs/scale.md shows: tables in Markdown and charts, worked out from costs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.drawing import Bar, Line, bar_chart, line_chart, said
from services.scale.domain.costs import Costs
from services.scale.domain.issuing_day import (
    HOUR,
    MINUTE,
    MORNING,
    Course,
    Day,
    Machines,
    arrivals,
    course,
    phone_seconds,
)
from services.scale.domain.needs import Habits, Needs, limits, needs
from services.scale.domain.queueing import Away
from services.scale.domain.status import (
    DAYS_A_YEAR,
    Status,
    definition_size,
    list_size,
    read_needs,
    status_needs,
)

SIZES: Final = (100_000, 1_000_000, 10_000_000)
HABITS: Final = Habits()
TODAY: Final = Status()
DAY: Final = Day()
AGENTS: Final = (2, 4, 6, 8, 12)
CONNECTIONS: Final = (20, 4, 2)
CHOSEN_AGENTS: Final = 6
CHOSEN_CONNECTIONS: Final = 4
OUTAGE: Final = Away(11 * HOUR, 12 * HOUR)
TWO_DAYS: Final = 48
HOURS_FROM: Final = 3 * HOUR
WALLETS_EACH: Final = 1.5
"""Wallets' agents for each of the issuer's: their part of a claim is the larger one."""


@dataclass(frozen=True, slots=True)
class Report:
    """Blocks of docs/scale.md and files of docs/scale/, by name."""

    blocks: Mapping[str, str]
    charts: Mapping[str, str]


def arithmetic(costs: Costs) -> Report:
    """All but the simulated day."""
    return Report(
        {
            "needs": _needs_table([needs(costs, size, HABITS, TODAY) for size in SIZES]),
            "status": _status_table(costs),
            "limits": _limits_table(costs),
        },
        {"limits": _limits_chart(costs), "definition": _definition_chart(costs)},
    )


def simulated(costs: Costs) -> Report:
    """The issuing day; takes half a minute."""
    came = {each: arrivals(replace(DAY, connections=each), costs.mail_seconds) for each in CONNECTIONS}
    courses = {
        (connections, agents): course(came[connections], costs, _machines(agents), DAY.seed)
        for connections in CONNECTIONS
        for agents in AGENTS
    }
    chosen = courses[CHOSEN_CONNECTIONS, CHOSEN_AGENTS]
    broken = course(came[CHOSEN_CONNECTIONS], costs, _machines(CHOSEN_AGENTS, OUTAGE), DAY.seed)
    return Report(
        {
            "day": _day_table(costs, courses),
            "outage": _outage_table(chosen, broken),
            "phones": _phones(costs),
            "next-day": _next_day(costs, chosen.claims),
        },
        {
            "arrivals": _hours_chart(
                "Claims begun in each hour, by how many connections the messages leave over",
                "claims an hour",
                [(f"{each} connections", courses[each, CHOSEN_AGENTS], _began) for each in CONNECTIONS],
            ),
            "backlog": line_chart(
                f"People whose claim is under way, by issuer's agents; messages over {CHOSEN_CONNECTIONS} connections",
                "hours since midnight of the issuing day",
                "people",
                [Line(f"{each} agents", _backlog(courses[CHOSEN_CONNECTIONS, each])) for each in AGENTS],
                x_step=2,
            ),
            "waits": _hours_chart(
                f"Waiting by the hour she begins, {CHOSEN_AGENTS} issuer's agents, {CHOSEN_CONNECTIONS} connections",
                "minutes",
                [
                    ("half wait longer", chosen, _p50),
                    ("one in twenty waits longer", chosen, _p95),
                    ("the latter, agents away 11 to 12", broken, _p95),
                ],
            ),
        },
    )


def _machines(agents: int, *away: Away) -> Machines:
    return Machines(agents, round(agents * WALLETS_EACH), away)


def _needs_table(found: Sequence[Needs]) -> str:
    rows: list[tuple[str, Callable[[Needs], str]]] = [
        (
            "claims, proofs in the busiest hour",
            lambda one: f"{said(one.claims_an_hour)}, {said(one.proofs_an_hour)}",
        ),
        ("**cores** then: issuer with its agents", lambda one: f"{one.issuer_cores:.2g}"),
        ("wallet with its agents", lambda one: f"{one.wallet_cores:.2g}"),
        ("all verifiers with theirs", lambda one: f"{one.verifier_cores:.2g}"),
        ("NATS and PostgreSQL", lambda one: f"{one.infrastructure_cores:.2g}"),
        (
            "issuer's agents, wallets' agents (processes)",
            lambda one: f"{one.issuer_agents}, {one.wallet_agents}",
        ),
        ("wallets open at once", lambda one: said(one.open_wallets)),
        ("**memory** of all programs", lambda one: size(one.memory_bytes)),
        ("**disk**: learners' stores", lambda one: size(one.store_bytes)),
        ("PostgreSQL: issuer's awards", lambda one: size(one.issuer_database_bytes)),
        ("PostgreSQL: issuer's agents", lambda one: size(one.agent_database_bytes)),
        ("PostgreSQL: verifiers and their agents", lambda one: size(one.verifier_database_bytes)),
        (
            "registries; status lists a day",
            lambda one: f"{one.status.registries:,}; {said(one.status.lists_a_day)}",
        ),
        (
            "status lists of a year; tails files",
            lambda one: f"{size(one.status.list_bytes_a_year)}; {size(one.status.tails_bytes)}",
        ),
        ("one registry's definition", lambda one: size(one.status.definition_bytes)),
        ("heartbeat, cores", lambda one: f"{one.status.heartbeat_cores:.2g}"),
        (
            "**read** of the issuer's host by verifiers and wallets",
            lambda one: f"{size(one.reads.bytes_a_second)}/s",
        ),
        ("**NATS** messages a day", lambda one: said(one.messages_a_day)),
        ("published on NATS in the busiest hour", lambda one: f"{size(one.message_bytes_a_second)}/s"),
        (
            "between parties and to phones in the busiest hour",
            lambda one: f"{size(one.wire_bytes_a_second)}/s",
        ),
        ("**mail**: telling a year's graduates, one connection", lambda one: long(one.mail_hours)),
    ]
    return table(
        ["after five years, learners", *(f"{one.learners:,}" for one in found)],
        [[name, *(say(one) for one in found)] for name, say in rows],
    )


LISTS: Final = (
    ("1,024, every list linked (before)", Status(linked_days=None)),
    ("**1,024, links thinned (now)**", Status()),
    ("1,024, once a day", Status(lists_a_day=1)),
    ("4,096", Status(registry_size=4096)),
    ("8,192", Status(registry_size=8192)),
    ("32,768", Status(registry_size=32_768)),
)


def _status_table(costs: Costs) -> str:
    learners, rows = SIZES[-1], []
    for name, status in LISTS:
        own = status_needs(costs, status, learners * HABITS.holds, HABITS.years)
        read = read_needs(
            costs,
            status,
            credentials=learners * HABITS.holds,
            years=HABITS.years,
            verifiers=round(learners / HABITS.learners_a_verifier),
            proofs_a_day=learners * HABITS.proofs_a_year / DAYS_A_YEAR,
        )
        rows.append(
            [
                name,
                f"{own.registries:,}",
                size(list_size(costs, status)),
                size(own.list_bytes_a_year),
                size(own.definition_bytes),
                size(status.registry_size * costs.tails_place_bytes),
                f"{own.heartbeat_cores:.2g}",
                f"{size(read.bytes_a_second)}/s",
                f"{read.cores:.2g}",
                f"{1000 * status.registry_size * costs.witness_place:.0f} ms",
            ]
        )
    return table(
        [
            "credentials a registry",
            "registries",
            "one list",
            "lists of a year",
            "one definition",
            "one tails file",
            "heartbeat, cores",
            "read of the issuer",
            "verifiers' cores for links",
            "wallet's arithmetic for a new list",
        ],
        rows,
    )


def _limits_table(costs: Costs) -> str:
    return table(
        ["one of each bears so many learners", "learners", "then"],
        [[each.what, said(each.learners), each.then] for each in limits(costs, HABITS, TODAY)],
    )


def _limits_chart(costs: Costs) -> str:
    return bar_chart(
        "In which order limits are reached",
        "learners",
        [Bar(each.what, each.learners, said(each.learners)) for each in limits(costs, HABITS, TODAY)],
    )


def _definition_chart(costs: Costs) -> str:
    def line(name: str, status: Status) -> Line:
        return Line(
            name,
            [(month / 12, definition_size(costs, status, month / 12) / 1000) for month in range(121)],
        )

    return line_chart(
        "What is read of a registry with every proof: its definition",
        "years since the registry was made",
        "kB",
        [line("every list linked", Status(linked_days=None)), line("links thinned", TODAY)],
        x_step=1,
        log_up=True,
    )


def _day_table(costs: Costs, courses: Mapping[tuple[int, int], Course]) -> str:
    return table(
        [
            "connections",
            "the last is told at",
            "issuer's + wallets' agents",
            "busy on the day",
            "claims in two days",
            "waiting p50",
            "p95",
            "longest",
            "most people at once",
            "caught up at",
        ],
        [
            [
                str(connections),
                clock(DAY.first_message_at + DAY.told * costs.mail_seconds / connections),
                f"{found.machines.issuer_agents} + {found.machines.wallet_agents}",
                f"{found.busy:.0%}",
                f"{found.claims:,}",
                duration(found.p50),
                duration(found.p95),
                duration(found.longest),
                f"{found.most_waiting:,}",
                clock(found.caught_up_at) if found.caught_up_at else "at once",
            ]
            for (connections, _), found in courses.items()
        ],
    )


def _outage_table(chosen: Course, broken: Course) -> str:
    names = ["undisturbed", "issuer's agents away from 11 to 12"]
    return table(
        [f"{CHOSEN_AGENTS} issuer's agents, {CHOSEN_CONNECTIONS} connections", *names],
        [
            ["claims that come to their end", *(f"{one.claims:,}" for one in (chosen, broken))],
            ["p50, p95 of all", *(f"{duration(one.p50)}, {duration(one.p95)}" for one in (chosen, broken))],
            [
                "p50, p95 of who begins from 11 to 12",
                *(
                    f"{duration(one.hours[11].p50)}, {duration(one.hours[11].p95)}"
                    for one in (chosen, broken)
                ),
            ],
            ["most people at once", *(f"{one.most_waiting:,}" for one in (chosen, broken))],
            ["caught up at", *(clock(one.caught_up_at) for one in (chosen, broken))],
        ],
    )


def _phones(costs: Costs) -> str:
    slow, fast = phone_seconds(costs, DAY)
    return (
        f"A claim in a browser that is there for the first time takes {size(costs.phone_wire)} to the phone and back: "
        f"{duration(slow)} at the {size(DAY.bytes_a_second_2g)}/s of 2G, {duration(fast)} at {size(DAY.bytes_a_second_else)}/s."
    )


def _next_day(costs: Costs, claims: int) -> str:
    """Everybody who claimed shows it once on the day after, to a hundred verifiers."""
    rows = []
    for name, status in LISTS:
        read = read_needs(costs, status, credentials=claims, years=0, verifiers=100, proofs_a_day=claims)
        own = status_needs(costs, status, claims, 0)
        rows.append(
            [
                name,
                f"{own.registries:,}",
                f"{own.made_seconds / 60:.0f} min",
                f"{own.lists_a_day:,.0f}",
                size(own.lists_a_day * list_size(costs, status)),
                size(read.proof_bytes),
                size(read.keeping_up_bytes),
                f"{size(read.bytes_a_second)}/s",
            ]
        )
    return table(
        [
            "credentials a registry",
            "registries",
            "processor time to make them",
            "lists a day",
            "their bytes",
            "read for proofs",
            "read to keep up",
            "together",
        ],
        rows,
    )


def _hours_chart(
    title: str, up: str, lines: Sequence[tuple[str, Course, Callable[[Course, int], float]]]
) -> str:
    hours_shown = range(6, 24)
    return line_chart(
        title,
        "hour of the issuing day",
        up,
        [Line(name, [(float(hour), of(found, hour)) for hour in hours_shown]) for name, found, of in lines],
        x_step=2,
    )


def _began(found: Course, hour: int) -> float:
    return found.hours[hour].began


def _p50(found: Course, hour: int) -> float:
    return found.hours[hour].p50 / 60


def _p95(found: Course, hour: int) -> float:
    return found.hours[hour].p95 / 60


def _backlog(found: Course) -> list[tuple[float, float]]:
    points = [(number / 12, float(people)) for number, people in enumerate(found.backlog)]
    return [(hour, people) for hour, people in points if MORNING <= hour * HOUR <= 24 * HOUR]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a Markdown table."""
    return "\n".join(f"| {' | '.join(each)} |" for each in (head, ["---"] * len(head), *rows))


def size(value: float) -> str:
    """Say bytes in the largest unit of which there is one, by thousands."""
    for step, unit in ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if value >= step:
            return f"{value / step:.3g} {unit}"
    return f"{value:.3g} B"


def duration(seconds: float) -> str:
    """Say seconds in a unit that fits."""
    if seconds < 2 * MINUTE:
        return f"{seconds:.1f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < HOURS_FROM else f"{seconds / HOUR:.1f} h"


def long(hours: float) -> str:
    """Say hours, or days of which there are two."""
    return f"{hours:.1f} h" if hours < TWO_DAYS else f"{hours / 24:.0f} days"


def clock(seconds: float) -> str:
    """Say a time of the day, or of a later one."""
    days, minutes = divmod(int(seconds // 60), 24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}{f' +{days} d' if days else ''}"
