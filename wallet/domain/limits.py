"""Where a request asks for more than its sender is listed for: compared with the proof request itself, not with what it says of itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shared.vc.trust_decision import Snapshot
from wallet.domain.answer import Holding, NeedView
from wallet.domain.credential import EditionResult
from wallet.domain.listing import beyond_listing
from wallet.domain.proof_request import learned
from wallet.domain.warning import Warned


def held_against_listing(
    snapshots: Sequence[Snapshot],
    did: str,
    needs: Sequence[NeedView],
    held: Sequence[Holding],
    *,
    now: datetime,
) -> tuple[tuple[Warned, ...], tuple[NeedView, ...]]:
    """What goes too far whichever credential answers, and the needs with what goes too far with a certain one.

    Kinds, countries and levels are those of her credentials: what a request admits beyond them nobody sees.
    """
    would_learn = learned([view.need for view in needs])
    editions = {holding.credential.id: holding.edition for holding in held}

    def beyond(view: NeedView, edition: EditionResult | None) -> tuple[Warned, ...]:
        found = beyond_listing(snapshots, did, learned=would_learn[view.need.id], edition=edition, now=now)
        return (found,) if found else ()

    anyway = {view.need.id: beyond(view, None) for view in needs}
    marked = [
        replace(
            view,
            candidates=tuple(
                replace(
                    candidate,
                    warnings=_new(anyway[view.need.id], beyond(view, editions[candidate.credential_id])),
                )
                if candidate.can_present
                else candidate
                for candidate in view.candidates
            ),
        )
        for view in needs
    ]
    return _together([one for found in anyway.values() for one in found]), tuple(marked)


def _new(said: Sequence[Warned], found: Sequence[Warned]) -> tuple[Warned, ...]:
    return tuple(one for one in found if one not in said)


def _together(found: Sequence[Warned]) -> tuple[Warned, ...]:
    """One warning of a kind, about all that any need asks."""
    codes = dict.fromkeys(one.code for one in found)
    return tuple(
        Warned(code, tuple(sorted({name for one in found if one.code is code for name in one.about})))
        for code in codes
    )
