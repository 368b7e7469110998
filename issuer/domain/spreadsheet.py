"""A cohort's CSV file, from bytes to graduates, with a complaint for every fault.

What really arrives is accepted where it is unambiguous: UTF-8 with or without a byte-order mark, UTF-16,
and Windows-1252 when neither fits; comma, semicolon or tab between cells. What is ambiguous is complained about.
"""

import csv
import difflib
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from issuer.domain.complaint import complain
from issuer.domain.graduate import (
    OPTIONAL_COLUMNS,
    REQUIRED_COLUMNS,
    GradingRule,
    Graduate,
    identity,
    read_graduate,
)
from issuer.errors import Complaint

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_ROWS: Final = 20_000
_LAST_ROW: Final = 2**20  # of a spreadsheet; empty rows above it are passed over
_SEPARATORS: Final = (",", ";", "\t")
_KNOWN: Final = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)
_MAX_CELL: Final = 10_000
_MAX_CELLS: Final = 100


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: its good rows by row number, every complaint, and how it was read."""

    graduates: tuple[tuple[int, Graduate], ...]
    complaints: tuple[Complaint, ...]
    encoding: str
    separator: str


def read_sheet(content: bytes, *, today: date, grading: GradingRule, default_language: str) -> Sheet:
    """Read a cohort. Faults never raise: they are complaints, and rows without one are usable."""
    if len(content) > MAX_BYTES:
        return _unusable(
            complain(
                0,
                "",
                f"{len(content)} bytes",
                f"The file is larger than {MAX_BYTES} bytes.",
                "Split it into several batches.",
            )
        )
    text, encoding = _decode(content)
    if text is None:
        return _unusable(
            complain(
                0,
                "",
                "",
                "The file is not text in an encoding we know.",
                "Save it as CSV UTF-8 and upload it again.",
            )
        )
    if not text.strip():
        return _unusable(
            complain(
                0,
                "",
                "",
                "The file is empty.",
                f"Upload a table whose first row is: {','.join(REQUIRED_COLUMNS)}.",
            ),
            encoding,
        )
    separator = _separator(text)
    records = _records(text, separator)
    try:
        first = next(records)
        header = [_column_name(cell) for cell in first]
        faults = _header_faults(header, first)
        if faults:
            return Sheet((), tuple(faults), encoding, separator)
        return _read_rows(header, records, today, grading, default_language, encoding, separator)
    except _BrokenTable as broken:
        return _unusable(
            complain(
                broken.row,
                "",
                "",
                f"The row cannot be split into cells ({broken}).",
                'Check that every quotation mark is closed, double those inside a cell (""), and remove what is no graduate.',
            ),
            encoding,
            separator,
        )


class _BrokenTable(ValueError):
    """The CSV reader gave up in this row."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(reason)
        self.row = row


def _read_rows(  # noqa: PLR0917 - the parts of one file
    header: list[str],
    records: Iterator[list[str]],
    today: date,
    grading: GradingRule,
    default_language: str,
    encoding: str,
    separator: str,
) -> Sheet:
    graduates: list[tuple[int, Graduate]] = []
    complaints: list[Complaint] = []
    seen: dict[tuple[str, ...], int] = {}
    filled = 0
    for row, record in enumerate(records, start=2):
        if not any(cell.strip() for cell in record):
            continue
        filled += 1
        if filled > MAX_ROWS:
            complaints.append(
                complain(
                    row, "", "", f"The file has more than {MAX_ROWS} rows.", "Split it into several batches."
                )
            )
            return Sheet((), tuple(complaints), encoding, separator)
        if len(record) != len(header):
            complaints.append(
                complain(
                    row,
                    "",
                    f"{len(record)} cells",
                    f"The row has {len(record)} cells, the header has {len(header)}.",
                    "Put a cell that contains the separator into quotation marks; fill in what is missing.",
                )
            )
            continue
        cells = dict(zip(header, record, strict=True))
        first = seen.setdefault(identity(cells), row)
        outcome = read_graduate(
            cells, row=row, today=today, grading=grading, default_language=default_language
        )
        faults = () if isinstance(outcome, Graduate) else outcome
        if first != row:
            faults = (
                *faults,
                complain(
                    row,
                    "email" if cells["email"].strip() else "given_name",
                    cells["email"] or cells["given_name"],
                    f"The same person and date as in row {first}.",
                    "Remove one of the two rows.",
                ),
            )
        if isinstance(outcome, Graduate) and not faults:
            graduates.append((row, outcome))
        complaints += faults
    if not filled:
        complaints.append(
            complain(2, "", "", "There is no row below the header.", "Add one row for each graduate.")
        )
    return Sheet(tuple(graduates), tuple(complaints), encoding, separator)


def _unusable(complaint: Complaint, encoding: str = "", separator: str = "") -> Sheet:
    return Sheet((), (complaint,), encoding, separator)


def _decode(content: bytes) -> tuple[str | None, str]:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _try_decode(content, encoding), encoding
    start = content[:200]
    if start.count(0) * 3 > len(start):  # UTF-16 without a mark: the header is ASCII, half its bytes zero
        encoding = "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be"
        return _try_decode(content, encoding), encoding
    text = _try_decode(content, "utf-8")
    if text is not None:
        return text, "utf-8"
    return _try_decode(content, "cp1252"), "cp1252"


def _try_decode(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _separator(text: str) -> str:
    first_line = text.lstrip().splitlines()[0]

    def known_columns(separator: str) -> int:
        return sum(_column_name(cell) in _KNOWN for cell in first_line.split(separator))

    return max(_SEPARATORS, key=known_columns)


def _records(text: str, separator: str) -> Iterator[list[str]]:
    """Row by row, so that a file of millions of empty rows or cells never stands in memory as such."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    row = 0
    try:
        for row, record in enumerate(reader, start=1):
            if row > _LAST_ROW:
                raise _BrokenTable(row, f"a spreadsheet ends with row {_LAST_ROW}")
            if len(record) > _MAX_CELLS:
                raise _BrokenTable(row, f"it has {len(record)} cells, the most is {_MAX_CELLS}")
            if any(len(cell) > _MAX_CELL for cell in record):
                raise _BrokenTable(row, f"a cell is longer than {_MAX_CELL} characters")
            yield record
    except csv.Error as error:
        raise _BrokenTable(row + 1, str(error)) from error


def _column_name(cell: str) -> str:
    return cell.strip().strip('"').strip().lower().replace(" ", "_")


def _header_faults(header: list[str], written: list[str]) -> list[Complaint]:
    faults = []
    counts = Counter(header)
    for name, original in zip(header, written, strict=True):
        if name not in _KNOWN:
            near = difflib.get_close_matches(name, [c for c in _KNOWN if c not in header], n=1)
            remedy = f'Call it "{near[0]}"?' if near else f"Remove it. Known columns: {', '.join(_KNOWN)}."
            faults.append(complain(1, original, original, "This column is not known.", remedy))
    faults += [
        complain(1, name, name, "This column appears more than once.", "Keep one of them.")
        for name, count in counts.items()
        if count > 1 and name in _KNOWN
    ]
    faults += [
        complain(
            1, name, "", "This column is missing.", "Add it; its cells may be empty where that is allowed."
        )
        for name in REQUIRED_COLUMNS
        if name not in counts
    ]
    return faults
