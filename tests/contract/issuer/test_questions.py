"""What learners ask, from the agent to the officer and back, over SQLite and PostgreSQL; the agent is a fake."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest

from issuer.adapters.sql_past_awards import SqlPastAwards
from issuer.adapters.sql_records import SqlRecords
from issuer.domain.award import Award, Exchange, Issued, Revoked, SentCredential
from issuer.domain.question import MOST_UNANSWERED, Closed
from issuer.domain.revocation import Revocation
from issuer.errors import AgentSilent, QuestionRefusesAction, QuestionUnknown
from issuer.main import MIGRATIONS
from issuer.ports import QuestionRecords, Written
from issuer.use_cases.answer_question import AnswerQuestion
from issuer.use_cases.look_up_questions import LookUpQuestions
from issuer.use_cases.send_answers import SendAnswers
from issuer.use_cases.take_messages import TakeMessages
from shared.adapters.sql import Database
from shared.adapters.sql_outbox import Outbox
from shared.contracts.question_words import Matter, content_of
from tests.support.databases import migrated
from tests.support.issuer import ORG, FakeClock, batch_of, new_id, prepared_award, published_template

SENT = SentCredential(Exchange("hers", "exchange"), "registry", "7")


@dataclass
class FakeMail:
    """`Correspondence`: what lies at the agent, and what it was given."""

    lying: list[Written] = field(default_factory=list)
    sent: dict[str, tuple[str, str]] = field(default_factory=dict)
    silent: bool = False
    gone: bool = False

    async def arrived(self) -> Sequence[Written]:
        return list(self.lying)

    async def taken(self, written_id: str) -> None:
        self.lying = [one for one in self.lying if one.id != written_id]

    async def send(self, connection_id: str, *, message_id: str, content: str) -> bool:
        if self.silent:
            raise AgentSilent("The agent does not answer.")
        self.sent[message_id] = (connection_id, content)
        return not self.gone

    def put(self, content: str, *, connection: str = "hers", message: str | None = None) -> None:
        message = message or f"message-{len(self.lying)}-{len(content)}"
        self.lying.append(Written(f"note-{message}", connection, message, content))


@dataclass
class World:
    """One issued award, and everything that carries questions."""

    db: Database
    records: SqlRecords
    award: Award
    clock: FakeClock
    mail: FakeMail

    def __post_init__(self) -> None:
        records: QuestionRecords = self.records
        self.take = TakeMessages(records, self.mail, self.clock)
        self.send = SendAnswers(records, self.mail, self.clock)
        self.answer = AnswerQuestion(records, new_id, self.clock)
        self.look_up = LookUpQuestions(records)

    async def asked(self, text: str = "It is Wanjiru.", matter: Matter = Matter.NAME) -> None:
        self.clock.pass_by(minutes=1)
        self.mail.put(content_of(matter, text, "sw"), message=str(new_id()))
        await self.take()


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with migrated(database_url, MIGRATIONS) as db:
        records, clock = SqlRecords(db, Outbox(db)), FakeClock()
        template = published_template()
        batch = batch_of(template)
        award = prepared_award(template, batch)
        async with records.transaction() as tx:
            await tx.save_template(template)
            await tx.add_batch(batch, [award])
        award = replace(award, state=Issued(SENT))
        async with records.transaction() as tx:
            await tx.save_award(award)
        yield World(db, records, award, clock, FakeMail())


async def test_a_message_on_the_awards_connection_begins_its_thread_and_leaves_the_agent(
    world: World,
) -> None:
    await world.asked("It is <b>Wanjiru</b>.")

    (seen,) = await world.look_up.waiting(ORG, limit=10)
    assert (seen.question.matter, seen.question.state_name) == (Matter.NAME, "open")
    assert [line.text for line in seen.question.lines] == ["It is <b>Wanjiru</b>."]
    assert seen.award.id == world.award.id
    assert world.mail.lying == []


async def test_a_plain_message_from_another_wallet_is_understood(world: World) -> None:
    world.mail.put("Hello, my name\x00 is wrong\r\nsee?")
    await world.take()

    (seen,) = await world.look_up.waiting(ORG, limit=10)
    assert seen.question.matter is Matter.OTHER
    assert seen.question.lines[0].text == "Hello, my name is wrong\nsee?"


async def test_the_same_message_again_is_filed_once(world: World) -> None:
    for _ in range(2):
        world.mail.put("Once.", message="the-same")
        await world.take()

    assert len((await world.look_up.question(ORG, world.award.id)).question.lines) == 1


async def test_what_comes_over_any_other_connection_is_nobodys(world: World) -> None:
    world.mail.put(content_of(Matter.NOT_MINE, "", "en"), connection="a-strangers")
    await world.take()

    assert world.mail.lying == []
    assert await world.look_up.questions(ORG, state=None, after=None, limit=10) == []


async def test_who_lost_the_award_since_may_still_ask_why(world: World) -> None:
    revoked = Revocation(new_id(), ORG, world.award.id, SENT, "A mistake.", world.clock())
    async with world.records.transaction() as tx:
        award = await tx.award(ORG, world.award.id)
        assert award is not None
        await tx.save_award(replace(award, state=Revoked("A mistake.", world.clock())))
        await tx.save_revocation(revoked)

    await world.asked("Why?", Matter.OTHER)

    assert [seen.award.state_name for seen in await world.look_up.waiting(ORG, limit=10)] == ["revoked"]


async def test_an_answer_goes_back_over_the_connection_the_question_came_by_once(world: World) -> None:
    await world.asked()
    world.clock.pass_by(hours=1)
    answered = await world.answer(ORG, world.award.id, "Corrected.", by="member:1")
    assert answered.state_name == "answered"
    assert await world.look_up.waiting(ORG, limit=10) == []

    world.mail.silent = True
    with pytest.raises(AgentSilent):
        await world.send()
    world.mail.silent = False
    await world.send()
    await world.send()

    assert list(world.mail.sent.values()) == [("hers", "Corrected.")]
    line = (await world.look_up.question(ORG, world.award.id)).question.lines[1]
    assert (line.by, line.sent_at) == ("member:1", world.clock())


async def test_an_answer_without_a_connection_any_more_stays_in_the_thread(world: World) -> None:
    await world.asked()
    await world.answer(ORG, world.award.id, "Too late.", by="member:1")
    world.mail.gone = True
    await world.send()

    assert (await world.look_up.question(ORG, world.award.id)).question.lines[1].sent_at is not None


async def test_a_closed_question_opens_again_when_the_learner_writes(world: World) -> None:
    await world.asked()
    with pytest.raises(QuestionRefusesAction, match="The question is open"):
        await world.answer.close(ORG, world.award.id)
    await world.answer(ORG, world.award.id, "It stays as it is.", by="member:1")
    closed = await world.answer.close(ORG, world.award.id)
    assert closed.state == Closed()

    await world.asked("But why?", Matter.OTHER)

    question = (await world.look_up.question(ORG, world.award.id)).question
    assert (question.state_name, len(question.lines)) == ("open", 3)


async def test_so_many_messages_are_taken_until_an_officer_answers(world: World) -> None:
    for number in range(MOST_UNANSWERED + 2):
        await world.asked(f"Message {number}.")
    assert len((await world.look_up.question(ORG, world.award.id)).question.lines) == MOST_UNANSWERED

    await world.answer(ORG, world.award.id, "One at a time, please.", by="member:1")
    await world.asked("Sorry.")

    assert len((await world.look_up.question(ORG, world.award.id)).question.lines) == MOST_UNANSWERED + 2


async def test_another_organisation_finds_nothing(world: World) -> None:
    await world.asked()

    assert await world.look_up.waiting("elimu", limit=10) == []
    for act in (
        world.look_up.question("elimu", world.award.id),
        world.answer("elimu", world.award.id, "Hello", by="member:2"),
        world.answer.close("elimu", world.award.id),
    ):
        with pytest.raises(QuestionUnknown, match="Nobody asked about an award"):
            await act


async def test_lists_come_in_states_and_parts(world: World) -> None:
    await world.asked()
    await world.answer(ORG, world.award.id, "Yes.", by="member:1")

    async def found(state: str | None, after: UUID | None = None) -> int:
        return len(await world.look_up.questions(ORG, state=state, after=after, limit=10))

    assert [await found(state) for state in (None, "open", "answered")] == [1, 0, 1]
    assert await found(None, after=world.award.id) == 0


async def test_the_thread_goes_with_the_award(world: World) -> None:
    await world.asked()
    async with world.records.transaction() as tx:
        award = await tx.award(ORG, world.award.id)
        assert award is not None
        await tx.save_award(replace(award, state=Revoked("A mistake.", world.clock())))

    dropped = await SqlPastAwards(world.db).drop_ended(before=world.clock() + timedelta(days=1))

    assert dropped == 1
    with pytest.raises(QuestionUnknown):
        await world.look_up.question(ORG, world.award.id)


async def test_the_thread_goes_when_the_graduates_name_goes(world: World) -> None:
    await world.asked()
    past = SqlPastAwards(world.db)
    soon = world.clock() + timedelta(days=1)

    assert await past.forget_names(before=world.clock() - timedelta(days=1), ended_because=None) == 0
    assert (await world.look_up.question(ORG, world.award.id)).question.lines
    assert await past.forget_names(before=soon, ended_because=None) == 1

    with pytest.raises(QuestionUnknown):
        await world.look_up.question(ORG, world.award.id)


async def test_what_was_asked_and_answered_stands_in_the_awards_history(world: World) -> None:
    await world.asked()
    await world.answer(ORG, world.award.id, "Yes.", by="member:1")

    async with world.records.reading() as tx:
        events = await tx.events_of(ORG, world.award.id)
    assert [event.what.value for event in events][-2:] == ["asked", "answered"]
