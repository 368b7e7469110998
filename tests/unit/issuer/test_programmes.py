"""A programme's way from draft to retired: what each move asks for, what it refuses, and how editions follow one another."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from pydantic import JsonValue

from issuer.domain.organisation import Organisation
from issuer.domain.template import (
    Approved,
    Draft,
    Published,
    Retired,
    Template,
    approve,
    describe,
    for_new_awards,
    next_edition,
    publish,
    refuse_hidden_characters,
    retire,
    take_back,
)
from issuer.errors import (
    NewerEditionExists,
    NoSecondPerson,
    NotReady,
    TemplateAlreadyPublished,
    TemplateApproved,
    TemplateChanged,
    TemplateIncomplete,
    TemplateInvalid,
    TemplateNotPublished,
    TemplateRetired,
    TemplateUnknown,
)
from issuer.use_cases.advance_template import AdvanceTemplate
from issuer.use_cases.draft_template import DraftTemplate
from issuer.use_cases.look_up import LookUp
from issuer.use_cases.publish_template import PublishTemplate
from shared.vc.achievement import AchievementTemplate, QualityAssurance
from tests.support.issuer import (
    DID,
    ORG,
    START,
    FakeAgent,
    FakeClock,
    FakePublications,
    MemoryRecords,
    description,
    new_id,
    published_template,
)
from tests.support.skills import MemorySkills

AMINA, BARAKA = "member:amina", "member:baraka"


def draft(**changes: object) -> Template:
    return replace(Template(new_id(), ORG, description(), Draft(), START, author=AMINA), **changes)  # type: ignore[arg-type]  # any field


def approved() -> Template:
    return approve(draft(), by=BARAKA, second_person=True, now=START)


def retired() -> Template:
    return retire(published_template(), now=START)


class TestApproving:
    def test_a_complete_draft_is_approved_by_somebody(self) -> None:
        assert approved().state == Approved(BARAKA, START)

    def test_a_second_time_changes_nothing(self) -> None:
        template = approved()
        assert approve(template, by=AMINA, second_person=True, now=START) is template

    def test_names_what_is_missing(self) -> None:
        with pytest.raises(TemplateIncomplete, match="learning outcomes"):
            approve(draft(description=AchievementTemplate()), by=BARAKA, second_person=False, now=START)

    def test_is_not_for_the_author_where_a_second_person_is_asked_for(self) -> None:
        with pytest.raises(NoSecondPerson, match="somebody else"):
            approve(draft(), by=AMINA, second_person=True, now=START)
        assert approve(draft(), by=AMINA, second_person=False, now=START).state_name == "approved"

    @pytest.mark.parametrize("made", [published_template, retired])
    def test_is_not_for_what_is_published(self, made: Callable[[], Template]) -> None:
        with pytest.raises(TemplateAlreadyPublished, match="nothing left to approve"):
            approve(made(), by=BARAKA, second_person=False, now=START)


class TestDescribing:
    def test_whoever_describes_a_draft_is_its_author(self) -> None:
        assert describe(draft(), description("first-aid"), by=BARAKA).author == BARAKA

    def test_an_approved_one_is_taken_back_first(self) -> None:
        with pytest.raises(TemplateApproved, match="take it back to draft first"):
            describe(approved(), description("first-aid"), by=AMINA)
        again = take_back(approved())
        assert again.state == Draft()
        assert describe(again, description("first-aid"), by=AMINA).title != approved().title

    @pytest.mark.parametrize("made", [published_template, retired])
    def test_what_is_published_never_changes(self, made: Callable[[], Template]) -> None:
        for move in (
            lambda each: describe(each, description("first-aid"), by=AMINA),
            take_back,
            lambda each: publish(each, "another", {}, now=START),
        ):
            with pytest.raises(TemplateAlreadyPublished, match="never changes"):
                move(made())

    @pytest.mark.parametrize(
        ("element", "changes"),
        [
            ("title in en", {"titles": {"en": "First\x07 aid"}}),
            ("awarding body", {"awarding_body": "Umoja\u202e ijomU"}),
            ("description", {"description": "One\x00two"}),
            ("description in fr", {"descriptions": {"fr": "\x1b[31mRouge"}}),
            ("learning outcome", {"outcomes": ("Reads\x7f charts",)}),
            ("prerequisite", {"prerequisites": ("None\u2066",)}),
            ("quality assurance reference", {"quality_assurance": QualityAssurance("programme", "A\x85B")}),
            ("skill name", {"skills": ("urn:x:1",), "skill_names": {"urn:x:1": {"en": "Sews\x01"}}}),
        ],
    )
    def test_hidden_characters_are_refused_where_they_are(
        self, element: str, changes: dict[str, object]
    ) -> None:
        with pytest.raises(TemplateInvalid, match="hidden characters") as refused:
            describe(draft(), replace(description(), **changes), by=AMINA)  # type: ignore[arg-type]  # any field
        assert refused.value.element == element

    def test_lines_marks_of_direction_and_markup_are_ordinary_text(self) -> None:
        refuse_hidden_characters(
            replace(description(), description="<b>One</b>\n\tTwo \u200fفصل\u200d", titles={"en": "<script>"})
        )


class TestRetiring:
    def test_keeps_the_edition_and_takes_no_new_cohort(self) -> None:
        published = published_template()
        ended = retire(published, now=START)
        assert isinstance(published.state, Published)
        assert ended.published == published.state == for_new_awards(published)
        assert retire(ended, now=START) is ended
        with pytest.raises(TemplateRetired, match="takes no new cohorts"):
            for_new_awards(ended)

    @pytest.mark.parametrize("made", [draft, approved])
    def test_is_for_what_is_published(self, made: Callable[[], Template]) -> None:
        with pytest.raises(TemplateNotPublished, match="Only a published edition"):
            retire(made(), now=START)
        with pytest.raises(TemplateNotPublished, match="publish first"):
            for_new_awards(made())
        with pytest.raises(TemplateNotPublished, match="no edition yet"):
            next_edition(made(), new_id(), by=AMINA, now=START)


class Desk:
    """Every use case about programmes, over fakes."""

    def __init__(self) -> None:
        self.records = MemoryRecords()
        self.clock = FakeClock()
        self.publications = FakePublications(FakeAgent())
        self.draft = DraftTemplate(self.records, new_id, self.clock)
        self.publish = PublishTemplate(self.records, self.publications, MemorySkills(), self.clock)
        self.move = AdvanceTemplate(self.records, new_id, self.clock)
        self.look_up = LookUp(self.records)

    async def opened(self, *, second_person: bool = False) -> "Desk":
        async with self.records.transaction() as tx:
            await tx.add_organisation(Organisation(ORG, "Test", "KE", DID, second_person=second_person))
        return self

    async def published(self) -> Template:
        made = await self.draft(ORG, description(), by=AMINA)
        return await self.publish(ORG, made.id, by=BARAKA)


async def test_editions_follow_one_another_in_the_signed_document_and_the_records() -> None:
    desk = await Desk().opened()
    first = await desk.published()
    begun = await desk.move.next_edition(ORG, first.id, by=AMINA)
    assert (begun.description, begun.state_name, begun.replaces) == (first.description, "draft", first.id)
    assert await desk.move.next_edition(ORG, first.id, by=BARAKA) == begun, "it is begun once"

    await desk.draft(ORG, replace(begun.description, workload_hours=90), by=AMINA, template_id=begun.id)
    second = await desk.publish(ORG, begun.id, by=BARAKA)
    assert first.published
    assert second.published
    assert second.published.edition.follows == first.published.edition_id
    assert second.published.content["related"] == [{"type": ["Related"], "id": first.published.edition_id}]
    assert first.published.edition.follows is None
    with pytest.raises(NewerEditionExists, match=str(second.id)):
        await desk.move.next_edition(ORG, first.id, by=AMINA)

    third = await desk.move.next_edition(ORG, (await desk.move.retire(ORG, second.id)).id, by=AMINA)
    for each in (first, second, third):
        assert [one.id for one in await desk.look_up.editions(ORG, each.id)] == [
            first.id,
            second.id,
            third.id,
        ]


async def test_publishing_a_draft_approves_it_and_asks_for_the_second_person_too() -> None:
    desk = await Desk().opened(second_person=True)
    made = await desk.draft(ORG, description(), by=AMINA)
    with pytest.raises(NoSecondPerson, match="somebody else"):
        await desk.publish(ORG, made.id, by=AMINA)
    assert desk.publications.editions == {}
    with pytest.raises(NoSecondPerson, match="somebody else"):
        await desk.move.approve(ORG, made.id, by=AMINA)
    await desk.move.approve(ORG, made.id, by=BARAKA)
    assert (await desk.publish(ORG, made.id, by=AMINA)).state_name == "published"


async def test_a_draft_is_approved_taken_back_and_listed_by_state() -> None:
    desk = await Desk().opened()
    made = await desk.draft(ORG, description(), by=AMINA)
    await desk.move.approve(ORG, made.id, by=AMINA)
    listed = await desk.look_up.newest_templates(ORG, before=None, limit=9, state="approved")
    assert [each.id for each in listed] == [made.id]
    assert (await desk.move.take_back(ORG, made.id)).state_name == "draft"
    assert not await desk.look_up.templates(ORG, after=None, limit=9, state="approved")


async def test_nobody_overwrites_what_a_colleague_wrote_meanwhile() -> None:
    desk = await Desk().opened()
    made = await desk.draft(ORG, description(), by=AMINA)
    await desk.draft(ORG, description("first-aid"), by=BARAKA, template_id=made.id)
    with pytest.raises(TemplateChanged, match="someone else"):
        await desk.draft(ORG, description(), by=AMINA, template_id=made.id, instead_of=made.description)


async def test_what_changes_while_it_is_signed_is_not_published() -> None:
    desk = await Desk().opened()
    made = await desk.draft(ORG, description(), by=AMINA)

    class Meanwhile(FakePublications):
        async def publish_edition(self, did: str, name: str, content: Mapping[str, JsonValue]) -> str:
            await desk.draft(ORG, description("first-aid"), by=AMINA, template_id=made.id)
            return await super().publish_edition(did, name, content)

    desk.publish = replace(desk.publish, publications=Meanwhile(FakeAgent()))
    with pytest.raises(TemplateChanged, match="someone else"):
        await desk.publish(ORG, made.id, by=BARAKA)
    assert (await desk.look_up.template(ORG, made.id)).state_name == "draft"


async def test_an_unknown_template_or_organisation_is_told() -> None:
    desk = Desk()
    with pytest.raises(NotReady, match="not set up"):
        await desk.move.approve(ORG, new_id(), by=AMINA)
    await desk.opened()
    for asking in (
        desk.move.approve(ORG, new_id(), by=AMINA),
        desk.move.take_back(ORG, new_id()),
        desk.move.retire(ORG, new_id()),
        desk.move.next_edition(ORG, new_id(), by=AMINA),
        desk.look_up.editions(ORG, new_id()),
    ):
        with pytest.raises(TemplateUnknown, match="There is no template"):
            await asking


def test_a_retired_edition_is_named_so() -> None:
    assert retired().state_name == "retired"
    assert isinstance(retired().state, Retired)
