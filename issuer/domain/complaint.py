"""What is wrong with a cell of a spreadsheet, said so that an officer can mend it."""

from issuer.errors import Complaint

_SHOWN = 60


def complain(row: int, column: str, found: str, problem: str, remedy: str) -> Complaint:
    """Build a complaint that quotes no more of the cell than a reader needs."""
    shown = found if len(found) <= _SHOWN else f"{found[:_SHOWN]}… ({len(found)} characters)"
    return Complaint(row, column, shown, problem, remedy)
