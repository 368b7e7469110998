"""What reviewers do about an application, short of approving it."""

from collections.abc import Callable
from dataclasses import dataclass

from services.trust_registry.domain.application import (
    LONGEST_TEXT,
    Application,
    ApplicationEntry,
    LogCheck,
    What,
    asked,
    log_checked,
    refused,
    taken_up,
)
from services.trust_registry.errors import DidLogUnchecked, EntryRefused
from services.trust_registry.ports import KeepApplications, ReadDidLog
from shared.ports.clock import Clock, NewId


@dataclass(frozen=True, kw_only=True)
class ReviewApplication:
    """Each of these raises ApplicationUnknown, and ApplicationRefusesAction where its state does not allow it."""

    applications: KeepApplications
    read_log: ReadDidLog
    new_id: NewId
    clock: Clock

    async def check(self, application_id: str, *, actor: str) -> Application:
        """Look at the DID's log again; that it does not verify is a finding, no failure."""
        found = await self.applications.application(application_id)
        check = await self._check(found.did)
        return await self._change(
            application_id,
            lambda application: log_checked(application, check),
            what="log_checked",
            actor=actor,
            text=check.problem or "",
        )

    async def take_up(self, application_id: str, *, actor: str) -> Application:
        """Take it into review, also where a question waits for its answer."""
        return await self._change(
            application_id,
            lambda application: taken_up(application, by=actor, now=self.clock()),
            what="taken_up",
            actor=actor,
        )

    async def ask(self, application_id: str, *, actor: str, question: str) -> Application:
        """Ask the applicant something. Raises EntryRefused."""
        question = _checked(question, "a question")
        return await self._change(
            application_id,
            lambda application: asked(application, by=actor, question=question, now=self.clock()),
            what="asked",
            actor=actor,
            text=question,
        )

    async def refuse(self, application_id: str, *, actor: str, reason: str) -> Application:
        """Refuse it; the applicant reads the reason. Raises EntryRefused."""
        reason = _checked(reason, "a reason")
        return await self._change(
            application_id,
            lambda application: refused(application, by=actor, reason=reason, now=self.clock()),
            what="refused",
            actor=actor,
            text=reason,
        )

    async def _check(self, did: str) -> LogCheck:
        try:
            history = await self.read_log(did)
        except DidLogUnchecked as error:
            return LogCheck(at=self.clock(), problem=str(error))
        return LogCheck(at=self.clock(), version=history.version_id)

    async def _change(
        self,
        application_id: str,
        change: Callable[[Application], Application],
        *,
        what: What,
        actor: str,
        text: str = "",
    ) -> Application:
        entry = ApplicationEntry(
            id=self.new_id(),
            application_id=application_id,
            at=self.clock(),
            actor=actor,
            what=what,
            text=text,
        )
        async with self.applications.changing() as kept:
            changed = change(await kept.application(application_id))
            await kept.keep(changed, entry)
        return changed


def _checked(text: str, what: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= LONGEST_TEXT:
        raise EntryRefused(
            f"expected {what} of 1 to {LONGEST_TEXT} characters for the applicant, found {len(text)}"
        )
    return text
