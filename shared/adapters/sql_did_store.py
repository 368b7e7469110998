"""Tables of the DIDs a service holds: logs, sealed keys, signed resources, tails files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.adapters.sql import SharedTable, UtcDateTime, insert_once


class DidRow(SharedTable, table=True):
    """One DID; its keys are sealed with the service's secret key."""

    __tablename__ = "did"

    path: str = Field(primary_key=True)
    did: str = Field(unique=True)
    log: str = Field(sa_type=Text)
    sealed_key: bytes
    sealed_next_key: bytes
    created_at: datetime = Field(sa_type=UtcDateTime)


class DidResourceRow(SharedTable, table=True):
    """One signed resource; `resource` changes only where its links grow or a key is replaced."""

    __tablename__ = "did_resource"

    id: str = Field(primary_key=True)
    did: str = Field(foreign_key="did.did", index=True)
    type: str
    resource: dict[str, Any] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)


class DidTailsRow(SharedTable, table=True):
    """One tails file."""

    __tablename__ = "did_tails"

    digest: str = Field(primary_key=True)
    content: bytes
    created_at: datetime = Field(sa_type=UtcDateTime)


async def did_at(session: AsyncSession, path: str, *, lock: bool = False) -> DidRow | None:
    """The DID at a path; `lock` keeps other processes from changing it until the transaction ends."""
    return await session.get(DidRow, path, with_for_update=lock or None)


async def did_named(session: AsyncSession, did: str, *, lock: bool = False) -> DidRow | None:
    """The DID by its name."""
    query = select(DidRow).where(col(DidRow.did) == did)
    return (await session.exec(query.with_for_update() if lock else query)).first()


async def resource_named(
    session: AsyncSession, resource_id: str, *, lock: bool = False
) -> DidResourceRow | None:
    """The resource by its id."""
    return await session.get(DidResourceRow, resource_id, with_for_update=lock or None)


async def resources_of(
    session: AsyncSession, did: str, resource_type: str | None = None
) -> Sequence[DidResourceRow]:
    """A DID's resources of one type or of all, oldest first."""
    query = select(DidResourceRow).where(col(DidResourceRow.did) == did)
    if resource_type is not None:
        query = query.where(col(DidResourceRow.type) == resource_type)
    return (await session.exec(query.order_by(col(DidResourceRow.created_at), col(DidResourceRow.id)))).all()


async def ids_of(
    session: AsyncSession, did: str, resource_type: str, *, before: datetime | None = None
) -> Sequence[str]:
    """Ids of a DID's resources of one type, oldest first; all, or those published before a moment."""
    query = select(DidResourceRow.id).where(
        col(DidResourceRow.did) == did, col(DidResourceRow.type) == resource_type
    )
    if before is not None:
        query = query.where(col(DidResourceRow.created_at) < before)
    return (await session.exec(query.order_by(col(DidResourceRow.created_at), col(DidResourceRow.id)))).all()


async def add_tails(session: AsyncSession, digest: str, content: bytes, now: datetime) -> None:
    """Keep a tails file; one that is there already is the same file."""
    await insert_once(session, DidTailsRow, {"digest": digest, "content": content, "created_at": now})


async def tails_named(session: AsyncSession, digest: str) -> bytes | None:
    """The tails file by its hash."""
    row = await session.get(DidTailsRow, digest)
    return None if row is None else row.content
