"""Issue the list: write, sign, keep, announce."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from services.trust_registry.domain.issuing import Issue, Scheme, next_list, own_key
from services.trust_registry.errors import ChangedMeanwhile
from services.trust_registry.ports import AnnounceList, KeepRegister, SignLists
from shared.ports.clock import Clock
from shared.vc.trust_list_form import build_payload, open_list, signing_key

ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True)
class IssueList:
    """Issues the list of one scheme. The change it publishes is committed before; a crash in between is made good at start."""

    scheme: Scheme
    url: str
    register: KeepRegister
    signer: SignLists
    announce: AnnounceList
    clock: Clock
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __call__(self, *, validity: timedelta | None = None) -> Issue:
        """Issue now. With a validity of its own the list is not renewed on its own: it may go stale."""
        async with self._one_at_a_time:
            for _ in range(ATTEMPTS):
                issue = await self._signed(validity)
                if await self.register.keep_issue(issue):
                    await self.announce(name=self.scheme.name, url=self.url, number=issue.number)
                    return issue
        raise ChangedMeanwhile("the list was issued elsewhere again and again at the same time: try again")

    async def if_needed(self) -> Issue:
        """Issue if a change is not yet published, the newest list is due for renewal, or its key was replaced; the newest."""
        register, operator = await self.register.whole(), await self.signer.operator()
        newest = register.newest
        if (
            newest is not None
            and not register.needs_issue(self.clock())
            and signing_key(newest.compact) == operator.kid
        ):
            return newest
        return await self()

    async def _signed(self, validity: timedelta | None) -> Issue:
        register, now = await self.register.whole(), self.clock()
        draft = next_list(self.scheme, register, validity=validity or register.validity, now=now)
        compact = await self.signer.sign(build_payload(draft))
        published = open_list(compact, operator_key=own_key(compact), name=self.scheme.name, now=now)
        return Issue(
            number=published.sequence,
            revision=register.revision,
            issued=published.issued,
            next_update=published.next_update,
            digest=published.digest,
            compact=compact,
            renew=validity is None,
        )
