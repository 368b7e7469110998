"""What the page draws of the figures. No I/O."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.bench.domain.figures import Figures
from services.bench.domain.goals import ISSUE, PRESENT
from services.bench.domain.plan import DRIVER, Side
from services.bench.domain.soak import Soak
from services.drawing import Group, Line, grouped_bars, line_chart, stacked_bars

_COLOURS: Final = {
    "arithmetic": "#333333", "stock ACA-Py": "#9aa5b1", "Ujuzi": "#0b6e4f",
    "stock-issuer": "#7b8794", "stock-holder": "#9aa5b1", "stock-verifier": "#616e7c",
    "issuer-agent": "#b23a48", "wallet-agent": "#6a4c93", "verifier-agent": "#3d5a98",
    "issuer": "#f08a24", "wallet": "#8d6e63", "verifier": "#c9a227", "nats": "#2a9d8f", "trust-registry": "#457b9d",
}  # fmt: skip
_SIDES: Final[Mapping[Side, str]] = {"stock": "stock ACA-Py", "ujuzi": "Ujuzi"}


def plots(figures: Figures) -> dict[str, str]:
    """Every plot by its file's name."""
    drawn = {
        "issuance.svg": grouped_bars(
            "Issuance: credentials a second", "in flight", _rates(figures, ISSUE), _COLOURS
        ),
        "presentation.svg": grouped_bars(
            "Presentation: verdicts a second", "in flight", _rates(figures, PRESENT), _COLOURS
        ),
        "alone.svg": grouped_bars(
            "One exchange alone: milliseconds until half were done, beside the arithmetic",
            "",
            _alone(figures),
            _COLOURS,
        ),
        "processor.svg": stacked_bars(
            "Processor time of one exchange, ms, by process", _processor(figures), _COLOURS
        ),
    }
    if figures.soak is not None:
        minutes = figures.soak.minutes
        drawn["memory.svg"] = line_chart(
            f"Resident memory over {minutes:g} minutes: first and last value", "minutes", "MiB",
            _memory(figures.soak), x_step=max(1, minutes // 6),
        )  # fmt: skip
    return drawn


def _rates(figures: Figures, deed: str) -> Sequence[Group]:
    levels = dict.fromkeys(one.in_flight for one in figures.courses if one.deed == deed)
    groups = []
    for in_flight in levels:
        bars: dict[str, tuple[float | None, str]] = {}
        for side, name in _SIDES.items():
            one = figures.course(side, deed, in_flight)
            bars[name] = (one.rate if one else None, f"{one.lost} lost" if one and one.lost else "")
        groups.append(Group(str(in_flight), bars))
    return groups


def _alone(figures: Figures) -> Sequence[Group]:
    groups = []
    for deed in (ISSUE, PRESENT):
        bars: dict[str, tuple[float | None, str]] = {"arithmetic": (figures.floor_ms(deed), "")}
        for side, name in _SIDES.items():
            one = figures.course(side, deed, 1)
            bars[name] = (one.p50 * 1000 if one and one.p50 is not None else None, "")
        groups.append(Group(deed, bars))
    return groups


def _processor(figures: Figures) -> Sequence[tuple[str, Mapping[str, float]]]:
    rows: list[tuple[str, Mapping[str, float]]] = []
    for deed, short in ((ISSUE, "issue"), (PRESENT, "present")):
        floor = next((one for one in figures.arithmetic if one.deed == deed), None)
        if floor is not None:
            rows.append((f"{short}: arithmetic", {"arithmetic": floor.total_ms}))
        for side in _SIDES:
            found = [one for one in figures.courses if (one.side, one.deed) == (side, deed) and one.cpu_ms]
            if found:
                chosen = max(found, key=lambda one: one.rate)
                parts = {name: ms for name, ms in chosen.cpu_ms.items() if name != DRIVER and ms >= 1}
                rows.append((f"{short}: {side}, {chosen.in_flight} in flight", parts))
    return rows


def _memory(soak: Soak) -> Sequence[Line]:
    processes = dict.fromkeys(name for sample in soak.samples for name in sample.rss_mib if name != DRIVER)
    drawn = []
    for name in processes:
        points = [(one.seconds / 60, one.rss_mib[name]) for one in soak.samples if name in one.rss_mib]
        drawn.append(Line(f"{name} {points[0][1]:.0f} → {points[-1][1]:.0f}", points))
    return drawn
