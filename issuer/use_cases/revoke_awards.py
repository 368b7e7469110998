"""Revoke many awards for one reason: ordered at once, carried out in the background, some in each transaction."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from issuer.domain.award import Award, Revoked, Superseded
from issuer.domain.message import Kind
from issuer.domain.revocation_order import RevocationOrder, finish, go_on
from issuer.errors import AwardChanged, AwardRefusesAction, AwardUnknown, BatchUnknown, OrderUnknown
from issuer.ports import NewId, OrderRecords, OrderTransaction
from issuer.use_cases.revoke_award import RevokeAward
from shared.ports.audit import deed_of
from shared.ports.clock import Clock

_AT_ONCE: Final = 25
"""In one transaction: others write in between, and what is done stays done if the service dies."""


@dataclass(frozen=True)
class RevokeAwards:
    """An order given twice revokes nothing twice."""

    records: OrderRecords
    revoke: RevokeAward
    new_id: NewId
    clock: Clock

    async def count(self, organisation: str, *, batch_id: UUID | None, award_ids: Collection[UUID]) -> int:
        """How many of these have not ended yet. Raises BatchUnknown."""
        async with self.records.reading() as tx:
            await self._check(tx, organisation, batch_id)
            return await tx.count_revocable(organisation, batch_id=batch_id, award_ids=award_ids)

    async def __call__(
        self,
        organisation: str,
        *,
        batch_id: UUID | None,
        award_ids: Collection[UUID],
        reason: str,
        notify: bool,
        by: str,
    ) -> RevocationOrder:
        """Return the order. Raises BatchUnknown, AwardUnknown or AwardRefusesAction where nothing is left to revoke."""
        async with self.records.transaction() as tx:
            await self._check(tx, organisation, batch_id)
            if len(await tx.awards_of(organisation, list(award_ids))) != len(award_ids):
                raise AwardUnknown(
                    "Some of these awards do not exist; GET /v1/awards lists all. None was revoked."
                )
            total = await tx.count_revocable(organisation, batch_id=batch_id, award_ids=award_ids)
            if not total:
                raise AwardRefusesAction("All of these awards have ended already: nothing is left to revoke.")
            order = RevocationOrder(
                id=self.new_id(),
                organisation=organisation,
                batch_id=batch_id,
                award_ids=tuple(sorted(award_ids)),
                reason=reason,
                notify=notify,
                by=by,
                total=total,
                asked_at=self.clock(),
            )
            await tx.add_order(order)
        return order

    async def look_up(self, organisation: str, order_id: UUID) -> tuple[RevocationOrder, int]:
        """An order, and how many credentials of its awards are still to be published as revoked. Raises OrderUnknown."""
        async with self.records.reading() as tx:
            order = await tx.order(organisation, order_id)
            if order is None:
                raise OrderUnknown(
                    f"There is no order {order_id} to revoke awards, or it was done more than 30 days ago: each award "
                    "says what became of it (GET /v1/awards/{id})."
                )
            return order, await tx.count_unpublished(order)

    async def work_off(self) -> None:
        """Carry out every open order."""
        while await self.work():
            pass

    async def work(self) -> bool:
        """Carry out some of the first open order; False if there is none. Whoever gave it is noted as who did it."""
        async with self.records.reading() as tx:
            given = await tx.open_order()
        if given is None:
            return False
        with (
            suppress(AwardChanged),  # a learner was quicker: look again
            deed_of(given.by, given.organisation, "revoke awards", f"revocation_order:{given.id}"),
        ):
            async with self.records.transaction() as tx:
                await self._some(tx)
        return True

    async def _some(self, tx: OrderTransaction) -> None:
        order = await tx.open_order()
        if order is None:
            return
        award_ids = await tx.ordered_awards(order, limit=_AT_ONCE)
        if not award_ids:
            await tx.save_order(finish(order, now=self.clock()))
            return
        revoked = told = 0
        for award in await tx.awards_of(order.organisation, award_ids):
            if isinstance(award.state, Revoked | Superseded):
                continue
            await self.revoke.within(tx, award, order.reason, notify=order.notify)
            revoked += 1
            told += await self._is_told(tx, award) if order.notify else 0
        left_out = len(award_ids) - revoked
        await tx.save_order(go_on(order, award_ids[-1], revoked=revoked, left_out=left_out, told=told))

    async def _is_told(self, tx: OrderTransaction, award: Award) -> bool:
        return any(each.kind is Kind.REVOKED for each in await tx.messages_of([award.id]))

    async def _check(self, tx: OrderTransaction, organisation: str, batch_id: UUID | None) -> None:
        if batch_id is not None and await tx.batch(organisation, batch_id) is None:
            raise BatchUnknown(f"There is no batch {batch_id}; each award of GET /v1/awards names its own.")
