"""Charts as SVG text: lines, bars in groups, in stacks and on a logarithmic scale. The same figures give the same text.

Four small forms are all that pages of figures need: no plotting library. No I/O.
"""

from collections.abc import Mapping, Sequence
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
STEP: Final = 20
"""Between two lines of a legend."""
ROW: Final = 34
ROW_LEFT: Final = 190
BAR: Final = 26
BAR_LEFT: Final = 330
OTHER: Final = "#52606d"
"""Of a bar for whose name no colour was given."""
WIDE_ENOUGH: Final = 9
"""Pixels for each character of a number within its part of a stack."""
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
    legend, lower = _legend([line.name for line in lines])
    top, height = TOP + lower, HEIGHT + lower

    def at_x(x: float) -> float:
        return LEFT + (x - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT)

    def at_y(y: float) -> float:
        part = (
            log10(max(y, low_y) / low_y) / log10(high_y / low_y) if log_up else (y - low_y) / (high_y - low_y)
        )
        return height - BOTTOM - part * (height - top - BOTTOM)

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
            f'<path d="M{_n(at_x(x))} {height - BOTTOM}v5" stroke="#555"/>',
            f'<text x="{_n(at_x(x))}" y="{height - BOTTOM + 18}" text-anchor="middle">{said(x)}</text>',
        ]
    for number, (line, (left, middle)) in enumerate(zip(lines, legend, strict=True)):
        colour = COLOURS[number % len(COLOURS)]
        dash = DASHES[(number + number // len(COLOURS)) % len(DASHES)]
        points = " ".join(f"{_n(at_x(x))},{_n(at_y(y))}" for x, y in line.points)
        style = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}" fill="none"'
        drawn += [
            f'<polyline points="{points}" {style}/>',
            f'<path d="M{_n(left)} {_n(middle)}h22" {style}/>',
            f'<text x="{_n(left + 27)}" y="{_n(middle + 4)}">{escape(line.name)}</text>',
        ]
    drawn += [
        f'<path d="M{LEFT} {height - BOTTOM}H{WIDTH - RIGHT}" stroke="#555"/>',
        f'<text x="{(LEFT + WIDTH - RIGHT) // 2}" y="{height - 10}" text-anchor="middle">{escape(across)}</text>',
        f'<text transform="translate(16 {(top + height - BOTTOM) // 2}) rotate(-90)" text-anchor="middle">{escape(up)}</text>',
    ]
    return _svg(title, height, drawn)


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


@dataclass(frozen=True, slots=True)
class Group:
    """Bars that stand side by side: value and remark of each by its name; None leaves its place empty."""

    name: str
    bars: Mapping[str, tuple[float | None, str]]


def grouped_bars(title: str, across: str, groups: Sequence[Group], colours: Mapping[str, str]) -> str:
    """Draw bars that stand, each with its number and its remark on top; a bar's name has one of these colours."""
    names = list(dict.fromkeys(name for group in groups for name in group.bars))
    values = [value for group in groups for value, _ in group.bars.values() if value]
    most = max(values, default=1.0)
    legend, lower = _legend(names)
    top, height = TOP + lower, HEIGHT + lower
    foot = height - BOTTOM
    wide = (WIDTH - LEFT - RIGHT) / max(1, len(groups))
    bar = min(70.0, wide * 0.8 / max(1, len(names)))
    drawn = [*_boxes(names, legend, colours), f'<path d="M{LEFT} {foot}H{WIDTH - RIGHT}" stroke="#555"/>']
    for place, group in enumerate(groups):
        middle = LEFT + wide * (place + 0.5)
        for number, name in enumerate(names):
            value, remark = group.bars.get(name, (None, ""))
            if value is None:
                continue
            left, tall = middle + (number - len(names) / 2) * bar, (foot - top) * 0.88 * value / most
            drawn += [
                _box(left + 2, foot - tall, bar - 4, tall, colours.get(name, OTHER)),
                _word(left + bar / 2, foot - tall - 6, number_of(value)),
            ]
            if remark:
                drawn.append(_word(left + bar / 2, foot - tall - 22, remark))
        drawn.append(_word(middle, foot + 18, group.name))
    drawn.append(_word(WIDTH / 2, height - 10, across))
    return _svg(title, height, drawn)


def stacked_bars(
    title: str, rows: Sequence[tuple[str, Mapping[str, float]]], colours: Mapping[str, str]
) -> str:
    """Draw a bar that lies for each row, its parts one after another and its sum behind it."""
    names = list(dict.fromkeys(name for _, parts in rows for name in parts))
    most = max((sum(parts.values()) for _, parts in rows), default=1.0)
    legend, lower = _legend(names)
    drawn = _boxes(names, legend, colours)
    for place, (label, parts) in enumerate(rows):
        y, x = TOP + lower + place * ROW, float(ROW_LEFT)
        drawn.append(_word(ROW_LEFT - 8, y + 17, label, "end"))
        for name, value in parts.items():
            long = (WIDTH - ROW_LEFT - 60) * value / most
            drawn.append(_box(x, y, long, ROW - 10, colours.get(name, OTHER)))
            if long > WIDE_ENOUGH * len(number_of(value)):
                drawn.append(_word(x + long / 2, y + 17, number_of(value), colour="#fff"))
            x += long
        drawn.append(_word(x + 6, y + 17, number_of(sum(parts.values())), "start"))
    return _svg(title, TOP + lower + ROW * len(rows) + 12, drawn)


def number_of(value: float) -> str:
    """Say a number with three digits or more."""
    for least, digits in ((100, 0), (10, 1)):
        if value >= least:
            return f"{value:,.{digits}f}"
    return f"{value:.2f}" if value else "0"


def said(value: float) -> str:
    """Say a number shortly: 1500 is 1.5 k."""
    for size, unit in ((1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def _legend(names: Sequence[str]) -> tuple[list[tuple[float, float]], int]:
    """Where each name's mark is, and by how much everything below moves down for further lines of them."""
    found, x, y = [], float(LEFT), 46.0
    for name in names:
        wide = 44 + 6.6 * len(name)
        if x > LEFT and x + wide > WIDTH:
            x, y = float(LEFT), y + STEP
        found.append((x, y))
        x += wide
    return found, int(y - 46)


def _boxes(
    names: Sequence[str], legend: Sequence[tuple[float, float]], colours: Mapping[str, str]
) -> list[str]:
    drawn = []
    for name, (x, y) in zip(names, legend, strict=True):
        drawn += [_box(x, y - 7, 12, 12, colours.get(name, OTHER)), _word(x + 18, y + 4, name, "start")]
    return drawn


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{colour}"/>'


def _word(x: float, y: float, text: str, anchor: str = "middle", *, colour: str = "#222") -> str:
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'


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
