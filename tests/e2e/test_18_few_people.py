"""An issuer tells in steps how many hold its programmes, and a wallet warns where an answer without a name fits few. Real components."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, delete, select

from services.launcher.adapters.http_learner import HttpLearner
from services.launcher.domain.story import JUNIOR, ClaimableAward
from services.launcher.errors import ServiceRefused
from shared.adapters.sql import Database
from shared.adapters.sql_did_store import DidResourceRow
from shared.vc.attested_resource import EDITION
from shared.vc.holders import HOLDERS, week_of
from tests.support.auditor import Auditor
from tests.support.exchange import RunningExchange
from tests.support.wait import until

SECONDS = 240
"""The issuer looks once a minute whether this week's figures are told, the wallet once a minute for what is told."""


async def test_an_answer_without_a_name_that_fits_few_is_warned_of_by_the_issuers_figures(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(awards.pop().claim_url))
    learner = graduate.learner
    made = await exchange.verifier_api.post("/v1/requests", JUNIOR.body())
    await learner.open_link(made["invitation_url"])
    request = await learner.request(SECONDS)
    need = request["needs"][0]
    assert {"given_name", "family_name"}.isdisjoint(each["name"] for each in need["reveals"])

    async with _a_week_later(exchange):
        await _is_warned_and_answers(learner, request)


async def _is_warned_and_answers(learner: HttpLearner, request: dict[str, Any]) -> None:
    need = request["needs"][0]
    before = datetime.now(UTC)

    async def warned() -> dict[str, Any] | None:
        asked = next(one for one in await learner.requests() if one["id"] == request["id"])
        candidate: dict[str, Any] = asked["needs"][0]["candidates"][0]
        return candidate if candidate["people"]["known"] == "few" else None

    candidate = await until(warned, SECONDS, "the wallet knows the issuer's figures")
    weeks = {week_of(before).isoformat(), week_of(datetime.now(UTC)).isoformat()}  # Sunday may have ended
    assert candidate["people"]["counted"] in weeks
    (warning,) = [each for each in candidate["warnings"] if each["code"] == "few-people"]
    assert "fewer than twenty people" in warning["words"]["en"]

    choices = {need["id"]: candidate["credential_id"]}
    others = {each["code"] for each in (*request["warnings"], *candidate["warnings"])} - {"few-people"}
    with pytest.raises(ServiceRefused, match="few-people"):
        await learner.consent(request["id"], choices, acknowledged=others)
    await learner.consent(request["id"], choices, acknowledged={*others, "few-people"})
    (shared, *_) = await learner.history()
    assert "few-people" in {each["code"] for each in shared["said"]["warned"]}


@asynccontextmanager
async def _a_week_later(exchange: RunningExchange) -> AsyncIterator[None]:
    """Every edition is of last week inside the block, and the issuer has told nothing yet this week."""
    await _move_editions(exchange, timedelta(days=-8))
    try:
        yield
    finally:
        await _move_editions(exchange, timedelta(days=8))


async def _move_editions(exchange: RunningExchange, by: timedelta) -> None:
    async with Database(Auditor(exchange, exchange.database).url("issuer")) as db, db.session() as session:
        await session.exec(delete(DidResourceRow).where(col(DidResourceRow.type) == HOLDERS))
        for row in await session.exec(select(DidResourceRow).where(col(DidResourceRow.type) == EDITION)):
            row.created_at += by
