"""What a phone keeps to be read without a network: her credentials and her history, in words of her language.

The phone seals it before it keeps it (`static/phone.js`) and shows it as it stands (`static/offline.js`): titles, pairs of a label and
its value, and when all of it was so.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from pydantic import JsonValue

from shared.web.languages import direction_of, moment_in_words
from wallet.domain.history import Entry
from wallet.domain.words import name_of_label
from wallet.entry.award_said import Row, about_her, programme_said, skills_said, title_said, worth_said
from wallet.entry.catalogue import WORDS
from wallet.entry.value_words import attribute_said
from wallet.entry.warning_words import standing_said
from wallet.use_cases.read_credentials import Shown

VERSION: Final = 1
MOST_HISTORY: Final = 50
"""So many entries go along; the whole history needs the network."""
_OUTCOMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "accepted as proof": "copy_verified",
        "not accepted as proof": "copy_rejected",
        "received; the result was not told": "copy_closed",
        "ended by the other side": "copy_broken",
    }
)


def copy_of(
    held: Sequence[Shown], history: Sequence[Entry], *, wallet_id: str, language: str, now: datetime
) -> dict[str, JsonValue]:
    """The copy as a JSON object: `cards` and `history`, the newest of them first, each with `lines` of label and value."""
    return {
        "v": VERSION,
        "wallet_id": wallet_id,
        "lang": language,
        "dir": direction_of(language),
        "at": now.isoformat(timespec="minutes"),
        "as_of": moment_in_words(now, language),
        "cards": [_card(shown, language, now) for shown in held],
        "history": [_entry(entry, language) for entry in history[:MOST_HISTORY]],
    }


def _card(shown: Shown, language: str, now: datetime) -> dict[str, JsonValue]:
    words, holding = WORDS[language], shown.holding
    status, edition = holding.status, holding.edition
    worth = worth_said(status, words, language, now=now)
    lines: list[JsonValue] = [[words["copy_status"], worth.said]]
    if worth.why:
        lines.append([words["copy_why"], worth.why])
    if status.published_at:
        lines.append([words["copy_list_of"], moment_in_words(status.published_at, language)])
    skills: list[JsonValue] = [line.text for line in skills_said(edition, language)]
    lines += map(_row, about_her(shown.claims, edition, language))
    if skills:
        lines.append([words["copy_skills"], skills])
    lines += map(_row, programme_said(edition, language))
    return {
        "title": title_said(holding.credential.attributes, edition, language).text,
        "from": standing_said(shown.issuer)[language],
        "lines": lines,
    }


def _row(row: Row) -> JsonValue:
    texts: list[JsonValue] = [line.text for line in row.lines]
    return [row.label, texts[0] if len(texts) == 1 else texts]


def _entry(entry: Entry, language: str) -> dict[str, JsonValue]:
    words, said = WORDS[language], entry.said
    lines: list[JsonValue] = []
    if entry.who or entry.kind.value in {"shared", "request_declined"}:
        lines.append([words["copy_from"], entry.who or words["copy_somebody"]])
    if purpose := said.get("purpose"):
        lines.append([words["copy_purpose"], str(purpose)])
    for need in _items(said.get("needs")):
        shown: list[JsonValue] = [
            f"{attribute_said(name_of_label(label), language)}: {value}"
            for label, value in _pairs(need.get("revealed"))
        ]
        if shown:
            lines.append([words["copy_shown"], shown])
        proven = need.get("proven")
        if isinstance(proven, list) and proven:
            lines.append([words["copy_proven"], [str(each) for each in proven]])
    if entry.outcome:
        told = _OUTCOMES.get(entry.outcome)
        lines.append([words["copy_outcome"], words[told] if told else entry.outcome])
    title = said.get("title")
    return {
        "when": moment_in_words(entry.at, language),
        "what": words[f"copy_{entry.kind.value}"],
        "title": title if isinstance(title, str) else None,
        "lines": lines,
    }


def _items(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _pairs(value: JsonValue) -> list[tuple[str, JsonValue]]:
    return list(value.items()) if isinstance(value, dict) else []
