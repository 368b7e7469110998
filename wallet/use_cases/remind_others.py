"""Say again what an issuer or a verifier has not answered: what was sent may be lost."""

from shared.contracts.reminders import Reminders
from wallet.domain.offer import OfferState
from wallet.domain.request import RequestState
from wallet.use_cases.desk import Desk, OpenWallet


async def remind_others(wallet: OpenWallet, *, reminders: Reminders, desk: Desk) -> None:
    """Asks again for credentials that were accepted and did not come, and answers again what has no verdict."""
    accepted = {offer.id for offer in await wallet.store.offers() if offer.state is OfferState.ACCEPTED}
    answered = {one.id for one in await wallet.store.requests() if one.state is RequestState.ANSWERED}
    for waiting in reminders.due([*sorted(accepted), *sorted(answered)], now=desk.clock()):
        if waiting in accepted:
            await wallet.store.request_credential_again(waiting)
        else:
            await wallet.store.present_again(waiting)
