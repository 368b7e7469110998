"""`/v1/figures`: how many awards got how far, by month and programme, as JSON and CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from issuer.domain.figures import FEW, Count, Figure, Line, Month, Report
from issuer.entry.acting import Acting, acting
from issuer.entry.api import READ
from issuer.entry.harmless import harmless
from issuer.errors import MonthsRefused
from issuer.use_cases.look_up_figures import LookUpFigures

Reader = Annotated[Acting, Depends(acting(READ))]
MonthText = Annotated[str | None, Query(max_length=7, examples=["2026-11"])]
FEWER: Final = f"fewer than {FEW}"


class CountShape(BaseModel):
    """A number between `low` and `high`, both inclusive; the same where it is told exactly."""

    low: int
    high: int

    @classmethod
    def of(cls, count: Count) -> Self:
        """Show it."""
        return cls(low=count.low, high=count.high)


class LineShape(BaseModel):
    """Figures of a month, a programme, both, or all."""

    month: str | None
    programme: str | None = Field(description="id of the programme's first edition")
    title: str | None
    counts: dict[Figure, CountShape]
    days_to_claim: float | None = Field(
        description="median, from the link to the claim; of five claims or more"
    )

    @classmethod
    def of(cls, line: Line, titles: Mapping[str, str]) -> Self:
        """Show it."""
        return cls(
            month=str(line.month) if line.month else None,
            programme=line.programme,
            title=titles.get(line.programme) if line.programme else None,
            counts={what: CountShape.of(count) for what, count in line.counts.items()},
            days_to_claim=line.days_to_claim,
        )


class FiguresShape(BaseModel):
    """`lines` by month and programme, and sums of what they show; months in UTC."""

    months: list[str]
    lines: list[LineShape]
    by_month: list[LineShape]
    by_programme: list[LineShape]
    total: LineShape

    @classmethod
    def of(cls, found: Report, titles: Mapping[str, str]) -> Self:
        """Show them."""

        def shown(lines: Sequence[Line]) -> list[LineShape]:
            return [LineShape.of(line, titles) for line in lines]

        return cls(
            months=[str(month) for month in found.months],
            lines=shown(found.lines),
            by_month=shown(found.by_month),
            by_programme=shown(found.by_programme),
            total=LineShape.of(found.total, titles),
        )


def figures_router(figures: LookUpFigures) -> APIRouter:
    """Routes for whoever may read awards."""
    router = APIRouter(prefix="/v1/figures", tags=["figures"])

    @router.get(
        "",
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
        response_model=FiguresShape,
    )
    async def look(
        by: Reader,
        since: Annotated[MonthText, Query(alias="from")] = None,
        until: Annotated[MonthText, Query(alias="to")] = None,
        form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    ) -> FiguresShape | Response:
        """Figures of at most 36 months; the last twelve, unless told otherwise. Numbers of one to four have bounds only."""
        found = await figures(by.organisation, first=month_of(since), last=month_of(until))
        titles = {
            each: title_in(names, "en") for each, names in (await figures.programmes(by.organisation)).items()
        }
        if form == "csv":
            return csv_answer(found, titles)
        return FiguresShape.of(found, titles)

    return router


def month_of(text: str | None) -> Month | None:
    """Raises MonthsRefused for what is no month."""
    if not text:
        return None
    try:
        return Month.read(text)
    except ValueError as error:
        raise MonthsRefused(str(error)) from None


def title_in(titles: Mapping[str, str], language: str) -> str:
    """A programme's title in this language, else in its first."""
    return titles.get(language) or next(iter(titles.values()), "")


def csv_answer(found: Report, titles: Mapping[str, str]) -> Response:
    """A row for each month and programme; no cell begins like a formula."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(["month", "programme", *(what.value for what in Figure), "median_days_to_claim"])
    for line in found.lines:
        title = titles.get(line.programme or "", "")
        rows.writerow(
            [
                str(line.month),
                harmless(title),
                *(FEWER if count.is_few else str(count.low) for count in line.counts.values()),
                "" if line.days_to_claim is None else f"{line.days_to_claim:g}",
            ]
        )
    name = f"figures-{found.months[0]}-{found.months[-1]}.csv"
    return Response(
        "\ufeff" + file.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
