"""What of applications is past its time; each is a rule of the service's retention."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.trust_registry.domain.application import (
    CONTACTS_KEPT,
    SERVICE,
    UNDECIDED_KEPT,
    UNPROVEN_KEPT,
    Application,
    ApplicationEntry,
    What,
    forgotten,
    withdrawn,
)
from services.trust_registry.errors import ApplicationRefusesAction
from services.trust_registry.ports import KeepApplications
from shared.ports.clock import NewId


@dataclass(frozen=True, kw_only=True)
class ForgetApplications:
    """Each returns how many it concerned."""

    applications: KeepApplications
    new_id: NewId

    async def unproven(self, now: datetime) -> int:
        """Delete what nobody took up and nobody proved."""
        return await self.applications.drop_unproven(before=now - UNPROVEN_KEPT)

    async def idle(self, now: datetime) -> int:
        """Take back what neither side moved for long."""
        ids = await self.applications.idle(before=now - UNDECIDED_KEPT)
        for found in ids:
            await self._change(
                found, lambda each: withdrawn(each, by=SERVICE, now=now), what="set_aside", now=now
            )
        return len(ids)

    async def contacts(self, now: datetime) -> int:
        """Forget whom to ask, the file, and the words of answers, of what is over."""
        ids = await self.applications.over(before=now - CONTACTS_KEPT)
        for found in ids:
            await self._change(found, forgotten, what="forgotten", now=now)
        return len(ids)

    async def _change(
        self, application_id: str, change: Callable[[Application], Application], *, what: What, now: datetime
    ) -> None:
        entry = ApplicationEntry(
            id=self.new_id(), application_id=application_id, at=now, actor=SERVICE, what=what
        )
        async with self.applications.changing() as kept:
            try:
                changed = change(await kept.application(application_id))
            except ApplicationRefusesAction:  # it was decided a moment ago
                return
            await kept.keep(changed, entry)
            if what == "forgotten":
                await kept.drop_personal(application_id)
