"""The wallet service's own tables: opaque ids, wrapped keys, hashes. Nothing a learner holds, nothing about her."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.adapters.sql import UtcDateTime
from shared.contracts.streams import MAIN_SHARD


class WalletTable(SQLModel, registry=registry()):
    """Base of this service's tables."""


class WalletRow(WalletTable, table=True):
    """One wallet; `never_used_since` is null once it was, or may have been, in touch with anybody.

    With `erasing_since` it is closed for ever, and what is left of it is being removed.
    """

    __tablename__ = "wallets"

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    never_used_since: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    erasing_since: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    shard: str = Field(default=MAIN_SHARD, index=True)
    """Where its store is."""


class UnlockMethodRow(WalletTable, table=True):
    """One wrapped form of a wallet's key, as her device made it."""

    __tablename__ = "unlock_methods"

    id: str = Field(primary_key=True)
    wallet_id: str = Field(foreign_key="wallets.id", index=True)
    method: str
    envelope: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class SessionRow(WalletTable, table=True):
    """A wallet that is open, or, without a sealed token, whose store is being opened or to be closed."""

    __tablename__ = "sessions"

    token_hash: str = Field(primary_key=True)
    wallet_id: str = Field(foreign_key="wallets.id", index=True)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sealed_token: bytes | None = Field(default=None)


class StatementKeyRow(WalletTable, table=True):
    """A key that statements are signed with, sealed with the service's secret key; its id is the public half."""

    __tablename__ = "statement_keys"

    id: str = Field(primary_key=True)
    sealed_key: bytes
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
