"""What was sent to graduates, in SQL: the part of a transaction that DeliveryTransaction adds."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import and_, col, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.adapters.sql_tables import AwardRow, ClaimLinkRow, DeliveryRow, MessageRow
from issuer.domain.delivery import ClaimLink, Delivery, OneWay, Reminders
from issuer.domain.message import LINKS, Bounced, Channel, Failed, Kind, Message, Queued, Sent, State
from shared.adapters.retention import rows_of
from shared.adapters.sql import insert_once
from shared.ports.audit import done_to

_WAITING: Final = ("prepared", "invited", "offered", "broken", "declined")
_REMINDABLE: Final = ("prepared", "invited", "offered", "broken")


class SqlMessages:
    """Over the session of a transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def delivery(self, organisation: str, batch_id: UUID) -> Delivery | None:
        """Return what was chosen for a batch."""
        row = await self._session.get(DeliveryRow, str(batch_id))
        return None if row is None or row.organisation != organisation else _delivery(row)

    async def save_delivery(self, delivery: Delivery) -> None:
        """Store it."""
        reminders = delivery.reminders
        batch_id = str(delivery.batch_id)
        values = {
            "organisation": delivery.organisation,
            "link_by": delivery.link_by.value,
            "codes": delivery.codes,
            "one_way": delivery.one_way.value,
            "link_days": delivery.link_days,
            "remind_every_days": reminders.every_days if reminders else None,
            "remind_most": reminders.most if reminders else 0,
            "sent_at": delivery.sent_at,
        }
        if not await insert_once(self._session, DeliveryRow, {"batch_id": batch_id, **values}):
            mine = col(DeliveryRow.batch_id) == batch_id
            await self._session.exec(update(DeliveryRow).where(mine).values(**values))
        done_to(f"batch:{delivery.batch_id}")

    async def deliveries_with_reminders(self) -> Sequence[Delivery]:
        """Return the batches with reminders."""
        query = select(DeliveryRow).where(col(DeliveryRow.remind_every_days).is_not(None))
        return [_delivery(row) for row in await self._session.exec(query.order_by(col(DeliveryRow.batch_id)))]

    async def claim_link(self, award_id: UUID) -> ClaimLink | None:
        """Return the award's link as it was sent."""
        return (await self.claim_links([award_id])).get(award_id)

    async def claim_links(self, award_ids: Sequence[UUID]) -> Mapping[UUID, ClaimLink]:
        """Return the links that were sent."""
        query = select(ClaimLinkRow).where(col(ClaimLinkRow.award_id).in_([str(one) for one in award_ids]))
        return {UUID(row.award_id): _claim_link(row) for row in await self._session.exec(query)}

    async def save_claim_link(self, link: ClaimLink) -> None:
        """Store it."""
        values = {**asdict(link), "award_id": str(link.award_id)}
        if not await insert_once(self._session, ClaimLinkRow, values):
            mine = col(ClaimLinkRow.award_id) == values.pop("award_id")
            await self._session.exec(update(ClaimLinkRow).where(mine).values(**values))
        done_to(f"award:{link.award_id}")

    async def add_message(self, message: Message) -> bool:
        """Store a new one, once."""
        return await insert_once(self._session, MessageRow, _values(message))

    async def save_message(self, message: Message) -> None:
        """Store a changed one."""
        await self._session.exec(
            update(MessageRow).where(col(MessageRow.id) == str(message.id)).values(**_values(message))
        )

    async def message(self, organisation: str, message_id: UUID) -> Message | None:
        """Return the message."""
        row = await self._session.get(MessageRow, str(message_id))
        return None if row is None or row.organisation != organisation else _message(row)

    async def messages_of(self, award_ids: Sequence[UUID]) -> Sequence[Message]:
        """Return the messages to these awards."""
        query = select(MessageRow).where(col(MessageRow.award_id).in_([str(one) for one in award_ids]))
        return [_message(row) for row in await self._session.exec(query.order_by(col(MessageRow.id)))]

    async def undelivered(
        self, organisation: str, batch_id: UUID, *, after: UUID | None, limit: int
    ) -> Sequence[Message]:
        """Return what did not arrive to awards that wait; a message that was sent anew is no trouble any more."""
        again = aliased(MessageRow)
        sent_again = (
            select(again.id)
            .where(
                col(again.award_id) == col(MessageRow.award_id),
                col(again.kind) == col(MessageRow.kind),
                col(again.number) > col(MessageRow.number),
            )
            .exists()
        )
        query = (
            select(MessageRow)
            .join(AwardRow, col(MessageRow.award_id) == col(AwardRow.id))
            .where(
                col(AwardRow.organisation) == organisation,
                col(AwardRow.batch_id) == str(batch_id),
                col(AwardRow.state).in_(_WAITING),
                col(MessageRow.state).in_(("bounced", "failed")),
                ~sent_again,
            )
        )
        if after is not None:
            query = query.where(col(MessageRow.id) > str(after))
        found = await self._session.exec(query.order_by(col(MessageRow.id)).limit(limit))
        return [_message(row) for row in found.all()]

    async def awards_without_link(self, organisation: str, batch_id: UUID, *, limit: int) -> Sequence[UUID]:
        """Return awards that wait and whose link was never sent."""
        query = select(AwardRow.id).where(
            col(AwardRow.organisation) == organisation,
            col(AwardRow.batch_id) == str(batch_id),
            col(AwardRow.state).in_(_WAITING),
            col(AwardRow.id).not_in(select(ClaimLinkRow.award_id)),
        )
        found = await self._session.exec(query.order_by(col(AwardRow.id)).limit(limit))
        return [UUID(one) for one in found.all()]

    async def count_messages(
        self, organisation: str, batch_id: UUID
    ) -> Mapping[tuple[Kind, Channel, str], int]:
        """Return how many there are."""
        query = (
            select(MessageRow.kind, MessageRow.channel, MessageRow.state, func.count())
            .where(col(MessageRow.organisation) == organisation, col(MessageRow.batch_id) == str(batch_id))
            .group_by(col(MessageRow.kind), col(MessageRow.channel), col(MessageRow.state))
        )
        found = await self._session.exec(query)
        return {(Kind(kind), Channel(channel), state): count for kind, channel, state, count in found}

    async def due_message(self, channel: Channel, *, now: datetime) -> Message | None:
        """Return the one that has been due for longest."""
        query = (
            select(MessageRow)
            .where(
                col(MessageRow.state) == "queued",
                col(MessageRow.channel) == channel,
                col(MessageRow.next_at) <= now,
            )
            .order_by(col(MessageRow.next_at), col(MessageRow.id))
            .limit(1)
        )
        row = (await self._session.exec(query)).first()
        return None if row is None else _message(row)

    async def take_message(self, message: Message, *, until: datetime) -> bool:
        """Move its time, unless somebody did since it was read."""
        if not isinstance(message.state, Queued):
            return False
        mine = (
            update(MessageRow)
            .where(
                col(MessageRow.id) == str(message.id),
                col(MessageRow.state) == "queued",
                col(MessageRow.next_at) == message.state.next_at,
            )
            .values(next_at=until)
        )
        return rows_of(await self._session.exec(mine)) == 1

    async def awards_to_remind(
        self, delivery: Delivery, *, asked_before: datetime, usable_on: date, limit: int
    ) -> Sequence[tuple[UUID, int]]:
        """Return ids of awards to remind of, and how often each was."""
        if delivery.reminders is None:
            return []
        to_it = and_(
            col(MessageRow.award_id) == col(AwardRow.id),
            col(MessageRow.kind).in_((*LINKS, Kind.REMINDER)),
        )
        reminded = func.count().filter(col(MessageRow.kind) == Kind.REMINDER)
        not_taken = or_(
            col(MessageRow.state) != "sent",
            col(MessageRow.ended_at) >= asked_before,
            col(MessageRow.channel) == Channel.SHEET,
        )
        query = (
            select(AwardRow.id, reminded)
            .join(MessageRow, to_it)
            .join(ClaimLinkRow, col(ClaimLinkRow.award_id) == col(AwardRow.id))
            .where(
                col(AwardRow.organisation) == delivery.organisation,
                col(AwardRow.batch_id) == str(delivery.batch_id),
                col(AwardRow.state).in_(_REMINDABLE),
                col(ClaimLinkRow.until) >= usable_on,
            )
            .group_by(col(AwardRow.id))
            .having(reminded < delivery.reminders.most, func.count().filter(not_taken) == 0)
            .order_by(col(AwardRow.id))
            .limit(limit)
        )
        return [(UUID(award_id), count) for award_id, count in await self._session.exec(query)]


def _values(message: Message) -> dict[str, Any]:
    state = message.state
    return {
        "id": str(message.id),
        "organisation": message.organisation,
        "batch_id": str(message.batch_id),
        "award_id": str(message.award_id),
        "kind": message.kind.value,
        "number": message.number,
        "channel": message.channel.value,
        "language": message.language,
        "state": message.state_name,
        "attempts": message.attempts,
        "segments": message.segments,
        "reason": message.reason,
        "queued_at": message.queued_at,
        "next_at": state.next_at if isinstance(state, Queued) else None,
        "ended_at": None if isinstance(state, Queued) else state.at,
    }


def _message(row: MessageRow) -> Message:
    return Message(
        id=UUID(row.id),
        organisation=row.organisation,
        batch_id=UUID(row.batch_id),
        award_id=UUID(row.award_id),
        kind=Kind(row.kind),
        number=row.number,
        channel=Channel(row.channel),
        language=row.language,
        state=_state(row),
        attempts=row.attempts,
        segments=row.segments,
        queued_at=row.queued_at,
    )


def _state(row: MessageRow) -> State:
    if row.state == "queued" and row.next_at is not None:
        return Queued(row.next_at, row.reason)
    if row.ended_at is not None:
        match row.state:
            case "sent":
                return Sent(row.ended_at)
            case "bounced":
                return Bounced(row.ended_at, row.reason)
            case "failed":
                return Failed(row.ended_at, row.reason)
            case _:
                pass
    raise ValueError(f"message {row.id} has the state {row.state!r} and lacks its time, or is unknown")


def _delivery(row: DeliveryRow) -> Delivery:
    every = row.remind_every_days
    return Delivery(
        batch_id=UUID(row.batch_id),
        organisation=row.organisation,
        link_by=Channel(row.link_by),
        codes=row.codes,
        one_way=OneWay(row.one_way),
        link_days=row.link_days,
        reminders=Reminders(every, row.remind_most) if every is not None else None,
        sent_at=row.sent_at,
    )


def _claim_link(row: ClaimLinkRow) -> ClaimLink:
    return ClaimLink(
        award_id=UUID(row.award_id),
        organisation=row.organisation,
        short_digest=row.short_digest,
        until=row.until,
        link_by=Channel(row.link_by),
        code_by=Channel(row.code_by) if row.code_by else None,
    )
