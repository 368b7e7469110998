"""Check every list ever issued by what is in it, not by what is noted beside it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.trust_registry.domain.comparing import chained
from services.trust_registry.domain.issuing import Issue, Scheme, own_key
from services.trust_registry.ports import KeepRegister, SignLists
from shared.contracts.errors import UjuziError
from shared.ports.clock import Clock
from shared.vc.trust_list_form import open_list, signing_key

AT_ONCE = 100


@dataclass(frozen=True, kw_only=True)
class CheckLists:
    """Opens each list anew: its signature, by a key its authority's DID had then, its digest, its number and what it follows."""

    scheme: Scheme
    register: KeepRegister
    signer: SignLists
    clock: Clock

    async def __call__(self) -> tuple[int, Sequence[str]]:
        """How many lists there are, and a sentence for each fault."""
        count, faults = 0, list[str]()
        before: Issue | None = None
        while noted := await self.register.issues(after=before.number if before else 0, limit=AT_ONCE):
            for each in noted:
                issue = await self.register.issue(each.number)
                assert issue is not None  # noqa: S101 - issues are only ever added
                found, wrong = await self._opened(issue)
                faults += [f"number {issue.number}: {each}" for each in wrong]
                [link] = chained([found], before=before)
                if not link.holds:
                    faults.append(f"number {issue.number}: {link.why}")
                count, before = count + 1, found
        return count, faults

    async def _opened(self, issue: Issue) -> tuple[Issue, Sequence[str]]:
        """The issue with the digest and the predecessor that its signed text says, and what is noted otherwise."""
        try:
            kid = signing_key(issue.compact)
            found = await asyncio.to_thread(
                open_list,
                issue.compact,
                operator_key=own_key(issue.compact),
                name=self.scheme.name,
                now=self.clock(),
            )
        except UjuziError as error:
            return issue, [str(error)]
        wrong = []
        if not await self.signer.had_key(kid, found.issued):
            wrong.append(
                f"expected a key that the authority's DID had on {found.issued:%Y-%m-%d %H:%M} UTC, found {kid}"
            )
        for what, noted, said in (
            ("number", issue.number, found.sequence),
            ("digest", issue.digest, found.digest),
            ("previous list", issue.previous, found.previous),
            ("day of issue", issue.issued, found.issued),
            ("next update", issue.next_update, found.next_update),
        ):
            if noted != said:
                wrong.append(f"expected the {what} {said}, found {noted} noted beside it")
        return replace(issue, digest=found.digest, previous=found.previous), wrong
