"""`WalletBook` on SQLite or PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.sql.dml import Delete, Update
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.adapters.sql import Database
from shared.contracts.streams import MAIN_SHARD
from wallet.adapters.sql_tables import SessionRow, UnlockMethodRow, WalletRow
from wallet.domain.capacity import DAY, MONTH, Held
from wallet.domain.erasure import Outside
from wallet.domain.session import KeptSession
from wallet.domain.unlock import UnlockMethod, removed, replaced
from wallet.errors import WalletUnknown


class SqlWallets:
    """Opaque ids, wrapped keys, hashes of session tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, wallet_id: str, methods: Sequence[UnlockMethod], *, now: datetime, shard: str = MAIN_SHARD
    ) -> None:
        """Remember a new wallet."""
        async with self._database.session() as session:
            session.add(WalletRow(id=wallet_id, created_at=now, never_used_since=now, shard=shard))
            await session.flush()
            session.add_all(
                UnlockMethodRow(
                    id=method.id,
                    wallet_id=wallet_id,
                    method=method.method,
                    envelope=dict(method.envelope),
                    created_at=now,
                )
                for method in methods
            )

    async def unlock_methods(self, wallet_id: str) -> Sequence[UnlockMethod]:
        """How it can be unlocked."""
        async with self._database.reading() as session:
            row = await session.get(WalletRow, wallet_id)
            if row is None or row.erasing_since is not None:
                raise WalletUnknown("No wallet of that id lives here.")
            return await _methods(session, wallet_id)

    async def put_unlock_method(self, wallet_id: str, method: UnlockMethod, *, now: datetime) -> None:
        """Add one, in the place of those it replaces."""
        async with self._database.session() as session:
            await _locked(session, wallet_id)
            await session.exec(_of(replaced(await _methods(session, wallet_id), method)))
            session.add(
                UnlockMethodRow(
                    id=method.id,
                    wallet_id=wallet_id,
                    method=method.method,
                    envelope=dict(method.envelope),
                    created_at=now,
                )
            )

    async def remove_unlock_method(self, wallet_id: str, which: str) -> None:
        """Forget the methods of a kind or the one of an id, unless there would be no words left."""
        async with self._database.session() as session:
            await _locked(session, wallet_id)
            await session.exec(_of(removed(await _methods(session, wallet_id), which)))

    async def begin_erasure(self, wallet_id: str, *, now: datetime) -> Outside:
        """Close it for ever, in one transaction."""
        async with self._database.session() as session:
            await _locked(session, wallet_id)
            methods = await session.exec(
                delete(UnlockMethodRow).where(col(UnlockMethodRow.wallet_id) == wallet_id)
            )
            sessions = await session.exec(delete(SessionRow).where(col(SessionRow.wallet_id) == wallet_id))
            await session.exec(
                update(WalletRow).where(col(WalletRow.id) == wallet_id).values(erasing_since=now)
            )
            return Outside(methods.rowcount, sessions.rowcount)

    async def being_erased(self) -> Sequence[str]:
        """Wallets that are closed for ever and still have something left."""
        since = col(WalletRow.erasing_since)
        async with self._database.reading() as session:
            found = await session.exec(select(WalletRow.id).where(since.is_not(None)).order_by(since))
            return list(found)

    async def remove(self, wallet_id: str) -> None:
        """Forget a wallet."""
        async with self._database.session() as session:
            await session.exec(delete(SessionRow).where(col(SessionRow.wallet_id) == wallet_id))
            await session.exec(delete(UnlockMethodRow).where(col(UnlockMethodRow.wallet_id) == wallet_id))
            await session.exec(delete(WalletRow).where(col(WalletRow.id) == wallet_id))
        await self._database.empty_journal()

    async def add_session(self, wallet_id: str, token_hash: str, *, now: datetime) -> None:
        """Remember that a wallet is open."""
        opened = update(WalletRow).where(
            col(WalletRow.id) == wallet_id, col(WalletRow.never_used_since).is_not(None)
        )
        async with self._database.session() as session:
            await _locked(session, wallet_id)
            session.add(
                SessionRow(token_hash=token_hash, wallet_id=wallet_id, created_at=now, last_used_at=now)
            )
            await session.exec(opened.values(never_used_since=now))

    async def end_session(self, token_hash: str) -> None:
        """Forget one session."""
        async with self._database.session() as session:
            await session.exec(delete(SessionRow).where(col(SessionRow.token_hash) == token_hash))

    async def end_sessions(self, wallet_id: str) -> None:
        """Forget a wallet's sessions."""
        async with self._database.session() as session:
            await session.exec(delete(SessionRow).where(col(SessionRow.wallet_id) == wallet_id))

    async def wallets_with_sessions(self) -> Sequence[str]:
        """Wallets that are open, or whose stores are to be closed."""
        async with self._database.reading() as session:
            found = await session.exec(select(SessionRow.wallet_id).distinct())
            return sorted(found)

    async def keep_session(self, token_hash: str, sealed_token: bytes) -> None:
        """It is open from now on."""
        async with self._database.session() as session:
            await session.exec(_session(token_hash).values(sealed_token=sealed_token))

    async def session(self, token_hash: str) -> KeptSession | None:
        """An open one."""
        async with self._database.reading() as session:
            row = await session.get(SessionRow, token_hash)
        if row is None or row.sealed_token is None:
            return None
        return KeptSession(row.wallet_id, row.sealed_token, row.last_used_at or row.created_at)

    async def session_used(self, token_hash: str, *, now: datetime) -> None:
        """Note its use."""
        async with self._database.session() as session:
            await session.exec(_session(token_hash).values(last_used_at=now))

    async def still_open(self, token_hashes: Sequence[str]) -> Collection[str]:
        """Those of these that are open."""
        wanted = select(SessionRow.token_hash).where(
            col(SessionRow.token_hash).in_(token_hashes), col(SessionRow.sealed_token).is_not(None)
        )
        async with self._database.reading() as session:
            return set(await session.exec(wanted))

    async def wallets_unused(self, *, before: datetime) -> Sequence[str]:
        """Wallets with open sessions, all of which were used last before then."""
        latest = func.max(func.coalesce(SessionRow.last_used_at, SessionRow.created_at))
        unused = (
            select(SessionRow.wallet_id)
            .where(col(SessionRow.sealed_token).is_not(None))
            .group_by(col(SessionRow.wallet_id))
            .having(latest <= before)
            .order_by(col(SessionRow.wallet_id))
        )
        async with self._database.reading() as session:
            return list(await session.exec(unused))

    async def void_sessions(self, wallet_id: str) -> None:
        """Nobody gets in by one of the wallet's sessions from now on; its store is still to be closed."""
        voided = update(SessionRow).where(col(SessionRow.wallet_id) == wallet_id)
        async with self._database.session() as session:
            await session.exec(voided.values(sealed_token=None))

    async def wallets_to_close(self) -> Sequence[str]:
        """Wallets with sessions, none of which is open."""
        to_close = (
            select(SessionRow.wallet_id)
            .group_by(col(SessionRow.wallet_id))
            .having(func.count(col(SessionRow.sealed_token)) == 0)
            .order_by(col(SessionRow.wallet_id))
        )
        async with self._database.reading() as session:
            return list(await session.exec(to_close))

    async def held(self, *, now: datetime) -> Held:
        """Counted in one look."""
        made = col(WalletRow.created_at)
        counted = select(
            func.count(),
            func.count().filter(made > now - DAY),
            func.count().filter(made > now - MONTH),
        ).select_from(WalletRow)
        async with self._database.reading() as session:
            wallets, last_day, last_month = (await session.exec(counted)).one()
        return Held(wallets, last_day, last_month)

    async def shard_of(self, wallet_id: str) -> str:
        """Also of one that is being erased."""
        async with self._database.reading() as session:
            row = await session.get(WalletRow, wallet_id)
            if row is None:
                raise WalletUnknown("No wallet of that id lives here.")
            return row.shard

    async def by_shard(self) -> Mapping[str, int]:
        """Counted in one look."""
        counted = select(WalletRow.shard, func.count()).group_by(col(WalletRow.shard))
        async with self._database.reading() as session:
            return dict((await session.exec(counted)).all())

    async def used(self, wallet_id: str) -> None:
        """Never take this wallet for unused again."""
        async with self._database.session() as session:
            await session.exec(
                update(WalletRow).where(col(WalletRow.id) == wallet_id).values(never_used_since=None)
            )

    async def never_used(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Wallets that were never used and not opened since."""
        since = col(WalletRow.never_used_since)
        async with self._database.reading() as session:
            found = await session.exec(
                select(WalletRow.id).where(since < before).order_by(since).limit(limit)
            )
            return list(found)


async def _locked(session: AsyncSession, wallet_id: str) -> None:
    """Let nobody else change this wallet's methods until the transaction ends. Raises WalletUnknown."""
    row = await session.get(WalletRow, wallet_id, with_for_update=True)
    if row is None or row.erasing_since is not None:
        raise WalletUnknown("No wallet of that id lives here.")


async def _methods(session: AsyncSession, wallet_id: str) -> Sequence[UnlockMethod]:
    """The oldest first."""
    rows = await session.exec(
        select(UnlockMethodRow)
        .where(col(UnlockMethodRow.wallet_id) == wallet_id)
        .order_by(col(UnlockMethodRow.created_at), col(UnlockMethodRow.id))
    )
    return [UnlockMethod(row.id, row.method, row.envelope) for row in rows]


def _session(token_hash: str) -> Update:
    return update(SessionRow).where(col(SessionRow.token_hash) == token_hash)


def _of(ids: Collection[str]) -> Delete:
    return delete(UnlockMethodRow).where(col(UnlockMethodRow.id).in_(ids))
