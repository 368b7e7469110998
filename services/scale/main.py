"""Wiring of `ujuzi scale`."""

from pathlib import Path

from services.scale.adapters.files import read_costs, sources, write
from services.scale.domain.report import Report, arithmetic, simulated


def work_out(docs: Path) -> None:
    """Fill docs/scale.md and docs/scale/ from docs/scale/measured.json and docs/scale/costs.json. Raises ScaleError."""
    costs = read_costs(docs)
    counted, day = arithmetic(costs), simulated(costs)
    write(
        docs,
        Report({**counted.blocks, **day.blocks, "costs": sources(docs)}, {**counted.charts, **day.charts}),
    )
