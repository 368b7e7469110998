"""Figures as tables."""

from services.bench.domain.tables import memory_table, rate_table, tables, time_table
from tests.unit.bench.made_up import FIGURES, ISSUE, a_course


def test_both_sides_stand_in_one_row_of_each_level() -> None:
    rows = rate_table(FIGURES).rows
    assert rows[0] == (ISSUE, "1", "2.00", "0, 0 of 10", "2.50", "0, 0 of 10", "1.25")
    assert rows[1] == (ISSUE, "200", "4.00", "900, 0 of 2000", "6.40", "0, 0 of 2000", "1.60")
    assert time_table(FIGURES).rows[0] == (ISSUE, "1", "0.40 / 0.80 / 1.20", "0.30 / 0.60 / 0.90", "0.20")


def test_what_only_one_side_did_leaves_the_other_empty() -> None:
    alone = FIGURES.with_courses(a_course("stock", "issue, not revocable", 10))
    assert rate_table(alone).rows == [("issue, not revocable", "10", "4.00", "0, 0 of 100", "", "", "")]
    assert time_table(alone).rows == [("issue, not revocable", "10", "0.40 / 0.80 / 1.20", "", "")]


def test_memory_is_the_most_any_course_saw_and_the_driver_is_nobodys() -> None:
    assert memory_table(FIGURES).rows == [
        ("stock-issuer", "stock", "140"),
        ("issuer-agent", "ujuzi", "140"),
        ("all of stock", "stock", "140"),
        ("all of ujuzi", "ujuzi", "140"),
    ]


def test_every_row_has_a_cell_for_each_column() -> None:
    for table in tables(FIGURES):
        assert table.rows, table.title
        assert {len(row) for row in table.rows} == {len(table.columns)}, table.title
        assert table.markdown().count("\n") == len(table.rows) + 1
