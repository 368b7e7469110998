"""Read what an open wallet begins with: what waits for her, what changed, what she holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from wallet.domain.credential import HeldCredential
from wallet.domain.news import News, corrections, keys_of, news_of, seen_in
from wallet.domain.offer import OfferState, OfferView
from wallet.domain.request import RequestState, RequestView
from wallet.ports import SealedWallets
from wallet.use_cases.ask_issuer import read_threads
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.read_credentials import Shown, read_credential, read_credentials
from wallet.use_cases.read_offer import read_offers
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
    offers = await read_offers(wallet, desk=desk)
    settled = await wallet.store.notes(SETTLED)
    return Home(
        offers=[view for view in offers if view.offer.state is OfferState.OPEN],
        coming=[view for view in offers if view.offer.state in _COMING and view.offer.id not in settled],
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


async def earlier_of(wallet: OpenWallet, held: HeldCredential) -> tuple[str, ...]:
    """The offers of those credentials whose place this one took: a credential is kept under its offer's id."""
    _, earlier = corrections(await wallet.store.notes(SETTLED)).get(held.id, ("", ()))
    known = {offer.id for offer in await wallet.store.offers()} if earlier else set()
    return tuple(one for one in earlier if one in known)


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
