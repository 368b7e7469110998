"""Replace the authority's signing key."""

from dataclasses import dataclass

from services.trust_registry.ports import SignLists
from services.trust_registry.use_cases.issue_list import IssueList


@dataclass(frozen=True, kw_only=True)
class RotateKey:
    """Replaces the key and issues a list under it; should that be cut short, the next start or renewal issues it."""

    signer: SignLists
    issue_list: IssueList

    async def __call__(self) -> str:
        """The new key's id in the authority's DID document."""
        key = await self.signer.rotate()
        await self.issue_list()
        return key
