"""A registry's present status list, published again under a new time."""

from acapy_agent.anoncreds.base import BaseAnonCredsError
from acapy_agent.anoncreds.revocation.revocation import AnonCredsRevocation
from acapy_agent.core.profile import Profile

from services.agent.adapters.webvh_registry import WebvhRegistry
from services.agent.errors import RegistryUnknown, ServiceRefused


class RepublishStatus:
    """Says that the list still stands; repairs a list whose publication failed, too."""

    def __init__(self, registry: WebvhRegistry) -> None:
        self._registry = registry

    async def __call__(self, profile: Profile, rev_reg_id: str) -> int:
        """The list's new time. Raises RegistryUnknown or ServiceRefused."""
        revocation = AnonCredsRevocation(profile)
        definition = await revocation.get_created_revocation_registry_definition(rev_reg_id)
        status = await revocation.get_created_revocation_list(rev_reg_id)
        if definition is None or status is None:
            raise RegistryUnknown("No registry of ours has this id")
        try:
            result = await self._registry.publish_status(profile, definition, status)
        except BaseAnonCredsError as error:
            raise ServiceRefused(str(error)) from error
        return int(result.revocation_list_state.revocation_list.timestamp)
