"""A request in the words of its page: who asks, what would be seen, what is missing; all in the reader's language."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from shared.contracts.asked_words import ASKED_WORDS
from shared.contracts.attributes import ATTRIBUTES
from shared.contracts.signed_request import AskedAlternative, AskedNeed
from shared.vc.achievement import Edition
from shared.vc.webvh import IdentifierMalformed, did_to_url
from shared.web.languages import day_in_words, days_in_words, moment_in_words
from wallet.domain.answer import Candidate, Holding, NeedView
from wallet.domain.credential import EditionFound
from wallet.domain.history import purpose_of
from wallet.domain.lack import Lack, LackCode
from wallet.domain.listing import ListingState
from wallet.domain.proof_request import Need
from wallet.domain.request import RequestState, RequestView, warned_of
from wallet.domain.requester import Proven
from wallet.domain.warning import WarningCode
from wallet.entry.people_words import people_said
from wallet.entry.sharing_words import WORDS
from wallet.entry.value_words import attribute_said, compared_said, value_said
from wallet.entry.warning_words import PROOF, apart, listing_said, named, warning_said
from wallet.use_cases.look_at_request import LookedAt, WouldFit

CANNOT_BE_ANSWERED: Final = frozenset({WarningCode.EXPIRED, WarningCode.UNREADABLE})
"""Nothing helps against these: they are told, and not asked about."""
TOLD_ANYWAY: Final = frozenset({"awarding_body_id", "profile_version"})
"""Who gave a credential, and by which format, every proof tells."""
MOST_LACKING: Final = 5
"""Of so many of her credentials it is said what they lack, the nearest first."""


@dataclass(frozen=True)
class Asker:
    """Who asks. `name` is the lists' alone; `site` what its key proves; `bad` where a careful person would stop.

    Without more nobody proved who asks.
    """

    heading: str
    called: str
    proven: str
    name: str | None = None
    listed: str | None = None
    bad: bool = True
    authority_says: str | None = None
    checked: str | None = None
    list_used: str | None = None
    site: str | None = None
    did: str | None = None


@dataclass(frozen=True)
class Choice:
    """One of her credentials for a need; `doubts` are why it will hardly be accepted."""

    id: str
    title: str
    issuer: str | None
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class Conditions:
    """What is asked of one credential: one of the alternatives, and all of `always`."""

    alternatives: tuple[tuple[str, ...], ...]
    always: tuple[str, ...]


@dataclass(frozen=True)
class Lacking:
    """One of her credentials that does not fit, and what it lacks."""

    title: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One need. Without a choice nothing she holds fits, and `lacking` and `programmes` say more."""

    field: str
    choices: tuple[Choice, ...]
    chosen: Choice | None
    seen: tuple[tuple[str, str], ...]
    shows_programme: bool
    learned: tuple[str, ...]
    hidden: str
    people: str | None
    """How many could have given the same answer; of few she is warned."""
    asked: Conditions
    lacking: tuple[Lacking, ...]
    programmes: tuple[str, ...]
    issuers: str | None


@dataclass(frozen=True)
class Caution:
    """A warning she must have read; `new` where it came up since she looked."""

    code: str
    words: str
    new: bool
    ticked: bool


@dataclass(frozen=True)
class RequestPage:
    """All of a request's page."""

    id: str
    state: RequestState
    is_open: bool
    """It waits for her answer, or an answer that was cut off is to be given again."""
    asker: Asker
    purpose: str | None
    parts: tuple[Part, ...]
    can_agree: bool
    unfit: bool
    """Everything could be answered but for what she holds."""
    cautions: tuple[Caution, ...]
    why_not: tuple[str, ...]
    """Why nobody could answer it."""
    kept: str | None
    name_compared: bool
    until: str | None
    judged_by: str | None

    @property
    def seen_codes(self) -> str:
        """What is warned of here, as the form sends it back."""
        return " ".join(each.code for each in self.cautions)


def chosen_of(view: RequestView, asked: Mapping[str, str]) -> dict[str, str]:
    """The credential for each need: the one asked for where it can answer, else the best; none where none can."""
    chosen = {}
    for place, need in enumerate(view.needs):
        fitting = [each.credential_id for each in need.candidates if each.can_present]
        wanted = asked.get(field_of(place))
        if fitting:
            chosen[need.need.id] = wanted if wanted in fitting else fitting[0]
    return chosen


def field_of(place: int) -> str:
    """What a need's choice is called in forms and addresses: others' referents are of any shape."""
    return f"need{place}"


def request_page(
    found: LookedAt,
    choices: Mapping[str, str],
    language: str,
    *,
    now: datetime,
    cut_off: bool = False,
    ticked: Sequence[str] = (),
    seen_before: Sequence[str] | None = None,
) -> RequestPage:
    """`cut_off`: it counts as answered, but the answer was not noted, and perhaps not sent.

    `ticked` and `seen_before` are of an attempt that was stopped: what she had ticked, and what she had been shown.
    """
    view, words = found.view, WORDS[language]
    proven = view.who.request if isinstance(view.who, Proven) else None
    warned = warned_of(view, choices)
    why_not = [one for one in warned if one.code in CANNOT_BE_ANSWERED]
    is_open = view.exchange.state is RequestState.OPEN or cut_off
    by = [apart(one.name) for one in proven.trust_lists] if proven else []
    return RequestPage(
        id=view.exchange.id,
        state=view.exchange.state,
        is_open=is_open,
        asker=asker_of(view, language),
        purpose=purpose_of(view),
        parts=tuple(_part(found, place, choices, language) for place in range(len(view.needs))),
        can_agree=is_open and not why_not and view.can_answer,
        unfit=is_open and not why_not and not view.can_answer,
        cautions=tuple(
            Caution(
                one.code.value,
                warning_said(one, view.listing)[language],
                seen_before is not None and one.code.value not in seen_before,
                one.code.value in ticked,
            )
            for one in warned
            if one.code not in CANNOT_BE_ANSWERED
        ),
        why_not=tuple(warning_said(one, view.listing)[language] for one in why_not),
        kept=words["sharing_kept_days"].format(days=days_in_words(proven.keep_days, language).capitalize())
        if proven
        else None,
        name_compared=proven is not None and proven.name_compared,
        until=moment_in_words(view.who.expires_at, language)
        if isinstance(view.who, Proven) and view.who.expires_at > now
        else None,
        judged_by=", ".join(by) or None,
    )


def asker_of(view: RequestView, language: str) -> Asker:
    """Who asks, as far as it is known."""
    words, listing, who = WORDS[language], view.listing, view.who
    if not isinstance(who, Proven):
        said = " ".join((PROOF[language]["unproven"], PROOF[language][who.doubt]))
        heading, called = words["sharing_asks_nobody"], words["sharing_stranger"]
        return Asker(heading, called, said)
    name = named(listing.names, language) if listing else None
    called = name or words["sharing_from_unlisted"]
    by = listing.by if listing else None
    checked = by.checked_at if by else None
    return Asker(
        name=name,
        heading=words["sharing_asks"].format(who=apart(name)) if name else words["sharing_asks_nobody"],
        called=called,
        proven=PROOF[language]["proven"],
        listed=listing_said(listing)[language] if listing else None,
        bad=listing is None or listing.state is not ListingState.LISTED,
        authority_says=listing.authority_says if listing else None,
        checked=moment_in_words(checked, language) if checked else None,
        list_used=words["sharing_listed_as"].format(name=apart(by.name), number=by.number) if by else None,
        site=site_of(who.did),
        did=who.did,
    )


def site_of(did: str) -> str | None:
    """The host whose key signed; None for an organisation that has none."""
    try:
        return urlsplit(did_to_url(did)).netloc or None
    except IdentifierMalformed:
        return None


def seen_said(
    shown: Mapping[str, str], language: str, *, edition: Edition | None, issuer: str | None
) -> tuple[tuple[str, str], ...]:
    """Each value as it would be seen; the programme and who gave it by name, where one is known."""
    instead = {
        "achievement_id": edition.title(language) if edition else None,
        "awarding_body_id": issuer,
    }
    return tuple(
        (attribute_said(name, language), instead.get(name) or value_said(name, raw, language))
        for name, raw in shown.items()
    )


def _part(found: LookedAt, place: int, choices: Mapping[str, str], language: str) -> Part:
    need = found.view.needs[place]
    wanted = choices.get(need.need.id)
    offered = [each for each in need.candidates if each.can_present]
    candidate = next((each for each in offered if each.credential_id == wanted), None)
    would_fit = found.would_fit.get(need.need.id, WouldFit((), ()))
    editions = [*_editions(found.held.values()), *(each.edition.edition for each in would_fit.programmes)]
    same = [one.need for one in found.view.needs if choices.get(one.need.id) == wanted]
    made = tuple(_choice(found, each, language, editions) for each in offered)
    return Part(
        field=field_of(place),
        choices=made,
        chosen=next((each for each in made if each.id == wanted), None),
        seen=_seen(found, need.need, candidate, language) if candidate else (),
        shows_programme=any(one.shows_programme for one in same),
        learned=tuple(compared_said(part, language) for part in need.need.predicates),
        hidden=_hidden(same, candidate, language) if candidate else "",
        people=people_said(candidate.people).get(language) if candidate and candidate.people else None,
        asked=conditions_of(need, language, editions),
        lacking=()
        if offered
        else tuple(
            Lacking(each.title, tuple(lack_said(one, language, editions) for one in each.missing))
            for each in need.candidates[:MOST_LACKING]
        ),
        programmes=tuple(
            _programme(each.edition.edition, each.issuer, language) for each in would_fit.programmes
        ),
        issuers=_listed(apart(named(names, language) or "") for names in would_fit.issuers) or None,
    )


def conditions_of(need: NeedView, language: str, editions: Sequence[Edition]) -> Conditions:
    """What is asked, in the requester's own terms where it signed them; else what it wants proven."""
    asked = need.asked
    if asked is None:
        return Conditions((), tuple(compared_said(part, language) for part in need.need.predicates))
    wanted = asked.any_of or (asked,)
    ways = tuple(tuple(_conditions(one, language, editions)) for one in wanted)
    return Conditions(tuple(way for way in ways if way), tuple(_always(asked, language)))


def lack_said(lack: Lack, language: str, editions: Sequence[Edition]) -> str:
    """What a credential lacks."""
    words = WORDS[language]
    match lack.code:
        case LackCode.NO_ATTRIBUTE:
            return words["sharing_lack_no-attribute"].format(what=attribute_said(lack.attribute, language))
        case LackCode.SKILL if lack.asked and lack.asked.skill:
            return words["sharing_lack_skill"].format(skill=skill_said(lack.asked.skill, language, editions))
        case LackCode.COMPARISON if lack.compared:
            asked = compared_said(lack.compared, language)
            has = value_said(lack.compared.attribute, lack.has or "", language)
        case LackCode.TOO_EARLY if lack.after:
            asked = ASKED_WORDS[language]["awarded_after"].format(day=day_in_words(lack.after, language))
            has = value_said("awarded_dateint", lack.has or "", language)
        case LackCode.LEVEL if lack.asked and lack.asked.level:
            (asked,) = _conditions(lack.asked, language, editions)
            framework = lack.asked.level.framework.upper()
            has = words["sharing_level_has"].format(level=lack.has, framework=framework) if lack.has else ""
        case LackCode.HOURS if lack.asked:
            (asked,) = _conditions(lack.asked, language, editions)
            has = lack.has or ""
        case _:
            return words.get(f"sharing_lack_{lack.code}", lack.english)
    return words["sharing_lack_compared"].format(asked=asked, has=has or words["sharing_not_stated"])


def skill_said(uri: str, language: str, editions: Iterable[Edition]) -> str:
    """A skill as a programme names it that teaches it; else where it is described."""
    naming = next((one for one in editions if uri in one.skill_names), None)
    if naming is not None:
        return apart(naming.skill_name(uri, language))
    parts = urlsplit(uri)
    return apart(f"{parts.netloc}{parts.path}" if parts.scheme in {"http", "https"} else uri)


def _conditions(wanted: AskedAlternative, language: str, editions: Sequence[Edition]) -> Iterator[str]:
    words = ASKED_WORDS[language]
    if wanted.skill is not None:
        yield f"{words['skill']} {skill_said(wanted.skill, language, editions)}"
    if wanted.level is not None:
        framework = wanted.level.framework.upper()
        yield words["level"].format(level=wanted.level.at_least, framework=framework)
    if wanted.workload_hours is not None:
        yield words["hours"].format(hours=wanted.workload_hours.at_least)


def _always(asked: AskedNeed, language: str) -> Iterator[str]:
    words = ASKED_WORDS[language]
    if asked.awarded_after is not None:
        yield words["awarded_after"].format(day=day_in_words(asked.awarded_after, language))
    if asked.not_expired:
        yield words["not_expired"]


def _choice(found: LookedAt, candidate: Candidate, language: str, editions: Sequence[Edition]) -> Choice:
    words, held = WORDS[language], found.held[candidate.credential_id]
    day = value_said("awarded_dateint", held.credential.attributes.get("awarded_dateint", ""), language)
    title = apart(candidate.title)
    issuer = named(found.issuers[candidate.credential_id], language)
    return Choice(
        candidate.credential_id,
        words["sharing_one"].format(title=title, day=day) if day else title,
        words["sharing_given_by"].format(issuer=apart(issuer)) if issuer else None,
        ()
        if candidate.meets_need
        else tuple(lack_said(one, language, editions) for one in candidate.missing),
    )


def _seen(found: LookedAt, need: Need, candidate: Candidate, language: str) -> tuple[tuple[str, str], ...]:
    held = found.held[candidate.credential_id]
    edition = held.edition.edition if isinstance(held.edition, EditionFound) else None
    issuer = named(found.issuers[candidate.credential_id], language)
    attributes = held.credential.attributes
    shown = {name: attributes[name] for name in need.revealed if name in attributes}
    return seen_said(shown, language, edition=edition, issuer=issuer)


def _hidden(needs: Sequence[Need], candidate: Candidate, language: str) -> str:
    """What stays hidden of a credential that answers these needs, in reading order; without what every proof tells by itself."""
    told = {name for need in needs for name in need.revealed}
    told |= {part.attribute for need in needs for part in need.predicates} | TOLD_ANYWAY
    hidden = [name for name in candidate.has if name not in told]
    ordered = [*(name for name in ATTRIBUTES if name in hidden), *(n for n in hidden if n not in ATTRIBUTES)]
    return _listed(attribute_said(name, language) for name in ordered)


def _editions(held: Iterable[Holding]) -> list[Edition]:
    return [one.edition.edition for one in held if isinstance(one.edition, EditionFound)]


def _programme(edition: Edition, issuer: Mapping[str, str], language: str) -> str:
    title, name = apart(edition.title(language)), named(issuer, language)
    return WORDS[language]["sharing_programme_by"].format(title=title, issuer=apart(name)) if name else title


def _listed(texts: Iterable[str]) -> str:
    return " · ".join(texts)
