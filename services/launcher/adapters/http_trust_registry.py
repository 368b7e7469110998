"""The trust registry over its HTTP API."""

from datetime import date
from typing import Any

from services.launcher.adapters.http_json import JsonApi


class HttpTrustRegistry:
    """Uses the registry as an authority's officer does."""

    def __init__(self, api: JsonApi, list_name: str) -> None:
        self._api = api
        self._list_name = list_name

    async def accredit(self, *, did: str, name: str, country: str, action: str, valid_from: date) -> None:
        """Enter the organisation and its authorization, each unless it is there already."""
        entity = await self._entity(did) or await self._api.post(
            "/v1/entities", {"names": {"en": name}, "country": country, "dids": [did]}
        )
        if not any(held["action"] == action for held in entity.get("authorizations", [])):
            await self._api.post(
                f"/v1/entities/{entity['id']}/authorizations",
                {"action": action, "resources": ["*"], "valid_from": valid_from.isoformat()},
            )

    async def declare_compromised(self, did: str, reason: str) -> None:
        """Declare every authorization of this organisation to issue compromised."""
        entity = await self._entity(did)
        held = [] if entity is None else entity["authorizations"]
        for authorization in held:
            if authorization["action"] == "issue":
                await self._api.post(
                    f"/v1/authorizations/{authorization['id']}/compromise", {"reason": reason}
                )

    async def let_list_expire(self, *, valid_seconds: int) -> None:
        """Issue a list that is soon out of date and not renewed."""
        await self._api.post(f"/v1/lists/{self._list_name}/issue", {"valid_seconds": valid_seconds})

    async def published(self) -> tuple[str, str]:
        """Return the list's address and its operator's key."""
        found = await self._api.get(f"/v1/lists/{self._list_name}")
        return found["url"], found["operator_key"]

    async def _entity(self, did: str) -> dict[str, Any] | None:
        page: dict[str, str] = {}
        while True:
            found = await self._api.get("/v1/entities", **page)
            for entity in found["items"]:
                if did in entity["dids"]:
                    return await self._api.get(f"/v1/entities/{entity['id']}")
            if not found["next"]:
                return None
            page = {"after": found["next"]}
