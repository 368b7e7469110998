"""Data Integrity proofs, cryptosuite eddsa-jcs-2022 (W3C vc-di-eddsa §3.3).

ProofInvalid            a proof that does not hold
├─ ProofMalformed       absent, not one proof object, or of another suite
├─ ContextNotSigned     the document's @context is not the one the proof covers
└─ SignatureInvalid     the signature is not by this key over this document
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import base58

from shared.contracts.errors import UjuziError
from shared.vc.dateint import rfc3339
from shared.vc.jcs import NotCanonical, canonicalize
from shared.vc.keys import SigningKey, signature_holds

CRYPTOSUITE = "eddsa-jcs-2022"
PURPOSE = "assertionMethod"
_LONGEST_SIGNATURE = 90
"""Characters of 64 bytes in multibase base58btc. Reading base58 takes the square of its length: a megabyte takes hours."""


class ProofInvalid(UjuziError):
    """A proof does not hold."""


class ProofMalformed(ProofInvalid):
    """There is no single eddsa-jcs-2022 proof to check."""


class ContextNotSigned(ProofInvalid):
    """The document's @context differs from the one under the signature."""


class SignatureInvalid(ProofInvalid):
    """The signature is not by this key over this document."""


def add_proof(
    document: Mapping[str, Any], key: SigningKey, verification_method: str, created: datetime
) -> dict[str, Any]:
    """Return the document with one proof by `key`; an earlier proof is replaced.

    The proof repeats the document's `@context`: verifiers that insist on it and those that do not then agree.
    """
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    options: dict[str, Any] = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": rfc3339(created),
        "verificationMethod": verification_method,
        "proofPurpose": PURPOSE,
    }
    if "@context" in unsecured:
        options["@context"] = unsecured["@context"]
    signature = key.sign(_signing_input(unsecured, options))
    return unsecured | {"proof": options | {"proofValue": "z" + base58.b58encode(signature).decode("ascii")}}


def proof_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the document's only proof, given alone or as a list of one. Raises ProofMalformed."""
    proof = document.get("proof")
    if isinstance(proof, list) and len(proof) == 1:
        proof = proof[0]
    if not isinstance(proof, Mapping):
        raise ProofMalformed("Exactly one proof object was expected: the document must be signed once.")
    return proof


def verify_proof(document: Mapping[str, Any], public_key: bytes) -> None:
    """Check the document's only proof against a key. Raises ProofInvalid (see the tree above).

    Who the key belongs to is the caller's question. Stricter than the suite, which lets a document add contexts
    behind the signed ones: what is not signed is not accepted.
    """
    check_proof(
        {name: value for name, value in document.items() if name != "proof"}, proof_of(document), public_key
    )


def check_proof(unsecured: Mapping[str, Any], proof: Mapping[str, Any], public_key: bytes) -> None:
    """Check one proof over a document that is given without it. Raises ProofInvalid."""
    found = {name: proof.get(name) for name in ("type", "cryptosuite", "proofPurpose")}
    wanted = {"type": "DataIntegrityProof", "cryptosuite": CRYPTOSUITE, "proofPurpose": PURPOSE}
    for name, value in wanted.items():
        if found[name] != value:
            raise ProofMalformed(
                f"The proof's {name} must be {value!r}, {str(found[name])[:80]!r} was found."
            )
    if "@context" in proof and proof["@context"] != unsecured.get("@context"):
        raise ContextNotSigned(
            "The document's @context is not the one its proof covers: it was changed after signing. "
            "Fetch the document from its issuer again."
        )
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    try:
        message = _signing_input(unsecured, options)
    except NotCanonical as error:
        raise ProofMalformed(f"The signed document has no canonical form. {error}") from error
    if not signature_holds(public_key, message, _signature(proof)):
        raise SignatureInvalid(
            "The signature does not hold for this key and document: one of them was changed after signing. "
            "Fetch the document from its issuer again."
        )


def _signing_input(unsecured: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(canonicalize(options)).digest() + hashlib.sha256(canonicalize(unsecured)).digest()


def _signature(proof: Mapping[str, Any]) -> bytes:
    value = proof.get("proofValue")
    if not isinstance(value, str) or value[:1] != "z" or len(value) > _LONGEST_SIGNATURE:
        raise ProofMalformed(
            f"The proofValue must be multibase base58btc text (z…) of at most {_LONGEST_SIGNATURE} characters."
        )
    try:
        return bytes(base58.b58decode(value[1:]))
    except ValueError as error:
        raise ProofMalformed("The proofValue is not base58btc text.") from error
