"""Read offers in plain terms: what is said, by whom, and who vouches for that."""

from collections.abc import Sequence

from wallet.domain.credential import HeldCredential, same_award
from wallet.domain.offer import OfferExchange, OfferState, OfferView, view_offer
from wallet.domain.part import ALL, Part, part_of
from wallet.domain.proof_request import issuer_of
from wallet.domain.trust import issuer_standing
from wallet.ports import LearnerStore
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.find_edition import find_edition


async def read_offer(wallet: OpenWallet, offer_id: str, *, desk: Desk) -> OfferView:
    """One offer. Raises OfferUnknown."""
    offer = await wallet.store.offer(offer_id)
    held = await wallet.store.credentials() if offer.state is OfferState.OPEN else ()
    return await explain_offer(wallet.store, offer, held, desk=desk)


async def read_offers(
    wallet: OpenWallet, *, state: OfferState | None = None, part: Part = ALL, desk: Desk
) -> Sequence[OfferView]:
    """Every offer, or those in one state, or a part of them. Raises PlaceUnknown."""
    offers = [offer for offer in await wallet.store.offers() if state is None or offer.state is state]
    found = part_of(offers, part, key=lambda offer: offer.id)
    held = await wallet.store.credentials() if any(offer.state is OfferState.OPEN for offer in found) else ()
    return [await explain_offer(wallet.store, offer, held, desk=desk) for offer in found]


async def explain_offer(
    store: LearnerStore, offer: OfferExchange, held: Sequence[HeldCredential], *, desk: Desk
) -> OfferView:
    """The offer beside what the lists and the published description say; what it would replace, while she may decide."""
    issuer_did = issuer_of(offer.cred_def_id)
    hers = offer.state is not OfferState.OPEN
    edition = await find_edition(store, desk.facts, offer.attributes, issuer_did, hers=hers)
    standing = issuer_standing(
        desk.trust.snapshots(), issuer_did, offer.attributes, edition, now=desk.clock()
    )
    replaces = replaced_by(offer, held) if offer.state is OfferState.OPEN else ()
    return view_offer(offer, issuer=standing, edition=edition, replaces=replaces)


def replaced_by(offer: OfferExchange, held: Sequence[HeldCredential]) -> list[str]:
    """The credentials of the same award."""
    issuer_did = issuer_of(offer.cred_def_id)
    award = same_award(issuer_did, offer.attributes) if issuer_did else None
    return [
        credential.id
        for credential in held
        if award is not None
        and credential.id != offer.credential_id
        and same_award(issuer_of(credential.cred_def_id) or "", credential.attributes) == award
    ]
