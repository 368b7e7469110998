"""Needs and limits, against cases worked out by hand."""

from dataclasses import replace

import pytest

from services.scale.domain.needs import Habits, Machine, limits, needs, processes
from services.scale.domain.status import (
    Status,
    definition_size,
    distinct,
    links,
    list_size,
    read_needs,
    registries,
    status_needs,
)
from tests.unit.scale.costs import ROUND

MILLION = 1_000_000


def test_a_registry_more_than_credentials_fill_is_kept_ready() -> None:
    assert registries(1024 * 3, Status()) == 4
    assert registries(1, Status()) == 2


def test_a_definition_names_each_list_of_a_month_and_one_of_each_month_before() -> None:
    assert links(10 / 365, Status()) == pytest.approx(20)
    assert links(30 / 365 + 2, Status()) == pytest.approx(60 + 24)
    assert links(2, Status(linked_days=None)) == pytest.approx(2 * 730)
    assert definition_size(ROUND, Status(linked_days=None), 1) == pytest.approx(3000 + 730 * 300)


def test_larger_registries_need_fewer_lists_each_of_them_larger() -> None:
    small, large = Status(), Status(registry_size=8192)
    assert list_size(ROUND, small) == 2000 + 2048
    assert list_size(ROUND, large) == 2000 + 16_384
    assert registries(8_192_000, small) == 8_001
    assert registries(8_192_000, large) == 1_001


def test_the_issuers_part_of_status() -> None:
    found = status_needs(ROUND, Status(), 1024 * 999, years=0)
    assert found.registries == 1_000
    assert found.lists_a_day == 2_000
    assert found.tails_bytes == 1_000 * 1024 * 256
    assert found.made_seconds == pytest.approx(1_000 * 1024 * 0.0005)
    assert found.heartbeat_cores == pytest.approx(2_000 * 0.02 / 86_400)


def test_many_draws_reach_everything_and_few_reach_as_many_as_they_are() -> None:
    assert distinct(1_000_000, 10) == pytest.approx(10)
    assert distinct(10, 1_000_000) == pytest.approx(10, rel=1e-3)
    assert distinct(5, 0) == 0


def test_a_definition_is_read_twice_for_each_proof_and_every_five_minutes_by_who_keeps_up() -> None:
    """Two registries, one verifier with 1,000 proofs a day: 2 x 288 looks and 2,000 reads of 3,000 bytes, and 4 lists twice."""
    found = read_needs(ROUND, Status(), credentials=1024, years=0, verifiers=1, proofs_a_day=1_000)
    assert found.keeping_up_bytes == pytest.approx(2 * 288 * 3000 + 4 * 4048, rel=1e-3)
    assert found.proof_bytes == pytest.approx(2_000 * 3000 + 4 * 4048, rel=1e-3)
    assert found.cores == 0


def test_a_million_learners() -> None:
    """1,000 claims, 4,000 proofs and 12,000 visits in the busiest hour."""
    found = needs(ROUND, MILLION, Habits(), Status())
    assert found.claims_an_hour == pytest.approx(1_000)
    assert found.issuer_cores == pytest.approx(1_000 * 0.4 / 3600)
    assert found.wallet_cores == pytest.approx((1_000 * 0.6 + 4_000 * 0.2 + 12_000 * 0.05) / 3600)
    assert found.open_wallets == pytest.approx(12_000 / 3600 * 20 * 60)
    assert (found.issuer_agents, found.wallet_agents, found.verifiers) == (1, 1, 100)
    looked_at = needs(replace(ROUND, open_wallet_second=0.001), MILLION, Habits(), Status())
    assert looked_at.wallet_cores - found.wallet_cores == pytest.approx(4_000 * 0.001)
    assert found.memory_bytes == pytest.approx(4_000 * 300e3 + 204 * 100e6 + 102 * 200e6)
    assert found.store_bytes == pytest.approx(MILLION * 390e3)
    assert found.issuer_database_bytes == pytest.approx(5 * MILLION * 5e3)
    assert found.mail_hours == pytest.approx(100_000 / 3600)


def test_a_process_is_planned_to_be_idle_some_of_the_time() -> None:
    assert [processes(cores) for cores in (0, 0.6, 0.61, 6)] == [1, 1, 2, 10]


def test_limits_come_in_their_order_each_where_its_need_reaches_what_is_there() -> None:
    found = limits(ROUND, Habits(), Status(), Machine())
    assert [each.learners for each in found] == sorted(each.learners for each in found)
    by_name = {each.what: each.learners for each in found}
    agent = by_name["one issuer's agent, one core, busiest hour"]
    assert needs(ROUND, round(agent), Habits(), Status()).claims_an_hour * 0.3 / 3600 == pytest.approx(0.6)
    assert by_name["learners' stores, a disk of 2 TB"] == pytest.approx(2e12 / 390e3)
