"""Publish a template as an edition: a signed, content-addressed Open Badges Achievement that never changes."""

from dataclasses import dataclass, replace
from uuid import UUID

from issuer.domain.naming import with_names
from issuer.domain.template import Approved, Template, approve, publish
from issuer.errors import NotReady, TemplateChanged, TemplateUnknown
from issuer.ports import Publications, Records, Skills
from issuer.use_cases import work
from shared.ports.clock import Clock
from shared.vc.achievement import build


@dataclass(frozen=True)
class PublishTemplate:
    """Idempotent: publishing twice gives the same edition. A draft is approved by whoever publishes it."""

    records: Records
    publications: Publications
    skills: Skills
    clock: Clock

    async def __call__(self, slug: str, template_id: UUID, *, by: str) -> Template:
        """Return the published template.

        Raises TemplateUnknown, TemplateIncomplete (naming each element), NoSecondPerson, or TemplateChanged.
        """
        async with self.records.reading() as tx:
            template, organisation = await tx.template(slug, template_id), await tx.organisation(slug)
            earlier = await tx.template(slug, template.replaces) if template and template.replaces else None
        if template is None:
            raise TemplateUnknown(f"There is no template {template_id}; GET /v1/templates lists all.")
        if organisation is None:
            raise NotReady("The organisation is not set up yet. Try again in a moment.")
        if template.published is not None:
            return template
        approved = template
        if not isinstance(template.state, Approved):
            approved = approve(template, by=by, second_person=organisation.second_person, now=self.clock())
        description = with_names(template.description, await self.skills.names(template.description.skills))
        content = build(
            description,
            issuer_did=organisation.did,
            issuer_name=organisation.name,
            now=template.created_at,  # fixed, so that a second attempt after a crash makes the same edition
            follows=earlier.published.edition_id if earlier and earlier.published else None,
        )
        edition_id = await self.publications.publish_edition(organisation.did, template.title, content)
        described = replace(approved, description=description)
        published = publish(described, edition_id, content, now=self.clock())
        async with self.records.transaction() as tx:
            current = await tx.template(slug, template_id, lock=True)
            if current is not None and current.published is not None:
                return current
            if current != template:
                raise TemplateChanged("The template was changed by someone else just now. Look at it again.")
            await tx.save_template(published)
            await tx.tell(
                work.EDITION_PUBLISHED,
                {"organisation": slug, "template_id": str(template_id), "edition_id": edition_id},
            )
        return published
