"""Which of two claims counts, and when one is made again."""

from datetime import UTC, datetime, timedelta

import pytest

from services.agent.domain.lease import RENEWED_AFTER, Claim, next_number, standing, to_renew
from shared.contracts.streams import DIDCOMM_OUT

MINE = Claim(4, "mine", "process 1 on here")
NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kept", "seen", "number"),
    [(0, None, 1), (3, None, 4), (3, Claim(7, "x", ""), 8), (9, Claim(7, "x", ""), 10)],
)
def test_a_claim_is_above_what_the_folder_and_nats_keep(kept: int, seen: Claim | None, number: int) -> None:
    assert next_number(kept, seen) == number


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (MINE, "held"),
        (None, "lapsed"),
        (Claim(3, "an older holder that spoke first after NATS lost its disk", ""), "lapsed"),
        (Claim(4, "of a copy of this folder, there first", ""), "lost"),
        (Claim(5, "a later holder", ""), "lost"),
    ],
)
def test_the_higher_number_counts_and_of_two_alike_the_first(seen: Claim | None, found: str) -> None:
    assert standing(MINE, seen) == found


def test_a_claim_is_made_again_long_before_it_is_forgotten() -> None:
    assert not to_renew(NOW - RENEWED_AFTER + timedelta(seconds=1), now=NOW)
    assert to_renew(NOW - RENEWED_AFTER, now=NOW)
    assert DIDCOMM_OUT.max_age is not None
    assert DIDCOMM_OUT.max_age > 2 * RENEWED_AFTER
