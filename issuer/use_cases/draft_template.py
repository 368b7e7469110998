"""Keep a programme's description until it is complete enough to publish."""

from dataclasses import dataclass, replace
from uuid import UUID

from issuer.domain.template import Draft, Template
from issuer.errors import TemplateAlreadyPublished, TemplateUnknown
from issuer.ports import NewId, Records
from shared.ports.clock import Clock
from shared.vc.achievement import AchievementTemplate


@dataclass(frozen=True)
class DraftTemplate:
    """A new draft, or new words for an old one."""

    records: Records
    new_id: NewId
    clock: Clock

    async def __call__(
        self, organisation: str, description: AchievementTemplate, *, template_id: UUID | None = None
    ) -> Template:
        """Return the stored draft. Raises TemplateUnknown or TemplateAlreadyPublished."""
        now = self.clock()
        async with self.records.transaction() as tx:
            if template_id is None:
                template = Template(self.new_id(), organisation, description, Draft(), created_at=now)
            else:
                existing = await tx.template(organisation, template_id)
                if existing is None:
                    raise TemplateUnknown(f"There is no template {template_id}; GET /v1/templates lists all.")
                if not isinstance(existing.state, Draft):
                    raise TemplateAlreadyPublished(
                        "A published edition never changes. Make a new template with the new text and publish that."
                    )
                template = replace(existing, description=description)
            await tx.save_template(template)
        return template
