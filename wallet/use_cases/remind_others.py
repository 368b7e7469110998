"""Say again what an issuer or a verifier has not answered: what was sent may be lost."""

from shared.contracts.reminders import Reminders
from wallet.domain.offer import OfferState
from wallet.domain.request import RequestState
from wallet.use_cases.desk import Desk, OpenWallet


async def remind_others(wallet: OpenWallet, *, reminders: Reminders, desk: Desk) -> None:
    """Asks again to connect, asks again for credentials that did not come, and answers again what has no verdict."""
    unanswered = set(await wallet.store.unanswered_connections())
    accepted = {offer.id for offer in await wallet.store.offers() if offer.state is OfferState.ACCEPTED}
    answered = {one.id for one in await wallet.store.requests() if one.state is RequestState.ANSWERED}
    waits = [*sorted(unanswered), *sorted(accepted), *sorted(answered)]
    for waiting in reminders.due(waits, now=desk.clock()):
        if waiting in unanswered:
            await wallet.store.connect_again(waiting)
        elif waiting in accepted:
            await wallet.store.request_credential_again(waiting)
        else:
            await wallet.store.present_again(waiting)
