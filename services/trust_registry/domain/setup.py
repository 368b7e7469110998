"""What an authority that begins still has to do, in order."""

from dataclasses import dataclass
from datetime import datetime

from services.trust_registry.domain.issuing import Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do; consoles translate by `id`."""

    id: str
    done: bool
    what: str
    how: str


def setup_steps(register: Register, *, deciders: int, now: datetime) -> tuple[Step, ...]:
    """The steps. `deciders`: members who may sign in and approve."""
    newest = register.newest
    may_issue = any(
        found.action == "issue" and found.periods[-1].status == "granted"
        for entity in register.entities
        for found in entity.authorizations
    )
    return (
        Step(
            id="list",
            done=newest is not None and newest.next_update > now,
            what="A signed list is published, even while it is empty.",
            how="The service does it when it starts; if it does not, see /ready and the log.",
        ),
        Step(
            id="people",
            done=deciders >= (2 if register.four_eyes else 1),
            what="Enough people can approve: two where changes take two people, else one.",
            how="Invite them at /console/members, or with `python -m services.trust_registry invite`.",
        ),
        Step(
            id="organisation",
            done=bool(register.entities),
            what="An organisation is in the register.",
            how="Propose one, import a list of them, or accept an application.",
        ),
        Step(
            id="issuer",
            done=may_issue,
            what="An organisation may issue credentials.",
            how="Propose an authorization with the action issue.",
        ),
    )
