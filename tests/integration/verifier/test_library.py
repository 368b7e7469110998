"""The AnonCreds library fails of its own, or is asked by many at once: nobody's good proof is rejected for it."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from anoncreds import AnoncredsError, AnoncredsErrorCode, Presentation

from tests.integration.verifier.conftest import Desk, World, requirement
from tests.integration.verifier.test_answers import ACCEPTED, answer, failed, unchecked
from verifier.adapters.anoncreds_proof import AnoncredsProof
from verifier.domain.facts import DoesNotHold, NotRun
from verifier.domain.request import JUDGING_WAITS
from verifier.ports import PublishedObjects

ITS_OWN = [
    AnoncredsErrorCode.SUCCESS,
    AnoncredsErrorCode.IO_ERROR,
    AnoncredsErrorCode.UNEXPECTED,
    AnoncredsErrorCode.REVOCATION_REGISTRY_FULL,
    AnoncredsErrorCode.WRAPPER,
]
"""SUCCESS and WRAPPER come when another call has taken the error away."""
THE_PROOF_S = [code for code in AnoncredsErrorCode if code not in ITS_OWN]


def failing(code: AnoncredsErrorCode) -> Callable[..., bool]:
    def verify(*_: object) -> bool:
        raise AnoncredsError(code, "said so")

    return verify


@pytest.mark.parametrize("code", ITS_OWN)
async def test_a_failure_of_the_library_is_waited_for_and_then_undecided(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch, code: AnoncredsErrorCode
) -> None:
    exchange, other = await desk.asked(requirement()), await desk.asked(requirement())
    held = world.credential()
    with monkeypatch.context() as patched:
        patched.setattr(Presentation, "verify", failing(code))
        await desk.waits(exchange, answer(desk, exchange, held, world), because="the library")
        await desk.waits(other, answer(desk, other, held, world), because="the library")
        desk.clock.forward(seconds=JUDGING_WAITS.total_seconds() + 1)
        unchecked(await desk.judged(other), 3, "the library that checks proofs failed")
    assert (await desk.judged(exchange)).verdict.result is ACCEPTED


@pytest.mark.parametrize("code", THE_PROOF_S)
async def test_what_the_library_says_of_the_proof_rejects_it(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch, code: AnoncredsErrorCode
) -> None:
    exchange = await desk.asked(requirement())
    monkeypatch.setattr(Presentation, "verify", failing(code))
    failed(await desk.answered(exchange, answer(desk, exchange, world.credential(), world)), 3, "refuses it")


async def test_what_was_published_and_cannot_be_read_is_no_fault_of_the_proof(
    world: World, desk: Desk
) -> None:
    exchange = await desk.asked(requirement())
    presentation = answer(desk, exchange, world.credential(world.other), world)
    named = presentation["identifiers"][0]
    objects = PublishedObjects(
        {named["schema_id"]: world.other.schema.to_dict()}, {named["cred_def_id"]: {"no": "definition"}}, {}, ()
    )  # fmt: skip
    found = await AnoncredsProof()(presentation, desk.request_in(exchange), objects)
    assert isinstance(found, NotRun)
    assert "not what the library reads" in found.reason
    assert not found.passing


async def test_one_proof_is_checked_at_a_time(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = await desk.asked(requirement())
    presentation = answer(desk, exchange, world.credential(world.other), world)
    named = presentation["identifiers"][0]
    objects = PublishedObjects(
        {named["schema_id"]: world.other.schema.to_dict()},
        {named["cred_def_id"]: world.other.definition.to_dict()}, {}, (),
    )  # fmt: skip
    both_in = threading.Barrier(2)
    met: list[bool] = []

    def verify(*_: Any) -> bool:  # noqa: ANN401
        try:
            both_in.wait(0.3)
        except threading.BrokenBarrierError:
            return False
        met.append(True)
        return False

    monkeypatch.setattr(Presentation, "verify", verify)
    check = AnoncredsProof()
    found = await asyncio.gather(*(check(presentation, desk.request_in(exchange), objects) for _ in range(3)))
    assert all(isinstance(one, DoesNotHold) for one in found)
    assert not met
