"""`StatementKeys` on SQLite or PostgreSQL: seeds sealed with the service's secret key, public halves as their ids."""

from collections.abc import Mapping, Sequence

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from pydantic import JsonValue
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.adapters.sql import Database
from shared.contracts.erasure import ERASURE_JWS_TYPE
from shared.ports.clock import Clock
from shared.vc import jws
from shared.vc.keys import SigningKey, public_from_multikey
from wallet.adapters.sql_tables import StatementKeyRow
from wallet.ports import SignStatement


class SqlStatementKeys:
    """The newest key that opens signs. Under another secret key a new one is made, and the old public halves stay."""

    def __init__(self, database: Database, secret_key: bytes, *, clock: Clock) -> None:
        """`secret_key` is 32 bytes (`settings.sealing_key`)."""
        self._database = database
        self._box = SecretBox(secret_key)
        self._clock = clock

    async def signer(self) -> SignStatement:
        """Made at its first use."""
        async with self._database.session() as session:
            for row in await _rows(session):
                try:
                    return _signer(SigningKey.from_seed(self._box.decrypt(row.sealed_key)))
                except CryptoError:
                    continue
            key = SigningKey.generate()
            sealed = bytes(self._box.encrypt(key.seed))
            session.add(StatementKeyRow(id=key.multikey, sealed_key=sealed, created_at=self._clock()))
            return _signer(key)

    async def public(self) -> Sequence[bytes]:
        """Of every key there ever was."""
        async with self._database.reading() as session:
            return [public_from_multikey(row.id) for row in await _rows(session)]


async def _rows(session: AsyncSession) -> Sequence[StatementKeyRow]:
    newest_first = select(StatementKeyRow).order_by(
        col(StatementKeyRow.created_at).desc(), col(StatementKeyRow.id)
    )
    return (await session.exec(newest_first)).all()


def _signer(key: SigningKey) -> SignStatement:
    def sign(payload: Mapping[str, JsonValue]) -> str:
        return jws.sign(payload, key=key, kid=key.multikey, typ=ERASURE_JWS_TYPE)

    return sign
