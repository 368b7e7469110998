"""Plots are well-formed, and every number can be read in them."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from services.bench.domain.plots import plots
from services.bench.domain.soak import Sample, Soak
from tests.unit.bench.made_up import FIGURES

SOAK = Soak(
    "2026-11-22", 60, 2, 4, 900, 0, 0, {}, [Sample(60.0 * n, {"issuer": 150.0 + n}) for n in range(12)]
)


def texts(svg: str) -> list[str]:
    return [found.text or "" for found in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314  ours


@pytest.mark.parametrize("name", ["issuance.svg", "presentation.svg", "alone.svg", "processor.svg"])
def test_each_plot_has_its_legend_and_its_numbers(name: str) -> None:
    assert {"Ujuzi", "issuer-agent"} & set(texts(plots(FIGURES)[name]))
    assert "memory.svg" not in plots(FIGURES), "no soak was run"


def test_what_stock_agents_lost_is_written_at_their_bar() -> None:
    assert "900 lost" in texts(plots(FIGURES)["issuance.svg"])


def test_a_soak_has_a_line_for_each_process_with_its_first_and_last_value() -> None:
    drawn = plots(replace(FIGURES, soak=SOAK))["memory.svg"]
    assert "issuer 150 → 161" in texts(drawn)
    assert "<polyline" in drawn
