from datetime import UTC, datetime, timedelta

from shared.contracts.reminders import FIRST, Reminders

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def said(reminders: Reminders, waiting: list[str], *, now: datetime) -> list[str]:
    """Say what is due again; return what was."""
    due = reminders.due(waiting, now=now)
    for one in due:
        reminders.said(one, now=now)
    return due


def test_what_waits_is_reminded_of_ever_more_seldom() -> None:
    reminders = Reminders()
    said(reminders, [], now=NOW)
    times = [
        minute
        for minute in (timedelta(seconds=10 * step) for step in range(100))
        if said(reminders, ["offer"], now=NOW + minute)
    ]
    assert times == [FIRST, 3 * FIRST, 7 * FIRST, 15 * FIRST, 31 * FIRST]


def test_what_waits_no_more_begins_anew_when_it_waits_again() -> None:
    reminders = Reminders()
    said(reminders, [], now=NOW)
    assert said(reminders, ["a", "b"], now=NOW) == []
    assert said(reminders, ["b"], now=NOW + FIRST) == ["b"]
    assert said(reminders, ["a", "b"], now=NOW + FIRST) == []
    assert said(reminders, ["a", "b"], now=NOW + 2 * FIRST) == ["a"]


def test_what_waited_before_the_first_look_is_reminded_of_at_once() -> None:
    reminders = Reminders()
    assert said(reminders, ["a"], now=NOW) == ["a"]
    assert said(reminders, ["a", "b"], now=NOW + FIRST / 2) == []
    assert said(reminders, ["a", "b"], now=NOW + FIRST) == ["a"]
    assert said(reminders, ["a", "b"], now=NOW + 2 * FIRST) == ["b"]


def test_what_could_not_be_said_stays_due() -> None:
    reminders = Reminders()
    assert reminders.due(["a", "b"], now=NOW) == ["a", "b"]
    reminders.said("a", now=NOW)
    assert reminders.due(["a", "b"], now=NOW + timedelta(seconds=3)) == ["b"]
