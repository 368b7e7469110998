"""What the register keeps for ever grows with what officers do, and by two lists a day."""

from datetime import UTC, datetime, timedelta

from services.trust_registry.domain.issuing import Issue, Register

NOW = datetime(2026, 11, 22, tzinfo=UTC)
VALIDITY = timedelta(hours=24)
"""The default."""


def test_a_list_nobody_changes_is_issued_twice_a_day() -> None:
    newest, now = (
        Issue(number=1, revision=1, issued=NOW, next_update=NOW + VALIDITY, digest="z", compact=""),
        NOW,
    )
    while now < NOW + timedelta(days=10):
        now += timedelta(seconds=30)
        register = Register(revision=1, validity=VALIDITY, entities=(), newest=newest)
        if register.needs_issue(now):
            newest = Issue(
                number=newest.number + 1,
                revision=1,
                issued=now,
                next_update=now + VALIDITY,
                digest="z",
                compact="",
            )
    assert newest.number == 1 + 20
