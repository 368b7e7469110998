"""Claim links and one-time codes: what a learner shows to claim her award.

Neither is stored. A link's token is derived from the service's secret and the award's id, and is found again by its
digest; a code is kept only as a digest bound to the award and the secret.
"""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import replace
from typing import Final
from uuid import UUID

from issuer.domain.award import Award
from issuer.errors import ClaimCodeWrong

MAX_WRONG_CODES: Final = 5
CODE_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH: Final = 8


def claim_token(secret: bytes, award_id: UUID) -> str:
    """Return the unguessable end of an award's claim link (256 bits)."""
    mac = hmac.digest(secret, b"ujuzi claim link\0" + award_id.bytes, hashlib.sha256)
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def claim_digest(token: str) -> str:
    """Return what is stored of a claim link."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_code() -> str:
    """Return a one-time code that can be read over the telephone (39 bits)."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def code_digest(secret: bytes, award_id: UUID, code: str) -> str:
    """Return what is stored of a code; case, spaces, hyphens and the script of its digits do not matter."""
    plain = "".join(map(_plain_digit, "".join(code.upper().split()).replace("-", "")))
    return hmac.new(
        secret, b"ujuzi claim code\0" + award_id.bytes + plain.encode(), hashlib.sha256
    ).hexdigest()


def _plain_digit(character: str) -> str:
    """An Arabic or Persian keyboard writes digits of its own."""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def try_code(award: Award, secret: bytes, code: str | None) -> Award:
    """Return the award as it is to be stored after this attempt: unchanged if the code is right.

    Raises ClaimCodeWrong if no code was given or no attempt is left; those leave nothing to store.
    """
    if award.code_digest is None:
        return award
    if award.wrong_codes >= MAX_WRONG_CODES:
        raise ClaimCodeWrong(
            f"A wrong code was entered {MAX_WRONG_CODES} times, so this link is closed. "
            "Ask the organisation that sent it for a new one."
        )
    if not code:
        raise ClaimCodeWrong("Enter the one-time code the organisation gave you for this award.")
    if hmac.compare_digest(code_digest(secret, award.id, code), award.code_digest):
        return award
    return replace(award, wrong_codes=award.wrong_codes + 1)


def wrong_code(award: Award) -> ClaimCodeWrong:
    """Return the refusal that says how many attempts are left."""
    left = MAX_WRONG_CODES - award.wrong_codes
    return ClaimCodeWrong(f"This is not the code of this award. You have {left} attempts left.")
