"""An offer as the learner reads it, and whether what arrived is what she accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wallet.domain.credential import EditionMissing, EditionResult
from wallet.domain.trust import Standing, Trust
from wallet.domain.words import Claim, claims, label


class OfferState(StrEnum):
    """Where an offer is."""

    OPEN = "open"
    ACCEPTED = "accepted"
    ARRIVED = "arrived"
    STORED = "stored"
    DECLINED = "declined"
    BROKEN = "broken"


class OfferDoubt(StrEnum):
    """What a careful person would ask about."""

    UNIDENTIFIED = "unidentified"
    NOT_VOUCHED = "not-vouched"
    NO_DESCRIPTION = "no-description"
    OTHER_BODY = "other-body"


@dataclass(frozen=True)
class OfferExchange:
    """What the agent knows of one offer. `issued` is what arrived: credential definition and attributes."""

    id: str
    connection_id: str | None
    state: OfferState
    cred_def_id: str
    schema_id: str
    attributes: Mapping[str, str]
    received_at: datetime | None = None
    issued_cred_def_id: str | None = None
    issued: Mapping[str, str] | None = None
    credential_id: str | None = None


@dataclass(frozen=True)
class OfferView:
    """Everything a learner needs to decide."""

    offer: OfferExchange
    issuer: Standing
    claims: tuple[Claim, ...]
    edition: EditionResult
    replaces: tuple[str, ...]
    warnings: tuple[str, ...]
    doubts: tuple[OfferDoubt, ...] = ()
    """The same by their codes."""


def view_offer(
    offer: OfferExchange, *, issuer: Standing, edition: EditionResult, replaces: Sequence[str]
) -> OfferView:
    """The offer in plain terms, with a warning for everything a careful person would ask about."""
    warned = _warnings(offer, issuer, edition)
    return OfferView(
        offer=offer,
        issuer=issuer,
        claims=claims(offer.attributes),
        edition=edition,
        replaces=tuple(replaces),
        warnings=tuple(warned.values()),
        doubts=tuple(warned),
    )


def differences(offer: OfferExchange) -> tuple[str, ...]:
    """How what arrived differs from what was offered, in words without the values; empty if it does not."""
    if offer.issued is None:
        return ()
    found = []
    if offer.issued_cred_def_id != offer.cred_def_id:
        found.append("it is signed under another credential definition")
    found.extend(f"{label(name)} differs" for name in differing(offer))
    return tuple(found)


def differing(offer: OfferExchange) -> tuple[str, ...]:
    """The attributes in which what arrived differs from what was offered, by name."""
    issued = offer.issued
    if issued is None:
        return ()
    names = sorted(set(offer.attributes) | set(issued))
    return tuple(name for name in names if offer.attributes.get(name) != issued.get(name))


def _warnings(offer: OfferExchange, issuer: Standing, edition: EditionResult) -> Mapping[OfferDoubt, str]:
    said = {}
    if issuer.did is None:
        said[OfferDoubt.UNIDENTIFIED] = "The issuer is not identified in a way this wallet can check."
    if issuer.outcome is not Trust.TRUSTED:
        said[OfferDoubt.NOT_VOUCHED] = issuer.reason
    if isinstance(edition, EditionMissing):
        said[OfferDoubt.NO_DESCRIPTION] = f"The programme's description could not be relied on: {edition.why}"
    body = offer.attributes.get("awarding_body_id")
    if body is not None and body != issuer.did:
        said[OfferDoubt.OTHER_BODY] = "The awarding body it names is not the organisation that issues it."
    return said
