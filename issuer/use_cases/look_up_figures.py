"""Figures of an organisation's months and programmes, as they may be shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from issuer.domain.figures import MOST_MONTHS, Month, Report, months_between, report
from issuer.errors import MonthsRefused
from issuer.ports import CountFigures
from shared.ports.clock import Clock


@dataclass(frozen=True)
class LookUpFigures:
    """Reads only."""

    figures: CountFigures
    clock: Clock

    async def __call__(
        self,
        organisation: str,
        *,
        first: Month | None = None,
        last: Month | None = None,
        programme: str | None = None,
    ) -> Report:
        """The months from `first` to `last`, unless told otherwise the last twelve; of one programme or all.

        Raises MonthsRefused.
        """
        last = last or Month.of(self.clock())
        first = first or last.later(-11)
        months = months_between(first, last)
        if not 0 < len(months) <= MOST_MONTHS:
            raise MonthsRefused(
                f"Expected at most {MOST_MONTHS} months, the first before the last; found {first} to {last}."
            )
        return report(await self.figures.tally(organisation, months), months, programme)

    async def programmes(self, organisation: str) -> Mapping[str, Mapping[str, str]]:
        """Titles of programmes by the id of their first edition."""
        return await self.figures.programmes(organisation)
