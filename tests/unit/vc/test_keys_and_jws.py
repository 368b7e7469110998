import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vc import jws
from shared.vc.keys import KeyMalformed, SigningKey, public_from_multikey, signature_holds

KEY = SigningKey.from_seed(bytes(32))
# RFC 8037 appendix A
RFC8037_SEED = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
RFC8037_JWS = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forged(header: dict[str, Any], key: SigningKey = KEY) -> str:
    text = f"{part(header)}.{part({'a': 1})}"
    return f"{text}.{base64.urlsafe_b64encode(key.sign(text.encode())).rstrip(b'=').decode()}"


def test_a_multikey_names_its_public_key_and_the_seed_stays_hidden() -> None:
    assert KEY.multikey.startswith("z6Mk")
    assert public_from_multikey(KEY.multikey) == KEY.public
    assert repr(KEY) == "SigningKey()"
    assert SigningKey.generate() != SigningKey.generate()


@pytest.mark.parametrize(
    "wrong", ["", "z", "6Mk", "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169", "z0", KEY.multikey[:-1]]
)
def test_what_is_no_ed25519_multikey_is_refused(wrong: str) -> None:
    with pytest.raises(KeyMalformed):
        public_from_multikey(wrong)


def test_an_endless_multikey_is_refused_without_being_worked_out() -> None:
    with pytest.raises(KeyMalformed):
        public_from_multikey("z" + "2" * 4_000_000)


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(KeyMalformed, match="32 bytes; 31 were given"):
        SigningKey.from_seed(bytes(31))


def test_the_rfc_8037_signature_is_reproduced() -> None:
    key = SigningKey.from_seed(base64.urlsafe_b64decode(RFC8037_SEED + "="))
    text, _, signature = RFC8037_JWS.rpartition(".")
    assert base64.urlsafe_b64encode(key.sign(text.encode())).rstrip(b"=").decode() == signature


@given(st.binary(max_size=64), st.binary(max_size=80))
def test_a_signature_holds_only_for_what_was_signed(message: bytes, signature: bytes) -> None:
    assert signature_holds(KEY.public, message, KEY.sign(message))
    assert not signature_holds(KEY.public, message + b"x", KEY.sign(message))
    assert not signature_holds(KEY.public, message, signature)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers() | st.booleans()))
def test_what_was_signed_reads_back(payload: dict[str, Any]) -> None:
    token = jws.sign(payload, key=KEY, kid="did:x#1", typ="t")
    assert jws.verify(token, KEY.public, typ="t") == payload
    assert jws.peek(token) == ({"alg": "EdDSA", "kid": "did:x#1", "typ": "t"}, payload)


@pytest.mark.parametrize(
    ("token", "error", "reason"),
    [
        (forged({"alg": "none", "typ": "t"}), jws.JwsWrongKind, "alg 'none' was found"),
        (forged({"alg": "HS256", "typ": "t"}), jws.JwsWrongKind, "alg 'HS256' was found"),
        (forged({"alg": "EdDSA", "typ": "t", "crit": ["b64"]}), jws.JwsWrongKind, "no crit"),
        (
            forged({"alg": "EdDSA", "typ": "other"}),
            jws.JwsWrongKind,
            "typ 't' was expected, 'other' was found",
        ),
        (forged({"alg": "EdDSA"}), jws.JwsWrongKind, "typ 't' was expected"),
        (
            forged({"alg": "EdDSA", "typ": "t"}, SigningKey.generate()),
            jws.JwsSignatureInvalid,
            "not by the expected key",
        ),
        (forged({"alg": "EdDSA", "typ": "t"}) + "=", jws.JwsMalformed, "base64url"),
        (forged({"alg": "EdDSA", "typ": "t"}) + "!!!!", jws.JwsMalformed, "base64url"),
        ("a.b", jws.JwsMalformed, "three base64url parts"),
        ("", jws.JwsMalformed, "three base64url parts"),
        (f"{part([])}.{part({})}.", jws.JwsMalformed, "header of the JWS is not a JSON object"),
        ("YQ.YQ.YQ", jws.JwsMalformed, "header of the JWS is not JSON"),
    ],
)
def test_what_is_not_the_expected_jws_is_refused(
    token: str, error: type[jws.JwsInvalid], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        jws.verify(token, KEY.public, typ="t")


def test_a_changed_payload_is_refused() -> None:
    header, _, signature = jws.sign({"a": 1}, key=KEY, kid="k", typ="t").split(".")
    with pytest.raises(jws.JwsSignatureInvalid, match="the text was changed"):
        jws.verify(f"{header}.{part({'a': 2})}.{signature}", KEY.public, typ="t")
