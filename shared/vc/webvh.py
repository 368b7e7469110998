"""did:webvh 1.0: write, extend and check DID logs; map DIDs and object ids to URLs.

The log's checks, in the order they are made for each entry (`DidLogInvalid.check` names the one that failed):
 size         no more entries than allowed, each a JSON object without repeated names
 structure    the five members of an entry, with their types
 sequence     version numbers count 1, 2, 3 …
 time         each entry later than the one before, none in the future
 parameters   method, known parameters, none that may not change
 scid         the first entry hashes to the SCID that the DID names
 entry hash   versionId is the hash of the entry chained to the one before
 pre-rotation new update keys are those the entry before committed to
 proof        signed by a key allowed to update at this point
 identity     the document is the DID's own (moving is not supported)
 witness      witnesses are not supported, and never ignored
 deactivated  the last entry leaves the DID in use
Checked here and not with PyPI did-webvh, which rewrites times before hashing them; the tests run its checker on our logs.

Errors: IdentifierMalformed · DidLogInvalid ─ DidDeactivated · KeyNotAuthorised
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote

from shared.contracts.errors import UjuziError
from shared.vc.data_integrity import ProofInvalid, add_proof, check_proof
from shared.vc.dateint import DateMalformed, from_rfc3339, rfc3339
from shared.vc.jcs import NotCanonical, digest_multihash, multihash
from shared.vc.keys import KeyMalformed, SigningKey, public_from_multikey

METHOD = "did:webvh:1.0"
_PLACEHOLDER = "{SCID}"
_SKEW = timedelta(minutes=5)
_GRANULARITY = timedelta(seconds=1)
"""Times of versions are whole seconds."""
_MEMBERS = {"versionId", "versionTime", "parameters", "state", "proof"}
_PARAMETERS = {
    "method", "scid", "updateKeys", "nextKeyHashes", "portable", "witness", "watchers", "deactivated", "ttl",
}  # fmt: skip
_SCID = re.compile(r"[1-9A-HJ-NP-Za-km-z]{44,52}", re.ASCII)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+", re.ASCII)
_RESOURCE = re.compile(r"(did:webvh:[^/?#]+)/resources/(z[1-9A-HJ-NP-Za-km-z]{44,52})", re.ASCII)
_LONGEST_ID = 1024


class IdentifierMalformed(UjuziError):
    """A DID or object id is not one this method can have."""


class DidLogInvalid(UjuziError):
    """A DID log failed a check; `check` names it."""

    def __init__(self, check: str, message: str) -> None:
        super().__init__(f"DID log refused ({check}): {message}")
        self.check = check


class DidDeactivated(DidLogInvalid):
    """The DID's controller has ended it."""


class KeyNotAuthorised(UjuziError):
    """A key is not an assertionMethod of the DID."""


@dataclass(frozen=True)
class DidLog:
    """A DID and its log, one JSON line per version."""

    did: str
    lines: tuple[str, ...]

    @property
    def jsonl(self) -> str:
        """The log as it is served."""
        return "".join(f"{line}\n" for line in self.lines)


@dataclass(frozen=True)
class DidVersion:
    """One verified version of a DID document."""

    version_id: str
    version_time: datetime
    document: Mapping[str, Any]


@dataclass(frozen=True)
class DidHistory:
    """A verified log: the document now, and every version before it, oldest first."""

    did: str
    document: Mapping[str, Any]
    version_id: str
    version_time: datetime
    versions: tuple[DidVersion, ...]

    def assertion_key(self, vm_id: str) -> bytes:
        """Return the public key of an assertionMethod the DID has now.

        A key it had once does not count: the date on a signature is the word of whoever holds that key.
        Raises KeyNotAuthorised.
        """
        key = _assertion_key(self.did, self.document, vm_id)
        if key is None:
            raise KeyNotAuthorised(
                f"An assertionMethod of {self.did} was expected, {vm_id[:200]!r} is none of them: "
                "the signature may be valid, but its key does not speak for this DID."
            )
        return key

    def assertion_key_at(self, vm_id: str, moment: datetime) -> bytes:
        """Return the public key of an assertionMethod the DID had at `moment`, give or take a second.

        Only for what its own signer answers for, such as receipts: whoever holds a key can write any date.
        Raises KeyNotAuthorised.
        """
        ends = [*(version.version_time for version in self.versions[1:]), None]
        for version, end in zip(self.versions, ends, strict=True):
            begun = version.version_time <= moment + _GRANULARITY
            if begun and (end is None or end >= moment - _GRANULARITY):
                key = _assertion_key(self.did, version.document, vm_id)
                if key is not None:
                    return key
        raise KeyNotAuthorised(
            f"An assertionMethod that {self.did} had on {rfc3339(moment)} was expected, {vm_id[:200]!r} is none of them."
        )

    def has_had(self, public_key: bytes) -> bool:
        """Whether a key is or was one of the DID's assertionMethods."""
        return any(
            _assertion_key(self.did, version.document, str(method)) == public_key
            for version in self.versions
            for method in _list(version.document.get("assertionMethod"))
        )


def verification_method(did: str, key: SigningKey) -> str:
    """Return the id under which a DID document made here lists a key."""
    return f"{did}#{key.multikey}"


def create_log(
    *,
    host: str,
    path: tuple[str, ...],
    key: SigningKey,
    now: datetime,
    services: Sequence[Mapping[str, Any]] = (),
    next_key: SigningKey | None = None,
) -> DidLog:
    """Return a new DID with its first log entry.

    `key` signs the log and the DID's objects. `next_key`, kept away from `key`, turns on pre-rotation: only it can
    make the next version. The DID cannot move to another host (portable is false). Service ids beginning with `#`
    are completed with the DID.
    """
    unnamed = ":".join(("did:webvh", _PLACEHOLDER, host.replace(":", "%3A"), *path))
    did_to_url(unnamed.replace(_PLACEHOLDER, "Q" * 46))  # refuses a host or path that no DID can have
    parameters = {
        "method": METHOD,
        "scid": _PLACEHOLDER,
        "updateKeys": [key.multikey],
        "nextKeyHashes": _commitments(next_key),
        "portable": False,
    }
    draft = {
        "versionId": _PLACEHOLDER,
        "versionTime": rfc3339(now),
        "parameters": parameters,
        "state": _document(unnamed, key, services),
    }
    scid = digest_multihash(draft)
    entry = json.loads(json.dumps(draft).replace(_PLACEHOLDER, scid))
    return DidLog(unnamed.replace(_PLACEHOLDER, scid), (_sealed(entry, 1, key),))


def rotate(log: DidLog, key: SigningKey, next_key: SigningKey, now: datetime) -> DidLog:
    """Return the log with a version in which `key` takes over and `next_key` is committed to for the one after.

    Under pre-rotation `key` must be the one committed to. Without it, the old key signs: use `replace_keys`.
    Raises DidLogInvalid.
    """
    return replace_keys(log, key=key, signer=key, next_key=next_key, now=now)


def replace_keys(
    log: DidLog, *, key: SigningKey, signer: SigningKey, next_key: SigningKey | None, now: datetime
) -> DidLog:
    """Return the log with a version whose only key is `key`, signed by `signer`. Raises DidLogInvalid."""
    previous = json.loads(log.lines[-1])
    services = previous["state"].get("service", [])
    parameters = {"updateKeys": [key.multikey], "nextKeyHashes": _commitments(next_key)}
    return _extended(log, parameters, _document(log.did, key, services), signer=signer, now=now)


def deactivate(log: DidLog, *, signer: SigningKey, now: datetime) -> DidLog:
    """Return the log with a last version that ends the DID, signed by the key allowed to write it."""
    previous = json.loads(log.lines[-1])
    parameters = {"updateKeys": [signer.multikey], "nextKeyHashes": [], "deactivated": True}
    return _extended(log, parameters, previous["state"], signer=signer, now=now)


def did_to_url(did: str) -> str:
    """Return where a DID's log is served. Raises IdentifierMalformed for hosts and paths nobody should fetch."""
    base, segments = _location(did)
    return f"{base}/{'/'.join(segments or ('.well-known',))}/did.jsonl"


def resource_to_url(resource_id: str) -> str:
    """Return where an object is served. Raises IdentifierMalformed."""
    did, digest = split_resource_id(resource_id)
    base, segments = _location(did)
    return "/".join((base, *segments, "resources", digest))


def split_resource_id(resource_id: str) -> tuple[str, str]:
    """Return the DID and the hash of an object id `DID/resources/HASH`. Raises IdentifierMalformed."""
    match = _RESOURCE.fullmatch(resource_id) if len(resource_id) <= _LONGEST_ID else None
    if match is None:
        raise IdentifierMalformed(
            f"An object id was expected as did:webvh:…/resources/z…, {resource_id[:200]!r} was found."
        )
    _location(match[1])
    return match[1], match[2]


def verify_log(did: str, jsonl: str, *, max_entries: int, now: datetime | None = None) -> DidHistory:
    """Check every entry of a log and return the DID's history.

    `now` refuses entries dated more than five minutes ahead. Raises DidLogInvalid, DidDeactivated.
    """
    did_to_url(did)
    lines = [line for line in jsonl.split("\n") if line.strip()]
    if not lines:
        raise DidLogInvalid("size", f"the log of {did} is empty; ask its host.")
    if len(lines) > max_entries:
        raise DidLogInvalid("size", f"at most {max_entries} entries are read, {len(lines)} were found.")
    versions: list[DidVersion] = []
    parameters: dict[str, Any] = {}
    for number, line in enumerate(lines, start=1):
        entry = _parse(line, number)
        before = versions[-1] if versions else None
        moment = _check_order(entry, number, before, now)
        changed = entry["parameters"]
        _check_parameters(changed, parameters, number)
        if before is None:
            _check_scid(did, entry)
        _check_entry_hash(entry, number, before.version_id if before else changed["scid"])
        _check_proof(entry, number, _updaters(changed, parameters, number))
        if entry["state"].get("id") != did:
            raise DidLogInvalid(
                "identity",
                f"entry {number} describes {str(entry['state'].get('id'))[:200]!r}, {did} was expected. "
                "Moved or renamed DIDs are not supported.",
            )
        parameters = parameters | changed
        versions.append(DidVersion(entry["versionId"], moment, entry["state"]))
    last = versions[-1]
    if parameters.get("deactivated"):
        raise DidDeactivated(
            "deactivated", f"{did} was ended by its controller on {rfc3339(last.version_time)}."
        )
    return DidHistory(did, last.document, last.version_id, last.version_time, tuple(versions))


def _document(did: str, key: SigningKey, services: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    method = verification_method(did, key)
    document: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {"id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": key.multikey}
        ],
        "authentication": [method],
        "assertionMethod": [method],
    }
    if services:
        document["service"] = [
            dict(service) | {"id": did + service["id"] if service["id"].startswith("#") else service["id"]}
            for service in services
        ]
    return document


def _commitments(next_key: SigningKey | None) -> list[str]:
    return [multihash(next_key.multikey.encode())] if next_key else []


def _extended(
    log: DidLog, parameters: dict[str, Any], state: dict[str, Any], *, signer: SigningKey, now: datetime
) -> DidLog:
    previous = json.loads(log.lines[-1])
    latest = max(now, from_rfc3339(previous["versionTime"]) + timedelta(seconds=1))
    number = len(log.lines) + 1
    entry = {
        "versionId": previous["versionId"],
        "versionTime": rfc3339(latest),
        "parameters": parameters,
        "state": state,
    }
    longer = DidLog(log.did, (*log.lines, _sealed(entry, number, signer)))
    try:
        verify_log(log.did, longer.jsonl, max_entries=number)
    except DidDeactivated:
        if not parameters.get("deactivated"):
            raise
    return longer


def _sealed(entry: Mapping[str, Any], number: int, signer: SigningKey) -> str:
    """Write an entry (whose versionId is the one before) with its own versionId and proof."""
    if number == 1:
        entry = {**entry, "versionId": entry["parameters"]["scid"]}
    named = {**entry, "versionId": f"{number}-{digest_multihash(entry)}"}
    method = f"did:key:{signer.multikey}#{signer.multikey}"
    signed = add_proof(named, signer, method, from_rfc3339(entry["versionTime"]))
    return json.dumps(signed | {"proof": [signed["proof"]]}, ensure_ascii=False, separators=(",", ":"))


def _location(did: str) -> tuple[str, tuple[str, ...]]:
    parts = did.split(":") if len(did) <= _LONGEST_ID else []
    if len(parts) < 4 or parts[:2] != ["did", "webvh"] or not _SCID.fullmatch(parts[2]):  # noqa: PLR2004
        raise IdentifierMalformed(
            f"A DID was expected as did:webvh:SCID:HOST[:PATH…], {did[:200]!r} was found."
        )
    host, _, port = unquote(parts[3]).partition(":")
    if not _HOST.fullmatch(host) or _is_address(host) or host.rpartition(".")[2] == "localhost":
        raise IdentifierMalformed(
            f"The host of a did:webvh must be a domain name in small letters, {host[:200]!r} is none."
        )
    if port and not (port.isascii() and port.isdecimal() and 0 < int(port) < 2**16):
        raise IdentifierMalformed(f"The port {port[:20]!r} of the DID's host is no port number.")
    for segment in parts[4:]:
        plain = unquote(segment)
        if (
            not _SEGMENT.fullmatch(segment)
            or plain in {".", ".."}
            or not plain.isprintable()
            or set(plain) & set("/\\?#")
        ):
            raise IdentifierMalformed(
                f"The DID's path has the part {segment[:200]!r}, which is not allowed in a URL path."
            )
    return f"https://{host}{':' + port if port else ''}", tuple(parts[4:])


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _assertion_key(did: str, document: Mapping[str, Any], vm_id: str) -> bytes | None:
    """Find a key by absolute or `#fragment` id among a document's assertionMethods; references only to itself."""
    wanted = did + vm_id if vm_id.startswith("#") else vm_id
    if not wanted.startswith(f"{did}#"):
        return None
    methods = document.get("verificationMethod", [])
    for listed in _list(document.get("assertionMethod")):
        candidates = (
            [listed] if isinstance(listed, dict) else [m for m in _list(methods) if _same(did, m, listed)]
        )
        for method in candidates:
            if _same(did, method, wanted) and method.get("controller", did) == did:
                try:
                    return public_from_multikey(str(method.get("publicKeyMultibase", "")))
                except KeyMalformed:
                    return None
    return None


def _same(did: str, method: object, reference: object) -> bool:
    def absolute(name: object) -> object:
        return did + name if isinstance(name, str) and name.startswith("#") else name

    return (
        isinstance(method, dict)
        and isinstance(reference, str)
        and absolute(method.get("id")) == absolute(reference)
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _parse(line: str, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line, object_pairs_hook=_unrepeated)
    except (ValueError, RecursionError) as error:
        raise DidLogInvalid(
            "size", f"entry {number} is not one JSON object on one line ({error})."
        ) from error
    if not isinstance(entry, dict) or set(entry) != _MEMBERS:
        raise DidLogInvalid(
            "structure", f"entry {number} must have exactly the members {', '.join(sorted(_MEMBERS))}."
        )
    kinds = {"versionId": str, "versionTime": str, "parameters": dict, "state": dict, "proof": list}
    for name, kind in kinds.items():
        if not isinstance(entry[name], kind):
            raise DidLogInvalid("structure", f"{name} of entry {number} must be a JSON {kind.__name__}.")
    return entry


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice in one object")
    return found


def _check_order(
    entry: Mapping[str, Any], number: int, before: DidVersion | None, now: datetime | None
) -> datetime:
    counted = str(entry["versionId"]).partition("-")[0]
    if counted != str(number):
        raise DidLogInvalid(
            "sequence",
            f"version {number} was expected, {counted[:40]!r} was found: entries are missing or out of order.",
        )
    try:
        moment = from_rfc3339(entry["versionTime"])
    except DateMalformed as error:
        raise DidLogInvalid("time", f"versionTime of entry {number}: {error}") from error
    if before is not None and moment <= before.version_time:
        raise DidLogInvalid("time", f"entry {number} is not later than the one before it.")
    if now is not None and moment > now + _SKEW:
        raise DidLogInvalid("time", f"entry {number} is dated {rfc3339(moment)}, in the future.")
    return moment


def _check_parameters(changed: Mapping[str, Any], before: Mapping[str, Any], number: int) -> None:
    unknown = set(changed) - _PARAMETERS
    if unknown:
        raise DidLogInvalid("parameters", f"entry {number} has the unknown parameter {min(unknown)[:80]!r}.")
    for name in ("portable", "deactivated"):
        if not isinstance(changed.get(name, False), bool):
            raise DidLogInvalid("parameters", f"{name} of entry {number} must be true or false.")
    for name in ("updateKeys", "nextKeyHashes"):
        value = changed.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise DidLogInvalid("parameters", f"{name} of entry {number} must be a list of texts.")
    if changed.get("method", before.get("method")) != METHOD:
        found = str(changed.get("method"))[:80]
        raise DidLogInvalid("parameters", f"{METHOD} was expected in entry {number}, {found!r} was found.")
    if changed.get("witness"):
        raise DidLogInvalid(
            "witness",
            "the DID asks for witnesses, which cannot be checked here; it is refused, not half checked.",
        )
    if before:
        _check_change(changed, before, number)
    elif not changed.get("updateKeys"):
        raise DidLogInvalid("parameters", "the first entry names no updateKeys.")


def _check_change(changed: Mapping[str, Any], before: Mapping[str, Any], number: int) -> None:
    if before.get("deactivated"):
        raise DidLogInvalid("parameters", f"entry {number} follows the entry that ended the DID.")
    if "scid" in changed:
        raise DidLogInvalid("parameters", f"entry {number} gives the scid again, which cannot change.")
    if changed.get("portable") and not before.get("portable"):
        raise DidLogInvalid("parameters", f"entry {number} makes the DID portable; only the first entry may.")


def _check_scid(did: str, entry: Mapping[str, Any]) -> None:
    named = did.split(":")[2]
    scid = entry["parameters"].get("scid")
    if scid != named:
        raise DidLogInvalid("scid", f"the DID names the SCID {named}, its log {str(scid)[:80]!r}.")
    unsigned = {name: value for name, value in entry.items() if name != "proof"}
    draft = json.loads(json.dumps(unsigned).replace(named, _PLACEHOLDER)) | {"versionId": _PLACEHOLDER}
    derived = _digest(draft, 1)
    if derived != named:
        raise DidLogInvalid(
            "scid", f"the first entry hashes to {derived}, not to the SCID {named}: it was changed."
        )


def _check_entry_hash(entry: Mapping[str, Any], number: int, version_before: str) -> None:
    chained = {name: value for name, value in entry.items() if name != "proof"} | {
        "versionId": version_before
    }
    derived = f"{number}-{_digest(chained, number)}"
    if derived != entry["versionId"]:
        raise DidLogInvalid(
            "entry hash",
            f"entry {number} hashes to {derived}, it says {entry['versionId'][:80]!r}: it was changed.",
        )


def _digest(value: object, number: int) -> str:
    try:
        return digest_multihash(value)
    except NotCanonical as error:
        raise DidLogInvalid("structure", f"entry {number} has no canonical form. {error}") from error


def _updaters(changed: Mapping[str, Any], before: Mapping[str, Any], number: int) -> list[str]:
    """Return the keys that may sign this entry; under pre-rotation they are the newly revealed ones."""
    if not before:
        return list(changed["updateKeys"])
    committed = before.get("nextKeyHashes")
    if not committed:
        return list(before["updateKeys"])
    revealed = changed.get("updateKeys")
    if not revealed or "nextKeyHashes" not in changed:
        raise DidLogInvalid(
            "pre-rotation",
            f"entry {number} must give updateKeys and nextKeyHashes, as the entry before committed to.",
        )
    for key in revealed:
        if multihash(key.encode()) not in committed:
            raise DidLogInvalid(
                "pre-rotation",
                f"entry {number} brings in the key {key[:80]!r}, which the entry before did not commit to.",
            )
    return list(revealed)


def _check_proof(entry: Mapping[str, Any], number: int, allowed: Sequence[str]) -> None:
    proofs = entry["proof"]
    if not proofs:
        raise DidLogInvalid("proof", f"entry {number} is not signed.")
    unsecured = {name: value for name, value in entry.items() if name != "proof"}
    for proof in proofs:
        method = proof.get("verificationMethod") if isinstance(proof, dict) else None
        signer = str(method).removeprefix("did:key:").partition("#")[0]
        if method not in {f"did:key:{signer}#{signer}", f"did:key:{signer}"} or signer not in allowed:
            raise DidLogInvalid(
                "proof",
                f"entry {number} is signed by {str(method)[:200]!r}, which may not update the DID at this point.",
            )
        try:
            check_proof(unsecured, proof, public_from_multikey(signer))
        except (ProofInvalid, KeyMalformed) as error:
            raise DidLogInvalid("proof", f"entry {number}: {error}") from error
