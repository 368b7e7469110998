"""What went when a wallet was deleted, and what remains elsewhere: facts for a statement that only its holder gets.

It names those she shared with and what each was shown by the names of the attributes, never by their values.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from pydantic import JsonValue

from shared.contracts.erasure import ERASURE_FORMAT
from shared.vc.dateint import rfc3339
from wallet.domain.credential import HeldCredential
from wallet.domain.history import Entry, Kind
from wallet.domain.proof_request import issuer_of
from wallet.domain.wish import Deletion, Wish
from wallet.domain.words import name_of_label

_FROM_ISSUERS = frozenset(
    {Kind.OFFER_ACCEPTED, Kind.OFFER_DECLINED, Kind.CREDENTIAL_STORED, Kind.CREDENTIAL_REFUSED}
)


@dataclass(frozen=True)
class Outside:
    """What was kept of a wallet outside its store: wrapped keys, and sessions."""

    unlock_methods: int
    sessions: int


@dataclass(frozen=True)
class Inside:
    """How much was in the store."""

    credentials: int
    history: int
    messages: int


@dataclass(frozen=True)
class Removed:
    """What went, in numbers. `waiting`: messages that were not handled yet."""

    inside: Inside
    outside: Outside
    waiting: int


@dataclass(frozen=True)
class Issuer:
    """Who gave or offered her something, and keeps a record of it. `listed`: credentials with a place in a public status list."""

    did: str
    names: Mapping[str, str]
    credentials: int
    listed: int


@dataclass(frozen=True)
class Share:
    """What somebody was shown. `who_did` None: nobody proved who asked. `keep_until` None: nobody signed how long it is kept."""

    at: datetime
    who: str | None
    who_did: str | None
    purpose: str | None
    keep_until: date | None
    shown: tuple[str, ...]
    """Names of attributes."""
    proven: tuple[str, ...]
    said_deleted: datetime | None = None
    """When whoever saw it answered her that it is deleted."""


@dataclass(frozen=True)
class Elsewhere:
    """What this installation cannot delete."""

    issuers: tuple[Issuer, ...]
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Erasure:
    """A wallet's deletion. `finished` False: it is closed for ever, and its sealed file goes as soon as that can be done."""

    wallet_id: str
    at: datetime
    finished: bool
    removed: Removed
    elsewhere: Elsewhere
    backups_until: date | None
    """When the last backup that may hold it is gone, by its operator's word; None where there is none."""


def issuers_of(
    held: Sequence[HeldCredential], history: Sequence[Entry], names: Mapping[str, Mapping[str, str]]
) -> tuple[Issuer, ...]:
    """Those whose credentials she holds first, then those she had or declined something of. `names` are the lists', by DID."""
    dids = [issuer_of(one.cred_def_id) for one in held]
    dids += [entry.who_did for entry in reversed(history) if entry.kind in _FROM_ISSUERS]
    return tuple(
        Issuer(
            did,
            names.get(did, {}),
            sum(issuer_of(one.cred_def_id) == did for one in held),
            sum(issuer_of(one.cred_def_id) == did and one.rev_reg_id is not None for one in held),
        )
        for did in dict.fromkeys(did for did in dids if did)
    )


def shares_in(history: Iterable[Entry], deletions: Mapping[str, Deletion]) -> tuple[Share, ...]:
    """Every share in her history, in its order. `deletions`: how it stands with her wish to have it deleted, by entry."""
    return tuple(_share(entry, deletions.get(entry.id)) for entry in history if entry.kind is Kind.SHARED)


def _share(entry: Entry, wish: Deletion | None) -> Share:
    keep_days, purpose = entry.said.get("keep_days"), entry.said.get("purpose")
    needs = entry.said.get("needs")
    parts = [need for need in needs if isinstance(need, dict)] if isinstance(needs, list) else []
    return Share(
        at=entry.at,
        who=entry.who,
        who_did=entry.who_did,
        purpose=purpose if isinstance(purpose, str) else None,
        keep_until=(entry.at + timedelta(days=keep_days)).astimezone(UTC).date()
        if isinstance(keep_days, int)
        else None,
        shown=tuple(
            dict.fromkeys(name_of_label(each) for part in parts for each in _texts(part, "revealed"))
        ),
        proven=tuple(dict.fromkeys(each for part in parts for each in _texts(part, "proven"))),
        said_deleted=wish.answered_at if isinstance(wish, Wish) and wish.is_deleted else None,
    )


def _texts(part: Mapping[str, JsonValue], key: str) -> list[str]:
    found = part.get(key)
    return [str(each) for each in found] if isinstance(found, list | dict) else []


def statement_of(erasure: Erasure, *, by: str, language: str, words: Sequence[str]) -> dict[str, JsonValue]:
    """What is signed. `by` is the installation's address, `words` the same in sentences."""
    removed = erasure.removed
    return {
        "iss": by,
        "sub": erasure.wallet_id,
        "iat": int(erasure.at.timestamp()),
        "format": ERASURE_FORMAT,
        "finished": erasure.finished,
        "deleted": {
            "store": erasure.finished,
            "credentials": removed.inside.credentials,
            "history_entries": removed.inside.history,
            "messages": removed.inside.messages,
            "unlock_methods": removed.outside.unlock_methods,
            "sessions": removed.outside.sessions,
            "waiting_messages": removed.waiting,
        },
        "elsewhere": {
            "issuers": [
                {
                    "did": one.did,
                    "names": dict(one.names),
                    "credentials": one.credentials,
                    "status_list_places": one.listed,
                }
                for one in erasure.elsewhere.issuers
            ],
            "shares": [
                {
                    "at": rfc3339(one.at),
                    "who": one.who,
                    "did": one.who_did,
                    "purpose": one.purpose,
                    "keep_until": one.keep_until.isoformat() if one.keep_until else None,
                    "shown": list(one.shown),
                    "proven": list(one.proven),
                    "said_deleted": rfc3339(one.said_deleted) if one.said_deleted else None,
                }
                for one in erasure.elsewhere.shares
            ],
            "backups_until": erasure.backups_until.isoformat() if erasure.backups_until else None,
        },
        "language": language,
        "words": list(words),
    }
