"""One graduate as a row of the spreadsheet states her, checked cell by cell."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from issuer.domain.complaint import complain
from issuer.errors import Complaint

MONONYM_MARK: Final = "-"
MAX_NAME: Final = 120
MAX_GRADE: Final = 40
MAX_EMAIL: Final = 254
REQUIRED_COLUMNS: Final = (
    "given_name",
    "family_name",
    "email",
    "phone",
    "language",
    "awarded_on",
    "grade_pct",
)
OPTIONAL_COLUMNS: Final = ("grade",)

FORMULA_STARTS: Final = "=+-@\uff1d\uff0b\uff0d\uff20"
_JOINERS: Final = "\u200c\u200d"  # Persian and Indic scripts need them inside a name
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_EMAIL: Final = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\".]+")
_PHONE: Final = re.compile(r"\+?[0-9]{7,15}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,3}")
_EARLIEST_YEAR: Final = 1950


@dataclass(frozen=True, slots=True)
class Graduate:
    """A person and what she achieved. `family_name` is empty only for a declared mononym."""

    given_name: str
    family_name: str
    email: str
    phone: str
    language: str
    awarded_on: date
    grade_pct: int | None
    grade: str


@dataclass(frozen=True, slots=True)
class GradingRule:
    """How the programme grades: `percentage` asks for a number of at least `pass_mark`; others may omit it."""

    scale: str
    pass_mark: int | None


def read_graduate(
    cells: Mapping[str, str], *, row: int, today: date, grading: GradingRule, default_language: str
) -> Graduate | tuple[Complaint, ...]:
    """Return the graduate, or every complaint about her row."""
    complaints: list[Complaint] = []
    clean = {column: unicodedata.normalize("NFC", value.strip()) for column, value in cells.items()}

    given_name = clean["given_name"]
    complaints += _name_faults("given_name", given_name, row)
    if not given_name:
        complaints.append(
            complain(row, "given_name", "", "The given name is missing.", "Fill in the person's given name.")
        )
    family_name = clean["family_name"]
    if family_name == MONONYM_MARK:
        family_name = ""
    elif family_name:
        complaints += _name_faults("family_name", family_name, row)
    else:
        complaints.append(
            complain(
                row,
                "family_name",
                "",
                "The family name is missing.",
                f'Fill it in; for a person who has one name only, write "{MONONYM_MARK}" (a single hyphen).',
            )
        )
    complaints += _contact_faults(clean, row)
    awarded_on = _read_date(clean["awarded_on"], row, today, complaints)
    grade_pct = _read_grade(clean["grade_pct"], row, grading, complaints)
    grade = clean.get("grade", "")
    if len(grade) > MAX_GRADE:
        complaints.append(
            complain(
                row,
                "grade",
                grade,
                f"The grade is longer than {MAX_GRADE} characters.",
                "Write the grade alone, such as Merit.",
            )
        )
    complaints += _text_faults("grade", grade, row)
    if complaints or awarded_on is None:
        return tuple(complaints)
    return Graduate(
        given_name=given_name,
        family_name=family_name,
        email=clean["email"],
        phone=_bare_phone(clean["phone"]),
        language=clean["language"] or default_language,
        awarded_on=awarded_on,
        grade_pct=grade_pct,
        grade=grade,
    )


def _name_faults(column: str, value: str, row: int) -> list[Complaint]:
    faults = _text_faults(column, value, row)
    if len(value) > MAX_NAME:
        faults.append(
            complain(
                row,
                column,
                value,
                f"The name is longer than {MAX_NAME} characters.",
                "Check that the cell holds one name; shorten it to how the person writes it on a form.",
            )
        )
    return faults


def _text_faults(column: str, value: str, row: int) -> list[Complaint]:
    faults = []
    if value[:1] and value[0] in FORMULA_STARTS:
        faults.append(
            complain(
                row,
                column,
                value,
                f'The cell begins with "{value[0]}", which a spreadsheet would run as a formula.',
                "Write plain text.",
            )
        )
    if any(c in "<>" for c in value):
        faults.append(
            complain(
                row,
                column,
                value,
                'The cell holds "<" or ">", which is no text but markup.',
                "Write plain text, without either sign.",
            )
        )
    if any(_is_invisible(c) for c in value):
        visible = "".join(c if c.isprintable() else "\ufffd" for c in value)
        faults.append(
            complain(
                row,
                column,
                visible,
                "The cell holds invisible or unassigned characters.",
                "Type the text anew instead of pasting it.",
            )
        )
    return faults


def _is_invisible(c: str) -> bool:
    """Also what stands where a program could not read a character."""
    return c == "\ufffd" or (unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs", "Cn"} and c not in _JOINERS)


def _contact_faults(clean: Mapping[str, str], row: int) -> list[Complaint]:
    faults = []
    email = clean["email"]
    if email and (len(email) > MAX_EMAIL or not _EMAIL.fullmatch(email)):
        faults.append(
            complain(
                row,
                "email",
                email,
                "This is not an e-mail address.",
                "Write one address such as amina@example.org, without spaces, or leave the cell empty.",
            )
        )
    else:
        faults += _text_faults("email", email, row)
    phone = clean["phone"]
    if phone and not _PHONE.fullmatch(_bare_phone(phone)):
        faults.append(
            complain(
                row,
                "phone",
                phone,
                "This is not a telephone number.",
                "Write it with its country code, such as +254700000000, or leave the cell empty.",
            )
        )
    language = clean["language"]
    if language and not _LANGUAGE.fullmatch(language):
        faults.append(
            complain(
                row,
                "language",
                language,
                "This is not a language code.",
                "Write a code such as en, fr, sw or ar, or leave the cell empty.",
            )
        )
    return faults


def _read_date(value: str, row: int, today: date, complaints: list[Complaint]) -> date | None:
    remedy = f"Write a day that exists as YYYY-MM-DD, such as {today.isoformat()}."
    if not value:
        complaints.append(complain(row, "awarded_on", "", "The date of award is missing.", remedy))
        return None
    day = _iso_date(value)
    if day is None:
        complaints.append(complain(row, "awarded_on", value, "This is not a date we can read.", remedy))
        return None
    if day > today:
        complaints.append(
            complain(
                row,
                "awarded_on",
                value,
                f"The date lies in the future (today is {today.isoformat()}).",
                "Write the day of the award; import the row when that day has come.",
            )
        )
        return None
    if day.year < _EARLIEST_YEAR:
        complaints.append(
            complain(row, "awarded_on", value, f"The date lies before {_EARLIEST_YEAR}.", "Check the year.")
        )
        return None
    return day


def _iso_date(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if _ISO_DATE.fullmatch(value) else None
    except ValueError:
        return None


def _read_grade(value: str, row: int, grading: GradingRule, complaints: list[Complaint]) -> int | None:
    remedy = "Write a whole number from 0 to 100, without a per cent sign."
    if not value:
        if grading.scale == "percentage":
            complaints.append(
                complain(
                    row, "grade_pct", "", "The programme grades in per cent; the grade is missing.", remedy
                )
            )
        return None
    if not _WHOLE_NUMBER.fullmatch(value) or int(value) > 100:  # noqa: PLR2004 - a percentage
        complaints.append(complain(row, "grade_pct", value, "This is not a percentage.", remedy))
        return None
    grade = int(value)
    if grading.pass_mark is not None and grade < grading.pass_mark:
        complaints.append(
            complain(
                row,
                "grade_pct",
                value,
                f"The grade is below the programme's pass mark of {grading.pass_mark}.",
                "Remove the row, or correct the grade: only those who passed are given an award.",
            )
        )
        return None
    return grade


def _bare_phone(value: str) -> str:
    return re.sub(r"[ ().\-\u00a0]", "", value)


def says_the_same(one: Graduate, other: Graduate) -> bool:
    """Whether a credential would say the same of both: how to reach a person and her language stand in none."""
    return replace(one, email="", phone="", language="") == replace(other, email="", phone="", language="")


def as_cells(graduate: Graduate) -> dict[str, str]:
    """Return the cells that `read_graduate` reads back as this graduate."""
    return {
        "given_name": graduate.given_name,
        "family_name": graduate.family_name or MONONYM_MARK,
        "email": graduate.email,
        "phone": graduate.phone,
        "language": graduate.language,
        "awarded_on": graduate.awarded_on.isoformat(),
        "grade_pct": "" if graduate.grade_pct is None else str(graduate.grade_pct),
        "grade": graduate.grade,
    }
