"""What an applicant does behind her link."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from services.trust_registry.domain.application import (
    APPLICANT,
    LONGEST_TEXT,
    Application,
    ApplicationEntry,
    What,
    answered,
    challenged,
    proven,
    withdrawn,
)
from services.trust_registry.errors import EntryRefused
from services.trust_registry.ports import KeepApplications, ReadDidLog, SignLists
from shared.ports.clock import Clock, NewId

type NewToken = Callable[[], str]
"""256 random bits as text."""


def link_digest(token: str) -> str:
    """What is kept of the token of a link."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class FollowApplication:
    """Each of these finds the application by its token, and raises ApplicationUnknown."""

    applications: KeepApplications
    read_log: ReadDidLog
    signer: SignLists
    new_token: NewToken
    new_id: NewId
    clock: Clock

    async def find(self, token: str) -> Application:
        """The application as it stands."""
        return await self.applications.behind(link_digest(token))

    async def challenge(self, token: str) -> Application:
        """Draw a new challenge; the one before counts no more. Raises ApplicationRefusesAction, DidLogUnchecked."""
        found = await self.find(token)
        history, audience = await self.read_log(found.did), (await self.signer.operator()).did

        def change(application: Application) -> Application:
            return challenged(
                application,
                audience=audience,
                nonce=self.new_token(),
                now=self.clock(),
                version=history.version_id,
            )

        return await self._change(found, change, "challenged")

    async def prove(self, token: str, proof: str) -> Application:
        """Take a proof of control. Raises ApplicationRefusesAction, ProofNotAsked, ControlNotProven, DidLogUnchecked."""
        found = await self.find(token)
        history = await self.read_log(found.did)
        return await self._change(
            found,
            lambda application: proven(application, proof, history, now=self.clock()),
            "proven",
        )

    async def answer(self, token: str, text: str) -> Application:
        """Answer the question. Raises ApplicationRefusesAction, EntryRefused."""
        text = text.strip()
        if not 0 < len(text) <= LONGEST_TEXT:
            raise EntryRefused(f"expected an answer of 1 to {LONGEST_TEXT} characters, found {len(text)}")
        found = await self.find(token)
        return await self._change(
            found, lambda application: answered(application, now=self.clock()), "answered", text
        )

    async def withdraw(self, token: str) -> Application:
        """Take it back. Raises ApplicationRefusesAction."""
        found = await self.find(token)
        return await self._change(
            found, lambda application: withdrawn(application, by=APPLICANT, now=self.clock()), "withdrawn"
        )

    async def _change(
        self, found: Application, change: Callable[[Application], Application], what: What, text: str = ""
    ) -> Application:
        entry = ApplicationEntry(
            id=self.new_id(),
            application_id=found.id,
            at=self.clock(),
            actor=APPLICANT,
            what=what,
            text=text,
        )
        async with self.applications.changing() as kept:
            changed = change(await kept.application(found.id))
            await kept.keep(changed, entry)
        return changed
