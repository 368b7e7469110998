"""Status lists of credentials that are shown here are kept up with."""

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.adapters.guarded_http import FetchFailed
from tests.support.verifier_fakes import Clock
from verifier.use_cases.keep_up import FOLLOWED_FOR, MOST_FOLLOWED, KeepUp

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Hosts:
    """Registries in use, and hosts of which some are away."""

    def __init__(self, *away: str) -> None:
        self.away = away
        self.looked: list[str] = []

    async def registries(self, *, used_since: datetime, limit: int) -> Sequence[str]:
        assert (used_since, limit) == (NOW - FOLLOWED_FOR, MOST_FOLLOWED)
        return ["first", "second", "third"]

    async def newest_status_list(self, rev_reg_def_id: str, *, fresh: bool = False) -> object:
        assert fresh
        if rev_reg_def_id in self.away:
            raise FetchFailed("no answer")
        self.looked.append(rev_reg_def_id)
        return None


async def test_each_registry_in_use_is_looked_at_and_one_that_is_away_holds_up_no_other() -> None:
    hosts = Hosts("second")
    await KeepUp(hosts, hosts, clock=Clock(NOW))()
    assert sorted(hosts.looked) == ["first", "third"]
