"""Ask to be listed."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.trust_registry.domain.application import (
    APPLICANT,
    MOST_WAITING,
    Application,
    ApplicationEntry,
    Contact,
    Evidence,
    LogCheck,
    Wish,
    challenged,
    checked_application,
)
from services.trust_registry.domain.evidence import checked_file
from services.trust_registry.errors import ApplicationsFull, DidTaken
from services.trust_registry.ports import KeepApplications, ReadDidLog, SignLists
from services.trust_registry.use_cases.follow_application import NewToken, link_digest
from shared.ports.clock import Clock, NewId


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What an applicant says of herself; nothing of it is checked yet."""

    names: Mapping[str, str]
    country: str
    did: str
    external_ids: tuple[str, ...]
    wish: Wish
    url: str | None
    digest: str | None
    file: bytes | None
    contact: Contact


@dataclass(frozen=True, kw_only=True)
class SubmitApplication:
    """Checks what can be checked at once, and draws a challenge by which the applicant proves that the DID is hers."""

    applications: KeepApplications
    read_log: ReadDidLog
    signer: SignLists
    new_token: NewToken
    new_id: NewId
    clock: Clock

    async def __call__(self, said: Submitted) -> tuple[Application, str]:
        """The application, and the token of its link, which is told only here.

        Raises EntryRefused, EvidenceRefused, DidTaken, DidLogUnchecked, ApplicationsFull.
        """
        now, token = self.clock(), self.new_token()
        file = None if said.file is None else checked_file(said.file)
        application = checked_application(
            Application(
                id=self.new_id(),
                names=said.names,
                country=said.country,
                did=said.did,
                external_ids=said.external_ids,
                wish=said.wish,
                evidence=Evidence(url=said.url, digest=said.digest, file=file),
                contact=said.contact,
                log=LogCheck(at=now),
                created_at=now,
                changed_at=now,
            )
        )
        if await self.applications.is_listed(said.did):
            raise DidTaken(
                f"{said.did[:300]} is in this register already: ask the authority itself for what is to change"
            )
        history = await self.read_log(said.did)
        audience = (await self.signer.operator()).did
        application = challenged(
            application, audience=audience, nonce=self.new_token(), now=now, version=history.version_id
        )
        entry = ApplicationEntry(
            id=self.new_id(), application_id=application.id, at=now, actor=APPLICANT, what="received"
        )
        async with self.applications.changing() as change:
            if await change.waiting() >= MOST_WAITING:
                raise ApplicationsFull(
                    f"{MOST_WAITING} applications wait for a reviewer, and no more are received before some are "
                    "looked at: try again tomorrow, or write to the authority"
                )
            await change.add(application, entry, link_digest=link_digest(token), file=said.file)
        return application, token
