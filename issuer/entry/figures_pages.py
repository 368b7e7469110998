"""The page of figures in the console."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import FormData

from issuer.domain.figures import MOST_MONTHS, Figure, Month, months_between
from issuer.entry.acting import Acting, acting
from issuer.entry.areas import FIGURES
from issuer.entry.figures_api import csv_answer, month_of, title_in
from issuer.errors import MonthsRefused
from issuer.use_cases.look_up_figures import LookUpFigures
from issuer.use_cases.tell_wait import TellWait
from shared.ports.clock import Clock
from shared.web.console import Console
from shared.web.forms import Filled

Reader = Annotated[Acting, Depends(acting(FIGURES.scope))]
Asked = Annotated[str, Query(max_length=36)]
REFUSED: Final = 422


@dataclass(frozen=True, kw_only=True)
class FigurePages:
    """What the page shows."""

    figures: LookUpFigures
    tell_wait: TellWait
    console: Console
    clock: Clock


def figure_pages(pages: FigurePages) -> APIRouter:
    """`/console/figures`, for whoever may read awards."""
    router = APIRouter(prefix=FIGURES.path, include_in_schema=False)

    @router.get("")
    async def page(
        request: Request,
        by: Reader,
        since: Annotated[Asked, Query(alias="from")] = "",
        until: Annotated[Asked, Query(alias="to")] = "",
        programme: Asked = "",
    ) -> Response:
        """Figures of the last twelve months, or of those chosen."""
        language = pages.console.language(request)
        wrong = None
        try:
            found = await pages.figures(
                by.organisation, first=month_of(since), last=month_of(until), programme=programme or None
            )
        except MonthsRefused:
            wrong = pages.console.words(request)["figures_wrong"]
            found = await pages.figures(by.organisation)
        named = await pages.figures.programmes(by.organisation)
        newest = Month.of(pages.clock())
        most = max(
            (line.counts[Figure.ISSUED].high for line in found.by_month),
            default=0,
        )
        return pages.console.show(
            request,
            "console/figures.html",
            by.caller,
            status=REFUSED if wrong else 200,
            wrong=wrong,
            queue=await pages.tell_wait.queue(),
            found=found,
            counted={line.month for line in found.lines},
            titles={each: title_in(names, language) for each, names in named.items()},
            choices=[
                (str(month), str(month))
                for month in reversed(months_between(newest.later(1 - MOST_MONTHS), newest))
            ],
            first=str(found.months[0]),
            last=str(found.months[-1]),
            programme=programme,
            what=list(Figure),
            most=max(most, 1),
            filled=Filled(FormData()),
        )

    @router.get("/csv")
    async def table(
        request: Request,
        by: Reader,
        since: Annotated[Asked, Query(alias="from")] = "",
        until: Annotated[Asked, Query(alias="to")] = "",
        programme: Asked = "",
    ) -> Response:
        """The same as a file."""
        found = await pages.figures(
            by.organisation, first=month_of(since), last=month_of(until), programme=programme or None
        )
        language = pages.console.language(request)
        named = await pages.figures.programmes(by.organisation)
        return csv_answer(found, {each: title_in(names, language) for each, names in named.items()})

    return router
