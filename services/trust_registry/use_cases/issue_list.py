"""Issue the list: write, sign, keep, announce."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from services.trust_registry.domain.issuing import Issue, Scheme, next_list, own_key
from services.trust_registry.errors import ChangedMeanwhile
from services.trust_registry.ports import AnnounceList, ChangeRegister, KeepRegister, SignLists
from shared.ports.clock import Clock
from shared.vc.trust_list_form import build_payload, open_list, signing_key


@dataclass(frozen=True, kw_only=True)
class IssueList:
    """Issues the list of one scheme, in the transaction of the change it publishes: neither is there without the other."""

    scheme: Scheme
    url: str
    register: KeepRegister
    signer: SignLists
    announce: AnnounceList
    clock: Clock
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __call__(self, *, validity: timedelta | None = None, number_at_least: int = 1) -> Issue:
        """Issue now. With a validity of its own the list is not renewed on its own: it may go stale.

        `number_at_least` leaves numbers out, which a register restored from a backup has forgotten that it published.
        """
        await self.signer.operator()  # its key is made at first use, in a transaction of its own
        async with self._one_at_a_time, self.register.changing() as change:
            issue = await self._issued(change, validity, number_at_least)
        await self.announce(name=self.scheme.name, url=self.url, number=issue.number)
        return issue

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[ChangeRegister]:
        """Change the register in the block; the list is issued at its end. If either fails, nothing is kept."""
        await self.signer.operator()
        async with self._one_at_a_time, self.register.changing() as change:
            yield change
            issue = await self._issued(change, None)
        await self.announce(name=self.scheme.name, url=self.url, number=issue.number)

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

    async def _issued(
        self, change: ChangeRegister, validity: timedelta | None, number_at_least: int = 1
    ) -> Issue:
        register, now = await change.whole(), self.clock()
        draft = next_list(
            self.scheme,
            register,
            validity=validity or register.validity,
            now=now,
            number_at_least=number_at_least,
        )
        # in threads: with 10,000 organisations each takes a second, in which others are answered
        compact = await self.signer.sign(await asyncio.to_thread(build_payload, draft))
        published = await asyncio.to_thread(
            open_list, compact, operator_key=own_key(compact), name=self.scheme.name, now=now
        )
        issue = Issue(
            number=published.sequence,
            revision=register.revision,
            issued=published.issued,
            next_update=published.next_update,
            digest=published.digest,
            compact=compact,
            renew=validity is None,
            previous=published.previous,
        )
        if not await change.keep_issue(issue):
            raise ChangedMeanwhile("a list was issued elsewhere at the same time: try again")
        return issue
