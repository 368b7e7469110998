"""A request as the learner reads it, and what consent to it must cover."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

from shared.contracts.attributes import NEVER_ASKED
from wallet.domain.answer import NeedView
from wallet.domain.listing import Listing
from wallet.domain.requester import Proven, Requester, Unproven
from wallet.domain.warning import Warned, WarningCode
from wallet.errors import NeedUnanswered, RequestExpired, RequestUnreadable, UnfitChoice, WarningUnseen


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
    listing: Listing | None
    """How whoever proved to ask is listed; None where nobody proved it."""
    needs: tuple[NeedView, ...]
    warnings: tuple[Warned, ...]
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
    listing: Listing | None,
    needs: Sequence[NeedView] | RequestUnreadable,
    beyond: Sequence[Warned] = (),
    now: datetime,
) -> RequestView:
    """The request in plain terms; `beyond` is what it asks for whichever credential answers, and may not."""
    unreadable = str(needs) if isinstance(needs, RequestUnreadable) else None
    readable = () if isinstance(needs, RequestUnreadable) else tuple(needs)
    warnings = [Warned(WarningCode.UNREADABLE)] if unreadable else []
    if isinstance(who, Unproven):
        warnings.append(Warned(WarningCode.UNPROVEN, (who.doubt.value,)))
    elif who.expires_at <= now:
        warnings.append(Warned(WarningCode.EXPIRED))
    if listing is not None:
        warnings.extend(listing.warnings)
    warnings.extend(beyond)
    unique = NEVER_ASKED.intersection(name for need in readable for name in need.need.revealed)
    if unique:
        warnings.append(Warned(WarningCode.YOURS_ALONE, tuple(sorted(unique))))
    return RequestView(exchange, who, listing, readable, tuple(warnings), unreadable)


def warned_of(view: RequestView, choices: Mapping[str, str]) -> tuple[Warned, ...]:
    """The warnings of this answer: those of the request and those of the credentials chosen, each once."""
    chosen = (
        candidate
        for need in view.needs
        for candidate in need.candidates
        if choices.get(need.need.id) == candidate.credential_id
    )
    return tuple(dict.fromkeys((*view.warnings, *(one for each in chosen for one in each.warnings))))


def check_consent(
    view: RequestView, choices: Mapping[str, str], *, acknowledged: Collection[str], now: datetime
) -> None:
    """Refuses consent that does not answer this request, or not all that is warned of; returns nothing when it does.

    `acknowledged`: codes of the warnings she has seen.

    Raises:
        WarningUnseen, RequestExpired, NeedUnanswered, UnfitChoice, RequestUnreadable
    """
    if view.unreadable is not None:
        raise RequestUnreadable(f"{view.unreadable} Decline it, or ask its sender for another one.")
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
    codes = dict.fromkeys(warned.code.value for warned in warned_of(view, choices))
    unseen = [code for code in codes if code not in acknowledged]
    if unseen:
        raise WarningUnseen(unseen)


def _check_choice(need: NeedView, chosen: str) -> None:
    candidate = next((found for found in need.candidates if found.credential_id == chosen), None)
    if candidate is None:
        raise UnfitChoice(
            f"The credential chosen for {need.need.id} is not in this wallet. Choose one of the candidates that GET /v1/requests shows."
        )
    if not candidate.can_present:
        raise UnfitChoice(
            f"The credential chosen for {need.need.id} cannot answer it. {' '.join(each.english for each in candidate.missing)}"
        )
