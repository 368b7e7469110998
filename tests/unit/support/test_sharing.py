"""Tests that share an installation go to one process."""

import pytest

from tests.support.sharing import ASKED_FOR, is_last, rank, shared_by

E2E, AGENT, WALLET = "tests/e2e/test_", "tests/integration/agent/test_", "tests/integration/wallet/test_"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"{E2E}1_award_and_proof.py::test_a[sqlite]", f"{E2E}12_who_asks.py::test_b[sqlite]"),
        (f"{E2E}2_third_party_wallet.py::test_a", f"{E2E}6_bad_input.py::test_b[issuer]"),
        (f"{E2E}3_sealed_wallets.py::test_a[postgresql]", f"{E2E}1_award_and_proof.py::test_b[postgresql]"),
        (f"{E2E}5_keys.py::test_a", f"{E2E}5_keys.py::test_b"),
        (f"{AGENT}exchange.py::test_a", f"{AGENT}status.py::test_b"),
        ("tests/unit/support/test_traces.py::TestA::test_a", "tests/unit/support/test_traces.py::test_b"),
    ],
)
def test_together(one: str, other: str) -> None:
    assert shared_by(one) == shared_by(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"{E2E}9_reissue.py::test_a[sqlite]", f"{E2E}9_reissue.py::test_a[postgresql]"),
        (f"{E2E}5_keys.py::test_a", f"{E2E}6_bad_input.py::test_b"),
        (f"{E2E}1_award_and_proof.py::test_a", f"{E2E}6_bad_input.py::test_b"),
        (f"{AGENT}exchange.py::test_a", f"{AGENT}one_owner.py::test_a"),
        (f"{AGENT}exchange.py::test_a", f"{WALLET}1_claim.py::test_a"),
    ],
)
def test_apart(one: str, other: str) -> None:
    assert shared_by(one) != shared_by(other)


def test_every_installation_is_asked_for() -> None:
    asked = {
        "tests/e2e/": "1_award_and_proof",
        "tests/integration/agent/": "exchange",
        "tests/integration/issuer/": "award_to_wallet",
        "tests/integration/verifier/": "answers",
        "tests/integration/wallet/": "1_claim",
    }
    assert asked.keys() == ASKED_FOR.keys()
    for folder, name in asked.items():
        assert shared_by(f"{folder}test_{name}.py::test_a") == folder


def test_what_is_longest_begins_and_an_exchange_is_not_left_for_another_in_between() -> None:
    in_order = [
        f"{E2E}7_secrets_and_audit.py::test_a[sqlite]",
        f"{E2E}1_award_and_proof.py::test_a[sqlite]",
        f"{E2E}3_sealed_wallets.py::test_a[postgresql]",
        f"{E2E}1_award_and_proof.py::test_a[postgresql]",
        f"{E2E}5_keys.py::test_a",
        "tests/contract/issuer/test_records.py::test_a[postgresql]",
    ]
    ranks = [rank(each) for each in in_order]
    assert ranks == sorted(set(ranks))


@pytest.mark.parametrize(
    ("then", "last"),
    [
        (f"{E2E}12_who_asks.py::test_b[sqlite]", False),
        (f"{E2E}12_who_asks.py::test_b[postgresql]", True),
        (f"{E2E}5_keys.py::test_a", True),
    ],
)
def test_an_installation_ends_with_the_last_test_that_shares_it(then: str, last: bool) -> None:
    assert is_last(f"{E2E}1_award_and_proof.py::test_a[sqlite]", then) is last


def test_what_a_process_keeps_for_all_files_is_not_ended_between_two_of_them() -> None:
    assert not is_last(
        "tests/unit/support/test_traces.py::test_a", "tests/unit/support/test_auditor.py::test_a"
    )
