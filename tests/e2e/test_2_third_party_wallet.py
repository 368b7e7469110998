"""A wallet that has never heard of Ujuzi claims an award and satisfies a verifier; one that cheats does not."""

from pathlib import Path

from services.launcher.domain.story import JUNIOR, ClaimableAward
from tests.support.exchange import RunningExchange
from tests.support.stock_agent.driver import stock_agent
from tests.support.wait import until

SECONDS = 60


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


async def test_a_revoked_credential_proved_over_the_list_from_before_is_rejected_at_step_5(
    exchange: RunningExchange, awards: list[ClaimableAward], tmp_path: Path
) -> None:
    award = awards.pop()

    async def issued() -> bool:
        return bool((await exchange.issuer_api.get(f"/v1/awards/{award.id}"))["state"] == "issued")

    async with stock_agent(tmp_path, exchange.endpoints["dids"], status_list="oldest") as agent:
        await agent.take_award(await exchange.issuer.claim(award.claim_url))
        await until(issued, SECONDS, "the issuer knows that the award is issued")
        await exchange.issuer.revoke(award.id, "Awarded by mistake")
        request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
        await agent.answer(invitation_url)
        verdict = await exchange.verifier.verdict(request_id)
    assert verdict.result == "rejected", verdict
    assert [step.number for step in verdict.deciding] == [5], verdict
    assert "had been replaced before the request was made" in verdict.deciding[0].reason
