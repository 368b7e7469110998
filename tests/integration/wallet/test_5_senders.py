"""Whoever sent a link, looked up at a real site: away now, or not to be found at all."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from shared.adapters.guarded_http import GuardedClient
from shared.adapters.webvh_resolver import WebvhResolver
from shared.vc.keys import SigningKey
from shared.vc.webvh import DidLog, create_log, did_to_url
from tests.support.dids import NOW
from tests.support.http_server import Answer, Server, http_server
from wallet.adapters.webvh_facts import WebvhFacts
from wallet.errors import InvitationRefused, SenderUnreachable

HOST = "school.ujuzi.test"
PLACE = {
    "id": "#didcomm",
    "type": "did-communication",
    "serviceEndpoint": f"https://{HOST}/didcomm",
    "recipientKeys": ["#key-1"],
}


def sender(services: Sequence[dict[str, Any]] = (PLACE,)) -> DidLog:
    return create_log(
        host=HOST,
        path=("orgs", "school"),
        key=SigningKey.generate(),
        now=NOW,
        services=services,
        next_key=SigningKey.generate(),
    )


def path_of(log: DidLog) -> str:
    return did_to_url(log.did).removeprefix(f"https://{HOST}")


@asynccontextmanager
async def site() -> AsyncIterator[tuple[Server, WebvhFacts]]:
    async with http_server() as server, GuardedClient({HOST: server.url}) as client:
        yield server, WebvhFacts(WebvhResolver(client), client)


async def test_a_sender_whose_document_says_where_to_answer_is_found() -> None:
    log = sender()
    async with site() as (server, facts):
        server.serve(path_of(log), log.jsonl)
        await facts.look_up_sender(log.did)


@pytest.mark.parametrize("answer", [Answer(status=500), Answer(hang_up=True)], ids=["broken", "hangs up"])
async def test_a_site_that_is_away_may_be_there_later(answer: Answer) -> None:
    log = sender()
    async with site() as (server, facts):
        server.answers[path_of(log)] = answer
        with pytest.raises(SenderUnreachable, match="could not be looked up") as away:
            await facts.look_up_sender(log.did)
        assert away.value.retry_after == 60

        server.serve(path_of(log), log.jsonl)
        await facts.look_up_sender(log.did)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(status=404), "does not exist"),
        (Answer(status=410), "does not exist"),
        (Answer(status=403), "does not say who the sender is"),
        (Answer(b"[]"), "cannot be relied on"),
        (Answer(sender().jsonl.encode()), "cannot be relied on"),
        (Answer(b"\xff"), "cannot be relied on"),
    ],
    ids=["nothing there", "gone", "forbidden", "no log", "another's log", "no text"],
)
async def test_a_sender_that_no_later_try_would_find_is_refused(answer: Answer, why: str) -> None:
    log = sender()
    async with site() as (server, facts):
        server.answers[path_of(log)] = answer
        with pytest.raises(InvitationRefused, match=f"{why}.*Ask whoever gave you the link for a new one"):
            await facts.look_up_sender(log.did)


async def test_a_sender_without_a_place_to_answer_to_is_refused() -> None:
    log = sender(services=())
    async with site() as (server, facts):
        server.serve(path_of(log), log.jsonl)
        with pytest.raises(InvitationRefused, match="takes no messages"):
            await facts.look_up_sender(log.did)
