"""Members of a service over its HTTP API."""

from services.launcher.adapters.http_json import JsonApi
from services.launcher.use_cases.invite_member import Invited


class HttpMembers:
    """Invites people; the key must have the scope admin."""

    def __init__(self, api: JsonApi) -> None:
        self._api = api

    async def __call__(self, *, name: str, email: str, roles: list[str]) -> Invited:
        """Make a one-time link. Raises ServiceRefused."""
        made = await self._api.post("/v1/members", {"name": name, "email": email, "roles": roles})
        return Invited(made["invitation_url"], made["expires_at"])
