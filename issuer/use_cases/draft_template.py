"""Keep a programme's description until it is complete enough to publish."""

from dataclasses import dataclass
from uuid import UUID

from issuer.domain.template import Draft, Template, describe
from issuer.errors import TemplateChanged, TemplateUnknown
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
        self,
        organisation: str,
        description: AchievementTemplate,
        *,
        by: str,
        template_id: UUID | None = None,
        instead_of: AchievementTemplate | None = None,
    ) -> Template:
        """Return the stored draft.

        With `instead_of` only if the draft still says that. Raises TemplateUnknown, TemplateApproved, TemplateAlreadyPublished,
        TemplateChanged or TemplateInvalid.
        """
        now = self.clock()
        async with self.records.transaction() as tx:
            if template_id is None:
                template = Template(self.new_id(), organisation, AchievementTemplate(), Draft(), now)
            else:
                existing = await tx.template(organisation, template_id, lock=True)
                if existing is None:
                    raise TemplateUnknown(f"There is no template {template_id}; GET /v1/templates lists all.")
                if instead_of is not None and existing.description != instead_of:
                    raise TemplateChanged("The draft was changed by someone else just now. Look at it again.")
                template = existing
            described = describe(template, description, by=by)
            await tx.save_template(described)
        return described
