"""Charts are well-formed, and their marks and points are where their values are."""

from xml.etree import ElementTree as ET

import pytest

from services.scale.domain.chart import Bar, Line, bar_chart, line_chart, said

SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


def test_a_line_goes_from_its_first_to_its_last_point_within_the_frame() -> None:
    chart = drawn(line_chart("T <&>", "x", "y", [Line("a", [(0, 0), (10, 100)])], x_step=5))
    line = chart.find(f"{SVG}polyline")
    assert line is not None
    assert line.get("points") == "70,332 740,64"
    assert chart.findtext(f"{SVG}title") == "T <&>"
    words = [each.text for each in chart.iter(f"{SVG}text")]
    assert {"0", "5", "10", "100", "x", "y", "a"} <= set(words)


def test_on_a_logarithmic_scale_each_power_of_ten_is_as_far_from_the_next() -> None:
    chart = drawn(line_chart("T", "x", "y", [Line("a", [(0, 1), (1, 10), (2, 100)])], x_step=1, log_up=True))
    line = chart.find(f"{SVG}polyline")
    assert line is not None
    assert line.get("points") == "70,332 405,198 740,64"


def test_bars_say_their_value() -> None:
    chart = drawn(bar_chart("T", "x", [Bar("one", 10, "10"), Bar("two", 1_000, "1 k")]))
    widths = [float(each.get("width") or 0) for each in chart.iter(f"{SVG}rect")][1:]
    assert widths == pytest.approx([0, 360])
    assert "1 k" in [each.text for each in chart.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (1.25, "1.25"), (1_500, "1.5 k"), (2_000_000, "2 M"), (3e9, "3 bn")]
)
def test_numbers_are_said_shortly(value: float, words: str) -> None:
    assert said(value) == words
