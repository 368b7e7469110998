"""How an authorization's status may change. What was once said stays in its history."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal

from services.trust_registry.errors import ChangeRefused
from shared.vc.trust_list import Authorization, Status, StatusPeriod

type Change = Literal["suspend", "reinstate", "lapse", "withdraw", "compromise"]

EMERGENCY: frozenset[Change] = frozenset({"suspend", "compromise"})
"""What one person may declare at once: nothing more is accepted by it, and every hour counts."""

_ALLOWED: Mapping[Change, tuple[frozenset[Status], Status]] = {
    "suspend": (frozenset({"granted"}), "suspended"),
    "reinstate": (frozenset({"suspended", "lapsed"}), "granted"),
    "lapse": (frozenset({"granted", "suspended"}), "lapsed"),
    "withdraw": (frozenset({"granted", "suspended", "lapsed"}), "withdrawn"),
    "compromise": (frozenset({"granted", "suspended", "lapsed", "withdrawn"}), "compromised"),
}


def possible(authorization: Authorization) -> tuple[Change, ...]:
    """Which changes may follow its present status."""
    current = authorization.periods[-1].status
    return tuple(change for change, (allowed, _) in _ALLOWED.items() if current in allowed)


def changed(
    authorization: Authorization,
    change: Change,
    *,
    reason: str,
    effective_at: datetime | None,
    earlier_awards_stand: bool | None,
    now: datetime,
) -> Authorization:
    """The authorization after `change`. Raises ChangeRefused."""
    current = authorization.periods[-1]
    allowed, status = _ALLOWED[change]
    since = effective_at or now
    if current.status not in allowed:
        advice = "; grant a new one instead" if change == "reinstate" else ""
        raise ChangeRefused(
            f"expected an authorization that is {' or '.join(sorted(allowed))} to {change}, "
            f"found one that is {current.status}{advice}"
        )
    if not reason.strip():
        raise ChangeRefused(f"expected a reason to {change}: it is published")
    if since > now:
        raise ChangeRefused(
            "expected effective_at now or earlier: a planned end is the authorization's valid_to"
        )
    if since < current.since:
        raise ChangeRefused(
            f"expected effective_at not before {current.since.isoformat()}, when it became {current.status}"
        )
    if (earlier_awards_stand is not None) != (change == "withdraw"):
        raise ChangeRefused(
            "expected earlier_awards_stand with withdraw, and only there: say whether earlier awards stand"
        )
    period = StatusPeriod(
        status=status, since=since, reason=reason.strip(), earlier_awards_stand=earlier_awards_stand
    )
    return replace(authorization, periods=(*authorization.periods, period))
