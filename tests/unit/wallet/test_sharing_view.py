"""A request as its page says it: nothing in English alone, nothing by an address where there is a name."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from shared.contracts.signed_request import AskedAlternative, AskedHours, AskedLevel, AskedNeed
from shared.web.languages import LANGUAGES
from tests.support.wallet_fakes import CRED_DEF, EDITION, NOW, SKILL, a_credential
from tests.unit.wallet.test_answer import NEED, STRANGE, holding
from wallet.domain.answer import Holding, NeedView, judge, view_need
from wallet.domain.credential import EditionMissing, Status, StatusState
from wallet.domain.lack import Lack, LackCode
from wallet.domain.proof_request import Need, Predicate, Reveal, editions_admitted, issuers_admitted
from wallet.domain.request import RequestExchange, RequestState, RequestView, view_request
from wallet.domain.requester import Doubt, Unproven
from wallet.entry.sharing_view import (
    RequestPage,
    chosen_of,
    conditions_of,
    lack_said,
    request_page,
    site_of,
    skill_said,
)
from wallet.entry.sharing_words import WORDS
from wallet.use_cases.look_at_request import LookedAt

ELSEWHERE = "https://skills.example/weld?x=1"
HARD = AskedNeed(
    skill=ELSEWHERE,
    level=AskedLevel(framework="eqf", at_least=6),
    workload_hours=AskedHours(at_least=500),
    awarded_after=date(2026, 6, 1),
    not_expired=True,
)
NAMED = replace(EDITION.edition, skill_names={SKILL: {"en": "analyse data", "fr": "analyser des données"}})
ENGLISH_WORDS = re.compile(r"\b(asked|yours|level|hours|award|the|is|not|and)\b", re.IGNORECASE)


def lacks() -> tuple[Lack, ...]:
    """At least one of every code."""
    early = Need("need_0", NEED.reveals, (Predicate("p", "awarded_dateint", ">=", 20270101, ()),))
    unnamed = Need("need_0", (Reveal("need_0", ("driving_licence",), ()),), ())
    unread = Holding(a_credential(), EditionMissing(None, "away"), Status(StatusState.VALID, "fine"))
    states = (StatusState.REVOKED, StatusState.SUSPENDED, StatusState.EXPIRED)
    other_framework = AskedNeed(level=AskedLevel(framework="sadcqf", at_least=3))
    return (
        *judge(STRANGE, HARD, holding()).missing,
        *judge(STRANGE, other_framework, holding()).missing,
        *judge(STRANGE, None, holding()).missing,
        *judge(early, None, holding()).missing,
        *judge(unnamed, None, holding()).missing,
        *judge(NEED, AskedNeed(skill=SKILL), unread).missing,
        *(one for state in states for one in judge(NEED, None, holding(Status(state, "so"))).missing),
        *view_need(STRANGE, None, [holding()]).missing,
        *view_need(STRANGE, HARD, []).missing,
    )


def test_every_way_not_to_fit_is_played() -> None:
    assert {each.code for each in lacks()} == set(LackCode)


@pytest.mark.parametrize("language", [tag for tag in LANGUAGES if tag != "en"])
def test_what_is_missing_is_said_in_the_readers_language(language: str) -> None:
    for each in lacks():
        if each.code is LackCode.WANTED:  # pages say what is asked in its place
            continue
        said = lack_said(each, language, [NAMED]).replace("Driving licence", "").replace("skills.example", "")
        assert said != each.english, each.code
        assert not ENGLISH_WORDS.search(said), said


def test_what_is_missing_names_the_facts() -> None:
    said = {each.code: lack_said(each, "en", [NAMED]) for each in reversed(lacks())}

    assert said[LackCode.SKILL] == "Its programme does not teach: \u2068skills.example/weld\u2069"
    assert said[LackCode.LEVEL] == "Asked: Level 6 or higher (EQF). Yours: level 4 (EQF)"
    assert said[LackCode.HOURS] == "Asked: 500 hours of learning or more. Yours: 120"
    assert said[LackCode.TOO_EARLY] == "Asked: Awarded on or after 1 June 2026. Yours: 14 March 2026"
    assert said[LackCode.COMPARISON] == "Asked: Date of award: 1 January 2027 or later. Yours: 14 March 2026"


def test_a_level_that_is_not_stated_is_said_to_be_so() -> None:
    (lack,) = judge(NEED, AskedNeed(level=AskedLevel(framework="sadcqf", at_least=3)), holding()).missing

    assert lack_said(lack, "en", []) == "Asked: Level 3 or higher (SADCQF). Yours: not stated"


def test_skills_go_by_the_name_a_programme_at_hand_gives_them() -> None:
    assert skill_said(SKILL, "fr", [EDITION.edition, NAMED]) == "\u2068analyser des données\u2069"
    assert skill_said(ELSEWHERE, "fr", [NAMED]) == "\u2068skills.example/weld\u2069"
    assert skill_said("urn:skill:7", "en", []) == "\u2068urn:skill:7\u2069"


def test_what_is_asked_is_told_in_the_requesters_terms_else_by_what_it_wants_proven() -> None:
    ways = AskedNeed(
        any_of=(AskedAlternative(skill=SKILL), AskedAlternative(workload_hours=AskedHours(at_least=60))),
        not_expired=True,
    )

    asked = conditions_of(view_need(NEED, ways, []), "en", [NAMED])
    unsigned = conditions_of(view_need(NEED, None, []), "en", [NAMED])

    assert asked.alternatives == (
        ("It teaches this skill: \u2068analyse data\u2069",),
        ("60 hours of learning or more",),
    )
    assert asked.always == ("Still valid",)
    assert (unsigned.alternatives, unsigned.always) == ((), ("Date of award: 1 January 2026 or later",))


def test_the_programmes_and_issuers_a_request_names_are_found_in_its_restrictions() -> None:
    issuer = CRED_DEF.partition("/")[0]
    by_edition = {"cred_def_id": CRED_DEF, "attr::achievement_id::value": "edition"}
    need = Need("n", (Reveal("n", ("title",), (by_edition, {"issuer_did": issuer})),), NEED.predicates)

    assert editions_admitted(need) == ("edition",)
    assert issuers_admitted(need) == (issuer,) == issuers_admitted(NEED)


def test_a_choice_that_cannot_answer_is_not_taken() -> None:
    early = Holding(a_credential("early", awarded_dateint="20200101"), EDITION, holding().status)
    late = Holding(a_credential("late", awarded_dateint="20260501"), EDITION, holding().status)
    view = a_view(view_need(NEED, None, [early, holding(), late]))

    assert chosen_of(view, {})["need_0"] in {"credential-1", "late"}
    assert chosen_of(view, {"need0": "late"}) == {"need_0": "late"}
    assert chosen_of(view, {"need0": "early"}) == chosen_of(view, {}) == chosen_of(view, {"need0": "none"})
    assert chosen_of(a_view(view_need(NEED, None, [early])), {"need0": "early"}) == {}


def test_a_warning_that_she_was_not_shown_is_marked() -> None:
    first, stopped = page_of(), page_of(ticked=["unproven"], seen_before=["other"])

    assert [(each.code, each.new, each.ticked) for each in first.cautions] == [("unproven", False, False)]
    assert [(each.code, each.new, each.ticked) for each in stopped.cautions] == [("unproven", True, True)]
    assert first.seen_codes == "unproven"
    assert first.can_agree
    assert first.asker.did is None
    assert first.asker.bad


def test_nothing_can_be_agreed_to_once_it_was_answered() -> None:
    for state in set(RequestState) - {RequestState.OPEN}:
        page = page_of(state=state)
        assert not page.can_agree
        assert not page.unfit
        assert f"sharing_{state}" in WORDS["en"]


def test_what_one_part_shows_of_a_credential_is_not_said_to_be_hidden_in_another() -> None:
    name = Need("need_1", (Reveal("need_1", ("given_name",), ()),), ())
    needs = [view_need(NEED, None, [holding()]), view_need(name, None, [holding()])]
    exchange = RequestExchange("r1", "connection-1", RequestState.OPEN, {}, None)
    nobody = Unproven(Doubt.UNSIGNED, "no")
    view = view_request(exchange, who=nobody, listing=None, needs=needs, now=NOW)
    found = LookedAt(view, {"credential-1": holding()}, {"credential-1": {}}, {})

    first, second = request_page(found, chosen_of(view, {}), "en", now=NOW).parts

    assert first.hidden == second.hidden
    assert first.hidden.startswith("Family name · Valid until")
    assert first.shows_programme
    assert second.shows_programme


def test_an_answer_that_was_cut_off_can_be_given_again() -> None:
    page = page_of(state=RequestState.ANSWERED, cut_off=True)

    assert page.is_open
    assert page.can_agree


def test_the_site_of_whoever_signed_is_named_where_there_is_one() -> None:
    assert site_of(f"did:webvh:Qm{'A' * 44}:verifier.ujuzi.test:orgs:kazi") == "verifier.ujuzi.test"
    assert site_of("did:key:z6MkhaXg") is None


def a_view(need: NeedView, state: RequestState = RequestState.OPEN) -> RequestView:
    exchange = RequestExchange("r1", "connection-1", state, {}, None)
    return view_request(exchange, who=Unproven(Doubt.UNSIGNED, "no"), listing=None, needs=[need], now=NOW)


def page_of(
    *,
    state: RequestState = RequestState.OPEN,
    cut_off: bool = False,
    ticked: Sequence[str] = (),
    seen_before: list[str] | None = None,
) -> RequestPage:
    view = a_view(view_need(NEED, None, [holding()]), state)
    found = LookedAt(view, {"credential-1": holding()}, {"credential-1": {}}, {})
    return request_page(
        found, chosen_of(view, {}), "en", now=NOW, cut_off=cut_off, ticked=ticked, seen_before=seen_before
    )
