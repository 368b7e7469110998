"""Publish a template, retire it, or delete a draft."""

from shared.ports.clock import Clock
from verifier.domain.template import Published, Ref, Retired, Template, discard, publish, retire
from verifier.errors import TemplateFixed, TemplateUnknown
from verifier.ports import KeepTemplates


class AdvanceTemplate:
    """Raises TemplateUnknown, TemplateFixed."""

    def __init__(self, templates: KeepTemplates, *, clock: Clock) -> None:
        self._templates = templates
        self._clock = clock

    async def publish(self, ref: Ref) -> Published:
        """From now on it never changes, and requests are made from it."""
        found = await self._found(ref)
        published = publish(found, now=self._clock())
        await self._save(published, found)
        return published

    async def retire(self, ref: Ref) -> Retired:
        """From now on no request is made from it; those that were go on."""
        found = await self._found(ref)
        retired = retire(found, now=self._clock())
        await self._save(retired, found)
        return retired

    async def delete(self, ref: Ref) -> None:
        """Delete a draft."""
        discard(await self._found(ref))
        if not await self._templates.remove(ref):
            raise TemplateFixed(f"somebody has changed {ref} just now: look again")

    async def _found(self, ref: Ref) -> Template:
        found = await self._templates.find(ref)
        if found is None:
            raise TemplateUnknown(f"there is no template {ref}: see GET /v1/templates")
        return found

    async def _save(self, template: Published | Retired, found: Template) -> None:
        if template is not found and not await self._templates.save(template, expected=type(found)):
            raise TemplateFixed(f"somebody has changed {found.ref} just now: look again")
