"""Read requests in plain terms: who asks and how that is known, why, what would be shown, proven, hidden, and what is missing."""

from collections.abc import Sequence
from dataclasses import replace

from shared.contracts.signed_request import AskedNeed, split_comment
from shared.vc.jcs import digest_multibase
from wallet.domain.answer import Holding, NeedView, view_need
from wallet.domain.limits import held_against_listing
from wallet.domain.listing import ListingState, verifier_listing
from wallet.domain.part import ALL, Part, part_of
from wallet.domain.proof_request import Need, names_schema, read_needs
from wallet.domain.request import RequestExchange, RequestState, RequestView, view_request
from wallet.domain.requester import Doubt, Proven, Requester, Unproven, judge_request
from wallet.domain.warning import Warned
from wallet.errors import RequestUnreadable
from wallet.ports import LearnerStore
from wallet.use_cases.count_people import count_people
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.read_credentials import holdings
from wallet.use_cases.receive_invitation import CONNECTIONS


async def read_request(wallet: OpenWallet, request_id: str, *, desk: Desk) -> RequestView:
    """One request. Raises RequestUnknown."""
    exchange = await wallet.store.request(request_id)
    return await explain_request(wallet.store, exchange, await holdings(wallet, desk=desk), desk=desk)


async def read_requests(
    wallet: OpenWallet, *, state: RequestState | None = None, part: Part = ALL, desk: Desk
) -> Sequence[RequestView]:
    """Every request, or those in one state, or a part of them. Raises PlaceUnknown."""
    requests = [found for found in await wallet.store.requests() if state is None or found.state is state]
    exchanges = part_of(requests, part, key=lambda found: found.id)
    held = await holdings(wallet, desk=desk) if exchanges else ()
    return [await explain_request(wallet.store, exchange, held, desk=desk) for exchange in exchanges]


async def explain_request(
    store: LearnerStore, exchange: RequestExchange, held: Sequence[Holding], *, desk: Desk
) -> RequestView:
    """The request beside what the learner holds."""
    who = await _identify(store, exchange, desk)
    snapshots, now = desk.trust.snapshots(), desk.clock()
    listing = verifier_listing(snapshots, who.did, now=now) if isinstance(who, Proven) else None
    beyond: Sequence[Warned] = ()
    needs: Sequence[NeedView] | RequestUnreadable
    try:
        read = read_needs(exchange.proof_request)
        if any(names_schema(need) for need in read):
            held = await _with_schemas(held, desk)
        needs = [view_need(need, _plain(who, need), held) for need in read]
    except RequestUnreadable as error:
        needs = error
    else:
        if isinstance(who, Proven) and listing is not None and listing.state is ListingState.LISTED:
            beyond, needs = held_against_listing(snapshots, who.did, needs, held, now=now)
        if exchange.state in {RequestState.OPEN, RequestState.ANSWERED}:
            needs = await count_people(needs, held, desk=desk)
    return view_request(exchange, who=who, listing=listing, needs=needs, beyond=beyond, now=now)


async def _with_schemas(held: Sequence[Holding], desk: Desk) -> Sequence[Holding]:
    """The same, with what each one's schema is called."""
    ids = dict.fromkeys(one.credential.schema_id for one in held)
    schemas = {schema_id: await desk.facts.schema(schema_id) for schema_id in ids}
    return [
        replace(one, credential=replace(one.credential, schema=schemas[one.credential.schema_id]))
        for one in held
    ]


async def _identify(store: LearnerStore, exchange: RequestExchange, desk: Desk) -> Requester:
    _, jws = split_comment(exchange.comment)
    if jws is None:
        return Unproven(Doubt.UNSIGNED, "The request is not signed.")
    signed = await desk.facts.signed_request(jws)
    if isinstance(signed, Unproven):
        return signed
    did, payload = signed
    note = await store.note(CONNECTIONS, exchange.connection_id) if exchange.connection_id else None
    keys = note.get("recipient_keys") if isinstance(note, dict) else None
    return judge_request(
        payload,
        did=did,
        digest=digest_multibase(dict(exchange.proof_request)),
        recipient_keys=[key for key in keys if isinstance(key, str)] if isinstance(keys, list) else [],
        now=desk.clock(),
    )


def _plain(who: Requester, need: Need) -> AskedNeed | None:
    """The need in the requester's own terms, if it signed them."""
    if not isinstance(who, Proven) or need.position is None or need.position >= len(who.request.needs):
        return None
    return who.request.needs[need.position]
