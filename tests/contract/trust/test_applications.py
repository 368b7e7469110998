"""`KeepApplications` on SQLite and PostgreSQL: what is past its time goes, and nothing else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from services.trust_registry.adapters.sql_applications import SqlApplications
from services.trust_registry.adapters.sql_register import SqlRegister
from services.trust_registry.adapters.sql_tables import ApplicationEntryRow, ApplicationFileRow
from services.trust_registry.domain.application import (
    CONTACTS_KEPT,
    UNDECIDED_KEPT,
    UNPROVEN_KEPT,
    Application,
    ApplicationEntry,
    Contact,
    Evidence,
    LogCheck,
    Proof,
    Wish,
    answered,
    asked,
    decided,
    refused,
    taken_up,
)
from services.trust_registry.domain.evidence import checked_file
from services.trust_registry.domain.proposal import Proposal
from services.trust_registry.domain.proposal import approved as proposal_approved
from services.trust_registry.domain.proposal import rejected as proposal_rejected
from services.trust_registry.errors import ApplicationUnknown
from services.trust_registry.main import MIGRATIONS
from services.trust_registry.use_cases.follow_application import link_digest
from services.trust_registry.use_cases.forget_applications import ForgetApplications
from shared.adapters.clock import new_id
from shared.adapters.sql import Database
from shared.vc.trust_list import Level
from tests.support.applicants import PDF
from tests.support.databases import migrated

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
APPLICATION = Application(
    id="a1",
    names={"en": "Mwangaza", "ar": "مركز النور"},
    country="KE",
    did="did:webvh:QmOne:host.test",
    external_ids=("https://ror.test/1",),
    wish=Wish(
        action="issue",
        resources=("isced-f:06",),
        jurisdictions=("KE",),
        highest_level=Level(framework="eqf", level=5),
    ),
    evidence=Evidence(url="https://a.test/licence", digest="sha256-abcdefghijk", file=checked_file(PDF)),
    contact=Contact(name="Amina", email="amina@a.test"),
    log=LogCheck(at=NOW, version="1-Qm"),
    created_at=NOW,
    changed_at=NOW,
)
PROOF = Proof(jws="a.b.c", key="did:webvh:QmOne:host.test#z6", version="1-Qm", at=NOW)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    async with migrated(database_url, MIGRATIONS) as database:
        register = SqlRegister(database, name="demo", validity=timedelta(hours=24))
        await register.start()
        yield database


async def add(db: Database, application: Application) -> SqlApplications:
    kept = SqlApplications(db)
    async with kept.changing() as change:
        await change.add(application, entry(application), link_digest=link_digest(application.id), file=PDF)
    return kept


def entry(application: Application, what: str = "received", text: str = "") -> ApplicationEntry:
    return ApplicationEntry(
        id=new_id(),
        application_id=application.id,
        at=NOW,
        actor="applicant",
        what=what,  # type: ignore[arg-type] # one of them
        text=text,
    )


async def test_an_application_comes_back_as_it_was_kept(db: Database) -> None:
    kept = await add(db, replace(APPLICATION, proof=PROOF))

    assert await kept.application("a1") == replace(APPLICATION, proof=PROOF)
    assert await kept.behind(link_digest("a1")) == replace(APPLICATION, proof=PROOF)
    assert await kept.file("a1") == PDF
    assert [found.what for found in await kept.entries("a1")] == ["received"]
    with pytest.raises(ApplicationUnknown, match="no such application here"):
        await kept.application("a2")


async def test_it_stands_as_the_proposal_stands(db: Database) -> None:
    register, kept = SqlRegister(db, name="demo", validity=timedelta(hours=24)), SqlApplications(db)
    proposal = Proposal(id="p1", edits=(), reason="r", proposed_by="member:1", proposed_at=NOW, standing={})
    proposed = decided(
        taken_up(APPLICATION, by="member:1", now=NOW),
        by="member:1",
        entity_id="e1",
        proposal_id="p1",
        now=NOW,
    )
    async with register.changing() as change:
        await change.add_proposal(proposal)
        await kept.beside(change).add(proposed, entry(proposed), link_digest="d", file=None)
    states = [(await kept.application("a1")).state.name]
    for outcome in (
        proposal_approved(proposal, by="member:2", four_eyes=True, standing={}, now=NOW),
        proposal_rejected(proposal, by="member:2", reason="no", now=NOW),
    ):
        async with register.changing() as change:
            await change.keep_decision(outcome)
        [listed] = await kept.applications(
            after=None, limit=10, state="approved" if outcome.state == "approved" else "in_review"
        )
        states.append(listed.state.name)

    assert states == ["proposed", "approved", "in_review"]


async def test_contacts_files_and_answers_go_a_set_time_after_the_end(db: Database) -> None:
    reviewed = asked(taken_up(APPLICATION, by="member:1", now=NOW), by="member:1", question="Which?", now=NOW)
    over = refused(answered(reviewed, now=NOW), by="member:1", reason="no licence", now=NOW)
    kept = await add(db, over)
    async with kept.changing() as change:
        await change.keep(over, entry(over, "answered", "Ask for Amina at 0700 000 000"))
        await change.keep(over, entry(over, "refused", "no licence"))
    forget = ForgetApplications(applications=kept, new_id=new_id)

    early = await forget.contacts(NOW + CONTACTS_KEPT)
    late = await forget.contacts(NOW + CONTACTS_KEPT + timedelta(seconds=1))
    again = await forget.contacts(NOW + 2 * CONTACTS_KEPT)

    assert (early, late, again) == (0, 1, 0)
    found = await kept.application("a1")
    assert found == replace(over, contact=None)
    texts = [(each.what, each.text) for each in await kept.entries("a1")]
    assert texts == [("received", ""), ("answered", ""), ("refused", "no licence"), ("forgotten", "")]
    with pytest.raises(ApplicationUnknown, match="there is no file"):
        await kept.file("a1")


async def test_what_nobody_took_up_and_nobody_proved_goes_as_a_whole(db: Database) -> None:
    kept = await add(db, APPLICATION)
    await add(db, replace(APPLICATION, id="a2", proof=PROOF))
    await add(db, taken_up(replace(APPLICATION, id="a3"), by="member:1", now=NOW))
    forget = ForgetApplications(applications=kept, new_id=new_id)

    early = await forget.unproven(NOW + UNPROVEN_KEPT)
    late = await forget.unproven(NOW + UNPROVEN_KEPT + timedelta(seconds=1))

    left = [each.id for each in await kept.applications(after=None, limit=10, state=None)]
    assert (early, late, left) == (0, 1, ["a2", "a3"])
    async with db.reading() as session:
        entries = set(await session.exec(select(ApplicationEntryRow.application_id)))
        files = set(await session.exec(select(ApplicationFileRow.application_id)))
    assert entries == files == {"a2", "a3"}


async def test_what_neither_side_moves_counts_as_withdrawn(db: Database) -> None:
    kept = await add(db, taken_up(APPLICATION, by="member:1", now=NOW))
    forget = ForgetApplications(applications=kept, new_id=new_id)

    early = await forget.idle(NOW + UNDECIDED_KEPT)
    late = await forget.idle(NOW + UNDECIDED_KEPT + timedelta(seconds=1))

    assert (early, late) == (0, 1)
    assert (await kept.application("a1")).state.name == "withdrawn"
    assert (await kept.entries("a1"))[-1].actor == "service"
