"""With every wallet locked, nothing of what is in them is found anywhere in the wallet service."""

from services.launcher.domain.story import JUNIOR, ClaimableAward
from tests.support.exchange import RunningExchange
from tests.support.traces import traces
from tests.support.wait import until

SECONDS = 120
SHORTEST = 5
"""Shorter values ("KE", "4", "91 %") stand in any large file by chance."""

PUBLIC = {"awarding_body_id", "issuer_country", "profile_version"}
"""Said by the pinned trust list or true of every award: they tell nothing about a learner."""


async def test_nothing_of_a_locked_wallet_is_found_in_the_wallet_service(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(awards.pop().claim_url))
    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await graduate.answer(invitation_url)
    await exchange.verifier.verdict(request_id)

    used: set[str] = set()
    for one in exchange.graduates:
        for credential in await one.learner.credentials():
            used |= {
                str(claim[form])
                for claim in credential["claims"]
                if claim["name"] not in PUBLIC
                for form in ("raw", "value")
            }
    await _lock_all(exchange)

    searched = {value for value in used if len(value.encode()) >= SHORTEST}
    assert any("Nomvula" in value or "Data Analytics" in value for value in searched)
    places = [
        *exchange.home.glob("wallet*"),
        exchange.home / "nats" / "jetstream" / "WALLET",
        *exchange.home.glob("logs/wallet*"),
        *exchange.home.glob("logs/nats*"),
    ]
    assert all(place.exists() for place in places)
    assert len(places) >= 5
    assert traces(searched, places) == []


async def _lock_all(exchange: RunningExchange) -> None:
    for one in exchange.graduates:
        await one.learner.lock()

    async def locked() -> bool:
        states = [
            (
                await exchange.client.get(
                    f"{exchange.endpoints['wallet']}/v1/wallets/{one.learner.wallet_id}"
                )
            ).json()
            for one in exchange.graduates
        ]
        return {state["state"] for state in states} == {"locked"}

    await until(locked, SECONDS, "every wallet is locked")
