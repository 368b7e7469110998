"""What learners ask, in SQL: the part of a transaction that QuestionTransaction adds."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.adapters.sql_tables import AwardRow, QuestionLineRow, QuestionRow, RevocationRow
from issuer.domain.question import Answered, Closed, Line, Open, Question, State
from shared.contracts.question_words import Matter
from shared.ports.audit import done_to

_STATES: dict[str, State] = {"open": Open(), "answered": Answered(), "closed": Closed()}


class SqlQuestions:
    """Over the session of a transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def question(self, organisation: str, award_id: UUID) -> Question | None:
        """Return the thread."""
        row = await self._session.get(QuestionRow, str(award_id))
        if row is None or row.organisation != organisation:
            return None
        return (await self._with_lines([row]))[0]

    async def questions(
        self, organisation: str, *, state: str | None, after: UUID | None, limit: int
    ) -> Sequence[Question]:
        """Return threads by award."""
        query = select(QuestionRow).where(col(QuestionRow.organisation) == organisation)
        if state is not None:
            query = query.where(col(QuestionRow.state) == state)
        if after is not None:
            query = query.where(col(QuestionRow.award_id) > str(after))
        rows = await self._session.exec(query.order_by(col(QuestionRow.award_id)).limit(limit))
        return await self._with_lines(rows)

    async def open_questions(self, organisation: str, *, limit: int) -> Sequence[Question]:
        """Return those that wait, the longest first."""
        waiting = select(QuestionRow).where(
            col(QuestionRow.organisation) == organisation, col(QuestionRow.state) == "open"
        )
        rows = await self._session.exec(waiting.order_by(col(QuestionRow.moved_at)).limit(limit))
        return await self._with_lines(rows)

    async def save_question(self, question: Question) -> None:
        """Store the thread, its new lines, and when its lines were sent."""
        values: dict[str, Any] = {
            "organisation": question.organisation,
            "matter": question.matter.value,
            "state": question.state_name,
            "opened_at": question.opened_at,
            "moved_at": question.moved_at,
        }
        award_id = str(question.award_id)
        await self._session.merge(QuestionRow(award_id=award_id, **values))
        await self._session.flush()
        for line in question.lines:
            await self._session.merge(
                QuestionLineRow(
                    award_id=award_id,
                    number=line.number,
                    at=line.at,
                    by=line.by,
                    text=line.text,
                    message_id=line.message_id,
                    connection_id=line.connection_id,
                    sent_at=line.sent_at,
                )
            )
        await self._session.flush()
        done_to(f"award:{question.award_id}")

    async def has_line(self, award_id: UUID, message_id: str) -> bool:
        """Look for the message."""
        query = select(QuestionLineRow.number).where(
            col(QuestionLineRow.award_id) == str(award_id), col(QuestionLineRow.message_id) == message_id
        )
        return (await self._session.exec(query)).first() is not None

    async def unsent_answers(self, *, limit: int) -> Sequence[Question]:
        """Return threads with answers that were not handed over."""
        unsent = select(QuestionLineRow.award_id).where(col(QuestionLineRow.sent_at).is_(None))
        query = select(QuestionRow).where(col(QuestionRow.award_id).in_(unsent))
        return await self._with_lines(
            await self._session.exec(query.order_by(col(QuestionRow.moved_at)).limit(limit))
        )

    async def place_of_connection(self, connection_id: str) -> tuple[str, UUID] | None:
        """Organisation and id of the award whose credential went, or is to go, over a connection."""
        held = select(AwardRow.organisation, AwardRow.id).where(col(AwardRow.connection_id) == connection_id)
        taken_back = (
            select(RevocationRow.organisation, RevocationRow.award_id)
            .where(col(RevocationRow.connection_id) == connection_id)
            .order_by(col(RevocationRow.requested_at).desc())
        )
        found = (await self._session.exec(held)).first() or (await self._session.exec(taken_back)).first()
        return None if found is None else (found[0], UUID(found[1]))

    async def _with_lines(self, rows: Iterable[QuestionRow]) -> list[Question]:
        found = list(rows)
        query = (
            select(QuestionLineRow)
            .where(col(QuestionLineRow.award_id).in_([row.award_id for row in found]))
            .order_by(col(QuestionLineRow.award_id), col(QuestionLineRow.number))
        )
        lines: dict[str, list[Line]] = {row.award_id: [] for row in found}
        for line in await self._session.exec(query):
            lines[line.award_id].append(
                Line(
                    line.number,
                    line.at,
                    line.by,
                    line.text,
                    line.message_id,
                    line.connection_id,
                    line.sent_at,
                )
            )
        return [_question(row, lines[row.award_id]) for row in found]


def _question(row: QuestionRow, lines: Sequence[Line]) -> Question:
    return Question(
        award_id=UUID(row.award_id),
        organisation=row.organisation,
        matter=Matter(row.matter),
        state=_STATES[row.state],
        lines=tuple(lines),
        opened_at=row.opened_at,
        moved_at=row.moved_at,
    )
