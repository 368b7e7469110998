"""How whoever asks is listed, and what a request asks for beyond that."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from shared.vc.trust_decision import Refused, Snapshot, Unreachable
from shared.vc.trust_list import Authorization, DidPeriod, Level, StatusPeriod, TrustedEntity
from shared.web.languages import LANGUAGES
from tests.support.wallet_fakes import (
    EDITION,
    EDITION_ID,
    ISSUER,
    NOW,
    SKILL,
    VERIFIER,
    FixedLists,
    a_credential,
)
from tests.unit.trust.lists import at, authorization, period, snapshot
from tests.unit.wallet.test_answering import ASKED, LISTED, a_request, payload
from wallet.domain.answer import Holding, view_need
from wallet.domain.credential import EditionMissing, EditionResult, Status, StatusState
from wallet.domain.history import TOLD_IN
from wallet.domain.limits import held_against_listing
from wallet.domain.listing import ListingState, beyond_listing, verifier_listing
from wallet.domain.proof_request import learned, read_needs
from wallet.domain.request import RequestState
from wallet.domain.warning import Warned, WarningCode
from wallet.entry.shapes import EntryOut, RequestOut
from wallet.entry.warning_words import listing_said
from wallet.errors import WarningUnseen
from wallet.use_cases.consent_to_request import consent_to_request
from wallet.use_cases.decline_request import decline_request
from wallet.use_cases.read_request import read_request
from wallet.use_cases.write_history import read_history

AWAY = Unreachable(reason="no answer", since=NOW)


def verify(*later: StatusPeriod, **changes: object) -> Authorization:
    return authorization(*later, **({"dids": (VERIFIER,), "action": "verify"} | changes))


STALE = snapshot(verify(), next_update=NOW)
ELSEWHERE = snapshot(authorization(), name="other")


@pytest.mark.parametrize(
    ("lists", "state", "code", "since"),
    [
        ((LISTED,), ListingState.LISTED, "trusted", date(2025, 1, 1)),
        ((ELSEWHERE,), ListingState.NOT_LISTED, "not-listed", None),
        ((snapshot(verify(action="issue")),), ListingState.NOT_FOR_THIS, "not-for-this", None),
        ((snapshot(verify(valid_from=date(2027, 1, 1))),), ListingState.NOT_YET, "not-yet", date(2027, 1, 1)),
        (
            (snapshot(verify(periods=(period("granted", at(2026, 12, 1)),))),),
            ListingState.NOT_YET, "not-yet", date(2026, 12, 1),
        ),
        (
            (snapshot(verify(period("suspended", at(2026, 11, 20), reason="audit"))),),
            ListingState.SUSPENDED, "suspended", date(2026, 11, 20),
        ),
        (
            (snapshot(verify(period("lapsed", at(2026, 6, 1)))),),
            ListingState.LAPSED, "lapsed", date(2026, 6, 1),
        ),
        (
            (snapshot(verify(valid_to=date(2026, 10, 31))),),
            ListingState.LAPSED, "lapsed", date(2026, 10, 31),
        ),
        (
            (snapshot(verify(period("withdrawn", at(2026, 6, 1), stand=True))),),
            ListingState.WITHDRAWN, "withdrawn", date(2026, 6, 1),
        ),
        (
            (snapshot(verify(period("withdrawn", at(2026, 6, 1), stand=False))),),
            ListingState.WITHDRAWN, "withdrawn", date(2026, 6, 1),
        ),
        (
            (snapshot(verify(period("compromised", at(2026, 6, 1)))),),
            ListingState.COMPROMISED, "compromised", date(2026, 6, 1),
        ),
        ((), ListingState.UNCHECKED, "no-list", None),
        ((STALE,), ListingState.UNCHECKED, "list-stale", None),
        ((STALE, ELSEWHERE), ListingState.UNCHECKED, "list-stale", None),
        ((Snapshot(name="demo", url="u", problem=AWAY),), ListingState.UNCHECKED, "list-not-checked", None),
        ((replace(LISTED, problem=AWAY),), ListingState.LISTED, "trusted", date(2025, 1, 1)),
    ],
)  # fmt: skip
def test_each_way_to_be_listed_or_not_is_told_apart(
    lists: tuple[Snapshot, ...], state: ListingState, code: str, since: date | None
) -> None:
    found = verifier_listing(lists, VERIFIER, now=NOW)

    assert (found.state, found.code, found.since) == (state, code, since)
    assert [one.code for one in found.warnings] == ([] if state is ListingState.LISTED else [code])
    assert bool(found.allows) == (state is ListingState.LISTED)
    for words in listing_said(found).values():
        assert "{" not in words
        assert "\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}" not in words


def test_a_listing_says_by_whom_since_when_and_in_whose_words() -> None:
    suspended = verify(period("suspended", at(2026, 11, 20), reason="Complaints of applicants"))

    found = verifier_listing([snapshot(suspended)], VERIFIER, now=NOW)

    assert found.authority_says == "Complaints of applicants"
    assert found.by is not None
    assert (found.by.number, found.by.name, found.by.checked_at) == (7, "demo", NOW)
    assert listing_said(found)["en"].replace("\N{FIRST STRONG ISOLATE}", "").replace(
        "\N{POP DIRECTIONAL ISOLATE}", ""
    ) == (
        "Skills Quality Authority has stopped Digital Skills Trust from asking for proofs since 20 November 2026,"
        " until it decides."
    )
    assert "Amana ya Ujuzi wa Dijitali" in listing_said(found)["sw"]


def test_a_did_that_is_no_longer_the_organisations_is_not_listed_any_more() -> None:
    entity = TrustedEntity(
        id="e", names={"en": "Kazi Jobs"}, country="KE", authorizations=(verify(),),
        did_periods={VERIFIER: DidPeriod(until=date(2026, 5, 31))},
    )  # fmt: skip

    found = verifier_listing([snapshot(entities=(entity,))], VERIFIER, now=NOW)

    assert (found.state, found.since) == (ListingState.LAPSED, date(2026, 5, 31))


def test_what_another_list_says_against_it_and_a_list_that_was_refused_are_warned_of() -> None:
    against = snapshot(verify(period("compromised", at(2026, 6, 1))), name="other")
    rolled_back = replace(LISTED, problem=Refused(reason="rolled back"))

    found = verifier_listing([rolled_back, replace(against, url="elsewhere")], VERIFIER, now=NOW)

    assert found.state is ListingState.LISTED
    assert [one.code for one in found.warnings] == [
        WarningCode.DISOWNED_ELSEWHERE, WarningCode.LIST_REFUSED,
    ]  # fmt: skip


def beyond(
    *lists: Snapshot, shown: set[str] | None = None, edition: EditionResult | None = EDITION
) -> Warned | None:
    return beyond_listing(lists, VERIFIER, learned=frozenset(shown or ()), edition=edition, now=NOW)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({}, None),
        ({"resources": (SKILL, *EDITION.edition.skills)}, None),
        ({"resources": ("urn:other",)}, WarningCode.OTHER_KIND),
        ({"jurisdictions": (EDITION.edition.country,)}, None),
        ({"jurisdictions": ("ZA",)}, WarningCode.OTHER_COUNTRY),
        ({"highest_level": Level(framework="eqf", level=4)}, None),
        ({"highest_level": Level(framework="eqf", level=3)}, WarningCode.ABOVE_LEVEL),
        ({"highest_level": Level(framework="sadcqf", level=3)}, WarningCode.LIMITS_NOT_COMPARED),
    ],
)
def test_a_credential_beyond_the_listings_kind_country_or_level_is_warned_of(
    limits: dict[str, Any], code: WarningCode | None
) -> None:
    found = beyond(snapshot(verify(**limits)))

    assert found == (None if code is None else Warned(code))


def test_a_credential_whose_programme_is_not_at_hand_is_not_passed_off_as_covered() -> None:
    unread = EditionMissing(None, "away")

    assert beyond(LISTED, edition=unread) is None
    limited = beyond(snapshot(verify(resources=("urn:other",))), edition=unread)
    assert limited == Warned(WarningCode.LIMITS_NOT_COMPARED)


def test_values_beyond_the_listing_are_named() -> None:
    narrow = snapshot(verify(attributes=("title", "achievement_id")))

    assert beyond(narrow, shown={"title"}) is None
    found = beyond(narrow, shown={"title", "grade", "family_name"})
    assert found == Warned(WarningCode.MORE_ATTRIBUTES, ("family_name", "grade"))


def test_another_list_that_could_not_be_checked_takes_nothing_from_what_a_listing_limits() -> None:
    narrow = snapshot(verify(attributes=("title",)))

    found = beyond(replace(STALE, url="elsewhere"), narrow, shown={"grade"})

    assert found == Warned(WarningCode.MORE_ATTRIBUTES, ("grade",))


@pytest.mark.parametrize("status", ["suspended", "lapsed", "withdrawn"])
def test_an_authorization_that_is_not_in_force_widens_no_other_and_hides_no_limit(status: Any) -> None:  # noqa: ANN401
    broad = verify(period(status, at(2026, 11, 1), stand=True), id="broad")
    narrow = verify(id="narrow", attributes=("title",))

    found = verifier_listing([snapshot(broad, narrow)], VERIFIER, now=NOW)

    assert [one.attributes for one in found.allows] == [("title",)]
    assert beyond(snapshot(broad, narrow), shown={"grade"}) == Warned(WarningCode.MORE_ATTRIBUTES, ("grade",))


def test_one_list_that_allows_it_is_enough() -> None:
    narrow = snapshot(verify(attributes=("title",)))

    assert beyond(narrow, replace(LISTED, url="elsewhere"), shown={"grade"}) is None


def compared(*bounds: tuple[str, str, int]) -> dict[str, Any]:
    return {
        f"need_0_{number}": {"name": name, "p_type": operator, "p_value": value}
        for number, (name, operator, value) in enumerate(bounds)
    }


@pytest.mark.parametrize(
    ("asked", "values"),
    [
        ({"requested_attributes": {"need_0": {"names": ["title"]}}}, {"title"}),
        ({"requested_predicates": compared(("grade_pct", ">=", 80))}, set()),
        ({"requested_predicates": compared(("grade_pct", ">=", 80), ("grade_pct", ">", 85))}, set()),
        ({"requested_predicates": compared(("grade_pct", ">=", 87), ("grade_pct", "<=", 87))}, {"grade_pct"}),
        (
            {"requested_predicates": {
                "need_0_x": {"name": "title", "p_type": ">=", "p_value": 1,
                             "restrictions": [{"attr::grade::value": "A"}, {"attr::grade::value": "A"}]}}},
            {"grade"},
        ),
        (
            {"requested_predicates": {
                "need_0_x": {"name": "title", "p_type": ">=", "p_value": 1,
                             "restrictions": [{"attr::grade::value": "A"}, {"attr::grade::value": "B"}]}}},
            set(),
        ),
    ],
)  # fmt: skip
def test_what_would_be_learned_is_read_from_the_proof_request_itself(
    asked: dict[str, Any], values: set[str]
) -> None:
    assert learned(read_needs(asked)) == {"need_0": values}


def test_two_bounds_in_two_needs_meet_as_well() -> None:
    asked: dict[str, Any] = {
        "requested_predicates": {
            "need_0_a": {"name": "grade_pct", "p_type": ">=", "p_value": 87},
            "need_1_a": {"name": "grade_pct", "p_type": "<", "p_value": 88},
        }
    }

    assert set(learned(read_needs(asked)).values()) == {frozenset({"grade_pct"})}


def test_only_the_credential_that_goes_too_far_is_marked() -> None:
    other = replace(EDITION, id=f"{ISSUER}/resources/zOther")
    held = [
        Holding(a_credential("inside"), EDITION, Status(StatusState.VALID, "fine")),
        Holding(a_credential("beyond"), other, Status(StatusState.VALID, "fine")),
    ]
    needs = [view_need(need, None, held) for need in read_needs(ASKED)]
    only_this = snapshot(verify(resources=(EDITION_ID,)))

    anyway, (need,) = held_against_listing([only_this], VERIFIER, needs, held, now=NOW)

    assert anyway == ()
    assert {one.credential_id: [each.code for each in one.warnings] for one in need.candidates} == {
        "inside": [],
        "beyond": [WarningCode.OTHER_KIND],
    }


# --- the answer


async def test_every_warning_must_be_acknowledged_by_its_code() -> None:
    narrow = snapshot(verify(attributes=("achievement_id",), resources=("urn:other",)))
    wallet, store, desk = a_request(payload(), lists=(narrow,))
    view = await read_request(wallet, "r1", desk=desk)
    assert [one.code for one in view.warnings] == [WarningCode.MORE_ATTRIBUTES]

    for seen in ([], ["more-attributes"], ["other-kind"], ["unproven", "suspended"]):
        with pytest.raises(WarningUnseen) as refused:
            await consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged=seen, desk=desk)
        assert set(refused.value.codes) == {"more-attributes", "other-kind"} - set(seen)
    assert store.sent == []

    both = ["other-kind", "more-attributes"]
    await consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged=both, desk=desk)
    assert [kind for kind, _ in store.sent] == ["proof"]


@pytest.mark.parametrize("status", ["suspended", "lapsed", "withdrawn", "compromised"])
async def test_a_listing_that_ends_between_looking_and_answering_stops_the_answer(status: Any) -> None:  # noqa: ANN401
    wallet, store, desk = a_request(payload())
    view = await read_request(wallet, "r1", desk=desk)
    assert view.warnings == ()

    ended = snapshot(verify(period(status, NOW - timedelta(minutes=1), stand=False)))
    desk = replace(desk, trust=FixedLists([ended]))

    with pytest.raises(WarningUnseen, match=f"found none for {status}"):
        await consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged=(), desk=desk)
    assert store.sent == []
    await consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged=[status], desk=desk)
    assert [kind for kind, _ in store.sent] == ["proof"]


async def test_history_keeps_how_the_asker_stood_and_what_was_warned_of_in_words() -> None:
    suspended = snapshot(verify(period("suspended", at(2026, 11, 20))))
    wallet, _, desk = a_request(payload(), lists=(suspended,))
    await consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged=["suspended"], desk=desk)

    (entry,) = await read_history(wallet)
    said: Any = EntryOut.of(entry).said

    assert entry.who == "Digital Skills Trust"
    assert said["listing"]["state"] == "suspended"
    (warned,) = said["warned"]
    assert warned["code"] == "suspended"
    assert "20 novembre 2026" in warned["words"]["fr"]


async def test_history_keeps_a_short_note_however_long_the_list_is() -> None:
    names = {f"x{number}": "n" * 10_000 for number in range(50)} | {"sw": "Kazi " * 1000}
    wide = verify(resources=(*tuple(f"urn:skill:{number}:{'x' * 500}" for number in range(500)), "*"))
    entity = TrustedEntity(id="e", names=names, country="KE", authorizations=(wide,))
    wallet, store, desk = a_request(payload(), lists=(snapshot(entities=(entity,), operator_names=names),))
    await consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged=(), desk=desk)

    (note,) = store.kept["history"].values()

    assert len(str(note)) < 10_000
    assert set(TOLD_IN) == set(LANGUAGES)


async def test_history_of_a_request_nobody_proved_says_so() -> None:
    wallet, _, desk = a_request(None)
    assert await decline_request(wallet, "r1", "no", desk=desk) is RequestState.DECLINED

    (entry,) = await read_history(wallet)
    said: Any = EntryOut.of(entry).said

    assert said["listing"] is None
    assert said["warned"][0]["words"]["en"] == "Nobody proved who asks. The request is not signed."


async def test_an_entry_of_another_version_is_shown_as_it_is() -> None:
    wallet, store, desk = a_request(None)
    await decline_request(wallet, "r1", "no", desk=desk)
    ((note_id, note),) = store.kept["history"].items()
    strange: Any = {"warned": [{"code": "of-later", "about": []}], "listing": {"state": "new"}}
    store.kept["history"][note_id] = {**note, "said": strange}  # type: ignore[dict-item] # a note is an object

    (entry,) = await read_history(wallet)

    assert EntryOut.of(entry).said == strange


async def test_the_request_carries_who_asks_and_what_is_warned_of_in_every_language() -> None:
    narrow = snapshot(verify(attributes=("achievement_id",), jurisdictions=("ZA",)))
    wallet, _, desk = a_request(payload(), lists=(narrow,))

    shown = RequestOut.of(await read_request(wallet, "r1", desk=desk)).model_dump(mode="json")

    verifier = shown["verifier"]
    assert (verifier["proven"], verifier["did"], verifier["name"]) == (True, VERIFIER, "Digital Skills Trust")
    accreditation = verifier["accreditation"]
    assert (accreditation["state"], accreditation["since"]) == ("listed", "2025-01-01")
    assert accreditation["trust_list"]["number"] == 7
    assert accreditation["allows"][0]["attributes"] == ["achievement_id"]
    assert set(accreditation["words"]) == {"en", "fr", "pt", "sw", "ar"}
    (warning,) = shown["warnings"]
    assert (warning["code"], warning["about"]) == ("more-attributes", ["title"])
    assert warning["words"]["en"] == "It asks to see more than it is allowed to: Title."
    marked = {one["credential_id"]: one["warnings"] for one in shown["needs"][0]["candidates"]}
    assert [one["code"] for one in marked["c1"]] == ["other-country"]
    assert marked["early"] == []


async def test_an_unproven_request_says_nothing_of_anybody() -> None:
    wallet, _, desk = a_request(payload(iss="did:webvh:other"))

    verifier = RequestOut.of(await read_request(wallet, "r1", desk=desk)).verifier

    assert (verifier.proven, verifier.did, verifier.name, verifier.accreditation) == (False, None, None, None)
    assert verifier.words["en"].startswith("Nobody proved who asks.")
