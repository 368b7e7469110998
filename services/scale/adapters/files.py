"""Costs from their file, and the generated parts of docs/scale.md and docs/scale/."""

import hashlib
import re
from dataclasses import fields
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from services import drawing
from services.scale import domain
from services.scale.domain.costs import Costs
from services.scale.domain.measured import Cost, Measured, costs_of
from services.scale.domain.report import Report, table
from services.scale.errors import DocsUnusable

MEASURED: Final = "scale/measured.json"
"""What `make costs WRITE=docs/scale/measured.json` wrote."""
COSTS: Final = "scale/costs.json"
"""The other costs, each with where it is from."""
PAGE: Final = "scale.md"
_BLOCK: Final = re.compile(r"(<!-- begin ([a-z-]+) -->\n)(.*?)(<!-- end \2 -->)", re.DOTALL)


class _Cost(BaseModel):
    model_config = ConfigDict(extra="forbid")

    value: float = Field(ge=0)
    unit: str
    source: str


_COSTS: Final = TypeAdapter(dict[str, _Cost])
_MEASURED: Final = TypeAdapter(Measured)


def read_costs(docs: Path) -> Costs:
    """What was measured. Raises DocsUnusable."""
    found = _read(docs)
    names = {each.name for each in fields(Costs)}
    if found.keys() != names:
        raise DocsUnusable(
            f"expected {docs / MEASURED} and {docs / COSTS} to say exactly what the model takes; missing: {sorted(names - found.keys())}, "
            f"unknown: {sorted(found.keys() - names)}"
        )
    return Costs(**{name: cost.value for name, cost in found.items()})


def sources(docs: Path) -> str:
    """The costs as a table."""
    return table(
        ["cost", "", "from"],
        [
            [name.replace("_", " "), f"{cost.value:.4g} {cost.unit}", cost.source]
            for name, cost in _read(docs).items()
        ],
    )


def _read(docs: Path) -> dict[str, Cost]:
    """What was measured first."""
    try:
        measured = costs_of(_MEASURED.validate_json((docs / MEASURED).read_bytes()))
    except (OSError, ValidationError, KeyError) as error:
        raise DocsUnusable(
            f"expected {docs / MEASURED} as `make costs WRITE=…` writes it, found none that can be read: {error!r}"
        ) from error
    try:
        others = _COSTS.validate_json((docs / COSTS).read_bytes())
    except (OSError, ValidationError) as error:
        raise DocsUnusable(
            f"expected costs in {docs / COSTS}, found none that can be read: {error}"
        ) from error
    if twice := measured.keys() & others.keys():
        raise DocsUnusable(
            f"expected {docs / COSTS} to say only what is not measured, found {sorted(twice)}: remove them there"
        )
    return measured | {name: Cost(**each.model_dump()) for name, each in others.items()}


def write(docs: Path, report: Report) -> None:
    """Fill the page's blocks, write the charts, and stamp the page. Raises DocsUnusable."""
    for name, chart in report.charts.items():
        (docs / "scale" / f"{name}.svg").write_text(chart, encoding="utf-8")
    page = (docs / PAGE).read_text(encoding="utf-8")
    wanted, there = {*report.blocks, "stamp"}, set(_blocks(page))
    if wanted != there:
        raise DocsUnusable(
            f"expected {docs / PAGE} to have the blocks {sorted(wanted)}, found {sorted(there)}: add or remove "
            "`<!-- begin NAME -->` and `<!-- end NAME -->`"
        )
    blocks = dict(report.blocks)
    blocks["stamp"] = ""
    page = filled(page, blocks)
    (docs / PAGE).write_text(page, encoding="utf-8")
    blocks["stamp"] = f"<!-- {stamp(docs)} -->"
    (docs / PAGE).write_text(filled(page, blocks), encoding="utf-8")


def filled(page: str, blocks: dict[str, str]) -> str:
    """The page with these blocks."""
    return _BLOCK.sub(lambda found: f"{found[1]}{blocks[found[2]]}\n{found[4]}", page)


def blocks_of(docs: Path) -> dict[str, str]:
    """The page's blocks as they are."""
    return _blocks((docs / PAGE).read_text(encoding="utf-8"))


def _blocks(page: str) -> dict[str, str]:
    return {found[2]: found[3].removesuffix("\n") for found in _BLOCK.finditer(page)}


def stamp(docs: Path) -> str:
    """A digest of costs, model, and all that was made of them: another one means that they do not belong together."""
    digest = hashlib.sha256()
    model = [*sorted(Path(domain.__path__[0]).glob("*.py")), Path(drawing.__file__)]
    for file in [docs / MEASURED, docs / COSTS, *model, *sorted((docs / "scale").glob("*.svg"))]:
        digest.update(file.read_bytes())
    for name, block in sorted(blocks_of(docs).items()):
        if name != "stamp":
            digest.update(f"{name}\n{block}\n".encode())
    return digest.hexdigest()
