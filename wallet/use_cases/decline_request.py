"""Decline a request, also because nothing in the wallet fits it, and tell the verifier."""

from wallet.domain.history import declined_entry
from wallet.domain.request import RequestState
from wallet.errors import WrongMoment
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.read_request import read_request
from wallet.use_cases.write_history import write_entry


async def decline_request(wallet: OpenWallet, request_id: str, reason: str, *, desk: Desk) -> RequestState:
    """Returns the request's state; declining twice is declining once.

    Raises:
        RequestUnknown, WrongMoment
    """
    async with wallet.turn:
        view = await read_request(wallet, request_id, desk=desk)
        if view.exchange.state is RequestState.DECLINED:
            return view.exchange.state
        if view.exchange.state is not RequestState.OPEN:
            raise WrongMoment(
                f"Expected an open request, found one that is {view.exchange.state}: there is nothing left to decline."
            )
        await wallet.store.refuse_request(request_id, reason)
        await write_entry(wallet.store, declined_entry(desk.new_id(), view, reason, now=desk.clock()))
    return RequestState.DECLINED
