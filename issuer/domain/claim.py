"""Claim links and one-time codes: what a learner shows to claim her award.

Neither is stored. A link's token and a code are derived from the service's secret and the award's id, so that they can be
sent once more. A token is found again by its digest; a code is kept as a digest bound to the award and the secret.
"""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from issuer.domain.award import Award
from issuer.errors import ClaimCodeWrong

MAX_WRONG_CODES: Final = 5
CODE_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH: Final = 8
SHORT_LENGTH: Final = 16
"""Of a short link's token: 79 bits, typed from paper or paid for by the character."""


def claim_token(secret: bytes, award_id: UUID) -> str:
    """Return the unguessable end of an award's claim link (256 bits)."""
    mac = hmac.digest(secret, b"ujuzi claim link\0" + award_id.bytes, hashlib.sha256)
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def short_token(secret: bytes, award_id: UUID) -> str:
    """Return the end of an award's short claim link."""
    return _characters(secret, b"ujuzi short claim link\0" + award_id.bytes, SHORT_LENGTH)


def claim_digest(token: str) -> str:
    """Return what is stored of a claim link; how the short form is typed does not matter."""
    short = token.replace("-", "").upper()
    plain = short if len(short) == SHORT_LENGTH and set(short) <= set(CODE_ALPHABET) else token
    return hashlib.sha256(plain.encode()).hexdigest()


def claim_code(secret: bytes, award_id: UUID) -> str:
    """Return the award's one-time code, which can be read over the telephone (39 bits)."""
    return _characters(secret, b"ujuzi code to send\0" + award_id.bytes, CODE_LENGTH)


def new_code() -> str:
    """Return a one-time code that nobody can be sent again."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def _characters(secret: bytes, purpose: bytes, length: int) -> str:
    """Derive characters of the alphabet, each as probable as any other but for one part in 2^60."""
    number = int.from_bytes(hmac.digest(secret, purpose, hashlib.sha256))
    found = []
    for _ in range(length):
        number, digit = divmod(number, len(CODE_ALPHABET))
        found.append(CODE_ALPHABET[digit])
    return "".join(found)


def code_digest(secret: bytes, award_id: UUID, code: str) -> str:
    """Return what is stored of a code; case, spaces, hyphens and the script of its digits do not matter."""
    plain = "".join(map(_plain_digit, "".join(code.upper().split()).replace("-", "")))
    return hmac.new(
        secret, b"ujuzi claim code\0" + award_id.bytes + plain.encode(), hashlib.sha256
    ).hexdigest()


def _plain_digit(character: str) -> str:
    """An Arabic or Persian keyboard writes digits of its own."""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


@dataclass(frozen=True, slots=True)
class ClaimLinks:
    """The links of awards at this issuer's address."""

    base_url: str
    secret: bytes

    def long(self, award_id: UUID) -> str:
        """The link as the API gives it."""
        return f"{self.base_url}/claim/{claim_token(self.secret, award_id)}"

    def short(self, award_id: UUID) -> str:
        """The same for paper and text messages; it works once it was sent."""
        return f"{self.base_url}/claim/{short_token(self.secret, award_id)}"

    def code(self, award: Award) -> str | None:
        """The award's code if it is the one that can be sent again; None if it has another one, or none."""
        code = claim_code(self.secret, award.id)
        mine = award.code_digest is not None and hmac.compare_digest(
            code_digest(self.secret, award.id, code), award.code_digest
        )
        return code if mine else None


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
