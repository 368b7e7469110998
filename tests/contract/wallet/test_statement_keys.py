"""Keys that statements are signed with, on both databases."""

from datetime import UTC, datetime, timedelta

from shared.vc.erasure import open_statement
from shared.vc.keys import multikey_of
from tests.support.databases import migrated
from wallet.adapters.sql_statement_keys import SqlStatementKeys
from wallet.adapters.sql_tables import StatementKeyRow
from wallet.entry.leaving_api import jwk_set
from wallet.main import MIGRATIONS

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FIRST, SECOND = b"1" * 32, b"2" * 32
STATEMENT = {"iss": "https://wallet.example", "format": "ujuzi-erasure/1"}


async def test_one_key_is_made_and_kept_sealed(database_url: str) -> None:
    async with migrated(database_url, MIGRATIONS) as db:
        keys = SqlStatementKeys(db, FIRST, clock=lambda: NOW)
        first, again = (await keys.signer())(STATEMENT), (await keys.signer())(STATEMENT)

        (public,) = await keys.public()
        assert first == again
        assert open_statement(first, jwk_set([public]))["iss"] == "https://wallet.example"
        async with db.reading() as session:
            row = await session.get(StatementKeyRow, multikey_of(public))
        assert row is not None
        assert len(row.sealed_key) > 32


async def test_after_another_secret_key_earlier_statements_still_check(database_url: str) -> None:
    async with migrated(database_url, MIGRATIONS) as db:
        before = (await SqlStatementKeys(db, FIRST, clock=lambda: NOW).signer())(STATEMENT)
        keys = SqlStatementKeys(db, SECOND, clock=lambda: NOW + timedelta(days=1))
        after = (await keys.signer())(STATEMENT)

        published = jwk_set(await keys.public())
        assert len(published["keys"]) == 2  # type: ignore[arg-type]  # a list of two
        for statement in (before, after):
            assert open_statement(statement, published)["format"] == "ujuzi-erasure/1"
