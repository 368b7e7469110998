"""Two organisations on one issuer each issue to a learner; whoever trusts one of them does not thereby trust the other."""

import re
from urllib.parse import urlsplit

import httpx

from services.launcher.adapters.http_issuer import HttpIssuer
from services.launcher.adapters.http_json import JsonApi
from services.launcher.domain.story import JUNIOR, ClaimableAward
from tests.support.exchange import RunningExchange, make_awards

SLUG, NAME = "elimu", "Elimu kwa Wote"
SECONDS = 120
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_KEY = re.compile(r'id="link"[^>]*>(ujk_[^<]+)<')


async def key_made_by_its_administrator(exchange: RunningExchange) -> str:
    """The operator takes the organisation up and hands its first link over; she who uses it makes a key for programs."""
    await exchange.issuer_api.post("/v1/organisations", {"slug": SLUG, "name": NAME, "country": "TZ"})
    invited = await exchange.issuer_api.post(
        f"/v1/organisations/{SLUG}/invitation", {"name": "Neema Mushi", "email": "neema@example.org"}
    )
    link = urlsplit(invited["invitation_url"])
    url = f"{link.scheme}://{link.netloc}"
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=60) as browser:
        joined = await browser.post("/join", data={"code": link.fragment})
        assert joined.status_code == 303, joined.text
        form = await browser.get("/console/keys")
        assert NAME in form.text
        csrf = _CSRF.search(form.text)
        assert csrf is not None
        made = await browser.post(
            "/console/keys", data={"csrf": csrf[1], "name": "learning platform", "role": "admin"}
        )
        key = _KEY.search(made.text)
        assert key is not None, made.text
        return key[1]


async def test_each_issues_under_its_own_did_and_is_trusted_for_itself(
    exchange: RunningExchange, awards: list[ClaimableAward], spreadsheet: str
) -> None:
    api = JsonApi(
        exchange.endpoints["issuer"], await key_made_by_its_administrator(exchange), exchange.client
    )
    second = HttpIssuer(api)
    await second.wait_until_it_can_issue()
    own = await api.get("/v1/organisation")
    first = await exchange.issuer_api.get("/v1/organisation")
    assert own["did"] != first["did"]
    assert own["credential_definition_id"].startswith(own["did"])
    hers, theirs = awards.pop(), (await make_awards(second, spreadsheet, 2)).pop()

    amina, baraka = await exchange.new_graduate(), await exchange.new_graduate()
    await amina.learner.open_link(await exchange.issuer.claim(hers.claim_url))
    await baraka.learner.open_link(await second.claim(theirs.claim_url))
    trusted, unknown = await amina.learner.offer(SECONDS), await baraka.learner.offer(SECONDS)
    assert trusted["issuer"]["trust"] == "trusted"
    assert unknown["issuer"]["trust"] != "trusted"
    for graduate, offer in ((amina, trusted), (baraka, unknown)):
        await graduate.learner.accept(offer["id"])
        await graduate.learner.credential(SECONDS)

    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await amina.answer(invitation_url)
    assert (await exchange.verifier.verdict(request_id)).result == "accepted"
    _, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await baraka.learner.open_link(invitation_url)
    (need,) = (await baraka.learner.request(SECONDS))["needs"]
    can = [one["can_present"] for one in need["candidates"]]
    assert can == [False], "nobody whom the verifier trusts has issued to him"
