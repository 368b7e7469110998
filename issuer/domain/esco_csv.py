"""Reading ESCO's CSV files of skills (`skills_en.csv` …) row by row, as they are downloaded.

Columns used: conceptUri, preferredLabel, altLabels (one a line), description, skillType, status. Earlier versions have
no status: what is in their files is released.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Final

from issuer.domain.skill import Label, SkillFault, SkillRow
from issuer.errors import SkillsFileRefused

MUST_HAVE: Final = ("conceptUri", "preferredLabel")
MOST_CHARACTERS: Final = 100_000
"""Of a cell; the longest of ESCO 1.2 has some 3,000."""
_LONGEST_NAME: Final = 500
_URI: Final = re.compile(r"http://data\.europa\.eu/esco/(skill|isced-f)/[A-Za-z0-9./-]{1,100}", re.ASCII)
_OBSOLETE: Final = frozenset({"obsolete", "deprecated", "withdrawn"})


def read_skills(lines: Iterable[str]) -> Iterator[SkillRow | SkillFault]:
    """Yield the rows, and for each that cannot be used its fault. Raises SkillsFileRefused where nothing can be read."""
    csv.field_size_limit(MOST_CHARACTERS)
    rows = csv.reader(lines, strict=True)
    try:
        header = [name.strip().removeprefix("\ufeff") for name in next(rows, [])]
        if missing := [name for name in MUST_HAVE if name not in header]:
            raise SkillsFileRefused(
                f"The header was expected to have {' and '.join(missing)}, found {', '.join(header)[:200] or 'nothing'}: "
                "give the CSV file of skills as ESCO's download has it."
            )
        seen: set[str] = set()
        for number, cells in enumerate(rows, start=2):
            yield _row(number, header, cells, seen)
    except csv.Error as error:
        raise SkillsFileRefused(
            f"Row {rows.line_num} (counted in lines) is no CSV: {error}. Download the file again."
        ) from error
    except UnicodeDecodeError as error:
        raise SkillsFileRefused(
            "UTF-8 was expected: download the file again, and do not save it from a spreadsheet."
        ) from error


def _row(number: int, header: list[str], cells: list[str], seen: set[str]) -> SkillRow | SkillFault:
    if len(cells) != len(header):
        return SkillFault(number, "", f"{len(header)} cells were expected, {len(cells)} were found")
    by_name = dict(zip(header, (cell.strip() for cell in cells), strict=True))
    uri, name = by_name["conceptUri"], by_name["preferredLabel"]
    if not _URI.fullmatch(uri):
        return SkillFault(
            number, "conceptUri", f"the URI of an ESCO skill was expected, {uri[:80]!r} was found"
        )
    if not name or len(name) > _LONGEST_NAME:
        return SkillFault(
            number,
            "preferredLabel",
            f"a name of 1 to {_LONGEST_NAME} characters was expected, {name[:80]!r} was found",
        )
    if uri in seen:
        return SkillFault(number, "conceptUri", "this skill has a row further up already")
    seen.add(uri)
    also = tuple(line.strip() for line in by_name.get("altLabels", "").splitlines() if line.strip())
    return SkillRow(
        uri=uri,
        kind=by_name.get("skillType") or "skill/competence",
        obsolete=by_name.get("status", "").lower() in _OBSOLETE,
        label=Label(name, also, by_name.get("description", "")),
    )
