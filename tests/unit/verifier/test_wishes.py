"""A learner asks for what she showed to be deleted: matched by her connection alone, done or refused, and told."""

import logging
from datetime import timedelta
from itertools import count

import pytest

from shared.contracts.deletion_words import DELETED, REFUSED, WISHES
from tests.contract.verifier.test_requests import NOW, answered, asked, created, judged
from tests.support.verifier_fakes import Clock, MemoryLetters, MemoryRequests, MemoryWishes
from verifier.domain.request import Answered, Judged, Request, decline, expire, forget, withdraw
from verifier.domain.wish import Deleted, Refused, nothing_left
from verifier.errors import NoWish, RequestFinished, RequestUnknown
from verifier.use_cases.answer_wishes import AnswerWishes
from verifier.use_cases.erase_answer import EraseAnswer
from verifier.use_cases.refuse_deletion import RefuseDeletion
from verifier.use_cases.take_wishes import TakeWishes

ID = created().stated.id


class Verifier:
    """Everything about wishes, over memory."""

    def __init__(self, *requests: Request) -> None:
        self.clock = Clock(NOW)
        self.requests = MemoryRequests()
        self.requests.stored = {each.stated.id: each for each in requests}
        self.wishes = MemoryWishes(self.requests)
        self.letters = MemoryLetters()
        numbers = count(1)

        def new_id() -> str:
            return f"answer-{next(numbers)}"

        self.take = TakeWishes(self.requests, self.wishes, self.letters, self.clock)
        self.answer = AnswerWishes(self.requests, self.wishes, self.letters, new_id, self.clock)
        self.erase = EraseAnswer(self.requests, self.wishes, new_id=new_id, clock=self.clock)
        self.refuse = RefuseDeletion(self.requests, self.wishes, new_id=new_id, clock=self.clock)

    async def hears(self, content: str, connection: str = "connection-1") -> None:
        self.letters.arrives(content, connection=connection)
        await self.take()


async def test_her_wish_stands_with_the_request_asked_over_her_connection() -> None:
    verifier = Verifier(judged(1), judged(2))
    await verifier.hears(WISHES["ar"], "connection-2")
    assert list(verifier.wishes.stored) == [created(2).stated.id]
    assert verifier.wishes.stored[created(2).stated.id].language == "ar"
    assert verifier.letters.lying == []


async def test_a_strangers_wish_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    verifier = Verifier(judged())
    with caplog.at_level(logging.WARNING):
        await verifier.hears(WISHES["en"], "a stranger's")
    assert verifier.wishes.stored == {}
    assert verifier.letters.lying == []
    assert "is for no request; it is refused" in caplog.text


async def test_a_message_that_asks_for_nothing_is_dropped() -> None:
    verifier = Verifier(judged())
    await verifier.hears("Good morning")
    assert verifier.wishes.stored == {}
    assert verifier.letters.lying == []


async def test_when_it_is_deleted_she_is_told_once_in_her_language() -> None:
    verifier = Verifier(judged())
    await verifier.hears(WISHES["fr"])
    await verifier.answer()
    assert verifier.letters.sent == []

    erased = await verifier.erase(ID)
    await verifier.answer()
    await verifier.answer()

    assert erased.disclosed is None
    assert erased.receipt == judged().receipt
    assert verifier.letters.sent == [("connection-1", "answer-1", DELETED["fr"])]
    wish = verifier.wishes.stored[ID]
    assert (wish.answer, wish.told_at) == (Deleted(NOW), NOW)


async def test_a_refusal_is_told_with_its_reason_and_is_not_the_last_word() -> None:
    verifier = Verifier(judged())
    await verifier.hears(WISHES["en"])
    await verifier.refuse(ID, "We must keep it for an audit.")
    await verifier.answer()
    assert verifier.letters.sent[-1][2] == f"{REFUSED['en']}\n\nWe must keep it for an audit."
    assert verifier.wishes.stored[ID].answer == Refused(NOW, "We must keep it for an audit.")

    await verifier.requests.save(forget(judged()), expected=Judged)  # her days are over
    await verifier.answer()
    assert verifier.letters.sent[-1][2] == DELETED["en"]


async def test_what_was_deleted_before_she_asked_is_answered_at_once() -> None:
    verifier = Verifier(forget(judged()))
    await verifier.hears(WISHES["en"])
    await verifier.answer()
    assert [content for _, _, content in verifier.letters.sent] == [DELETED["en"]]


async def test_asked_again_it_is_answered_again_under_the_same_id() -> None:
    verifier = Verifier(forget(judged()))
    await verifier.hears(WISHES["en"])
    await verifier.hears(WISHES["en"])
    await verifier.answer()
    await verifier.hears(WISHES["en"])
    await verifier.answer()
    assert verifier.letters.sent == [("connection-1", "answer-1", DELETED["en"])] * 2


async def test_an_answer_whose_connection_is_gone_counts_as_told() -> None:
    verifier = Verifier(forget(judged()))
    await verifier.hears(WISHES["en"])
    verifier.letters.gone.add("connection-1")
    await verifier.answer()
    assert verifier.wishes.stored[ID].told_at == NOW


async def test_nothing_is_refused_that_nobody_wished_or_that_is_deleted_or_unknown() -> None:
    verifier = Verifier(judged())
    with pytest.raises(NoWish, match="has not asked for deletion"):
        await verifier.refuse(ID, "No.")
    with pytest.raises(RequestUnknown, match="no request has the id nobody"):
        await verifier.refuse("nobody", "No.")
    await verifier.hears(WISHES["en"])
    await verifier.erase(ID)
    with pytest.raises(RequestFinished, match="deleted already"):
        await verifier.refuse(ID, "No.")


async def test_an_answer_that_is_being_judged_is_not_said_to_be_deleted() -> None:
    verifier = Verifier(answered())
    await verifier.hears(WISHES["en"])
    await verifier.answer()
    assert verifier.letters.sent == []
    with pytest.raises(RequestFinished):
        await verifier.erase(ID)
    assert await verifier.requests.save(forget(judged()), expected=Answered)
    await verifier.answer()
    assert len(verifier.letters.sent) == 1


def test_nothing_is_left_where_nothing_came_or_all_is_forgotten() -> None:
    later = NOW + timedelta(days=1)
    for request in (
        forget(judged()),
        decline(asked(), "no", now=later),
        expire(asked(), now=later),
        withdraw(asked(), now=later),
    ):
        assert nothing_left(request)
    for waiting in (created(), asked(), answered(), judged()):
        assert not nothing_left(waiting)
