"""A wallet that has never heard of Ujuzi claims an award and satisfies a verifier; one that cheats does not."""

import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import httpx

from services.launcher.adapters.acapy_holder import AcapyHolder
from services.launcher.adapters.bundled_files import foreign_wallet_plugins
from services.launcher.adapters.child_processes import running_beside
from services.launcher.adapters.free_ports import free_base_port
from services.launcher.domain.foreign_wallet import FOREIGN_WALLET_PORTS, ForeignWallet
from services.launcher.domain.story import JUNIOR, ClaimableAward
from tests.support.exchange import RunningExchange
from tests.support.wait import until

SECONDS = 60


@asynccontextmanager
async def foreign_wallet(
    home: Path, hosts: Mapping[str, str], status_list: Literal["newest", "oldest"] = "newest"
) -> AsyncGenerator[AcapyHolder]:
    wallet = ForeignWallet(
        folder=home / "wallet",
        base_port=free_base_port(FOREIGN_WALLET_PORTS),
        python=sys.executable,
        plugins=foreign_wallet_plugins(),
        hosts=hosts,
        key="the-owner-of-the-foreign-wallet",
        status_list=status_list,
    )
    async with httpx.AsyncClient() as client, running_beside(home / "logs") as run:
        holder = AcapyHolder(wallet, run, client)
        await holder.create()
        yield holder


async def test_a_stock_agent_claims_and_satisfies_a_request(
    exchange: RunningExchange, awards: list[ClaimableAward], tmp_path: Path
) -> None:
    async with foreign_wallet(tmp_path, exchange.endpoints["dids"]) as agent:
        await agent.take_award(await exchange.issuer.claim(awards.pop().claim_url))
        (credential,) = await agent.credentials()
        assert credential["attrs"]["title"] == "Data Analytics Foundations"
        request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
        await agent.answer(invitation_url)
        verdict = await exchange.verifier.verdict(request_id)
    assert verdict.result == "accepted", verdict


async def test_a_revoked_credential_proved_over_the_list_from_before_is_rejected_at_step_5(
    exchange: RunningExchange, awards: list[ClaimableAward], tmp_path: Path
) -> None:
    award = awards.pop()

    async def issued() -> bool:
        return bool((await exchange.issuer_api.get(f"/v1/awards/{award.id}"))["state"] == "issued")

    async with foreign_wallet(tmp_path, exchange.endpoints["dids"], status_list="oldest") as agent:
        await agent.take_award(await exchange.issuer.claim(award.claim_url))
        await until(issued, SECONDS, "the issuer knows that the award is issued")
        await exchange.issuer.revoke(award.id, "Awarded by mistake")
        request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
        await agent.answer(invitation_url)
        verdict = await exchange.verifier.verdict(request_id)
    assert verdict.result == "rejected", verdict
    assert [step.number for step in verdict.deciding] == [5], verdict
    assert "had been replaced before the request was made" in verdict.deciding[0].reason
