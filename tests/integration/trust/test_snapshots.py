"""A verifier's or wallet's snapshots of a real registry's list, over real HTTP and a real NATS server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from services.trust_registry.main import MIGRATIONS
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.http_trust_lists import TrustSnapshots
from shared.adapters.jetstream import connect
from shared.adapters.sql import Database, upgrade
from shared.adapters.sql_trust_pins import SqlTrustPins
from shared.adapters.webvh_resolver import WebvhResolver
from shared.ports.trust_pins import PinState, TrustPin
from shared.vc.keys import SigningKey
from shared.vc.trust_decision import AwardDate, Refused, TrustDecision, TrustQuestion, Unreachable, decide
from shared.vc.trust_list_form import sign_list
from shared.vc.webvh import create_log
from tests.integration.trust.registry import (
    HOST,
    ISSUER,
    VERIFIER,
    Registry,
    running_registry,
    serving,
    sqlite_url,
)
from tests.support.nats_server import PASSWORD, NatsServer
from tests.support.wait import until


@asynccontextmanager
async def party(
    folder: Path,
    client: GuardedClient,
    *,
    poll_seconds: float = 3600,
    pins: Callable[[Database], SqlTrustPins] = SqlTrustPins,
) -> AsyncIterator[TrustSnapshots]:
    """A party with a database of its own; nothing polls unless a test runs it."""
    url = f"sqlite:///{folder}/party.db"
    await upgrade(url, MIGRATIONS)
    database = Database(url)
    lists = TrustSnapshots(client, pins(database), WebvhResolver(client), poll_seconds=poll_seconds)
    await lists.start()
    try:
        async with client:
            yield lists
    finally:
        await database.close()


def judged(lists: TrustSnapshots, awarded: int = 20260101) -> TrustDecision:
    question = TrustQuestion(did=ISSUER, action="issue", awarded=AwardDate.on(awarded))
    return decide(lists.snapshots(), question, now=datetime.now(UTC))


async def test_a_verifier_judges_by_what_the_registry_publishes(registry: Registry, tmp_path: Path) -> None:
    authorization = await registry.grant((await registry.entity())["id"])
    pin = await registry.pin()
    async with party(tmp_path, registry.client()) as lists:
        await lists.pin(pin)

        assert judged(lists).outcome == "passed"
        assert "not trusted when issued: trusted since 2025-01-01" in judged(lists, 20241231).reason
        await registry.change(authorization["id"], "compromise")
        assert judged(lists).outcome == "passed"
        await lists.refresh(pin.url)
        assert "its key is compromised" in judged(lists).reason


async def test_a_wallet_knows_who_may_verify(registry: Registry, tmp_path: Path) -> None:
    entity = await registry.entity(VERIFIER, names={"en": "Job platform", "sw": "Jukwaa la kazi"})
    await registry.grant(entity["id"], action="verify")
    async with party(tmp_path, registry.client()) as lists:
        snapshot = await lists.pin(await registry.pin())

        question = TrustQuestion(did=VERIFIER, action="verify")
        decision = decide(lists.snapshots(), question, now=datetime.now(UTC))
        assert decision.outcome == "passed"
        assert snapshot.trust_list is not None
        listed = snapshot.trust_list.entity_of(VERIFIER)
        assert listed is not None
        assert listed.name("sw") == "Jukwaa la kazi"


async def test_an_announcement_brings_the_next_look_forward(
    registry: Registry, tmp_path: Path, nats_server: NatsServer
) -> None:
    entity = await registry.entity()
    async with party(tmp_path, registry.client()) as lists:
        await lists.pin(await registry.pin())
        nats = await connect(nats_server.url, "verifier", PASSWORD)
        await lists.listen(nats)
        await nats.flush()
        polling = asyncio.create_task(lists.run())
        try:
            await until(
                lambda: lists.snapshots()[0].state(datetime.now(UTC)) == "fresh", 30, "the first look"
            )
            assert judged(lists).outcome == "failed"
            await registry.grant(entity["id"])
            await until(lambda: judged(lists).outcome == "passed", 30, "the announced list is there")
        finally:
            polling.cancel()
            await nats.close()


async def test_a_process_that_was_told_nothing_looks_when_a_list_it_does_not_know_is_asked_for(
    registry: Registry, tmp_path: Path
) -> None:
    await registry.grant((await registry.entity())["id"])
    pin = await registry.pin()
    async with party(tmp_path, registry.client()) as here, party(tmp_path, registry.client()) as there:
        await here.pin(pin)
        assert not there.snapshots()
        (known,) = await there.looked_up()
        assert (known.url, judged(there).outcome) == (pin.url, "passed")
        (unknown,) = await there.looked_up(["https://nobody.example/list"])
        assert unknown.trust_list is None

    async with party(tmp_path, registry.client()) as again:
        (known,) = await again.looked_up([pin.url])
        assert known.trust_list is not None


async def test_whoever_begins_to_listen_looks_what_was_pinned_before(
    registry: Registry, tmp_path: Path, nats_server: NatsServer
) -> None:
    pin = await registry.pin()
    nats = await connect(nats_server.url, "verifier", PASSWORD)
    looks = 0

    class Looked(SqlTrustPins):
        async def all(self) -> Sequence[PinState]:
            nonlocal looks
            found = await super().all()
            looks += 1
            return found

    async with (
        party(tmp_path, registry.client()) as here,
        party(tmp_path, registry.client(), pins=Looked) as there,
    ):
        polling = asyncio.create_task(there.run())
        try:
            await until(lambda: looks == 2, 5, "its first looks, at its start and when it began to poll")
            await here.pin(pin)
            assert not there.snapshots()
            await there.listen(nats)
            await until(lambda: there.snapshot(pin.url), 30, "the list that was pinned before it listened")
        finally:
            polling.cancel()
            await nats.close()


async def test_what_one_process_pins_or_unpins_the_others_know_at_once(
    registry: Registry, tmp_path: Path, nats_server: NatsServer
) -> None:
    await registry.grant((await registry.entity())["id"])
    pin = await registry.pin()
    nats = await connect(nats_server.url, "verifier", PASSWORD)
    async with party(tmp_path, registry.client()) as here, party(tmp_path, registry.client()) as there:
        for each in (here, there):
            await each.listen(nats)
        await nats.flush()
        polling = asyncio.create_task(there.run())
        try:
            await here.pin(pin)
            await until(lambda: there.snapshot(pin.url), 30, "the other process knows the list")
            await until(lambda: judged(there).outcome == "passed", 30, "and judges by it")
            await here.unpin(pin.url)
            await until(lambda: not there.snapshots(), 30, "the other process trusts it no longer")
        finally:
            polling.cancel()
            await nats.close()


async def test_polling_alone_suffices(registry: Registry, tmp_path: Path) -> None:
    entity = await registry.entity()
    async with party(tmp_path, registry.client(), poll_seconds=0.1) as lists:
        await lists.pin(await registry.pin())
        polling = asyncio.create_task(lists.run())
        try:
            await registry.grant(entity["id"])
            await until(lambda: judged(lists).outcome == "passed", 30, "the polled list is there")
        finally:
            polling.cancel()


async def test_a_list_that_is_not_renewed_goes_stale_and_a_new_one_heals_it(
    registry: Registry, tmp_path: Path
) -> None:
    await registry.grant((await registry.entity())["id"])
    pin = await registry.pin()
    async with party(tmp_path, registry.client()) as lists:
        await registry.post("/v1/lists/demo/issue", {"valid_seconds": 1})
        await lists.pin(pin)

        await until(lambda: judged(lists).outcome == "unknown", 30, "the list is stale")
        assert "is stale: number 4 was to be renewed by" in judged(lists).reason
        assert lists.snapshots()[0].state(datetime.now(UTC)) == "stale"
        await registry.post("/v1/lists/demo/issue", {})
        await lists.refresh(pin.url)
        assert judged(lists).outcome == "passed"


async def test_a_registry_that_is_away_leaves_the_last_list_in_use(
    tmp_path: Path, nats_server: NatsServer
) -> None:
    async with running_registry(sqlite_url(tmp_path), nats_server) as registry:
        await registry.grant((await registry.entity())["id"])
        pin, client = await registry.pin(), registry.client()
        async with party(tmp_path, client) as lists:
            await lists.pin(pin)

    async with party(tmp_path, registry.client()) as lists:
        snapshot = await lists.refresh(pin.url)

        assert isinstance(snapshot.problem, Unreachable)
        assert judged(lists).outcome == "passed"


async def test_a_registry_never_reached_leaves_everything_undecided(
    registry: Registry, tmp_path: Path
) -> None:
    pin = await registry.pin()
    async with party(tmp_path, GuardedClient({HOST: "http://127.0.0.1:9"})) as lists:
        await lists.pin(pin)

        assert judged(lists).outcome == "unknown"
        assert "the trust list demo could not be checked" in judged(lists).reason


async def test_a_pin_with_another_key_refuses_the_list(registry: Registry, tmp_path: Path) -> None:
    await registry.grant((await registry.entity())["id"])
    pin = await registry.pin()
    async with party(tmp_path, registry.client()) as lists:
        stranger = SigningKey.generate().multikey

        snapshot = await lists.pin(TrustPin(url=pin.url, name=pin.name, operator_key=stranger))

        assert isinstance(snapshot.problem, Refused)
        assert "not signed by the pinned operator key" in snapshot.problem.reason
        assert judged(lists).outcome == "unknown"


async def test_a_replaced_key_is_followed_without_a_new_pin_and_the_old_one_counts_no_more(
    registry: Registry, tmp_path: Path
) -> None:
    authorization = await registry.grant((await registry.entity())["id"])
    pin = await registry.pin()
    async with party(tmp_path, registry.client()) as lists:
        await lists.pin(pin)

        for _ in range(2):
            await registry.post("/v1/keys/rotate", {}, 200)
            followed = await lists.refresh(pin.url)
            assert followed.problem is None
        newest = await registry.pin()
        assert newest.operator_key != pin.operator_key
        await registry.change(authorization["id"], "lapse")
        await lists.refresh(pin.url)
        assert judged(lists, int(f"{datetime.now(UTC):%Y%m%d}") + 10000).outcome == "failed"

    async with party(tmp_path, registry.client()) as lists:
        (taken_up,) = lists.snapshots()
        assert taken_up.trust_list is not None, "a restart knows the key that was followed"
        assert (await lists.refresh(pin.url)).problem is None
        kept = await lists.pin(newest)
        assert kept.problem is None
        assert kept.trust_list == taken_up.trust_list


async def test_a_key_the_authoritys_did_does_not_list_is_not_followed(
    registry: Registry, tmp_path: Path
) -> None:
    await registry.entity()
    pin = await registry.pin()
    about = await registry.about()
    async with party(tmp_path, registry.client()) as lists:
        first = await lists.pin(pin)
    assert first.trust_list is not None
    thief = SigningKey.generate()
    log = (await registry.public.get("/authority/demo/did.jsonl")).text
    forged = replace(first.trust_list, sequence=first.trust_list.sequence + 1, previous=None)
    served = {
        "list": sign_list(forged, key=thief, kid=f"{about['operator_did']}#{thief.multikey}"),
        "log": log,
    }
    hostile = FastAPI()

    @hostile.get("/lists/demo")
    async def forged_list() -> PlainTextResponse:
        return PlainTextResponse(served["list"])

    @hostile.get("/authority/demo/did.jsonl")
    async def did_log() -> PlainTextResponse:
        return PlainTextResponse(served["log"])

    async with serving(hostile) as base_url, party(tmp_path, GuardedClient({HOST: base_url})) as lists:
        snapshot = await lists.refresh(pin.url)
        assert isinstance(snapshot.problem, Refused)
        assert "no present key of its operator's DID" in snapshot.problem.reason
        assert snapshot.trust_list == first.trust_list

        # a DID of the thief's own, even under the same host and path, is another DID
        own = create_log(host=HOST, path=("authority", "demo"), key=thief, now=datetime.now(UTC))
        served["log"] = own.jsonl
        snapshot = await lists.refresh(pin.url)
        assert isinstance(snapshot.problem, Refused)
        served["list"] = sign_list(forged, key=thief, kid=f"{own.did}#{thief.multikey}")
        snapshot = await lists.refresh(pin.url)
        assert isinstance(snapshot.problem, Refused)
        assert "not signed by the pinned operator key" in snapshot.problem.reason


async def test_a_key_that_was_replaced_signs_no_newer_list_and_the_log_is_not_rolled_back(
    registry: Registry, tmp_path: Path
) -> None:
    await registry.entity()
    pin = await registry.pin()
    before = (await registry.public.get("/authority/demo/did.jsonl")).text
    async with party(tmp_path, registry.client()) as lists:
        await lists.pin(pin)
        await registry.post("/v1/keys/rotate", {}, 200)
        followed = await lists.refresh(pin.url)
        assert followed.trust_list is not None
        await registry.post("/v1/lists/demo/issue", {})
    newer = (await registry.public.get("/lists/demo")).text
    hostile = FastAPI()

    @hostile.get("/lists/demo")
    async def newest() -> PlainTextResponse:
        return PlainTextResponse(newer)

    @hostile.get("/authority/demo/did.jsonl")
    async def shortened() -> PlainTextResponse:
        return PlainTextResponse(before)

    async with serving(hostile) as base_url, party(tmp_path, GuardedClient({HOST: base_url})) as lists:
        snapshot = await lists.refresh(pin.url)
        assert isinstance(snapshot.problem, Refused)
        assert "it was rolled back" in snapshot.problem.reason
        assert snapshot.trust_list == followed.trust_list


async def test_a_server_that_rolls_the_list_back_is_refused_even_after_a_restart(
    registry: Registry, tmp_path: Path
) -> None:
    authorization = await registry.grant((await registry.entity())["id"])
    old = (await registry.public.get("/lists/demo")).text
    await registry.change(authorization["id"], "withdraw", earlier_awards_stand=False)
    pin = await registry.pin()
    async with party(tmp_path, registry.client()) as lists:
        await lists.pin(pin)
        assert "earlier awards do not stand" in judged(lists).reason
    hostile = FastAPI()

    @hostile.get("/lists/demo")
    async def rolled_back() -> PlainTextResponse:
        return PlainTextResponse(old)

    async with serving(hostile) as base_url, party(tmp_path, GuardedClient({HOST: base_url})) as lists:
        snapshot = await lists.refresh(pin.url)

        assert isinstance(snapshot.problem, Refused)
        assert "was already seen: the list was rolled back" in snapshot.problem.reason
        assert "earlier awards do not stand" in judged(lists).reason


async def test_a_registry_restored_from_an_old_backup_goes_on_above_the_numbers_it_published(
    tmp_path: Path, nats_server: NatsServer
) -> None:
    url, file = sqlite_url(tmp_path), tmp_path / "registry.db"
    async with running_registry(url, nats_server) as registry:
        pin = await registry.pin()
    backup = file.read_bytes()
    async with running_registry(url, nats_server) as registry:
        await registry.grant((await registry.entity())["id"])
        newest = (await registry.about())["sequence"]
        async with party(tmp_path, registry.client()) as lists:
            await lists.pin(pin)
    file.write_bytes(backup)

    async with (
        running_registry(url, nats_server) as registry,
        party(tmp_path, registry.client()) as lists,
    ):
        rolled_back = (await lists.refresh(pin.url)).problem
        assert isinstance(rolled_back, Refused)
        assert "was rolled back" in rolled_back.reason
        issued = await registry.post("/v1/lists/demo/issue", {"number_at_least": newest + 1})
        assert issued["sequence"] == newest + 1
        taken = await lists.refresh(pin.url)
        assert taken.problem is None
        assert taken.trust_list is not None
        assert (taken.trust_list.sequence, taken.trust_list.entities) == (newest + 1, ())
        await registry.grant((await registry.entity())["id"])
        assert (await lists.refresh(pin.url)).problem is None
        assert judged(lists).outcome == "passed"


@pytest.mark.parametrize("number", [0, 2**31])
async def test_a_number_no_list_can_have_is_refused(registry: Registry, number: int) -> None:
    answer = await registry.admin.post("/v1/lists/demo/issue", json={"number_at_least": number})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == "body.number_at_least"
