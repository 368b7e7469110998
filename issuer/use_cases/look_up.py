"""What an officer looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from issuer.domain.award import Award
from issuer.domain.batch import Batch
from issuer.domain.organisation import Definition, Organisation
from issuer.domain.revocation import Revocation
from issuer.domain.template import StateName, Template
from issuer.errors import AwardUnknown, BatchUnknown, OrganisationUnknown, TemplateUnknown
from issuer.ports import Records


@dataclass(frozen=True)
class LookUp:
    """Reads only."""

    records: Records

    async def organisation(self, slug: str) -> tuple[Organisation, Definition | None]:
        """Raises OrganisationUnknown."""
        async with self.records.reading() as tx:
            organisation, definition = await tx.organisation(slug), await tx.definition(slug)
        if organisation is None:
            raise OrganisationUnknown(f"There is no organisation {slug}; GET /v1/organisations lists all.")
        return organisation, definition

    async def organisations(
        self, *, after: str | None, limit: int
    ) -> Sequence[tuple[Organisation, Definition | None]]:
        """By their slugs."""
        async with self.records.reading() as tx:
            found = await tx.organisations(after=after, limit=limit)
            return [(each, await tx.definition(each.slug)) for each in found]

    async def template(self, organisation: str, template_id: UUID) -> Template:
        """Raises TemplateUnknown."""
        async with self.records.reading() as tx:
            template = await tx.template(organisation, template_id)
        if template is None:
            raise TemplateUnknown(f"There is no template {template_id}; GET /v1/templates lists all.")
        return template

    async def templates(
        self, organisation: str, *, after: UUID | None, limit: int, state: StateName | None = None
    ) -> Sequence[Template]:
        """In the order they were made."""
        async with self.records.reading() as tx:
            return await tx.templates(organisation, after=after, limit=limit, state=state)

    async def newest_templates(
        self, organisation: str, *, before: UUID | None, limit: int, state: StateName | None
    ) -> Sequence[Template]:
        """From the newest to the oldest."""
        async with self.records.reading() as tx:
            return await tx.newest_templates(organisation, before=before, limit=limit, state=state)

    async def editions(self, organisation: str, template_id: UUID) -> Sequence[Template]:
        """All of the same programme, oldest first. Raises TemplateUnknown."""
        programme = (await self.template(organisation, template_id)).programme
        async with self.records.reading() as tx:
            return await tx.editions(organisation, programme)

    async def batch(self, organisation: str, batch_id: UUID) -> tuple[Batch, Mapping[str, int]]:
        """With how many of its awards are in each state. Raises BatchUnknown."""
        async with self.records.reading() as tx:
            batch = await tx.batch(organisation, batch_id)
            states = await tx.count_states(organisation, batch_id)
        if batch is None:
            raise BatchUnknown(f"There is no batch {batch_id}; each award of GET /v1/awards names its own.")
        return batch, states

    async def award(self, organisation: str, award_id: UUID) -> tuple[Award, Sequence[Revocation]]:
        """With its revocations. Raises AwardUnknown."""
        async with self.records.reading() as tx:
            award = await tx.award(organisation, award_id)
            revocations = await tx.revocations_of(organisation, award_id)
        if award is None:
            raise AwardUnknown(f"There is no award {award_id}; GET /v1/awards lists all.")
        return award, revocations

    async def awards(
        self, organisation: str, *, batch_id: UUID | None, after: UUID | None, limit: int
    ) -> Sequence[tuple[Award, Sequence[Revocation]]]:
        """In the order they were made. Raises BatchUnknown."""
        async with self.records.reading() as tx:
            if batch_id is not None and await tx.batch(organisation, batch_id) is None:
                raise BatchUnknown(
                    f"There is no batch {batch_id}; each award of GET /v1/awards names its own."
                )
            awards = await tx.awards(organisation, batch_id=batch_id, after=after, limit=limit)
            return [(award, await tx.revocations_of(organisation, award.id)) for award in awards]
