"""An invitation link: Aries RFC 0434 out-of-band 1.x, as a URL with the invitation in its `oob` parameter."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs, urlsplit

import base58
from pydantic import JsonValue

from shared.vc.jcs import NotCanonical, canonicalize
from shared.vc.keys import KeyMalformed, public_from_multikey
from shared.vc.webvh import IdentifierMalformed, did_to_url
from wallet.errors import InvitationRefused, LinkIncomplete

MAX_LINK = 16_384
_TYPES = ("https://didcomm.org/out-of-band/1.", "did:sov:BzCbsNYhMrjHiqZDTUASHg;spec/out-of-band/1.")
_HANDSHAKES = ("https://didcomm.org/didexchange/1.", "https://didcomm.org/connections/1.")
_ED25519_PUBLIC = b"\xed\x01"
_ATTACHABLE = ("https://didcomm.org/issue-credential/2.", "https://didcomm.org/present-proof/2.")
_GOAL_LENGTH = 200
_LONGEST_ID = 200
_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]{1,2000}", re.ASCII)
_WEBVH, _PEER = "did:webvh:", "did:peer:"
_PEER_2_KEYS, _PEER_2_PLACE = frozenset("VE"), "S"
_BASE58 = re.compile(r"z[1-9A-HJ-NP-Za-km-z]+", re.ASCII)
_SHA_256, _JSON_CODEC = b"\x12\x20", b"\x80\x04"
_NEW_LINK = "Ask the sender for a new link."
_RAW_KEY = re.compile(r"[1-9A-HJ-NP-Za-km-z]{43,44}", re.ASCII)


@dataclass(frozen=True)
class Invitation:
    """What a link says. `goal` and `label`, the name it gives its sender, are display text: they prove nothing."""

    id: str
    goal_code: str
    goal: str
    label: str
    recipient_keys: tuple[str, ...]
    """Raw base58 keys the invitation was made for; empty when it names a DID instead."""
    sender: str | None
    """The did:webvh whose document says where to answer; None where the link says it itself."""
    message: Mapping[str, JsonValue]


def read_invitation(url: str) -> Invitation:
    """Reads an invitation link.

    Raises:
        InvitationRefused: the link is no out-of-band 1.x invitation with a connection handshake.
        LinkIncomplete: of these, that it is not a whole link.
    """
    if len(url) > MAX_LINK:
        raise InvitationRefused(
            f"The link has {len(url)} characters, more than the {MAX_LINK} an invitation may have. Ask the sender for a new link."
        )
    message = _message_of(url)
    kind = message.get("@type")
    if not (isinstance(kind, str) and kind.startswith(_TYPES)):
        raise InvitationRefused(
            f"Expected an out-of-band 1.x invitation, found {kind!r}. Ask the sender for a new link."
        )
    handshakes = message.get("handshake_protocols")
    if not (
        isinstance(handshakes, list)
        and any(isinstance(h, str) and h.startswith(_HANDSHAKES) for h in handshakes)
    ):
        raise InvitationRefused(
            "The invitation offers no connection handshake (didexchange 1.x or connections 1.x), and this wallet answers only over a "
            "connection. Ask the sender for another link."
        )
    services = message.get("services")
    if not (isinstance(services, list) and len(services) == 1 and _is_place(services[0])):
        raise InvitationRefused(
            "The invitation must name exactly one place to answer to. Ask the sender for a new link."
        )
    if isinstance(services[0], str):
        _check_sender(services[0])
    misshapen = [name for name, holds in _SHAPES.items() if name in message and not holds(message[name])]
    if misshapen:
        raise InvitationRefused(
            f"The invitation's {', '.join(misshapen)} cannot be understood. Ask the sender for a new link."
        )
    identifier = message.get("@id")
    if not (isinstance(identifier, str) and identifier):
        raise InvitationRefused("The invitation has no identifier (@id). Ask the sender for a new link.")
    return Invitation(
        id=identifier,
        goal_code=_text(message.get("goal_code")),
        goal=_text(message.get("goal")),
        label=_text(message.get("label")),
        recipient_keys=_recipient_keys(services[0]),
        sender=services[0] if isinstance(services[0], str) and services[0].startswith(_WEBVH) else None,
        message=message,
    )


def raw_key(key: str) -> str:
    """A key in raw base58, whether written so or as `did:key:z6Mk…` (with or without fragment); other text unchanged."""
    if not key.startswith("did:key:z"):
        return key
    try:
        decoded = base58.b58decode(key.removeprefix("did:key:z").partition("#")[0])
    except ValueError:
        return key
    if not decoded.startswith(_ED25519_PUBLIC):
        return key
    return str(base58.b58encode(decoded[len(_ED25519_PUBLIC) :]), "ascii")


def _message_of(url: str) -> dict[str, JsonValue]:
    try:
        parts = urlsplit(url.strip())
    except ValueError as error:
        raise LinkIncomplete("The link is not a web address. Copy the whole link and try again.") from error
    if parts.scheme not in {"https", "http", "didcomm"}:
        raise LinkIncomplete(
            f"Expected a web link, found one that starts with {parts.scheme or 'nothing'!r}. Copy the whole link."
        )
    values = parse_qs(parts.query).get("oob")
    if not values:
        raise LinkIncomplete(
            "The link carries no invitation: its 'oob' part is missing. Copy the whole link."
        )
    encoded = values[0]
    try:
        found = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        canonicalize(found)  # NaN, half characters and bottomless nesting cannot be passed on
    except (binascii.Error, ValueError, RecursionError, NotCanonical) as error:
        raise LinkIncomplete(
            "The invitation in the link is damaged. Copy the whole link and try again."
        ) from error
    if not isinstance(found, dict):
        raise LinkIncomplete("The invitation in the link is damaged. Copy the whole link and try again.")
    return found


def _recipient_keys(service: JsonValue) -> tuple[str, ...]:
    if not isinstance(service, dict):
        return ()
    keys = service.get("recipientKeys")
    return tuple(raw_key(key) for key in keys if isinstance(key, str)) if isinstance(keys, list) else ()


def _is_place(service: JsonValue) -> bool:
    """A DID, or an address with Ed25519 keys: what an agent can answer to."""
    if isinstance(service, str):
        return _DID.fullmatch(service) is not None
    if not isinstance(service, dict):
        return False
    keys, routing = service.get("recipientKeys"), service.get("routingKeys") or []
    return (
        all(isinstance(service.get(name), str) and service[name] for name in ("id", "type"))
        and str(service.get("serviceEndpoint")).startswith(("https://", "http://"))
        and isinstance(keys, list)
        and isinstance(routing, list)
        and len(keys) > 0
        and all(isinstance(key, str) and _is_key(key) for key in (*keys, *routing))
    )


def _check_sender(did: str) -> None:
    """Refuse a DID that no try will ever resolve; whether a did:webvh exists is for its host to say."""
    if did.startswith(_WEBVH):
        try:
            did_to_url(did)
        except IdentifierMalformed as error:
            raise InvitationRefused(
                f"The invitation's sender is no did:webvh there can be. {_NEW_LINK}"
            ) from error
    elif not did.startswith(_PEER):
        raise InvitationRefused(
            f"The invitation names its sender by {':'.join(did.split(':')[:2])}, which this wallet does not look up: "
            f"it knows did:peer and did:webvh. {_NEW_LINK}"
        )
    elif not (_is_peer_2(did) or _is_peer_4(did)):
        raise InvitationRefused(
            "The invitation's sender is no did:peer of method 2 or 4 that says where to answer, complete in the link. "
            f"{_NEW_LINK}"
        )


def _is_peer_2(did: str) -> bool:
    """Keys to sign and to encrypt with, and a place to answer to."""
    if not did.startswith(f"{_PEER}2."):
        return False
    parts = did.removeprefix(f"{_PEER}2.").split(".")
    keys = {part[:1] for part in parts if part[:1] in _PEER_2_KEYS and _BASE58.fullmatch(part[1:])}
    places = [part[1:] for part in parts if part[:1] == _PEER_2_PLACE]
    return (
        len(keys) == len(_PEER_2_KEYS)
        and len(places) > 0
        and all(_json_of(partial(_from_base64url, place)) for place in places)
    )


def _is_peer_4(did: str) -> bool:
    """The long form: the digest of a document, and the document with a place to answer to."""
    digest, _, encoded = did.removeprefix(f"{_PEER}4").partition(":")
    if not did.startswith(f"{_PEER}4") or not (_BASE58.fullmatch(digest) and _BASE58.fullmatch(encoded)):
        return False
    if base58.b58decode(digest[1:]) != _SHA_256 + hashlib.sha256(encoded.encode()).digest():
        return False
    document = base58.b58decode(encoded[1:])
    found = _json_of(lambda: document.removeprefix(_JSON_CODEC)) if document.startswith(_JSON_CODEC) else None
    return isinstance(found, dict) and bool(found.get("service"))


def _json_of(data: Callable[[], bytes]) -> JsonValue:
    """None for what is no JSON."""
    try:
        found: JsonValue = json.loads(data())
    except (binascii.Error, ValueError, RecursionError):
        return None
    return found


def _from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _is_key(key: str) -> bool:
    if not key.startswith("did:key:"):
        return _RAW_KEY.fullmatch(key) is not None
    try:
        public_from_multikey(key.removeprefix("did:key:").partition("#")[0])
    except KeyMalformed:
        return False
    return True


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str)


def _is_texts(value: JsonValue) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _are_offers_or_requests(value: JsonValue) -> bool:
    return isinstance(value, list) and all(_is_offer_or_request(item) for item in value)


def _is_offer_or_request(attached: JsonValue) -> bool:
    data = attached.get("data") if isinstance(attached, dict) else None
    message = data.get("json") if isinstance(data, dict) else None
    kind = message.get("@type") if isinstance(message, dict) else None
    return isinstance(kind, str) and kind.startswith(_ATTACHABLE)


_SHAPES: Mapping[str, Callable[[JsonValue], bool]] = {
    "@id": lambda value: isinstance(value, str) and len(value) <= _LONGEST_ID and value.isprintable(),
    "label": _is_text,
    "goal": _is_text,
    "goal_code": _is_text,
    "imageUrl": _is_text,
    "accept": _is_texts,
    "handshake_protocols": _is_texts,
    "requests~attach": _are_offers_or_requests,
    "~thread": lambda value: (
        isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    ),
}
"""What the agent would choke on is refused here, in words for the learner."""


def _text(value: JsonValue) -> str:
    return value[:_GOAL_LENGTH] if isinstance(value, str) else ""
