"""Read what an open wallet begins with: what waits for her, what changed, what she holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from wallet.domain.credential import HeldCredential
from wallet.domain.news import News, corrections, keys_of, news_of, seen_in
from wallet.domain.offer import OfferExchange, OfferState, OfferView
from wallet.domain.request import RequestState, RequestView
from wallet.ports import SealedWallets
from wallet.use_cases.ask_issuer import read_threads
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.read_credentials import Shown, read_credential, read_credentials
from wallet.use_cases.read_offer import explain_offer
from wallet.use_cases.read_request import read_requests
from wallet.use_cases.settle_exchanges import SETTLED, settle_exchanges

SEEN = "seen"
"""Notes: what of a credential's news she has seen."""
_COMING = (OfferState.ACCEPTED, OfferState.ARRIVED)


@dataclass(frozen=True)
class Home:
    """`coming`: offers she accepted whose credential is not here yet. `waiting`: messages that are still being worked through."""

    offers: Sequence[OfferView]
    coming: Sequence[OfferView]
    requests: Sequence[RequestView]
    news: Sequence[News]
    held: Sequence[Shown]
    waiting: int


async def read_home(wallet: OpenWallet, *, sealed: SealedWallets, desk: Desk) -> Home:
    """Everything, as it is now."""
    await settle_exchanges(wallet, desk=desk)
    _, waiting = await sealed.state(wallet.id)
    held = await read_credentials(wallet, desk=desk)
    settled = await wallet.store.notes(SETTLED)
    credentials = [shown.holding.credential for shown in held]
    offers = [
        await explain_offer(wallet.store, offer, credentials, desk=desk)
        for offer in await wallet.store.offers()
        if offer.state is OfferState.OPEN or (offer.state in _COMING and offer.id not in settled)
    ]
    return Home(
        offers=[view for view in offers if view.offer.state is OfferState.OPEN],
        coming=[view for view in offers if view.offer.state is not OfferState.OPEN],
        requests=await read_requests(wallet, state=RequestState.OPEN, desk=desk),
        news=await _news(wallet, held, desk),
        held=held,
        waiting=waiting,
    )


async def read_news(wallet: OpenWallet, shown: Shown, *, desk: Desk) -> Sequence[News]:
    """What she has not seen yet of one credential."""
    return await _news(wallet, [shown], desk)


async def note_news(wallet: OpenWallet, credential_id: str, *, desk: Desk) -> None:
    """She has seen what is new of a credential. Raises CredentialUnknown."""
    async with wallet.turn:
        shown = await read_credential(wallet, credential_id, desk=desk)
        news = await _news(wallet, [shown], desk)
        if news:
            before = seen_in(await wallet.store.note(SEEN, credential_id))
            await wallet.store.write_note(SEEN, credential_id, {"keys": [*sorted(before), *keys_of(news)]})


async def earlier_of(wallet: OpenWallet, held: HeldCredential) -> Sequence[OfferExchange]:
    """The offers of those credentials whose place this one took, as far as they are still known.

    A credential is kept under its offer's id.
    """
    _, earlier = corrections(await wallet.store.notes(SETTLED)).get(held.id, ("", ()))
    return [offer for offer in await wallet.store.offers() if offer.id in earlier] if earlier else ()


async def _news(wallet: OpenWallet, held: Sequence[Shown], desk: Desk) -> Sequence[News]:
    if not held:
        return ()
    seen = await wallet.store.notes(SEEN)
    corrected = corrections(await wallet.store.notes(SETTLED))
    threads = await read_threads(wallet, [shown.holding.credential.id for shown in held])
    return [
        news
        for shown in held
        for news in news_of(
            shown.holding,
            threads[shown.holding.credential.id],
            corrected_by=corrected.get(shown.holding.credential.id, (None,))[0],
            seen=seen_in(seen.get(shown.holding.credential.id)),
            now=desk.clock(),
        )
    ]
