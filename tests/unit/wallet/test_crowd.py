"""How many people could have given an answer: known few, known enough, or not known, and never more than there are."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vc.achievement import Edition
from shared.vc.award import AwardFacts, attributes
from shared.vc.holders import BELIEVED_FOR, FEW, Holders, OfEdition, holders_content, read_holders
from tests.support.wallet_fakes import (
    CRED_DEF,
    EDITION,
    EDITION_ID,
    ISSUER,
    NOW,
    SCHEMA,
    MemoryFacts,
    MemoryStore,
    a_desk,
    a_wallet,
)
from wallet.domain.credential import EditionFound, HeldCredential
from wallet.domain.crowd import Known, People, Why, names_her, people_of, together, worth_reading
from wallet.domain.proof_request import Need, Predicate, Reveal
from wallet.domain.request import RequestExchange, RequestState
from wallet.domain.warning import WarningCode
from wallet.entry.people_words import PEOPLE, people_said
from wallet.entry.shapes import RequestOut
from wallet.errors import WarningUnseen
from wallet.use_cases.consent_to_request import consent_to_request
from wallet.use_cases.read_request import read_request

DAY, OTHER_DAY = date(2026, 3, 14), date(2026, 5, 2)
COUNTED = date(2026, 11, 16)
TODAY = NOW.date()
OTHER: Final = f"{ISSUER}/resources/zOther"
HARDER: Final = f"{ISSUER}/resources/zHarder"
PLAIN: Edition = replace(EDITION.edition, valid_for_months=None)
LASTING: Edition = replace(EDITION.edition, valid_for_months=24)
EDITIONS: Mapping[str, Edition] = {
    EDITION_ID: PLAIN,
    OTHER: replace(PLAIN, titles={"en": "Something else"}),
    HARDER: replace(PLAIN, levels={"eqf": 6}),
}


def hers(edition: Edition = PLAIN, *, on: date = DAY, **changes: str) -> HeldCredential:
    facts = AwardFacts("id", "Amina", "Wanjiru", on, "s" * 16, grade=changes.pop("grade", None))
    return HeldCredential("c1", SCHEMA, CRED_DEF, attributes(EDITION_ID, edition, facts) | changes)


def told(own: int = 100, days: Mapping[date, int] | None = None, **others: int) -> Holders:
    names = {"other": OTHER, "harder": HARDER}
    editions = {EDITION_ID: OfEdition(own, {DAY: 20} if days is None else days)}
    return Holders(COUNTED, editions | {names[key]: OfEdition(value, {}) for key, value in others.items()})


def need(*names: str, restrictions: tuple[Mapping[str, str], ...] = (), **compared: tuple[str, int]) -> Need:
    return Need(
        "need_0",
        (Reveal("need_0", names, restrictions),) if names else (),
        tuple(Predicate(f"need_0_{name}", name, *bound, restrictions) for name, bound in compared.items()),
    )


PROGRAMME = "achievement_id"
FEW_PEOPLE = (Known.FEW, 0, None)
NARROWED = (Known.UNKNOWN, 0, Why.NARROWED)
NO_FIGURES = (Known.UNKNOWN, 0, Why.NO_FIGURES)
CASES: Mapping[str, tuple[Need, Holders | None, tuple[Known, int, Why | None]]] = {
    "the programme, held by many": (need(PROGRAMME), told(), (Known.ENOUGH, 100, None)),
    "the programme, held by few": (need(PROGRAMME), told(0), FEW_PEOPLE),
    "the programme, held by few, others by many": (need(PROGRAMME), told(0, other=500), FEW_PEOPLE),
    "nothing of the programme, others held by many": (
        need(eqf_level=(">=", 4)),
        told(0, other=500),
        (Known.ENOUGH, 500, None),
    ),
    "the title is the programme's": (need("title"), told(0, other=500), FEW_PEOPLE),
    "a level that others have not": (need("eqf_level"), told(0, harder=500), FEW_PEOPLE),
    "a level that others reach too": (
        need(eqf_level=(">=", 4)),
        told(0, harder=500),
        (Known.ENOUGH, 500, None),
    ),
    "only hers is admitted": (
        need(eqf_level=(">=", 4), restrictions=({"attr::achievement_id::value": EDITION_ID},)),
        told(0, other=500),
        FEW_PEOPLE,
    ),
    "one of two programmes is admitted": (
        need(
            eqf_level=(">=", 4),
            restrictions=(
                {"attr::achievement_id::value": EDITION_ID},
                {"attr::achievement_id::value": HARDER},
            ),
        ),
        told(0, other=500, harder=20),
        (Known.ENOUGH, 20, None),
    ),
    "two that few hold are not added up": (need(eqf_level=(">=", 4)), told(0, other=0), FEW_PEOPLE),
    "her day, shared by many": (need(PROGRAMME, "awarded_dateint"), told(), (Known.ENOUGH, 20, None)),
    "her day, shared by few": (need(PROGRAMME, "awarded_dateint"), told(days={OTHER_DAY: 100}), FEW_PEOPLE),
    "a day from which on many were made": (
        need(PROGRAMME, awarded_dateint=(">=", 20260101)),
        told(days={OTHER_DAY: 20, DAY: 100}),
        (Known.ENOUGH, 100, None),
    ),
    "a day from which on nobody tells": (
        need(PROGRAMME, awarded_dateint=(">=", 20260101)),
        told(days={}),
        NARROWED,
    ),
    "a grade": (need(PROGRAMME, "grade"), told(), NARROWED),
    "a grade in a programme held by few": (need(PROGRAMME, "grade"), told(0), FEW_PEOPLE),
    "a percentage or better": (need(PROGRAMME, grade_pct=(">=", 0)), told(), NARROWED),
    "grades to choose from": (
        need(PROGRAMME, restrictions=({"attr::grade::value": "pass"}, {"attr::grade::value": "merit"})),
        told(),
        NARROWED,
    ),
    "not expired, of what never expires": (
        need(PROGRAMME, expiry_dateint=(">=", 20261121)),
        told(),
        (Known.ENOUGH, 100, None),
    ),
    "the last day, of what never expires": (
        need(PROGRAMME, "expiry_dateint"),
        told(),
        (Known.ENOUGH, 100, None),
    ),
    "no figures": (need(PROGRAMME), None, NO_FIGURES),
    "hers is too new for the figures": (need(PROGRAMME), Holders(COUNTED, {}), NO_FIGURES),
    "hers is too new, and another that fits is held by many": (
        need(eqf_level=(">=", 4)),
        Holders(COUNTED, {OTHER: OfEdition(20, {})}),
        (Known.ENOUGH, 20, None),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_known_follows_from_what_the_answer_tells(case: str) -> None:
    asked, figures, known = CASES[case]
    people = people_of(asked, hers(), figures, EDITIONS, today=TODAY)
    assert (people.known, people.at_least, people.why) == known
    assert people.counted == (figures and COUNTED)


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        (need(PROGRAMME, expiry_dateint=(">=", 20261121)), (Known.ENOUGH, 100)),
        (need(PROGRAMME, expiry_dateint=(">=", 20271121)), (Known.ENOUGH, 20)),
        (need(PROGRAMME, expiry_dateint=(">=", 20281121)), (Known.UNKNOWN, 0)),
        (need(PROGRAMME, "expiry_dateint"), (Known.ENOUGH, 20)),
    ],
    ids=["valid today", "valid for a year", "valid when hers is not", "its last day"],
)
def test_the_last_day_follows_from_the_day_of_award(asked: Need, known: tuple[Known, int]) -> None:
    people = people_of(asked, hers(LASTING), told(), {EDITION_ID: LASTING}, today=TODAY)
    assert (people.known, people.at_least) == known


def test_a_day_since_the_figures_is_not_in_them() -> None:
    asked = need(PROGRAMME, "awarded_dateint")
    people = people_of(asked, hers(on=COUNTED), told(), EDITIONS, today=TODAY)
    assert (people.known, people.why) == (Known.UNKNOWN, Why.NARROWED)
    assert people.about == ("awarded_dateint",)


def test_an_edition_that_cannot_be_read_may_be_one_that_fits() -> None:
    asked = need(eqf_level=(">=", 4))
    figures = told(0, other=500)
    assert worth_reading(asked, hers(), figures) == (OTHER,)
    people = people_of(asked, hers(), figures, {}, today=TODAY)
    assert (people.known, people.why) == (Known.UNKNOWN, Why.NO_FIGURES)


def test_of_an_answer_to_several_needs_only_few_stay_known() -> None:
    needs = [need(PROGRAMME), need("title")]
    assert together(People(Known.ENOUGH, 100, counted=COUNTED), needs) == People(
        Known.UNKNOWN, why=Why.TOGETHER, counted=COUNTED
    )
    assert together(People(Known.FEW), needs) == People(Known.FEW)
    assert together(People(Known.ENOUGH, 100), needs[:1]) == People(Known.ENOUGH, 100)


@pytest.mark.parametrize("name", ["given_name", "family_name"])
def test_an_answer_that_shows_a_name_anywhere_names_her(name: str) -> None:
    assert names_her([need(PROGRAMME), need(name)])
    assert not names_her([need(PROGRAMME), need("grade")])


AWARDS = st.dictionaries(
    st.tuples(st.sampled_from((EDITION_ID, OTHER, HARDER)), st.sampled_from((DAY, OTHER_DAY))),
    st.integers(1, 150),
)
ASKED = st.builds(
    lambda names, bounds: need(*sorted(names), **bounds) if names or bounds else need("title"),
    st.sets(st.sampled_from(("achievement_id", "title", "eqf_level", "awarded_dateint", "expiry_dateint"))),
    st.dictionaries(
        st.sampled_from(("eqf_level", "awarded_dateint")),
        st.sampled_from(((">=", 4), (">=", 20260401), ("<=", 20260401))),
        max_size=1,
    ),
)


@given(AWARDS, ASKED)
def test_it_never_says_more_than_there_are_nor_few_where_one_programme_has_many(
    awards: Mapping[tuple[str, date], int], asked: Need
) -> None:
    """Against the truth: everybody who was awarded something is asked the same."""
    awards = {**awards, (EDITION_ID, DAY): awards.get((EDITION_ID, DAY), 1)}
    figures = read_holders(holders_content(ISSUER, COUNTED, EDITIONS, awards))
    holder = hers()
    if not all(part.holds_for(holder.attributes[part.attribute]) for part in asked.predicates):
        return
    people = people_of(asked, holder, figures, EDITIONS, today=TODAY)
    true: dict[str, int] = {}
    for (name, day), number in awards.items():
        facts = AwardFacts("id", "x", None, day, "s" * 16)
        other = attributes(name, EDITIONS[name], facts)
        same = all(other[one] == holder.attributes[one] for one in asked.revealed)
        if same and all(part.holds_for(other[part.attribute]) for part in asked.predicates):
            true[name] = true.get(name, 0) + number
    assert people.at_least <= max(true.values())
    if people.known is Known.FEW:
        assert max(true.values()) < FEW
    if people.known is Known.ENOUGH:
        assert people.at_least >= FEW


def a_request(holders: Holders | None, *names: str) -> tuple[Any, MemoryStore, Any]:
    asked: dict[str, Any] = {"name": "x", "requested_attributes": {"need_0": {"names": list(names)}}}
    store = MemoryStore(
        held={"c1": hers()},
        asked={"r1": RequestExchange("r1", "connection-1", RequestState.OPEN, asked, None)},
    )
    facts = MemoryFacts(
        editions={name: EditionFound(name, edition, {}) for name, edition in EDITIONS.items()},
        told={} if holders is None else {ISSUER: holders},
    )
    return a_wallet(store), store, a_desk(facts=facts)


async def test_few_are_warned_of_beside_the_credential_and_to_be_acknowledged() -> None:
    wallet, store, desk = a_request(told(0), PROGRAMME, "title")

    view = await read_request(wallet, "r1", desk=desk)

    (candidate,) = view.needs[0].candidates
    assert WarningCode.FEW_PEOPLE in {one.code for one in candidate.warnings}
    shown = RequestOut.of(view).needs[0].candidates[0]
    assert shown.people is not None
    assert (shown.people.known, shown.people.words) == ("few", {})
    assert any("fewer than twenty people" in one.words["en"] for one in shown.warnings)
    with pytest.raises(WarningUnseen) as unseen:
        await consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged={"unproven"}, desk=desk)
    assert list(unseen.value.codes) == ["few-people"]
    await consent_to_request(
        wallet, "r1", {"need_0": "c1"}, acknowledged={"unproven", "few-people"}, desk=desk
    )
    assert store.sent


@pytest.mark.parametrize(
    ("holders", "names", "known"),
    [
        (told(0), (PROGRAMME, "given_name"), None),
        (told(), (PROGRAMME,), "enough"),
        (None, (PROGRAMME,), "unknown"),
        (replace(told(0), counted=TODAY - BELIEVED_FOR - timedelta(days=1)), (PROGRAMME,), "unknown"),
    ],
    ids=["her name is shown", "enough", "no figures", "old figures"],
)
async def test_what_is_not_known_to_be_few_stops_nobody(
    holders: Holders | None, names: tuple[str, ...], known: str | None
) -> None:
    wallet, store, desk = a_request(holders, *names)

    view = await read_request(wallet, "r1", desk=desk)
    await consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged={"unproven"}, desk=desk)

    people = RequestOut.of(view).needs[0].candidates[0].people
    assert (people and people.known) == known
    assert store.sent


def test_what_is_told_has_words_for_each_case() -> None:
    assert PEOPLE["en"].keys() == {"enough", *Why}
    for why in Why:
        said = people_said(People(Known.UNKNOWN, why=why, about=("grade",)))
        assert said.keys() == PEOPLE.keys()
    assert "At least 100 people" in people_said(People(Known.ENOUGH, 100))["en"]
    assert "Grade" in people_said(People(Known.UNKNOWN, why=Why.NARROWED, about=("grade",)))["en"]
