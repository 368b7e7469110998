"""Batches and the rows they keep, in SQL: the part of a transaction that BatchTransaction adds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, update
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.adapters.sql_tables import AwardRow, BatchRow, BatchRowRow
from issuer.domain.batch import (
    Batch,
    BatchState,
    Checking,
    CohortRow,
    Draft,
    EarlierAward,
    Prepared,
    Preparing,
    RowState,
    SameAward,
    SameRow,
    Waiting,
)
from issuer.domain.same_person import Keys, keys_of
from issuer.errors import Complaint
from shared.ports.audit import done_to

_NO_LONGER: Final = ("revoked", "superseded")


class SqlBatches:
    """Over the session of a transaction."""

    _session: AsyncSession

    async def batch(self, organisation: str, batch_id: UUID) -> Batch | None:
        """Return the batch."""
        row = await self._session.get(BatchRow, str(batch_id))
        return None if row is None or row.organisation != organisation else _batch(row)

    async def hold_batch(self, organisation: str, batch_id: UUID) -> Batch | None:
        """Return the batch; nobody else changes it before this transaction ends."""
        query = select(BatchRow).where(
            col(BatchRow.id) == str(batch_id), col(BatchRow.organisation) == organisation
        )
        row = (await self._session.exec(query.with_for_update())).first()
        return None if row is None else _batch(row)

    async def batches(self, organisation: str, *, before: UUID | None, limit: int) -> Sequence[Batch]:
        """Return batches that were checked, the newest first."""
        query = select(BatchRow).where(
            col(BatchRow.organisation) == organisation, col(BatchRow.state) != "checking"
        )
        if before is not None:
            query = query.where(col(BatchRow.id) < str(before))
        found = await self._session.exec(query.order_by(col(BatchRow.id).desc()).limit(limit))
        return [_batch(row) for row in found.all()]

    async def batches_preparing(self) -> Sequence[Batch]:
        """Return those whose rows become awards, of all organisations."""
        query = select(BatchRow).where(col(BatchRow.state) == "preparing").order_by(col(BatchRow.asked_at))
        return [_batch(row) for row in (await self._session.exec(query)).all()]

    async def unchecked_batches(self, *, before: datetime) -> Sequence[Batch]:
        """Return those whose checking began before then and never ended."""
        query = select(BatchRow).where(col(BatchRow.state) == "checking", col(BatchRow.created_at) < before)
        return [_batch(row) for row in (await self._session.exec(query)).all()]

    async def save_batch(self, batch: Batch) -> None:
        """Store it, new or changed."""
        await self._session.merge(BatchRow(**batch_values(batch)))
        await self._session.flush()
        done_to(f"batch:{batch.id}")

    async def drop_batch(self, batch: Batch) -> None:
        """Delete it with its rows."""
        own = str(batch.id)
        await self._session.exec(delete(BatchRowRow).where(col(BatchRowRow.batch_id) == own))
        await self._session.exec(delete(BatchRow).where(col(BatchRow.id) == own))
        done_to(f"batch:{batch.id}")

    async def add_rows(self, rows: Sequence[CohortRow]) -> None:
        """Store new rows."""
        if rows:
            connection = await self._session.connection()
            await connection.execute(insert(BatchRowRow), [_row_values(row) for row in rows])

    async def save_rows(self, rows: Sequence[CohortRow]) -> None:
        """Store changed rows."""
        if not rows:
            return
        table = BatchRowRow.__table__  # type: ignore[attr-defined] # of every table model
        change = update(table).where(
            table.c.batch_id == bindparam("key_batch"), table.c.row == bindparam("key_row")
        )
        values = [{**_row_values(row), "key_batch": str(row.batch_id), "key_row": row.row} for row in rows]
        changing: dict[str, Any] = {
            name: bindparam(name) for name in _row_values(rows[0]) if name not in {"batch_id", "row"}
        }
        for each in values:
            del each["batch_id"], each["row"]
        await (await self._session.connection()).execute(change.values(**changing), values)

    async def row(self, organisation: str, batch_id: UUID, row: int) -> CohortRow | None:
        """Return one row."""
        found = await self._session.get(BatchRowRow, (str(batch_id), row))
        return None if found is None or found.organisation != organisation else _row(found)

    async def rows(
        self, organisation: str, batch_id: UUID, *, states: Collection[RowState], after: int, limit: int
    ) -> Sequence[CohortRow]:
        """Return rows in the order of the file."""
        query = select(BatchRowRow).where(
            col(BatchRowRow.batch_id) == str(batch_id),
            col(BatchRowRow.organisation) == organisation,
            col(BatchRowRow.row) > after,
            col(BatchRowRow.state).in_([state.value for state in states]),
        )
        found = await self._session.exec(query.order_by(col(BatchRowRow.row)).limit(limit))
        kept = [_row(each) for each in found.all()]
        self._session.expunge_all()
        return kept

    async def count_rows(self, organisation: str, batch_id: UUID) -> Mapping[RowState, int]:
        """Return how many rows are in each state."""
        query = (
            select(BatchRowRow.state, func.count())
            .where(col(BatchRowRow.batch_id) == str(batch_id), col(BatchRowRow.organisation) == organisation)
            .group_by(col(BatchRowRow.state))
        )
        return {RowState(state): count for state, count in (await self._session.exec(query)).all()}

    async def rows_alike(self, batch_id: UUID, keys: Sequence[Keys]) -> Sequence[tuple[int, Keys]]:
        """Return the batch's rows that share a key with one of these and are not left out."""
        wanted = {
            BatchRowRow.by_email: {each.by_email for each in keys if each.by_email},
            BatchRowRow.by_phone: {each.by_phone for each in keys if each.by_phone},
            BatchRowRow.by_day: {each.by_day for each in keys if each.by_day},
        }
        some = [col(column).in_(values) for column, values in wanted.items() if values]
        if not some:
            return []
        query = select(BatchRowRow.row, BatchRowRow.by_email, BatchRowRow.by_phone, BatchRowRow.by_day).where(
            col(BatchRowRow.batch_id) == str(batch_id),
            col(BatchRowRow.state) != RowState.LEFT_OUT.value,
            or_(*some),
        )
        return [(row, Keys(*found)) for row, *found in (await self._session.exec(query)).all()]

    async def earlier_awards(
        self, batch: Batch, template_ids: Sequence[UUID], *, after: UUID | None, limit: int
    ) -> Sequence[EarlierAward]:
        """Return awards by these templates from other batches that still hold, in the order they were made."""
        query = select(
            AwardRow.id, AwardRow.batch_id, AwardRow.given_name, AwardRow.family_name, AwardRow.email,
            AwardRow.phone, AwardRow.awarded_on,
        ).where(  # type: ignore[call-overload] # more columns than its overloads know
            col(AwardRow.organisation) == batch.organisation,
            col(AwardRow.template_id).in_([str(each) for each in template_ids]),
            col(AwardRow.batch_id) != str(batch.id),
            col(AwardRow.state).not_in(_NO_LONGER),
        )  # fmt: skip
        if after is not None:
            query = query.where(col(AwardRow.id) > str(after))
        found = await self._session.exec(query.order_by(col(AwardRow.id)).limit(limit))
        return [
            EarlierAward(
                UUID(award_id),
                UUID(batch_id),
                keys_of(
                    {
                        "given_name": given,
                        "family_name": family,
                        "email": email,
                        "phone": phone,
                        "awarded_on": day.isoformat(),
                    }
                ),
            )
            for award_id, batch_id, given, family, email, phone, day in found.all()
        ]


def batch_values(batch: Batch) -> dict[str, Any]:
    """The columns of a batch."""
    asked_by, asked_at, approved_by, sent_back = _parts(batch.state)
    return {
        "id": str(batch.id),
        "organisation": batch.organisation,
        "template_id": str(batch.template_id),
        "edition_id": batch.edition_id,
        "rows": batch.rows,
        "awards": batch.awards,
        "encoding": batch.encoding,
        "separator": batch.separator,
        "complaints": [asdict(complaint) for complaint in batch.complaints],
        "created_at": batch.created_at,
        "state": batch.state_name,
        "file_name": batch.file_name,
        "uploaded_by": batch.uploaded_by,
        "asked_by": asked_by,
        "asked_at": asked_at,
        "approved_by": approved_by,
        "sent_back": sent_back,
    }


def _parts(state: BatchState) -> tuple[str, datetime | None, str, str]:
    match state:
        case Checking():
            return "", None, "", ""
        case Draft(sent_back):
            return "", None, "", sent_back
        case Waiting(asked_by, asked_at):
            return asked_by, asked_at, "", ""
        case Preparing(asked_by, asked_at, approved_by):
            return asked_by, asked_at, approved_by, ""
        case Prepared(asked_by, approved_by):
            return asked_by, None, approved_by, ""


def _batch(row: BatchRow) -> Batch:
    return Batch(
        id=UUID(row.id),
        organisation=row.organisation,
        template_id=UUID(row.template_id),
        edition_id=row.edition_id,
        rows=row.rows,
        awards=row.awards,
        encoding=row.encoding,
        separator=row.separator,
        complaints=tuple(Complaint(**complaint) for complaint in row.complaints),
        created_at=row.created_at,
        file_name=row.file_name,
        uploaded_by=row.uploaded_by,
        state=_state(row),
        trace=row.trace,
    )


def _state(row: BatchRow) -> BatchState:
    match row.state:
        case "checking":
            return Checking()
        case "draft":
            return Draft(row.sent_back)
        case "waiting" if row.asked_at is not None:
            return Waiting(row.asked_by, row.asked_at)
        case "preparing" if row.asked_at is not None:
            return Preparing(row.asked_by, row.asked_at, row.approved_by)
        case "prepared":
            return Prepared(row.asked_by, row.approved_by)
        case other:
            raise ValueError(f"batch {row.id} has the unknown state {other!r}, or lacks its time")


def _row_values(row: CohortRow) -> dict[str, Any]:
    return {
        "batch_id": str(row.batch_id),
        "row": row.row,
        "organisation": row.organisation,
        "state": row.state.value,
        "cells": dict(row.cells),
        "complaints": [asdict(complaint) for complaint in row.complaints],
        "same_row": row.same.row if isinstance(row.same, SameRow) else None,
        "same_award": str(row.same.award_id) if isinstance(row.same, SameAward) else None,
        "all_the_same": row.all_the_same,
        "award_id": str(row.award_id) if row.award_id else None,
        "by_email": row.keys.by_email,
        "by_phone": row.keys.by_phone,
        "by_day": row.keys.by_day,
    }


def _row(row: BatchRowRow) -> CohortRow:
    same: SameRow | SameAward | None = None
    if row.same_row is not None:
        same = SameRow(row.same_row)
    elif row.same_award is not None:
        same = SameAward(UUID(row.same_award))
    return CohortRow(
        batch_id=UUID(row.batch_id),
        organisation=row.organisation,
        row=row.row,
        cells=dict(row.cells),
        complaints=tuple(Complaint(**complaint) for complaint in row.complaints),
        keys=Keys(row.by_email, row.by_phone, row.by_day),
        same=same,
        all_the_same=row.all_the_same,
        left_out=row.state == RowState.LEFT_OUT.value,
        award_id=UUID(row.award_id) if row.award_id else None,
    )
