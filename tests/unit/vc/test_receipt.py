"""Receipts outlive the key they were signed with; nothing else does."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.signed_request import RECEIPT_JWS_TYPE
from shared.vc import jws
from shared.vc.keys import SigningKey
from shared.vc.receipt import ReceiptInvalid, open_receipt
from shared.vc.webvh import DidHistory, create_log, rotate, verification_method, verify_log

THEN = datetime(2026, 1, 1, tzinfo=UTC)
REPLACED = THEN + timedelta(days=10)
MUCH_LATER = THEN + timedelta(days=999)
OLD, NEW, AFTER = (SigningKey.from_seed(bytes([number]) * 32) for number in (1, 2, 3))
LOG = create_log(host="verifier.test", path=("orgs", "jobs"), key=OLD, now=THEN, next_key=NEW)
DID = LOG.did


def history() -> DidHistory:
    return verify_log(DID, rotate(LOG, NEW, AFTER, REPLACED).jsonl, max_entries=9)


def receipt(key: SigningKey, at: datetime, *, kid: str | None = None, typ: str = RECEIPT_JWS_TYPE) -> str:
    payload = {"iss": DID, "iat": int(at.timestamp()), "result": "accepted"}
    return jws.sign(payload, key=key, kid=kid or verification_method(DID, key), typ=typ)


@pytest.mark.parametrize(
    ("key", "at"),
    [
        (OLD, THEN),
        (OLD, REPLACED - timedelta(days=1)),
        (OLD, REPLACED),
        (NEW, REPLACED),
        (NEW, REPLACED + timedelta(days=99)),
    ],
)
def test_a_receipt_counts_by_the_key_of_its_time(key: SigningKey, at: datetime) -> None:
    assert open_receipt(receipt(key, at), history(), now=MUCH_LATER)["result"] == "accepted"


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (receipt(OLD, REPLACED + timedelta(days=1)), "An assertionMethod that .* had on 2026-01-12"),
        (receipt(NEW, REPLACED - timedelta(days=1)), "An assertionMethod that .* had on 2026-01-10"),
        (receipt(OLD, THEN - timedelta(days=1)), "An assertionMethod"),
        (receipt(AFTER, REPLACED, kid=verification_method(DID, NEW)), "not by the expected key"),
        (receipt(OLD, THEN, kid=f"did:webvh:other#{OLD.multikey}"), "a key of the DID in its `iss`"),
        (receipt(OLD, THEN, typ="trustlist+jwt"), "ujuzi-receipt"),
        ("no.receipt", "This is no receipt"),
    ],
)
def test_any_other_is_refused(refused: str, why: str) -> None:
    with pytest.raises(ReceiptInvalid, match=why):
        open_receipt(refused, history(), now=MUCH_LATER)


def test_a_time_that_is_none_is_refused() -> None:
    for issued in ("yesterday", None, 10**40, True):
        claimed = jws.sign(
            {"iss": DID, "iat": issued}, key=OLD, kid=verification_method(DID, OLD), typ=RECEIPT_JWS_TYPE
        )
        with pytest.raises(ReceiptInvalid, match="cannot be relied on"):
            open_receipt(claimed, history(), now=MUCH_LATER)


def test_a_did_remembers_the_keys_it_has_had() -> None:
    assert history().has_had(OLD.public)
    assert history().has_had(NEW.public)
    assert not history().has_had(AFTER.public)


def test_a_receipt_from_the_future_is_refused() -> None:
    soon = THEN + timedelta(minutes=6)
    with pytest.raises(
        ReceiptInvalid, match="it is dated 2026-01-01T00:06:00Z, and it is 2026-01-01T00:00:00Z now"
    ):
        open_receipt(receipt(OLD, soon), history(), now=THEN)
    assert open_receipt(receipt(OLD, soon), history(), now=THEN + timedelta(minutes=1))
