"""What came over the connection that a link made: an offer or a request."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from wallet.domain.inbox import Change
from wallet.domain.offer import OfferExchange, OfferState
from wallet.domain.request import RequestExchange, RequestState
from wallet.use_cases.desk import Desk, OpenWallet


async def message_over(wallet: OpenWallet, connection_id: str) -> Change | None:
    """The last offer or request that came over a connection, one that is open before any other; None while nothing came."""
    offers: Sequence[OfferExchange] = [
        one for one in await wallet.store.offers() if one.connection_id == connection_id
    ]
    requests: Sequence[RequestExchange] = [
        one for one in await wallet.store.requests() if one.connection_id == connection_id
    ]
    came = [
        *((one.state is OfferState.OPEN, Change("offer", one.id)) for one in offers),
        *((one.state is RequestState.OPEN, Change("request", one.id)) for one in requests),
    ]
    return max(came, key=lambda each: each[0], default=(False, None))[1]


async def await_message(
    wallet: OpenWallet, connection_id: str, *, seconds: float, desk: Desk
) -> Change | None:
    """The same, waited for; None when nothing came in that time."""
    changes = desk.changes.follow(wallet.id)
    try:
        async with asyncio.timeout(seconds):
            return await _first(wallet, connection_id, changes)
    except TimeoutError:
        return None


async def _first(wallet: OpenWallet, connection_id: str, changes: AsyncIterator[Change]) -> Change | None:
    """Follows first and looks then: what comes in between is not missed."""
    while True:
        change = asyncio.ensure_future(anext(changes, None))
        try:
            found = await message_over(wallet, connection_id)
            if found is not None or await change is None:
                return found
        finally:
            change.cancel()
