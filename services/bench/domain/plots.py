"""Figures as SVG: bars, stacked bars and lines, with their numbers to read. No I/O.

Three small forms are all the page needs; a plotting library would be larger than Ujuzi's own installation of the rest.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from services.bench.domain.figures import DRIVER, Figures
from services.bench.domain.goals import ISSUE, PRESENT
from services.bench.domain.soak import Soak

_WIDTH: Final = 880
_LEFT: Final = 60
_TOP: Final = 70
_PLOT: Final = 260
"""Height of what is drawn."""
_ROW: Final = 34
_LABELS: Final = 190
_COLOURS: Final = {
    "arithmetic": "#333333", "stock ACA-Py": "#9aa5b1", "Ujuzi": "#0b6e4f",
    "stock-issuer": "#7b8794", "stock-holder": "#9aa5b1", "stock-verifier": "#616e7c",
    "issuer-agent": "#b23a48", "wallet-agent": "#6a4c93", "verifier-agent": "#3d5a98",
    "issuer": "#f08a24", "wallet": "#8d6e63", "verifier": "#c9a227", "nats": "#2a9d8f", "trust-registry": "#457b9d",
}  # fmt: skip
_OTHER: Final = "#52606d"
_SIDES: Final = {"stock": "stock ACA-Py", "ujuzi": "Ujuzi"}

type Bars = Sequence[tuple[str, Sequence[tuple[str, float | None, str]]]]
"""Groups: a label, and for each series its name, value and a note."""
type Stacks = Sequence[tuple[str, Mapping[str, float]]]
"""Rows: a label, and its parts."""


def plots(figures: Figures) -> dict[str, str]:
    """Every plot by its file's name."""
    drawn = {
        "issuance.svg": bars("Issuance: credentials a second", "in flight", _rates(figures, ISSUE)),
        "presentation.svg": bars("Presentation: verdicts a second", "in flight", _rates(figures, PRESENT)),
        "alone.svg": bars(
            "One exchange alone: milliseconds until half were done, beside the arithmetic",
            "",
            _alone(figures),
        ),
        "processor.svg": stacked("Processor time of one exchange, ms, by process", _processor(figures)),
    }
    if figures.soak is not None:
        drawn["memory.svg"] = lines(
            f"Resident memory over {figures.soak.minutes:g} minutes, MiB", "minutes", _memory(figures.soak)
        )
    return drawn


def _rates(figures: Figures, deed: str) -> Bars:
    levels = dict.fromkeys(one.in_flight for one in figures.courses if one.deed == deed)
    groups = []
    for in_flight in levels:
        series = []
        for side in ("stock", "ujuzi"):
            one = figures.course(side, deed, in_flight)
            note = f"{one.lost} lost" if one and one.lost else ""
            series.append((_SIDES[side], one.rate if one else None, note))
        groups.append((str(in_flight), series))
    return groups


def _alone(figures: Figures) -> Bars:
    groups = []
    for deed in (ISSUE, PRESENT):
        series: list[tuple[str, float | None, str]] = [("arithmetic", figures.floor_ms(deed), "")]
        for side in ("stock", "ujuzi"):
            one = figures.course(side, deed, 1)
            series.append((_SIDES[side], one.p50 * 1000 if one and one.p50 is not None else None, ""))
        groups.append((deed, series))
    return groups


def _processor(figures: Figures) -> Stacks:
    rows: list[tuple[str, Mapping[str, float]]] = []
    for deed, short in ((ISSUE, "issue"), (PRESENT, "present")):
        floor = next((one for one in figures.arithmetic if one.deed == deed), None)
        if floor is not None:
            rows.append((f"{short}: arithmetic", {"arithmetic": floor.total_ms}))
        for side in ("stock", "ujuzi"):
            found = [one for one in figures.courses if (one.side, one.deed) == (side, deed) and one.cpu_ms]
            if found:
                chosen = max(found, key=lambda one: one.rate)
                parts = {name: ms for name, ms in chosen.cpu_ms.items() if name != DRIVER and ms >= 1}
                rows.append((f"{short}: {side}, {chosen.in_flight} in flight", parts))
    return rows


def _memory(soak: Soak) -> Mapping[str, Sequence[tuple[float, float]]]:
    processes = dict.fromkeys(name for sample in soak.samples for name in sample.rss_mib if name != DRIVER)
    return {
        name: [(one.seconds / 60, one.rss_mib[name]) for one in soak.samples if name in one.rss_mib]
        for name in processes
    }


def bars(title: str, below: str, groups: Bars) -> str:
    """Groups of bars, each with its number on top."""
    names = list(dict.fromkeys(name for _, series in groups for name, _, _ in series))
    most = max((value for _, series in groups for _, value, _ in series if value), default=1.0)
    wide = (_WIDTH - 2 * _LEFT) / max(1, len(groups))
    bar = min(70.0, wide * 0.8 / max(1, len(names)))
    base = _TOP + _PLOT
    drawn = [_line(_LEFT, base, _WIDTH - _LEFT, base)]
    for place, (label, series) in enumerate(groups):
        middle = _LEFT + wide * (place + 0.5)
        for name, value, note in series:
            if value is None:
                continue
            number = names.index(name)
            left, height = middle + (number - len(names) / 2) * bar, _PLOT * 0.88 * value / most
            drawn += [
                _box(left + 2, base - height, bar - 4, height, _COLOURS.get(name, _OTHER)),
                _text(left + bar / 2, base - height - 6, _number(value), "middle", bold=True),
            ]
            if note:
                drawn.append(_text(left + bar / 2, base - height - 22, note, "middle", colour="#b23a48"))
        drawn.append(_text(middle, base + 20, label, "middle"))
    drawn.append(_text(_WIDTH / 2, base + 42, below, "middle"))
    return _svg(title, [*_legend(names), *drawn], base + 56)


def stacked(title: str, rows: Stacks) -> str:
    """One bar for each row, its parts one after another, its sum behind it."""
    names = list(dict.fromkeys(name for _, parts in rows for name in parts))
    most = max((sum(parts.values()) for _, parts in rows), default=1.0)
    across = _WIDTH - _LABELS - 90
    per_line = 5
    top = _TOP + 20 * ((len(names) - 1) // per_line)
    drawn = []
    for place, (label, parts) in enumerate(rows):
        y, x = top + place * _ROW, float(_LABELS)
        drawn.append(_text(_LABELS - 8, y + 18, label, "end"))
        for name, value in parts.items():
            long = across * value / most
            drawn.append(_box(x, y, long, _ROW - 10, _COLOURS.get(name, _OTHER)))
            shown = _number(value)
            if long > 9 * len(shown):
                drawn.append(_text(x + long / 2, y + 17, shown, "middle", colour="#ffffff"))
            x += long
        drawn.append(_text(x + 6, y + 18, _number(sum(parts.values())), "start", bold=True))
    return _svg(title, [*_legend(names, per_line=per_line), *drawn], top + len(rows) * _ROW + 12)


def lines(title: str, below: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """A line for each series, with its first and last value."""
    points = [point for each in series.values() for point in each]
    far = max((x for x, _ in points), default=1.0) or 1.0
    most = max((y for _, y in points), default=1.0) or 1.0
    right, base = _WIDTH - 230, _TOP + _PLOT
    drawn = [_line(_LEFT, base, right, base), _line(_LEFT, _TOP, _LEFT, base)]
    for part in range(5):
        y = base - _PLOT * part / 4
        drawn.append(_text(_LEFT - 6, y + 4, _number(most * part / 4), "end"))
        drawn.append(_text(_LEFT + (right - _LEFT) * part / 4, base + 20, _number(far * part / 4), "middle"))
    drawn.append(_text((_LEFT + right) / 2, base + 40, below, "middle"))
    ends = sorted(((each[-1][1], name) for name, each in series.items() if each), reverse=True)
    lowest = float(_TOP)
    for last, name in ends:
        each, colour = series[name], _COLOURS.get(name, _OTHER)
        path = " ".join(
            f"{_LEFT + (right - _LEFT) * x / far:.1f},{base - _PLOT * y / most:.1f}" for x, y in each
        )
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        label = max(lowest, base - _PLOT * last / most + 4)
        lowest = label + 15
        drawn.append(_text(right + 8, label, f"{name} {each[0][1]:.0f} → {last:.0f}", "start", colour=colour))
    return _svg(title, drawn, max(base + 54, lowest + 10))


def _legend(names: Sequence[str], *, per_line: int = 5) -> list[str]:
    drawn = []
    for number, name in enumerate(names):
        x = _LEFT + (number % per_line) * (_WIDTH - 2 * _LEFT) / per_line
        y = 44 + 20 * (number // per_line)
        drawn += [_box(x, y - 10, 12, 12, _COLOURS.get(name, _OTHER)), _text(x + 18, y, name, "start")]
    return drawn


def _number(value: float) -> str:
    for least, digits in ((100, 0), (10, 1)):
        if value >= least:
            return f"{value:,.{digits}f}"
    return f"{value:.2f}" if value else "0"


def _text(x: float, y: float, text: str, anchor: str, *, bold: bool = False, colour: str = "#1f2933") -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(text)}</text>'
    )


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#52606d"/>'


def _svg(title: str, drawn: Sequence[str], height: float) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13"><title>{escape(title)}</title>'
    )
    paper = f'<rect width="{_WIDTH}" height="{height:.0f}" fill="#ffffff"/>'
    heading = (
        f'<text x="{_LEFT}" y="22" font-size="16" font-weight="bold" fill="#1f2933">{escape(title)}</text>'
    )
    return "\n".join((head, paper, heading, *drawn, "</svg>")) + "\n"
