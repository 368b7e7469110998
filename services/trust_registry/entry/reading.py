"""The signed lists, opened: pages for people say what was signed and nothing else."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from services.trust_registry.domain.issuing import Issue, own_key
from services.trust_registry.ports import KeepRegister
from shared.ports.clock import Clock
from shared.vc.trust_list import TrustList
from shared.vc.trust_list_form import open_list

KEPT: Final = 4
"""A comparison needs two; the newest is asked for most."""


@dataclass(frozen=True, kw_only=True)
class ReadLists:
    """Opens issues and keeps the last few: a list of 10,000 organisations takes a moment to check."""

    name: str
    register: KeepRegister
    clock: Clock
    kept: int = KEPT
    _opened: OrderedDict[str, TrustList] = field(default_factory=OrderedDict)

    async def __call__(self, number: int | None = None) -> tuple[Issue, TrustList] | None:
        """The issue with this number, or the newest; None if there is none."""
        issue = await self.register.issue(number)
        if issue is None:
            return None
        known = self._opened.get(issue.digest)
        if known is None:
            known = await asyncio.to_thread(self._open, issue)
            self._opened[issue.digest] = known
        self._opened.move_to_end(issue.digest)
        while len(self._opened) > self.kept:
            self._opened.popitem(last=False)
        return issue, known

    def _open(self, issue: Issue) -> TrustList:
        return open_list(issue.compact, operator_key=own_key(issue.compact), name=self.name, now=self.clock())
