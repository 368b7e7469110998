"""An organisation closes: what is refused, and what its bundle holds; on SQLite and on PostgreSQL."""

import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import base58
import pytest
from typer.testing import CliRunner

from issuer.adapters.closing_bundle import ClosingBundle
from issuer.adapters.did_publications import DidPublications
from issuer.adapters.sql_records import SqlRecords
from issuer.domain.award import Exchange, SentCredential
from issuer.domain.organisation import Organisation
from issuer.domain.revocation import Revocation
from issuer.entry.closing_command import closing_command
from issuer.errors import OrganisationIsClosed, OrganisationUnknown
from issuer.main import MIGRATIONS
from issuer.use_cases.close_organisation import CloseOrganisation
from issuer.use_cases.refresh_status import RefreshStatus
from issuer.use_cases.suspend_organisation import SuspendOrganisation
from shared.adapters.did_host import DidHost
from shared.adapters.sql_outbox import Outbox
from shared.vc import jws
from shared.vc.attested_resource import CRED_DEF, EDITION, REV_REG_DEF, SCHEMA, STATUS_LIST, verify
from shared.vc.webvh import verify_log
from tests.support.databases import migrated
from tests.support.issuer import (
    SECRET,
    START,
    FakeAgent,
    FakeClock,
    FakePublications,
    batch_of,
    new_id,
    prepared_award,
    published_template,
)
from tests.support.messages import message_to

SLUG = "amal"
SITE = "site/"


@dataclass
class World:
    records: SqlRecords
    host: DidHost
    close: CloseOrganisation
    bundle: ClosingBundle
    did: str

    async def organisation(self) -> Organisation:
        async with self.records.reading() as tx:
            found = await tx.organisation(SLUG)
        assert found is not None
        return found


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    clock = FakeClock()
    async with migrated(database_url, MIGRATIONS) as db:
        records = SqlRecords(db, Outbox(db))
        host = DidHost(db, SECRET, "issuer.ujuzi.test", clock=clock)
        publications = DidPublications(host)
        did = await publications.ensure_did(SLUG)
        await publish_everything(host, did)
        async with records.transaction() as tx:
            await tx.add_organisation(Organisation(SLUG, "Amal Trust", "SO", did))
        yield World(
            records, host, CloseOrganisation(records, publications, clock), ClosingBundle(host, clock), did
        )


async def publish_everything(host: DidHost, did: str) -> None:
    """One object of each kind, and two status lists."""
    tails = b"tails" * 100
    digest = base58.b58encode(hashlib.sha256(tails).digest()).decode()
    await host.keep_tails(digest, tails)
    for kind in (SCHEMA, CRED_DEF, EDITION):
        await host.publish(did, kind, "n", {"issuerId": did, "kind": kind})
    value = {"tailsHash": digest, "tailsLocation": f"https://issuer.ujuzi.test/tails/hash/{digest}"}
    registry = await host.publish(did, REV_REG_DEF, "r", {"issuerId": did, "value": value})
    for moment in (1000, 2000):
        content = {
            "issuerId": did,
            "revRegDefId": registry["id"],
            "revocationList": [0, 1],
            "timestamp": moment,
        }
        await host.publish(did, STATUS_LIST, "l", content, updates=registry["id"])


def opened(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as found:
        return {name: found.read(name) for name in found.namelist()}


async def test_the_bundle_is_what_is_served_signed_and_says_which_lists_are_the_last(world: World) -> None:
    closed = await world.close(SLUG)
    files = opened(await world.bundle(closed))
    manifest = json.loads(files["manifest.json"])
    assert {name for name in files if name.startswith(SITE)} == {
        SITE + each["path"] for each in manifest["files"]
    }
    assert [each["last"] for each in manifest["status_lists"]] == [True]
    assert manifest["status_lists"][0]["timestamp"] == 2000

    log = files[f"{SITE}orgs/{SLUG}/did.jsonl"].decode()
    assert log == await world.host.log(("orgs", SLUG))
    history = verify_log(world.did, log, max_entries=9)
    for each in manifest["files"]:
        content = files[SITE + each["path"]]
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (each["sha256"], each["bytes"])
        if "/resources/" in each["path"]:
            resource = json.loads(content)
            kind = resource["metadata"]["resourceType"]
            verify(resource, expected_id=resource["id"], expected_type=kind, history=history)
    kinds = {each["type"] for each in manifest["files"]}
    assert kinds == {"application/json", "text/jsonl", "application/octet-stream"}
    catalogue = json.loads(files[f"{SITE}orgs/{SLUG}/editions"])
    assert (len(catalogue["editions"]), len(catalogue["credential_definitions"])) == (1, 1)

    signed = files["manifest.jws"].decode()
    key = history.assertion_key(jws.header(signed)["kid"])
    assert jws.verify(signed, key, typ="ujuzi-closing-bundle+jwt") == manifest
    assert b"closed on 2026-11-21" in files["README.md"]
    assert b"issuer.ujuzi.test" in files["nginx.conf"]


async def test_no_key_and_nobody_is_in_the_bundle(world: World) -> None:
    template = published_template(organisation=SLUG)
    batch = batch_of(template)
    award = prepared_award(template, batch)
    async with world.records.transaction() as tx:
        await tx.save_template(template)
        await tx.add_batch(batch, [award])
        await tx.add_message(message_to(award, organisation=SLUG))
    everything = b"".join(opened(await world.bundle(await world.close(SLUG))).values())
    for text in ("amina@example.org", "Wanjiru", str(award.id), award.claim_digest, "sealed"):
        assert text.encode() not in everything, text


async def test_before_it_has_closed_the_bundle_is_a_rehearsal_that_says_so(world: World) -> None:
    files = opened(await world.bundle(await world.organisation()))
    assert b"HAS NOT CLOSED" in files["README.md"]
    manifest = json.loads(files["manifest.json"])
    assert (manifest["closed_at"], manifest["status_lists"][0]["last"]) == (None, False)


async def test_what_has_closed_stays_closed_and_its_lists_are_left_alone(world: World) -> None:
    assert await asked_for_new_lists(world) == [world.did]
    first, again = await world.close(SLUG), await world.close(SLUG)
    assert first.closed_at == again.closed_at == START
    assert first.suspended_at == START, "nobody acts for it, and nobody claims"
    suspend = SuspendOrganisation(world.records, lambda: START)
    with pytest.raises(OrganisationIsClosed, match="was closed on 2026-11-21, for good"):
        await suspend(SLUG, suspended=False)
    asked = await asked_for_new_lists(world)
    assert asked == []


async def asked_for_new_lists(world: World) -> list[str]:
    """Whose lists the heartbeat looks after."""
    asked: list[str] = []

    class Noting(FakePublications):
        async def aging_registries(self, did: str, *, before: datetime) -> list[str]:
            del before
            asked.append(did)
            return []

    agent = FakeAgent()
    await RefreshStatus(world.records, agent, Noting(agent), lambda: START)()
    return asked


async def test_it_does_not_close_while_a_revocation_is_not_published(world: World) -> None:
    template = published_template(organisation=SLUG)
    batch = batch_of(template)
    award = prepared_award(template, batch)
    sent = SentCredential(Exchange("connection", "exchange"), "registry", "7")
    async with world.records.transaction() as tx:
        await tx.save_template(template)
        await tx.add_batch(batch, [award])
        await tx.save_revocation(Revocation(new_id(), SLUG, award.id, sent, "A mistake.", START))
    with pytest.raises(OrganisationIsClosed, match="1 revocations of amal are not on a status list yet"):
        await world.close(SLUG)
    assert (await world.organisation()).closed_at is None


async def test_nobody_closes_what_is_not_there(world: World) -> None:
    with pytest.raises(OrganisationUnknown, match="There is no organisation nobody"):
        await world.close("nobody")
    with pytest.raises(OrganisationUnknown, match="No DID is hosted here"):
        await world.bundle(replace(await world.organisation(), slug="nobody"))


def test_the_command_writes_a_file_that_is_not_there_yet(tmp_path: Path) -> None:
    told: list[tuple[str, bool]] = []

    async def make(slug: str, *, close: bool) -> bytes:
        told.append((slug, close))
        if slug != SLUG:
            raise OrganisationUnknown(f"There is no organisation {slug}.")
        return b"a bundle"

    cli, out = closing_command(make), tmp_path / "bundle.zip"
    done = CliRunner().invoke(cli, ["--organisation", SLUG, "--out", str(out), "--close"])
    assert (done.exit_code, out.read_bytes(), told) == (0, b"a bundle", [(SLUG, True)])
    again = CliRunner().invoke(cli, ["--organisation", SLUG, "--out", str(out)])
    assert (again.exit_code, "is there already" in again.output) == (2, True)
    nobody = CliRunner().invoke(cli, ["--organisation", "nobody", "--out", str(tmp_path / "other.zip")])
    assert (nobody.exit_code, "no organisation nobody" in nobody.output) == (2, True)
