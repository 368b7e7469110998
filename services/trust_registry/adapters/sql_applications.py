"""Applications in SQL: `KeepApplications`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, cast

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, case, false, func
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.trust_registry.adapters.sql_register import SqlRegisterChange
from services.trust_registry.adapters.sql_tables import (
    ApplicationEntryRow,
    ApplicationFileRow,
    ApplicationRow,
    EntityDidRow,
    ProposalRow,
)
from services.trust_registry.domain.application import (
    Application,
    ApplicationEntry,
    Contact,
    Proposed,
    StateName,
    What,
    as_it_stands,
)
from services.trust_registry.domain.proposal import ProposalState
from services.trust_registry.errors import ApplicationUnknown
from services.trust_registry.ports import ChangeRegister
from shared.adapters.retention import rows_of
from shared.adapters.sql import Database

_FACTS: TypeAdapter[Application] = TypeAdapter(Application)
_PROPOSAL: ColumnElement[Any] = (
    select(ProposalRow.state).where(col(ProposalRow.id) == col(ApplicationRow.proposal_id)).scalar_subquery()
)
_STANDS: ColumnElement[Any] = case(
    (col(ApplicationRow.state) != "proposed", col(ApplicationRow.state)),
    (_PROPOSAL == "approved", "approved"),
    (_PROPOSAL == "open", "proposed"),
    else_="in_review",
)
"""The state as `as_it_stands` has it."""
_UNDECIDED, _OVER = ("received", "in_review", "more_asked"), ("approved", "refused", "withdrawn")


class SqlApplications:
    """Applications to one register."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def changing(self) -> AsyncIterator["SqlApplicationsChange"]:
        """Begin a transaction; commits when left normally."""
        async with self._database.session() as session:
            yield SqlApplicationsChange(session)

    def beside(self, register: ChangeRegister) -> "SqlApplicationsChange":
        """The same, inside a transaction of the register."""
        assert isinstance(register, SqlRegisterChange)  # noqa: S101 - main.py builds both over one database
        return SqlApplicationsChange(register.session)

    async def application(self, application_id: str) -> Application:
        """One application as it stands. Raises ApplicationUnknown."""
        async with self._database.reading() as session:
            return await _one(session, col(ApplicationRow.id) == application_id)

    async def behind(self, link_digest: str) -> Application:
        """The one whose applicant has the link. Raises ApplicationUnknown."""
        async with self._database.reading() as session:
            return await _one(session, col(ApplicationRow.link_digest) == link_digest)

    async def applications(
        self, *, after: str | None, limit: int, state: StateName | None
    ) -> Sequence[Application]:
        """Applications by id."""
        query = select(ApplicationRow, _PROPOSAL).order_by(col(ApplicationRow.id)).limit(limit)
        if after is not None:
            query = query.where(col(ApplicationRow.id) > after)
        if state is not None:
            query = query.where(state == _STANDS)
        async with self._database.reading() as session:
            return [_application(row, proposal) for row, proposal in await session.exec(query)]

    async def entries(self, application_id: str) -> Sequence[ApplicationEntry]:
        """Its history, oldest first."""
        query = (
            select(ApplicationEntryRow)
            .where(col(ApplicationEntryRow.application_id) == application_id)
            .order_by(col(ApplicationEntryRow.id))
        )
        async with self._database.reading() as session:
            return [_entry(row) for row in await session.exec(query)]

    async def file(self, application_id: str) -> bytes:
        """The file its applicant brought. Raises ApplicationUnknown."""
        async with self._database.reading() as session:
            row = await session.get(ApplicationFileRow, application_id)
        if row is None:
            raise ApplicationUnknown("there is no file of this application here, or not any more")
        return row.content

    async def is_listed(self, did: str) -> bool:
        """Whether the register has an organisation with this DID."""
        async with self._database.reading() as session:
            return await session.get(EntityDidRow, did) is not None

    async def idle(self, *, before: datetime) -> Sequence[str]:
        """Ids of those not decided whose last move was before then."""
        return await self._ids(_STANDS.in_(_UNDECIDED), col(ApplicationRow.changed_at) < before)

    async def over(self, *, before: datetime) -> Sequence[str]:
        """Ids of those decided before then whose contact is still known."""
        known = col(ApplicationRow.contact).is_not(None)
        return await self._ids(_STANDS.in_(_OVER), col(ApplicationRow.changed_at) < before, known)

    async def drop_unproven(self, *, before: datetime) -> int:
        """Delete those that nobody took up and whose DID nobody proved, since before then; how many."""
        nobodys = col(ApplicationRow.state) == "received", col(ApplicationRow.proven) == false()
        async with self._database.session() as session:
            ids = list(
                await session.exec(
                    select(ApplicationRow.id).where(*nobodys, col(ApplicationRow.changed_at) < before)
                )
            )
            for table in (ApplicationFileRow, ApplicationEntryRow):
                await session.exec(delete(table).where(col(table.application_id).in_(ids)))
            return rows_of(await session.exec(delete(ApplicationRow).where(col(ApplicationRow.id).in_(ids))))

    async def _ids(self, *which: ColumnElement[bool]) -> Sequence[str]:
        async with self._database.reading() as session:
            return list(await session.exec(select(ApplicationRow.id).where(*which)))


class SqlApplicationsChange:
    """One transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def application(self, application_id: str) -> Application:
        """One application as it stands; others who change it wait. Raises ApplicationUnknown."""
        return await _one(self._session, col(ApplicationRow.id) == application_id, lock=True)

    async def waiting(self) -> int:
        """How many nobody took up yet."""
        query = (
            select(func.count()).select_from(ApplicationRow).where(col(ApplicationRow.state) == "received")
        )
        return (await self._session.exec(query)).one()

    async def add(
        self, application: Application, entry: ApplicationEntry, *, link_digest: str, file: bytes | None
    ) -> None:
        """Keep a new one."""
        self._session.add(ApplicationRow(id=application.id, link_digest=link_digest, **_columns(application)))
        await self._session.flush()
        if file is not None:
            self._session.add(ApplicationFileRow(application_id=application.id, content=file))
        await self._note(entry)

    async def keep(self, application: Application, entry: ApplicationEntry) -> None:
        """Keep what became of one, and who did it."""
        row = await self._session.get(ApplicationRow, application.id)
        if row is None:
            raise ApplicationUnknown("this application is not here any more")
        for name, value in _columns(application).items():
            setattr(row, name, value)
        self._session.add(row)
        await self._note(entry)

    async def drop_personal(self, application_id: str) -> None:
        """Delete its file, and the words of its applicant's answers."""
        whose = ApplicationEntryRow.application_id, ApplicationFileRow.application_id
        await self._session.exec(delete(ApplicationFileRow).where(col(whose[1]) == application_id))
        answers = col(whose[0]) == application_id, col(ApplicationEntryRow.what) == "answered"
        await self._session.exec(update(ApplicationEntryRow).where(*answers).values(text=""))

    async def _note(self, entry: ApplicationEntry) -> None:
        self._session.add(ApplicationEntryRow(**asdict(entry)))
        await self._session.flush()


async def _one(session: AsyncSession, which: ColumnElement[bool], *, lock: bool = False) -> Application:
    query = select(ApplicationRow).where(which)
    row = (await session.exec(query.with_for_update() if lock else query)).first()
    if row is None:
        raise ApplicationUnknown("there is no such application here, or not any more")
    proposal = None if row.proposal_id is None else await session.get(ProposalRow, row.proposal_id)
    return _application(row, proposal.state if proposal else None)


def _columns(application: Application) -> dict[str, Any]:
    state, contact = application.state, application.contact
    columns = {
        "state": state.name,
        "proven": application.proof is not None,
        "facts": _FACTS.dump_python(replace(application, contact=None), mode="json"),
        "contact": asdict(contact) if contact else None,
        "changed_at": application.changed_at,
    }
    return columns | ({"proposal_id": state.proposal_id} if isinstance(state, Proposed) else {})


def _application(row: ApplicationRow, proposal: str | None) -> Application:
    kept = replace(_FACTS.validate_python(row.facts), contact=Contact(**row.contact) if row.contact else None)
    return as_it_stands(kept, cast("ProposalState | None", proposal))


def _entry(row: ApplicationEntryRow) -> ApplicationEntry:
    return ApplicationEntry(
        id=row.id,
        application_id=row.application_id,
        at=row.at,
        actor=row.actor,
        what=cast("What", row.what),
        text=row.text,
    )
