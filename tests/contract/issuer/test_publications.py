"""What publishing must do: the fake, and the service's own DID host."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from issuer.adapters.did_publications import DidPublications
from issuer.domain.suspension import Status
from issuer.main import MIGRATIONS
from issuer.ports import Publications
from shared.adapters.did_host import DidHost
from shared.vc.achievement import build
from shared.vc.attested_resource import REV_REG_DEF, STATUS_LIST
from shared.vc.jcs import digest_multibase
from tests.support.databases import migrated
from tests.support.issuer import START, FakeAgent, FakePublications, description


@pytest.fixture
async def did_host(tmp_path: Path) -> AsyncIterator[DidHost]:
    async with migrated(f"sqlite:///{tmp_path}/test.db", MIGRATIONS) as db:
        yield DidHost(db, bytes(32), "issuer.ujuzi.test")


@pytest.fixture(params=["fake", "did host"])
def publications(request: pytest.FixtureRequest, did_host: DidHost) -> Publications:
    return DidPublications(did_host) if request.param == "did host" else FakePublications(FakeAgent())


async def test_the_did_is_made_once(publications: Publications) -> None:
    did = await publications.ensure_did("test")
    assert did.startswith("did:webvh:")
    assert await publications.ensure_did("test") == did


async def test_the_same_edition_has_the_same_id_and_another_one_another(publications: Publications) -> None:
    did = await publications.ensure_did("test")
    one = build(description(), issuer_did=did, issuer_name="Test", now=START)
    other = build(description("first-aid"), issuer_did=did, issuer_name="Test", now=START)
    first = await publications.publish_edition(did, "One", one)
    assert first.startswith(f"{did}/resources/")
    assert await publications.publish_edition(did, "One", one) == first
    assert await publications.publish_edition(did, "Other", other) != first


async def test_what_was_never_published_is_not_shown_as_revoked(publications: Publications) -> None:
    did = await publications.ensure_did("test")
    assert not await publications.listed(f"{did}/resources/{digest_multibase({})}")
    assert list(await publications.aging_registries(did, before=datetime.now(UTC))) == []


async def test_the_newest_published_list_says_who_is_revoked_and_how_old_it_is(did_host: DidHost) -> None:
    publications = DidPublications(did_host)
    did = await publications.ensure_did("test")
    registry = await did_host.publish(did, REV_REG_DEF, "registry", {"issuerId": did, "tag": "1"})

    async def publish(timestamp: int, bits: list[int]) -> None:
        content = {
            "issuerId": did,
            "revRegDefId": registry["id"],
            "revocationList": bits,
            "timestamp": timestamp,
        }
        await did_host.publish(did, STATUS_LIST, "list", content, updates=registry["id"])

    await publish(1000, [0, 0, 0])
    assert await publications.listed(registry["id"]) == set()
    await publish(2000, [0, 1, 0, 1])
    assert await publications.listed(registry["id"]) == {"1", "3"}

    newest = datetime.fromtimestamp(2000, UTC)
    assert await publications.aging_registries(did, before=newest) == []
    assert await publications.aging_registries(did, before=newest + timedelta(seconds=1)) == [registry["id"]]


async def test_the_fake_shows_what_its_agent_revoked_and_published() -> None:
    agent = FakeAgent()
    await agent.set_status("registry", ["1"], Status.REVOKED)
    assert await FakePublications(agent).listed("registry") == set()
    await agent.republish_status("registry")
    assert await FakePublications(agent).listed("registry") == {"1"}
