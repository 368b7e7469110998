"""What the learner did and what became of it; kept inside her store, in words she can read years later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue, TypeAdapter, ValidationError

from wallet.domain.listing import Listing
from wallet.domain.offer import OfferView
from wallet.domain.proof_request import Need
from wallet.domain.request import RequestView, warned_of
from wallet.domain.requester import Proven
from wallet.domain.warning import Warned
from wallet.domain.words import claims

TOLD_IN = ("en", "fr", "pt", "sw", "ar")
LONGEST_WORD = 500
_LISTING: TypeAdapter[Listing | None] = TypeAdapter(Listing | None)


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
    """What was revealed to whom, and what was warned of; `values` are the attributes of each chosen credential by its id."""
    return Entry(
        id=entry_id,
        at=now,
        kind=Kind.SHARED,
        subject=view.exchange.id,
        who=name_of(view),
        who_did=view.who.did if isinstance(view.who, Proven) else None,
        said={
            "purpose": purpose_of(view),
            "keep_days": view.who.request.keep_days if isinstance(view.who, Proven) else None,
            "needs": [
                {
                    "need": need.need.id,
                    "credential_id": choices[need.need.id],
                    "title": values[choices[need.need.id]].get("title"),
                    "revealed": _revealed(need.need, values[choices[need.need.id]]),
                    "proven": [words for _, words in need.proves],
                    "shown": _shown(need.need, values[choices[need.need.id]]),
                    "compared": [
                        {"attribute": part.attribute, "operator": part.operator, "value": part.value}
                        for part in need.need.predicates
                    ],
                }
                for need in view.needs
            ],
            "listing": _listed(view),
            "warned": _warned(warned_of(view, choices)),
        },
    )


def declined_entry(entry_id: str, view: RequestView, reason: str, *, now: datetime) -> Entry:
    """A request she declined."""
    return Entry(
        id=entry_id,
        at=now,
        kind=Kind.REQUEST_DECLINED,
        subject=view.exchange.id,
        who=name_of(view),
        who_did=view.who.did if isinstance(view.who, Proven) else None,
        said={
            "purpose": purpose_of(view),
            "reason": reason,
            "listing": _listed(view),
            "warned": _warned(view.warnings),
        },
    )


def purpose_of(view: RequestView) -> str | None:
    """Why it is asked: the signed sentence, never an unsigned one."""
    return view.who.request.purpose if isinstance(view.who, Proven) else None


def name_of(view: RequestView) -> str | None:
    """What the lists call whoever proved to ask."""
    names = view.listing.names if view.listing else {}
    name = names.get("en") or next(iter(names.values()), None)
    return name and name[:LONGEST_WORD]


def listing_told(entry: Entry) -> Listing | None:
    """How the asker was listed when the entry was written; None where nobody proved who asked, or it cannot be read any more."""
    try:
        return _LISTING.validate_python(entry.said.get("listing"))
    except ValidationError:
        return None


def _listed(view: RequestView) -> JsonValue:
    """How the asker is listed, and by which issue of which list; short, whatever the list says at length."""
    listing = view.listing
    if listing is None:
        return None
    by = listing.by
    short = replace(
        listing,
        allows=(),
        names=_some(listing.names),
        by=by and replace(by, authority=_some(by.authority)),
        reason=listing.reason[:LONGEST_WORD],
        authority_says=listing.authority_says and listing.authority_says[:LONGEST_WORD],
    )
    told: JsonValue = _LISTING.dump_python(short, mode="json")
    return told


def _some(names: Mapping[str, str]) -> dict[str, str]:
    """Those in a learner's languages, else the first."""
    told = {tag: names[tag][:LONGEST_WORD] for tag in TOLD_IN if tag in names}
    return told or {tag: name[:LONGEST_WORD] for tag, name in list(names.items())[:1]}


def _warned(warnings: Sequence[Warned]) -> list[JsonValue]:
    return [{"code": each.code.value, "about": list(each.about)} for each in warnings]


def _shown(need: Need, attributes: Mapping[str, str]) -> dict[str, JsonValue]:
    """As signed, so that it can be read in any language later."""
    return {name: attributes[name] for name in need.revealed if name in attributes}


def _revealed(need: Need, attributes: Mapping[str, str]) -> dict[str, JsonValue]:
    shown = {name: attributes[name] for name in need.revealed if name in attributes}
    return {claim.label: claim.value for claim in claims(shown)}
