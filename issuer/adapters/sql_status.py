"""Orders to suspend a credential or to take that back, in SQL: one row for each credential, the latest."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.adapters.sql_tables import StatusChangeRow
from issuer.domain.award import Exchange, SentCredential
from issuer.domain.suspension import StatusChange


class SqlStatus:
    """Over the session of a transaction."""

    _session: AsyncSession

    async def status_change(self, change_id: UUID) -> StatusChange | None:
        """Return the order."""
        row = (
            await self._session.exec(select(StatusChangeRow).where(col(StatusChangeRow.id) == str(change_id)))
        ).first()
        return None if row is None else _change(row)

    async def status_changes_of(self, award_ids: Sequence[UUID]) -> Mapping[UUID, StatusChange]:
        """Return the latest orders by award."""
        query = select(StatusChangeRow).where(
            col(StatusChangeRow.award_id).in_([str(one) for one in award_ids])
        )
        rows = (await self._session.exec(query.order_by(col(StatusChangeRow.id)))).all()
        return {UUID(row.award_id): _change(row) for row in rows}

    async def unpublished_status_changes(self) -> Sequence[StatusChange]:
        """Return those that are still to be published."""
        query = select(StatusChangeRow).where(col(StatusChangeRow.published_at).is_(None))
        return [_change(row) for row in (await self._session.exec(query)).all()]

    async def save_status_change(self, change: StatusChange) -> None:
        """Store it."""
        credential = change.credential
        await self._session.merge(
            StatusChangeRow(
                rev_reg_id=credential.rev_reg_id,
                cred_rev_id=credential.cred_rev_id,
                id=str(change.id),
                organisation=change.organisation,
                award_id=str(change.award_id),
                connection_id=credential.exchange.connection_id,
                cred_ex_id=credential.exchange.cred_ex_id,
                suspended=change.suspended,
                reason=change.reason,
                requested_at=change.requested_at,
                published_at=change.published_at,
            )
        )
        await self._session.flush()

    async def publish_status_change(self, change_id: UUID, *, at: datetime) -> None:
        """Note when it was published."""
        await self._session.exec(
            update(StatusChangeRow)
            .where(col(StatusChangeRow.id) == str(change_id), col(StatusChangeRow.published_at).is_(None))
            .values(published_at=at)
            .execution_options(synchronize_session=False)
        )

    async def drop_status_change(self, credential: SentCredential) -> None:
        """Forget it."""
        await self._session.exec(
            delete(StatusChangeRow).where(
                col(StatusChangeRow.rev_reg_id) == credential.rev_reg_id,
                col(StatusChangeRow.cred_rev_id) == credential.cred_rev_id,
            )
        )


def _change(row: StatusChangeRow) -> StatusChange:
    credential = SentCredential(Exchange(row.connection_id, row.cred_ex_id), row.rev_reg_id, row.cred_rev_id)
    return StatusChange(
        UUID(row.id),
        row.organisation,
        UUID(row.award_id),
        credential,
        row.suspended,
        row.reason,
        row.requested_at,
        row.published_at,
    )
