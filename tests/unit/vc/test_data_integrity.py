import copy
from collections.abc import Callable
from typing import Any

import pytest

from shared.vc.data_integrity import (
    ContextNotSigned,
    ProofInvalid,
    ProofMalformed,
    SignatureInvalid,
    add_proof,
    verify_proof,
)
from shared.vc.keys import SigningKey, public_from_multikey
from tests.support.dids import NOW

KEY = SigningKey.from_seed(bytes(range(32)))
DOCUMENT = {"@context": ["https://a.example/v1"], "name": "Amina"}

# The vector of the W3C repository vc-di-eddsa, TestVectors/eddsa-jcs-2022/signedJCS.json
W3C_KEY = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
W3C_CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
W3C_SIGNED = {
    "@context": W3C_CONTEXT,
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
    "proof": {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2023-02-24T23:36:38Z",
        "verificationMethod": f"https://vc.example/issuers/5678#{W3C_KEY}",
        "proofPurpose": "assertionMethod",
        "@context": W3C_CONTEXT,
        "proofValue": "z63t83Y53KfzJ5ZosfKTnqfMcKB2dmTrfjSaQjeNNjAD5srBowQfmWqeRb8rRjmeEuCBEsddF9LsVogtuTsijJKh4",
    },
}


def signed() -> dict[str, Any]:
    return add_proof(DOCUMENT, KEY, "did:example:1#key", NOW)


def test_the_proof_repeats_the_documents_context_and_verifies() -> None:
    document = signed()
    assert document["proof"]["@context"] == DOCUMENT["@context"]
    verify_proof(document, KEY.public)


def test_a_proof_without_its_own_context_verifies_too() -> None:
    document = {"name": "no context at all"}
    verify_proof(add_proof(document, KEY, "did:example:1#key", NOW), KEY.public)


def test_a_context_hidden_behind_the_signed_ones_is_refused() -> None:
    document = signed()
    document["@context"] = [*DOCUMENT["@context"], "https://evil.example/redefines-name"]
    with pytest.raises(ContextNotSigned, match="changed after signing"):
        verify_proof(document, KEY.public)


def test_a_context_changed_in_document_and_proof_alike_is_refused() -> None:
    document = signed()
    document["@context"] = document["proof"]["@context"] = ["https://evil.example"]
    with pytest.raises(SignatureInvalid, match="changed after signing"):
        verify_proof(document, KEY.public)


def changed(path: tuple[str, ...], value: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for name in path[:-1]:
            document = document[name]
        document[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "error", "reason"),
    [
        (changed(("name",), "Mallory"), SignatureInvalid, "does not hold"),
        (changed(("proof", "created"), "2020-01-01T00:00:00Z"), SignatureInvalid, "does not hold"),
        (changed(("proof", "proofPurpose"), "authentication"), ProofMalformed, "proofPurpose must be"),
        (changed(("proof", "cryptosuite"), "eddsa-rdfc-2022"), ProofMalformed, "cryptosuite must be"),
        (changed(("proof", "proofValue"), "not-multibase"), ProofMalformed, "multibase base58btc"),
        (changed(("proof", "proofValue"), "z0OIl"), ProofMalformed, "not base58btc"),
        (changed(("proof", "proofValue"), "z111"), SignatureInvalid, "does not hold"),
        (changed(("proof",), [signed()["proof"]] * 2), ProofMalformed, "Exactly one proof"),
        (changed(("proof",), None), ProofMalformed, "Exactly one proof"),
        (changed(("name",), 2**60), ProofMalformed, "no canonical form"),
    ],
)
def test_a_changed_document_or_proof_is_refused(
    change: Callable[[dict[str, Any]], None], error: type[ProofInvalid], reason: str
) -> None:
    document = copy.deepcopy(signed())
    change(document)
    with pytest.raises(error, match=reason):
        verify_proof(document, KEY.public)


def test_a_proof_by_another_key_is_refused() -> None:
    with pytest.raises(SignatureInvalid, match="does not hold for this key"):
        verify_proof(signed(), SigningKey.generate().public)


def test_the_w3c_test_vector_verifies() -> None:
    verify_proof(W3C_SIGNED, public_from_multikey(W3C_KEY))


def test_an_endless_signature_is_refused_without_being_worked_out() -> None:
    document = signed()
    document["proof"]["proofValue"] = "z" + "2" * 4_000_000
    with pytest.raises(ProofMalformed, match="at most 90 characters"):
        verify_proof(document, KEY.public)
