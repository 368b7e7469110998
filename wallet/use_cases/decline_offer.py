"""Decline an offer and tell the issuer."""

from wallet.domain.history import Kind, offer_entry
from wallet.domain.offer import OfferState
from wallet.errors import WrongMoment
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.read_offer import read_offer
from wallet.use_cases.write_history import write_entry


async def decline_offer(wallet: OpenWallet, offer_id: str, reason: str, *, desk: Desk) -> OfferState:
    """Returns the offer's state; declining twice is declining once.

    Raises:
        OfferUnknown, WrongMoment
    """
    async with wallet.turn:
        view = await read_offer(wallet, offer_id, desk=desk)
        if view.offer.state is OfferState.DECLINED:
            return view.offer.state
        if view.offer.state is not OfferState.OPEN:
            raise WrongMoment(
                f"Expected an open offer, found one that is {view.offer.state}: there is nothing left to decline."
            )
        await wallet.store.refuse_offer(offer_id, reason)
        entry = offer_entry(
            desk.new_id(), Kind.OFFER_DECLINED, view, now=desk.clock(), said={"reason": reason}
        )
        await write_entry(wallet.store, entry)
    return OfferState.DECLINED
