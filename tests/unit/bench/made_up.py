"""Figures nobody measured."""

from dataclasses import replace

from services.bench.domain.figures import Arithmetic, Course, Figures, Machine, Part, SecondAgent
from services.bench.domain.plan import Side


def a_course(
    side: Side,
    deed: str,
    in_flight: int,
    *,
    rate: float = 4.0,
    p50: float = 0.4,
    lost: int = 0,
    doubled: int = 0,
) -> Course:
    exchanges = 10 * in_flight
    process = "stock-issuer" if side == "stock" else "issuer-agent"
    return Course(
        side=side, deed=deed, in_flight=in_flight, exchanges=exchanges, finished=exchanges - lost, lost=lost,
        doubled=doubled, seconds=10.0, rate=rate, p50=p50, p95=2 * p50, p99=3 * p50,
        cpu_ms={process: 250.0, "driver": 40.0}, rss_mib={process: 140.0, "driver": 50.0},
        reasons={"nothing finished any more": lost} if lost else {},
    )  # fmt: skip


ISSUE, PRESENT = "issue", "present, 1 predicate"

FIGURES = Figures(
    plan="full",
    made_at="2026-11-22T10:00:00+00:00",
    took_seconds=1800.0,
    machine=Machine("A processor", 2, 8.0, "Linux 6.1", "3.13.1", {"acapy-agent": "1.6.2"}, 0.1, 1.9),
    courses=(
        a_course("stock", ISSUE, 1, rate=2.0),
        a_course("ujuzi", ISSUE, 1, rate=2.5, p50=0.3),
        a_course("stock", ISSUE, 200, rate=4.0, lost=900),
        a_course("ujuzi", ISSUE, 200, rate=6.4),
        a_course("stock", PRESENT, 1, rate=2.0),
        a_course("ujuzi", PRESENT, 1, rate=2.0, p50=0.5),
        a_course("stock", PRESENT, 200, rate=5.0),
        a_course("ujuzi", PRESENT, 200, rate=7.9),
    ),
    arithmetic=(
        Arithmetic(ISSUE, {"offer": 1.0, "request": 120.0, "issue": 50.0, "store": 29.0}),
        Arithmetic(PRESENT, {"prove": 120.0, "verify": 120.0}),
    ),
    parts=(Part("`ujuzi up` until ready", 7.5, "s"),),
    planned=8,
)

SECOND_AGENT = SecondAgent(
    made_at="2026-11-22T11:00:00+00:00",
    cores=2,
    one=replace(
        a_course("ujuzi", ISSUE, 12, rate=3.0), cpu_ms={"wallet-agent": 250.0, "nats": 300.0, "driver": 50.0}
    ),
    two=replace(
        a_course("ujuzi", ISSUE, 12, rate=3.6),
        cpu_ms={"wallet-agent": 128.0, "wallet-agent-b": 130.0, "nats": 300.0, "driver": 50.0},
    ),
)
