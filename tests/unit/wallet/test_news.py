"""What she is told of what she holds, until she has seen it."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.support.wallet_fakes import NOW, MemoryStore, a_credential, a_desk, a_wallet
from wallet.domain.answer import Holding
from wallet.domain.credential import EditionMissing, Status, StatusState
from wallet.domain.news import SOON, NewsKind, corrections, last_day, news_of, seen_in
from wallet.domain.question import Line, Thread
from wallet.errors import CredentialUnknown
from wallet.use_cases.read_credentials import read_credential
from wallet.use_cases.read_home import SEEN, note_news, read_news
from wallet.use_cases.settle_exchanges import SETTLED

SILENT = Thread((), can_write=True)


def holding(state: StatusState, *, until: date | None = None, since: datetime | None = None) -> Holding:
    credential = a_credential()
    expiry = until.strftime("%Y%m%d") if until else "99991231"
    held = replace(credential, attributes={**credential.attributes, "expiry_dateint": expiry})
    return Holding(held, EditionMissing(None, "none"), Status(state, "why", since=since))


def told(of: Holding, thread: Thread = SILENT, *, corrected_by: str | None = None) -> list[NewsKind]:
    return [one.kind for one in news_of(of, thread, corrected_by=corrected_by, seen=(), now=NOW)]


@pytest.mark.parametrize(
    ("state", "since", "kinds"),
    [
        (StatusState.VALID, None, []),
        (StatusState.UNKNOWN, None, []),
        (StatusState.REVOKED, None, [NewsKind.REVOKED]),
        (StatusState.SUSPENDED, NOW, [NewsKind.SUSPENDED]),
        (StatusState.VALID, NOW, [NewsKind.REINSTATED]),
        (StatusState.EXPIRED, None, [NewsKind.EXPIRED]),
    ],
)
def test_a_state_that_is_not_plainly_valid_is_news(
    state: StatusState, since: datetime | None, kinds: list[NewsKind]
) -> None:
    assert told(holding(state, since=since)) == kinds


@pytest.mark.parametrize(("days", "kinds"), [(SOON.days, [NewsKind.EXPIRING]), (SOON.days + 1, [])])
def test_an_end_is_told_sixty_days_before(days: int, kinds: list[NewsKind]) -> None:
    assert told(holding(StatusState.VALID, until=(NOW + timedelta(days=days)).date())) == kinds


def test_an_answer_is_news_and_her_own_message_is_not() -> None:
    hers = Line("1", "connection", NOW, mine=True, matter=None, text="?")
    theirs = replace(hers, id="2", mine=False)

    assert told(holding(StatusState.VALID), Thread((hers, theirs), can_write=True)) == [NewsKind.ANSWERED]
    assert told(holding(StatusState.VALID), Thread((theirs, hers), can_write=True)) == []


def test_one_that_took_anothers_place_is_news_beside_its_state() -> None:
    assert told(holding(StatusState.REVOKED), corrected_by="offer-2") == [
        NewsKind.REVOKED,
        NewsKind.CORRECTED,
    ]


def test_what_she_has_seen_is_told_again_when_it_happens_again() -> None:
    first = holding(StatusState.SUSPENDED, since=NOW)
    (news,) = news_of(first, SILENT, corrected_by=None, seen=(), now=NOW)
    later = holding(StatusState.SUSPENDED, since=NOW + timedelta(days=1))

    assert news_of(first, SILENT, corrected_by=None, seen=[news.key], now=NOW) == ()
    assert len(news_of(later, SILENT, corrected_by=None, seen=[news.key], now=NOW)) == 1


def test_notes_of_another_shape_are_no_news() -> None:
    assert (
        corrections({"a": None, "b": {"credential_id": "c"}, "d": {"credential_id": "e", "replaced": []}})
        == {}
    )
    assert corrections({"a": {"credential_id": "c", "replaced": ["b"]}}) == {"c": ("a", ("b",))}
    assert seen_in(["x"]) == seen_in({"keys": "x"}) == frozenset()
    assert last_day({"expiry_dateint": "soon"}) is None


async def test_what_she_notes_is_remembered_in_her_store() -> None:
    credential = a_credential()
    store = MemoryStore(
        held={credential.id: credential},
        kept={SETTLED: {"offer-2": {"credential_id": credential.id, "replaced": ["before"]}}},
    )
    wallet, desk = a_wallet(store), a_desk()
    shown = await read_credential(wallet, credential.id, desk=desk)
    assert NewsKind.CORRECTED in [one.kind for one in await read_news(wallet, shown, desk=desk)]

    await note_news(wallet, credential.id, desk=desk)
    await note_news(wallet, credential.id, desk=desk)

    assert await read_news(wallet, shown, desk=desk) == []
    assert list(store.kept[SEEN]) == [credential.id]
    with pytest.raises(CredentialUnknown):
        await note_news(wallet, "another", desk=desk)
