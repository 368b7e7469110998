"""What issuers tell of how many hold their programmes, fetched from a real site: believed where that very issuer signed it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.adapters.guarded_http import GuardedClient
from shared.adapters.webvh_resolver import WebvhResolver
from shared.vc.attested_resource import EDITION, attest
from shared.vc.holders import HOLDERS, Holders, OfEdition, holders_content
from shared.vc.keys import SigningKey
from shared.vc.webvh import DidLog, create_log, did_to_url, verification_method
from tests.support.dids import NOW
from tests.support.http_server import Answer, Server, http_server
from wallet.adapters.webvh_facts import HOLDERS_KNOWN_FOR, WebvhFacts

HOST = "school.ujuzi.test"
CATALOGUE = "/orgs/school/editions"
MONDAY = date(2026, 11, 16)


@dataclass
class School:
    """An issuer's site."""

    server: Server
    key: SigningKey = field(default_factory=SigningKey.generate)
    now: datetime = datetime(2026, 11, 20, tzinfo=UTC)
    log: DidLog = field(init=False)

    def __post_init__(self) -> None:
        url = f"https://{HOST}{CATALOGUE}"
        service = {"id": "#editions", "type": "UjuziEditionCatalogue", "serviceEndpoint": url}
        self.log = create_log(
            host=HOST,
            path=("orgs", "school"),
            key=self.key,
            now=NOW,
            services=[service],
            next_key=SigningKey.generate(),
        )
        self.server.serve(did_to_url(self.log.did).removeprefix(f"https://{HOST}"), self.log.jsonl)

    @property
    def edition(self) -> str:
        return f"{self.log.did}/resources/zEdition"

    def tells(self, number: int, *, key: SigningKey | None = None, kind: str = HOLDERS) -> str:
        """Serves figures; returns their id."""
        did, signer = self.log.did, key or self.key
        content = holders_content(did, MONDAY, [self.edition], {(self.edition, MONDAY): number})
        resource: dict[str, Any] = attest(
            did=did,
            content=content,
            resource_type=kind,
            name="n",
            key=signer,
            verification_method=verification_method(did, signer),
            created=NOW,
        )
        digest = resource["id"].rpartition("/")[2]
        self.server.serve(f"/orgs/school/resources/{digest}", json.dumps(resource))
        self.names(resource["id"])
        return str(resource["id"])

    def names(self, holders: object) -> None:
        """Serves the catalogue."""
        self.server.serve(CATALOGUE, json.dumps({"editions": [], "holders": holders}))


def other_key(school: School) -> None:
    school.tells(100, key=SigningKey.generate())


def other_kind(school: School) -> None:
    school.tells(100, kind=EDITION)


def other_did(school: School) -> None:
    school.names(school.tells(100).replace("school", "another", 1))


def no_figures(school: School) -> None:
    school.names(None)


def no_catalogue(school: School) -> None:
    school.server.serve(CATALOGUE, "[]")


def away(school: School) -> None:
    school.server.answers[CATALOGUE] = Answer(status=503)


async def test_figures_are_read_and_asked_for_once_a_minute() -> None:
    async with http_server() as server, GuardedClient({HOST: server.url}) as client:
        school = School(server)
        facts = WebvhFacts(WebvhResolver(client), client, clock=lambda: school.now)
        school.tells(120)
        first = Holders(MONDAY, {school.edition: OfEdition(100, {MONDAY: 100})})
        assert await facts.holders(school.log.did) == first

        school.tells(600)
        assert await facts.holders(school.log.did) == first
        school.now += HOLDERS_KNOWN_FOR + timedelta(seconds=1)
        told = await facts.holders(school.log.did)
        assert told is not None
        assert told.editions[school.edition].at_least == 500


@pytest.mark.parametrize("play", [other_key, other_kind, other_did, no_figures, no_catalogue, away])
async def test_what_that_issuer_did_not_tell_is_not_known(play: Callable[[School], None]) -> None:
    async with http_server() as server, GuardedClient({HOST: server.url}) as client:
        school = School(server)
        play(school)
        assert await WebvhFacts(WebvhResolver(client), client).holders(school.log.did) is None


async def test_an_issuer_that_cannot_be_found_tells_nothing() -> None:
    async with http_server() as server, GuardedClient({HOST: server.url}) as client:
        school = School(server)
        server.answers.clear()
        assert await WebvhFacts(WebvhResolver(client), client).holders(school.log.did) is None
