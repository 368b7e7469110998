"""The issuer over its HTTP API."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.launcher.adapters.http_json import JsonApi, wait_for
from services.launcher.domain.story import ClaimableAward

_PREPARATION_SECONDS = 180.0
_PUBLICATION_SECONDS = 30.0
_PAGE = "100"


class HttpIssuer:
    """Uses the issuer as an officer of the organisation does."""

    def __init__(self, api: JsonApi) -> None:
        self._api = api

    async def wait_until_it_can_issue(self) -> None:
        """Wait for the organisation to have its credential definition."""

        async def look() -> bool | None:
            return (await self._api.get("/v1/organisation"))["state"] == "ready" or None

        await wait_for(look, seconds=_PREPARATION_SECONDS, what="the issuer's credential definition")

    async def publish_template(self, template: Mapping[str, object]) -> tuple[str, str]:
        """Return template and edition id."""
        draft = await self._api.post("/v1/templates", dict(template))
        published = await self._api.post(f"/v1/templates/{draft['id']}/publish")
        return draft["id"], published["edition_id"]

    async def issue_batch(self, template_id: str, spreadsheet: str) -> Sequence[ClaimableAward]:
        """Return the batch's awards in the spreadsheet's order."""
        batch = await self._api.send_csv("/v1/batches", spreadsheet, template=template_id)
        awards: list[dict[str, Any]] = []
        page: dict[str, str] = {"batch": batch["id"], "limit": _PAGE}
        while True:
            found = await self._api.get("/v1/awards", **page)
            awards.extend(found["items"])
            if not found["next"]:
                break
            page["after"] = found["next"]
        return [
            ClaimableAward(award["id"], award["claim_url"])
            for award in sorted(awards, key=lambda a: int(a["row"]))
        ]

    async def claim(self, claim_url: str) -> str:
        """Return the invitation the claim page hands out."""

        async def look() -> str | None:
            return str((await self._api.post(claim_url))["invitation_url"])

        return await wait_for(look, seconds=_PREPARATION_SECONDS, what="an invitation")

    async def revoke(self, award_id: str, reason: str) -> None:
        """Revoke, and wait for the status list that says so."""
        await self._api.post(f"/v1/awards/{award_id}/revoke", {"reason": reason})

        async def look() -> bool | None:
            award = await self._api.get(f"/v1/awards/{award_id}")
            return bool((award["revocation"] or {}).get("published_at")) or None

        await wait_for(look, seconds=_PUBLICATION_SECONDS, what="the published revocation")
