"""A request with all that is shown beside it: her credentials, and, where none fits, the programmes that would."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wallet.domain.answer import Holding, NeedView
from wallet.domain.credential import EditionFound, EditionResult
from wallet.domain.proof_request import editions_admitted, issuer_of, issuers_admitted
from wallet.domain.request import RequestState, RequestView
from wallet.domain.trust import listed_names
from wallet.use_cases.desk import Desk, OpenWallet
from wallet.use_cases.read_credentials import holdings
from wallet.use_cases.read_request import explain_request

MOST_PROGRAMMES: Final = 6
"""How many programmes are looked up for a need: enough to know where to turn."""
PATIENCE: Final = 4.0
"""Seconds; a site that answers later is left out."""


@dataclass(frozen=True)
class Programme:
    """One that is accepted, and what the lists call who gives it, by language."""

    edition: EditionFound
    issuer: Mapping[str, str]


@dataclass(frozen=True)
class WouldFit:
    """What a need accepts. `issuers`: the listed names of those whose credentials it accepts, by language."""

    programmes: tuple[Programme, ...]
    issuers: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class LookedAt:
    """`held` by credential, its issuer's listed names too; `would_fit` by need, only where nothing she holds fits."""

    view: RequestView
    held: Mapping[str, Holding]
    issuers: Mapping[str, Mapping[str, str]]
    would_fit: Mapping[str, WouldFit]


async def look_at_request(wallet: OpenWallet, request_id: str, *, desk: Desk) -> LookedAt:
    """Raises RequestUnknown."""
    exchange = await wallet.store.request(request_id)
    held = await holdings(wallet, desk=desk)
    view = await explain_request(wallet.store, exchange, held, desk=desk)
    unmet = [need for need in view.needs if not need.can_answer]
    wanted = unmet if exchange.state is RequestState.OPEN else []
    snapshots = desk.trust.snapshots()
    return LookedAt(
        view,
        {one.credential.id: one for one in held},
        {
            one.credential.id: listed_names(snapshots, issuer_of(one.credential.cred_def_id) or "")
            for one in held
        },
        {need.need.id: await _would_fit(need, desk) for need in wanted},
    )


async def _would_fit(need: NeedView, desk: Desk) -> WouldFit:
    ids = editions_admitted(need.need)[:MOST_PROGRAMMES]
    found = await asyncio.gather(*(_edition(one, desk) for one in ids))
    snapshots = desk.trust.snapshots()
    return WouldFit(
        tuple(
            Programme(one, listed_names(snapshots, issuer_of(one.id) or ""))
            for one in found
            if isinstance(one, EditionFound)
        ),
        _named([listed_names(snapshots, did) for did in issuers_admitted(need.need)]),
    )


def _named(found: Sequence[Mapping[str, str]]) -> tuple[Mapping[str, str], ...]:
    return tuple(names for names in found if names)


async def _edition(edition_id: str, desk: Desk) -> EditionResult | None:
    """As its issuer published it; None where its site takes too long."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await desk.facts.edition(edition_id, issuer_of(edition_id))
    except TimeoutError:
        return None
