"""docs/performance.md and its plots are what `ujuzi bench --from docs/performance.json` writes."""

from services.bench.domain.figures import Figures
from services.bench.domain.page import page
from services.bench.domain.plots import plots
from tests.unit.docs.test_security import ROOT

DOCS = ROOT / "docs"
FIGURES = Figures.of_json((DOCS / "performance.json").read_text())


def test_the_page_is_made_of_the_figures() -> None:
    assert (DOCS / "performance.md").read_text() == page(FIGURES, "performance"), (
        "run `ujuzi bench --from docs/performance.json --page docs/performance.md`"
    )


def test_the_plots_are_made_of_the_figures_and_there_are_no_others() -> None:
    there = {file.name: file.read_text() for file in (DOCS / "performance").iterdir()}
    assert there == plots(FIGURES)
