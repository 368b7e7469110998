"""Draft a template, or change a draft: checked at once by making requirements of it."""

from collections.abc import Mapping
from datetime import UTC, date

from shared.ports.clock import Clock
from verifier.domain.requirement import askable
from verifier.domain.template import Content, Draft, Json, Ref, change, check_content, extremes, try_out
from verifier.errors import Fault, RequirementInvalid, TemplateFixed, TemplateUnknown
from verifier.ports import KeepTemplates, ReadRequirement


class DraftTemplate:
    """Raises RequirementInvalid with every fault found, TemplateFixed, TemplateUnknown."""

    def __init__(self, templates: KeepTemplates, read: ReadRequirement, *, clock: Clock) -> None:
        self._templates = templates
        self._read = read
        self._clock = clock

    async def new(self, template_id: str, content: Content) -> Draft:
        """The next version of this id, as a draft; there is one draft of an id at a time."""
        newest = await self._templates.newest(template_id)
        if isinstance(newest, Draft):
            raise TemplateFixed(f"{newest.ref} is a draft already: change, publish or delete it first")
        now = self._clock()
        draft = Draft(Ref(template_id, 1 if newest is None else newest.ref.version + 1), content, now)
        self._check(draft)
        if not await self._templates.add(draft):
            raise TemplateFixed(f"somebody has drafted {draft.ref} just now: look again")
        return draft

    async def again(self, ref: Ref, content: Content) -> Draft:
        """The draft with other content."""
        found = await self._templates.find(ref)
        if found is None:
            raise TemplateUnknown(f"there is no template {ref}: see GET /v1/templates")
        changed = change(found, content)
        self._check(changed)
        if not await self._templates.save(changed, expected=Draft):
            raise TemplateFixed(f"somebody has published {ref} just now: look again")
        return changed

    def _check(self, draft: Draft) -> None:
        """A sound template makes a requirement that can be asked of the lowest and of the highest values there may be."""
        faults = list(check_content(draft.content))
        if not faults:
            today = self._clock().astimezone(UTC).date()
            for values in extremes(draft.content):
                faults += self._made_of(draft, values, today)
        if faults:
            raise RequirementInvalid(tuple(dict.fromkeys(faults)))

    def _made_of(self, draft: Draft, values: Mapping[str, Json], today: date) -> list[Fault]:
        """What is wrong with the requirement that these values make."""
        try:
            askable(self._read(try_out(draft, values)), today=today)
        except RequirementInvalid as error:
            return [
                each if each.where.startswith("parameters") else Fault(f"requirement.{each.where}", each.what)
                for each in error.faults
            ]
        return []
