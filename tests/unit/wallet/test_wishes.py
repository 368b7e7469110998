"""She asks that what she showed be deleted: over the way her answer went, once, until it is answered."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import JsonValue

from shared.contracts.deletion_words import DELETED, REFUSED, WISHES
from shared.contracts.reminders import Reminders
from tests.support.wallet_fakes import NOW, MemoryStore, a_desk, a_wallet
from tests.unit.wallet.test_answering import a_request, payload
from wallet.domain.history import Entry, Kind
from wallet.domain.wish import KEPT_BEYOND, REMINDED_FOR, NotAsked, Wish
from wallet.errors import EntryUnknown, NothingShared, VerifierOutOfReach
from wallet.use_cases.ask_issuer import THEIRS
from wallet.use_cases.consent_to_request import consent_to_request
from wallet.use_cases.please_delete import (
    ANSWERED_OVER,
    MINE,
    please_delete,
    read_deletions,
    send_unsent_wishes,
)
from wallet.use_cases.remind_others import remind_others
from wallet.use_cases.write_history import read_history, write_entry

SHARE = Entry("share", NOW, Kind.SHARED, "r1", who="Kazi Jobs")


async def a_share(entry: Entry = SHARE, *, connection: str | None = "over") -> MemoryStore:
    store = MemoryStore()
    await write_entry(store, entry)
    if connection is not None:
        store.kept[ANSWERED_OVER] = {entry.subject: {"connection_id": connection}}
    return store


def arrives(store: MemoryStore, content: str, *, over: str = "over", minutes: float = 0) -> None:
    kept = store.kept.setdefault(THEIRS, {})
    kept[f"note-{len(kept)}"] = {
        "connection_id": over,
        "content": content,
        "at": (NOW + timedelta(minutes=minutes)).isoformat(),
    }


async def standing(store: MemoryStore) -> Wish | NotAsked:
    wallet = a_wallet(store)
    return (await read_deletions(wallet, await read_history(wallet)))["share"]


async def test_her_wish_goes_over_the_connection_of_her_answer_in_her_language_and_once() -> None:
    store = await a_share()
    wallet, desk = a_wallet(store), a_desk()
    assert await standing(store) == NotAsked(reachable=True)

    for _ in range(2):
        wish = await please_delete(wallet, "share", language="sw", desk=desk)
        assert (wish.at, wish.sent, wish.answer) == (NOW, True, None)

    assert list(store.written.values()) == [("over", WISHES["sw"])]
    assert await standing(store) == wish


async def test_what_she_answered_can_be_asked_back_as_long_as_it_is_kept() -> None:
    wallet, store, desk = a_request(payload())
    await consent_to_request(wallet, "r1", {"need_0": "c1"}, acknowledged=(), desk=desk)
    connection = store.asked["r1"].connection_id
    assert connection is not None
    assert store.in_touch[connection] == desk.clock() + timedelta(days=payload()["keep_days"]) + KEPT_BEYOND
    store.asked.clear()  # the exchange is past

    (entry,) = await read_history(wallet)
    await please_delete(wallet, entry.id, language="en", desk=desk)

    assert list(store.written.values()) == [(connection, WISHES["en"])]


@pytest.mark.parametrize(
    ("contents", "state", "because"),
    [
        ([], None, None),
        (["Good morning", WISHES["en"]], None, None),
        ([DELETED["fr"]], True, ""),
        ([f"{REFUSED['en']}\n\nFor an audit."], False, "For an audit."),
        ([f"{REFUSED['en']}\n\nFirst.", f"{REFUSED['en']}\n\nThen."], False, "Then."),
        ([f"{REFUSED['en']}\n\nFirst.", DELETED["en"]], True, ""),
        ([DELETED["en"], f"{REFUSED['en']}\n\nNo."], True, ""),
    ],
    ids=["nothing", "other words", "deleted", "refused", "refused twice", "then deleted", "deleted stays"],
)
async def test_what_the_verifier_answers_stands_with_the_share(
    contents: list[str], state: bool | None, because: str | None
) -> None:
    store = await a_share()
    await please_delete(a_wallet(store), "share", language="en", desk=a_desk())
    for number, content in enumerate(contents):
        arrives(store, content, minutes=number)

    wish = await standing(store)

    assert isinstance(wish, Wish)
    assert (wish.answer and wish.answer.deleted) is state
    assert (wish.answer and wish.answer.because) == because
    assert wish.is_deleted is (state is True)


async def test_somebody_elses_answer_is_none() -> None:
    store = await a_share()
    await please_delete(a_wallet(store), "share", language="en", desk=a_desk())
    arrives(store, DELETED["en"], over="another")
    broken: dict[str, JsonValue] = {"connection_id": "over", "content": DELETED["en"], "at": "yesterday"}
    store.kept[THEIRS]["broken"] = broken

    wish = await standing(store)

    assert isinstance(wish, Wish)
    assert wish.answer is None


async def test_what_could_not_be_sent_goes_later_under_the_same_id() -> None:
    store = await a_share()
    wallet = a_wallet(store)
    store.silent = True
    assert not (await please_delete(wallet, "share", language="en", desk=a_desk())).sent
    store.silent = False

    await send_unsent_wishes(wallet)
    await send_unsent_wishes(wallet)

    note = store.kept[MINE]["share"]
    assert isinstance(note, dict)
    assert list(store.written) == [note["message_id"]]
    assert (await please_delete(wallet, "share", language="en", desk=a_desk())).sent


async def test_a_wish_without_an_answer_is_said_again_for_a_while_and_an_answered_one_never() -> None:
    store = await a_share()
    wallet = a_wallet(store)
    await please_delete(wallet, "share", language="en", desk=a_desk())

    async def said_again(after: timedelta) -> bool:
        store.written.clear()
        desk = replace(a_desk(), clock=lambda: NOW + after)
        await remind_others(wallet, [], reminders=Reminders(), desk=desk)
        return bool(store.written)

    assert await said_again(timedelta(days=1))
    assert not await said_again(REMINDED_FOR)
    arrives(store, DELETED["en"])
    assert not await said_again(timedelta(days=1))


async def test_only_what_was_shown_is_asked_back() -> None:
    store = await a_share(Entry("declined", NOW, Kind.REQUEST_DECLINED, "r1"))
    wallet = a_wallet(store)
    with pytest.raises(NothingShared, match="nothing was shown to anybody"):
        await please_delete(wallet, "declined", language="en", desk=a_desk())
    with pytest.raises(EntryUnknown, match="Nothing of that id is in this wallet's history"):
        await please_delete(wallet, "another", language="en", desk=a_desk())
    assert await read_deletions(wallet, await read_history(wallet)) == {}


async def test_without_a_known_way_she_is_told_to_write_to_the_organisation() -> None:
    store = await a_share(connection=None)
    assert await standing(store) == NotAsked(reachable=False)
    with pytest.raises(VerifierOutOfReach, match="Write to the organisation"):
        await please_delete(a_wallet(store), "share", language="en", desk=a_desk())
