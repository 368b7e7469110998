"""A learner leaves: her award goes to a wallet of her own choice, and the old wallet leaves nothing but a statement in her hand."""

import asyncio
import base64
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.adapters.http_learner import HttpLearner
from services.launcher.domain.story import JUNIOR, ClaimableAward
from shared.contracts.erasure import KEYS_PATH
from tests.support.exchange import RunningExchange
from tests.support.traces import traces
from tests.support.wait import until

SECONDS = 120
BODY = {
    "reason": "other",
    "text": "She wants it in another wallet.",
    "identity_check": {"method": "document", "note": "Her passport, seen at the office."},
}


async def holding(exchange: RunningExchange, award: ClaimableAward) -> HttpGraduate:
    """A graduate who has taken this award."""
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))
    return graduate


async def test_an_award_is_given_again_into_a_wallet_of_her_own_choice(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards.pop()
    old = await holding(exchange, award)
    (held,) = await old.learner.credentials()
    await old.learner.ask(held["id"], "other_wallet", "", "pt")

    async def asked() -> dict[str, Any] | None:
        found = await exchange.issuer_api.get("/v1/questions", state="open")
        return next((one for one in found["items"] if one["award_id"] == award.id), None)

    question = await until(asked, SECONDS, "the officer reads what she asks for")
    assert question["matter"] == "other_wallet"
    new = await exchange.issuer_api.post(f"/v1/awards/{award.id}/reissue", BODY)
    chosen = await exchange.new_graduate()
    invitation = await exchange.issuer_api.post(new["claim_url"], {"code": new["code"]})
    await chosen.take_award(str(invitation["invitation_url"]))

    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await chosen.answer(invitation_url)
    assert (await exchange.verifier.verdict(request_id)).result == "accepted"

    async def revoked() -> bool:
        (old_one,) = await old.learner.credentials()
        return bool(old_one["status"]["state"] == "revoked")

    await until(revoked, SECONDS, "the old wallet shows that the old one counts no more")


async def test_a_deleted_wallet_is_found_nowhere_and_its_statement_is_checked_by_a_command(
    exchange: RunningExchange, awards: list[ClaimableAward], tmp_path: Path
) -> None:
    graduate = await holding(exchange, awards.pop())
    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await graduate.answer(invitation_url)
    await exchange.verifier.verdict(request_id)
    wallet = exchange.endpoints["wallet"]
    methods = await graduate.learner._door.get(f"/v1/wallets/{graduate.learner.wallet_id}/unlock-methods")
    wrapped = str(methods["items"][0]["envelope"]["wrapped"])
    before = stores_in(exchange.home)

    answer = await exchange.client.delete(
        f"{wallet}/v1/wallet?lang=en", headers=graduate.learner._opened()._headers, timeout=60
    )

    erased = answer.json()
    assert erased["finished"]
    assert len(before - stores_in(exchange.home)) == 1
    said = json.loads(payload_of(erased["statement"]))
    purposes = [share["purpose"] for share in said["elsewhere"]["shares"]]
    assert len(purposes) == 1
    places = [*exchange.home.glob("wallet*"), exchange.home / "nats" / "jetstream" / "WALLET"]
    assert traces([wrapped, erased["statement"][-80:], str(purposes[0])], places) == []
    file, keys = tmp_path / "statement.html", tmp_path / "jwks.json"
    file.write_text(f"<pre>{erased['statement']}</pre>")
    keys.write_text((await exchange.client.get(f"{wallet}{KEYS_PATH}")).text)
    checked = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.launcher", "statement", "verify", str(file), "--keys", str(keys),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await checked.communicate()
    assert checked.returncode == 0, told
    assert f"{wallet} signed it" in told.decode()


DELAYS = (0.02, 0.1, 0.3)
"""Seconds after which the service is killed: before, in and after the middle of a deletion."""


async def test_a_service_killed_while_it_deletes_leaves_a_wallet_whole_or_nothing_of_it(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    wallet = exchange.endpoints["wallet"]
    for delay in DELAYS:
        graduate = await holding(exchange, awards.pop())
        learner = graduate.learner
        key = await learner._unwrapped(str(learner.wallet_id), "passphrase", graduate.passphrase)
        before = stores_in(exchange.home)
        deleting = asyncio.create_task(delete(exchange, learner))
        await asyncio.wait({deleting}, timeout=delay)
        os.kill(exchange.programs()["wallet"], signal.SIGKILL)
        await deleting

        async def settled(
            learner: HttpLearner = learner, key: bytes = key, before: set[Path] = before
        ) -> bool:
            """It opens with everything in it, or there is nothing left to open."""
            try:
                answer = await exchange.client.post(
                    f"{wallet}/v1/wallets/{learner.wallet_id}/unlock",
                    json={"wallet_key": base64.urlsafe_b64encode(key).decode().rstrip("=")},
                )
            except httpx.HTTPError:
                return False
            if answer.status_code == httpx.codes.OK:
                learner._begin(answer.json())
                return len(await learner.credentials()) == 1
            return answer.is_client_error and len(before - stores_in(exchange.home)) == 1

        await until(settled, SECONDS, f"a wallet whose deletion was cut off after {delay} s is whole or gone")


async def delete(exchange: RunningExchange, learner: HttpLearner) -> None:
    """Order it; the answer may never come."""
    headers = learner._opened()._headers
    with suppress(httpx.HTTPError):
        await exchange.client.delete(f"{exchange.endpoints['wallet']}/v1/wallet", headers=headers, timeout=30)


def stores_in(home: Path) -> set[Path]:
    """Every store of a learner, and what is being removed of one."""
    return {path.parent for path in (home / "wallet-agent").rglob("sqlite.db")}


def payload_of(statement: str) -> bytes:
    part = statement.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
