"""What the learner did and what became of it; kept inside her store, in words she can read years later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

from wallet.domain.offer import OfferView
from wallet.domain.proof_request import Need
from wallet.domain.request import RequestView
from wallet.domain.requester import Proven
from wallet.domain.words import claims


class Kind(StrEnum):
    """What happened."""

    OFFER_ACCEPTED = "offer_accepted"
    OFFER_DECLINED = "offer_declined"
    CREDENTIAL_STORED = "credential_stored"
    CREDENTIAL_REFUSED = "credential_refused"
    CREDENTIAL_REPLACED = "credential_replaced"
    SHARED = "shared"
    REQUEST_DECLINED = "request_declined"


@dataclass(frozen=True)
class Entry:
    """One line of her history. `subject` is the offer, request or credential it is about; `outcome` is filled in when it is told."""

    id: str
    at: datetime
    kind: Kind
    subject: str
    who: str | None = None
    who_did: str | None = None
    said: Mapping[str, JsonValue] = field(default_factory=dict)
    outcome: str | None = None


def offer_entry(
    entry_id: str, kind: Kind, view: OfferView, *, now: datetime, said: Mapping[str, JsonValue]
) -> Entry:
    """An offer accepted or declined."""
    title = view.offer.attributes.get("title")
    return Entry(
        id=entry_id,
        at=now,
        kind=kind,
        subject=view.offer.id,
        who=view.issuer.name,
        who_did=view.issuer.did,
        said={**({"title": title} if title else {}), **said},
    )


def share_entry(
    entry_id: str,
    view: RequestView,
    choices: Mapping[str, str],
    *,
    now: datetime,
    values: Mapping[str, Mapping[str, str]],
) -> Entry:
    """What was revealed to whom; `values` are the attributes of each chosen credential by its id."""
    return Entry(
        id=entry_id,
        at=now,
        kind=Kind.SHARED,
        subject=view.exchange.id,
        who=view.standing.name if view.standing else None,
        who_did=view.who.did if isinstance(view.who, Proven) else None,
        said={
            "purpose": purpose_of(view),
            "keep_days": view.who.request.keep_days if isinstance(view.who, Proven) else None,
            "needs": [
                {
                    "need": need.need.id,
                    "credential_id": choices[need.need.id],
                    "revealed": _revealed(need.need, values[choices[need.need.id]]),
                    "proven": [words for _, words in need.proves],
                }
                for need in view.needs
            ],
        },
    )


def declined_entry(entry_id: str, view: RequestView, reason: str, *, now: datetime) -> Entry:
    """A request she declined."""
    return Entry(
        id=entry_id,
        at=now,
        kind=Kind.REQUEST_DECLINED,
        subject=view.exchange.id,
        who=view.standing.name if view.standing else None,
        who_did=view.who.did if isinstance(view.who, Proven) else None,
        said={"purpose": purpose_of(view), "reason": reason},
    )


def purpose_of(view: RequestView) -> str | None:
    """Why it is asked: the signed sentence, never an unsigned one."""
    return view.who.request.purpose if isinstance(view.who, Proven) else None


def _revealed(need: Need, attributes: Mapping[str, str]) -> dict[str, JsonValue]:
    shown = {name: attributes[name] for name in need.revealed if name in attributes}
    return {claim.label: claim.value for claim in claims(shown)}
