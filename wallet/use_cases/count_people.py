"""Say beside each credential how many people could have given the answer; warn where it is known that they are few."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from shared.vc.holders import Holders
from wallet.domain.answer import Candidate, Holding, NeedView
from wallet.domain.credential import EditionFound, HeldCredential
from wallet.domain.crowd import Known, People, names_her, people_of, together, worth_reading
from wallet.domain.proof_request import Need, issuer_of
from wallet.domain.warning import Warned, WarningCode
from wallet.use_cases.desk import Desk

MOST_READ: Final = 200
"""Editions of one issuer that are looked at; of the rest nothing is known."""


async def count_people(
    views: Sequence[NeedView], held: Sequence[Holding], *, desk: Desk
) -> tuple[NeedView, ...]:
    """The needs with what is known for each credential that can answer; unchanged where the answer shows her name."""
    needs = [view.need for view in views]
    if names_her(needs):
        return tuple(views)
    by_id = {holding.credential.id: holding.credential for holding in held}
    told: dict[str, Holders | None] = {}

    async def counted(need: Need, candidate: Candidate) -> Candidate:
        if not candidate.can_present:
            return candidate
        holder = by_id[candidate.credential_id]
        issuer = issuer_of(holder.cred_def_id) or ""
        if issuer not in told:
            told[issuer] = await _figures(issuer, desk)
        people = together(await _people(need, holder, issuer, told[issuer], desk), needs)
        few = (Warned(WarningCode.FEW_PEOPLE),) if people.known is Known.FEW else ()
        return replace(candidate, people=people, warnings=(*candidate.warnings, *few))

    return tuple(
        [
            replace(view, candidates=tuple([await counted(view.need, one) for one in view.candidates]))
            for view in views
        ]
    )


async def _figures(issuer: str, desk: Desk) -> Holders | None:
    """What the issuer tells, if it is of any use now."""
    holders = await desk.facts.holders(issuer)
    return None if holders is None or holders.is_old(desk.clock()) else holders


async def _people(
    need: Need, holder: HeldCredential, issuer: str, holders: Holders | None, desk: Desk
) -> People:
    editions = {}
    for name in worth_reading(need, holder, holders)[:MOST_READ] if holders else ():
        found = await desk.facts.edition(name, issuer)
        if isinstance(found, EditionFound):
            editions[name] = found.edition
    return people_of(need, holder, holders, editions, today=desk.clock().date())
