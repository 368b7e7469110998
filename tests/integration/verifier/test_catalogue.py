"""What the verifier learns of issuers from their own publications."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from shared.adapters.guarded_http import GuardedClient
from shared.vc.webvh import resource_to_url
from tests.integration.verifier.conftest import World, resolver_of
from tests.support.anoncreds_world import DATA_ANALYSIS, DATA_ANALYTICS, FIRST_AID
from tests.support.verifier_fakes import Clock, trusting
from verifier.adapters.webvh_catalogue import WebvhCatalogue
from verifier.domain.question import KnownIssuer

CATALOGUE = "https://other.ujuzi.test/orgs/other/editions"


def catalogue(world: World, clock: Clock | None = None) -> WebvhCatalogue:
    return WebvhCatalogue(
        resolver_of(world.web),
        cast("GuardedClient", world.web),
        clock=clock or Clock(datetime.now(UTC)),
    )


async def known(world: World, found: WebvhCatalogue) -> KnownIssuer:
    (issuer,) = await found.of([trusting(world.other.did)])
    return issuer


async def test_editions_and_definitions_of_listed_issuers_are_known(world: World) -> None:
    issuer = await known(world, catalogue(world))
    assert issuer.did == world.other.did
    assert [each.id for each in issuer.editions] == [world.other_edition]
    assert issuer.credential_definitions == (world.other.definition_id,)


async def test_what_belongs_to_another_did_or_does_not_verify_is_left_out(world: World) -> None:
    listed = {
        "editions": [world.edition, world.other_edition, "nonsense"],
        "credential_definitions": [world.issuer.definition_id, world.other.schema_id],
    }
    with world.served(CATALOGUE, json.dumps(listed).encode()):
        issuer = await known(world, catalogue(world))
    assert ([each.id for each in issuer.editions], issuer.credential_definitions) == (
        [world.other_edition],
        (),
    )
    edition = resource_to_url(world.other_edition)
    with world.served(edition, world.web.files[edition].replace(b"120", b"999")):
        assert (await known(world, catalogue(world))).editions == ()


async def test_an_issuer_that_is_away_keeps_what_was_known_of_it(world: World) -> None:
    clock = Clock(datetime.now(UTC))
    found = catalogue(world, clock)
    before = await known(world, found)
    clock.forward(minutes=2)
    with world.served(CATALOGUE, b"not a catalogue"):
        assert await known(world, found) == before
    world.web.away.add("other.ujuzi.test")
    try:
        assert await known(world, found) == before
        assert list(await catalogue(world).of([trusting(world.other.did)])) == []
    finally:
        world.web.away.clear()


async def test_knowledge_is_renewed_when_it_is_a_minute_old(world: World) -> None:
    clock = Clock(datetime.now(UTC))
    found = catalogue(world, clock)
    before = await known(world, found)
    with world.served(CATALOGUE, b"{}"):
        assert await known(world, found) == before
        clock.forward(minutes=2)
        assert await known(world, found) == replace(before, editions=(), credential_definitions=())


async def test_skills_are_called_what_the_editions_of_listed_issuers_call_them(world: World) -> None:
    names = {DATA_ANALYSIS: {"en": "perform data analysis", "fr": "effectuer une analyse de données"}}
    found = catalogue(world)
    assert found.skill_name(DATA_ANALYSIS, "fr") is None
    named = world.other.publish_edition(replace(DATA_ANALYTICS, skill_names=names))
    with world.served(CATALOGUE, json.dumps({"editions": [named]}).encode()):
        await known(world, found)
    assert found.skill_name(DATA_ANALYSIS, "fr") == "effectuer une analyse de données"
    assert found.skill_name(DATA_ANALYSIS, "sw") == "perform data analysis"
    assert found.skill_name(FIRST_AID, "en") is None
    del world.other.editions[named]
    world.other.publish_edition()


async def test_a_list_without_issuers_is_no_reason_to_look_anywhere(world: World) -> None:
    assert list(await catalogue(world).of([replace(trusting(), trust_list=None)])) == []
