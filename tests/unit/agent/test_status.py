"""What a credential's status may become, and which notices are taken for one."""

from types import SimpleNamespace
from typing import Any, Self, cast

import pytest

from services.agent.adapters.status import MOST_TRIES, set_status
from services.agent.domain.status import Wanted, is_listed, read_notice, recorded_as
from services.agent.errors import StatusBusy, StatusFinal

NOTICE = {
    "credential_id": "did:webvh:x/resources/z::7",
    "state": "suspended",
    "reason": "We are checking your attendance.",
    "at": "2026-11-22T09:00:00+00:00",
}


@pytest.mark.parametrize(
    ("record", "listed", "wanted", "becomes"),
    [
        ("issued", False, Wanted.SUSPENDED, "suspended"),
        ("issued", False, Wanted.VALID, "issued"),
        ("issued", False, Wanted.REVOKED, "revoked"),
        ("suspended", True, Wanted.SUSPENDED, "suspended"),
        ("suspended", True, Wanted.VALID, "issued"),
        ("suspended", True, Wanted.REVOKED, "revoked"),
        ("issued", True, Wanted.REVOKED, "revoked"),
        ("revoked", True, Wanted.REVOKED, "revoked"),
    ],
)
def test_what_a_credential_may_become(record: str, listed: bool, wanted: Wanted, becomes: str) -> None:
    assert recorded_as(wanted, record=record, listed=listed) == becomes
    assert is_listed(wanted) == (becomes != "issued")


@pytest.mark.parametrize("wanted", [Wanted.VALID, Wanted.SUSPENDED])
@pytest.mark.parametrize("record", ["revoked", "issued"])
def test_a_revocation_is_never_taken_back_even_one_cut_short(record: str, wanted: Wanted) -> None:
    with pytest.raises(StatusFinal, match="that is final"):
        recorded_as(wanted, record=record, listed=True)


class Crowded:
    """A store whose list is another whenever it is looked at; a transaction finds what was not there before."""

    def __init__(self) -> None:
        self.seen = 0
        self.handle = self

    def session(self) -> "Crowded":
        return self

    transaction = session

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    def inject(self, _: type) -> "Crowded":
        return self

    async def find_all_records(self, **_: object) -> list[object]:
        return []

    async def fetch(self, category: str, name: str, *, for_update: bool = False) -> SimpleNamespace:
        del category, name, for_update
        self.seen += 1
        return SimpleNamespace(
            value_json={"rev_list": {"revocationList": [0, 0]}, "next_index": self.seen + 1}, tags={}
        )


async def test_a_list_that_others_keep_changing_is_left_to_them_after_some_tries() -> None:
    crowded = Crowded()
    with pytest.raises(StatusBusy, match="changed by others whenever it was to be changed"):
        await set_status(cast("Any", crowded), "registry", [7], Wanted.VALID)
    assert crowded.seen == 2 * MOST_TRIES


def test_a_notice_is_read_without_what_else_is_in_it() -> None:
    assert read_notice(NOTICE | {"more": "of it"}) == NOTICE


@pytest.mark.parametrize(
    "spoilt",
    [
        {"state": "revoked"},
        {"state": "perhaps"},
        {"reason": 7},
        {"reason": "x" * 2001},
        {"at": "yesterday"},
        {"at": "2026-11-22T09:00:00"},
        {"credential_id": None},
    ],
)
def test_what_is_no_notice_of_ours_is_left_to_others(spoilt: dict[str, object]) -> None:
    assert read_notice(NOTICE | spoilt) is None
