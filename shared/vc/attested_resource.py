"""Signed, content-addressed objects under a DID (did:webvh attested resources 0.1; STANDARDS.md §3).

`verify` makes these checks in order, each with its own error under ResourceInvalid:
 1. ResourceMalformed  an object of the expected form
 2. WrongDigest        id suffix = metadata.resourceId = recomputed hash of the content, and the id is the one asked for
 3. WrongType          metadata.resourceType is the kind asked for
 4. ForeignSigned      the proof's key is an assertionMethod of the very DID in the id; one rotated out is none
 5. ProofRefused       the proof holds
 6. WrongIssuer        content.issuerId is that DID
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from shared.contracts.errors import UjuziError
from shared.vc.data_integrity import ProofInvalid, ProofMalformed, add_proof, proof_of, verify_proof
from shared.vc.dateint import DateMalformed, from_rfc3339
from shared.vc.jcs import NotCanonical, digest_multibase
from shared.vc.keys import SigningKey
from shared.vc.webvh import DidHistory, KeyNotAuthorised, split_resource_id

CONTEXT = (
    "https://identity.foundation/did-attested-resources/context/v0.1",
    "https://w3id.org/security/data-integrity/v2",
)
SCHEMA = "anonCredsSchema"
CRED_DEF = "anonCredsCredDef"
REV_REG_DEF = "anonCredsRevocRegDef"
STATUS_LIST = "anonCredsStatusList"
EDITION = "ujuziAchievementEdition"
LAST = "last"
"""A registry definition's link that is true here names the last list its issuer will ever publish: it has closed."""

LINKED: Final = timedelta(days=30)
"""So long before the newest, a registry definition links every status list; of each month before, the last one."""


class ResourceInvalid(UjuziError):
    """A published object failed a check."""


class ResourceMalformed(ResourceInvalid):
    """The object does not have the form of an attested resource."""


class WrongDigest(ResourceInvalid):
    """The content is not what the id names."""


class WrongType(ResourceInvalid):
    """The object is of another kind than was asked for."""


class ForeignSigned(ResourceInvalid):
    """The proof is by a key that does not speak for the DID in the id."""


class ProofRefused(ResourceInvalid):
    """The proof is missing or does not hold."""


class WrongIssuer(ResourceInvalid):
    """The content names another issuer than the DID in the id."""


@dataclass(frozen=True)
class VerifiedResource:
    """An object that passed every check, under this version of its DID's log.

    `links` are under its proof but outside its content.
    """

    id: str
    type: str
    content: Mapping[str, Any]
    links: tuple[Mapping[str, Any], ...]
    did_version: str = ""


def attest(
    *,
    did: str,
    content: Mapping[str, Any],
    resource_type: str,
    name: str,
    key: SigningKey,
    verification_method: str,
    created: datetime,
    links: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return the signed resource that carries a content; its `id` follows from the content alone."""
    digest = digest_multibase(content)
    resource: dict[str, Any] = {
        "@context": list(CONTEXT),
        "type": ["AttestedResource"],
        "id": f"{did}/resources/{digest}",
        "content": dict(content),
        "metadata": {"resourceId": digest, "resourceType": resource_type, "resourceName": name},
    }
    if links is not None:
        resource["links"] = [dict(link) for link in links]
    return add_proof(resource, key, verification_method, created)


def link_to(resource: Mapping[str, Any], timestamp: int) -> dict[str, Any]:
    """Return the `links` entry by which a registry definition names a status list of a given time."""
    metadata = resource["metadata"]
    return {
        "id": resource["id"],
        "type": metadata["resourceType"],
        "timestamp": timestamp,
        "digestMultibase": metadata["resourceId"],
    }


def thinned(links: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the links a registry definition keeps, in their order: whoever proves or checks reads all of them each time.

    Every list of the last days, as LINKED says, and the last one of each month (UTC) before. The lists themselves stay.
    """
    newest = max((int(link["timestamp"]) for link in links), default=0)
    last_of_month: dict[tuple[int, int], int] = {}
    for link in links:
        timestamp = int(link["timestamp"])
        at = datetime.fromtimestamp(timestamp, UTC)
        last_of_month[at.year, at.month] = max(timestamp, last_of_month.get((at.year, at.month), 0))
    kept = set(last_of_month.values())
    since = newest - LINKED.total_seconds()
    return [link for link in links if link["timestamp"] >= since or link["timestamp"] in kept]


def verify(
    resource: object, *, expected_id: str, expected_type: str, history: DidHistory
) -> VerifiedResource:
    """Make every check of the list above. Raises ResourceInvalid (see there), IdentifierMalformed."""
    did, digest = split_resource_id(expected_id)
    if did != history.did:
        raise ForeignSigned(
            f"The history of {did} is needed to judge {expected_id}; that of {history.did} was given."
        )
    found = _well_formed(resource)
    _check_digest(found, expected_id, digest)
    kind = found["metadata"].get("resourceType")
    if kind != expected_type:
        raise WrongType(
            f"{expected_id} was expected to be of type {expected_type}, it says {str(kind)[:80]!r}."
        )
    _check_signature(found, history)
    issuer = found["content"].get("issuerId")
    if issuer != did:
        raise WrongIssuer(
            f"issuerId in the content of {expected_id} must be {did}, {str(issuer)[:200]!r} was found: "
            "the object claims to be another issuer's."
        )
    return VerifiedResource(
        expected_id, expected_type, found["content"], tuple(found.get("links", ())), history.version_id
    )


def _well_formed(resource: object) -> Mapping[str, Any]:
    if not isinstance(resource, Mapping):
        raise ResourceMalformed("A JSON object was expected as an attested resource.")
    kinds = resource.get("type")
    if "AttestedResource" not in (kinds if isinstance(kinds, list) else [kinds]):
        raise ResourceMalformed(f"The type AttestedResource was expected, {str(kinds)[:80]!r} was found.")
    for name in ("content", "metadata"):
        if not isinstance(resource.get(name), Mapping):
            raise ResourceMalformed(f"The attested resource lacks the object {name!r}.")
    links = resource.get("links", [])
    if not isinstance(links, list) or not all(isinstance(link, Mapping) for link in links):
        raise ResourceMalformed("links of an attested resource must be a list of objects.")
    return resource


def _check_digest(resource: Mapping[str, Any], expected_id: str, digest: str) -> None:
    if resource.get("id") != expected_id:
        raise WrongDigest(f"{expected_id} was asked for, {str(resource.get('id'))[:200]!r} came.")
    stated = resource["metadata"].get("resourceId")
    try:
        computed = digest_multibase(resource["content"])
    except NotCanonical as error:
        raise ResourceMalformed(f"The content of {expected_id} has no canonical form. {error}") from error
    if not digest == stated == computed:
        raise WrongDigest(
            f"The id names the content {digest}, metadata.resourceId says {str(stated)[:80]!r}, the content hashes to "
            f"{computed}: it was changed. Fetch it from its issuer again."
        )


def _check_signature(resource: Mapping[str, Any], history: DidHistory) -> None:
    try:
        proof = proof_of(resource)
        method = proof.get("verificationMethod")
        if not isinstance(method, str):
            raise ProofMalformed("The proof names no verificationMethod.")
        if "created" in proof:
            from_rfc3339(proof["created"])
        verify_proof(resource, history.assertion_key(method))
    except KeyNotAuthorised as error:
        raise ForeignSigned(f"{resource['id']}: {error}") from error
    except (ProofInvalid, DateMalformed) as error:
        raise ProofRefused(f"{resource['id']}: {error}") from error
