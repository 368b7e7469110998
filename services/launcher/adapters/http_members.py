"""Members of a service over its HTTP API."""

from services.launcher.adapters.http_json import JsonApi
from services.launcher.errors import ServiceRefused
from services.launcher.use_cases.invite_member import Invited

_UNPROCESSABLE = 422


class HttpMembers:
    """Invites people; the key must have the scope admin."""

    def __init__(self, api: JsonApi) -> None:
        self._api = api

    async def __call__(self, *, name: str, email: str, roles: list[str]) -> Invited:
        """Make a one-time link. Raises ServiceRefused."""
        made = await self._api.post("/v1/members", {"name": name, "email": email, "roles": roles})
        return Invited(made["invitation_url"], made["expires_at"])

    async def first_of(self, organisation: str, *, name: str, email: str, roles: list[str]) -> Invited:
        """Make the link of an organisation's first administrator, with the operator's key. Raises ServiceRefused."""
        if roles != ["admin"]:
            raise ServiceRefused(
                f"For another organisation than the first --role admin is expected, {', '.join(roles)} was found: "
                "its administrator lets the others in.",
                status=_UNPROCESSABLE,
            )
        made = await self._api.post(
            f"/v1/organisations/{organisation}/invitation", {"name": name, "email": email}
        )
        return Invited(made["invitation_url"], made["expires_at"])
