"""A line of her history in the words of its page: what was shown to whom, how long they keep it, what became of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import JsonValue

from shared.vc.achievement import Edition
from shared.vc.trust_decision import Snapshot
from shared.web.languages import day_in_words, moment_in_words
from wallet.domain.history import Entry, Kind, listing_told
from wallet.domain.listing import Listing, ListingState
from wallet.domain.proof_request import Predicate
from wallet.domain.trust import listed_names
from wallet.domain.warning import Warned, WarningCode
from wallet.domain.wish import Deletion, NotAsked
from wallet.domain.words import name_of_label
from wallet.entry.sharing_view import seen_said, site_of
from wallet.entry.sharing_words import WORDS
from wallet.entry.value_words import attribute_said, compared_said
from wallet.entry.warning_words import PROOF, listing_said, named, warning_said

RESULTS: Final[Mapping[str, str]] = {
    "accepted as proof": "sharing_verified",
    "not accepted as proof": "sharing_rejected",
    "received; the result was not told": "sharing_closed",
    "ended by the other side": "sharing_broken",
}
"""The outcomes that history notes, and their words."""
_GOOD: Final = "accepted as proof"


@dataclass(frozen=True)
class PastRow:
    """A line of the list."""

    id: str
    day: str
    did: str
    who: str | None
    title: str | None
    result: str | None


@dataclass(frozen=True)
class PastPart:
    """What one credential showed and proved. `edition_id` names its programme."""

    title: str | None
    credential_id: str | None
    seen: tuple[tuple[str, str], ...]
    learned: tuple[str, ...]


@dataclass(frozen=True)
class Wished:
    """Her wish that it be deleted; `words` say how it stands, None before she asks."""

    can_ask: bool
    words: str | None = None
    because: str | None = None
    done: bool = False


@dataclass(frozen=True)
class PastPage:
    """All of an entry's page."""

    id: str
    did: str
    at: str
    who: str | None
    site: str | None
    title: str | None
    credential_id: str | None
    """Of what she received or had replaced, while she holds it."""
    purpose: str | None
    told_them: str | None
    differed: str | None
    parts: tuple[PastPart, ...]
    is_share: bool
    result: str | None
    good: bool
    kept: str | None
    listed: str | None
    listed_bad: bool
    warned: tuple[str, ...]
    wished: Wished | None


def past_row(entry: Entry, snapshots: Sequence[Snapshot], language: str) -> PastRow:
    """An entry in a line."""
    key = RESULTS.get(entry.outcome or "")
    return PastRow(
        entry.id,
        day_in_words(entry.at.astimezone(UTC).date(), language),
        _did(entry, language),
        _who(entry, snapshots, language),
        _text(entry.said.get("title")) or _titles(entry),
        WORDS[language][key] if key else None,
    )


def past_page(
    entry: Entry,
    snapshots: Sequence[Snapshot],
    language: str,
    *,
    now: datetime,
    held: Collection[str],
    editions: Mapping[str, Edition],
    deletion: Deletion | None,
) -> PastPage:
    """An entry at length. `held`: ids of the credentials she still holds; `editions`: the programmes that were shown, by id."""
    said, listing, is_share = entry.said, listing_told(entry), entry.kind is Kind.SHARED
    asked_for_proof = is_share or entry.kind is Kind.REQUEST_DECLINED
    differing = said.get("differences")
    row = past_row(entry, snapshots, language)
    return PastPage(
        id=entry.id,
        did=row.did,
        at=moment_in_words(entry.at, language),
        who=row.who,
        site=site_of(entry.who_did) if entry.who_did else None,
        title=None if is_share else row.title,
        credential_id=next(
            (one for one in map(_text, (said.get("by"), said.get("credential_id"))) if one in held), None
        ),
        purpose=_text(said.get("purpose")),
        told_them=_text(said.get("reason")),
        differed=" · ".join(attribute_said(str(each), language) for each in differing)
        if isinstance(differing, list) and differing
        else None,
        parts=tuple(_part(need, held, editions, snapshots, language) for need in _needs(entry)),
        is_share=is_share,
        result=row.result,
        good=entry.outcome == _GOOD,
        kept=_kept(entry, now, language) if is_share else None,
        listed=_listed(listing, language) if asked_for_proof else None,
        listed_bad=listing is None or listing.state is not ListingState.LISTED,
        warned=tuple(_warned(said.get("warned"), listing, language)) if is_share else (),
        wished=_wished(deletion, language) if deletion else None,
    )


def programmes_shown(entry: Entry) -> tuple[str, ...]:
    """Ids of the programmes an entry showed."""
    shown = (need.get("shown") for need in _needs(entry))
    found = (each.get("achievement_id") for each in shown if isinstance(each, dict))
    return tuple(dict.fromkeys(str(each) for each in found if each))


def _part(
    need: Mapping[str, JsonValue],
    held: Collection[str],
    editions: Mapping[str, Edition],
    snapshots: Sequence[Snapshot],
    language: str,
) -> PastPart:
    credential_id = _text(need.get("credential_id"))
    shown = {name: str(raw) for name, raw in _mapping(need.get("shown")).items()}
    issuer = named(listed_names(snapshots, shown.get("awarding_body_id", "")), language)
    edition = editions.get(shown.get("achievement_id", ""))
    if "shown" in need:
        seen = seen_said(shown, language, edition=edition, issuer=issuer)
    else:  # written before values were kept as signed
        seen = tuple(
            (attribute_said(name_of_label(label), language), str(value))
            for label, value in _mapping(need.get("revealed")).items()
        )
    return PastPart(
        _text(need.get("title")),
        credential_id if credential_id in held else None,
        seen,
        tuple(_learned(need, language)),
    )


def _learned(need: Mapping[str, JsonValue], language: str) -> list[str]:
    compared = need.get("compared")
    if not isinstance(compared, list):
        proven = need.get("proven")
        return [str(each) for each in proven] if isinstance(proven, list) else []
    return [
        compared_said(
            Predicate("", str(one["attribute"]), str(one["operator"]), int(str(one["value"])), ()), language
        )
        for one in compared
        if isinstance(one, dict)
    ]


def _did(entry: Entry, language: str) -> str:
    words = WORDS[language]
    return words.get(f"sharing_did_{entry.kind}", words["sharing_did_other"])


def _who(entry: Entry, snapshots: Sequence[Snapshot], language: str) -> str | None:
    """As the lists called it then, else as they do now; for a proof shown to nobody known, just that."""
    listing = listing_told(entry)
    then = named(listing.names, language) if listing else None
    now = named(listed_names(snapshots, entry.who_did), language) if entry.who_did else None
    if found := then or entry.who or now:
        return found
    if entry.kind not in {Kind.SHARED, Kind.REQUEST_DECLINED}:
        return None
    return WORDS[language]["sharing_from_unlisted" if entry.who_did else "sharing_stranger"]


def _kept(entry: Entry, now: datetime, language: str) -> str:
    words, days = WORDS[language], entry.said.get("keep_days")
    if not isinstance(days, int):
        return words["sharing_keep_unknown"]
    last = (entry.at + timedelta(days=days)).astimezone(UTC).date()
    over = last < now.astimezone(UTC).date()
    return words["sharing_keep_over" if over else "sharing_keep_until"].format(
        day=day_in_words(last, language)
    )


def _listed(listing: Listing | None, language: str) -> str:
    return listing_said(listing)[language] if listing else PROOF[language]["unproven"]


def _warned(note: JsonValue, listing: Listing | None, language: str) -> list[str]:
    said = []
    for each in note if isinstance(note, list) else ():
        found = _mapping(each)
        try:
            code = WarningCode(str(found.get("code")))
        except ValueError:  # of a later version
            continue
        about = found.get("about")
        warned = Warned(code, tuple(str(one) for one in about) if isinstance(about, list) else ())
        said.append(warning_said(warned, listing)[language])
    return said


def _wished(deletion: Deletion, language: str) -> Wished:
    words = WORDS[language]
    if isinstance(deletion, NotAsked):
        return Wished(deletion.reachable, None if deletion.reachable else words["sharing_wish_out_of_reach"])
    asked = words["sharing_wish_asked"].format(at=moment_in_words(deletion.at, language))
    if deletion.answer is None or deletion.answered_at is None:
        unsent = "" if deletion.sent else f" {words['sharing_wish_unsent']}"
        return Wished(can_ask=False, words=f"{asked}{unsent}")
    at = moment_in_words(deletion.answered_at, language)
    if deletion.is_deleted:
        return Wished(can_ask=False, words=words["sharing_wish_deleted"].format(at=at), done=True)
    refused = words["sharing_wish_refused"].format(at=at)
    return Wished(can_ask=False, words=refused, because=deletion.answer.because or None)


def _needs(entry: Entry) -> list[Mapping[str, JsonValue]]:
    needs = entry.said.get("needs")
    return [need for need in needs if isinstance(need, dict)] if isinstance(needs, list) else []


def _titles(entry: Entry) -> str | None:
    titles = dict.fromkeys(title for need in _needs(entry) if (title := _text(need.get("title"))))
    return " · ".join(titles) or None


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value else None
