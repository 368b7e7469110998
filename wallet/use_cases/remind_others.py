"""Say again what an issuer or a verifier has not answered: what was sent may be lost."""

from collections.abc import Collection

from shared.contracts.reminders import Reminders
from wallet.domain.request import RequestState
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.please_delete import unanswered_wishes, wish_again


async def remind_others(
    wallet: OpenWallet, accepted: Collection[str], *, reminders: Reminders, desk: Desk
) -> bool:
    """Asks again to connect and for credentials that did not come, answers again what has no verdict, and says wishes again.

    `accepted`: offers that wait. Returns whether anything waits for others.
    """
    unanswered = set(await wallet.store.unanswered_connections())
    answered = {one.id for one in await wallet.store.requests() if one.state is RequestState.ANSWERED}
    wishes = await unanswered_wishes(wallet.store, desk=desk)
    waits = [*sorted(unanswered), *sorted(accepted), *sorted(answered), *sorted(wishes)]
    for waiting in reminders.due(waits, now=desk.clock()):
        if waiting in unanswered:
            await wallet.store.connect_again(waiting)
        elif waiting in accepted:
            await wallet.store.request_credential_again(waiting)
        elif waiting in answered:
            await wallet.store.present_again(waiting)
        else:
            await wish_again(wallet.store, waiting)
        reminders.said(waiting, now=desk.clock())
    return bool(waits)
