"""Keys of a suspended organisation are refused, whatever they ask for."""

from dataclasses import dataclass, replace

from issuer.errors import OrganisationSuspended
from issuer.use_cases.admit import Admit
from shared.ports.api_keys import OPERATE, ApiKey, FindApiKey


@dataclass(frozen=True)
class AdmittedKeys:
    """The port FindApiKey; an operator's key goes on being that, so that a suspension can be lifted."""

    find: FindApiKey
    admit: Admit

    async def __call__(self, presented: str) -> ApiKey | None:
        """The valid key this is. Raises OrganisationSuspended."""
        key = await self.find(presented)
        if key is None or key.organisation is None:
            return key
        try:
            await self.admit(key.organisation)
        except OrganisationSuspended:
            if OPERATE not in key.scopes:
                raise
            return replace(key, scopes=frozenset({OPERATE}), organisation=None)
        return key
