"""`ujuzi receipt verify`, years after the verdict."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.launcher.entry.receipts import receipt_commands
from shared.adapters.guarded_http import FetchFailed
from shared.contracts.signed_request import RECEIPT_JWS_TYPE
from shared.vc import jws
from shared.vc.keys import SigningKey
from shared.vc.webvh import DidHistory, create_log, rotate, verification_method, verify_log

THEN = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2031, 1, 1, tzinfo=UTC)
OLD, NEW, AFTER = (SigningKey.from_seed(bytes([number]) * 32) for number in (1, 2, 3))
LOG = create_log(host="verifier.test", path=("orgs", "jobs"), key=OLD, now=THEN, next_key=NEW)
ROTATED = rotate(LOG, NEW, AFTER, THEN + timedelta(days=30)).jsonl
SAYS = {
    "iss": LOG.did,
    "iat": int(THEN.timestamp()) + 60,
    "request_id": "r-1",
    "result": "rejected",
    "steps": [
        {"number": 1, "name": "…", "outcome": "passed", "reason": "…", "codes": ["answers"]},
        {"number": 6, "name": "…", "outcome": "failed", "reason": "…", "codes": ["not-listed", "brand-new"]},
    ],
    "trust_lists": [{"name": "pilot", "sequence": 7}],
    "status_lists": [{"digest": "zQmStatus", "published": int(THEN.timestamp())}],
    "did_logs": ["1-QmVersion"],
}


def receipt(key: SigningKey = OLD, **changes: object) -> str:
    return jws.sign(SAYS | changes, key=key, kid=verification_method(LOG.did, key), typ=RECEIPT_JWS_TYPE)


def verified(folder: Path, compact: str | None, *more: str, log: str | None = ROTATED) -> Result:
    file = folder / "receipt.jws"
    if compact is not None:
        file.write_text(f"{compact}\n")

    async def fetch(did: str) -> DidHistory:
        if log is None:
            raise FetchFailed(f"{did} does not answer")
        return verify_log(did, log, max_entries=9, now=LATER)

    return CliRunner().invoke(receipt_commands(fetch, clock=lambda: LATER), ["verify", str(file), *more])


def test_a_receipt_is_told_five_years_and_a_new_key_later(tmp_path: Path) -> None:
    found = verified(tmp_path, receipt())
    assert found.exit_code == 0
    assert found.output.splitlines() == [
        f"The receipt is genuine. {LOG.did} signed it.",
        "It says of itself: written 2026-01-01T00:01:00Z, about request r-1.",
        "Rejected: a step failed.",
        "  1. It answers this request: passed. It answers this request, in time.",
        "  6. Trust in the issuer: failed. The issuer is not on the trust list. brand-new",
        "  Trust list pilot, number 7",
        "  Status list of 2026-01-01T00:00:00Z (zQmStatus)",
        "  The issuer's DID log at version 1-QmVersion",
        (
            "This proves that the verifier said so. It does not prove when: the date is its own word."
            " It names nobody and says nothing of what was shown."
        ),
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "L'émetteur n'est pas sur la liste"), ("ar", "جهة الإصدار ليست في قائمة الثقة.")],
)
def test_it_is_told_in_other_languages(tmp_path: Path, language: str, words: str) -> None:
    found = verified(tmp_path, receipt(), "--language", language)
    assert words in found.output
    assert "The " not in found.output


def test_without_the_host_the_log_comes_from_a_file(tmp_path: Path) -> None:
    log = tmp_path / "did.jsonl"
    log.write_text(ROTATED)
    assert verified(tmp_path, receipt(), "--did-log", str(log), log=None).exit_code == 0


def test_a_receipt_of_an_earlier_version_is_told_without_what_it_lacks(tmp_path: Path) -> None:
    old: dict[str, Any] = {
        "steps": [{"number": 1, "outcome": "passed"}],
        "status_lists": None,
        "did_logs": None,
        "result": "accepted",
    }
    found = verified(tmp_path, receipt(**old))
    assert found.exit_code == 0
    assert "Accepted: every step passed." in found.output


def test_a_receipt_moves_no_cursor(tmp_path: Path) -> None:
    assert "\x1b" not in verified(tmp_path, receipt(request_id="\x1b[2Jr-1", result="\x1b[31m")).output


def tampered() -> str:
    header, _, signature = receipt().split(".")
    return ".".join((header, receipt(result="accepted").split(".")[1], signature))


@pytest.mark.parametrize(
    ("compact", "why"),
    [
        (tampered(), "the text was changed, or signed by somebody else"),
        (receipt(NEW), "An assertionMethod that"),
        (receipt(AFTER), "An assertionMethod that"),
        (receipt(iat=int((THEN + timedelta(days=60)).timestamp())), "An assertionMethod that"),
        (receipt(NEW, iat=int((LATER + timedelta(days=1)).timestamp())), "it is dated 2031-01-02"),
        (receipt(iss="did:webvh:other"), "a key of the DID in its `iss`"),
        (json.dumps(SAYS), "This is no receipt"),
    ],
)
def test_what_is_not_genuine_ends_with_1_and_says_why(tmp_path: Path, compact: str, why: str) -> None:
    found = verified(tmp_path, compact)
    assert (found.exit_code, why in found.output) == (1, True), found.output


def test_what_cannot_be_checked_ends_with_2_and_says_what_to_do(tmp_path: Path) -> None:
    away = verified(tmp_path, receipt(), log=None)
    assert (away.exit_code, "--did-log FILE" in away.output) == (2, True)
    broken = tmp_path / "did.jsonl"
    broken.write_text(ROTATED.replace("verifier.test", "thief.test"))
    assert verified(tmp_path, receipt(), "--did-log", str(broken)).exit_code == 2
    nothing = verified(tmp_path / "no-such-folder", None)
    assert (nothing.exit_code, "cannot be read" in nothing.output) == (2, True)
