"""Consent: make the proof from the credentials chosen and send it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from wallet.domain.history import Kind, share_entry
from wallet.domain.proof_request import presentation
from wallet.domain.request import RequestState, RequestView, check_consent
from wallet.domain.requester import Proven
from wallet.domain.wish import KEPT_BEYOND
from wallet.errors import WrongMoment
from wallet.ports import LearnerStore
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.please_delete import ANSWERED_OVER
from wallet.use_cases.read_credentials import holdings
from wallet.use_cases.read_request import explain_request
from wallet.use_cases.write_history import has_entry, write_entry


async def consent_to_request(
    wallet: OpenWallet,
    request_id: str,
    choices: Mapping[str, str],
    *,
    acknowledged: Collection[str],
    desk: Desk,
) -> RequestState:
    """Returns the request's state once the proof is on its way; consenting twice is consenting once.

    The request is read anew: what it warns of now, and she did not acknowledge, stops the answer.

    Raises:
        RequestUnknown, WrongMoment, ConsentRefused, RequestUnreadable
    """
    async with wallet.turn:
        exchange = await wallet.store.request(request_id)
        held = await holdings(wallet, desk=desk)
        view = await explain_request(wallet.store, exchange, held, desk=desk)
        answered = view.exchange.state is RequestState.ANSWERED
        if answered and await has_entry(wallet.store, Kind.SHARED, request_id):
            return RequestState.ANSWERED
        if not answered and view.exchange.state is not RequestState.OPEN:
            raise WrongMoment(
                f"Expected an open request, found one that is {view.exchange.state}. Ask its sender for a new link."
            )
        check_consent(view, choices, acknowledged=acknowledged, now=desk.clock())
        await _stay_in_touch(wallet.store, view, desk.clock())
        if answered:
            # Noted by a call that was cut off, and perhaps not sent.
            await wallet.store.present_again(request_id)
        else:
            await wallet.store.present(request_id, presentation([need.need for need in view.needs], choices))
        values = {one.credential.id: one.credential.attributes for one in held}
        entry = share_entry(desk.new_id(), view, choices, now=desk.clock(), values=values)
        await write_entry(wallet.store, entry)
    return RequestState.ANSWERED


async def _stay_in_touch(store: LearnerStore, view: RequestView, now: datetime) -> None:
    """She may ask for deletion as long as what she shows is kept."""
    connection_id = view.exchange.connection_id
    if connection_id is None:
        return
    days = view.who.request.keep_days if isinstance(view.who, Proven) else 0
    await store.keep_in_touch(connection_id, until=now + timedelta(days=days) + KEPT_BEYOND)
    await store.write_note(ANSWERED_OVER, view.exchange.id, {"connection_id": connection_id})
