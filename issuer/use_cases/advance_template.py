"""Move a template on or back: approve it, take it back to draft, delete it, retire its edition, begin the next one."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from issuer.domain.template import Template, approve, next_edition, retire, take_back
from issuer.errors import NewerEditionExists, NotReady, TemplateUnknown
from issuer.ports import NewId, Records, Transaction
from shared.ports.clock import Clock


@dataclass(frozen=True)
class AdvanceTemplate:
    """Each move but the deletion is safe to repeat. All raise TemplateUnknown."""

    records: Records
    new_id: NewId
    clock: Clock

    async def approve(self, slug: str, template_id: UUID, *, by: str) -> Template:
        """Return the approved template. Raises TemplateIncomplete, NoSecondPerson or TemplateAlreadyPublished."""
        async with self.records.transaction() as tx:
            organisation = await tx.organisation(slug)
            if organisation is None:
                raise NotReady("The organisation is not set up yet. Try again in a moment.")
            second, now = organisation.second_person, self.clock()
            return await _moved(
                tx, slug, template_id, lambda each: approve(each, by=by, second_person=second, now=now)
            )

    async def take_back(self, slug: str, template_id: UUID) -> Template:
        """Return the draft. Raises TemplateAlreadyPublished."""
        async with self.records.transaction() as tx:
            return await _moved(tx, slug, template_id, take_back)

    async def delete(self, slug: str, template_id: UUID) -> None:
        """Delete what was never published. Raises TemplateAlreadyPublished."""
        async with self.records.transaction() as tx:
            template = await _locked(tx, slug, template_id)
            take_back(template)
            await tx.delete_template(template)

    async def retire(self, slug: str, template_id: UUID) -> Template:
        """Return the retired template. Raises TemplateNotPublished."""
        now = self.clock()
        async with self.records.transaction() as tx:
            return await _moved(tx, slug, template_id, lambda each: retire(each, now=now))

    async def next_edition(self, slug: str, template_id: UUID, *, by: str) -> Template:
        """Return the draft of the edition that follows, new or begun before.

        Raises TemplateNotPublished, or NewerEditionExists where that is published already.
        """
        async with self.records.transaction() as tx:
            template = await _locked(tx, slug, template_id)
            draft = next_edition(template, self.new_id(), by=by, now=self.clock())
            follows = [
                each for each in await tx.editions(slug, template.programme) if each.replaces == template.id
            ]
            if not follows:
                await tx.save_template(draft)
                return draft
            if follows[0].published is not None:
                raise NewerEditionExists(
                    f"Template {follows[0].id} is the edition that follows this one: begin the new edition from it."
                )
            return follows[0]


async def _moved(
    tx: Transaction, slug: str, template_id: UUID, move: Callable[[Template], Template]
) -> Template:
    template = await _locked(tx, slug, template_id)
    moved = move(template)
    if moved != template:
        await tx.save_template(moved)
    return moved


async def _locked(tx: Transaction, slug: str, template_id: UUID) -> Template:
    template = await tx.template(slug, template_id, lock=True)
    if template is None:
        raise TemplateUnknown(f"There is no template {template_id}; GET /v1/templates lists all.")
    return template
