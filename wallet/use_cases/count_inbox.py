"""Count what waits for the learner."""

from wallet.domain.inbox import Inbox
from wallet.domain.offer import OfferState
from wallet.domain.request import RequestState
from wallet.ports import SealedWallets
from wallet.use_cases.desk import OpenWallet


async def count_inbox(wallet: OpenWallet, *, sealed: SealedWallets) -> Inbox:
    """Numbers only."""
    _, waiting = await sealed.state(wallet.id)
    return Inbox(
        offers=sum(offer.state is OfferState.OPEN for offer in await wallet.store.offers()),
        requests=sum(request.state is RequestState.OPEN for request in await wallet.store.requests()),
        credentials=len(await wallet.store.credentials()),
        waiting=waiting,
    )
