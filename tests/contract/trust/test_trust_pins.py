"""`TrustPins`: the fake that unit tests use and SQL on both databases keep the same promises."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from shared.adapters.sql_trust_pins import SqlTrustPins
from shared.ports.trust_pins import PinState, SeenList, TrustPin, TrustPins
from tests.support.databases import migrated
from tests.unit.trust.fakes import MemoryTrustPins

PIN = TrustPin(url="https://a.test/lists/x", name="x", operator_key="z6MkA")
OTHER = TrustPin(url="https://b.test/lists/y", name="y", operator_key="z6MkB")


def seen(number: int) -> SeenList:
    return SeenList(sequence=number, digest=f"z{number}", compact=f"a.{number}.c")


@pytest.fixture
async def pins(memory_or_url: str | None, tmp_path: Path) -> AsyncIterator[TrustPins]:
    if memory_or_url is None:
        yield MemoryTrustPins()
        return
    async with migrated(memory_or_url, tmp_path) as db:
        yield SqlTrustPins(db)


async def test_pins_are_kept_in_the_order_they_were_made(pins: TrustPins) -> None:
    await pins.pin(OTHER)
    await pins.pin(PIN)

    assert list(await pins.all()) == [PinState(pin=OTHER), PinState(pin=PIN)]
    assert await pins.find(PIN.url) == PinState(pin=PIN)
    assert await pins.find("https://nowhere.test") is None


async def test_the_highest_list_seen_is_remembered(pins: TrustPins) -> None:
    await pins.pin(PIN)
    await pins.advance(PIN.url, seen(3))
    await pins.advance(PIN.url, seen(7))
    await pins.advance(PIN.url, seen(5))
    await pins.advance(PIN.url, SeenList(sequence=7, digest="zOther", compact="x.y.z"))

    assert await pins.find(PIN.url) == PinState(pin=PIN, seen=seen(7))


async def test_the_same_pin_again_forgets_nothing(pins: TrustPins) -> None:
    await pins.pin(PIN)
    await pins.advance(PIN.url, seen(3))

    await pins.pin(PIN)

    assert await pins.find(PIN.url) == PinState(pin=PIN, seen=seen(3))


async def test_another_key_starts_afresh(pins: TrustPins) -> None:
    await pins.pin(PIN)
    await pins.advance(PIN.url, seen(3))
    renewed = TrustPin(url=PIN.url, name=PIN.name, operator_key="z6MkNew")

    await pins.pin(renewed)

    assert await pins.find(PIN.url) == PinState(pin=renewed)


async def test_pinning_the_key_that_was_followed_forgets_nothing(pins: TrustPins) -> None:
    await pins.pin(PIN)
    followed = replace(seen(3), operator_did="did:a", did_version="2-Qm", followed_key="z6MkNext")
    await pins.advance(PIN.url, followed)
    assert await pins.find(PIN.url) == PinState(pin=PIN, seen=followed)
    renewed = TrustPin(url=PIN.url, name=PIN.name, operator_key="z6MkNext")

    await pins.pin(renewed)

    assert await pins.find(PIN.url) == PinState(pin=renewed, seen=replace(followed, followed_key=None))


async def test_an_unpinned_list_is_forgotten(pins: TrustPins) -> None:
    await pins.pin(PIN)

    await pins.unpin(PIN.url)
    await pins.unpin(PIN.url)
    await pins.advance(PIN.url, seen(3))

    assert list(await pins.all()) == []
