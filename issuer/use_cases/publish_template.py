"""Publish a template as an edition: a signed, content-addressed Open Badges Achievement that never changes."""

from dataclasses import dataclass, replace
from uuid import UUID

from issuer.domain.naming import with_names
from issuer.domain.template import Published, Template, publish
from issuer.errors import NotReady, TemplateIncomplete, TemplateUnknown
from issuer.ports import Publications, Records, Skills
from issuer.use_cases import work
from shared.ports.clock import Clock
from shared.vc.achievement import build, missing_elements


@dataclass(frozen=True)
class PublishTemplate:
    """Idempotent: publishing twice gives the same edition."""

    records: Records
    publications: Publications
    skills: Skills
    clock: Clock

    async def __call__(self, slug: str, template_id: UUID) -> Template:
        """Return the published template. Raises TemplateUnknown or TemplateIncomplete (naming each element)."""
        async with self.records.reading() as tx:
            template, organisation = await tx.template(slug, template_id), await tx.organisation(slug)
        if template is None:
            raise TemplateUnknown(f"There is no template {template_id}; GET /v1/templates lists all.")
        if organisation is None:
            raise NotReady("The organisation is not set up yet. Try again in a moment.")
        if isinstance(template.state, Published):
            return template
        missing = missing_elements(template.description)
        if missing:
            raise TemplateIncomplete(missing)
        description = with_names(template.description, await self.skills.names(template.description.skills))
        content = build(
            description,
            issuer_did=organisation.did,
            issuer_name=organisation.name,
            now=template.created_at,  # fixed, so that a second attempt after a crash makes the same edition
        )
        edition_id = await self.publications.publish_edition(organisation.did, template.title, content)
        described = replace(template, description=description)
        published = publish(described, edition_id, content, now=self.clock())
        async with self.records.transaction() as tx:
            await tx.save_template(published)
            await tx.tell(
                work.EDITION_PUBLISHED,
                {"organisation": slug, "template_id": str(template_id), "edition_id": edition_id},
            )
        return published
