from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.wallet_fakes import ISSUER, NOW, REGISTRY, a_credential, award
from wallet.domain.credential import (
    StatusListFact,
    StatusListMissing,
    StatusState,
    same_award,
    status_of,
)

REVOCABLE = replace(a_credential(), rev_reg_id=REGISTRY, rev_index=2)


def test_a_revoked_credential_is_revoked_even_after_it_expired() -> None:
    held = replace(REVOCABLE, attributes=award(expiry_dateint="20250101"))

    assert status_of(held, StatusListFact(NOW, [0, 0, 1]), now=NOW).state is StatusState.REVOKED


def test_a_credential_in_a_fresh_list_is_valid() -> None:
    status = status_of(REVOCABLE, StatusListFact(NOW, [1, 1, 0]), now=NOW)

    assert status.state is StatusState.VALID
    assert status.published_at == NOW


def test_an_old_list_is_called_old() -> None:
    status = status_of(REVOCABLE, StatusListFact(NOW - timedelta(days=30), [0, 0, 0]), now=NOW)

    assert "30 days old" in status.reason


@pytest.mark.parametrize("listed", [StatusListMissing("away"), StatusListFact(NOW, [0])])
def test_what_cannot_be_checked_is_unknown(listed: StatusListMissing | StatusListFact) -> None:
    assert status_of(REVOCABLE, listed, now=NOW).state is StatusState.UNKNOWN


def test_the_last_day_of_validity_counts() -> None:
    today = NOW.strftime("%Y%m%d")

    assert status_of(a_credential(expiry_dateint=today), None, now=NOW).state is StatusState.VALID
    assert (
        status_of(a_credential(expiry_dateint=today), None, now=NOW + timedelta(days=1)).state
        is StatusState.EXPIRED
    )


def test_the_same_award_is_told_by_its_issuer_and_twin() -> None:
    assert same_award(ISSUER, award()) == same_award(ISSUER, award(given_name="Corrected"))
    assert same_award(ISSUER, award()) != same_award("did:webvh:another", award())
    assert same_award(ISSUER, award()) != same_award(ISSUER, award(twin_digest="zTwin2"))
    assert same_award(ISSUER, {"title": "no twin"}) is None
