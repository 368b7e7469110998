"""Charts as SVG text: lines over a range, and bars on a logarithmic scale. The same figures give the same text."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Final

WIDTH: Final = 760
HEIGHT: Final = 380
LEFT: Final = 70
RIGHT: Final = 20
TOP: Final = 64
BOTTOM: Final = 48
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#7a3e9d", "#000000", "#e69f00")
"""Told apart by who is colour-blind too; dashes differ besides."""
DASHES: Final = ("", "7 4", "2 3", "10 3 2 3", "", "5 2")
BAR: Final = 26
BAR_LEFT: Final = 330
_OPENING: Final = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {{height}}" role="img" '
    'font-family="system-ui, sans-serif" font-size="12" fill="#222">'
)


@dataclass(frozen=True, slots=True)
class Line:
    """Points with x ascending."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Bar:
    """What its value is called is written beside it."""

    name: str
    value: float
    said: str


def line_chart(
    title: str, across: str, up: str, lines: Sequence[Line], *, x_step: float, log_up: bool = False
) -> str:
    """Draw lines; where `log_up`, values below the smallest power of ten shown lie on the axis."""
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points if y > 0]
    low_x, high_x = min(xs), max(xs)
    marks = _powers(min(ys), max(ys)) if log_up else _rounds(max(ys))
    low_y, high_y = marks[0], marks[-1]

    def at_x(x: float) -> float:
        return LEFT + (x - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT)

    def at_y(y: float) -> float:
        part = (
            log10(max(y, low_y) / low_y) / log10(high_y / low_y) if log_up else (y - low_y) / (high_y - low_y)
        )
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)

    drawn = []
    for mark in marks:
        y = _n(at_y(mark))
        drawn += [
            f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#ddd"/>',
            f'<text x="{LEFT - 8}" y="{y}" dy=".35em" text-anchor="end">{said(mark)}</text>',
        ]
    for number in range(floor((high_x - low_x) / x_step) + 1):
        x = low_x + number * x_step
        drawn += [
            f'<path d="M{_n(at_x(x))} {HEIGHT - BOTTOM}v5" stroke="#555"/>',
            f'<text x="{_n(at_x(x))}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{said(x)}</text>',
        ]
    legend = float(LEFT)
    for number, line in enumerate(lines):
        colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        points = " ".join(f"{_n(at_x(x))},{_n(at_y(y))}" for x, y in line.points)
        style = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}" fill="none"'
        drawn += [
            f'<polyline points="{points}" {style}/>',
            f'<path d="M{_n(legend)} 46h22" {style}/>',
            f'<text x="{_n(legend + 27)}" y="50">{escape(line.name)}</text>',
        ]
        legend += 44 + 6.6 * len(line.name)
    drawn += [
        f'<path d="M{LEFT} {HEIGHT - BOTTOM}H{WIDTH - RIGHT}" stroke="#555"/>',
        f'<text x="{(LEFT + WIDTH - RIGHT) // 2}" y="{HEIGHT - 10}" text-anchor="middle">{escape(across)}</text>',
        f'<text transform="translate(16 {(TOP + HEIGHT - BOTTOM) // 2}) rotate(-90)" text-anchor="middle">{escape(up)}</text>',
    ]
    return _svg(title, HEIGHT, drawn)


def bar_chart(title: str, across: str, bars: Sequence[Bar]) -> str:
    """Draw bars that lie, from the top down, on a logarithmic scale."""
    marks = _powers(min(each.value for each in bars), max(each.value for each in bars))
    low, high = marks[0], marks[-1]
    foot = 40 + BAR * len(bars) + 8

    def at_x(value: float) -> float:
        return BAR_LEFT + log10(value / low) / log10(high / low) * (WIDTH - BAR_LEFT - 70)

    drawn = []
    for mark in marks:
        x = _n(at_x(mark))
        drawn += [
            f'<path d="M{x} 40V{foot}" stroke="#ddd"/>',
            f'<text x="{x}" y="{foot + 16}" text-anchor="middle">{said(mark)}</text>',
        ]
    for number, each in enumerate(bars):
        y = 44 + BAR * number
        end = at_x(each.value)
        drawn += [
            f'<text x="{BAR_LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(each.name)}</text>',
            f'<rect x="{BAR_LEFT}" y="{y}" width="{_n(end - BAR_LEFT)}" height="{BAR - 8}" fill="{COLOURS[0]}"/>',
            f'<text x="{_n(end + 6)}" y="{y + 13}">{escape(each.said)}</text>',
        ]
    drawn.append(f'<text x="{WIDTH // 2}" y="{foot + 34}" text-anchor="middle">{escape(across)}</text>')
    return _svg(title, foot + 44, drawn)


def said(value: float) -> str:
    """Say a number shortly: 1500 is 1.5 k."""
    for size, unit in ((1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def _powers(low: float, high: float) -> list[float]:
    first, last = floor(log10(low)), ceil(log10(high))
    return [10.0**power for power in range(first, max(last, first + 1) + 1)]


def _rounds(high: float) -> list[float]:
    """Five to ten marks from 0 on, at round numbers, the last not below the highest value."""
    rough = high / 5
    power = 10.0 ** floor(log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough)
    return [step * number for number in range(ceil(high / step) + 1)]


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _svg(title: str, height: int, drawn: Sequence[str]) -> str:
    return "\n".join(
        [
            _OPENING.format(height=height),
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
            f'<text x="20" y="24" font-size="15" font-weight="600">{escape(title)}</text>',
            *drawn,
            "</svg>\n",
        ]
    )
