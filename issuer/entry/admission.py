"""Keys and members of a suspended organisation are refused, whatever they ask for."""

from dataclasses import dataclass, replace
from typing import Final

from issuer.errors import OrganisationSuspended
from issuer.use_cases.admit import Admit
from shared.ports.api_keys import OPERATE, ApiKey, FindApiKey
from shared.web import sessions
from shared.web.sessions import Shown

LOGOS: Final = "/logos/"
"""Where logos are served, by the digest of their content."""


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


def logo_address(digest: str) -> str | None:
    """Where browsers find a logo; None where there is none."""
    return f"{LOGOS}{digest}" if digest else None


def members_of(admit: Admit) -> sessions.Admit:
    """How the console shows an organisation to its members."""

    async def shown(organisation: str) -> Shown:
        found = await admit(organisation)
        return Shown(found.name, logo_address(found.profile.logo))

    return shown
