"""What people fill in at the console, read with every mistake named at its field."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final, cast, get_args

from services.trust_registry.domain.edits import StatusChange
from services.trust_registry.domain.register import Entity, Grant
from services.trust_registry.domain.status import Change
from services.trust_registry.entry.in_words import fields
from shared.contracts.attributes import ATTRIBUTES, NEVER_ASKED
from shared.vc.trust_list import ACTIONS, EVERYTHING, Action, DidPeriod, Level
from shared.web.countries import countries
from shared.web.forms import Filled as FilledForm
from shared.web.languages import ENGLISH, LANGUAGES

FRAMEWORKS: Final = ("eqf", "acqf", "sadcqf", "qf-ehea", "ke-nqf")
LEVELS: Final = range(1, 11)
CAN_BE_SEEN: Final = tuple(name for name in ATTRIBUTES if name not in NEVER_ASKED)
CHANGES: Final[Sequence[Change]] = get_args(Change.__value__)
LONGEST_NAME: Final = 500
LONGEST_REASON: Final = 500
SHORTEST_VALIDITY, LONGEST_VALIDITY = 1.0, 24.0 * 180
"""Hours a list may be valid; with less, nobody would notice in time that it is not renewed."""
_DID: Final = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+")


class Filled(FilledForm):
    """A form about the register."""

    def reason(self) -> str:
        """Why; a mistake if it is missing."""
        reason = self.text("reason")[:LONGEST_REASON]
        if not reason:
            self.miss("reason", "wrong_reason_missing")
        return reason


def entity_in(filled: Filled, entity_id: str, known: Entity | None) -> Entity:
    """The organisation a form describes; names in languages the form does not ask for stay."""
    names = {tag: name for tag, name in (known.names if known else {}).items() if tag not in LANGUAGES}
    names |= {
        tag: filled.text(f"name_{tag}")[:LONGEST_NAME] for tag in LANGUAGES if filled.text(f"name_{tag}")
    }
    if not names:
        filled.miss("name_en", "wrong_name_missing")
    country = filled.text("country")
    if country not in countries(ENGLISH):
        filled.miss("country", "wrong_country_missing")
    new = filled.lines("dids")
    dids = tuple(dict.fromkeys((*(known.dids if known else ()), *new)))
    if not dids or not all(_DID.fullmatch(did) for did in new):
        filled.miss("dids", "wrong_dids")
    periods: dict[str, DidPeriod] = {}
    for number, did in enumerate(known.dids if known else ()):
        since, until = filled.day(f"since_{number}"), filled.day(f"until_{number}")
        if since and until and until < since:
            filled.miss(f"until_{number}", "wrong_days")
        if since or until:
            periods[did] = DidPeriod(since=since, until=until)
    return Entity(
        id=entity_id,
        names=names,
        country=country,
        dids=dids,
        external_ids=filled.lines("external_ids"),
        did_periods=periods,
    )


def grant_in(filled: Filled) -> Grant:
    """The permission a form describes."""
    action = filled.text("action")
    if action not in ACTIONS:
        filled.miss("action", "wrong_choice_missing")
    since, until = filled.day("valid_from", wanted=True), filled.day("valid_to")
    if since and until and until < since:
        filled.miss("valid_to", "wrong_days")
    url = filled.text("evidence_url")
    if url and not url.startswith("https://"):
        filled.miss("evidence_url", "wrong_evidence")
    delegated_by = filled.text("delegated_by") or None
    if delegated_by and not _DID.fullmatch(delegated_by):
        filled.miss("delegated_by", "wrong_delegated_by")
    known = countries(ENGLISH)
    return Grant(
        action=cast("Action", action),
        dids=filled.several("for_dids") or None,
        resources=resources_in(filled),
        valid_from=since or date.min,
        valid_to=until,
        jurisdictions=tuple(code for code in filled.several("jurisdictions") if code in known),
        highest_level=level_in(filled),
        attributes=_attributes(filled) if action == "verify" else (),
        evidence_url=url or None,
        evidence_digest=filled.text("evidence_digest") or None,
        delegated_by=delegated_by,
    )


def _attributes(filled: Filled) -> tuple[str, ...]:
    """Whose values may be seen; none chosen means any."""
    return tuple(name for name in filled.several("attributes") if name in CAN_BE_SEEN)


def status_in(filled: Filled, authorization_id: str) -> StatusChange:
    """The change of status a form describes."""
    change, stand = filled.text("change"), filled.text("stand")
    if change not in CHANGES:
        filled.miss("change", "wrong_choice_missing")
    if change == "withdraw" and stand not in {"yes", "no"}:
        filled.miss("stand", "wrong_stand")
    return StatusChange(
        authorization_id=authorization_id,
        change=cast("Change", change),
        reason=filled.reason(),
        earlier_awards_stand=stand == "yes" if change == "withdraw" else None,
    )


def hours_in(filled: Filled) -> float:
    """How long lists are to be valid."""
    try:
        hours = float(filled.text("hours"))
    except ValueError:
        hours = 0.0
    if not SHORTEST_VALIDITY <= hours <= LONGEST_VALIDITY:
        filled.miss("hours", "wrong_hours")
    return hours


def resources_in(filled: Filled) -> tuple[str, ...]:
    """For what: all, fields of study, or what is named line by line."""
    kind = filled.text("kind")
    if kind == "all":
        return (EVERYTHING,)
    found: tuple[str, ...] = ()
    if kind == "field":
        found = tuple(code for code in filled.several("fields") if code in fields(ENGLISH))
    elif kind == "named":
        found = filled.lines("named")
    else:
        filled.miss("kind", "wrong_choice_missing")
    if not found:
        filled.miss("kind", "wrong_resources")
    return found


def level_in(filled: Filled) -> Level | None:
    """Up to which level, if there is a limit."""
    framework, level = filled.text("framework"), filled.text("level")
    if not framework and not level:
        return None
    if framework not in FRAMEWORKS or not level.isascii() or not level.isdigit() or int(level) not in LEVELS:
        filled.miss("framework", "wrong_level")
        return None
    return Level(framework=framework, level=int(level))
