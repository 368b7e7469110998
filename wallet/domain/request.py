"""A request as the learner reads it, and what consent to it must cover."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

from wallet.domain.answer import NeedView
from wallet.domain.requester import Proven, Requester, Unproven
from wallet.domain.trust import Standing, Trust
from wallet.errors import NeedUnanswered, RequesterUnproven, RequestExpired, RequestUnreadable, UnfitChoice


class RequestState(StrEnum):
    """Where a request is."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    """The verifier is through with it and did not say with what result."""
    VERIFIED = "verified"
    REJECTED = "rejected"
    DECLINED = "declined"
    BROKEN = "broken"


@dataclass(frozen=True)
class RequestExchange:
    """What the agent knows of one request."""

    id: str
    connection_id: str | None
    state: RequestState
    proof_request: Mapping[str, JsonValue]
    comment: str | None


@dataclass(frozen=True)
class RequestView:
    """Everything a learner needs to decide."""

    exchange: RequestExchange
    who: Requester
    standing: Standing | None
    needs: tuple[NeedView, ...]
    warnings: tuple[str, ...]
    unreadable: str | None = None
    """Why it cannot be explained, and therefore not answered."""

    @property
    def can_answer(self) -> bool:
        """Whether every need can be answered."""
        return self.unreadable is None and bool(self.needs) and all(need.can_answer for need in self.needs)


def view_request(
    exchange: RequestExchange,
    *,
    who: Requester,
    standing: Standing | None,
    needs: Sequence[NeedView] | RequestUnreadable,
    now: datetime,
) -> RequestView:
    """The request in plain terms."""
    unreadable = str(needs) if isinstance(needs, RequestUnreadable) else None
    readable = () if isinstance(needs, RequestUnreadable) else tuple(needs)
    warnings = [unreadable] if unreadable else []
    if isinstance(who, Unproven):
        warnings.append(f"Nobody proved who asks. {who.why}")
    elif who.expires_at <= now:
        warnings.append("The time to answer is over.")
    if standing is not None and standing.outcome is not Trust.TRUSTED:
        warnings.append(standing.reason)
    if any(name == "twin_digest" for need in readable for name in need.need.revealed):
        warnings.append(
            "It asks for a value that is yours alone and would let organisations compare notes about you."
        )
    return RequestView(exchange, who, standing, readable, tuple(warnings), unreadable)


def check_consent(
    view: RequestView, choices: Mapping[str, str], *, accept_unproven: bool, now: datetime
) -> None:
    """Refuses consent that does not answer this request; returns nothing when it does.

    Raises:
        RequesterUnproven, RequestExpired, NeedUnanswered, UnfitChoice, RequestUnreadable
    """
    if view.unreadable is not None:
        raise RequestUnreadable(f"{view.unreadable} Decline it, or ask its sender for another one.")
    if isinstance(view.who, Unproven) and not accept_unproven:
        raise RequesterUnproven(
            f"Nobody proved who asks: {view.who.why} Decline, or say that you answer all the same (accept_unproven: true)."
        )
    if isinstance(view.who, Proven) and view.who.expires_at <= now:
        raise RequestExpired("The time to answer is over. Ask the organisation for a new link.")
    asked = {need.need.id for need in view.needs}
    unanswered, unknown = sorted(asked - set(choices)), sorted(set(choices) - asked)
    if unanswered:
        raise NeedUnanswered(
            f"Expected one credential for each need; none was chosen for {', '.join(unanswered)}."
        )
    if unknown:
        raise NeedUnanswered(
            f"The request has no need called {', '.join(unknown)}; it has {', '.join(sorted(asked))}."
        )
    for need in view.needs:
        _check_choice(need, choices[need.need.id])


def _check_choice(need: NeedView, chosen: str) -> None:
    candidate = next((found for found in need.candidates if found.credential_id == chosen), None)
    if candidate is None:
        raise UnfitChoice(
            f"The credential chosen for {need.need.id} is not in this wallet. Choose one of the candidates that GET /v1/requests shows."
        )
    if not candidate.can_present:
        raise UnfitChoice(
            f"The credential chosen for {need.need.id} cannot answer it. {' '.join(candidate.missing)}"
        )
