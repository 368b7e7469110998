"""An issuer's agent whose store is older than what it issued: nobody is revoked with somebody else."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from services.agent.adapters.store_place import FILE, place_in_database
from services.launcher.adapters.home_archive import restore_backup, write_backup
from tests.support.agents import Party, running_parties
from tests.support.flows import accept, connect, new_learner, offer, prepare_issuing
from tests.support.nats_server import running_nats
from tests.support.postgres import fresh_database
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
async def parties(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Party]]:
    """Agents of their own: one goes back to an earlier day."""
    with running_nats() as nats:
        folder = tmp_path_factory.mktemp("restored")
        async with running_parties(folder, nats, "issuer", "wallet") as started:
            yield started


async def issued(parties: dict[str, Party], cred_def_id: str, name: str) -> tuple[str, int]:
    """The place of a new learner's credential: registry and number."""
    learner = await new_learner(parties["wallet"])
    at_issuer, at_learner = await connect(parties["issuer"], learner.api)
    exchange_id = await offer(parties["issuer"], at_issuer, cred_def_id, name)
    await accept(parties["issuer"], learner, at_learner, exchange_id)
    record = await parties["issuer"].admin.get(f"/issue-credential-2.0/records/{exchange_id}")
    return str(record["anoncreds"]["rev_reg_id"]), int(record["anoncreds"]["cred_rev_id"])


async def test_a_restored_agent_gives_no_place_in_a_status_list_a_second_time(
    parties: dict[str, Party], tmp_path: Path
) -> None:
    issuer = parties["issuer"]
    cred_def_id = await prepare_issuing(issuer, revocable=True)
    before = await issued(parties, cred_def_id, "Amina")
    store = Path(issuer.agent.environment["AGENT_STORAGE_DIR"])
    issuer.agent.stop()
    write_backup(store, tmp_path / "backup", made_at="2026-11-22T09:00:00+00:00")
    issuer.agent.spawn()
    await issuer.agent.ready()
    after = await issued(parties, cred_def_id, "Neema")
    assert after == (before[0], before[1] + 1)

    issuer.agent.stop()
    shutil.rmtree(store)
    restore_backup(tmp_path / "backup", store)
    assert not (store / FILE).exists()
    issuer.agent.spawn()
    await issuer.agent.ready()
    await until(
        lambda: "The registries of" in issuer.agent.log.read_text(), 120, "its registries are replaced"
    )

    fresh = await issued(parties, cred_def_id, "Baraka")
    assert fresh[0] not in {before[0], after[0]}
    asked = {"rev_reg_id": before[0], "cred_rev_ids": [before[1]], "state": "revoked"}
    assert (await issuer.admin.post("/ujuzi/status", asked))["changed"] == [before[1]]

    issuer.agent.stop()
    issuer.agent.spawn()
    await issuer.agent.ready()
    assert (await issued(parties, cred_def_id, "Zawadi"))[0] == fresh[0], "settled once"


@pytest.mark.parametrize("schema", ["public", "ujuzi_agent"])
async def test_a_database_read_in_from_a_dump_is_another_place(postgres_cluster: str, schema: str) -> None:
    """Askar makes its tables in the schema of its user's name where there is one."""
    url = await fresh_database(postgres_cluster)
    await statement(url, f"create schema if not exists {schema}")
    await statement(url, f"create table {schema}.items (id int)")
    place = await place_in_database(url)
    assert await place_in_database(url) == place
    await statement(url, f"insert into {schema}.items select 1")
    await statement(url, f"vacuum full {schema}.items")
    assert await place_in_database(url) == place, "what the server does by itself moves nothing"

    await statement(url, f"drop table {schema}.items")
    await statement(url, f"create table {schema}.items (id int)")
    read_in_here = await place_in_database(url)
    elsewhere = await fresh_database(postgres_cluster)
    await statement(elsewhere, "create table items (id int)")
    assert len({place, read_in_here, await place_in_database(elsewhere)}) == 3


async def statement(url: str, sql: str) -> None:
    connection = await asyncpg.connect(f"postgresql://{url.partition('://')[2]}")
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
