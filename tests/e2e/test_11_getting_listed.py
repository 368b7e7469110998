"""An organisation nobody knows gets on a list by docs/getting-listed.md, word for word, and is trusted from then on."""

import asyncio
import re
from pathlib import Path

import pytest

from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.adapters.http_json import JsonApi
from services.launcher.adapters.http_trust_registry import HttpTrustRegistry
from services.launcher.adapters.http_verifier import HttpPins
from services.launcher.domain.exchange import Names
from services.launcher.domain.story import JUNIOR, Verdict
from tests.support.exchange import RunningExchange, make_awards, running_exchange
from tests.support.up_unlisted import PROGRAM

GUIDE = Path(__file__).parents[2] / "docs" / "getting-listed.md"
SECONDS = 120


def commands(exchange: RunningExchange) -> str:
    """Every command of the guide, but where things are."""
    _, *blocks = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    at, keys = exchange.endpoints, exchange.endpoints["keys"]
    where = (
        f"set -euo pipefail\nISSUER={at['issuer']} ISSUER_KEY={keys['issuer']}\n"
        f"REGISTRY={at['trust_registry']} REGISTRY_KEY={keys['trust_registry']}\n"
    )
    return where + "\n".join(blocks)


async def follow_the_guide(exchange: RunningExchange, folder: Path) -> list[str]:
    """What the commands print, line by line."""
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", commands(exchange), cwd=folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 0, said.decode()
    return said.decode().splitlines()


async def verdict_of(exchange: RunningExchange, graduate: HttpGraduate) -> Verdict:
    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await graduate.answer(invitation_url)
    return await exchange.verifier.verdict(request_id)


async def test_who_proves_its_did_and_is_approved_is_trusted_by_a_verifier(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, spreadsheet: str
) -> None:
    async with running_exchange(tmp_path_factory.mktemp("unlisted"), program=PROGRAM) as exchange:
        await exchange.issuer.wait_until_it_can_issue()
        registry = JsonApi(
            exchange.endpoints["trust_registry"],
            exchange.endpoints["keys"]["trust_registry"],
            exchange.client,
        )
        url, key = await HttpTrustRegistry(registry, Names().list_name).published()
        pins = HttpPins(exchange.verifier_api)
        award = (await make_awards(exchange.issuer, spreadsheet, 1)).pop()
        graduate = await exchange.new_graduate()
        await graduate.take_award(await exchange.issuer.claim(award.claim_url))
        without_lists = await verdict_of(exchange, graduate)
        assert (without_lists.result, [one.number for one in without_lists.deciding]) == ("undecided", [6])
        await pins.pin(Names().list_name, url, key)
        not_listed = await verdict_of(exchange, graduate)
        assert (not_listed.result, [one.number for one in not_listed.deciding]) == ("rejected", [6])

        said = await follow_the_guide(exchange, tmp_path)

        assert said[0].startswith(f"Keep this link: {exchange.endpoints['trust_registry']}/applications/")
        assert said[1:] == ["true", "received", "true", "approved"]
        page = await exchange.client.get(said[0].partition(": ")[2])
        assert "You are on the list now." in page.text
        await pins.pin(Names().list_name, url, key)
        verdict = await verdict_of(exchange, graduate)

        assert verdict.result == "accepted", verdict
