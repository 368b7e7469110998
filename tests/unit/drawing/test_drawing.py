"""Charts are well-formed, and their marks and points are where their values are."""

from xml.etree import ElementTree as ET

import pytest

from services.drawing import (
    Bar,
    Group,
    Line,
    bar_chart,
    grouped_bars,
    line_chart,
    said,
    stacked_bars,
)

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


def test_the_highest_bar_is_the_largest_number_and_has_its_remark_and_what_is_missing_is_left_out() -> None:
    groups = [Group("a", {"one": (2.0, "3 lost"), "two": (1.0, "")}), Group("b", {"one": (None, "")})]
    chart = drawn(grouped_bars("<b>", "x", groups, {"one": "#123456"}))
    bars = [each for each in chart.iter(f"{SVG}rect") if float(each.get("height") or 0) > 12][1:]
    assert [each.get("fill") for each in bars] == ["#123456", "#52606d"]
    tall = [float(each.get("height") or 0) for each in bars]
    assert tall[0] == pytest.approx(2 * tall[1], abs=0.2)
    assert {"2.00", "3 lost", "a", "b", "x", "<b>"} <= {each.text for each in chart.iter(f"{SVG}text")}


def test_the_parts_of_a_stack_add_up_to_the_number_behind_it() -> None:
    chart = drawn(stacked_bars("t", [("row", {"a": 200.0, "b": 150.0})], {}))
    assert [each.text for each in chart.iter(f"{SVG}text")][-1] == "350"


def test_a_legend_that_is_too_long_goes_on_in_the_next_line_and_nothing_is_drawn_over_it() -> None:
    names = [f"a line with a long name, number {number}" for number in range(8)]
    chart = drawn(line_chart("T", "x", "y", [Line(name, [(0, 1), (9, 9)]) for name in names], x_step=3))
    words = {each.text: each for each in chart.iter(f"{SVG}text")}
    lowest = max(float(words[name].get("y") or 0) for name in names)
    points = [each.get("points", "").split()[-1] for each in chart.iter(f"{SVG}polyline")]
    assert lowest > 60
    assert all(float(point.split(",")[1]) > lowest for point in points)
    styles = {(each.get("stroke"), each.get("stroke-dasharray")) for each in chart.iter(f"{SVG}polyline")}
    assert len(styles) == len(names)
