"""What people asked about their data, finding what is held on them, and erasing it, in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, String, UniqueConstraint, cast
from sqlmodel import Field, and_, col, delete, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.adapters.sql_past_awards import NAMELESS
from issuer.adapters.sql_tables import (
    AwardRow,
    BatchRowRow,
    IssuerTable,
    MessageRow,
    QuestionLineRow,
    QuestionRow,
    RevocationRow,
)
from issuer.domain.finding import COMPARED_DIGITS, digits_of, folded
from issuer.domain.privacy_request import Answer, KeptRow, Outcome, PrivacyRequest, RequestKind, Sought
from issuer.domain.reissue import CheckMethod, IdentityCheck
from shared.adapters.retention import rows_of
from shared.adapters.sql import Database, UtcDateTime, insert_once
from shared.ports.audit import done_to

_TRIES: Final = 20


class PrivacyRequestRow(IssuerTable, table=True):
    """A request; no name and no address is in it."""

    __tablename__ = "privacy_request"
    __table_args__ = (UniqueConstraint("organisation", "number"),)

    id: str = Field(primary_key=True)
    organisation: str
    number: int
    kind: str
    awards: list[str] = Field(sa_type=JSON)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    taken_by: str
    check: dict[str, str] | None = Field(default=None, sa_type=JSON)
    outcome: str | None = None
    reason: str = ""
    removed: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    answered_by: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SqlPrivacyRequests:
    """The port KeepPrivacyRequests."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def find(self, organisation: str, sought: Sought) -> Sequence[UUID]:
        """Return awards by the address on them, or by what is kept of the spreadsheets they came from, or by id and name."""
        async with self._db.reading() as session:
            found: set[str] = set()
            if sought.email or sought.phone:
                found |= await _by_address(session, organisation, sought)
                found |= await _by_row(session, organisation, sought)
            if sought.award_id is not None:
                found |= await _by_name(session, organisation, sought.award_id, sought.name)
        return [UUID(one) for one in sorted(found)]

    async def rows(self, organisation: str, awards: Sequence[UUID]) -> Sequence[KeptRow]:
        """Return rows by batch and number."""
        query = select(BatchRowRow).where(_rows_of(organisation, awards))
        ordered = query.order_by(col(BatchRowRow.batch_id), col(BatchRowRow.row))
        async with self._db.reading() as session:
            return [KeptRow(UUID(row.batch_id), row.row, row.cells) for row in await session.exec(ordered)]

    async def add(self, request: PrivacyRequest) -> PrivacyRequest:
        """Number it; who asks at the same moment gets the next one."""
        newest = select(func.max(PrivacyRequestRow.number)).where(
            col(PrivacyRequestRow.organisation) == request.organisation
        )
        for _ in range(_TRIES):
            async with self._db.session() as session:
                number = ((await session.exec(newest)).first() or 0) + 1
                if await insert_once(session, PrivacyRequestRow, {**_values(request), "number": number}):
                    done_to(f"privacy_request:{request.id}")
                    return replace(request, number=number)
        raise RuntimeError(f"no number was free in {_TRIES} tries")

    async def request(self, organisation: str, request_id: UUID) -> PrivacyRequest | None:
        """Return it."""
        async with self._db.reading() as session:
            row = await session.get(PrivacyRequestRow, str(request_id))
        return None if row is None or row.organisation != organisation else _request(row)

    async def requests(
        self, organisation: str, *, after: UUID | None, limit: int
    ) -> Sequence[PrivacyRequest]:
        """Return them by id, which is by time."""
        query = select(PrivacyRequestRow).where(col(PrivacyRequestRow.organisation) == organisation)
        if after is not None:
            query = query.where(col(PrivacyRequestRow.id) < str(after))
        async with self._db.reading() as session:
            rows = await session.exec(query.order_by(col(PrivacyRequestRow.id).desc()).limit(limit))
            return [_request(row) for row in rows]

    async def save(self, request: PrivacyRequest) -> None:
        """Store it."""
        async with self._db.session() as session:
            await session.exec(
                update(PrivacyRequestRow)
                .where(col(PrivacyRequestRow.id) == str(request.id))
                .values(**_values(request))
            )
            done_to(f"privacy_request:{request.id}")

    async def is_unclaimed(self, organisation: str, award_id: UUID) -> bool:
        """Look at its state."""
        async with self._db.reading() as session:
            row = await session.get(AwardRow, str(award_id))
        return (
            row is not None
            and row.organisation == organisation
            and row.state not in {"issued", "revoked", "superseded"}
            and row.cred_rev_id is None
            and not row.leftovers
        )

    async def erase(self, organisation: str, awards: Sequence[UUID], *, now: datetime) -> Mapping[str, int]:
        """Erase in one transaction; each change counts as one of the award."""
        ids = [str(one) for one in awards]
        own = and_(col(AwardRow.organisation) == organisation, col(AwardRow.id).in_(ids))
        mine = select(AwardRow.id).where(own)
        reachable = or_(col(AwardRow.email) != "", col(AwardRow.phone) != "")
        credential_out = select(RevocationRow.award_id).where(col(RevocationRow.award_id).in_(ids))
        never_out = and_(
            col(AwardRow.state).in_(("revoked", "superseded")),
            col(AwardRow.given_name) != "",
            col(AwardRow.id).not_in(credential_out),
        )
        later = {"version": col(AwardRow.version) + 1}
        gone = {"email": "", "phone": "", "contact_deleted_at": now}
        async with self._db.session() as session:
            counts = {
                "contacts": rows_of(
                    await session.exec(update(AwardRow).where(own, reachable).values(**gone, **later))
                ),
                "names": rows_of(
                    await session.exec(update(AwardRow).where(own, never_out).values(**NAMELESS, **later))
                ),
                "messages": rows_of(
                    await session.exec(delete(MessageRow).where(col(MessageRow.award_id).in_(mine)))
                ),
                "rows": rows_of(
                    await session.exec(delete(BatchRowRow).where(_rows_of(organisation, awards)))
                ),
            }
            lines = delete(QuestionLineRow).where(col(QuestionLineRow.award_id).in_(mine))
            counts["question_lines"] = rows_of(await session.exec(lines))
            await session.exec(delete(QuestionRow).where(col(QuestionRow.award_id).in_(mine)))
            for one in ids:
                done_to(f"award:{one}")
        return {what: number for what, number in counts.items() if number}

    async def forget(self, *, before: datetime) -> int:
        """Delete old ones."""
        async with self._db.session() as session:
            past = delete(PrivacyRequestRow).where(col(PrivacyRequestRow.asked_at) < before)
            return rows_of(await session.exec(past))


async def _by_address(session: AsyncSession, organisation: str, sought: Sought) -> set[str]:
    same: list[Any] = []
    if sought.email:
        same.append(func.lower(col(AwardRow.email)) == sought.email.strip().lower())
    if len(end := digits_of(sought.phone)) == COMPARED_DIGITS:
        same.append(col(AwardRow.phone).endswith(end, autoescape=True))
    if not same:
        return set()
    query = select(AwardRow.id).where(col(AwardRow.organisation) == organisation, or_(*same))
    return set(await session.exec(query))


async def _by_row(session: AsyncSession, organisation: str, sought: Sought) -> set[str]:
    """Awards whose address was deleted, but whose row is still kept."""
    text = func.lower(cast(col(BatchRowRow.cells), String))
    parts = [part for part in (sought.email.strip().lower(), digits_of(sought.phone)[-2:]) if part]
    if not parts:
        return set()
    likely = or_(*(text.contains(part, autoescape=True) for part in parts))
    query = select(BatchRowRow).where(
        col(BatchRowRow.organisation) == organisation, col(BatchRowRow.award_id).is_not(None), likely
    )
    return {row.award_id for row in await session.exec(query) if row.award_id and _is_of(row.cells, sought)}


def _is_of(cells: Mapping[str, str], sought: Sought) -> bool:
    email = sought.email.strip().lower()
    end = digits_of(sought.phone)
    return (email != "" and cells.get("email", "").strip().lower() == email) or (
        len(end) == COMPARED_DIGITS and digits_of(cells.get("phone", "")) == end
    )


async def _by_name(session: AsyncSession, organisation: str, award_id: UUID, name: str) -> set[str]:
    row = await session.get(AwardRow, str(award_id))
    if row is None or row.organisation != organisation or not folded(name):
        return set()
    words = sorted(folded(name).split())
    return {row.id} if words == sorted(folded(f"{row.given_name} {row.family_name}").split()) else set()


def _rows_of(organisation: str, awards: Sequence[UUID]) -> Any:  # noqa: ANN401 - an SQL expression
    return and_(
        col(BatchRowRow.organisation) == organisation,
        col(BatchRowRow.award_id).in_([str(one) for one in awards]),
    )


def _values(request: PrivacyRequest) -> dict[str, Any]:
    check, answer = request.check, request.answer
    return {
        "id": str(request.id),
        "organisation": request.organisation,
        "number": request.number,
        "kind": request.kind.value,
        "awards": [str(one) for one in request.awards],
        "asked_at": request.asked_at,
        "taken_by": request.taken_by,
        "check": None
        if check is None
        else {"method": check.method.value, "note": check.note, "by": check.by, "at": check.at.isoformat()},
        "outcome": answer.outcome.value if answer else None,
        "reason": answer.reason if answer else "",
        "removed": dict(answer.removed) if answer else {},
        "answered_by": answer.by if answer else None,
        "answered_at": answer.at if answer else None,
    }


def _request(row: PrivacyRequestRow) -> PrivacyRequest:
    check, answer = None, None
    if row.check is not None:
        kept = row.check
        at = datetime.fromisoformat(kept["at"])
        check = IdentityCheck(CheckMethod(kept["method"]), kept["note"], kept["by"], at)
    if row.outcome is not None and row.answered_at is not None:
        answer = Answer(Outcome(row.outcome), row.reason, row.removed, row.answered_by or "", row.answered_at)
    return PrivacyRequest(
        id=UUID(row.id),
        organisation=row.organisation,
        number=row.number,
        kind=RequestKind(row.kind),
        awards=tuple(UUID(one) for one in row.awards),
        asked_at=row.asked_at,
        taken_by=row.taken_by,
        check=check,
        answer=answer,
    )
