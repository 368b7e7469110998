"""Two wallet agents' processes and one learner's store: one of them has it, whatever happens to the other."""

import asyncio
import hashlib
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.agent.adapters.jetstream_lease import STALE_SECONDS
from shared.adapters.acapy_client import AcapyClient, AgentUnavailable
from shared.adapters.jetstream import publish
from shared.contracts import streams
from tests.support.agents import AgentProcess, Party, running_parties
from tests.support.flows import (
    Learner,
    accept,
    connect,
    exchange,
    new_learner,
    offer,
    open_wallet,
    prepare_issuing,
)
from tests.support.nats_server import running_nats
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

REFUSED_WITHIN = 90
WATCHED = ("DIDCOMM_OUT", "DIDCOMM_PARKED", "DIDCOMM_POISON", "AGENT_EVENTS")


@pytest.fixture(scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Party]]:
    """An issuer and a wallet whose agent may be lost, in NATS accounts that no other test's agents use."""
    with running_nats() as nats:
        async with running_parties(tmp_path_factory.mktemp("owners"), nats, "issuer", "wallet") as started:
            yield started


@pytest.fixture(scope="module")
async def cred_def(two: dict[str, Party]) -> str:
    return await prepare_issuing(two["issuer"], revocable=False)


def store(agent: AgentProcess) -> Path:
    return Path(agent.environment["AGENT_STORAGE_DIR"])


def content(folder: Path) -> dict[str, str]:
    """A digest of each file of the stores; how SQLite's readers share their memory is none of their content."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.endswith("-shm")
    }


async def refusal(agent: AgentProcess) -> str:
    """What a process says that ends by itself."""
    agent.spawn()
    assert await asyncio.to_thread(agent.wait, REFUSED_WITHIN) == 1
    assert "Traceback" not in agent.tail()
    return agent.tail()


async def test_a_second_process_is_refused_until_the_first_has_ended(
    two: dict[str, Party], cred_def: str
) -> None:
    issuer, wallet = two["issuer"], two["wallet"]
    first = wallet.agent
    learner = await new_learner(wallet)
    at_issuer, at_learner = await connect(issuer, learner.api)
    exchange_id = await offer(issuer, at_issuer, cred_def, "Neema")
    copied = store(first).with_name("copied")
    await asyncio.to_thread(shutil.copytree, store(first), copied)

    by_lock, by_answer = await asyncio.gather(
        refusal(first.again("same-folder")), refusal(first.again("copied-folder", store=copied))
    )
    first.pause()
    by_lock_of_paused = await refusal(first.again("same-folder-paused"))
    first.resume()

    whose = f"process {first.pid} on "
    assert f"belong to {whose}" in by_lock
    assert f"handled by {whose}" in by_answer
    assert f"belong to {whose}" in by_lock_of_paused
    assert (await learner.api.get(f"/connections/{at_learner}"))["rfc23_state"] == "completed"

    first.kill()
    second = first.again("second")
    second.spawn()
    await second.ready()
    wallet.moves_to(second)
    await open_wallet(wallet, learner)
    await accept(issuer, learner, at_learner, exchange_id)
    await exactly(learner, 1)


async def test_a_paused_process_that_was_displaced_writes_sends_and_acknowledges_nothing(
    two: dict[str, Party], cred_def: str
) -> None:
    issuer, wallet = two["issuer"], two["wallet"]
    first = wallet.agent
    learner = await new_learner(wallet)
    at_issuer, at_learner = await connect(issuer, learner.api)
    answered = await offer(issuer, at_issuer, cred_def, "Neema")
    offered = await exchange(learner.api, "issue-credential-2.0", "offer-received", connection_id=at_learner)
    accepting = f"/issue-credential-2.0/records/{offered['cred_ex_id']}/send-request"
    idle = await until(lambda: nothing_moves(wallet), 30, "all is quiet")

    first.pause()
    paused = time.monotonic()
    at_first = AcapyClient(first.url, first.environment["AGENT_ADMIN_KEY"]).with_token(
        learner.api._token or ""
    )
    asked = asyncio.create_task(at_first.post(accepting, {}))
    waiting = await hand_over(issuer, at_issuer, cred_def, wallet, learner)
    second_store = store(first).with_name("moved")
    await asyncio.to_thread(shutil.copytree, store(first), second_store)
    as_left = content(store(first))
    second = first.again("displacing", store=second_store)
    second.spawn()
    await second.ready()
    wallet.moves_to(second)
    await open_wallet(wallet, learner)
    for exchange_id in (answered, waiting):
        await accept(issuer, learner, at_learner, exchange_id)
    await exactly(learner, 2)
    quiet = await until(lambda: nothing_moves(wallet), 30, "all is quiet again")
    assert quiet != idle
    await until(lambda: time.monotonic() - paused > STALE_SECONDS, 30, "the pause is a long one")

    first.resume()

    assert await asyncio.to_thread(first.wait, 15) == 1
    said = first.tail()
    assert "This agent ends, and every wallet open here with it" in said
    assert f"its stores now belong to process {second.pid} on " in said
    with pytest.raises(AgentUnavailable):
        await asked
    assert content(store(first)) == as_left
    assert await nothing_moves(wallet) == quiet
    await exactly(learner, 2)
    assert (await wallet.admin.get(f"/ujuzi/wallets/{learner.wallet_id}"))["state"] == "open"


async def exactly(learner: Learner, credentials: int) -> None:
    held = (await learner.api.get("/credentials", params={"count": 100}))["results"]
    assert len(held) == credentials


async def nothing_moves(wallet: Party) -> list[int] | None:
    """The last sequence of what an agent publishes to, once nothing waits to be handled."""
    js = wallet.bus.js
    if (await js.stream_info("DIDCOMM_IN")).state.messages:
        return None
    out = await js.stream_info("DIDCOMM_OUT", subjects_filter=streams.OUTBOUND)
    if out.state.subjects:
        return None
    return [(await js.stream_info(name)).state.last_seq for name in WATCHED]


async def hand_over(issuer: Party, at_issuer: str, cred_def: str, wallet: Party, learner: Learner) -> str:
    """An offer that a paused agent was given to handle; its exchange id at the issuer."""
    leaving = await issuer.bus.nc.subscribe(streams.OUTBOUND)
    exchange_id = await offer(issuer, at_issuer, cred_def, "Amina")
    envelope = (await leaving.next_msg(10)).data
    await leaving.unsubscribe()
    await publish(
        wallet.bus.js,
        streams.inbound_subject(learner.wallet_id),
        envelope,
        message_id=streams.inbound_message_id(envelope),
    )

    async def in_hand() -> bool:
        [consumer] = await wallet.bus.js.consumers_info("DIDCOMM_IN")
        return consumer.num_ack_pending == 1

    await until(in_hand, 30, "the paused process has it")
    return exchange_id
