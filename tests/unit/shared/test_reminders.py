from datetime import UTC, datetime, timedelta

from shared.contracts.reminders import FIRST, Reminders

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_what_waits_is_reminded_of_ever_more_seldom() -> None:
    reminders = Reminders()
    reminders.due([], now=NOW)
    times = [
        minute
        for minute in (timedelta(seconds=10 * step) for step in range(100))
        if reminders.due(["offer"], now=NOW + minute)
    ]
    assert times == [FIRST, 3 * FIRST, 7 * FIRST, 15 * FIRST, 31 * FIRST]


def test_what_waits_no_more_begins_anew_when_it_waits_again() -> None:
    reminders = Reminders()
    reminders.due([], now=NOW)
    assert reminders.due(["a", "b"], now=NOW) == []
    assert reminders.due(["b"], now=NOW + FIRST) == ["b"]
    assert reminders.due(["a", "b"], now=NOW + FIRST) == []
    assert reminders.due(["a", "b"], now=NOW + 2 * FIRST) == ["a"]


def test_what_waited_before_the_first_look_is_reminded_of_at_once() -> None:
    reminders = Reminders()
    assert reminders.due(["a"], now=NOW) == ["a"]
    assert reminders.due(["a", "b"], now=NOW + FIRST / 2) == []
    assert reminders.due(["a", "b"], now=NOW + FIRST) == ["a"]
    assert reminders.due(["a", "b"], now=NOW + 2 * FIRST) == ["b"]
