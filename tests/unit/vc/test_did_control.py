"""A proof of control counts once, for one registry, DID and time, and only by a key the DID has now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.signed_request import REQUEST_JWS_TYPE
from shared.vc import jws
from shared.vc.did_control import (
    CONTROL_JWS_TYPE,
    Challenge,
    ControlNotProven,
    check_control,
    check_still_controls,
    control_claims,
)
from shared.vc.keys import SigningKey
from shared.vc.trust_list_form import LIST_JWS_TYPE
from shared.vc.webvh import rotate, verification_method, verify_log
from tests.support.dids import Party, party

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REGISTRY = "did:webvh:QmRegistry:registry.ujuzi.test:authority:demo"
APPLICANT = party()
CHALLENGE = Challenge(did=APPLICANT.did, audience=REGISTRY, nonce="n" * 43, expires=NOW + timedelta(days=7))


def signed(
    challenge: Challenge = CHALLENGE,
    *,
    by: Party = APPLICANT,
    typ: str = CONTROL_JWS_TYPE,
    kid: str | None = None,
    **changes: Any,  # noqa: ANN401 - JSON
) -> str:
    claims = control_claims(challenge, now=NOW) | changes
    return jws.sign(claims, key=by.key, kid=kid or verification_method(by.did, by.key), typ=typ)


def test_a_proof_by_the_dids_present_key_is_accepted() -> None:
    key = check_control(signed(), CHALLENGE, APPLICANT.history(), now=NOW)

    assert key == verification_method(APPLICANT.did, APPLICANT.key)
    assert check_still_controls(signed(), APPLICANT.did, APPLICANT.history()) == key


def test_a_key_that_is_not_in_the_log_does_not_speak_for_the_did() -> None:
    stranger = SigningKey.generate()
    under_its_name = jws.sign(
        control_claims(CHALLENGE, now=NOW),
        key=stranger,
        kid=verification_method(APPLICANT.did, stranger),
        typ=CONTROL_JWS_TYPE,
    )
    with pytest.raises(ControlNotProven, match="does not speak for this DID"):
        check_control(under_its_name, CHALLENGE, APPLICANT.history(), now=NOW)
    borrowed = jws.sign(
        control_claims(CHALLENGE, now=NOW),
        key=stranger,
        kid=verification_method(APPLICANT.did, APPLICANT.key),
        typ=CONTROL_JWS_TYPE,
    )
    with pytest.raises(ControlNotProven, match="not by the expected key"):
        check_control(borrowed, CHALLENGE, APPLICANT.history(), now=NOW)


def test_another_did_proves_only_itself() -> None:
    other = party(path=("orgs", "other"))

    with pytest.raises(ControlNotProven, match="expected a signature by a key of"):
        check_control(signed(by=other), CHALLENGE, APPLICANT.history(), now=NOW)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "did:webvh:QmOther:other.test:authority:demo"}, "for this registry"),
        ({"nonce": "m" * 43}, "for this challenge"),
        ({"iss": REGISTRY}, "for this DID"),
        ({"exp": 4102444800}, "for this expiry"),
        ({"iat": int((NOW + timedelta(hours=1)).timestamp())}, "not later than now"),
        ({"iat": True}, "not later than now"),
    ],
    ids=[
        "another registry",
        "another challenge",
        "another DID",
        "a longer time",
        "from the future",
        "no time",
    ],
)
def test_a_proof_for_something_else_is_none(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ControlNotProven, match=reason):
        check_control(signed(**changes), CHALLENGE, APPLICANT.history(), now=NOW)


def test_an_expired_challenge_proves_nothing() -> None:
    with pytest.raises(ControlNotProven, match="has expired"):
        check_control(signed(), CHALLENGE, APPLICANT.history(), now=CHALLENGE.expires)


@pytest.mark.parametrize("typ", [LIST_JWS_TYPE, REQUEST_JWS_TYPE, "JWT"])
def test_what_was_signed_as_something_else_is_no_proof(typ: str) -> None:
    with pytest.raises(ControlNotProven, match="was expected"):
        check_control(signed(typ=typ), CHALLENGE, APPLICANT.history(), now=NOW)


@pytest.mark.parametrize("proof", ["", "a.b.c", "x" * 5000, f"{signed()}x"])
def test_what_is_no_jws_is_no_proof(proof: str) -> None:
    with pytest.raises(ControlNotProven, match="not signed as asked"):
        check_control(proof, CHALLENGE, APPLICANT.history(), now=NOW)


def test_a_proof_no_longer_holds_when_its_key_was_replaced() -> None:
    longer = rotate(APPLICANT.log, APPLICANT.next_key, SigningKey.generate(), NOW)
    history = verify_log(APPLICANT.did, longer.jsonl, max_entries=10, now=NOW)

    with pytest.raises(ControlNotProven, match="does not speak for this DID"):
        check_still_controls(signed(), APPLICANT.did, history)


def test_a_history_of_another_did_proves_nothing() -> None:
    with pytest.raises(ControlNotProven, match="expected a signature by a key of"):
        check_still_controls(signed(), APPLICANT.did, replace(APPLICANT.history(), did=REGISTRY))
