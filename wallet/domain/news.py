"""What changed of what she holds, and who answered her: told until she says that she has seen it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import JsonValue

from shared.contracts.attributes import NO_EXPIRY
from shared.vc.dateint import DateMalformed, from_dateint
from wallet.domain.answer import Holding
from wallet.domain.credential import StatusState
from wallet.domain.question import Thread

SOON: Final = timedelta(days=60)
"""So long before its end an award is said to end."""


class NewsKind(StrEnum):
    """What is told."""

    REVOKED = "revoked"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    CORRECTED = "corrected"
    ANSWERED = "answered"


@dataclass(frozen=True)
class News:
    """About one credential. `key` is what is remembered once she has seen it; the same thing later has another."""

    kind: NewsKind
    credential_id: str
    key: str
    until: date | None = None
    """Its last day, of one that expires."""


def news_of(
    holding: Holding, thread: Thread, *, corrected_by: str | None, seen: Collection[str], now: datetime
) -> tuple[News, ...]:
    """What she has not seen yet; `corrected_by` is the offer by which it took the place of an earlier one."""
    found = (_status_news(holding, now), _correction(holding, corrected_by), _answer(holding, thread))
    return tuple(news for news in found if news is not None and news.key not in seen)


def corrections(settled: Mapping[str, JsonValue]) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """By credential: the offer it came by, and those whose place it took; of notes about settled offers."""
    found = {}
    for offer_id, note in settled.items():
        if isinstance(note, dict) and note.get("credential_id"):
            earlier = note.get("replaced")
            if isinstance(earlier, list) and earlier:
                found[str(note["credential_id"])] = (offer_id, tuple(str(one) for one in earlier))
    return found


def last_day(attributes: Mapping[str, str]) -> date | None:
    """The last day on which it counts; None for one that does not expire, or does not say so."""
    raw = attributes.get("expiry_dateint", "")
    if raw == str(NO_EXPIRY):
        return None
    try:
        return from_dateint(raw)
    except DateMalformed:
        return None


def seen_in(note: JsonValue) -> frozenset[str]:
    """The keys that a note of what she has seen holds."""
    keys = note.get("keys") if isinstance(note, dict) else None
    return frozenset(str(key) for key in keys) if isinstance(keys, list) else frozenset()


def keys_of(news: Iterable[News]) -> list[str]:
    """What is remembered of them."""
    return sorted(one.key for one in news)


def _status_news(holding: Holding, now: datetime) -> News | None:
    status, until = holding.status, last_day(holding.credential.attributes)
    since = f" {status.since.isoformat()}" if status.since else ""
    match status.state:
        case StatusState.REVOKED:
            return _news(holding, NewsKind.REVOKED)
        case StatusState.SUSPENDED:
            return _news(holding, NewsKind.SUSPENDED, since)
        case StatusState.EXPIRED:
            return _news(holding, NewsKind.EXPIRED, until=until)
        case StatusState.VALID if status.since is not None:
            return _news(holding, NewsKind.REINSTATED, since)
        case StatusState.VALID if until is not None and until - now.date() <= SOON:
            return _news(holding, NewsKind.EXPIRING, f" {until.isoformat()}", until=until)
        case _:
            return None


def _correction(holding: Holding, corrected_by: str | None) -> News | None:
    return None if corrected_by is None else _news(holding, NewsKind.CORRECTED, f" {corrected_by}")


def _answer(holding: Holding, thread: Thread) -> News | None:
    if not thread.lines or thread.lines[-1].mine:
        return None
    return _news(holding, NewsKind.ANSWERED, f" {thread.lines[-1].id}")


def _news(holding: Holding, kind: NewsKind, more: str = "", *, until: date | None = None) -> News:
    return News(kind, holding.credential.id, f"{kind}{more}", until)
