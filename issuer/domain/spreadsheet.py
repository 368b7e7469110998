"""A cohort's CSV file, from bytes to graduates, with a complaint for every fault.

What really arrives is accepted where it is unambiguous: UTF-8 with or without a byte-order mark, UTF-16,
and Windows-1252 when neither fits; comma, semicolon or tab between cells. What is ambiguous is complained about.
"""

import codecs
import csv
import difflib
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import IO, Final

from issuer.domain.complaint import complain
from issuer.domain.graduate import (
    OPTIONAL_COLUMNS,
    REQUIRED_COLUMNS,
    GradingRule,
    Graduate,
    read_graduate,
)
from issuer.domain.same_person import Keys, is_same, keys_of
from issuer.errors import BatchRefused, Complaint

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_ROWS: Final = 50_000
LONGEST_FILE_NAME: Final = 200
_LAST_ROW: Final = 2**20  # of a spreadsheet; empty rows above it are passed over
_SEPARATORS: Final = (",", ";", "\t")
_KNOWN: Final = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)
_MAX_CELL: Final = 10_000
_MAX_CELLS: Final = 100
_AT_ONCE: Final = 64 * 1024
_PACKED: Final = b"PK\x03\x04"
_NO_FILE_NAME: Final = re.compile(r"[/\\\x00-\x1f\x7f]|^\.\.?$")


@dataclass(frozen=True, slots=True)
class Rule:
    """What rows are checked against: the day, the programme's grading, and its language where a row names none."""

    today: date
    grading: GradingRule
    default_language: str


@dataclass(frozen=True, slots=True)
class Table:
    """A file whose header is right; `rows` gives each row that says something once, with its number."""

    encoding: str
    separator: str
    header: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row as it was found: its cells by column, and the graduate or every complaint."""

    row: int
    cells: Mapping[str, str]
    graduate: Graduate | None
    complaints: tuple[Complaint, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: its rows, every complaint by row, and how it was read."""

    rows: tuple[CheckedRow, ...]
    complaints: tuple[Complaint, ...]
    encoding: str
    separator: str

    @property
    def graduates(self) -> tuple[tuple[int, Graduate], ...]:
        """The good rows."""
        return tuple((each.row, each.graduate) for each in self.rows if each.graduate)


def check_file_name(name: str) -> str:
    """Return the name if it can be one. Raises BatchRefused for one that leads elsewhere."""
    tidy = name.strip()
    if len(tidy) > LONGEST_FILE_NAME or _NO_FILE_NAME.search(tidy):
        raise BatchRefused(
            "The file's name cannot be used; nothing was stored.",
            [
                complain(
                    0,
                    "",
                    "".join(c if c.isprintable() else "\ufffd" for c in tidy),
                    f"The file's name holds a slash, a backslash or a control character, or is longer than {LONGEST_FILE_NAME} characters.",
                    "Rename the file, such as cohort.csv, and upload it again.",
                )
            ],
        )
    return tidy


def open_table(file: IO[bytes]) -> Table:
    """Begin to read a file from its start; it is never in memory as a whole. Raises BatchRefused for one that is no table.

    Iterating over its rows raises BatchRefused where the file cannot be read on.
    """
    encoding = _encoding(file)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    file.seek(0)
    separator = _separator(text.read(_AT_ONCE))
    text.seek(0)
    records = ((row, record) for row, record in _records(text, separator) if any(c.strip() for c in record))
    first = next(records, None)
    if first is None:
        raise _unusable(
            "",
            "The file is empty.",
            f"Upload a table whose first row is: {','.join(REQUIRED_COLUMNS)}.",
        )
    header = [_column_name(cell) for cell in first[1]]
    faults = _header_faults(header, first[1])
    if faults:
        raise BatchRefused("The first row of the file does not name the columns; nothing was stored.", faults)
    return Table(encoding, separator, tuple(header), _filled(records))


def check_row(table: Table, row: int, record: list[str], rule: Rule) -> CheckedRow:
    """Check one row of the table."""
    width = len(table.header)
    cells = dict(zip_longest(table.header, record[:width], fillvalue=""))
    if len(record) != width:
        uneven = complain(
            row,
            "",
            f"{len(record)} cells",
            f"The row has {len(record)} cells, the header has {width}.",
            "Put a cell that contains the separator into quotation marks; fill in what is missing.",
        )
        return CheckedRow(row, cells, None, (uneven,))
    return check_cells(cells, row=row, rule=rule)


def check_cells(cells: Mapping[str, str], *, row: int, rule: Rule) -> CheckedRow:
    """Check the cells of one row; those of columns that the file does not have count as empty."""
    outcome = read_graduate(
        {**dict.fromkeys(_KNOWN, ""), **cells},
        row=row,
        today=rule.today,
        grading=rule.grading,
        default_language=rule.default_language,
    )
    if isinstance(outcome, Graduate):
        return CheckedRow(row, cells, outcome, ())
    return CheckedRow(row, cells, None, outcome)


def read_sheet(content: bytes, *, today: date, grading: GradingRule, default_language: str) -> Sheet:
    """Read a cohort at once. Faults never raise: they are complaints, and rows without one are usable."""
    rule = Rule(today, grading, default_language)
    rows: list[CheckedRow] = []
    encoding = separator = ""
    seen: dict[str, tuple[int, Keys]] = {}
    try:
        if len(content) > MAX_BYTES:
            raise _unusable(
                f"{len(content)} bytes",
                f"The file is larger than {MAX_BYTES} bytes.",
                "Split it into several batches.",
            )
        table = open_table(io.BytesIO(content))
        encoding, separator = table.encoding, table.separator
        for row, record in table.rows:
            rows.append(_unless_seen(check_row(table, row, record, rule), seen))
    except BatchRefused as refused:
        return Sheet((), refused.complaints, encoding, separator)
    complaints = tuple(complaint for each in rows for complaint in each.complaints)
    return Sheet(tuple(rows), complaints, encoding, separator)


def same_row(cells: Mapping[str, str], *, row: int, first: int) -> Complaint:
    """The complaint about a row that says the same as an earlier one."""
    return complain(
        row,
        "email" if cells.get("email", "").strip() else "given_name",
        cells.get("email", "") or cells.get("given_name", ""),
        f"The same person as in row {first}.",
        "Remove one of the two rows.",
    )


def _unless_seen(checked: CheckedRow, seen: dict[str, tuple[int, Keys]]) -> CheckedRow:
    keys = keys_of(checked.cells)
    given = [key for key in (keys.by_email, keys.by_phone, keys.by_day) if key]
    earlier = [seen[key] for key in given if key in seen and is_same(keys, seen[key][1])]
    for key in given:
        seen.setdefault(key, (checked.row, keys))
    if not earlier:
        return checked
    again = same_row(checked.cells, row=checked.row, first=min(row for row, _ in earlier))
    return CheckedRow(checked.row, checked.cells, None, (*checked.complaints, again))


def _filled(records: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    filled = 0
    for row, record in records:
        filled += 1
        if filled > MAX_ROWS:
            raise _unusable(
                "", f"The file has more than {MAX_ROWS} rows.", "Split it into several batches.", row
            )
        yield row, record
    if not filled:
        raise _unusable("", "There is no row below the header.", "Add one row for each graduate.", 2)


def _unusable(found: str, problem: str, remedy: str, row: int = 0) -> BatchRefused:
    return BatchRefused(
        "The file cannot be used; nothing was stored.", [complain(row, "", found, problem, remedy)]
    )


def _encoding(file: IO[bytes]) -> str:
    """Which encoding the file is written in. Raises BatchRefused for none that is known."""
    file.seek(0)
    start = file.read(200)
    if start.startswith(_PACKED):
        raise _unusable(
            "",
            "The file is a workbook or an archive, not CSV.",
            "Open it in your spreadsheet program and save the sheet as CSV UTF-8; upload that.",
        )
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if start.startswith(mark):
            candidates: tuple[str, ...] = (encoding,)
            break
    else:
        candidates = ("utf-8", "cp1252")
        if start.count(0) * 3 > len(start):  # UTF-16 without a mark: the header is ASCII, half its bytes zero
            candidates = ("utf-16-le" if start[1:2] == b"\x00" else "utf-16-be",)
    for encoding in candidates:
        if _is_in(file, encoding):
            return encoding
    raise _unusable(
        "",
        "The file is not text in an encoding we know.",
        "Save it as CSV UTF-8 and upload it again.",
    )


def _is_in(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(_AT_ONCE):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(beginning: str) -> str:
    lines = beginning.lstrip().splitlines() or [""]

    def known_columns(separator: str) -> int:
        return sum(_column_name(cell) in _KNOWN for cell in lines[0].split(separator))

    return max(_SEPARATORS, key=known_columns)


def _records(text: io.TextIOWrapper, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Row by row, so that a file of millions of empty rows or cells never stands in memory as such."""
    reader = csv.reader(text, delimiter=separator, strict=True)
    row = 0
    try:
        for row, record in enumerate(reader, start=1):
            if row > _LAST_ROW:
                raise _broken(row, f"a spreadsheet ends with row {_LAST_ROW}")
            if len(record) > _MAX_CELLS:
                raise _broken(row, f"it has {len(record)} cells, the most is {_MAX_CELLS}")
            if any(len(cell) > _MAX_CELL for cell in record):
                raise _broken(row, f"a cell is longer than {_MAX_CELL} characters")
            yield row, record
    except csv.Error as error:
        raise _broken(row + 1, str(error)) from error
    finally:
        if not text.closed:
            text.detach()  # the file is its opener's to close


def _broken(row: int, reason: str) -> BatchRefused:
    return _unusable(
        "",
        f"The row cannot be split into cells ({reason}).",
        'Check that every quotation mark is closed, double those inside a cell (""), and remove what is no graduate.',
        row,
    )


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
