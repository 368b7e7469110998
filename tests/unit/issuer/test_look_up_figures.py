"""Which months figures are shown of."""

from collections.abc import Mapping, Sequence

import pytest

from issuer.domain.figures import Month, Tally
from issuer.entry.figures_api import month_of
from issuer.errors import MonthsRefused
from issuer.use_cases.look_up_figures import LookUpFigures
from tests.support.issuer import START

NOV = Month.of(START)


class Nothing:
    """Counts nothing."""

    async def tally(self, organisation: str, months: Sequence[Month]) -> Tally:
        del organisation, months
        return Tally({}, {})

    async def programmes(self, organisation: str) -> Mapping[str, Mapping[str, str]]:
        del organisation
        return {}


look_up = LookUpFigures(Nothing(), lambda: START)


async def test_unless_told_otherwise_the_last_twelve_months_are_shown() -> None:
    assert (await look_up("umoja")).months == [NOV.later(back) for back in range(-11, 1)]
    assert (await look_up("umoja", first=NOV.later(-1))).months == [NOV.later(-1), NOV]
    assert len((await look_up("umoja", first=NOV.later(-35))).months) == 36


@pytest.mark.parametrize(("first", "last"), [(NOV.later(-36), NOV), (NOV, NOV.later(-1))])
async def test_months_that_make_no_row_are_refused(first: Month, last: Month) -> None:
    with pytest.raises(MonthsRefused, match="Expected at most 36 months, the first before the last"):
        await look_up("umoja", first=first, last=last)


@pytest.mark.parametrize("text", ["2026", "2026-13", "November"])
def test_what_is_no_month_is_refused_by_name(text: str) -> None:
    with pytest.raises(MonthsRefused, match="month"):
        month_of(text)
