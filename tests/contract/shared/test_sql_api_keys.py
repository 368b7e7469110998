import asyncio

import pytest

from shared.adapters.sql import Database
from shared.adapters.sql_api_keys import ApiKeyRow, SqlApiKeys
from shared.ports.api_keys import ApiKeyUnknown


@pytest.fixture
def keys(db: Database) -> SqlApiKeys:
    return SqlApiKeys(db)


async def test_a_key_that_was_made_is_found_with_its_scopes(keys: SqlApiKeys) -> None:
    key = await keys.create("console", ["awards:read", "awards:write"])
    found = await keys.find(key)
    assert found is not None
    assert (found.name, found.scopes) == ("console", frozenset({"awards:read", "awards:write"}))
    assert found.may("awards:read")
    assert not found.may("admin")


async def test_two_keys_are_never_alike(keys: SqlApiKeys) -> None:
    assert await keys.create("a", []) != await keys.create("b", [])


async def test_an_unknown_key_is_not_found(keys: SqlApiKeys) -> None:
    assert await keys.find("ujk_guess") is None


async def test_a_revoked_key_is_not_found(keys: SqlApiKeys) -> None:
    key = await keys.create("console", ["admin"])
    found = await keys.find(key)
    assert found is not None
    assert await keys.revoke(found.id)
    assert await keys.find(key) is None
    assert not await keys.revoke("no such id")


async def test_keeping_the_bootstrap_key_at_every_start_keeps_it_once(keys: SqlApiKeys) -> None:
    await keys.keep("bootstrap-key", "bootstrap", ["admin"])
    first = await keys.find("bootstrap-key")
    await keys.keep("bootstrap-key", "bootstrap", ["admin"])
    assert first is not None
    assert await keys.find("bootstrap-key") == first


async def test_processes_that_start_together_keep_one_bootstrap_key(keys: SqlApiKeys) -> None:
    await asyncio.gather(*(keys.keep("bootstrap-key", "bootstrap", ["admin"]) for _ in range(6)))
    assert await keys.find("bootstrap-key") is not None


async def test_a_bootstrap_key_that_was_revoked_stays_revoked(keys: SqlApiKeys) -> None:
    await keys.keep("bootstrap-key", "bootstrap", ["admin"])
    found = await keys.find("bootstrap-key")
    assert found is not None
    await keys.revoke(found.id)
    await keys.keep("bootstrap-key", "bootstrap", ["admin"])
    assert await keys.find("bootstrap-key") is None


async def test_the_database_holds_no_key(keys: SqlApiKeys, db: Database) -> None:
    key = await keys.create("console", ["admin"])
    found = await keys.find(key)
    assert found is not None
    async with db.reading() as session:
        row = await session.get(ApiKeyRow, found.id)
    assert row is not None
    assert key not in row.model_dump_json()


async def test_a_key_is_found_for_its_own_organisation_alone(keys: SqlApiKeys) -> None:
    made, key = await keys.make(
        name="lms", scopes=frozenset({"admin"}), expires_at=None, made_by="key:1", organisation="umoja"
    )
    found = await keys.find(key)
    assert found is not None
    assert found.organisation == "umoja"

    for stranger in ("elimu", None):
        assert await keys.page(after=None, limit=5, organisation=stranger) == []
        with pytest.raises(ApiKeyUnknown, match="No API key has this id"):
            await keys.one(made.id, stranger)
        assert not await keys.revoke(made.id, stranger)
    assert [each.id for each in await keys.page(after=None, limit=5, organisation="umoja")] == [made.id]
    assert await keys.revoke(made.id, "umoja")
