"""Proof that somebody holds a DID's key: a registry asks with a challenge, the DID's service answers with a JWS.

The compact JWS (EdDSA, `typ` CONTROL_JWS_TYPE, `kid` an assertionMethod of the DID) is over `{iss, aud, nonce, iat, exp}`:
the DID, the DID of whoever asked, what it drew, and seconds since 1970. The type stands for nothing else, and nothing
else is accepted under it, so that such a signature can be passed off as no list, request or receipt, nor any of those as it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from shared.contracts.errors import UjuziError
from shared.vc import jws
from shared.vc.webvh import DidHistory, KeyNotAuthorised

CONTROL_JWS_TYPE: Final = "ujuzi-did-control+jwt"
LONGEST_PROOF: Final = 4000
"""Characters: the names of two DIDs, a key and a signature fit several times."""
SKEW: Final = timedelta(minutes=5)
"""How far the signer's clock may be ahead."""


class ControlNotProven(UjuziError):
    """What came is no proof for this challenge by a key the DID has now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a proof is asked for: `audience` is the DID of whoever asks, `nonce` 256 random bits, `expires` a whole second."""

    did: str
    audience: str
    nonce: str
    expires: datetime


def control_claims(challenge: Challenge, *, now: datetime) -> dict[str, Any]:
    """What the DID's service signs; its form leaves no room for anything of the asker's choosing but names and a nonce."""
    return {
        "iss": challenge.did,
        "aud": challenge.audience,
        "nonce": challenge.nonce,
        "iat": int(now.timestamp()),
        "exp": int(challenge.expires.timestamp()),
    }


def check_control(proof: str, challenge: Challenge, history: DidHistory, *, now: datetime) -> str:
    """The id of the key that signed the proof, which the DID has now. Raises ControlNotProven."""
    if now >= challenge.expires:
        raise ControlNotProven("the challenge has expired: ask for a new one and have that signed")
    key_id, said = _signed(proof, challenge.did, history)
    expected = {name: value for name, value in control_claims(challenge, now=now).items() if name != "iat"}
    for name, what in (("iss", "DID"), ("aud", "registry"), ("nonce", "challenge"), ("exp", "expiry")):
        if said.get(name) != expected[name]:
            raise ControlNotProven(
                f"expected a proof for this {what} ({name} {expected[name]}), "
                f"found {name} {str(said.get(name))[:200]!r}: have the challenge shown here signed"
            )
    issued = said.get("iat")
    if not isinstance(issued, int) or isinstance(issued, bool) or issued > (now + SKEW).timestamp():
        raise ControlNotProven("expected iat, the second it was signed in, not later than now")
    return key_id


def check_still_controls(proof: str, did: str, history: DidHistory) -> str:
    """The id of the key that signed a proof accepted before, if the DID still has it. Raises ControlNotProven."""
    return _signed(proof, did, history)[0]


def _signed(proof: str, did: str, history: DidHistory) -> tuple[str, Mapping[str, Any]]:
    try:
        key_id = str(jws.header(proof, longest=LONGEST_PROOF).get("kid"))
        if history.did != did or not key_id.startswith(f"{did}#"):
            raise ControlNotProven(f"expected a signature by a key of {did}, found {key_id[:300]!r}")
        key = history.assertion_key(key_id)
        return key_id, jws.verify(proof, key, typ=CONTROL_JWS_TYPE, longest=LONGEST_PROOF)
    except (jws.JwsInvalid, KeyNotAuthorised) as error:
        raise ControlNotProven(f"the proof is not signed as asked: {error}") from error
