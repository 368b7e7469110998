"""Forget graduates when their time is over: the rules of `issuer.domain.retention` over awards and batches."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from issuer.domain.retention import CLAIM_KEPT, COMPLAINTS_KEPT, NEVER_CLAIMED
from issuer.errors import AwardChanged, AwardRefusesAction
from issuer.ports import PastAwards
from issuer.use_cases.revoke_award import RevokeAward

_AT_ONCE: Final = 200


def forget_past_awards(
    past: PastAwards, revoke: RevokeAward, *, keep_awards: timedelta, keep_contacts: timedelta
) -> Mapping[str, Callable[[datetime], Awaitable[int]]]:
    """Each rule by its name; it returns how many rows it concerned.

    `keep_awards` is as long as the law asks, `keep_contacts` as long as somebody may still have to be reached.
    """

    async def take_back(now: datetime) -> int:
        """Revoke as an officer would: a claim that begins at this moment wins."""
        taken = 0
        for organisation, award_id in await past.unclaimed(before=now - CLAIM_KEPT, limit=_AT_ONCE):
            try:
                await revoke(organisation, award_id, NEVER_CLAIMED)
            except (AwardChanged, AwardRefusesAction):
                continue
            taken += 1
        return taken

    return {
        "awards never claimed": take_back,
        "contacts": lambda now: past.forget_contacts(before=now - keep_contacts, now=now),
        "messages": lambda now: past.forget_messages(before=now - keep_contacts),
        "names of awards never claimed": lambda now: past.forget_names(
            before=now - keep_contacts, ended_because=NEVER_CLAIMED
        ),
        "names": lambda now: past.forget_names(before=now - keep_awards, ended_because=None),
        "ended awards": lambda now: past.drop_ended(before=now - keep_awards),
        "complaints": lambda now: past.forget_complaints(before=now - COMPLAINTS_KEPT),
        "rows of spreadsheets": lambda now: past.forget_rows(before=now - COMPLAINTS_KEPT),
    }
