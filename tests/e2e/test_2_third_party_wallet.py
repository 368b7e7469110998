"""A wallet that has never heard of Ujuzi claims an award and satisfies a verifier."""

from pathlib import Path

from services.launcher.domain.story import JUNIOR, ClaimableAward
from tests.support.exchange import RunningExchange
from tests.support.stock_agent.driver import stock_agent


async def test_a_stock_agent_claims_and_satisfies_a_request(
    exchange: RunningExchange, awards: list[ClaimableAward], tmp_path: Path
) -> None:
    async with stock_agent(tmp_path, exchange.endpoints["dids"]) as agent:
        credential = await agent.take_award(await exchange.issuer.claim(awards.pop().claim_url))
        assert credential["attrs"]["title"] == "Data Analytics Foundations"
        request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
        await agent.answer(invitation_url)
        verdict = await exchange.verifier.verdict(request_id)
    assert verdict.result == "accepted", verdict
