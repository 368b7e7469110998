"""Accept an offer: keep the programme's description, then ask the issuer for the credential."""

from pydantic import JsonValue

from wallet.domain.history import Kind, offer_entry
from wallet.domain.offer import OfferState
from wallet.errors import WrongMoment
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.find_edition import keep_edition
from wallet.use_cases.read_offer import read_offer, replaced_by
from wallet.use_cases.write_history import has_entry, write_entry

_UNDER_WAY = (OfferState.ACCEPTED, OfferState.ARRIVED, OfferState.STORED)


async def accept_offer(wallet: OpenWallet, offer_id: str, *, desk: Desk) -> OfferState:
    """Returns the offer's state; accepting twice is accepting once.

    Raises:
        OfferUnknown, WrongMoment
    """
    async with wallet.turn:
        view = await read_offer(wallet, offer_id, desk=desk)
        accepted = view.offer.state in _UNDER_WAY
        if accepted and await has_entry(wallet.store, Kind.OFFER_ACCEPTED, offer_id):
            return view.offer.state
        if not accepted and view.offer.state is not OfferState.OPEN:
            raise WrongMoment(
                f"Expected an open offer, found one that is {view.offer.state}. Open the claim link again for a new one."
            )
        if not accepted:
            await keep_edition(wallet.store, view.edition)
            await wallet.store.request_credential(offer_id)
        elif view.offer.state is OfferState.ACCEPTED:
            # Noted by a call that was cut off, and perhaps not sent.
            await wallet.store.request_credential_again(offer_id)
        found = replaced_by(view.offer, await wallet.store.credentials()) if accepted else view.replaces
        replaces: list[JsonValue] = list(found)
        said: dict[str, JsonValue] = {"trust": view.issuer.reason, "replaces": replaces}
        entry = offer_entry(desk.new_id(), Kind.OFFER_ACCEPTED, view, now=desk.clock(), said=said)
        await write_entry(wallet.store, entry)
    return view.offer.state if accepted else OfferState.ACCEPTED
