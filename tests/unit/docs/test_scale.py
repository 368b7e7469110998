"""docs/scale.md is what `ujuzi scale` makes of the measured costs and the model."""

from pathlib import Path

import pytest

from services.scale.adapters.files import blocks_of, filled, read_costs, sources, stamp, write
from services.scale.domain.report import Report, arithmetic
from services.scale.errors import DocsUnusable
from tests.unit.docs.test_security import ROOT

DOCS = ROOT / "docs"
ANEW = "run `ujuzi scale` and commit what it writes"


def test_tables_are_what_the_model_makes_of_the_costs() -> None:
    counted, there = arithmetic(read_costs(DOCS)), blocks_of(DOCS)
    assert {**counted.blocks, "costs": sources(DOCS)}.items() <= there.items(), ANEW
    for name, chart in counted.charts.items():
        assert (DOCS / "scale" / f"{name}.svg").read_text() == chart, ANEW


def test_the_simulated_day_was_made_of_these_costs_by_this_model() -> None:
    assert blocks_of(DOCS)["stamp"] == f"<!-- {stamp(DOCS)} -->", ANEW


def test_a_number_changed_by_hand_shows(tmp_path: Path) -> None:
    (tmp_path / "scale").mkdir()
    (tmp_path / "scale" / "measured.json").write_text("{}")
    (tmp_path / "scale" / "costs.json").write_text("{}")
    page = tmp_path / "scale.md"
    page.write_text("<!-- begin day -->\n<!-- end day -->\n<!-- begin stamp -->\n<!-- end stamp -->\n")
    write(tmp_path, Report({"day": "12 agents"}, {"waits": "<svg/>"}))
    assert blocks_of(tmp_path)["stamp"] == f"<!-- {stamp(tmp_path)} -->"
    page.write_text(filled(page.read_text(), blocks_of(tmp_path) | {"day": "6 agents"}))
    assert blocks_of(tmp_path)["stamp"] != f"<!-- {stamp(tmp_path)} -->"


def test_a_page_without_a_place_for_a_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "scale.md").write_text("<!-- begin stamp -->\n<!-- end stamp -->\n")
    with pytest.raises(DocsUnusable, match=r"to have the blocks \['day', 'stamp'\], found \['stamp'\]"):
        write(tmp_path, Report({"day": ""}, {}))


@pytest.mark.parametrize(
    ("costs", "reason"),
    [
        ("{", "none that can be read"),
        ('{"love": {"value": 1, "unit": "s", "source": "x"}}', "unknown: .'love'"),
        ('{"claim_nats": {"value": 1, "unit": "s", "source": "x"}}', "found .'claim_nats'.: remove"),
    ],
)
def test_costs_that_do_not_fit_the_model_are_refused(costs: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "scale").mkdir()
    (tmp_path / "scale" / "measured.json").write_bytes((DOCS / "scale" / "measured.json").read_bytes())
    (tmp_path / "scale" / "costs.json").write_text(costs)
    with pytest.raises(DocsUnusable, match=reason):
        read_costs(tmp_path)


@pytest.mark.parametrize("measured", ["{", '{"claim": {}}'])
def test_a_measurement_that_make_costs_did_not_write_is_refused(measured: str, tmp_path: Path) -> None:
    (tmp_path / "scale").mkdir()
    (tmp_path / "scale" / "measured.json").write_text(measured)
    with pytest.raises(DocsUnusable, match="as `make costs WRITE=…` writes it"):
        read_costs(tmp_path)
