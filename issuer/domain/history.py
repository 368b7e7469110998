"""What happened to an award, one event after the other, and how far that has brought it: its stage.

Most events are changes of the award's state and are written with them. The others are noted: that a link reached somebody, was
opened, or came to its end. Nobody is followed any further than that the claim page was opened, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

LEARNER: Final = "learner"
SERVICE: Final = "service"


class What(StrEnum):
    """What happened."""

    PREPARED = "prepared"
    DELIVERED = "delivered"
    OPENED = "opened"
    INVITED = "invited"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    ISSUED = "issued"
    DECLINED = "declined"
    BROKEN = "broken"
    LINK_EXPIRED = "link_expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    REISSUED = "reissued"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    ASKED = "asked"
    ANSWERED = "answered"
    ASSISTED = "assisted"


class AwardStage(StrEnum):
    """How far an award has come, in the words people are shown. `superseded` was corrected, `reissued` issued again."""

    PREPARED = "prepared"
    DELIVERED = "delivered"
    OPENED = "opened"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    ISSUED = "issued"
    DECLINED = "declined"
    LINK_EXPIRED = "link_expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    REISSUED = "reissued"


HERS: Final = frozenset({What.OPENED, What.INVITED, What.ACCEPTED, What.DECLINED})
"""What a learner does by her link or her wallet, whoever carries the message."""

_STAGES: Final[Mapping[What, AwardStage]] = {
    What.INVITED: AwardStage.OPENED,
    What.BROKEN: AwardStage.OPENED,
    **{what: AwardStage(what.value) for what in What if what.value in AwardStage},
}
_BEFORE: Final[Mapping[What, frozenset[AwardStage]]] = {
    What.DELIVERED: frozenset({AwardStage.PREPARED, AwardStage.LINK_EXPIRED}),
    What.OPENED: frozenset({AwardStage.PREPARED, AwardStage.DELIVERED}),
    What.LINK_EXPIRED: frozenset({AwardStage.PREPARED, AwardStage.DELIVERED, AwardStage.OPENED}),
}


@dataclass(frozen=True, slots=True)
class Event:
    """`by` is `key:ID`, `member:ID`, `learner` or `service`; None where that was not kept. `reason` may be empty."""

    at: datetime
    what: What
    reason: str
    by: str | None


def stage_of(what: What) -> AwardStage:
    """The stage that a change of state leads to."""
    return _STAGES[what]


def moves(what: What) -> bool:
    """Whether noting this leads to another stage; what does not is noted at any."""
    return what in _BEFORE


def stages_before(what: What) -> frozenset[AwardStage]:
    """The stages from which noting this leads on."""
    return _BEFORE.get(what, frozenset())
