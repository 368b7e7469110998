"""Rows of a spreadsheet until they are awards: over the memory that stands in, SQLite and PostgreSQL."""

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy.exc import IntegrityError

from issuer.adapters.sql_records import SqlRecords
from issuer.domain.award import Award
from issuer.domain.batch import Batch, Checking, Preparing, RowState, SameAward, SameRow, Waiting
from issuer.domain.organisation import Organisation
from issuer.domain.template import Template, retire
from issuer.entry.batches_api import Batches
from issuer.errors import (
    BatchRefused,
    BatchRefusesAction,
    BatchUnknown,
    NoSecondPerson,
    RowUnknown,
    SecondPersonAsked,
    TemplateRetired,
)
from issuer.main import MIGRATIONS
from issuer.use_cases.change_row import Change, LeaveOut, Mend, TakeIn
from issuer.use_cases.decide_batch import Approve, Ask, SendBack
from issuer.use_cases.look_up_batch import RowSeen
from issuer.use_cases.prepare_batch import PrepareBatch
from issuer.use_cases.supersede_award import SupersedeAward
from shared.adapters.sql_outbox import Outbox
from tests.support.batches import batches_over
from tests.support.databases import migrated
from tests.support.issuer import (
    DATA,
    DID,
    ORG,
    SECRET,
    FakeClock,
    MemoryRecords,
    new_id,
    prepared_award,
    published_template,
)

GOOD, FAULTY = DATA / "graduates.csv", DATA / "graduates-faulty.csv"
HEADER = "given_name,family_name,email,phone,language,awarded_on,grade_pct\n"
AMINA = "Amina,Wanjiru,amina@example.org,+254700000000,en,2026-03-01,88\n"
OFFICER, APPROVER = "member:officer", "member:approver"
ALL = list(RowState)


@dataclass
class World:
    """An organisation with a published programme."""

    records: SqlRecords | MemoryRecords
    clock: FakeClock
    uses: Batches
    prepare: PrepareBatch
    template: Template

    async def check(
        self, file: Path | str, *, name: str = "cohort.csv", template: Template | None = None
    ) -> Batch:
        content = _bytes(file)
        opened: IO[bytes] = io.BytesIO(content)
        return await self.uses.check(ORG, (template or self.template).id, opened, name=name, by=OFFICER)

    async def rows(self, batch: Batch, *states: RowState) -> Sequence[RowSeen]:
        return await self.uses.look_up.rows(ORG, batch.id, states=states or ALL, after=0, limit=500)

    async def states(self, batch: Batch) -> list[tuple[int, RowState]]:
        return [(seen.row.row, seen.row.state) for seen in await self.rows(batch)]

    async def change(self, batch: Batch, row: int, change: Change) -> RowState:
        return (await self.uses.change_row(ORG, batch.id, row, change)).state

    async def ask(self, batch: Batch) -> Batch:
        return await self.uses.decide(ORG, batch.id, Ask(), by=OFFICER)

    async def awarded(self, batch: Batch) -> list[Award]:
        """Ask, let it be prepared, and return the batch's awards."""
        await self.ask(batch)
        while await self.prepare():
            pass
        return await self.awards(batch)

    async def awards(self, batch: Batch) -> list[Award]:
        async with self.records.reading() as tx:
            return list(await tx.awards(ORG, batch_id=batch.id, after=None, limit=1000))

    async def second_person(self) -> None:
        async with self.records.transaction() as tx:
            known = await tx.organisation(ORG)
            assert known is not None
            await tx.save_profile(replace(known, second_person=True))


@pytest.fixture
async def world(memory_or_url: str | None) -> AsyncIterator[World]:
    if memory_or_url is None:
        yield await furnished(MemoryRecords())
        return
    async with migrated(memory_or_url, MIGRATIONS) as db:
        yield await furnished(SqlRecords(db, Outbox(db)))


@pytest.fixture
async def kept(database_url: str) -> AsyncIterator[World]:
    """Only real databases: the stand-in has neither transactions that run at once nor constraints."""
    async with migrated(database_url, MIGRATIONS) as db:
        yield await furnished(SqlRecords(db, Outbox(db)))


def _bytes(file: Path | str) -> bytes:
    return file.read_bytes() if isinstance(file, Path) else (HEADER + file).encode()


async def furnished(records: SqlRecords | MemoryRecords) -> World:
    clock, template = FakeClock(), published_template()
    async with records.transaction() as tx:
        await tx.add_organisation(Organisation(ORG, "Test", "KE", DID))
        await tx.save_template(template)
    uses, prepare = batches_over(records, clock)
    return World(records, clock, uses, prepare, template)


class TestChecking:
    async def test_keeps_every_row_of_the_faulty_cohort_with_what_is_wrong(self, world: World) -> None:
        batch = await world.check(FAULTY)
        assert (batch.rows, batch.state_name, batch.encoding, batch.separator) == (
            10,
            "draft",
            "utf-8-sig",
            ";",
        )
        states = dict(await world.states(batch))
        assert [row for row, state in states.items() if state is RowState.GOOD] == [2, 11]
        assert [row for row, state in states.items() if state is RowState.DUPLICATE] == [5]
        faulty = await world.rows(batch, RowState.FAULTY)
        assert [(seen.row.row, [c.column for c in seen.row.complaints]) for seen in faulty] == [
            (3, ["family_name"]),
            (4, ["awarded_on"]),
            (6, ["grade_pct"]),
            (7, ["email"]),
            (8, ["awarded_on"]),
            (9, ["given_name"]),
            (10, ["given_name"]),
        ]
        assert await world.awards(batch) == []

    async def test_awards_nothing_and_lists_the_newest_first(self, world: World) -> None:
        first, second = await world.check(GOOD), await world.check(AMINA)
        listed = await world.uses.look_up.batches(ORG, before=None, limit=10)
        assert [batch.id for batch in listed] == [second.id, first.id]
        older = await world.uses.look_up.batches(ORG, before=second.id, limit=10)
        assert [batch.id for batch in older] == [first.id]

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "empty"),
            (b"PK\x03\x04", "workbook"),
            (b"\xff\xfe\x00", "encoding"),
            (b"name\nA\n", "not known"),
            (HEADER.encode(), "no row below"),
            (HEADER.encode() + AMINA.encode() + b'"open', "cannot be split"),
        ],
    )
    async def test_leaves_nothing_of_a_file_it_cannot_use(
        self, world: World, content: bytes, says: str
    ) -> None:
        with pytest.raises(BatchRefused) as refused:
            await world.uses.check(ORG, world.template.id, io.BytesIO(content), name="a.csv", by=OFFICER)
        assert says in refused.value.complaints[0].problem
        async with world.records.reading() as tx:
            assert await tx.unchecked_batches(before=world.clock.now + timedelta(days=1)) == []

    @pytest.mark.parametrize("name", ["../../etc/passwd", "..\\x.csv", "a\x00.csv", "a\nb", "..", "x" * 201])
    async def test_refuses_names_that_lead_elsewhere(self, world: World, name: str) -> None:
        with pytest.raises(BatchRefused, match="name cannot be used"):
            await world.check(AMINA, name=name)

    @pytest.mark.parametrize(
        ("line", "column"),
        [
            ("<b>Amina</b>,Wanjiru,a@example.org,,en,2026-03-01,88", "given_name"),
            ("Amina\x00,Wanjiru,a@example.org,,en,2026-03-01,88", "given_name"),
            ("Amina,Wanjiru,a\x00@example.org,,en,2026-03-01,88", "email"),
            ("Amina,Wanjiru,=a@example.org,,en,2026-03-01,88", "email"),
            ("Amina,\t=1+1,a@example.org,,en,2026-03-01,88", "family_name"),
            ("Amina,@SUM(1),a@example.org,,en,2026-03-01,88", "family_name"),
            ("Amina,Wanjiru\ufffd,a@example.org,,en,2026-03-01,88", "family_name"),
        ],
    )
    async def test_names_what_no_cell_may_hold_and_keeps_it_to_be_mended(
        self, world: World, line: str, column: str
    ) -> None:
        batch = await world.check(f"{line}\n")
        (seen,) = await world.rows(batch)
        assert (seen.row.state, seen.row.complaints[0].column) == (RowState.FAULTY, column)
        clean = {"given_name": "Amina", "family_name": "Wanjiru", "email": "a@example.org"}
        assert await world.change(batch, 2, Mend(clean)) is RowState.GOOD

    async def test_takes_no_cohort_for_a_retired_edition(self, world: World) -> None:
        batch = await world.check(GOOD)
        async with world.records.transaction() as tx:
            await tx.save_template(retire(world.template, now=world.clock.now))
        with pytest.raises(TemplateRetired):
            await world.check(AMINA)
        with pytest.raises(TemplateRetired):
            await world.ask(batch)

    async def test_that_never_ended_is_cleared_away(self, world: World) -> None:
        batch = await world.check(GOOD)
        async with world.records.transaction() as tx:
            await tx.save_batch(replace(batch, state=Checking()))
        await world.uses.discard.unfinished()
        assert (await world.uses.look_up.one(ORG, batch.id)).batch.state_name == "checking"
        world.clock.pass_by(hours=2)
        await world.uses.discard.unfinished()
        with pytest.raises(BatchUnknown):
            await world.uses.look_up.one(ORG, batch.id)


class TestRows:
    async def test_are_mended_left_out_and_taken_in(self, world: World) -> None:
        batch = await world.check(FAULTY)
        assert await world.change(batch, 3, Mend({"family_name": "-"})) is RowState.GOOD
        assert await world.change(batch, 4, Mend({"awarded_on": "2026-02-30"})) is RowState.FAULTY
        assert await world.change(batch, 4, Mend({"awarded_on": "2026-02-28"})) is RowState.GOOD
        assert await world.change(batch, 9, LeaveOut()) is RowState.LEFT_OUT
        assert await world.change(batch, 9, TakeIn()) is RowState.FAULTY
        assert await world.change(batch, 5, TakeIn()) is RowState.GOOD
        _, seen = await world.uses.look_up.row(ORG, batch.id, 3)
        assert seen.row.cells["family_name"] == "-"

    async def test_a_mended_row_that_says_the_same_as_another_is_a_duplicate(self, world: World) -> None:
        batch = await world.check(FAULTY)
        amina = {"given_name": "WANJIRU", "family_name": "Amína", "email": "Graduate1@example.org"}
        assert await world.change(batch, 6, Mend({**amina, "grade_pct": "70"})) is RowState.DUPLICATE
        _, seen = await world.uses.look_up.row(ORG, batch.id, 6)
        assert seen.row.same == SameRow(2)

    async def test_are_not_changed_by_two_at_once_unseen(self, world: World) -> None:
        batch = await world.check(FAULTY)
        outcomes = await asyncio.gather(
            *(world.change(batch, 3, Mend({"family_name": name})) for name in ("Nkosi", "Dlamini")),
            return_exceptions=True,
        )
        refused = [each for each in outcomes if isinstance(each, BatchRefusesAction)]
        assert len(refused) <= 1
        assert RowState.GOOD in outcomes

    async def test_a_row_that_is_not_kept_is_not_found(self, world: World) -> None:
        batch = await world.check(AMINA)
        with pytest.raises(RowUnknown, match="keeps no row 99"):
            await world.uses.look_up.row(ORG, batch.id, 99)
        with pytest.raises(RowUnknown):
            await world.change(batch, 99, LeaveOut())
        with pytest.raises(BatchUnknown):
            await world.uses.look_up.row("other", batch.id, 2)

    async def test_a_row_that_is_an_award_is_not_changed(self, world: World) -> None:
        batch = await world.check(AMINA)
        await world.awarded(batch)
        with pytest.raises(BatchRefusesAction, match="is an award already"):
            await world.change(batch, 2, LeaveOut())


class TestDuplicates:
    @pytest.mark.parametrize(
        "again",
        [
            AMINA,
            "wanjiru,AMÍNA,AMINA@example.org,,en,2026-04-01,90\n",
            "Amina,Wanjiru,,0700 000 000,en,2026-04-01,90\n",
            "Amina,Wanjiru,,,en,2026-03-01,90\n",
        ],
    )
    async def test_of_earlier_batches_are_found_and_awarded_only_if_the_officer_says_so(
        self, world: World, again: str
    ) -> None:
        (earlier,) = await world.awarded(await world.check(AMINA))
        batch = await world.check(again)
        (seen,) = await world.rows(batch)
        assert seen.row.same == SameAward(earlier.id)
        assert seen.earlier is not None
        assert (seen.earlier.batch_id, seen.earlier.at) == (earlier.batch_id, earlier.created_at)
        with pytest.raises(BatchRefusesAction, match="No row can be awarded"):
            await world.ask(batch)
        assert await world.change(batch, 2, TakeIn()) is RowState.GOOD
        assert len(await world.awarded(batch)) == 1

    @pytest.mark.parametrize(
        "other",
        [
            "Amina,Wanjiru,another@example.org,,en,2026-03-01,88\n",
            "Amani,Wanjiru,amina@example.org,,en,2026-03-01,88\n",
            "Amina,Wanjiru,,,en,2026-03-02,88\n",
        ],
    )
    async def test_are_not_people_who_only_share_a_name_or_an_address(self, world: World, other: str) -> None:
        await world.awarded(await world.check(AMINA))
        assert await world.states(await world.check(other)) == [(2, RowState.GOOD)]

    async def test_are_found_across_editions_but_not_across_programmes(self, world: World) -> None:
        await world.awarded(await world.check(AMINA))
        next_edition = replace(published_template(), replaces=world.template.id, root=world.template.id)
        another = published_template("first-aid")
        async with world.records.transaction() as tx:
            await tx.save_template(next_edition)
            await tx.save_template(another)
        assert await world.states(await world.check(AMINA, template=next_edition)) == [
            (2, RowState.DUPLICATE)
        ]
        assert await world.states(await world.check(AMINA, template=another)) == [(2, RowState.GOOD)]

    async def test_are_not_of_awards_that_were_replaced(self, world: World) -> None:
        (earlier,) = await world.awarded(await world.check(AMINA))
        correct = SupersedeAward(world.records, new_id, world.clock, SECRET)
        await correct(ORG, earlier.id, {"given_name": "Amani"}, reason="A mistake.")
        assert await world.states(await world.check(AMINA)) == [(2, RowState.GOOD)]

    async def test_that_came_to_be_since_the_check_stop_the_request_once(self, world: World) -> None:
        first, second = (
            await world.check(AMINA),
            await world.check(AMINA + "Thabo,Nkosi,,,en,2026-03-01,88\n"),
        )
        await world.awarded(first)
        with pytest.raises(BatchRefusesAction, match="1 more rows are of people who got an award"):
            await world.ask(second)
        assert [award.row for award in await world.awarded(second)] == [3]

    async def test_of_batches_asked_for_together_are_awarded_once(self, world: World) -> None:
        first, second = await world.check(AMINA), await world.check(AMINA)
        await world.ask(first)
        await world.ask(second)
        while await world.prepare():
            pass
        assert [len(await world.awards(batch)) for batch in (first, second)] == [1, 0]
        assert await world.states(second) == [(2, RowState.DUPLICATE)]


class TestPreparing:
    async def test_makes_awards_of_the_good_rows_now_and_of_the_others_later(self, world: World) -> None:
        batch = await world.check(FAULTY)
        assert [award.row for award in await world.awarded(batch)] == [2, 11]
        seen = await world.uses.look_up.one(ORG, batch.id)
        assert (seen.batch.state_name, seen.batch.awards, seen.awards) == ("prepared", 2, {"prepared": 2})
        await world.change(batch, 6, Mend({"grade_pct": "70"}))
        assert [award.row for award in await world.awarded(batch)] == [2, 11, 6]
        assert len({award.identity_salt for award in await world.awards(batch)}) == 3

    async def test_that_died_half_way_goes_on_and_doubles_nothing(self, world: World) -> None:
        people = "".join(f"Amina {n},Wanjiru,a{n}@example.org,,en,2026-03-01,88\n" for n in range(450))
        batch = await world.check(people)
        asked = await world.ask(batch)
        assert await world.prepare._next(asked)
        assert len(await world.awards(batch)) == 200
        _, anew = batches_over(world.records, world.clock)
        assert await anew()
        awards = await world.awards(batch)
        assert sorted(award.row for award in awards) == list(range(2, 452))
        assert not await anew()

    async def test_by_two_processes_at_once_makes_one_award_a_row(self, kept: World) -> None:
        people = "".join(f"Amina {n},Wanjiru,a{n}@example.org,,en,2026-03-01,88\n" for n in range(450))
        batch = await kept.check(people)
        await kept.ask(batch)
        await asyncio.gather(*(batches_over(kept.records, kept.clock)[1]() for _ in range(3)))
        assert sorted(award.row for award in await kept.awards(batch)) == list(range(2, 452))

    async def test_a_row_gets_no_second_award_whatever_the_program_does(self, kept: World) -> None:
        batch = await kept.check(AMINA)
        (award,) = await kept.awarded(batch)
        with pytest.raises(IntegrityError):
            async with kept.records.transaction() as tx:
                await tx.add_awards([prepared_award(kept.template, batch, row=award.row)])


class TestASecondPerson:
    async def test_approves_what_she_saw(self, world: World) -> None:
        await world.second_person()
        batch = await world.check(GOOD)
        asked = await world.ask(batch)
        assert isinstance(asked.state, Waiting)
        assert not await world.prepare()
        approved = await world.uses.decide(ORG, batch.id, Approve(asked.state.asked_at), by=APPROVER)
        assert isinstance(approved.state, Preparing)
        await world.prepare()
        assert len(await world.awards(batch)) == 24

    async def test_is_not_the_one_who_uploaded_or_asked(self, world: World) -> None:
        await world.second_person()
        batch = await world.check(GOOD)
        asked = await world.uses.decide(ORG, batch.id, Ask(), by="member:another")
        assert isinstance(asked.state, Waiting)
        for who in (OFFICER, "member:another"):
            with pytest.raises(NoSecondPerson, match="somebody else has to approve"):
                await world.uses.decide(ORG, batch.id, Approve(asked.state.asked_at), by=who)

    async def test_sends_back_with_a_reason_and_what_she_saw_before_is_not_approved(
        self, world: World
    ) -> None:
        await world.second_person()
        batch = await world.check(GOOD)
        asked = await world.ask(batch)
        assert isinstance(asked.state, Waiting)
        back = await world.uses.decide(
            ORG, batch.id, SendBack(asked.state.asked_at, "Two names look wrong."), by=APPROVER
        )
        assert back.state_name == "draft"
        await world.change(batch, 2, LeaveOut())
        world.clock.pass_by(minutes=1)
        await world.ask(batch)
        with pytest.raises(BatchRefusesAction, match="changed since you looked"):
            await world.uses.decide(ORG, batch.id, Approve(asked.state.asked_at), by=APPROVER)

    async def test_what_waits_for_approval_cannot_be_changed(self, world: World) -> None:
        await world.second_person()
        batch = await world.check(GOOD)
        await world.ask(batch)
        with pytest.raises(BatchRefusesAction, match="This batch is waiting"):
            await world.change(batch, 2, LeaveOut())
        with pytest.raises(BatchRefusesAction, match="waits for approval already"):
            await world.ask(batch)
        with pytest.raises(BatchRefusesAction, match="only a draft"):
            await world.uses.discard(ORG, batch.id)

    async def test_where_a_second_person_is_asked_for_nothing_is_awarded_in_one_call(
        self, world: World
    ) -> None:
        await world.second_person()
        content = GOOD.read_bytes()
        with pytest.raises(SecondPersonAsked, match="POST /v1/batches/check"):
            await world.uses.import_batch(ORG, world.template.id, content)
        done = await world.uses.import_batch(ORG, world.template.id, content, dry_run=True)
        assert len(done.sheet.graduates) == 24


async def test_rows_that_an_import_in_one_call_left_behind_are_mended_later(world: World) -> None:
    done = await world.uses.import_batch(
        ORG, world.template.id, FAULTY.read_bytes(), accept_good_rows=True, by=OFFICER
    )
    assert done.batch is not None
    assert dict(await world.states(done.batch))[2] is RowState.AWARDED
    assert await world.change(done.batch, 6, Mend({"grade_pct": "70"})) is RowState.GOOD
    assert [award.row for award in await world.awarded(done.batch)] == [2, 11, 6]


async def test_a_discarded_batch_leaves_no_row(world: World) -> None:
    batch = await world.check(GOOD)
    await world.uses.discard(ORG, batch.id)
    with pytest.raises(BatchUnknown):
        await world.uses.look_up.one(ORG, batch.id)
    async with world.records.reading() as tx:
        assert await tx.rows(ORG, batch.id, states=ALL, after=0, limit=10) == []
    with pytest.raises(BatchUnknown):
        await world.uses.discard(ORG, batch.id)


async def test_nobody_else_reaches_a_batch(world: World) -> None:
    batch = await world.check(GOOD)
    for asked in (
        world.uses.look_up.one("other", batch.id),
        world.uses.look_up.rows("other", batch.id, states=ALL, after=0, limit=1),
        world.uses.change_row("other", batch.id, 2, LeaveOut()),
        world.uses.decide("other", batch.id, Ask(), by=OFFICER),
        world.uses.discard("other", batch.id),
    ):
        with pytest.raises(BatchUnknown):
            await asked
