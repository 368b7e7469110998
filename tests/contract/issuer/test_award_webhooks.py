"""What a learning platform is told of awards: exactly the changes that were stored, of its own organisation, without a name."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import col, select

from issuer.adapters.award_webhooks import EVENTS, IssuerWebhooks
from issuer.adapters.sql_records import SqlRecords
from issuer.domain import award as awards
from issuer.domain import message as messages
from issuer.domain.award import Accepted, Award, Exchange, Issued, Offered, SentCredential
from issuer.domain.history import What
from issuer.domain.message import Channel, Kind, Message, Queued, Sent
from issuer.domain.reissue import CheckMethod, IdentityCheck, Loss, Reissue
from issuer.errors import AwardChanged
from issuer.main import MIGRATIONS
from issuer.use_cases.reinstate_award import ReinstateAward
from issuer.use_cases.suspend_award import SuspendAward
from shared.adapters.sql import Database
from shared.adapters.sql_outbox import Outbox
from shared.adapters.sql_webhooks import SqlWebhooks, WebhookDeliveryRow
from tests.support.databases import migrated
from tests.support.issuer import ORG, START, batch_of, graduate, new_id, prepared_award, published_template

BASE = "https://issuer.test"
OTHER = "another"
EXCHANGE = Exchange("connection", "exchange")


class World:
    """Records that tell, with a webhook of two organisations each."""

    def __init__(self, db: Database) -> None:
        self.db, self.webhooks = db, SqlWebhooks(db, bytes(32))
        self.records = SqlRecords(db, Outbox(db), IssuerWebhooks(self.webhooks, BASE))
        self.number = 0

    async def listen(self) -> None:
        for organisation in (ORG, OTHER):
            await self.webhooks.of(organisation).create(
                f"https://{organisation}.test/told", events=[], description="", now=START
            )

    async def award(self, **changes: Any) -> Award:  # noqa: ANN401 - any field
        template = published_template()
        batch = batch_of(template)
        award = prepared_award(template, batch, **changes)
        async with self.records.transaction() as tx:
            await tx.save_template(template)
            await tx.add_batch(batch, [award])
        return award

    async def issued(self) -> Award:
        self.number += 1
        sent = SentCredential(EXCHANGE, "registry", str(self.number))
        award = await self.award(state=Accepted(EXCHANGE, sent))
        async with self.records.transaction() as tx:
            await tx.save_award(awards.acknowledge(award, now=START))
        return replace(awards.acknowledge(award, now=START), version=award.version + 1)

    async def told(self, organisation: str = ORG) -> list[dict[str, Any]]:
        (hook,) = await self.webhooks.of(organisation).all()
        query = select(WebhookDeliveryRow).where(col(WebhookDeliveryRow.webhook_id) == hook.id)
        async with self.db.reading() as session:
            rows = await session.exec(query.order_by(col(WebhookDeliveryRow.id)))
            return [json.loads(row.body) for row in rows]


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with migrated(database_url, MIGRATIONS) as db:
        made = World(db)
        await made.listen()
        yield made


async def test_each_change_is_told_with_ids_and_states_and_nothing_of_the_learner(world: World) -> None:
    issued = await world.issued()
    suspend = SuspendAward(world.records, new_id, lambda: START)
    reinstate = ReinstateAward(world.records, new_id, lambda: START)
    await suspend(ORG, issued.id, "A doubt about Amina.")
    await reinstate(ORG, issued.id, "No doubt.")
    corrected, lost, taken_back = await world.issued(), await world.issued(), await world.issued()
    declined = await world.award(state=Offered(EXCHANGE))
    why = Reissue(Loss.PHONE, "", IdentityCheck(CheckMethod.KNOWN_PERSON, "", "key:7", START))
    new, old, _ = awards.issue_again(
        lost, new_id(), claim_digest="new", code_digest="new", reissue=why, beyond_limit=False, now=START
    )
    async with world.records.transaction() as tx:
        await tx.save_award(awards.supersede(corrected, new_id(), "A wrong name.", now=START)[0])
        await tx.add_award(new)
        await tx.save_award(old)
        await tx.save_award(awards.revoke(taken_back, "Not hers.", now=START)[0])
        await tx.save_award(awards.end_exchange(declined, now=START))
        await tx.note(new, What.DELIVERED, at=START)
        await tx.note(new, What.OPENED, at=START)

    told = await world.told()
    assert [one["type"] for one in told if one["type"] not in {"batch.prepared", "award.issued"}] == [
        "award.suspended",
        "award.reinstated",
        "award.superseded",
        "award.reissued",
        "award.revoked",
        "award.declined",
        "award.delivered",
    ]
    assert {one["type"] for one in told} == EVENTS.keys() - {"message.bounced"}
    suspended = next(one["data"] for one in told if one["type"] == "award.suspended")
    assert suspended == {
        "award_id": str(issued.id),
        "batch_id": str(issued.batch_id),
        "template_id": str(issued.template_id),
        "state": "issued",
        "suspended": True,
        "at": START.isoformat(),
        "links": {"award": f"{BASE}/v1/awards/{issued.id}"},
    }
    states = {one["type"]: one["data"]["state"] for one in told}
    assert (states["award.reissued"], states["award.revoked"]) == ("superseded", "revoked")
    everything = json.dumps(told)
    for private in ("Amina", "Wanjiru", graduate().email, "doubt", "wrong name"):
        assert private not in everything
    assert await world.told(OTHER) == [], "another organisation is told nothing"


async def test_what_was_not_stored_is_not_told(world: World) -> None:
    award = await world.award(state=Offered(EXCHANGE))
    before = await world.told()
    with pytest.raises(AwardChanged):
        async with world.records.transaction() as tx:
            await tx.save_award(replace(awards.end_exchange(award, now=START), version=award.version + 7))
    assert await world.told() == before


async def test_a_batch_is_told_once_when_its_rows_are_awards(world: World) -> None:
    template = published_template()
    batch = batch_of(template)
    async with world.records.transaction() as tx:
        await tx.save_template(template)
        await tx.add_batch(batch, [prepared_award(template, batch)])
    async with world.records.transaction() as tx:
        await tx.save_batch(batch)
    (told,) = await world.told()
    assert (told["type"], told["data"]["batch_id"], told["data"]["awards"]) == (
        "batch.prepared",
        str(batch.id),
        1,
    )


async def test_a_bounce_is_told_once_and_without_the_address(world: World) -> None:
    award = await world.award(state=Issued(SentCredential(EXCHANGE, "registry", "1")))
    queued = Message(
        new_id(),
        ORG,
        award.batch_id,
        award.id,
        Kind.CLAIM_LINK,
        0,
        Channel.EMAIL,
        "en",
        Queued(START),
        0,
        None,
        START,
    )
    bounced = messages.bounce(
        replace(queued, state=Sent(START)), "550 amina@example.org: no such user", now=START
    )
    for message in (replace(queued, state=Sent(START)), bounced, bounced):
        async with world.records.transaction() as tx:
            await tx.add_message(queued)
            await tx.save_message(message)
    told = [one for one in await world.told() if one["type"] == "message.bounced"]
    assert [one["data"]["award_id"] for one in told] == [str(award.id)]
    assert told[0]["data"]["state"] == "bounced"
    assert "amina" not in json.dumps(told)
