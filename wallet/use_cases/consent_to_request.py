"""Consent: make the proof from the credentials chosen and send it."""

from collections.abc import Collection, Mapping

from wallet.domain.history import Kind, share_entry
from wallet.domain.proof_request import presentation
from wallet.domain.request import RequestState, check_consent
from wallet.errors import WrongMoment
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.read_request import read_request
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
        view = await read_request(wallet, request_id, desk=desk)
        answered = view.exchange.state is RequestState.ANSWERED
        if answered and await has_entry(wallet.store, Kind.SHARED, request_id):
            return RequestState.ANSWERED
        if not answered and view.exchange.state is not RequestState.OPEN:
            raise WrongMoment(
                f"Expected an open request, found one that is {view.exchange.state}. Ask its sender for a new link."
            )
        check_consent(view, choices, acknowledged=acknowledged, now=desk.clock())
        held = {found.id: found.attributes for found in await wallet.store.credentials()}
        if answered:
            # Noted by a call that was cut off, and perhaps not sent.
            await wallet.store.present_again(request_id)
        else:
            await wallet.store.present(request_id, presentation([need.need for need in view.needs], choices))
        entry = share_entry(desk.new_id(), view, choices, now=desk.clock(), values=held)
        await write_entry(wallet.store, entry)
    return RequestState.ANSWERED
