"""Let the demonstration's parties know and trust one another: listed by the authority, the list pinned by who judges."""

from collections.abc import Sequence
from datetime import date

from services.launcher.domain.exchange import Names
from services.launcher.ports import Accredit, HasDid, PinList

LONG_AGO = date(2020, 1, 1)


async def introduce_demonstration(
    authority: Accredit,
    issuer: HasDid,
    verifier: HasDid,
    judges: Sequence[PinList],
    names: Names,
    *,
    trusted_from: date = LONG_AGO,
) -> None:
    """List issuer and verifier, and pin the list at every judge; what is done already stays as it is."""
    await authority.accredit(
        did=await issuer.did(),
        name=names.issuer,
        country=names.country,
        action="issue",
        valid_from=trusted_from,
    )
    await authority.accredit(
        did=await verifier.did(),
        name=names.verifier,
        country=names.country,
        action="verify",
        valid_from=LONG_AGO,
    )
    url, operator_key = await authority.published()
    for judge in judges:
        await judge.pin(names.list_name, url, operator_key)
