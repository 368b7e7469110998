"""What may go from an agent's store, and when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.agent.domain.retention import (
    FINISHED_KEPT,
    HANDLED_DAYS,
    LEARNERS,
    LEARNERS_FINISHED_KEPT,
    SERVICES,
    UNFINISHED_KEPT,
    UNUSED_KEPT,
    Kept,
    exchange_is_past,
    is_unused,
    is_wanted,
)
from shared.adapters.didcomm_sender import GIVE_UP
from shared.contracts.streams import DIDCOMM_PARKED
from verifier.domain.requirement import LONGEST_EXPIRY

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


def moved(ago: timedelta, state: str = "done") -> dict[str, Any]:
    return {"state": state, "updated_at": (NOW - ago).isoformat().replace("+00:00", "Z")}


@pytest.mark.parametrize(
    ("kept", "state", "time"),
    [
        (SERVICES, "done", FINISHED_KEPT),
        (SERVICES, "abandoned", FINISHED_KEPT),
        (SERVICES, "credential-revoked", FINISHED_KEPT),
        (SERVICES, "offer-sent", UNFINISHED_KEPT),
        (SERVICES, "credential-issued", UNFINISHED_KEPT),
        (LEARNERS, "done", LEARNERS_FINISHED_KEPT),
        (LEARNERS, "offer-received", UNFINISHED_KEPT),
    ],
)
def test_an_exchange_goes_after_its_time_and_not_before(kept: Kept, state: str, time: timedelta) -> None:
    assert not exchange_is_past(moved(time, state), kept, now=NOW)
    assert exchange_is_past(moved(time + MOMENT, state), kept, now=NOW)


def test_what_does_not_say_when_it_moved_stays() -> None:
    for record in ({}, {"updated_at": "yesterday"}, {"updated_at": "2001-01-01T00:00:00"}):
        assert not exchange_is_past({**record, "state": "done"}, SERVICES, now=NOW)
        assert not is_unused(record, now=NOW)


def test_times_bear_what_may_still_come() -> None:
    """An envelope from the sender, one that waited for a locked wallet, an answer to a request."""
    assert timedelta(days=HANDLED_DAYS) > GIVE_UP
    assert DIDCOMM_PARKED.max_age is not None
    assert DIDCOMM_PARKED.max_age + GIVE_UP < UNFINISHED_KEPT
    assert UNUSED_KEPT > LONGEST_EXPIRY


def test_a_connection_is_kept_until_the_day_its_service_says_and_by_no_other_word() -> None:
    assert is_wanted({"until": (NOW + MOMENT).isoformat()}, now=NOW)
    for word in (NOW.isoformat(), "soon", "2999-01-01T00:00:00", None):
        assert not is_wanted({"until": word}, now=NOW)
