"""A cohort's CSV file: what is read, and what is complained about, in which row and column."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.domain.graduate import GradingRule, as_cells
from issuer.domain.spreadsheet import MAX_BYTES, Sheet, read_sheet
from tests.support.issuer import DATA

TODAY = date(2026, 11, 21)
HEADER = "given_name,family_name,email,phone,language,awarded_on,grade_pct"
GOOD = "Amina,Wanjiru,amina@example.org,+254700000000,en,2026-03-01,88"


def read(content: str | bytes, *, pass_mark: int | None = 60, scale: str = "percentage") -> Sheet:
    data = content.encode() if isinstance(content, str) else content
    return read_sheet(data, today=TODAY, grading=GradingRule(scale, pass_mark), default_language="en")


def row(line: str) -> Sheet:
    return read(f"{HEADER}\n{line}\n")


def test_the_good_cohort_is_good_in_every_row() -> None:
    sheet = read((DATA / "graduates.csv").read_bytes())
    assert sheet.complaints == ()
    assert len(sheet.graduates) == 24
    assert (sheet.encoding, sheet.separator) == ("utf-8", ",")
    assert sheet.graduates[6][1].given_name == "فاطمة"


def test_the_faulty_cohort_has_each_bad_row_named_and_its_good_rows_usable() -> None:
    sheet = read((DATA / "graduates-faulty.csv").read_bytes())
    assert (sheet.encoding, sheet.separator) == ("utf-8-sig", ";")
    assert [number for number, _ in sheet.graduates] == [2, 11]
    assert [(c.row, c.column) for c in sheet.complaints] == [
        (3, "family_name"),
        (4, "awarded_on"),
        (5, "email"),
        (6, "grade_pct"),
        (7, "email"),
        (8, "awarded_on"),
        (9, "given_name"),
        (10, "given_name"),
    ]
    assert all(c.problem and c.remedy for c in sheet.complaints)
    assert '"-"' in sheet.complaints[0].remedy
    assert "row 2" in sheet.complaints[2].problem


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_of_common_spreadsheets_are_read(encoding: str, separator: str) -> None:
    text = f"{HEADER}\n{GOOD.replace('Amina', 'Zoë')}\n".replace(",", separator)
    sheet = read(text.encode(encoding))
    assert sheet.complaints == ()
    assert sheet.graduates[0][1].given_name == "Zoë"
    assert sheet.separator == separator


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        (",Wanjiru,a@example.org,,en,2026-03-01,88", "given_name", "missing"),
        ("Amina,,a@example.org,,en,2026-03-01,88", "family_name", "missing"),
        ("=1+1,Wanjiru,a@example.org,,en,2026-03-01,88", "given_name", "formula"),
        ("Amina,@SUM(A1),a@example.org,,en,2026-03-01,88", "family_name", "formula"),
        ("Amina,-2+3,a@example.org,,en,2026-03-01,88", "family_name", "formula"),
        ("\uff1d1,Wanjiru,a@example.org,,en,2026-03-01,88", "given_name", "formula"),
        ("Am\u202eina,Wanjiru,a@example.org,,en,2026-03-01,88", "given_name", "invisible"),
        ("Am\x00ina,Wanjiru,a@example.org,,en,2026-03-01,88", "given_name", "invisible"),
        (f"{'A' * 121},Wanjiru,a@example.org,,en,2026-03-01,88", "given_name", "longer than 120"),
        ("Amina,Wanjiru,a b@example.org,,en,2026-03-01,88", "email", "not an e-mail"),
        ("Amina,Wanjiru,a@example.org,call me,en,2026-03-01,88", "phone", "not a telephone"),
        ("Amina,Wanjiru,a@example.org,,english!,2026-03-01,88", "language", "not a language"),
        ("Amina,Wanjiru,a@example.org,,en,,88", "awarded_on", "missing"),
        ("Amina,Wanjiru,a@example.org,,en,01/03/2026,88", "awarded_on", "not a date"),
        ("Amina,Wanjiru,a@example.org,,en,2026-02-30,88", "awarded_on", "not a date"),
        ("Amina,Wanjiru,a@example.org,,en,2026-11-22,88", "awarded_on", "future"),
        ("Amina,Wanjiru,a@example.org,,en,1899-01-01,88", "awarded_on", "before"),
        ("Amina,Wanjiru,a@example.org,,en,2026-03-01,170", "grade_pct", "not a percentage"),
        ("Amina,Wanjiru,a@example.org,,en,2026-03-01,88%", "grade_pct", "not a percentage"),
        ("Amina,Wanjiru,a@example.org,,en,2026-03-01,", "grade_pct", "missing"),
        ("Amina,Wanjiru,a@example.org,,en,2026-03-01,59", "grade_pct", "pass mark of 60"),
        ("Amina,Wanjiru", "", "7"),
    ],
)
def test_a_fault_is_named_with_its_column(line: str, column: str, says: str) -> None:
    sheet = row(line)
    assert sheet.graduates == ()
    (complaint,) = sheet.complaints
    assert (complaint.row, complaint.column) == (2, column)
    assert says in complaint.problem
    assert complaint.remedy


def test_every_fault_of_a_row_is_named() -> None:
    sheet = row("=x,,bad,bad,en,never,500")
    assert {c.column for c in sheet.complaints} == {
        "given_name",
        "family_name",
        "email",
        "phone",
        "awarded_on",
        "grade_pct",
    }


def test_a_declared_mononym_has_no_family_name() -> None:
    sheet = row("Suharto,-,s@example.org,,id,2026-03-01,88")
    assert sheet.complaints == ()
    assert sheet.graduates[0][1].family_name == ""


def test_joiners_inside_a_name_are_not_invisible_characters() -> None:
    assert row("علی\u200cرضا,Karimi,a@example.org,,fa,2026-03-01,88").complaints == ()  # noqa: RUF001 - a Persian name


def test_a_pass_or_fail_programme_needs_no_percentage() -> None:
    sheet = read(f"{HEADER}\nAmina,Wanjiru,,,,2026-03-01,\n", scale="pass", pass_mark=None)
    assert sheet.graduates[0][1].grade_pct is None
    assert sheet.graduates[0][1].language == "en"


@pytest.mark.parametrize(
    ("header", "column", "says"),
    [
        (HEADER.replace("email,", ""), "email", "missing"),
        (HEADER + ",shoe_size", "shoe_size", "not known"),
        (HEADER + ",email", "email", "more than once"),
    ],
)
def test_a_wrong_header_makes_no_row_usable(header: str, column: str, says: str) -> None:
    sheet = read(f"{header}\n{GOOD}\n")
    assert sheet.graduates == ()
    (complaint,) = sheet.complaints
    assert (complaint.row, complaint.column) == (1, column)
    assert says in complaint.problem


def test_a_misspelt_column_is_asked_about() -> None:
    sheet = read(f"{HEADER.replace('family_name', 'familyname')}\n{GOOD}\n")
    assert 'Call it "family_name"?' in [c.remedy for c in sheet.complaints]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\n\n", "empty"),
        (HEADER.encode(), "no row below"),
        (b"x" * (MAX_BYTES + 1), "larger"),
        (b"\x81\x8d\x8f\x90", "encoding"),
        (f'{HEADER}\n"Amina,{GOOD}'.encode(), "cells"),
        (b"email," * 100_000, "it has 100001 cells, the most is 100"),
        (f"{HEADER}\n{GOOD}\n".encode() + b"\n" * 2**20, "a spreadsheet ends with row 1048576"),
    ],
)
def test_an_unusable_file_says_why(content: bytes, says: str) -> None:
    sheet = read(content)
    assert sheet.graduates == ()
    assert says in sheet.complaints[0].problem


def test_blank_rows_are_passed_over_and_still_counted() -> None:
    sheet = read(f"{HEADER}\n\n{GOOD}\n,,,,,,\n=x,Y,y@example.org,,en,2026-03-01,88\n")
    assert [number for number, _ in sheet.graduates] == [3]
    assert [c.row for c in sheet.complaints] == [5]


def test_cells_written_from_a_graduate_read_back_as_her() -> None:
    first = row("Suharto,-,s@example.org,+254 700-000000,id,2026-03-01,88").graduates[0][1]
    again = row(",".join(list(as_cells(first).values())[:7])).graduates[0][1]
    assert again == first


@given(st.binary(max_size=300))
def test_no_file_makes_the_reader_fail(content: bytes) -> None:
    sheet = read(content)
    assert sheet.graduates or sheet.complaints


@given(st.text(max_size=200))
def test_no_text_below_a_good_header_makes_the_reader_fail(text: str) -> None:
    read(f"{HEADER}\n{text}".encode("utf-8", "surrogatepass"))
