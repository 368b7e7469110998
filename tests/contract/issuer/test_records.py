"""What any of the issuer's memories must do: the fake, SQLite and PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from issuer.adapters.sql_records import SqlRecords
from issuer.adapters.sql_tables import IssuerTable
from issuer.domain.award import (
    NAMES,
    Accepted,
    Award,
    Broken,
    Declined,
    Exchange,
    Invited,
    Issued,
    Offered,
    Prepared,
    Revoked,
    SentCredential,
    State,
    Superseded,
    Suspension,
)
from issuer.domain.batch import Batch
from issuer.domain.organisation import Definition, Organisation
from issuer.domain.reissue import CheckMethod, IdentityCheck, Loss, Reissue
from issuer.domain.revocation import Revocation, publish
from issuer.domain.suspension import StatusChange
from issuer.domain.template import STATES, Draft, Template, approve, next_edition, retire
from issuer.errors import AwardChanged, Complaint
from issuer.main import MIGRATIONS
from issuer.ports import Records
from shared.adapters.sql_outbox import Outbox
from shared.vc.achievement import AchievementTemplate
from tests.support.databases import migrated
from tests.support.issuer import (
    DID,
    ORG,
    START,
    MemoryRecords,
    batch_of,
    description,
    graduate,
    new_id,
    prepared_award,
    published_template,
)
from tests.support.migrations import assert_migrations_match

EXCHANGE = Exchange("connection", "exchange")
SENT = SentCredential(EXCHANGE, "registry", "7")


@pytest.fixture
async def records(memory_or_url: str | None) -> AsyncIterator[Records]:
    if memory_or_url is None:
        yield MemoryRecords()
        return
    async with migrated(memory_or_url, MIGRATIONS) as db:
        yield SqlRecords(db, Outbox(db))


async def keep(records: Records, **changes: object) -> Award:
    """Store a template, a batch and an award."""
    template = published_template()
    batch = batch_of(template)
    award = prepared_award(template, batch, **changes)
    async with records.transaction() as tx:
        await tx.save_template(template)
        await tx.add_batch(batch, [award])
    return award


async def test_migrations_make_the_tables_that_the_code_describes(database_url: str) -> None:
    await assert_migrations_match(database_url, MIGRATIONS, IssuerTable.metadata)


async def test_an_empty_memory_knows_nothing(records: Records) -> None:
    async with records.reading() as tx:
        assert await tx.organisation(ORG) is None
        assert await tx.definition(ORG) is None
        assert await tx.template(ORG, new_id()) is None
        assert await tx.batch(ORG, new_id()) is None
        assert await tx.award(ORG, new_id()) is None
        assert await tx.award_by_claim("digest") is None
        assert await tx.revocation(new_id()) is None
        assert list(await tx.unpublished_revocations()) == []


async def test_organisation_and_definition_are_kept(records: Records) -> None:
    organisation = Organisation(ORG, "Test", "KE", DID)
    async with records.transaction() as tx:
        await tx.add_organisation(organisation)
        await tx.save_definition(Definition(ORG, "1.0", "revocable"))
    made = Definition(ORG, "1.0", "revocable", "schema", "definition")
    async with records.transaction() as tx:
        await tx.save_definition(made)
    async with records.reading() as tx:
        assert await tx.organisation(ORG) == organisation
        assert await tx.definition(ORG) == made


@pytest.mark.parametrize("key", ["data-analytics", "engaged-citizens", "first-aid"])
async def test_templates_come_back_as_they_were(records: Records, key: str) -> None:
    published = published_template(key)
    drafts = [
        Template(new_id(), ORG, description(key), Draft(), START),
        Template(new_id(), ORG, AchievementTemplate(), Draft(), START),
    ]
    async with records.transaction() as tx:
        for template in (published, *drafts):
            await tx.save_template(template)
    async with records.reading() as tx:
        assert await tx.template(ORG, published.id) == published
        assert list(await tx.templates(ORG, after=None, limit=2)) == [published, drafts[0]]
        assert list(await tx.templates(ORG, after=drafts[0].id, limit=2)) == [drafts[1]]
    async with records.transaction() as tx:
        await tx.delete_template(drafts[0])
    async with records.reading() as tx:
        assert list(await tx.templates(ORG, after=None, limit=3)) == [published, drafts[1]]


async def test_templates_in_every_state_come_back_and_are_found_by_it(records: Records) -> None:
    published = replace(published_template(), author="member:amina")
    begun = next_edition(published, new_id(), by="member:amina", now=START)
    templates = {
        "published": published,
        "draft": begun,
        "approved": approve(
            Template(new_id(), ORG, description("first-aid"), Draft(), START),
            by="key:7",
            second_person=True,
            now=START,
        ),
        "retired": retire(published_template("first-aid"), now=START),
    }
    async with records.transaction() as tx:
        for template in templates.values():
            await tx.save_template(template)
    async with records.transaction() as tx:
        assert await tx.template(ORG, begun.id, lock=True) == begun
    async with records.reading() as tx:
        for name in STATES:
            assert list(await tx.templates(ORG, after=None, limit=9, state=name)) == [templates[name]]
            assert list(await tx.newest_templates(ORG, before=None, limit=9, state=name)) == [templates[name]]
        newest = await tx.newest_templates(ORG, before=None, limit=9, state=None)
        assert [each.id for each in newest] == sorted((each.id for each in templates.values()), reverse=True)
        assert list(await tx.newest_templates(ORG, before=newest[2].id, limit=9, state=None)) == [newest[3]]
        assert list(await tx.editions(ORG, published.id)) == [published, begun]
        assert list(await tx.editions("another", published.id)) == []


async def test_a_batch_comes_back_with_its_complaints_and_counts(records: Records) -> None:
    template = published_template()
    batch = Batch(
        new_id(),
        ORG,
        template.id,
        "edition",
        3,
        2,
        "cp1252",
        "\t",
        (Complaint(3, "email", "ö", "Wrong.", "Mend."),),
        START,
    )
    awards = [prepared_award(template, batch), prepared_award(template, batch, state=Declined())]
    async with records.transaction() as tx:
        await tx.save_template(template)
        await tx.add_batch(batch, awards)
    async with records.reading() as tx:
        assert await tx.batch(ORG, batch.id) == batch
        assert dict(await tx.count_states(ORG, batch.id)) == {"prepared": 1, "declined": 1}
        assert list(await tx.awards(ORG, batch_id=batch.id, after=awards[0].id, limit=9)) == [awards[1]]
        assert list(await tx.awards(ORG, batch_id=None, after=None, limit=1)) == [awards[0]]


@pytest.mark.parametrize(
    "state",
    [
        Prepared(),
        Invited("invitation"),
        Offered(EXCHANGE),
        Accepted(EXCHANGE),
        Accepted(EXCHANGE, SENT),
        Issued(SENT),
        Declined(),
        Broken(),
        Revoked("Wrong person.", START),
        Superseded(UUID(int=7), "A letter.", START),
    ],
    ids=lambda state: NAMES[type(state)],
)
async def test_an_award_comes_back_in_the_state_it_was_in(records: Records, state: State) -> None:
    award = await keep(
        records,
        state=state,
        leftovers=(SENT,),
        code_digest="code",
        wrong_codes=2,
        replaces=new_id(),
        graduate=graduate(family_name="", grade_pct=None, grade="Merit", given_name="ሰላም"),
    )
    async with records.reading() as tx:
        assert await tx.award(ORG, award.id) == award
        assert await tx.award_by_claim(award.claim_digest) == award


async def test_an_award_is_found_by_its_current_invitation_and_exchange_only(records: Records) -> None:
    award = await keep(records, state=Invited("invitation"))
    async with records.transaction() as tx:
        assert await tx.award_by_invitation("invitation") == award
        assert list(await tx.awards_in_exchange(since=None)) == [award]
        assert list(await tx.awards_in_exchange(since=START)) == [award]
        assert list(await tx.awards_in_exchange(since=START + timedelta(seconds=1))) == []
        await tx.save_award(replace(award, state=Offered(EXCHANGE)))
    async with records.transaction() as tx:
        assert await tx.award_by_invitation("invitation") is None
        found = await tx.award_by_exchange("exchange")
        assert found is not None
        await tx.save_award(replace(found, state=Declined()))
    async with records.reading() as tx:
        assert await tx.award_by_exchange("exchange") is None
        assert list(await tx.awards_in_exchange(since=None)) == []


async def test_a_change_nobody_saw_is_not_overwritten(records: Records) -> None:
    award = await keep(records)
    async with records.transaction() as tx:
        await tx.save_award(replace(award, state=Invited("first")))
    with pytest.raises(AwardChanged):
        async with records.transaction() as tx:
            await tx.save_award(replace(award, state=Invited("second")))
    async with records.reading() as tx:
        kept = await tx.award(ORG, award.id)
    assert kept == replace(award, state=Invited("first"), version=award.version + 1)


class Interrupted(Exception):
    """Something went wrong half-way."""


async def test_nothing_is_half_stored(records: Records) -> None:
    template = published_template()
    batch = batch_of(template)

    async def half() -> None:
        async with records.transaction() as tx:
            await tx.save_template(template)
            await tx.add_batch(batch, [prepared_award(template, batch)])
            await tx.tell("events.test", {})
            raise Interrupted

    with pytest.raises(Interrupted):
        await half()
    async with records.reading() as tx:
        assert await tx.template(ORG, template.id) is None
        assert await tx.batch(ORG, batch.id) is None
        assert list(await tx.awards(ORG, batch_id=None, after=None, limit=9)) == []


async def test_a_suspended_award_is_kept_with_its_reason(records: Records) -> None:
    award = await keep(records, state=Issued(SENT), suspension=Suspension("We are checking.", START))
    async with records.transaction() as tx:
        kept = await tx.award(ORG, award.id)
        assert kept == award
        await tx.save_award(replace(kept, suspension=None))
    async with records.reading() as tx:
        found = await tx.award(ORG, award.id)
    assert found is not None
    assert found.suspension is None


async def test_of_the_orders_about_a_credential_the_latest_counts(records: Records) -> None:
    award = await keep(records, state=Issued(SENT))
    first, second = (
        StatusChange(new_id(), ORG, award.id, SENT, suspended, "why", START) for suspended in (True, False)
    )
    async with records.transaction() as tx:
        await tx.save_status_change(first)
        await tx.save_status_change(second)
    async with records.transaction() as tx:
        assert await tx.status_change(first.id) is None
        assert await tx.status_change(second.id) == second
        assert await tx.status_changes_of([award.id]) == {award.id: second}
        assert await tx.status_changes_of([new_id()]) == {}
        assert list(await tx.unpublished_status_changes()) == [second]
        await tx.publish_status_change(first.id, at=START)
        assert list(await tx.unpublished_status_changes()) == [second], "the first is no more"
    async with records.transaction() as tx:
        await tx.publish_status_change(second.id, at=START)
    async with records.transaction() as tx:
        assert await tx.status_change(second.id) == replace(second, published_at=START)
        assert not await tx.unpublished_status_changes()
        await tx.drop_status_change(SENT)
    async with records.reading() as tx:
        assert await tx.status_changes_of([award.id]) == {}


async def test_a_credential_is_revoked_once(records: Records) -> None:
    award = await keep(records, state=Issued(SENT))
    revocation = Revocation(new_id(), ORG, award.id, SENT, "Wrong person.", START)
    async with records.transaction() as tx:
        await tx.save_revocation(revocation)
        await tx.save_revocation(replace(revocation, id=new_id(), reason="Again."))
    async with records.reading() as tx:
        assert list(await tx.revocations_of(ORG, award.id)) == [revocation]
        assert list(await tx.unpublished_revocations()) == [revocation]
    done = publish(revocation, now=START + timedelta(minutes=1))
    async with records.transaction() as tx:
        await tx.save_revocation(done)
    async with records.reading() as tx:
        assert await tx.revocation(revocation.id) == done
        assert list(await tx.unpublished_revocations()) == []


async def test_an_award_issued_again_keeps_its_origin_and_who_checked(records: Records) -> None:
    check = IdentityCheck(CheckMethod.OTHER, "Her teacher vouched.", "key:7", START)
    reissue = Reissue(Loss.OTHER, "Water damage.", check)
    award = await keep(records, origin=new_id(), reissues=2, reissue=reissue)
    async with records.transaction() as tx:
        assert await tx.award(ORG, award.id) == award
        await tx.save_award(replace(award, state=Declined()))
    async with records.reading() as tx:
        assert await tx.award(ORG, award.id) == replace(award, state=Declined(), version=2)


async def test_a_corrected_award_is_added(records: Records) -> None:
    award = await keep(records)
    async with records.transaction() as tx:
        first = await tx.award(ORG, award.id)
        assert first is not None
        new = replace(first, id=new_id(), claim_digest="another", replaces=first.id)
        await tx.add_award(new)
    async with records.reading() as tx:
        assert await tx.award(ORG, new.id) == new


async def test_what_belongs_to_another_organisation_is_not_there(records: Records) -> None:
    award = await keep(records, state=Issued(SENT))
    revocation = Revocation(new_id(), ORG, award.id, SENT, "Wrong person.", START)
    async with records.transaction() as tx:
        await tx.save_revocation(revocation)
        await tx.save_definition(Definition(ORG, "1.0", "revocable"))
        await tx.add_organisation(Organisation(ORG, "Test", "KE", DID))

    async with records.reading() as tx:
        for stranger in ("elimu", ""):
            assert await tx.organisation(stranger) is None
            assert await tx.definition(stranger) is None
            assert await tx.template(stranger, award.template_id) is None
            assert list(await tx.templates(stranger, after=None, limit=5)) == []
            assert await tx.batch(stranger, award.batch_id) is None
            assert await tx.count_states(stranger, award.batch_id) == {}
            assert await tx.award(stranger, award.id) is None
            assert list(await tx.awards(stranger, batch_id=None, after=None, limit=5)) == []
            assert list(await tx.awards(stranger, batch_id=award.batch_id, after=None, limit=5)) == []
            assert list(await tx.revocations_of(stranger, award.id)) == []
        assert await tx.award(ORG, award.id) == award
        assert list(await tx.revocations_of(ORG, award.id)) == [revocation]
        assert await tx.award_by_claim(award.claim_digest) == award
        assert [each.organisation for each in await tx.unfinished_definitions()] == [ORG]


async def test_organisations_are_listed_by_their_slugs_and_each_made_once(records: Records) -> None:
    made = [Organisation(slug, slug.title(), "KE", f"{DID}{slug}") for slug in ("umoja", "amal", "elimu")]
    async with records.transaction() as tx:
        assert [await tx.add_organisation(each) for each in (*made, replace(made[0], name="Other"))] == [
            True,
            True,
            True,
            False,
        ]
        await tx.save_organisation(replace(made[1], suspended_at=START))
    async with records.reading() as tx:
        assert list(await tx.organisations(after=None, limit=2)) == [
            replace(made[1], suspended_at=START),
            made[2],
        ]
        assert list(await tx.organisations(after="elimu", limit=2)) == [made[0]]
