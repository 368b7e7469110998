"""Answer a TRQP query from the signed list, so that both always say the same."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from services.trust_registry.domain.issuing import Scheme, own_key
from services.trust_registry.domain.trqp import Answer, Query, answered
from services.trust_registry.errors import AuthorityUnknown, ListUnknown
from services.trust_registry.ports import KeepRegister, SignLists
from shared.ports.clock import Clock
from shared.vc.trust_decision import Snapshot
from shared.vc.trust_list import TrustList
from shared.vc.trust_list_form import open_list


@dataclass(frozen=True, kw_only=True)
class AnswerQuery:
    """Answers for this authority only."""

    scheme: Scheme
    url: str
    register: KeepRegister
    signer: SignLists
    clock: Clock
    _opened: dict[str, TrustList] = field(default_factory=dict)

    async def __call__(self, query: Query, *, action: str) -> Answer:
        """`action` is what the list must vouch for. Raises AuthorityUnknown."""
        operator, now = await self.signer.operator(), self.clock()
        if query.authority_id != operator.did:
            raise AuthorityUnknown(
                f"expected authority_id {operator.did}, found {query.authority_id[:200]!r}: ask its own registry"
            )
        snapshot = Snapshot(
            name=self.scheme.name, url=self.url, trust_list=await self._newest(now), checked_at=now
        )
        return answered(snapshot, query, action=action, now=now)

    async def _newest(self, now: datetime) -> TrustList:
        """The newest list, opened once: a long one takes a second, and anybody may ask."""
        digest = await self.register.newest_digest()
        known = self._opened.get(digest or "")
        if known is not None:
            return known
        issue = await self.register.issue()
        if issue is None:
            raise ListUnknown("no list was issued yet: try again in a moment")
        opened = await asyncio.to_thread(
            open_list, issue.compact, operator_key=own_key(issue.compact), name=self.scheme.name, now=now
        )
        self._opened.clear()
        self._opened[issue.digest] = opened
        return opened
