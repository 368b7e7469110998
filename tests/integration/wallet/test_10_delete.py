"""A wallet that is deleted is gone: from the disk too, and whatever befell the service meanwhile."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from services.launcher.adapters.http_learner import HttpLearner
from services.launcher.errors import ServiceRefused
from shared.adapters.sql import Database
from shared.contracts.erasure import KEYS_PATH
from shared.vc.erasure import open_statement
from shared.vc.wallet_lock import WrongPassphrase
from tests.support.nats_server import NatsServer
from tests.support.traces import traces
from tests.support.wait import until
from tests.support.wallet import World
from wallet.adapters.sql_tables import SessionRow, UnlockMethodRow, WalletRow
from wallet.adapters.sql_wallets import SqlWallets

SECONDS = 30


async def delete(world: World, learner: HttpLearner, language: str = "en") -> dict[str, object]:
    headers = learner._opened()._headers
    answer = await world.client.delete(f"{world.url}/v1/wallet?lang={language}", headers=headers, timeout=30)
    assert answer.status_code == 200
    erased: dict[str, object] = answer.json()
    return erased


def stores_of(world: World) -> set[Path]:
    return set((world.agent.folder / "store" / "wallet").iterdir())


async def test_the_statement_is_hers_alone_and_checks_against_the_published_key(
    world: World, wallet_nats: NatsServer
) -> None:
    learner = await world.new_learner()
    credential = await world.give(learner, world.award("Makena"))
    request, exchange_id = await world.ask(learner, world.proof_request())
    await learner.consent(request["id"], {"need_0": credential["id"]})
    await world.presented(exchange_id)

    erased = await delete(world, learner, "sw")

    published = (await world.client.get(f"{world.url}{KEYS_PATH}")).json()
    said = open_statement(str(erased["statement"]), published)
    assert (said["iss"], said["sub"], said["language"]) == (world.url, learner.wallet_id, "sw")
    assert said["deleted"]["credentials"] == 1
    assert said["elsewhere"]["issuers"][0]["names"] == {"en": "Digital Skills Trust"}
    (share,) = said["elsewhere"]["shares"]
    assert (share["who"], share["did"]) == ("Kazi Jobs", world.verifier_did)
    assert share["purpose"] == "Application: junior data analyst"
    assert share["shown"] == ["title", "achievement_id"]
    assert "Kazi Jobs" in " ".join(said["words"])
    assert "Makena" not in json.dumps(said)
    places = [world.folder / "wallet", wallet_nats._folder]
    assert traces([str(erased["statement"]), "junior data analyst"], places) == []


async def test_a_deleted_wallet_leaves_neither_file_nor_row(world: World, wallet_nats: NatsServer) -> None:
    learner = await world.new_learner()
    values = world.award("Achieng'a")
    telling = [values[name] for name in ("given_name", "title", "grade", "twin_digest")]
    await world.give(learner, values)
    methods = await learner._door.get(f"/v1/wallets/{learner.wallet_id}/unlock-methods")
    wrapped = str(methods["items"][0]["envelope"]["wrapped"])
    database = [world.folder / "wallet" / name for name in ("service.db", "service.db-wal")]
    assert traces([wrapped], database) != []
    before = stores_of(world)

    erased = await delete(world, learner)

    assert erased["finished"] is True
    assert len(before - stores_of(world)) == 1
    places = [world.folder / "wallet", wallet_nats._folder]
    assert traces([wrapped, world.passphrase, *telling], places) == []
    assert await rows_of(world, str(learner.wallet_id)) == 0
    with pytest.raises((ServiceRefused, WrongPassphrase)):
        await learner.unlock(world.passphrase)


async def test_a_deletion_that_was_cut_off_is_finished_by_itself_and_nothing_opens_meanwhile(
    world: World,
) -> None:
    learner = await world.new_learner()
    await world.give(learner, world.award("Wanjala"))
    before = stores_of(world)
    key = await key_of(world, learner)
    async with Database(world.settings.database_url) as db:
        await SqlWallets(db).begin_erasure(str(learner.wallet_id), now=datetime.now(UTC))

    answer = await world.client.post(
        f"{world.url}/v1/wallets/{learner.wallet_id}/unlock", json={"wallet_key": key}
    )
    assert answer.status_code in {403, 404}

    async def finished() -> bool:
        return len(before - stores_of(world)) == 1 and not await rows_of(world, str(learner.wallet_id))

    await until(finished, SECONDS, "what was left of the wallet is gone")


async def key_of(world: World, learner: HttpLearner) -> str:
    """What her device sends to open the wallet."""
    key = await learner._unwrapped(str(learner.wallet_id), "passphrase", world.passphrase)
    return base64.urlsafe_b64encode(key).rstrip(b"=").decode()


async def rows_of(world: World, wallet_id: str) -> int:
    async with Database(world.settings.database_url) as db, db.reading() as session:
        counts = [
            await session.exec(select(func.count()).select_from(table).where(col(column) == wallet_id))
            for table, column in (
                (WalletRow, WalletRow.id),
                (UnlockMethodRow, UnlockMethodRow.wallet_id),
                (SessionRow, SessionRow.wallet_id),
            )
        ]
        return sum(found.one() for found in counts)
