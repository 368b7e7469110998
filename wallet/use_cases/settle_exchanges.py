"""Finish what the learner has decided: store what arrived if it is what was offered, and let it replace its predecessor.

Run whenever the agent tells of a change, when a wallet is opened and before credentials are read; doing it twice changes nothing.
"""

import logging

from pydantic import JsonValue

from wallet.domain.credential import same_award
from wallet.domain.history import Entry, Kind
from wallet.domain.inbox import Change
from wallet.domain.offer import OfferExchange, OfferState, differences
from wallet.domain.proof_request import issuer_of
from wallet.errors import AgentTrouble
from wallet.ports import LearnerStore
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.write_history import write_entry

log = logging.getLogger(__name__)

SETTLED = "settled"
"""Notes: offers whose credential is stored and whose predecessors are gone, and over which connection it came."""


async def settle_exchanges(wallet: OpenWallet, *, desk: Desk) -> None:
    """Brings every accepted offer as far as it can go; one whose issuer cannot be asked holds up no other."""
    async with wallet.turn:
        settled = await wallet.store.notes(SETTLED)
        for offer in await wallet.store.offers():
            if offer.id not in settled and offer.state in {OfferState.ARRIVED, OfferState.STORED}:
                try:
                    await _settle(wallet, offer, desk)
                except AgentTrouble as trouble:
                    log.warning(
                        "offer %s could not be settled (%s); it is tried again at the next occasion",
                        offer.id,
                        type(trouble).__name__,
                    )


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
        await _note(wallet.store, offer, Kind.CREDENTIAL_STORED, {"credential_id": credential_id}, desk)
        await wallet.store.write_note(
            SETTLED,
            offer.id,
            {"credential_id": credential_id, "connection_id": offer.connection_id, "replaced": replaced},
        )
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
            await _note(
                store, offer, Kind.CREDENTIAL_REPLACED, {"credential_id": held.id, "by": credential_id}, desk
            )
    return replaced


async def _refuse(store: LearnerStore, offer: OfferExchange, differing: tuple[str, ...], desk: Desk) -> None:
    if offer.credential_id is not None:
        await store.remove_credential(offer.credential_id)
    else:
        await store.refuse_offer(offer.id, "What arrived is not what was offered.")
    said: dict[str, JsonValue] = {"differences": list(differing)}
    await _note(store, offer, Kind.CREDENTIAL_REFUSED, said, desk)
    await store.write_note(SETTLED, offer.id, {"credential_id": None})


async def _note(
    store: LearnerStore, offer: OfferExchange, kind: Kind, said: dict[str, JsonValue], desk: Desk
) -> None:
    title = offer.attributes.get("title")
    entry = Entry(
        id=f"{offer.id}.{kind}",
        at=desk.clock(),
        kind=kind,
        subject=offer.id,
        who_did=issuer_of(offer.cred_def_id),
        said={**({"title": title} if title else {}), **said},
    )
    await write_entry(store, entry)
