"""The statement of a deletion as its holder reads it: sentences in her language, from the facts that are signed with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from pydantic import JsonValue

from shared.adapters.sql_audit import KEPT as LOG_KEPT
from shared.contracts.streams import DIDCOMM_OUT
from shared.web.languages import day_in_words, days_in_words, moment_in_words
from wallet.domain.erasure import Elsewhere, Erasure, Issuer, Share, statement_of
from wallet.entry.statement_words import WORDS
from wallet.entry.warning_words import apart, named, several

OUTGOING_KEPT: Final = DIDCOMM_OUT.max_age or timedelta(0)


@dataclass(frozen=True)
class Said:
    """`stays` has a paragraph for each issuer, share and the like."""

    language: str
    opening: str
    gone: tuple[str, ...]
    stays: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every paragraph, with its headings."""
        words = WORDS[self.language]
        return (
            words["statement"],
            self.opening,
            words["statement_gone"],
            *self.gone,
            words["statement_stays"],
            *self.stays,
        )


def statement_said(erasure: Erasure, *, place: str, language: str) -> Said:
    """The whole statement. `place` is the installation's address."""
    words, removed = WORDS[language], erasure.removed
    opening = words["statement_done" if erasure.finished else "statement_closed"].format(
        place=apart(place), wallet=apart(erasure.wallet_id), when=moment_in_words(erasure.at, language)
    )
    gone = (
        words["statement_store"].format(
            awards=removed.inside.credentials,
            history=removed.inside.history,
            messages=removed.inside.messages,
        ),
        words["statement_ways"].format(n=removed.outside.unlock_methods),
        words["statement_sessions"].format(n=removed.outside.sessions),
        words["statement_waiting"].format(n=removed.waiting),
    )
    return Said(
        language, opening, gone, tuple(stays_said(erasure.elsewhere, erasure.backups_until, language))
    )


def stays_said(elsewhere: Elsewhere, backups_until: date | None, language: str) -> Iterator[str]:
    """What this installation cannot delete, a paragraph each."""
    words = WORDS[language]
    for issuer in elsewhere.issuers:
        yield words["statement_issuer"].format(who=_issuer(issuer, language), n=issuer.credentials)
    if listed := sum(issuer.listed for issuer in elsewhere.issuers):
        yield words["statement_lists"].format(n=listed)
    for share in elsewhere.shares:
        yield " ".join(_share_said(share, language))
    if not elsewhere.shares:
        yield words["statement_no_share"]
    yield words["statement_outgoing"].format(days=days_in_words(OUTGOING_KEPT.days, language))
    if backups_until is None:
        yield words["statement_backups_unknown"]
    else:
        yield words["statement_backups"].format(until=day_in_words(backups_until, language))
    yield words["statement_log"].format(days=days_in_words(LOG_KEPT.days, language))
    yield words["statement_yours"]


def signed_form(erasure: Erasure, *, place: str, language: str) -> dict[str, JsonValue]:
    """What is signed: the facts, and these sentences."""
    said = statement_said(erasure, place=place, language=language)
    return statement_of(erasure, by=place, language=language, words=said.all)


def _issuer(issuer: Issuer, language: str) -> str:
    name = named(issuer.names, language)
    return apart(name) if name else f"{WORDS[language]['statement_unlisted']} ({apart(issuer.did)})"


def _share_said(share: Share, language: str) -> Iterator[str]:
    words = WORDS[language]
    facts = {"who": _who(share, language), "day": day_in_words(share.at.date(), language)}
    if share.shown:
        yield words["statement_share"].format(**facts, what=several(share.shown, language))
    else:
        yield words["statement_share_only"].format(**facts)
    if share.proven:
        yield words["statement_proven"].format(n=len(share.proven))
    if share.purpose:
        yield words["statement_purpose"].format(purpose=apart(share.purpose))
    if share.said_deleted is not None:
        yield words["statement_said_deleted"].format(day=day_in_words(share.said_deleted.date(), language))
    elif share.keep_until is None:
        yield words["statement_kept_unknown"]
    else:
        yield words["statement_kept"].format(until=day_in_words(share.keep_until, language))


def _who(share: Share, language: str) -> str:
    if share.who:
        return apart(share.who)
    key = "statement_unlisted" if share.who_did else "statement_stranger"
    return f"{WORDS[language][key]} ({apart(share.who_did)})" if share.who_did else WORDS[language][key]
