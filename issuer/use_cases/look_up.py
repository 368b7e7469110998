"""What an officer looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from issuer.domain.award import Award
from issuer.domain.batch import Batch
from issuer.domain.organisation import Definition, Organisation
from issuer.domain.revocation import Revocation
from issuer.domain.template import Template
from issuer.errors import AwardUnknown, BatchUnknown, NotReady, TemplateUnknown
from issuer.ports import Records


@dataclass(frozen=True)
class LookUp:
    """Reads only."""

    records: Records

    async def organisation(self) -> tuple[Organisation, Definition | None]:
        """Raises NotReady before the first start is through."""
        async with self.records.reading() as tx:
            organisation, definition = await tx.organisation(), await tx.definition()
        if organisation is None:
            raise NotReady("The organisation is not set up yet. Try again in a moment.")
        return organisation, definition

    async def template(self, template_id: UUID) -> Template:
        """Raises TemplateUnknown."""
        async with self.records.reading() as tx:
            template = await tx.template(template_id)
        if template is None:
            raise TemplateUnknown(f"There is no template {template_id}; GET /v1/templates lists all.")
        return template

    async def templates(self, *, after: UUID | None, limit: int) -> Sequence[Template]:
        """In the order they were made."""
        async with self.records.reading() as tx:
            return await tx.templates(after=after, limit=limit)

    async def batch(self, batch_id: UUID) -> tuple[Batch, Mapping[str, int]]:
        """With how many of its awards are in each state. Raises BatchUnknown."""
        async with self.records.reading() as tx:
            batch = await tx.batch(batch_id)
            states = await tx.count_states(batch_id)
        if batch is None:
            raise BatchUnknown(f"There is no batch {batch_id}; each award of GET /v1/awards names its own.")
        return batch, states

    async def award(self, award_id: UUID) -> tuple[Award, Sequence[Revocation]]:
        """With its revocations. Raises AwardUnknown."""
        async with self.records.reading() as tx:
            award = await tx.award(award_id)
            revocations = await tx.revocations_of(award_id)
        if award is None:
            raise AwardUnknown(f"There is no award {award_id}; GET /v1/awards lists all.")
        return award, revocations

    async def awards(
        self, *, batch_id: UUID | None, after: UUID | None, limit: int
    ) -> Sequence[tuple[Award, Sequence[Revocation]]]:
        """In the order they were made. Raises BatchUnknown."""
        async with self.records.reading() as tx:
            if batch_id is not None and await tx.batch(batch_id) is None:
                raise BatchUnknown(
                    f"There is no batch {batch_id}; each award of GET /v1/awards names its own."
                )
            awards = await tx.awards(batch_id=batch_id, after=after, limit=limit)
            return [(award, await tx.revocations_of(award.id)) for award in awards]
