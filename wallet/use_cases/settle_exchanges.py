"""Finish what the learner has decided: store what arrived if it is what was offered, and let it replace its predecessor.

One offer whenever the agent tells that its credential came; all of them when a wallet is opened, before credentials are read and
when wallets are looked after; doing it twice changes nothing.
"""

import logging
from typing import NamedTuple

from pydantic import JsonValue

from wallet.domain.credential import same_award
from wallet.domain.history import Entry, Kind
from wallet.domain.inbox import Change
from wallet.domain.offer import OfferExchange, OfferState, differences
from wallet.domain.proof_request import issuer_of
from wallet.errors import AgentTrouble, OfferUnknown
from wallet.ports import LearnerStore, Note
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.write_history import note_of, write_entry

log = logging.getLogger(__name__)

_HERE = frozenset({OfferState.ARRIVED, OfferState.STORED})

SETTLED = "settled"
"""Notes: offers whose credential is stored and whose predecessors are gone, and over which connection it came."""


class UnderWay(NamedTuple):
    """Offers whose credential has not come, and those that could not be settled now."""

    accepted: frozenset[str]
    unsettled: frozenset[str]


async def settle_exchanges(wallet: OpenWallet, *, desk: Desk) -> UnderWay:
    """Brings every accepted offer as far as it can go; one whose issuer cannot be asked holds up no other.

    Returns what is left.
    """
    async with wallet.turn:
        settled = await wallet.store.notes(SETTLED)
        offers = await wallet.store.offers()
        arrived = [one for one in offers if one.id not in settled and one.state in _HERE]
        return UnderWay(
            frozenset(one.id for one in offers if one.state is OfferState.ACCEPTED),
            frozenset([one.id for one in arrived if not await _is_settled(wallet, one, desk)]),
        )


async def settle_exchange(wallet: OpenWallet, offer_id: str, *, desk: Desk) -> None:
    """The same for one offer that the agent names."""
    async with wallet.turn:
        try:
            offer = await wallet.store.offer(offer_id)
        except OfferUnknown:
            return
        if offer.state in _HERE and await wallet.store.note(SETTLED, offer_id) is None:
            await _is_settled(wallet, offer, desk)


async def _is_settled(wallet: OpenWallet, offer: OfferExchange, desk: Desk) -> bool:
    try:
        await _settle(wallet, offer, desk)
    except AgentTrouble as trouble:
        log.warning(
            "offer %s could not be settled (%s); it is tried again at the next occasion",
            offer.id,
            type(trouble).__name__,
        )
        return False
    return True


async def _settle(wallet: OpenWallet, offer: OfferExchange, desk: Desk) -> None:
    differing = differences(offer)
    if differing:
        await _refuse(wallet.store, offer, differing, desk)
        return
    credential_id = offer.credential_id
    if offer.state is OfferState.ARRIVED:
        credential_id = await wallet.store.store_credential(offer.id)
    if credential_id is not None:
        replaced = await _replace_predecessors(wallet.store, offer, credential_id, desk)
        wallet_change = Change("credential", credential_id)
        stored = _entry(offer, Kind.CREDENTIAL_STORED, {"credential_id": credential_id}, desk)
        settled: dict[str, JsonValue] = {
            "credential_id": credential_id,
            "connection_id": offer.connection_id,
            "replaced": replaced,
        }
        await wallet.store.write_notes([note_of(stored), Note(SETTLED, offer.id, settled)])
        desk.changes.announce(wallet.id, wallet_change)


async def _replace_predecessors(
    store: LearnerStore, offer: OfferExchange, credential_id: str, desk: Desk
) -> list[JsonValue]:
    """The credentials that went."""
    replaced: list[JsonValue] = []
    award = same_award(issuer_of(offer.cred_def_id) or "", offer.attributes)
    for held in await store.credentials():
        same = award is not None and same_award(issuer_of(held.cred_def_id) or "", held.attributes) == award
        if same and held.id != credential_id:
            await store.remove_credential(held.id)
            replaced.append(held.id)
            told: dict[str, JsonValue] = {"credential_id": held.id, "by": credential_id}
            await write_entry(store, _entry(offer, Kind.CREDENTIAL_REPLACED, told, desk))
    return replaced


async def _refuse(store: LearnerStore, offer: OfferExchange, differing: tuple[str, ...], desk: Desk) -> None:
    if offer.credential_id is not None:
        await store.remove_credential(offer.credential_id)
    else:
        await store.refuse_offer(offer.id, "What arrived is not what was offered.")
    said: dict[str, JsonValue] = {"differences": list(differing)}
    refused = _entry(offer, Kind.CREDENTIAL_REFUSED, said, desk)
    await store.write_notes([note_of(refused), Note(SETTLED, offer.id, {"credential_id": None})])


def _entry(offer: OfferExchange, kind: Kind, said: dict[str, JsonValue], desk: Desk) -> Entry:
    title = offer.attributes.get("title")
    return Entry(
        id=f"{offer.id}.{kind}",
        at=desk.clock(),
        kind=kind,
        subject=offer.id,
        who_did=issuer_of(offer.cred_def_id),
        said={**({"title": title} if title else {}), **said},
    )
