"""Her history as its pages say it: what was noted years ago too."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.deletion_words import DeletionAnswer
from shared.web.languages import LANGUAGES
from tests.support.wallet_fakes import EDITION, EDITION_ID, ISSUER, NOW, VERIFIER
from wallet.domain.history import Entry, Kind
from wallet.domain.wish import Deletion, NotAsked, Wish
from wallet.entry.past_view import RESULTS, PastPage, past_page, past_row, programmes_shown
from wallet.entry.sharing_words import WORDS
from wallet.use_cases import write_history

SHOWN = {"achievement_id": EDITION_ID, "awarded_dateint": "20260314"}
NEED = {
    "need": "need_0",
    "credential_id": "credential-1",
    "title": "Data Analytics Foundations",
    "revealed": {"Awarded on": "14 March 2026"},
    "proven": ["still valid on 21 November 2026"],
    "shown": SHOWN,
    "compared": [{"attribute": "expiry_dateint", "operator": ">=", "value": 20261121}],
}


def entry(kind: Kind = Kind.SHARED, /, outcome: str | None = None, **said: Any) -> Entry:  # noqa: ANN401
    whole: dict[str, Any] = {
        "purpose": "Application",
        "keep_days": 30,
        "needs": [NEED],
        "listing": None,
        "warned": [],
    }
    return Entry("e1", NOW, kind, "r1", None, VERIFIER, whole | said, outcome)


def page(
    one: Entry, language: str = "en", *, later: int = 0, deletion: Deletion | None = None, held: str = ""
) -> PastPage:
    return past_page(
        one,
        (),
        language,
        now=NOW + timedelta(days=later),
        held=[held],
        editions={EDITION_ID: EDITION.edition},
        deletion=deletion,
    )


def test_what_was_shown_is_read_in_her_language_with_the_programme_by_name() -> None:
    (part,) = page(entry(), "sw").parts

    assert part.seen == (
        ("Programu inayohusika", EDITION.edition.title("sw")),
        ("Tarehe ya kutolewa", "14 Machi 2026"),
    )
    assert part.learned == ("Bado ni halali tarehe 21 Novemba 2026",)
    assert programmes_shown(entry()) == (EDITION_ID,)


def test_a_note_from_before_values_were_kept_as_signed_is_read_as_it_stands() -> None:
    old = {name: NEED[name] for name in ("need", "credential_id", "revealed", "proven")}

    (part,) = page(entry(needs=[old])).parts

    assert part.seen == (("Date of award", "14 March 2026"),)
    assert part.learned == ("still valid on 21 November 2026",)
    assert programmes_shown(entry(needs=[old])) == ()


def test_the_credential_is_led_to_while_she_holds_it() -> None:
    assert page(entry(), held="credential-1").parts[0].credential_id == "credential-1"
    assert page(entry()).parts[0].credential_id is None


def test_what_she_received_is_led_to_and_what_replaced_it() -> None:
    received = Entry("e1", NOW, Kind.CREDENTIAL_STORED, "o1", said={"title": "T", "credential_id": "old"})
    replaced = Entry("e1", NOW, Kind.CREDENTIAL_REPLACED, "o2", said={"credential_id": "old", "by": "new"})

    assert page(received, held="old").credential_id == "old"
    assert page(received, held="new").credential_id is None
    assert page(replaced, held="new").credential_id == "new"


@pytest.mark.parametrize(
    ("said", "later", "kept"),
    [
        ({}, 0, "They keep it until 21 December 2026 at the latest."),
        ({}, 30, "They keep it until 21 December 2026 at the latest."),
        ({}, 31, "They had to delete it by 21 December 2026."),
        ({"keep_days": None}, 0, "They did not say how long."),
    ],
)
def test_until_when_it_is_kept_is_worked_out(said: dict[str, Any], later: int, kept: str) -> None:
    assert page(entry(**said), later=later).kept == kept


def test_every_outcome_that_is_noted_has_words() -> None:
    assert RESULTS.keys() == set(write_history.TOLD.values())
    for outcome in RESULTS:
        assert past_row(entry(outcome=outcome), (), "en").result
    assert past_row(entry(), (), "en").result is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_entry_is_said(kind: Kind, language: str) -> None:
    row = past_row(entry(kind), (), language)

    assert row.did == WORDS[language][f"sharing_did_{kind}"] != WORDS[language]["sharing_did_other"]


def test_nobody_known_is_said_to_be_nobody_known_and_only_where_somebody_asked() -> None:
    stranger = Entry("e1", NOW, Kind.SHARED, "r1", said={"listing": None})
    offered = Entry("e1", NOW, Kind.OFFER_ACCEPTED, "o1", who_did=ISSUER)

    assert page(stranger).who == "Somebody unknown"
    assert page(stranger).listed == "Nobody proved who asks."
    assert page(entry()).who == "An organisation that nobody vouches for"
    assert page(offered).who is None
    assert page(offered).listed is None
    assert page(offered).kept is None


def test_what_she_was_warned_of_is_said_and_a_code_of_a_later_version_left_out() -> None:
    noted = [{"code": "unproven", "about": ["unsigned"]}, {"code": "from-the-year-2031", "about": []}]

    assert page(entry(warned=noted)).warned == ("Nobody proved who asks. The request is not signed.",)


@pytest.mark.parametrize(
    ("deletion", "can_ask", "said", "because"),
    [
        (NotAsked(reachable=True), True, None, None),
        (NotAsked(reachable=False), False, "cannot be reached from this wallet any more", None),
        (Wish("c1", NOW, sent=False), False, "goes as soon as there is a connection", None),
        (Wish("c1", NOW, sent=True), False, "They have not answered yet.", None),
        (
            Wish("c1", NOW, sent=True, answer=DeletionAnswer(deleted=True), answered_at=NOW),
            False,
            "They say that they deleted it on 21 November 2026, 12:00 UTC.",
            None,
        ),
        (
            Wish(
                "c1",
                NOW,
                sent=True,
                answer=DeletionAnswer(deleted=False, because="The law."),
                answered_at=NOW,
            ),
            False,
            "they answered that they keep it",
            "The law.",
        ),
    ],
    ids=["not asked", "out of reach", "unsent", "asked", "deleted", "refused"],
)
def test_how_her_wish_stands_is_said(
    deletion: Deletion, can_ask: bool, said: str | None, because: str | None
) -> None:
    wished = page(entry(), deletion=deletion).wished

    assert wished is not None
    assert (wished.can_ask, wished.because) == (can_ask, because)
    assert (wished.words is None) if said is None else (said in (wished.words or ""))
