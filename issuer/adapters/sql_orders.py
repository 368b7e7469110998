"""Orders to revoke many awards, in SQL: the part of a transaction that concerns them."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.adapters.sql_tables import AwardRow, RevocationOrderRow, RevocationRow
from issuer.domain.revocation_order import ORDERS_KEPT, RevocationOrder
from shared.ports.audit import done_to

_ENDED: Final = ("revoked", "superseded")


class SqlOrders:
    """Over the session of a transaction."""

    _session: AsyncSession

    async def count_revocable(
        self, organisation: str, *, batch_id: UUID | None, award_ids: Collection[UUID]
    ) -> int:
        """Return how many of the organisation's awards among these have not ended."""
        query = select(func.count()).where(
            col(AwardRow.organisation) == organisation,
            _among(batch_id, award_ids),
            col(AwardRow.state).not_in(_ENDED),
        )
        return (await self._session.exec(query)).one()

    async def add_order(self, order: RevocationOrder) -> None:
        """Store a new one; those that were done long ago go."""
        past = col(RevocationOrderRow.done_at) < order.asked_at - ORDERS_KEPT
        await self._session.exec(delete(RevocationOrderRow).where(past))
        self._session.add(RevocationOrderRow(**_values(order)))
        await self._session.flush()

    async def save_order(self, order: RevocationOrder) -> None:
        """Store a changed one."""
        mine = col(RevocationOrderRow.id) == str(order.id)
        await self._session.exec(update(RevocationOrderRow).where(mine).values(**_values(order)))
        done_to(f"revocation_order:{order.id}")

    async def order(self, organisation: str, order_id: UUID) -> RevocationOrder | None:
        """Return the organisation's order."""
        row = await self._session.get(RevocationOrderRow, str(order_id), populate_existing=True)
        return None if row is None or row.organisation != organisation else _order(row)

    async def open_order(self) -> RevocationOrder | None:
        """Return the first that is not done; until the transaction ends nobody else has it."""
        query = (
            select(RevocationOrderRow)
            .where(col(RevocationOrderRow.done_at).is_(None))
            .order_by(col(RevocationOrderRow.id))
            .limit(1)
            .with_for_update()
        )
        row = (await self._session.exec(query)).first()
        return None if row is None else _order(row)

    async def ordered_awards(self, order: RevocationOrder, *, limit: int) -> Sequence[UUID]:
        """Return the next awards an order concerns."""
        query = select(AwardRow.id).where(
            col(AwardRow.organisation) == order.organisation, _among(order.batch_id, order.award_ids)
        )
        if order.position is not None:
            query = query.where(col(AwardRow.id) > str(order.position))
        return [UUID(one) for one in await self._session.exec(query.order_by(col(AwardRow.id)).limit(limit))]

    async def count_unpublished(self, order: RevocationOrder) -> int:
        """Return how many credentials of the order's awards no published status list shows as revoked yet."""
        query = (
            select(func.count())
            .select_from(RevocationRow)
            .join(AwardRow, col(AwardRow.id) == col(RevocationRow.award_id))
            .where(
                col(AwardRow.organisation) == order.organisation,
                _among(order.batch_id, order.award_ids),
                col(RevocationRow.published_at).is_(None),
            )
        )
        return (await self._session.exec(query)).one()


def _among(batch_id: UUID | None, award_ids: Collection[UUID]) -> Any:  # noqa: ANN401 - a SQL expression
    if batch_id is not None:
        return col(AwardRow.batch_id) == str(batch_id)
    return col(AwardRow.id).in_([str(one) for one in award_ids])


def _values(order: RevocationOrder) -> dict[str, Any]:
    return {
        **asdict(order),
        "id": str(order.id),
        "batch_id": str(order.batch_id) if order.batch_id else None,
        "award_ids": [str(one) for one in order.award_ids],
        "position": str(order.position) if order.position else None,
    }


def _order(row: RevocationOrderRow) -> RevocationOrder:
    return RevocationOrder(
        id=UUID(row.id),
        organisation=row.organisation,
        batch_id=UUID(row.batch_id) if row.batch_id else None,
        award_ids=tuple(UUID(one) for one in row.award_ids),
        reason=row.reason,
        notify=row.notify,
        by=row.by,
        total=row.total,
        asked_at=row.asked_at,
        position=UUID(row.position) if row.position else None,
        revoked=row.revoked,
        left_out=row.left_out,
        told=row.told,
        done_at=row.done_at,
    )
