"""Passkeys by py_webauthn: discoverable, unlocked by their owner (fingerprint, face, PIN), without attestation."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from shared.ports.members import Asked, Member, Passkey, SignInRefused

BROKEN = (WebAuthnException, ValueError, KeyError, TypeError)
"""What the library raises about an answer that is not what it expects."""


class WebauthnPasskeys:
    """The port CheckPasskeys for the site at `origin`, e.g. https://verifier.example."""

    def __init__(self, origin: str, *, name: str) -> None:
        """`name` is what an authenticator calls this site; passkeys belong to the origin's host."""
        self._origin = origin
        self._site = urlsplit(origin).hostname or ""
        self._name = name

    def ask_for_new(self, member: Member, known: Sequence[Passkey]) -> Asked:
        """Ask for a new passkey of a member."""
        options = generate_registration_options(
            rp_id=self._site,
            rp_name=self._name,
            user_id=member.id.encode(),
            user_name=member.email,
            user_display_name=member.name,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.id)) for each in known
            ],
        )
        return Asked(options.challenge, options_to_json(options))

    def check_new(self, answer: str, challenge: bytes, *, now: datetime) -> Passkey:
        """The passkey that was made. Raises SignInRefused."""
        try:
            made = verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._site,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except BROKEN as error:
            raise _refused() from error
        return Passkey(
            bytes_to_base64url(made.credential_id), made.credential_public_key, made.sign_count, now
        )

    def ask(self) -> Asked:
        """Ask for any passkey of this service."""
        options = generate_authentication_options(
            rp_id=self._site, user_verification=UserVerificationRequirement.REQUIRED
        )
        return Asked(options.challenge, options_to_json(options))

    def id_in(self, answer: str) -> str:
        """Which passkey an answer claims to be of. Raises SignInRefused."""
        try:
            return bytes_to_base64url(parse_authentication_credential_json(answer).raw_id)
        except BROKEN as error:
            raise _refused() from error

    def check(self, answer: str, challenge: bytes, passkey: Passkey) -> int:
        """How often the authenticator has signed; a count that falls behind speaks of a copy. Raises SignInRefused."""
        try:
            signed = verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._site,
                expected_origin=self._origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except BROKEN as error:
            raise _refused() from error
        return signed.new_sign_count


def _refused() -> SignInRefused:
    return SignInRefused("This passkey's answer does not hold: try again, or use another way to sign in.")
